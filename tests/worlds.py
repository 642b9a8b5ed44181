"""A world for tests: the real store and files in a folder, a fake mailbox and sender, a clock that a test sets, and the real reader, in this process."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

from daemon.documents.jail import InProcess
from daemon.documents.reader import Limits, Read
from daemon.settings import Settings
from daemon.world import World, load_notice
from rules.notice import Notice
from storage.files import Files
from storage.store import Store
from tests.fakes import FakeMailbox, FakeSender

MORNING = datetime(2024, 9, 10, 1, 12, 33, tzinfo=UTC)
US = "zlcp@ppac.org.cn"


@dataclass
class Clock:
    """Goes on by a second with each look."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@cache
def zlcp() -> Notice:
    return load_notice("zlcp-2024")


@cache
def _read(raw: bytes) -> Read:
    return InProcess(zlcp(), Limits()).read(raw)


class Reader:
    """The real reader, which reads the same bytes once in a test run. `breaks_on` raises on mails that hold these bytes."""

    def __init__(self) -> None:
        self.breaks_on: bytes | None = None

    def read(self, raw: bytes) -> Read:
        if self.breaks_on is not None and self.breaks_on in raw:
            raise ValueError("a bug that this mail brings out")
        return _read(raw)

    def close(self) -> None:
        pass


def settings(folder: Path, **changes: dict) -> Settings:
    """Settings that name this folder; `changes` are sections laid over them."""
    base = {
        "mailbox": {"host": "localhost", "security": "plain", "username": US},
        "outgoing": {"host": "localhost", "security": "plain", "sender": f"中国专利保护协会 <{US}>", "pause_seconds": 0},
        "storage": {"database": f"sqlite:///{folder / 'zlcp.db'}", "files": str(folder / "files")},
        "digest": {"recipients": ["staff@ppac.example"]},
    }
    return Settings.model_validate({name: base.get(name, {}) | changes.get(name, {}) for name in base | changes})


@dataclass
class Outside:
    """What outlives a crash of the program: the mail servers, the clock, and the folder on disk."""

    folder: Path
    mailbox: FakeMailbox = field(default_factory=FakeMailbox)
    sender: FakeSender = field(default_factory=FakeSender)
    clock: Clock = field(default_factory=Clock)
    reader: Reader = field(default_factory=Reader)
    stores: list[Store] = field(default_factory=list)

    def world(self, **changes: dict) -> World:
        """Start the program anew on what is there."""
        given = settings(self.folder, **changes)
        store = Store.open(given.storage.database)
        self.stores.append(store)
        return World(given, zlcp(), store, Files(given.storage.files), self.mailbox, self.sender, self.reader, self.clock)

    def close(self) -> None:
        """Close every database connection, as the end of a process does."""
        while self.stores:
            self.stores.pop().close()

    def subjects(self) -> list[str]:
        """The subjects of what was delivered."""
        return [str(message_from_bytes(each.mime, policy=policy.default)["Subject"]) for each in self.sender.deliveries]
