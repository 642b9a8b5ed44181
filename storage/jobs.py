"""Where daemons share a PostgreSQL, every row that waits has a job in Procrastinate, which wakes one of them; on SQLite there are no jobs.

A job is deferred in the transaction that records its mail or letter, and names the row, nothing more. The row's state says what is to be done: a job too
many is harmless; where one is missing, because its row is to be tried again or its daemon died, `mend_jobs`, which every daemon calls again and again,
makes another.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ColumnElement, Connection, Engine, String, case, cast, column, delete, exists, func, insert, inspect, select, table, text

from storage.engine import writing
from storage.errors import DatabaseNewer, StorageError, Unavailable
from storage.part import Part
from storage.tables import MAILS, OUTBOX

if TYPE_CHECKING:
    from procrastinate import App

INQUIRY = "received"  # kind of the letter that answers an inquiry
STALLED_SECONDS = 5.0  # without a heartbeat, which is due every second: whoever had the job is dead, or frozen

# Procrastinate's own tables, as far as they are looked at here; and which of its migrations they have seen.
_JOBS = table("procrastinate_jobs", column("task_name"), column("status"), column("args", JSON), column("worker_id"))
_WORKERS = table("procrastinate_workers", column("id"), column("last_heartbeat"))
_APPLIED = table("procrastinate_applied", column("name"))
_STATUS = cast(_JOBS.c.status, String)
_ROW = _JOBS.c.args["row"].as_integer()


class Task(StrEnum):
    """What a job asks for; the name of its queue as well. `row` is the id of a mail, or of a letter."""

    TAKE_IN = "take_in"
    DELIVER = "deliver"


@cache
def _app() -> "App":
    """Procrastinate's door for deferring; it uses our connections and opens none."""
    from procrastinate import App, SyncPsycopgConnector  # noqa: PLC0415 - where there are no jobs it is not installed

    return App(connector=SyncPsycopgConnector())


def defer_take_in(connection: Connection, mail_id: int) -> None:
    """A mail waits to be taken in: the one that arrived first goes first."""
    _defer(connection, Task.TAKE_IN, mail_id, priority=-mail_id)


def defer_delivery(connection: Connection, reply_id: int, kind: str, due_at: datetime | None = None) -> None:
    """A letter waits to be delivered, at once or from an instant on: answers to inquiries last (storage/outbox.py, `due_replies`)."""
    _defer(connection, Task.DELIVER, reply_id, priority=-int(kind == INQUIRY), at=due_at)


def _defer(connection: Connection, task: Task, row: int, *, priority: int, at: datetime | None = None) -> None:
    if connection.dialect.name == "sqlite":
        return
    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415

    ours = connection.connection.driver_connection
    try:
        _app().configure_task(task, queue=task, priority=priority, schedule_at=at, connection=ours).defer(row=row)
    except ConnectorException as error:
        raise Unavailable(f"the database cannot take a job now ({error.__cause__}); it is tried again") from error


class Jobs(Part):
    """The share of a transaction that looks after the jobs."""

    def give_back(self, mail_id: int) -> None:
        """A mail that goes on waiting gets its next job at once: those behind it must not be asked for before it."""
        defer_take_in(self._connection, mail_id)

    def mend_jobs(self) -> int:
        """Every row that waits has a job afterwards, and no job is left of a row that does not, or with a worker that is gone.

        Jobs are left over where `zlcp run --once` did the work. To be called in a transaction that writes: no row can begin to wait meanwhile.

        Returns:
            How many jobs were made.
        """
        if self._connection.dialect.name == "sqlite":
            return 0
        self._connection.execute(delete(_JOBS).where(_useless()))
        mails = self._connection.execute(select(MAILS.c.id).where(MAILS.c.state == "kept", ~_has_job(Task.TAKE_IN, MAILS.c.id))).all()
        letters = self._connection.execute(
            select(OUTBOX.c.id, OUTBOX.c.kind, OUTBOX.c.due_at).where(OUTBOX.c.state == "due", ~_has_job(Task.DELIVER, OUTBOX.c.id)).order_by(OUTBOX.c.id)
        ).all()
        for mail in mails:
            defer_take_in(self._connection, mail.id)
        for letter in letters:
            defer_delivery(self._connection, letter.id, letter.kind, letter.due_at)
        return len(mails) + len(letters)


def _useless() -> ColumnElement[bool]:
    """Jobs whose row does not wait, whose worker has no heartbeat, or that have ended."""
    mail = exists().where(MAILS.c.id == _ROW, MAILS.c.state == "kept")
    letter = exists().where(OUTBOX.c.id == _ROW, OUTBOX.c.state == "due")
    wanted = ((_JOBS.c.task_name == Task.TAKE_IN) & mail) | ((_JOBS.c.task_name == Task.DELIVER) & letter)
    living = exists().where(_WORKERS.c.id == _JOBS.c.worker_id, _WORKERS.c.last_heartbeat > func.now() - timedelta(seconds=STALLED_SECONDS))
    return case((_STATUS == "todo", ~wanted), (_STATUS == "doing", ~living), else_=True)


def _has_job(task: Task, row: ColumnElement[int]) -> ColumnElement[bool]:
    return exists().where(_JOBS.c.task_name == task, row == _ROW)


def install(engine: Engine) -> None:
    """Bring Procrastinate's own tables up to date. The caller holds the lock under which the schema changes.

    Raises:
        StorageError: Procrastinate is not installed.
        DatabaseNewer: a newer Procrastinate made them.
    """
    try:
        scripts = files("procrastinate.sql")
    except ModuleNotFoundError as error:
        raise StorageError("a PostgreSQL database needs packages that are not installed; pip install 'zlcp-intake[postgres]'") from error
    known = {path.name: path.read_text(encoding="utf-8") for path in (scripts / "migrations").iterdir() if path.name.endswith(".sql")}
    with writing(engine).begin() as connection:
        if not inspect(connection).has_table(_APPLIED.name):
            _run(connection, (scripts / "schema.sql").read_text(encoding="utf-8"))
            connection.execute(text("CREATE TABLE procrastinate_applied (name VARCHAR(255) NOT NULL PRIMARY KEY)"))
            connection.execute(insert(_APPLIED), [{"name": name} for name in known])
        applied = set(connection.execute(select(_APPLIED.c.name)).scalars())
    if unknown := applied - known.keys():
        raise DatabaseNewer(f"the jobs of the database {engine.url.render_as_string()} were made by a newer Procrastinate ({max(unknown)}); install that one")
    for name in sorted(known.keys() - applied):
        # Each by itself: PostgreSQL lets no value be used in the transaction that adds it to an enumeration.
        with writing(engine).begin() as connection:
            _run(connection, known[name])
            connection.execute(insert(_APPLIED), {"name": name})


def _run(connection: Connection, script: str) -> None:
    """Several statements at once, in which % and : mean themselves."""
    driver: Any = connection.connection.driver_connection
    driver.execute(script)
