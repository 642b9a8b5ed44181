"""The one write that takes a mail in: its facts, its application's version and its answer, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from rules.notice import Notice
from rules.problems import Decision, Problem, Verdict
from rules.submission import Attachment, Clues, Standing, Submission
from storage.applications import Applications
from storage.errors import AlreadyTakenIn
from storage.forms import form_to_json
from storage.outbox import Reply, mark_returned, queue
from storage.part import insert_row
from storage.tables import APPLICATIONS, ATTACHMENTS, MAILS, OUTBOX, PROBLEMS, VERSIONS


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a mail was recorded; number "" and application_id None where it belongs to no application, reply_id None for silence."""

    number: str
    version: int
    application_id: int | None
    reply_id: int | None


class Records(Applications):
    """The share of a transaction that records what was judged."""

    def keep(self, mail_id: int, submission: Submission, verdict: Verdict, reply: Reply | None, now: datetime) -> Recorded:
        """Record a mail that waits, what was judged of it, and the letter that answers it.

        A verdict with a version and without an application opens one; it gets the number that `standing` named in this transaction.

        Raises:
            AlreadyTakenIn: the mail does not wait any more; nothing was changed.
            LookupError: `standing` was not asked in this transaction.
        """
        clues, notice, standing = self._asked_of(mail_id)
        self._forget(mail_id, version=bool(verdict.version), letter=reply is not None)
        application = verdict.application
        if verdict.version:
            application = self._record_version(mail_id, submission, verdict, clues, notice, now)
        self._record_mail(mail_id, submission, verdict, standing, application, now, "taken_in")
        if verdict.automatic == "bounce" and standing.repeats is None:
            mark_returned(self._connection, mail_id, clues, application)
        self._settle_junk(mail_id)
        number = self._number(application)
        reply_id = None
        if reply is not None:
            sender = submission.letter.sender.address
            reply_id = queue(self._connection, reply, now, mail_id=mail_id, sender=sender, number=number)
        return Recorded(number, verdict.version, application, reply_id)

    def keep_junk(self, mail_id: int, submission: Submission, verdict: Verdict, now: datetime) -> None:
        """Record what a mail of the junk folder seems to be: for the staff's eyes. It is no original of any copy, and belongs to no application.

        Raises:
            AlreadyTakenIn: the mail does not wait any more; nothing was changed.
            LookupError: `standing` was not asked in this transaction.
        """
        _, _, standing = self._asked_of(mail_id)
        self._record_mail(mail_id, submission, verdict, standing, None, now, "junk" if standing.repeats is None else "junk_copy")

    def _settle_junk(self, mail_id: int) -> None:
        """A mail that lay in the junk folder was moved to where it belongs: nobody need look for it there."""
        same = select(MAILS.c.sha256).where(MAILS.c.id == mail_id).scalar_subquery()
        self._connection.execute(update(MAILS).where(MAILS.c.sha256 == same, MAILS.c.state == "junk").values(state="junk_copy"))

    def _asked_of(self, mail_id: int) -> tuple[Clues, Notice, Standing]:
        """What was asked and answered before a mail is recorded, which still waits: the guard of every record."""
        if self._asked is None:
            raise LookupError("standing() must be asked before a mail is recorded, in the same transaction")
        state = self._connection.execute(select(MAILS.c.state).where(MAILS.c.id == mail_id)).scalar()
        if state != "kept":
            raise AlreadyTakenIn(f"mail {mail_id} does not wait any more (it is {state or 'unknown'}); nothing to do")
        return self._asked

    def _forget(self, mail_id: int, *, version: bool, letter: bool) -> None:
        """What an earlier reading of this mail has recorded gives way to this one; a letter that went out stays, as its former answer."""
        for table in (PROBLEMS, ATTACHMENTS, *((VERSIONS,) if version else ())):
            self._connection.execute(delete(table).where(table.c.mail_id == mail_id))
        if letter:
            self._connection.execute(update(OUTBOX).where(OUTBOX.c.mail_id == mail_id).values(former_mail_id=mail_id, mail_id=None))

    def _number(self, application: int | None) -> str:
        if application is None:
            return ""
        return str(self._connection.execute(select(APPLICATIONS.c.number).where(APPLICATIONS.c.id == application)).scalar_one())

    def _record_mail(  # noqa: PLR0913, PLR0917 - one row's facts
        self, mail_id: int, submission: Submission, verdict: Verdict, standing: Standing, application: int | None, now: datetime, state: str
    ) -> None:
        letter = submission.letter
        values = {
            "state": state,
            "taken_in_at": now,
            "message_id": letter.message_id,
            "fingerprint": submission.fingerprint,
            "sender_name": letter.sender.name,
            "sender_address": letter.sender.address,
            "subject": letter.subject,
            "kind": verdict.kind.value,
            "automatic": verdict.automatic,
            "decision": verdict.decision.value,
            "unit_name": verdict.unit_name,
            "subject_unit_name": verdict.subject_unit_name,
            "silence": verdict.silence,
            "checks": verdict.checks,
            "faults": letter.faults,
            "application_id": application,
            "version": verdict.version,
            "repeats": standing.repeats,
        }
        self._connection.execute(update(MAILS).where(MAILS.c.id == bindparam("row")), {"row": mail_id, **values})
        if verdict.problems:
            self._connection.execute(insert(PROBLEMS), _problem_rows(mail_id, verdict.problems))
        attachments = verdict.attachments or submission.attachments
        if attachments:
            self._connection.execute(insert(ATTACHMENTS), _attachment_rows(mail_id, attachments))

    def _record_version(  # noqa: PLR0913, PLR0917 - one row's facts
        self, mail_id: int, submission: Submission, verdict: Verdict, clues: Clues, notice: Notice, now: datetime
    ) -> int:
        application = verdict.application or self._open(verdict, clues, notice, now)
        self._name(application, verdict, clues)
        values = {
            "application_id": application,
            "version": verdict.version,
            "mail_id": mail_id,
            "decision": verdict.decision.value,
            "received_at": submission.received_at,
            "sender": submission.letter.sender.address,
            "form": form_to_json(verdict.form),
        }
        self._connection.execute(insert(VERSIONS), values)
        if verdict.decision is Decision.ACCEPTED:
            self._connection.execute(update(APPLICATIONS).where(APPLICATIONS.c.id == application).values(accepted_version=verdict.version))
        return application

    def _open(self, verdict: Verdict, clues: Clues, notice: Notice, now: datetime) -> int:
        sequence = self._next_sequence(notice)
        values = {
            "notice_id": notice.id,
            "sequence": sequence,
            "number": notice.receipt_number(sequence),
            "unit_name": verdict.unit_name or "",
            "unit_key": clues.unit_key,
            "created_at": now,
            "accepted_version": 0,
        }
        return insert_row(self._connection, APPLICATIONS, values)

    def _name(self, application: int, verdict: Verdict, clues: Clues) -> None:
        """Until a version is accepted, the name follows what comes: it may be what was missing, or what was corrected."""
        if verdict.unit_name and clues.unit_key:
            unnamed = update(APPLICATIONS).where(APPLICATIONS.c.id == application, APPLICATIONS.c.accepted_version == 0)
            self._connection.execute(unnamed.values(unit_name=verdict.unit_name, unit_key=clues.unit_key))


def _problem_rows(mail_id: int, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "mail_id": mail_id,
            "code": problem.code,
            "severity": problem.severity.value,
            "field": problem.field,
            "message": problem.message,
            "clause": problem.clause,
        }
        for problem in problems
    ]


def _attachment_rows(mail_id: int, attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    return [
        {
            "mail_id": mail_id,
            "name": attachment.name,
            "within": attachment.within,
            "size": attachment.size,
            "sha256": attachment.sha256,
            "media_type": attachment.media_type,
            "role": attachment.role.value,
            "status": attachment.status.value,
            "reason": attachment.reason,
        }
        for attachment in attachments
    ]
