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
from tests.live.dovecot import Dovecot, dovecot
from tests.live.postgres import Postgres, postgres


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
