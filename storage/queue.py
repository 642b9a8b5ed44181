"""What `zlcp queue` does: a set-aside mail or an undelivered letter is tried again, or given up."""

import re
from typing import Any

from sqlalchemy import Update, update

from storage.part import Part
from storage.tables import MAILS, OUTBOX


class Queue(Part):
    """The share of a transaction for the person who mends what is stuck."""

    def retry(self, queue_id: str) -> bool:
        """Try a set-aside mail ("m12") or an undelivered letter ("r7") again, at once and as if for the first time.

        Returns:
            Whether there was such a one.
        """
        # What becomes of the mail is news for the next digest, even where an earlier one has named it as set aside.
        mail = {"state": "kept", "tries": 0, "reason": "", "digest_day": None}
        return self._change(queue_id, mail, {"state": "due", "tries": 0, "due_at": OUTBOX.c.queued_at})

    def discard(self, queue_id: str) -> bool:
        """Give up a set-aside mail ("m12") or an undelivered letter ("r7"); its record stays.

        Returns:
            Whether there was such a one.
        """
        return self._change(queue_id, {"state": "discarded"}, {"state": "discarded"})

    def _change(self, queue_id: str, mail: dict[str, Any], letter: dict[str, Any]) -> bool:
        kind, digits = queue_id[:1], queue_id[1:]
        if not re.fullmatch(r"[0-9]{1,9}", digits):
            return False
        if kind == "m":
            return self._run(update(MAILS).where(MAILS.c.id == int(digits), MAILS.c.state == "set_aside").values(mail))
        if kind == "r":
            return self._run(update(OUTBOX).where(OUTBOX.c.id == int(digits), OUTBOX.c.state.in_(("failed", "due"))).values(letter))
        return False

    def _run(self, statement: Update) -> bool:
        return self._connection.execute(statement).rowcount > 0
