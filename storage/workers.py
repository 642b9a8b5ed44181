"""Procrastinate's worker, as one call that works jobs of one kind off until it is told to stop."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import URL

from storage.engine import POSTGRESQL_OPTIONS
from storage.errors import Unavailable
from storage.jobs import STALLED_SECONDS, Task

BREATH = 0.5  # how often it is looked whether to stop, seconds
HEARTBEAT = 1.0
PATIENCE = 5.0  # with a connection that cannot be had, seconds


@dataclass(frozen=True, slots=True)
class Handler:
    """What does the jobs of one kind: called in a thread with the row's id, `at_once` so many times side by side. It must not raise."""

    task: Task
    call: Callable[[int], None]
    at_once: int = 1


def work_off(url: URL, handler: Handler, stop: threading.Event) -> None:
    """Do jobs as they come until `stop` is set; those in hand are finished.

    Raises:
        Unavailable: the database was lost; what was not done still waits. Call it again after a pause.
    """
    import psycopg  # noqa: PLC0415 - where there are no jobs they are not installed
    from procrastinate.exceptions import ProcrastinateException  # noqa: PLC0415

    trouble: Exception | None = None
    try:
        asyncio.run(_work(url, handler, stop))
    except (ProcrastinateException, psycopg.Error, OSError) as error:
        trouble = error
    if not stop.is_set():
        said = (trouble.__cause__ or trouble) if trouble else "the worker has lost its connection"
        raise Unavailable(f"the jobs of the database {url.render_as_string(hide_password=True)} cannot be reached ({said})") from trouble


async def _work(url: URL, handler: Handler, stop: threading.Event) -> None:
    from procrastinate import App, PsycopgConnector  # noqa: PLC0415

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(handler.at_once + 1, thread_name_prefix=handler.task))
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    # One connection listens; each thing that the worker does takes another.
    connector = PsycopgConnector(conninfo=conninfo, kwargs=dict(POSTGRESQL_OPTIONS), min_size=1, max_size=handler.at_once + 2, timeout=PATIENCE)
    app = App(connector=connector)

    @app.task(name=str(handler.task))
    def job(row: int) -> None:  # named by keyword
        handler.call(row)

    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[handler.task],
                concurrency=handler.at_once,
                delete_jobs="always",  # what was not done still waits, and gets a new job (storage/jobs.py, mend_jobs)
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED_SECONDS,
            )
        )
        while not stop.is_set() and not worker.done():  # it ends by itself where it has lost the database
            await asyncio.wait([worker], timeout=BREATH)
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
