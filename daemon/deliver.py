"""Step three: each due reply goes to the mail server, and what became of it is written down at once.

Replies and digests all leave by this door. The one window for a repeat: the server takes a mail and the connection, or this process,
dies before that is written down; the repeat then bears the same Message-ID. A register that cannot be written just then is no such case: as long
as the process lives it knows what was taken.
"""

from datetime import datetime, timedelta

import structlog

from daemon.mail.errors import SendPermanent, SendTemporary
from daemon.world import World
from storage.outbox import Outgoing

log = structlog.get_logger()

# Waits after the 1st, 2nd ... temporary refusal; greylisting wants minutes, a full mailbox days (RFC 5321, 4.5.4.1 asks for 4-5 days in all).
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440))


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
    while not world.stop.is_set():
        reply = _next_due(world)
        if reply is None:
            break
        if done:
            world.stop.wait(world.settings.outgoing.pause_seconds)
        deliver(reply, world)
        done += 1
    return done


def _next_due(world: World) -> Outgoing | None:
    """The reply that is due longest; None where there is none, or the hour's cap is reached."""
    now, cap = world.now(), world.settings.outgoing.per_hour
    with world.store.read() as tx:
        if cap and tx.sent_since(now - timedelta(hours=1)) >= cap:
            return None
        return next(iter(tx.due_replies(now, 1)), None)


def deliver(reply: Outgoing, world: World) -> None:
    """Hand one reply to the mail server and write the result down.

    Raises:
        MailError: the server cannot be used at all, and the reply is still due; or it wants to be left alone for a while, and the reply is put off.
    """
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


def _next_try(tries: int, asked: timedelta | None, now: datetime) -> datetime | None:
    """When to try again after so many tries before this one; at least as late as the server asked for."""
    if tries >= len(BACK_OFF):
        return None
    return now + max(BACK_OFF[tries], asked or timedelta())
