"""Step three: each due reply goes to the mail server, and what became of it is written down at once.

Replies and digests all leave by this door. The one window for a repeat: the server takes a mail and the connection, or this process,
dies before that is written down; the repeat then bears the same Message-ID. A register that cannot be written just then is no such case: as long
as the process lives it knows what was taken.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog

from daemon.mail.errors import MailError, SendPermanent, SendTemporary
from daemon.world import World
from storage.outbox import Outgoing

log = structlog.get_logger()

# Waits after the 1st, 2nd ... temporary refusal; greylisting wants minutes, a full mailbox days (RFC 5321, 4.5.4.1 asks for 4-5 days in all).
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440))

FULL_SECONDS = 10  # between two looks whether an hour that was full has room again


def deliver_due(world: World) -> int:
    """Deliver what is due, the oldest first, within the hourly cap and with the pause between two mails.

    Returns:
        How many replies were delivered, put off or given up; 0 where another process of this machine is delivering.

    Raises:
        MailError: the mail server cannot be used now; the reply in hand and the rest are still due.
        StorageError: the result cannot be written down.
    """
    with world.store.delivering() as ours:
        return _deliver_all(world) if ours else 0


def _deliver_all(world: World) -> int:
    done = 0
    elsewhere: set[int] = set()
    while not world.stop.is_set():
        reply = _next_due(world, elsewhere)
        if reply is None:
            break
        if done:
            world.stop.wait(world.settings.outgoing.pause_seconds)
        if deliver(reply, world):
            done += 1
        else:
            elsewhere.add(reply.id)
    return done


def _next_due(world: World, elsewhere: Collection[int]) -> Outgoing | None:
    """The reply that is due longest and not in other hands; None where there is none, or the hour's cap is reached."""
    if _hour_is_full(world):
        return None
    with world.store.read() as tx:
        due = tx.due_replies(world.now(), len(elsewhere) + 1)
    return next((reply for reply in due if reply.id not in elsewhere), None)


def _hour_is_full(world: World) -> bool:
    cap = world.settings.outgoing.per_hour
    if not cap:
        return False
    with world.store.read() as tx:
        return tx.sent_since(world.now() - timedelta(hours=1)) >= cap


def deliver_one(reply_id: int, world: World) -> None:
    """Deliver one reply, as a job asks for it (daemon/jobs.py), once the hour has room for it; where it is not due nothing is done.

    Raises:
        MailError, StorageError: as for `deliver`.
    """
    while _hour_is_full(world):
        if world.stop.wait(FULL_SECONDS):
            return
    with world.store.read() as tx:
        reply = tx.due_reply(reply_id, world.now())
    if reply is not None and deliver(reply, world):
        world.stop.wait(world.settings.outgoing.pause_seconds)


def deliver(reply: Outgoing, world: World) -> bool:
    """Hand one reply to the mail server and write the result down.

    Returns:
        False, and nothing is done, where another process has it in hand or has settled it.

    Raises:
        MailError: the server cannot be used at all, and the reply is still due; or it wants to be left alone for a while, and the reply is put off.
        StorageError: the result cannot be written down; as long as the process lives it knows it.
    """
    with world.store.handing_over(reply.id) as ours:
        if ours:
            _hand_over(reply, world)
        else:
            world.vitals.sent_at.pop(reply.id, None)
    return ours


def _hand_over(reply: Outgoing, world: World) -> None:
    taken = world.vitals.sent_at
    try:
        if reply.id not in taken:
            world.sender.send(reply.to, reply.mime)
            taken[reply.id] = world.now()
    except SendTemporary as error:
        _put_off(reply, error, world)
        if error.wait is not None:  # a limit of the server's: it would refuse the next one too
            raise
    except SendPermanent as error:
        with world.store.begin() as tx:
            tx.reply_failed(reply.id, str(error), world.now())
        log.error("reply_refused", reply=reply.id, kind=reply.kind, tries=reply.tries + 1)  # noqa: TRY400 - no traceback: the server said no
    else:
        with world.store.begin() as tx:
            tx.reply_sent(reply.id, taken[reply.id])
        del taken[reply.id]
        log.info("reply_delivered", reply=reply.id, kind=reply.kind)


def _put_off(reply: Outgoing, error: SendTemporary, world: World) -> None:
    """Wait longer each time; after the last wait the reply goes to the staff."""
    now = world.now()
    until = _next_try(reply.tries, error.wait, now)
    with world.store.begin() as tx:
        if until is None:
            tx.reply_failed(reply.id, str(error), now)
        else:
            tx.reply_put_off(reply.id, str(error), until, now)
    if until is None:
        log.error("reply_given_up", reply=reply.id, kind=reply.kind, tries=reply.tries + 1)
    else:
        log.warning("reply_put_off", reply=reply.id, kind=reply.kind, tries=reply.tries + 1, until=until.isoformat())


def rest_after(error: Exception, world: World) -> None:
    """Tell the trouble, and leave the mail server alone for as long as it asks for; until then this process tries no letter."""
    pause = (error.pause if isinstance(error, MailError) else None) or timedelta()
    log.warning("delivery_trouble", problem=str(error), seconds=pause.total_seconds())
    world.stop.wait(pause.total_seconds())


def _next_try(tries: int, asked: timedelta | None, now: datetime) -> datetime | None:
    """When to try again after so many tries before this one; at least as late as the server asked for."""
    if tries >= len(BACK_OFF):
        return None
    return now + max(BACK_OFF[tries], asked or timedelta())
