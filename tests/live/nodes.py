"""One to four real daemons on one mailbox, with a real database, a mail server that counts, and ways to let a daemon die or freeze."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.intake import ROOT, sink, write_config
from storage.jobs import STALLED_SECONDS
from tests.live.dovecot import Dovecot, dovecot
from tests.live.postgres import Postgres, postgres
from tests.live.test_whole_way import register


class Node:
    """One daemon as a process of its own."""

    def __init__(self, config: Path, log: Path) -> None:
        self.log = log
        with log.open("ab") as err:
            command = [sys.executable, "-m", "daemon", "run", "--config", str(config)]
            self._process = subprocess.Popen(command, cwd=ROOT, stderr=err, start_new_session=True)
        while self.events["daemon_ready"] == 0:
            assert self._process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.02)

    @property
    def events(self) -> Counter[str]:
        """How often each event is in its log."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return Counter(json.loads(line)["event"] for line in lines if line.startswith("{"))

    def send(self, number: signal.Signals) -> None:
        """To it and its child processes."""
        os.killpg(self._process.pid, number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Its exit code, when it is gone."""
        if self._process.poll() is None:
            self.send(number)
        return self._process.wait(60)


class Site:
    """A mailbox, a mail server that counts, a database, and as many daemons as are started."""

    def __init__(self, folder: Path, box: Dovecot, config: Path, letters: Path, database: Postgres | None) -> None:
        self.folder, self.box, self.config, self.database = folder, box, config, database
        self.nodes: list[Node] = []
        self._letters = letters

    def start(self, count: int = 1) -> None:
        """So many daemons more; returns when they are ready."""
        for _ in range(count):
            self.nodes.append(Node(self.config, self.folder / f"node-{time.monotonic_ns()}.log"))

    def kill_one(self) -> None:
        """`kill -9`; another takes its place."""
        self.nodes.pop(0).end()
        self.start()

    def freeze_one(self) -> None:
        """For longer than a worker may be silent: its jobs are given to the others, and then it wakes up."""
        self.nodes.append(self.nodes.pop(0))
        self.nodes[-1].send(signal.SIGSTOP)
        time.sleep(STALLED_SECONDS + 3)
        self.nodes[-1].send(signal.SIGCONT)

    def cut_database(self, seconds: float) -> None:
        """The database dies, and comes back after so long."""
        self.database.stop()
        time.sleep(seconds)
        self.database.start()

    def answers(self) -> list[str]:
        """A line for each letter that was handed over: its Message-ID and its reader."""
        return self._letters.read_text(encoding="utf-8").splitlines() if self._letters.exists() else []

    def wait(self, letters: int, seconds: float = 300) -> None:
        """Until so many letters have left."""
        until = time.monotonic() + seconds
        while len(self.answers()) < letters:
            assert time.monotonic() < until, f"{len(self.answers())} of {letters} letters in {seconds} s"
            time.sleep(0.01)


@contextmanager
def site(*, shared: bool) -> Iterator[Site]:
    """All that daemons need; `shared` by PostgreSQL. The daemons are killed at the end."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="zlcp-nodes-")))
        box = opened.enter_context(dovecot())
        letters = folder / "sink.log"
        config = write_config(folder, box, opened.enter_context(sink(letters)))
        database = opened.enter_context(postgres()) if shared else None
        if database is not None:
            config.write_text(config.read_text(encoding="utf-8").replace(f"sqlite:///{folder}/zlcp.db", database.url), encoding="utf-8")
        here = Site(folder, box, config, letters, database)
        try:
            yield here
        finally:
            for node in here.nodes:
                node.end()


def each_answered_once(here: Site, mails: int, folder: Path, deaths: int = 0) -> None:
    """Every mail has one record and one letter; a letter can be repeated once for each death, with its own Message-ID."""
    lines = register(here.config, folder)
    assert [line["number"] for line in lines] == [f"ZLCP-2024-{n:04d}" for n in range(1, mails + 1)]
    assert [line["unit_name"] for line in lines] == [f"中国第{n:04d}号示例行业协会" for n in range(mails)], "the order of arrival"
    assert {line["version"] for line in lines} == {1}
    answers = [line.split() for line in here.answers()]
    assert len({to for _, to in answers}) == len({message_id for message_id, _ in answers}) == mails
    assert sum(times - 1 for times in Counter(map(tuple, answers)).values()) <= deaths
