"""World: everything the three steps touch, in one value, so that a test can replace any of it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files as package_files
from pathlib import Path
from typing import Protocol

from daemon.documents.child import JailUnusable
from daemon.documents.reader import Limits, Read
from daemon.mail.errors import MailError
from daemon.mail.mailbox import Fetched, FolderView
from daemon.settings import ConfigError, Settings
from rules.notice import Notice
from rules.notice_file import NoticeError, read_notice
from storage.errors import StorageError
from storage.files import Files
from storage.store import Store

# The outside world failing: an error of the door it came through. It ends the round, and the next one tries again.
OUTSIDE = (MailError, StorageError, JailUnusable)


class MailboxDoor(Protocol):
    """What the steps ask of a mailbox: daemon/mail/mailbox.py, or the fake in tests/fakes.py."""

    def select(self, folder: str = "") -> FolderView:
        """Select a folder anew; "" for that of the config."""

    def new_uids(self, after: int) -> list[int]:
        """UIDs above this one, ascending."""

    def fetch(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """The mails with these UIDs that are still there."""

    def mark_seen(self, uids: Sequence[int]) -> bool:
        """Courtesy: mark as read."""

    def move(self, uids: Sequence[int], folder: str) -> bool:
        """Courtesy: move to another folder."""

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Sleep until the server pushes something, the time is over, or stop is set."""

    def close(self) -> None:
        """Log out."""


class SenderDoor(Protocol):
    """What the steps ask of a mail server that takes letters: daemon/mail/smtp.py, or the fake."""

    def send(self, to: Sequence[str], mime: bytes) -> None:
        """Hand over one mail."""

    def close(self) -> None:
        """End the session."""


class ReaderDoor(Protocol):
    """What reads a raw mail: the jail, or the same code in this process."""

    def read(self, raw: bytes) -> Read:
        """Read one mail, whatever its bytes."""

    def close(self) -> None:
        """End the child processes."""


@dataclass(slots=True)
class Vitals:
    """How the daemon is doing, as its own digest reports it. Counts and times only."""

    round_at: datetime | None = None
    in_mailbox: int | None = None
    trouble: str = ""
    expected_at: datetime | None = None  # by when the watch shows its next sign of life (daemon/health.py)
    junk_trouble: str = ""  # why the junk folder cannot be read
    sent_at: dict[int, datetime] = field(default_factory=dict)  # letters that the mail server has taken, as long as that is not written down
    withheld: dict[tuple[str, int], int] = field(default_factory=dict)  # folder and UID -> rounds in which the server did not hand it out


@dataclass(frozen=True, slots=True)
class World:
    """The outside world. Its parts are opened once and used by one thread each, but for store, files and reader, which any thread may use."""

    settings: Settings
    notice: Notice
    store: Store
    files: Files
    mailbox: MailboxDoor
    sender: SenderDoor
    reader: ReaderDoor
    now: Callable[[], datetime]
    stop: threading.Event = field(default_factory=threading.Event)
    vitals: Vitals = field(default_factory=Vitals)


def clock() -> datetime:
    """Now, aware UTC: the one place that asks the machine."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


def notice_text(name: str) -> str:
    """The text of a notice: one that ships with the program, else the file at that path.

    Raises:
        ConfigError: there is none, or it cannot be read.
    """
    shipped = package_files("rules") / "notices" / f"{name}.toml"
    try:
        if "/" not in name and shipped.is_file():
            return shipped.read_text(encoding="utf-8")
        return Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"notice.file must be a notice that ships with the program (zlcp-2024) or the path of a TOML file; {name}: {error}") from error


def load_notice(name: str) -> Notice:
    """Read and check a notice.

    Raises:
        ConfigError: one line with every fault.
    """
    try:
        return read_notice(notice_text(name))
    except NoticeError as error:
        raise ConfigError(f"notice {name}: {error}") from error


def limits_of(settings: Settings) -> Limits:
    """The limits of one mail, in bytes."""
    given, mega = settings.limits, 1024 * 1024
    return Limits(
        mail_bytes=given.mail_mb * mega,
        file_bytes=given.file_mb * mega,
        total_bytes=given.total_mb * mega,
        files=given.files,
        depth=given.depth,
        mails=given.mails,
        ratio=given.ratio,
    )


@contextmanager
def real_world(settings: Settings) -> Iterator[World]:
    """Open everything that the config names, and close it again. Mail servers are reached when they are first used.

    Raises:
        ConfigError: the notice is wrong.
        StorageError: the database or the files cannot be used.
    """
    from daemon.documents.jail import Jail  # noqa: PLC0415 - not needed by `zlcp register` and the like
    from daemon.mail.mailbox import Mailbox  # noqa: PLC0415
    from daemon.mail.smtp import Sender  # noqa: PLC0415

    notice = load_notice(settings.notice.file)
    store = Store.open(settings.storage.database)
    jail = Jail(notice_text(settings.notice.file), limits_of(settings), seconds=settings.limits.seconds, memory_mb=settings.limits.memory_mb)
    mailbox, sender = Mailbox(settings.mailbox), Sender(settings.outgoing)
    try:
        yield World(settings, notice, store, Files(settings.storage.files), mailbox, sender, jail, clock)
    finally:
        mailbox.close()
        sender.close()
        jail.close()
        store.close()
