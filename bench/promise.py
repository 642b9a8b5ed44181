"""The promise as a table, fault by fault: python -m bench.promise [KILLS]

Five mails (three applications, one of them with a wrong subject; a copy; a machine's notice) meet a fault at the first instant, the program starts
again, and everything is counted; then at the second instant, and so on until none is left. The store and the files are the real ones. The last rows
are of real processes: applications go from Dovecot to a mail server while the whole process group is killed again and again; then while one of two
daemons that share a PostgreSQL is killed or frozen, or the PostgreSQL itself dies, again and again.
"""

import logging
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import structlog

import storage.engine
from bench.intake import ROOT, applications, sink, write_config
from daemon.world import OUTSIDE, World
from storage.files import Files
from storage.jobs import STALLED_SECONDS
from tests.live.deaths import kill_after
from tests.live.dovecot import dovecot
from tests.live.nodes import Site, site
from tests.test_crashes import STEPS, Fuse, Killed, dying_world, post, run
from tests.worlds import Outside

LETTERS, APPLICATIONS = 3, 3  # that the five mails must come to
KILLS, MAILS_EACH = 40, 6


@dataclass
class Row:
    """What became of everything, over all instants. repeated: the same letter, with the same Message-ID, a second time."""

    fault: str
    instants: int = 0
    lost: int = 0
    doubled: int = 0
    repeated: int = 0

    def __str__(self) -> str:
        return f"| {self.fault} | {self.instants} | {self.lost} | {self.doubled} | {self.repeated} |"


def count(row: Row, outside: Outside, mails: int, world: World | None = None) -> None:
    """Hold what is on disk and what was delivered against the promise."""
    with (world or outside.world()).store.read() as tx:
        early, late = outside.clock.now.replace(year=2000), outside.clock.now.replace(year=2100)
        lines, register = tx.mails_received(early, late), tx.register()
    letters = Counter(message_from_bytes(each.mime)["Message-ID"] for each in outside.sender.deliveries)
    readers = Counter(each.to for each in outside.sender.deliveries)
    taken = sum(line.state == "taken_in" for line in lines)
    row.instants += 1
    row.lost += (mails - taken) + max(0, APPLICATIONS - len(register)) + max(0, LETTERS - len(readers))
    row.doubled += max(0, len(lines) - mails) + max(0, len(register) - APPLICATIONS) + max(0, len(letters) - LETTERS)
    row.repeated += sum(letters.values()) - len(letters)


def every_instant(fault: str, live: Callable[[Outside, int], bool]) -> Row:
    """`live`: one life of the program with the fault at the n-th instant; whether it met it."""
    row = Row(fault)
    for at in range(1, 1000):
        with TemporaryDirectory(prefix="zlcp-promise-") as name, closing(Outside(Path(name))) as outside:
            mails = post(outside)
            if not live(outside, at):
                return row
            outside.clock.now += timedelta(days=1)  # what was put off is due again
            for _ in range(2):
                run(outside.world(), STEPS)
            count(row, outside, mails)
    raise AssertionError("more instants than expected")


# ---- the faults


def killed(outside: Outside, at: int) -> bool:
    """The program stops: before and after every write, commit, fetch and delivery."""
    try:
        run(dying_world(outside, Fuse(at)), STEPS)
    except Killed:
        return True
    return False


def answer_lost(outside: Outside, at: int) -> bool:
    """The mail server has taken the letter, and the connection dies before it says so: the one case in which a letter is repeated."""
    if at > LETTERS:
        return False
    world = outside.world()
    send, calls = outside.sender.send, iter(range(1, 1000))

    def sending(to: Any, mime: bytes) -> None:
        if next(calls) == at:
            outside.sender.lose_answer()
        send(to, mime)

    outside.sender.send = sending  # type: ignore[method-assign]
    with suppress(*OUTSIDE):
        run(world, STEPS)
    return True


class _FullDisk(Files):
    """The n-th file comes half-way, then the disk is full."""

    def __init__(self, root: Path, at: int) -> None:
        super().__init__(root)
        self.left = at

    def _write(self, path: Path, data: bytes, *, durable: bool) -> None:
        self.left -= 1
        if self.left == 0:
            half = path.with_name(path.name + ".half")
            half.write_bytes(data[: len(data) // 2])
            half.unlink()
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        super()._write(path, data, durable=durable)


def disk_full(outside: Outside, at: int) -> bool:
    """No room for a file."""
    world = outside.world()
    files = _FullDisk(world.settings.storage.files, at)
    with suppress(*OUTSIDE):
        run(replace(world, files=files), STEPS)
    return files.left <= 0


class _Troubled:
    """The store, whose n-th writing transaction meets the trouble."""

    def __init__(self, world: World, at: int, trouble: Callable[[World, Any], Any]) -> None:
        self._world, self._inner, self.left, self._trouble, self.met = world, world.store, at, trouble, False

    @contextmanager
    def begin(self) -> Iterator[Any]:
        self.left -= 1
        if self.left:
            with self._inner.begin() as tx:
                yield tx
            return
        with self._trouble(self._world, self._inner) as tx:
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _in_trouble(trouble: Callable[[World, Any], Any]) -> Callable[[Outside, int], bool]:
    def live(outside: Outside, at: int) -> bool:
        world = outside.world()
        store = _Troubled(world, at, trouble)
        for _ in range(2):  # the process lives, and its next round comes
            with suppress(*OUTSIDE):
                run(replace(world, store=store), STEPS)  # type: ignore[arg-type]
        return store.left <= 0

    return live


@contextmanager
def _locked(world: World, store: Any) -> Iterator[Any]:
    """Another program holds the write lock of the database for longer than we wait."""
    path = world.settings.storage.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with store.begin() as tx:
            yield tx


@contextmanager
def _no_pages(world: World, store: Any) -> Iterator[Any]:
    """SQLite itself says that the disk is full, in the middle of a transaction."""
    del world
    with store.begin() as tx:
        connection = tx._connection
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        try:
            yield tx
            connection.exec_driver_sql("CREATE TABLE fills_the_disk (i)")
        finally:  # somebody made room
            connection.exec_driver_sql(f"PRAGMA max_page_count = {2**30}")


class _Power:
    """What the disk would hold after a cut: bytes that were forced, under names whose folder was forced after them."""

    def __init__(self, root: Path) -> None:
        self._root, self._bytes, self._names = root, set[int](), set[Path]()
        self._fsync = os.fsync

    def fsync(self, descriptor: int) -> None:
        self._fsync(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        if path.is_dir():
            self._names |= set(path.iterdir())
        else:
            self._bytes.add(os.fstat(descriptor).st_ino)

    def cut(self) -> None:
        for path in sorted(self._root.rglob("*"), reverse=True):
            if path.is_file() and (path not in self._names):
                path.unlink()
            elif path.is_file() and path.stat().st_ino not in self._bytes:
                path.write_bytes(b"")


def power_cut(outside: Outside, at: int) -> bool:
    """The program stops and the files keep only what was forced to the disk; SQLite's own commits are durable (synchronous = FULL)."""
    world = dying_world(outside, Fuse(at))
    power = _Power(world.settings.storage.files)
    os.fsync, before = power.fsync, os.fsync
    try:
        run(world, STEPS)
    except Killed:
        power.cut()
        return True
    finally:
        os.fsync = before
    return False


def killed_for_real(kills: int) -> Row:
    """kill -9 of the process group at random instants, with Dovecot and a mail server."""
    seed = random.randrange(10**6)
    print(f"seed {seed}", file=sys.stderr)
    chance, mails = random.Random(seed), kills * MAILS_EACH
    row = Row(f"`kill -9` of the process group at random, {mails} mails through Dovecot", kills)
    with TemporaryDirectory(prefix="zlcp-promise-") as name, dovecot() as server, sink(Path(name) / "sink.log") as port:
        folder = Path(name)
        config = write_config(folder, server, port)
        waiting = iter(applications(mails))
        command = [sys.executable, "-m", "daemon", "run", "--once", "--config", str(config)]
        for _ in range(kills):
            for raw in [next(waiting) for _ in range(MAILS_EACH)]:
                server.deliver(raw)
            process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
            kill_after(process, chance.uniform(0.3, 1.4))
        subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
        with closing(sqlite3.connect(folder / "zlcp.db")) as register:
            counts = [register.execute(question).fetchone()[0] for question in COUNTS]
        _weigh(row, mails, counts, (folder / "sink.log").read_text(encoding="utf-8").splitlines())
    return row


COUNTS = ("SELECT count(*) FROM mails WHERE state = 'taken_in'", "SELECT count(*) FROM applications", "SELECT count(*) FROM versions")


def _weigh(row: Row, mails: int, counts: Sequence[int], sent: Sequence[str]) -> None:
    """Hold the register's counts and the mail server's log, a line of Message-ID and reader for each letter, against so many applications."""
    letters = {line.split()[0] for line in sent}
    readers = {line.split()[1] for line in sent}
    row.lost = sum(mails - min(found, mails) for found in (*counts, len(readers)))
    row.doubled = sum(max(0, found - mails) for found in counts) + (len(letters) - len(readers))
    row.repeated = len(sent) - len(letters)


SHARED = {
    "`kill -9` of one of two daemons that share a PostgreSQL": Site.kill_one,
    "one of the two is frozen for eight seconds, and wakes up": Site.freeze_one,
    "the PostgreSQL dies, and comes back": lambda here: here.cut_database(1),
}


def shared(fault: str, times: int) -> Row:
    """Two daemons at work when it happens, at random instants, with Dovecot and a mail server."""
    mails = times * MAILS_EACH
    row, waiting = Row(f"{fault}, {mails} mails", times), iter(applications(mails))
    with site(shared=True) as here:
        here.start(2)
        for _ in range(times):
            for raw in [next(waiting) for _ in range(MAILS_EACH)]:
                here.box.deliver(raw)
            time.sleep(random.uniform(0.1, 1.5))
            SHARED[fault](here)
        here.wait(mails)
        time.sleep(STALLED_SECONDS)  # whatever could still be repeated
        with psycopg.connect(here.database.url.replace("+psycopg", "")) as register:
            counts = [register.execute(question).fetchone()[0] for question in COUNTS]
        _weigh(row, mails, counts, here.answers())
    return row


FAULTS = {
    "the program stops, at every step": killed,
    "power cut, at every step (files keep what was forced)": power_cut,
    "disk full, at every file": disk_full,
    "disk full, in every transaction": _in_trouble(_no_pages),
    "database locked, at every transaction": _in_trouble(_locked),
    "the server's yes is lost, at every letter": answer_lost,
}


def rows() -> Iterator[Row]:
    """Each fault at each instant, without real processes."""
    waited, storage.engine.BUSY_SECONDS = storage.engine.BUSY_SECONDS, 0  # type: ignore[assignment]
    try:
        for fault, live in FAULTS.items():
            yield every_instant(fault, live)
    finally:
        storage.engine.BUSY_SECONDS = waited


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    print("| fault | instants tried | lost | doubled | repeated, same Message-ID |\n|---|---|---|---|---|")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for row in rows():
        print(row, flush=True)
    print(killed_for_real(kills), flush=True)
    for fault in SHARED:
        print(shared(fault, kills // 4), flush=True)


if __name__ == "__main__":
    main()
