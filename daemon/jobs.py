"""Where daemons share a PostgreSQL: the engine's workers call the same two steps, for one mail or one letter each (storage/jobs.py, storage/workers.py)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from daemon.deliver import deliver_one, rest_after
from daemon.intake import READERS, take_in_one
from daemon.world import OUTSIDE, World
from storage.errors import FileMissing, Unavailable
from storage.jobs import Task
from storage.workers import Handler

log = structlog.get_logger()

PAUSE = 5.0  # seconds after trouble, before the next job or the next try to reach the database


@contextmanager
def workers(world: World) -> Iterator[None]:
    """Let this daemon's workers do their share; at the end the jobs in hand are finished. On a database that is not shared there are none.

    Raises:
        StorageError: the folder of files is not the one that the other daemons use; or the database cannot be used.
    """
    if not world.store.shared:
        yield
        return
    _check_folder(world)
    # One letter at a time: the session with the mail server serves one thread. A worker each, for one may rest while the other goes on.
    handlers = (Handler(Task.TAKE_IN, partial(_take_in, world), READERS), Handler(Task.DELIVER, partial(_deliver, world)))
    threads = [threading.Thread(target=_work, args=[world, handler], name=handler.task) for handler in handlers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        world.stop.set()
        for thread in threads:
            thread.join()


def _check_folder(world: World) -> None:
    """Each daemon reads what another one has kept. One that looks elsewhere would set aside one mail after the other."""
    with world.store.read() as tx:
        newest = tx.newest_file()
    try:
        if newest is not None:
            world.files.get(newest)
    except FileMissing as error:
        said = f"storage.files, {world.settings.storage.files}, is not the folder where the other daemons keep the mails"
        raise FileMissing(f"{said}: the newest one is not there; name one folder that all of them see") from error


def mend(world: World) -> None:
    """Give what waits without a job a new one: what a dead daemon had in hand, and what is to be tried again."""
    try:
        with world.store.begin() as tx:
            made = tx.mend_jobs()
    except OUTSIDE as error:
        log.warning("jobs_trouble", problem=str(error))
    else:
        if made:
            log.info("jobs_mended", count=made)


def _work(world: World, handler: Handler) -> None:
    try:
        while not world.stop.is_set():
            try:
                world.store.work_off(handler, world.stop)
            except Unavailable as error:
                log.warning("jobs_trouble", problem=str(error))
                world.stop.wait(PAUSE)
    finally:
        world.stop.set()  # a daemon without its workers must not look as if it lived: it ends, and is started again


def _take_in(world: World, mail_id: int) -> None:
    """What cannot be done now still waits, and gets another job."""
    try:
        take_in_one(mail_id, world)
    except OUTSIDE as error:
        log.warning("intake_trouble", problem=str(error))
        world.stop.wait(PAUSE)


def _deliver(world: World, reply_id: int) -> None:
    """As for a mail; but a letter that the mail server has taken is kept in hand until that is written down, or another daemon would send it again."""
    while not world.stop.is_set():
        try:
            deliver_one(reply_id, world)
        except OUTSIDE as error:
            rest_after(error, world)
            if reply_id not in world.vitals.sent_at:
                world.stop.wait(PAUSE)
                return
            world.stop.wait(0.2)
        else:
            return
