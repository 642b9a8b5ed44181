"""The daily digest (工作日报): which mails it tells of, when it is owed, and how it gets into the outbox exactly once.

A digest is queued in the one transaction that also marks the mails it tells of: whatever crashes, no mail is left out and none is told of twice.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from daemon.digest_facts import JUNK_STATES, Facts, Health
from daemon.digest_mail import digest_html, digest_text, write_digest, write_files
from daemon.digest_sections import Digest, compose
from daemon.health import is_overdue
from daemon.register import register_xlsx
from daemon.world import World
from rules.notice import Notice
from storage.store import Transaction

__all__ = ["Digest", "Health", "digest_due", "digest_html", "digest_of", "digest_text", "queue_digest_now", "queue_due_digest", "write_files"]

# A mail that bears a date so far ahead has a wrong one, and is told of at once rather than when its day comes.
_AHEAD = timedelta(days=1)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def digest_of(  # noqa: PLR0913 - what the caller alone knows, by keyword
    tx: Transaction, day: date, notice: Notice, now: datetime, *, carried: bool, zone: ZoneInfo | None = None, health: Health | None = None
) -> Digest:
    """The digest of one calendar day, as it would be sent now.

    Args:
        tx: reads the register, and changes nothing.
        day: whose mails are counted.
        notice: the call.
        now: aware; when the digest is made.
        carried: whether it tells of the present: mails that no digest has reported so far, and all that is still to be mended. A digest of a
            day long past tells of that day's mails, and of those that its own digest had carried.
        zone: in which the day is meant; the notice's without one.
        health: how the daemon is doing, where that is known.
    """
    zone = zone or notice.timezone
    start, end = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    mails = tx.mails_received(start, end)
    others = {mail.id: mail for mail in tx.mails_reported(day)}
    if carried:
        others |= {mail.id: mail for mail in tx.mails_unreported(_NEVER) if mail.received_at < start or mail.received_at > now + _AHEAD}
    own = {mail.id for mail in mails}
    told = tuple(sorted((mail for mail in others.values() if mail.id not in own), key=lambda mail: (mail.received_at, mail.id)))
    ids = {f"m{mail.id}" for mail in (*mails, *told)}
    junk = tuple(mail for mail in (*told, *mails) if mail.state in JUNK_STATES)
    return compose(
        Facts(
            day=day,
            zone=zone,
            now=now,
            notice=notice,
            mails=tuple(mail for mail in mails if mail.state not in JUNK_STATES),
            carried=tuple(mail for mail in told if mail.state not in JUNK_STATES),
            junk=junk,
            register=tuple(tx.register()),
            totals=tx.totals(),
            earlier_aside=tuple(each for each in tx.set_aside() if each.id not in ids) if carried else (),
            undelivered=tuple(each for each in tx.undelivered() if each.state == "failed") if carried else (),
            last_mail_at=tx.last_mail_at(),
            health=health or Health(),
        )
    )


def digest_due(now: datetime, at: time, zone: ZoneInfo, last_day: date | None) -> date | None:
    """The day whose digest is owed: the latest one whose hour has passed, unless it has its digest. Of several missed, only that one.

    Args:
        now: aware.
        at: the hour of the day when digests are sent.
        zone: in which hour and day are meant.
        last_day: the last day that has its digest, or that owes none; None for no such day.
    """
    local = now.astimezone(zone)
    day = local.date() if local.time() >= at else local.date() - timedelta(days=1)
    return day if last_day is None or day > last_day else None


def queue_due_digest(world: World, now: datetime) -> bool:
    """Queue the digest that is owed, if one is; returns whether one was queued. Digests of days before the first call are never owed.

    Raises:
        StorageError: nothing was queued; it is still owed.
    """
    given = world.settings.digest
    if not given.recipients:
        return False
    with world.store.read() as tx:
        last = tx.last_digest_day()
    if last is not None and digest_due(now, given.time, given.timezone, last) is None:
        return False
    with world.store.begin() as tx:
        tx.mark_digest_start(now.astimezone(given.timezone).date())
        day = digest_due(now, given.time, given.timezone, tx.last_digest_day())
        return day is not None and _queue(tx, world, day, now)


def queue_digest_now(world: World, day: date, now: datetime) -> bool:
    """Queue the digest of this day before or after its hour; False where it was queued before, or the day is still to come.

    Raises:
        StorageError: nothing was queued.
    """
    given = world.settings.digest
    if not given.recipients or day > now.astimezone(given.timezone).date():
        return False
    with world.store.begin() as tx:
        return _queue(tx, world, day, now)


def _queue(tx: Transaction, world: World, day: date, now: datetime) -> bool:
    given, notice, vitals = world.settings.digest, world.notice, world.vitals
    health = Health(vitals.in_mailbox, vitals.round_at, vitals.trouble, vitals.junk_trouble, is_overdue(world, now))
    digest = digest_of(tx, day, notice, now, zone=given.timezone, carried=True, health=health)
    reply = write_digest(digest, register_xlsx(tx.register(), notice), notice, world.settings.outgoing.sender, given.recipients, now)
    return tx.queue_digest(day, reply, now, digest.settled)
