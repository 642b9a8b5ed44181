"""Locks between the processes of one machine that share a SQLite database: files beside it, which the system frees when their holder dies.

PostgreSQL has no such file; what several machines share is not decided here.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from storage.errors import Unavailable


@contextmanager
def locked(engine: Engine, purpose: str, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of this purpose; yields whether it is ours, which is certain where `wait` is set.

    Raises:
        Unavailable: the lock file beside the database cannot be written.
    """
    if engine.dialect.name != "sqlite":
        yield True
        return
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
