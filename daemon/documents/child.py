"""One child process of the jail, seen from outside: how it is started, asked, and how its end is told. What it does is in inmate.py."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from daemon.documents import wire
from daemon.documents.reader import SECONDS, Limits, Read
from daemon.documents.wire import Wire, WireClosed
from rules.submission import Attachment, Letter, Status

START_SECONDS = 30.0
FOLDER = "zlcp-jail-"  # then the number of the process it belongs to
ANSWER_MOST = 256 * 1024 * 1024  # bytes of an answer without the files


class JailUnusable(Exception):  # noqa: N818 - reads as what happened
    """No child could be started, or it never came to the mail: the machine's fault, and no mail's."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a child ended: over which file (SHA-256, "" for the letter), and why.

    Attributes:
        code: as subprocess tells it; negative for a signal.
        late: we ended it, because it took too long.
        begun: it had begun to work on the mail.
    """

    file: str
    code: int
    late: bool
    begun: bool

    @property
    def how(self) -> str:
        """In a few English words, for the log and the staff's record."""
        if self.late:
            return "took too long"
        return signal.Signals(-self.code).name if self.code < 0 else f"exit code {self.code}"

    @property
    def from_outside(self) -> bool:
        """Somebody ended it: an operator, or a system short of memory. Not surely the file's doing."""
        return not self.late and self.code in {-signal.SIGKILL, -signal.SIGTERM}

    @property
    def status(self) -> Status:
        """Over a limit is refused; anything else may be a bug of ours, so a person looks."""
        return Status.REFUSED if self.late or self.code == -signal.SIGXCPU else Status.CONVERTED_FAILED


@dataclass(frozen=True, slots=True)
class _Head:
    """An answer without the files."""

    letter: Letter
    attachments: tuple[Attachment, ...]
    fingerprint: str


_HEAD = TypeAdapter(_Head)


class Child:
    """One inmate. Its temporary files lie in a folder of its own, which goes when it goes."""

    def __init__(self, command: Sequence[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-", ignore_cleanup_errors=True)
        package = str(Path(__file__).parents[2])
        # Nothing else of our environment: it may hold passwords.
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONPATH": package,
            "TMPDIR": self._folder.name,
            "HOME": self._folder.name,
        }
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, start_new_session=True, bufsize=0)  # noqa: S603 - our own words
        except OSError:
            self._folder.cleanup()
            raise
        self._pipes = [end for end in (self._process.stdout, self._process.stdin) if end is not None]
        self._wire = Wire(*(end.fileno() for end in self._pipes))
        self.network = True
        """Whether it can still reach a network."""

    def greet(self, setup: bytes) -> None:
        """Set it up.

        Raises:
            WireClosed: it ended instead.
            TimeoutError: it said nothing.
        """
        self._wire.send(wire.SETUP, setup, START_SECONDS)
        self.network = self._wire.receive(ANSWER_MOST, START_SECONDS)[1] != wire.SHUT_IN

    def ask(self, name: str | None, data: bytes, blame: Mapping[str, Status], seconds: float, limits: Limits) -> "Read | Death":
        """Have one mail or file read."""
        file, begun = "", False
        # The reader itself leaves files out after SECONDS; a child that goes on and on does not keep to that.
        end = time.monotonic() + SECONDS + 2 * seconds
        try:
            self._wire.send(wire.REQUEST, json.dumps({"name": name, "skip": blame}).encode(), START_SECONDS)
            self._wire.send(wire.DATA, data, START_SECONDS)
            kind, answer = self._wire.receive(ANSWER_MOST, START_SECONDS)
            while kind == wire.PROGRESS:
                file, begun = answer.decode("ascii", "replace"), True
                if time.monotonic() > end:
                    raise TimeoutError  # noqa: TRY301 - the same as one that the wire raises
                kind, answer = self._wire.receive(ANSWER_MOST, seconds)
            head, file = _HEAD.validate_json(answer), ""
            return Read(head.letter, head.attachments, self._contents(len(head.attachments), limits, seconds), head.fingerprint)
        except TimeoutError:
            return Death(file, 0, late=begun, begun=begun)
        except (WireClosed, ValidationError):
            return Death(file, self._code(), late=False, begun=begun)

    def _contents(self, count: int, limits: Limits, seconds: float) -> tuple[bytes, ...]:
        left = limits.mail_bytes * (limits.mails + 2) + limits.total_bytes
        contents = []
        for _ in range(count):
            _, content = self._wire.receive(left, seconds)
            left -= len(content)
            contents.append(content)
        return tuple(contents)

    def _code(self) -> int:
        """The exit code; of a child that talks nonsense and lives on, 1."""
        try:
            return self._process.wait(1)
        except subprocess.TimeoutExpired:
            return 1

    def end(self) -> None:
        """Kill it with all it started; nothing of value is in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in self._pipes:
            pipe.close()
        self._folder.cleanup()


def sweep() -> None:
    """Remove the folders that a killed daemon left: a form that was being converted may lie in them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*"):
        owner = folder.name.removeprefix(FOLDER).partition("-")[0]
        if owner.isascii() and owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def start(command: Sequence[str], setup: bytes) -> Child:
    """A child that is shut in and waits for its first mail.

    Raises:
        JailUnusable: there is none.
    """
    try:
        child = Child(command)
    except OSError as error:
        raise JailUnusable(f"no child process could be started: {error.strerror}") from error
    try:
        child.greet(setup)
    except (WireClosed, TimeoutError) as error:
        child.end()
        raise JailUnusable("a child process ended at its start") from error
    return child
