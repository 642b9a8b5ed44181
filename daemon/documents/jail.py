"""The jail: mails are read in child processes with limits of memory, CPU and wall time and no network; a file that kills its reader costs only itself.

A child is never believed blindly: what it answers is validated as plain data.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import structlog

from daemon.documents.child import Child, Death, JailUnusable, start, sweep
from daemon.documents.convert import State, convert
from daemon.documents.reader import Aids, Limits, Read, read_file, read_mail
from rules.notice import Notice
from rules.submission import Status

__all__ = ["ChildDied", "InProcess", "Jail", "JailUnusable", "isolation_state"]

log = structlog.get_logger()

COMMAND = (sys.executable, "-P", "-m", "daemon.documents.inmate")
IDLE_SECONDS = 60.0  # a child without work ends by itself
DEATHS_MOST = 4  # of children, over one mail


class ChildDied(Exception):  # noqa: N818 - reads as what happened
    """A mail killed its reader and no single file of it is to blame, or too many are."""


class InProcess:
    """The same reading in this process, without any limit of memory or time: for tests."""

    def __init__(self, notice: Notice, limits: Limits) -> None:
        self._notice, self._limits, self._aids = notice, limits, Aids(convert)

    def read(self, raw: bytes) -> Read:
        """Read one mail."""
        return read_mail(raw, self._notice, self._limits, self._aids)

    def read_file(self, name: str, data: bytes) -> Read:
        """Read a file that came without a mail."""
        return read_file(name, data, self._notice, self._limits, self._aids)

    def close(self) -> None:
        """Nothing to end."""


class Jail:
    """At most `workers` children, started when they are needed, kept for the next mail. Any thread may use it.

    Args:
        seconds: wall and CPU time for one file; also for the letter itself.
        memory_mb: address space of one child.
        idle: seconds without work after which a child ends.
        command: what starts a child.
    """

    def __init__(  # noqa: PLR0913 - settings, by name
        self,
        notice_text: str,
        limits: Limits,
        *,
        workers: int | None = None,
        seconds: float = 60,
        memory_mb: int = 1500,
        idle: float = IDLE_SECONDS,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._setup = json.dumps(
            {"notice": notice_text, "limits": asdict(limits), "seconds": seconds, "memory": memory_mb * 1024 * 1024, "idle": idle}
        ).encode()
        self._seconds, self._limits, self._command = seconds, limits, command
        self._workers = workers or os.cpu_count() or 1
        self._places = threading.Semaphore(self._workers)
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        sweep()
        # The kernel ends a child when the *thread* that started it ends: so one thread, as old as the jail, starts them all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="jail")

    def read(self, raw: bytes) -> Read:
        """Read one mail, whatever its bytes.

        Raises:
            ChildDied: reading it killed child after child; the jail itself is as good as before.
            JailUnusable: it was not read, and may be tried again as if nothing had happened.
        """
        return self._read(None, raw)

    def read_file(self, name: str, data: bytes) -> Read:
        """Read a file that came without a mail.

        Raises:
            ChildDied, JailUnusable: as for a mail.
        """
        return self._read(name, data)

    def warm(self) -> None:
        """Start every child ahead of the first mail."""
        for _ in range(self._workers - len(self._idle)):
            child = self._start()
            with self._lock:
                self._idle.append(child)

    def close(self) -> None:
        """End the children."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()
        self._starter.shutdown()

    def _read(self, name: str | None, data: bytes) -> Read:
        blame: dict[str, Status] = {}
        forgiven: set[str] = set()
        with self._places:
            for _ in range(DEATHS_MOST):
                outcome = self._ask(name, data, blame)
                if isinstance(outcome, Read):
                    return outcome
                log.warning("reader_died", how=outcome.how, file=outcome.file[:12])
                if outcome.from_outside and outcome.file not in forgiven:
                    forgiven.add(outcome.file)
                elif outcome.file:
                    blame[outcome.file] = outcome.status
                else:
                    raise ChildDied(f"the letter itself ended its reader: {outcome.how}")
        raise ChildDied(f"{DEATHS_MOST} readers ended")

    def _ask(self, name: str | None, data: bytes, blame: Mapping[str, Status]) -> Read | Death:
        """One attempt. A child that ended before it came to the mail, as one does that had no work for long, is no attempt."""
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            child = kept or self._start()
            outcome: Read | Death | None = None
            try:
                outcome = child.ask(name, data, blame, self._seconds, self._limits)
            finally:
                if isinstance(outcome, Read):
                    with self._lock:
                        self._idle.append(child)
                else:
                    child.end()
            if isinstance(outcome, Read) or outcome.begun:
                return outcome
            if kept is None:
                raise JailUnusable(f"a child process ended before its first mail: {outcome.how}")

    def _start(self) -> "Child":
        return self._starter.submit(start, self._command, self._setup).result()


def isolation_state() -> State:
    """Start a child and hear how well it is shut in."""
    try:
        child = start(COMMAND, json.dumps({"memory": 1 << 30}).encode())
    except JailUnusable as error:
        return State(ready=False, text=f"{error}; mails cannot be read")
    child.end()
    if child.network:
        return State(ready=True, text="mails are read in a child process with limits, but it can reach the network: allow user namespaces")
    return State(ready=True, text="mails are read in a child process with limits and without network")
