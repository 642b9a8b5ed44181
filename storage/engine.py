"""The engine: how each kind of database is opened, how a transaction begins, and which of its errors are trouble of the outside world."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage.errors import DatabaseBroken, StorageError, Unavailable

BUSY_SECONDS = 30
# A PostgreSQL that is away, and a daemon that is, are noticed within half a minute (libpq's and the server's own settings, seconds and milliseconds).
POSTGRESQL_OPTIONS = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "connect_timeout": 10,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000"
    # A daemon that is frozen in the middle of a transaction holds up the others for so long, and loses it.
    " -c idle_in_transaction_session_timeout=30000",
}
MOST_CONNECTIONS = 60  # beyond the five that are kept: each thread of a worker may have two
WRITES = "writes"
WRITE_LOCK = 0x7A6C6370  # PostgreSQL: any number that all processes agree on

# SQLite's primary result codes (https://sqlite.org/rescode.html) that mean a damaged or foreign file, not trouble that passes.
BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


def make_engine(url: URL) -> Engine:
    """An engine for this database; nothing is opened yet but the folder of a SQLite file, which is created.

    Raises:
        StorageError: the database's driver is not installed.
        Unavailable: the folder cannot be created.
    """
    options = {} if url.get_backend_name() == "sqlite" else {"connect_args": POSTGRESQL_OPTIONS, "max_overflow": MOST_CONNECTIONS}
    try:
        engine = create_engine(url, **options)
    except ImportError as error:
        raise StorageError(f"storage.database needs a driver that is not installed; pip install {error.name}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        _make_folder(Path(url.database or ""))
    else:
        event.listen(engine, "begin", _begin_other)
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine, whose transactions exclude each other from their first statement on, in all processes."""
    return engine.execution_options(**{WRITES: True})


def reading(engine: Engine) -> Engine:
    """The same engine, whose transactions see one moment of the database; SQLite's always do."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"cannot create the folder of the database {path}: {error.strerror or error}; mend its permissions") from error


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None  # the driver begins no transactions of its own: _begin_sqlite does
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first and writes later would lose updates, or fail half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


def _begin_other(connection: Connection) -> None:
    """PostgreSQL knows no BEGIN IMMEDIATE; a lock that ends with the transaction does the same."""
    if connection.get_execution_options().get(WRITES):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITE_LOCK})


@contextmanager
def wrapped(engine: Engine) -> Iterator[None]:
    """Turn the database's own trouble into a StorageError; errors that one row's content brings out pass as they are.

    Raises:
        Unavailable: locked, disk full, cannot be opened or reached.
        DatabaseBroken: the file is damaged, or no database of this program.
    """
    try:
        yield
    except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:
        trouble = _trouble(error, engine.url.render_as_string(hide_password=True))
        if trouble is None:
            raise
        raise trouble from error


def _trouble(error: Exception, where: str) -> StorageError | None:
    """The outside world's trouble behind an error of the database; None for an error that a row's content brought out."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(str(cause).split())
    if _code(cause) in BROKEN:
        return DatabaseBroken(f"the database {where} is damaged or belongs to another program ({said}); restore it from a backup, or name another one")
    # sqlite3 raises its InterfaceError for a value that it cannot store; other drivers raise theirs for a lost connection.
    lost = isinstance(error, InterfaceError) and not isinstance(cause, sqlite3.Error)
    if lost or isinstance(error, OperationalError | PoolTimeoutError | sqlite3.OperationalError):
        return Unavailable(f"the database {where} cannot be used now ({said}); free disk space, mend its permissions, or end the program that locks it")
    return None


def _code(cause: BaseException) -> int | None:
    """SQLite's primary result code; None for another database."""
    code: int | None = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
