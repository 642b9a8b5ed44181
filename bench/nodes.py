"""Several daemons on one mailbox and one PostgreSQL: python -m bench.nodes [MAILS] [DEATHS]

First mails a second: MAILS applications wait in a fresh Dovecot; N processes of `zlcp run --once` start at once, timed until the last has ended; each
mail must be answered once. Then the take-over: two daemons watch a mailbox, one is killed with `kill -9`, a mail arrives at that instant, and the time
until its letter is at the mail server is taken; the dead one is started again for the next turn.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.intake import ROOT, applications, sink, write_config
from tests.live.dovecot import dovecot
from tests.live.postgres import postgres


def rate(mails: list[bytes], processes: int, *, on_postgres: bool) -> float:
    """Mails a second."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="zlcp-nodes-")))
        server = opened.enter_context(dovecot())
        log = folder / "sink.log"
        config = write_config(folder, server, opened.enter_context(sink(log)))
        if on_postgres:
            _use(config, folder, opened.enter_context(postgres()).url)
        for raw in mails:
            server.deliver(raw)
        command = [sys.executable, "-m", "daemon", "run", "--once", "--config", str(config)]
        started = time.perf_counter()
        nodes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(processes)]
        codes = [node.wait(300) for node in nodes]
        seconds = time.perf_counter() - started
        sent = log.read_text(encoding="utf-8").splitlines()
        assert codes == [0] * processes
        assert len(sent) == len(set(sent)) == len(mails), "each must be answered once"
    return len(mails) / seconds


def take_over(mails: list[bytes]) -> list[float]:
    """Seconds from a node's death to the letter that the other one sends."""
    found = []
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="zlcp-nodes-")))
        server = opened.enter_context(dovecot())
        log = folder / "sink.log"
        config = write_config(folder, server, opened.enter_context(sink(log)))
        _use(config, folder, opened.enter_context(postgres()).url)
        command = [sys.executable, "-m", "daemon", "run", "--config", str(config)]

        def node() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)

        nodes = [node(), node()]
        try:
            for n, raw in enumerate(mails):
                time.sleep(4)
                dying = nodes.pop(0)
                os.killpg(dying.pid, signal.SIGKILL)
                dead = time.perf_counter()
                server.deliver(raw)
                while not log.exists() or log.read_text(encoding="utf-8").count("\n") <= n:
                    time.sleep(0.01)
                found.append(time.perf_counter() - dead)
                dying.wait()
                nodes.append(node())
        finally:
            for each in nodes:
                os.killpg(each.pid, signal.SIGKILL)
                each.wait()
    return found


def _use(config: Path, folder: Path, url: str) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace(f"sqlite:///{folder}/zlcp.db", url), encoding="utf-8")


def main() -> None:
    count, deaths = (int(value) for value in (*sys.argv[1:], *("200", "8")[len(sys.argv) - 1 :]))
    mails = applications(count)
    print("| database | processes | mails/s |\n|---|---|---|")
    for name, processes in (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2), ("PostgreSQL", 4)):
        print(f"| {name} | {processes} | {rate(mails, processes, on_postgres=name == 'PostgreSQL'):.1f} |", flush=True)
    taken = take_over(mails[:deaths])
    print(f"take-over: median {median(taken):.2f} s, {min(taken):.2f} to {max(taken):.2f}, {len(taken)} deaths")


if __name__ == "__main__":
    main()
