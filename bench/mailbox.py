"""What a mailbox of many mails costs the collecting: python -m bench.mailbox [MAILS ...]

The fake server of the tests makes its mails when they are asked for; the collecting (daemon/collect.py, the real mailbox class, SQLite, files) is a
process of its own, whose peak memory is taken from the system. For each size: a first pass over mails that are all new; a start of the program when
all are known; ten polls; a poll with one new mail; a pass after the server renumbered the folder, which must fetch all again to know them by their bytes.
"""

import logging
import sys
import time
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from daemon.collect import collect
from daemon.mail.mailbox import Mailbox
from tests.fake_imapd import Manners, imap_server
from tests.large_mailbox import Made
from tests.worlds import Outside


def peak_mb() -> float:
    """The most memory that this process has had."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def collector(pipe: Connection, folder: Path, port: int) -> None:
    """Collects once for each number that comes through the pipe, and tells what it cost; ends at 0."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    outside = Outside(folder)
    world = outside.world(mailbox={"host": "127.0.0.1", "port": port, "security": "plain"})
    world = replace(world, mailbox=Mailbox(world.settings.mailbox))
    while rounds := pipe.recv():
        begun = time.perf_counter()
        kept = sum(collect(world) for _ in range(rounds))
        with world.store.read() as tx:
            recorded = tx.totals().mails
        pipe.send((kept, recorded, time.perf_counter() - begun, peak_mb()))
    world.mailbox.close()
    outside.close()


class Program:
    """The collecting as a process; `collect` makes it do rounds and prints what they cost."""

    def __init__(self, folder: Path, server: Manners) -> None:
        context = get_context("spawn")
        self._server = server
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=collector, args=(theirs, folder, server.port))
        self._process.start()

    def collect(self, what: str, *, kept: int, recorded: int, rounds: int = 1) -> None:
        self._server.commands.clear()
        self._pipe.send(rounds)
        got = self._pipe.recv()
        assert got[:2] == (kept, recorded), f"{what}: {got}"
        asked = [command for command in self._server.commands if command.startswith(("UID", "FETCH"))]
        fetched = sum(command.partition("FETCH ")[2].count(",") + 1 for command in asked if "BODY" in command)
        print(f"| {len(self._server.mails):,} | {what} | {got[2]:.2f} | {len(asked)} | {fetched:,} | {got[3]:.0f} |", flush=True)

    def end(self) -> None:
        self._pipe.send(0)
        self._process.join()


def measure(count: int) -> None:
    with TemporaryDirectory(prefix="zlcp-mailbox-") as name, imap_server(mails=Made(count, size=2000)) as server:
        program = Program(Path(name), server)
        program.collect("all new", kept=count, recorded=count)
        program.end()
        program = Program(Path(name), server)
        program.collect("all known, after a start", kept=0, recorded=count)
        program.collect("ten polls", kept=0, recorded=count, rounds=10)
        server.mails.count += 1
        program.collect("one new mail", kept=1, recorded=count + 1)
        program.end()
        server.uidvalidity += 1
        program = Program(Path(name), server)
        program.collect("renumbered", kept=count + 1, recorded=count + 1)
        program.end()


def main() -> None:
    print("| mails | what | s | questions | bodies fetched | peak MB |\n|---|---|---|---|---|---|")
    for count in [int(value) for value in sys.argv[1:]] or [5_000, 50_000]:
        measure(count)


if __name__ == "__main__":
    main()
