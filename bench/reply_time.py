"""Seconds from a mail's arrival to its reply at the mail server: python -m bench.reply_time [MAILS]

The daemon runs beside a real Dovecot and a counting mail server; a mail at a time is put into the mailbox, and the time until the mail server has
the letter is taken. With IDLE, and without it at a poll every two seconds. Dovecot itself waits half a second before it pushes what is new, so a
second client listens too, and the time from the server's push to the letter is shown beside the whole. The third row is of a server that pushes at
once: pymap, the demo's.
"""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from smtplib import SMTP
from statistics import median
from tempfile import TemporaryDirectory
from typing import Protocol

from imapclient import IMAPClient

from bench.intake import ROOT, applications, sink, write_config
from daemon.demo.servers import PASSWORD, demo_servers
from daemon.world import clock
from tests.live.dovecot import Dovecot, dovecot

POLL = 2.0


class Box(Protocol):
    """A mailbox on a server of this machine."""

    port: int
    user: str
    password: str

    def deliver(self, raw: bytes) -> None:
        """A mail arrives."""


@dataclass
class PymapBox:
    """A mailbox of the demo's server, which takes mails by SMTP."""

    port: int
    smtp_port: int
    user: str = "zlcp@ppac.org.cn"
    password: str = PASSWORD

    def deliver(self, raw: bytes) -> None:
        with SMTP("127.0.0.1", self.smtp_port) as door:
            door.sendmail("office@unit.example", [self.user], raw)


@contextmanager
def pymap() -> Iterator[PymapBox]:
    with demo_servers(PymapBox.user, clock) as servers:
        yield PymapBox(servers.imap_port, servers.smtp_port)


@contextmanager
def daemon(config: Path) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", "daemon", "run", "--config", str(config)], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if json.loads(line)["event"] == "daemon_ready":
                break
        with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
            drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=nowhere)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            drain.wait(5)


@contextmanager
def listener(server: Dovecot) -> Iterator[list[float]]:
    """When the server pushes that a mail came."""
    pushed: list[float] = []
    over = threading.Event()
    client = IMAPClient("127.0.0.1", server.port, ssl=False)
    client.login(server.user, server.password)
    client.select_folder("INBOX")
    client.idle()

    def listen() -> None:
        while not over.is_set():
            if any(b"EXISTS" in answer for answer in client.idle_check(timeout=0.2)):
                pushed.append(time.perf_counter())

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield pushed
    finally:
        over.set()
        thread.join()
        client.shutdown()


def times(mails: list[bytes], where: AbstractContextManager[Box], *, idle: bool) -> list[tuple[float, float]]:
    """Seconds from the arrival to the letter, and from the server's push to it, mail by mail."""
    found = []
    with TemporaryDirectory(prefix="zlcp-reply-") as name, where as server:
        log = Path(name) / "sink.log"
        with sink(log) as port:
            config = write_config(Path(name), server, port)
            text = config.read_text(encoding="utf-8").replace("[outgoing]", f"idle = {str(idle).lower()}\npoll_seconds = {60 if idle else POLL}\n[outgoing]")
            config.write_text(text, encoding="utf-8")
            with daemon(config), listener(server) if isinstance(server, Dovecot) else nullcontext([]) as pushed:
                for n, raw in enumerate(mails):
                    time.sleep(random.uniform(0.8, 0.8 + POLL))
                    arrived = time.perf_counter()
                    server.deliver(raw)
                    if isinstance(server, PymapBox):
                        pushed.append(arrived)
                    while log.read_text(encoding="utf-8").count("\n") <= n:
                        time.sleep(0.002)
                    replied = time.perf_counter()
                    while len(pushed) <= n:
                        time.sleep(0.01)
                    found.append((replied - arrived, replied - pushed[n]))
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    mails = applications(count + 1)
    print("| | median s | fastest | slowest | after the push, median s | mails |\n|---|---|---|---|---|---|")
    ways = (("with IDLE, Dovecot", dovecot(), True), (f"polling every {POLL:.0f} s, Dovecot", dovecot(), False), ("with IDLE, pymap", pymap(), True))
    for name, where, idle in ways:
        whole, after = zip(*times(mails, where, idle=idle)[1:], strict=True)  # the first starts the jail's child
        print(f"| {name} | {median(whole):.3f} | {min(whole):.3f} | {max(whole):.3f} | {median(after):.3f} | {len(whole)} |", flush=True)


if __name__ == "__main__":
    main()
