"""The outbox: every letter of ours from the moment it is written until the mail server has taken it, and each day's digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from rules.submission import Clues
from storage.jobs import INQUIRY, defer_delivery
from storage.part import MOST_CLUES, Part, insert_row
from storage.tables import ANSWERED_MAIL, APPLICATIONS, DIGESTS, MAILS, OUTBOX

CHUNK = 500  # ids in one statement; databases limit them


@dataclass(frozen=True, slots=True)
class Reply:
    """One letter, written and ready to go.

    Attributes:
        kind: value of an Answer, or "digest".
        to: bare addresses of the envelope.
        message_id: fixed for good, with its angle brackets, so that a repeated delivery can be recognised.
        mime: the whole mail, as it goes to the server.
    """

    kind: str
    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    mime: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that is due; `tries` that were put off so far."""

    id: int
    message_id: str
    to: tuple[str, ...]
    mime: bytes
    tries: int
    kind: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A letter that did not leave.

    Attributes:
        id: as `zlcp queue` shows it, "r7".
        state: "failed" (given up: a person must act) or "due" (was put off, will be tried again at `due_at`).
        error: what the mail server said last.
        number, unit_name: of the application it is about, "" for none.
        mail_id: row of the mail that it answers, None for a digest.
        returned_by: row of the bounce that says it did not arrive; None where our own mail server refused it.
    """

    id: str
    state: str
    kind: str
    to: tuple[str, ...]
    subject: str
    error: str
    tries: int
    queued_at: datetime
    due_at: datetime
    number: str
    unit_name: str
    mail_id: int | None
    returned_by: int | None = None


def queue(  # noqa: PLR0913 - what it answers, by keyword
    connection: Connection, reply: Reply, now: datetime, *, mail_id: int | None = None, sender: str = "", number: str = ""
) -> int:
    """Put a letter into the outbox, due at once; returns its row."""
    values = {
        "mail_id": mail_id,
        "kind": reply.kind,
        "to": reply.to,
        "recipient": reply.to[0].lower() if reply.to else "",
        "sender": sender.lower(),
        "subject": reply.subject,
        "text": reply.text,
        "message_id": reply.message_id,
        "mime": reply.mime,
        "number": number,
        "state": "due",
        "tries": 0,
        "queued_at": now,
        "due_at": now,
        "error": "",
    }
    reply_id = insert_row(connection, OUTBOX, values)
    defer_delivery(connection, reply_id, reply.kind)
    return reply_id


def mark_returned(connection: Connection, mail_id: int, clues: Clues, application: int | None) -> None:
    """A bounce came: the letter that it returns did not arrive, and its reader counts as not informed until a person has settled it.

    That is the letter that the bounce refers to; else the newest one of the application, or without one of all, that went to an address it names.
    Where it is none of ours, or is known to be lost already, nothing changes.
    """
    sent = select(OUTBOX.c.id).join(MAILS, MAILS.c.id == ANSWERED_MAIL, isouter=True).where(OUTBOX.c.state == "sent").order_by(OUTBOX.c.id.desc()).limit(1)
    ways = [sent.where(OUTBOX.c.message_id.in_(clues.references[-MOST_CLUES:]))] if clues.references else []
    about = sent if application is None else sent.where(MAILS.c.application_id == application)
    if clues.recipients:
        ways.append(about.where(OUTBOX.c.recipient.in_(clues.recipients[:MOST_CLUES])))
    elif application is not None:
        ways.append(about)
    letter = next((found for way in ways if (found := connection.execute(way).scalar()) is not None), None)
    if letter is not None:
        said = {"state": "failed", "error": f"returned by mail m{mail_id}", "returned_by": mail_id}
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == letter).values(said))


class Outbox(Part):
    """The outbox's share of a transaction."""

    def due_replies(self, now: datetime, limit: int) -> list[Outgoing]:
        """Letters to be sent now: answers to inquiries last, as anybody can flood the mailbox with such; of each kind the one that is due longest first."""
        inquiry = OUTBOX.c.kind == INQUIRY
        first = self._due(~inquiry, now, limit)
        return first + (self._due(inquiry, now, limit - len(first)) if len(first) < limit else [])

    def due_reply(self, reply_id: int, now: datetime) -> Outgoing | None:
        """This letter, where it is to be sent now."""
        return next(iter(self._due(OUTBOX.c.id == reply_id, now, 1)), None)

    def is_due(self, reply_id: int) -> bool:
        """Whether the letter still waits to be sent."""
        return self._connection.execute(select(OUTBOX.c.id).where(OUTBOX.c.id == reply_id, OUTBOX.c.state == "due")).first() is not None

    def _due(self, which: ColumnElement[bool], now: datetime, limit: int) -> list[Outgoing]:
        columns = select(OUTBOX.c.id, OUTBOX.c.message_id, OUTBOX.c.to, OUTBOX.c.mime, OUTBOX.c.tries, OUTBOX.c.kind)
        due = columns.where(which, OUTBOX.c.state == "due", OUTBOX.c.due_at <= now).order_by(OUTBOX.c.due_at, OUTBOX.c.id).limit(limit)
        return [Outgoing(row.id, row.message_id, tuple(row.to), row.mime, row.tries, row.kind) for row in self._connection.execute(due)]

    def sent_since(self, when: datetime) -> int:
        """How many letters left after this instant."""
        return self._connection.execute(select(func.count()).select_from(OUTBOX).where(OUTBOX.c.sent_at > when)).scalar_one()

    def reply_sent(self, reply_id: int, now: datetime) -> None:
        """The mail server has taken the letter."""
        self._settle(reply_id, state="sent", sent_at=now, error="")

    def reply_put_off(self, reply_id: int, reason: str, until: datetime, now: datetime) -> None:
        """Refused for now: try again at `until`."""
        del now
        self._settle(reply_id, tries=OUTBOX.c.tries + 1, due_at=until, error=reason)

    def reply_failed(self, reply_id: int, reason: str, now: datetime) -> None:
        """Refused for good: the staff are told."""
        del now
        self._settle(reply_id, state="failed", tries=OUTBOX.c.tries + 1, error=reason)

    def _settle(self, reply_id: int, **values: object) -> None:
        self._connection.execute(update(OUTBOX).where(OUTBOX.c.id == reply_id, OUTBOX.c.state == "due").values(**values))

    def undelivered(self) -> list[Undelivered]:
        """Letters given up, and those put off at least once, the oldest first."""
        unit = func.coalesce(APPLICATIONS.c.unit_name, MAILS.c.unit_name, "").label("unit_name")
        found = (
            select(OUTBOX, unit)
            .join(MAILS, MAILS.c.id == ANSWERED_MAIL, isouter=True)
            .join(APPLICATIONS, APPLICATIONS.c.id == MAILS.c.application_id, isouter=True)
            .where((OUTBOX.c.state == "failed") | ((OUTBOX.c.state == "due") & (OUTBOX.c.tries > 0)))
            .order_by(OUTBOX.c.id)
        )
        return [
            Undelivered(
                f"r{row.id}", row.state, row.kind, tuple(row.to), row.subject, row.error, row.tries, row.queued_at, row.due_at,
                row.number, row.unit_name, row.mail_id or row.former_mail_id, row.returned_by,
            )
            for row in self._connection.execute(found)
        ]  # fmt: skip

    def queue_digest(self, day: date, reply: Reply, now: datetime, mail_ids: Iterable[int] = ()) -> bool:
        """Put a day's digest into the outbox, and mark the mails it names as reported; those marked before keep their day.

        A mail that still waits is better not marked: what becomes of it is for the next digest.

        Returns:
            False, and nothing is changed, where that day's digest was queued before.
        """
        found = self._connection.execute(select(DIGESTS.c.outbox_id).where(DIGESTS.c.day == day)).first()
        if found is not None and found.outbox_id is not None:
            return False
        values = {"outbox_id": queue(self._connection, reply, now), "queued_at": now}
        if found is None:
            self._connection.execute(insert(DIGESTS).values(day=day, **values))
        else:
            self._connection.execute(update(DIGESTS).where(DIGESTS.c.day == day).values(**values))
        self._mark_reported(day, list(mail_ids))
        return True

    def _mark_reported(self, day: date, ids: list[int]) -> None:
        for start in range(0, len(ids), CHUNK):
            chosen = MAILS.c.id.in_(ids[start : start + CHUNK])
            self._connection.execute(update(MAILS).where(chosen, MAILS.c.digest_day.is_(None)).values(digest_day=day))

    def last_digest_day(self) -> date | None:
        """The last day whose digest was queued, or is not owed; None before the first start."""
        last: date | None = self._connection.execute(select(func.max(DIGESTS.c.day))).scalar_one()
        return last

    def mark_digest_start(self, day: date) -> None:
        """At the first start: `day` is the first whose digest is owed, so `last_digest_day` is the day before. Later calls change nothing."""
        if self.last_digest_day() is None:
            self._connection.execute(insert(DIGESTS).values(day=day - timedelta(days=1)))
