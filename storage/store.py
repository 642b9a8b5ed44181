"""The one door to the database: `Store.begin()` for a transaction that writes, `Store.read()` for one that only reads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, make_url

from storage.engine import make_engine, reading, wrapped, writing
from storage.jobs import Jobs
from storage.locks import locked
from storage.mails import Mails
from storage.outbox import Outbox
from storage.queue import Queue
from storage.records import Records
from storage.reports import Reports
from storage.schema import bring_up_to_date
from storage.workers import Handler, work_off


class Transaction(Mails, Records, Outbox, Queue, Reports, Jobs):
    """Everything that can be asked of the register and written into it, within one transaction."""


class Store:
    """The database. Any thread may use it; each transaction belongs to one thread."""

    def __init__(self, engine: Engine) -> None:
        """Use an engine whose database is up to date; `open` makes one."""
        self._engine = engine
        self._reading = reading(engine)
        self._writing = writing(engine)
        # Threads of this process wait here for their turn: SQLite's own waiting is a sleep that grows, and costs more than the work.
        self._turn = threading.Lock()

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open the database, create it where it is not there yet, and migrate it where an older program made it.

        Args:
            url: sqlite:///PATH or postgresql+psycopg://...

        Raises:
            Unavailable: it cannot be opened, reached or created now.
            DatabaseNewer: a newer program made it.
            DatabaseBroken: it is damaged, or no database of this program.
            StorageError: its driver is not installed.
        """
        engine = make_engine(make_url(url))
        try:
            with wrapped(engine):
                bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that writes: it excludes every other one, is committed at the end, and rolled back on any error.

        Raises:
            Unavailable: locked, disk full, cannot be reached; nothing was changed.
            DatabaseBroken: the database is damaged; nothing was changed.
        """
        with self._turn, wrapped(self._engine), self._writing.begin() as connection:
            yield Transaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads: it sees one moment of the register, and waits for nobody.

        Raises:
            Unavailable: the database cannot be read now.
            DatabaseBroken: the database is damaged.
        """
        with wrapped(self._engine), self._reading.begin() as connection:
            yield Transaction(connection)

    @property
    def shared(self) -> bool:
        """Whether several daemons may share the work: each mail and letter that waits has a job, and `work_off` does them."""
        return self._engine.dialect.name != "sqlite"

    def work_off(self, handler: Handler, stop: threading.Event) -> None:
        """Do jobs of one kind as they come, with every other daemon of a shared database, until `stop` is set; those in hand are finished.

        Raises:
            Unavailable: the database was lost; what was not done still waits. Call it again after a pause.
        """
        with self.read():  # a database that is away says so at once; the engine would wait for it
            pass
        work_off(self._engine.url, handler, stop)

    @contextmanager
    def delivering(self) -> Iterator[bool]:
        """The right to deliver one letter after another: one process has it at a time. Yields whether it is ours.

        Raises:
            Unavailable: the lock file beside the database cannot be written.
        """
        with locked(self._engine, "delivery-", wait=False) as ours:
            yield ours

    @contextmanager
    def handing_over(self, reply_id: int) -> Iterator[bool]:
        """One letter in hand: yields whether it is still due and no other process has it.

        Raises:
            Unavailable: the database cannot be reached.
        """
        with self.working(f"letter-{reply_id}") as ours:
            yield ours and self._is_due(reply_id)

    def _is_due(self, reply_id: int) -> bool:
        with self.read() as tx:
            return tx.is_due(reply_id)

    @contextmanager
    def working(self, step: str) -> Iterator[bool]:
        """Whether this process is the one that does a step now, where machines share a PostgreSQL: two would do the same work twice.

        Each row's state guards itself besides. On SQLite there is one process, and any other may help it.

        Raises:
            Unavailable: the database cannot be reached.
        """
        if not self.shared:
            yield True
            return
        with locked(self._engine, f"{step}-", wait=False) as ours:
            yield ours

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
