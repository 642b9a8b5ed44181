"""What `zlcp queue` does: a mail set aside or read only in part, or an undelivered letter, is tried again, or given up."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Update, func, select, update

from storage.part import Part
from storage.tables import ATTACHMENTS, MAILS, OUTBOX, VERSIONS

_UNREAD = "converted_failed"  # of an attachment (rules/submission.py, Status): the reason lies with us
_SETTLED = "settled by a person"


@dataclass(frozen=True, slots=True)
class Unread:
    """A mail whose file could not be read for a reason of ours, and that waits for a person; `id` as `zlcp queue` shows it, "m12".

    Attributes:
        reasons: why, in short English phrases, each once.
    """

    id: str
    received_at: datetime
    reasons: tuple[str, ...]


class Queue(Part):
    """The share of a transaction for the person who mends what is stuck."""

    def retry(self, queue_id: str) -> bool:
        """Try a set-aside or unread mail ("m12") or an undelivered letter ("r7") again, at once and as if for the first time.

        What was recorded of an unread mail stands until it is taken in again: then it gives way.

        Returns:
            Whether there was such a one.
        """
        # What becomes of the mail is news for the next digest, even where an earlier one has named it as set aside.
        mail = {"state": "kept", "tries": 0, "reason": "", "digest_day": None}
        return self._change(queue_id, mail, {"state": "due", "tries": 0, "due_at": OUTBOX.c.queued_at})

    def discard(self, queue_id: str) -> bool:
        """Give up a set-aside mail ("m12") or an undelivered letter ("r7"), or count an unread mail as settled; the record stays.

        Returns:
            Whether there was such a one.
        """
        return self._change(queue_id, {"state": "discarded"}, {"state": "discarded"}, {"reason": _SETTLED})

    def unread_mails(self) -> list[Unread]:
        """Mails that wait for a person because a file could not be read for a reason of ours, the oldest first."""
        columns = select(MAILS.c.id, MAILS.c.received_at, ATTACHMENTS.c.reason).join(ATTACHMENTS, ATTACHMENTS.c.mail_id == MAILS.c.id)
        rows = self._connection.execute(columns.where(MAILS.c.id.in_(_unread()), ATTACHMENTS.c.status == _UNREAD).order_by(MAILS.c.id, ATTACHMENTS.c.id))
        found: dict[int, tuple[datetime, dict[str, None]]] = {}
        for row in rows:
            found.setdefault(row.id, (row.received_at, {}))[1][row.reason] = None
        return [Unread(f"m{mail}", received_at, tuple(reasons)) for mail, (received_at, reasons) in found.items()]

    def _change(self, queue_id: str, mail: dict[str, Any], letter: dict[str, Any], unread: dict[str, Any] | None = None) -> bool:
        kind, digits = queue_id[:1], queue_id[1:]
        if not re.fullmatch(r"[0-9]{1,9}", digits):
            return False
        if kind == "m":
            row = update(MAILS).where(MAILS.c.id == int(digits))
            return self._run(row.where(MAILS.c.state == "set_aside").values(mail)) or self._run(row.where(MAILS.c.id.in_(_unread())).values(unread or mail))
        if kind == "r":
            return self._run(update(OUTBOX).where(OUTBOX.c.id == int(digits), OUTBOX.c.state.in_(("failed", "due"))).values(letter))
        return False

    def _run(self, statement: Update) -> bool:
        return self._connection.execute(statement).rowcount > 0


def _unread() -> Select[tuple[int]]:
    """Mails that a person must look at for the sake of a file that was not read, unless a newer version of the application has come since."""
    newest = select(func.max(VERSIONS.c.version)).where(VERSIONS.c.application_id == MAILS.c.application_id).correlate(MAILS).scalar_subquery()
    unread = select(ATTACHMENTS.c.mail_id).where(ATTACHMENTS.c.status == _UNREAD)
    waits = (MAILS.c.state == "taken_in") & MAILS.c.decision.in_(("review", "late")) & (MAILS.c.reason != _SETTLED)
    return select(MAILS.c.id).where(waits, MAILS.c.version == newest, MAILS.c.id.in_(unread))
