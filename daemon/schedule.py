"""The clock of one machine: the mailbox is watched, letters leave as they fall due, the digest goes out each day, until a signal says stop.

The scheduler runs by the machine's clock; what is due is decided by the world's.
"""

import random
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from daemon.collect import collect
from daemon.deliver import deliver_due, rest_after
from daemon.digest import queue_due_digest
from daemon.health import notify, show_life, tell_health
from daemon.intake import take_in_waiting
from daemon.jobs import mend, workers
from daemon.mail.errors import MailError
from daemon.world import OUTSIDE, World, clock

log = structlog.get_logger()

DELIVERY_SECONDS = 5  # how often the outbox is looked at; new letters are also announced
DIGEST_MINUTES = 5
MEND_SECONDS = 2  # how often a shared database is searched for what a dead daemon had in hand
LONGEST_PAUSE = timedelta(minutes=15)


def serve(world: World) -> None:
    """Run until SIGTERM or SIGINT; the mail in hand is finished first."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stopper(world.stop))
    # Nothing that was due is skipped because a thread was busy or the machine slept: no grace time, and what piled up is done once.
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(3)}, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}, timezone=UTC
    )
    # On a shared database the engine's workers take in and deliver; else this process does.
    if world.store.shared:
        scheduler.add_job(mend, "interval", seconds=MEND_SECONDS, args=[world], id="mend", next_run_time=clock())
    else:
        scheduler.add_job(_deliver, "interval", seconds=DELIVERY_SECONDS, args=[world], id="deliver", next_run_time=clock())
    given = world.settings.digest
    # At its minute; and every few minutes in case the disk was full, or the clock was set, just then: what is queued once is not queued again.
    at = OrTrigger([CronTrigger(hour=given.time.hour, minute=given.time.minute, timezone=given.timezone), IntervalTrigger(minutes=DIGEST_MINUTES)])
    scheduler.add_job(_digest, at, args=[world], id="digest", next_run_time=clock())
    scheduler.add_job(tell_health, "interval", seconds=DELIVERY_SECONDS, args=[world], id="health", next_run_time=clock())
    scheduler.start()
    notify("READY=1")
    log.info("daemon_ready", folder=world.settings.mailbox.folder, notice=world.notice.id)
    try:
        with workers(world):
            _watch(world, scheduler)
    finally:
        world.stop.set()
        notify("STOPPING=1")
        scheduler.shutdown(wait=True)
        log.info("daemon_stopped")


def _stopper(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    def handler(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    return handler


def _watch(world: World, scheduler: BackgroundScheduler) -> None:
    """Collect and, where no workers do that, take in; then wait for the server's hint or the next poll; after trouble wait longer each time."""
    failures = 0
    while not world.stop.is_set():
        try:
            collect(world)
            if not world.store.shared and take_in_waiting(world):
                scheduler.modify_job("deliver", next_run_time=clock())
            world.vitals.round_at, world.vitals.trouble, failures = world.now(), "", 0
            show_life(world, world.settings.mailbox.poll_seconds)
            world.mailbox.wait(world.settings.mailbox.poll_seconds, world.stop)
        except OUTSIDE as error:
            failures += 1
            pause = _pause(error, failures, world.settings.mailbox.poll_seconds)
            world.vitals.trouble = str(error)
            log.warning("mailbox_trouble", problem=str(error), failures=failures, seconds=round(pause))
            _take_in_anyway(world, error)
            show_life(world, pause)
            world.stop.wait(pause)


def _take_in_anyway(world: World, error: Exception) -> None:
    """A mailbox that is away does not keep the mails that are ours already from being answered."""
    if world.store.shared or not isinstance(error, MailError):
        return
    try:
        take_in_waiting(world)
    except OUTSIDE as trouble:
        log.warning("storage_trouble", problem=str(trouble))


def _pause(error: Exception, failures: int, poll_seconds: float) -> float:
    """Seconds until the next try: longer each time, with jitter so that many daemons do not knock at once."""
    asked = error.pause if isinstance(error, MailError) else None
    if asked is not None:
        return asked.total_seconds()
    longest = float(min(poll_seconds * 2 ** min(failures - 1, 10), LONGEST_PAUSE.total_seconds()))
    return longest * random.uniform(0.75, 1.25)  # noqa: S311 - no secret


def _deliver(world: World) -> None:
    try:
        deliver_due(world)
    except OUTSIDE as error:
        rest_after(error, world)


def _digest(world: World) -> None:
    """Queue the digest that is owed, at its minute or, when the program was down then, at the start."""
    now: datetime = world.now()
    try:
        if queue_due_digest(world, now):
            log.info("digest_queued")
    except OUTSIDE as error:
        log.warning("digest_trouble", problem=str(error))
