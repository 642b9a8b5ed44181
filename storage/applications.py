"""What the register knows that bears on one mail: its application, its earlier copy, and how often its sender was answered."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, union_all

from rules.fields import emails_in
from rules.notice import Notice
from rules.problems import Decision
from rules.submission import Application, Clues, Form, Standing
from storage.forms import form_from_json
from storage.part import MOST_CLUES, Part, unindexed
from storage.tables import ANSWERED_MAIL, APPLICATIONS, MAILS, OUTBOX, VERSIONS

ANSWERED_WITHIN = timedelta(hours=24)


class Applications(Part):
    """The applications' share of a transaction."""

    # What standing() was asked and answered, for keep() in the same transaction.
    _asked: tuple[Clues, Notice, Standing] | None = None

    def standing(self, clues: Clues, notice: Notice, now: datetime) -> Standing:
        """What the register knows that bears on a mail, before it is judged."""
        standing = Standing(
            application=self._application(clues, notice),
            repeats=self._repeats(clues),
            told=self._told(clues.mail_id),
            answered=self._answered(clues.sender, now),
            next_number=notice.receipt_number(self._next_sequence(notice)),
        )
        self._asked = clues, notice, standing
        return standing

    def _next_sequence(self, notice: Notice) -> int:
        """One more than the last; no two transactions that write see the same, and one that is rolled back leaves no gap."""
        last = select(func.max(APPLICATIONS.c.sequence)).where(APPLICATIONS.c.notice_id == notice.id)
        return (self._connection.execute(last).scalar() or 0) + 1

    def _answered(self, sender: str, now: datetime) -> int:
        """Replies of the last 24 hours to this address or to a mail of it (its Reply-To may change from mail to mail)."""
        if not sender:
            return 0
        theirs = or_(OUTBOX.c.recipient == sender, OUTBOX.c.sender == sender)
        count = select(func.count()).select_from(OUTBOX).where(theirs, OUTBOX.c.queued_at > now - ANSWERED_WITHIN, OUTBOX.c.kind != "digest")
        return self._connection.execute(count).scalar_one()

    def _told(self, mail_id: int) -> str:
        return self._connection.execute(select(OUTBOX.c.kind).where(OUTBOX.c.mail_id == mail_id)).scalar() or ""

    def _repeats(self, clues: Clues) -> str | None:
        """Receipt number, "" where there is none, of an earlier mail that this one is a copy of; None for no copy.

        A copy is no original: one that came meanwhile must not silence a mail that is read again.
        """
        same = [MAILS.c.sha256 == clues.sha256] if clues.sha256 else []
        if clues.message_id and clues.fingerprint:
            same.append(MAILS.c.fingerprint == clues.fingerprint)
        if not same:
            return None
        found = (
            select(func.coalesce(APPLICATIONS.c.number, ""))
            .select_from(MAILS)
            .join(APPLICATIONS, APPLICATIONS.c.id == MAILS.c.application_id, isouter=True)
            .where(or_(*same), MAILS.c.id != clues.mail_id, unindexed(MAILS.c.state) == "taken_in", MAILS.c.repeats.is_(None))
            .order_by(MAILS.c.id)
            .limit(1)
        )
        return self._connection.execute(found).scalar()

    def _application(self, clues: Clues, notice: Notice) -> Application | None:
        """The application that a mail belongs to: its unit's own one before any that it merely answers or numbers.

        A reply that carries another unit's form, or a number with a slip, must not overwrite the record it points to. Only a thread whose
        application was never accepted may change the unit: there the name itself may be what was corrected.
        """
        recorded = self._by_mail(clues.mail_id, notice)
        if recorded is not None:
            return self._load(recorded, "mail", notice, self._by_references(clues.references, notice), clues.mail_id)
        referenced = self._by_references(clues.references, notice)
        tied = referenced or self._by_number(clues.numbers, notice)
        how = "references" if referenced else "number"
        own = self._by_unit(clues.unit_key, notice)
        if own is not None:
            mine = tied is not None and tied.id == own.id
            return self._load(own, how if mine else "unit", notice, referenced if mine else None)
        if tied is None:
            addressed = self._by_recipients(clues.recipients, notice)
            return None if addressed is None else self._load(addressed, "recipient", notice, None)
        same_unit = not clues.unit_key or tied.unit_key in {"", clues.unit_key}
        if same_unit or (referenced and not tied.accepted_version):
            return self._load(tied, how, notice, referenced)
        return None

    def _by_mail(self, mail_id: int, notice: Notice) -> Any:  # noqa: ANN401 - a row, or None
        """The application that this very mail is recorded for: it is read again, and its number was told to the applicant."""
        found = select(APPLICATIONS).join(MAILS, MAILS.c.application_id == APPLICATIONS.c.id)
        return self._connection.execute(found.where(MAILS.c.id == mail_id, APPLICATIONS.c.notice_id == notice.id)).first()

    def _by_references(self, references: tuple[str, ...], notice: Notice) -> Any:  # noqa: ANN401 - a row, or None
        """The newest application that the mail answers: a letter of ours, or an earlier mail of the applicant (some servers rewrite our Message-IDs)."""
        chosen = list(dict.fromkeys(references[:MOST_CLUES] + references[-MOST_CLUES:]))
        if not chosen:
            return None
        ours = select(MAILS.c.application_id, MAILS.c.id.label("mail_id")).join(OUTBOX, MAILS.c.id == ANSWERED_MAIL).where(OUTBOX.c.message_id.in_(chosen))
        theirs = select(MAILS.c.application_id, MAILS.c.id.label("mail_id")).where(MAILS.c.message_id.in_(chosen))
        answered = union_all(ours, theirs).subquery()
        found = (
            select(APPLICATIONS, answered.c.mail_id).join(answered, answered.c.application_id == APPLICATIONS.c.id).where(APPLICATIONS.c.notice_id == notice.id)
        )
        return self._connection.execute(found.order_by(answered.c.mail_id.desc()).limit(1)).first()

    def _by_number(self, numbers: tuple[str, ...], notice: Notice) -> Any:  # noqa: ANN401 - a row, or None
        if not numbers:
            return None
        found = select(APPLICATIONS).where(APPLICATIONS.c.number.in_(numbers[:MOST_CLUES]), APPLICATIONS.c.notice_id == notice.id)
        return self._connection.execute(found.order_by(APPLICATIONS.c.id).limit(1)).first()

    def _by_recipients(self, recipients: tuple[str, ...], notice: Notice) -> Any:  # noqa: ANN401 - a row, or None
        """The application that the newest letter to one of these addresses was about; for a bounce, which often names nothing else."""
        if not recipients:
            return None
        sent = select(APPLICATIONS).join(MAILS, MAILS.c.application_id == APPLICATIONS.c.id).join(OUTBOX, MAILS.c.id == ANSWERED_MAIL)
        found = sent.where(OUTBOX.c.recipient.in_(recipients[:MOST_CLUES]), APPLICATIONS.c.notice_id == notice.id)
        return self._connection.execute(found.order_by(OUTBOX.c.id.desc()).limit(1)).first()

    def _by_unit(self, unit_key: str, notice: Notice) -> Any:  # noqa: ANN401 - a row, or None
        if not unit_key:
            return None
        found = select(APPLICATIONS).where(APPLICATIONS.c.notice_id == notice.id, APPLICATIONS.c.unit_key == unit_key)
        return self._connection.execute(found.order_by(APPLICATIONS.c.id).limit(1)).first()

    def _load(self, row: Any, how: str, notice: Notice, referenced: Any, mail_id: int = 0) -> Application:  # noqa: ANN401 - rows
        """The application, without what an earlier reading of this mail has brought to it."""
        columns = select(VERSIONS.c.version, VERSIONS.c.decision, VERSIONS.c.sender, VERSIONS.c.form, VERSIONS.c.mail_id)
        others = columns.where(VERSIONS.c.application_id == row.id, VERSIONS.c.mail_id != mail_id)
        versions = self._connection.execute(others.order_by(VERSIONS.c.version)).all()
        forms = {version.version: form_from_json(version.form) for version in versions}
        read = [form for form in forms.values() if form is not None]
        trusted = _trusted(versions)
        trusted_forms = [form for version in trusted if (form := forms[version.version]) is not None]
        return Application(
            id=row.id,
            number=row.number,
            unit_name=row.unit_name,
            versions=versions[-1].version if versions else 0,
            accepted=row.accepted_version,
            decision=versions[-1].decision if versions else "",
            form=forms.get(row.accepted_version) or (read[-1] if read else None),
            addresses=frozenset(version.sender.lower() for version in trusted if version.sender) | _addresses(trusted_forms, notice),
            how=how,
            vouched=referenced is not None and any(version.mail_id == referenced.mail_id for version in trusted),
        )


def _trusted(versions: Any) -> list[Any]:  # noqa: ANN401 - rows, in the order of their versions
    """The versions whose senders count as the applicant: all up to the first accepted one, and the accepted ones after it.

    What a stranger sends for a unit that is accepted is recorded too, as held or as failing; that must not make the stranger known.
    """
    first = next((version.version for version in versions if version.decision == Decision.ACCEPTED), None)
    return [version for version in versions if first is None or version.version <= first or version.decision == Decision.ACCEPTED]


def _addresses(forms: list[Form], notice: Notice) -> frozenset[str]:
    """The e-mail addresses that forms name, lower case."""
    fields = notice.of_kind("email")
    return frozenset(address.lower() for form in forms for field in fields for address in emails_in(form.values.get(field.key, "")))
