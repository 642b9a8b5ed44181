"""Locks between processes that share a database, freed when their holder dies: a file beside SQLite's, an advisory lock of a PostgreSQL session."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from sqlalchemy import Engine, text

from storage.engine import wrapped
from storage.errors import Unavailable


@contextmanager
def locked(engine: Engine, purpose: str, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of this purpose; yields whether it is ours, which is certain where `wait` is set.

    Raises:
        Unavailable: the lock file beside the database cannot be written, or the database cannot be reached.
    """
    with _file(engine, purpose, wait=wait) if engine.dialect.name == "sqlite" else _session(engine, purpose, wait=wait) as ours:
        yield ours


@contextmanager
def _session(engine: Engine, purpose: str, *, wait: bool) -> Iterator[bool]:
    """A session of its own holds the lock, outside any transaction; where it ends, for whatever reason, the server frees it."""
    key = {"key": crc32(f"zlcp {purpose}".encode())}
    with wrapped(engine), engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if wait:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
        elif not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one():
            yield False
            return
        try:
            yield True
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


@contextmanager
def _file(engine: Engine, purpose: str, *, wait: bool) -> Iterator[bool]:
    path = Path(f"{engine.url.database}.{purpose}lock")
    try:
        file = path.open("ab")
    except OSError as error:
        raise Unavailable(f"cannot write {path}: {error.strerror or error}; mend the folder's permissions") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
