"""Working fakes of the two mail servers: the doors of daemon/mail/mailbox.py and smtp.py in memory, with faults on demand."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from daemon.mail.errors import FolderMissing, MailError, SendTemporary
from daemon.mail.mailbox import Fetched, FolderView

ARRIVED = datetime(2024, 9, 10, 1, 12, 33, tzinfo=UTC)


class Faults:
    """Errors that wait for their call: the next one, or the n-th from now."""

    def __init__(self) -> None:
        self._planned: dict[int, MailError] = {}
        self.calls = 0

    def plan(self, error: MailError, call: int = 1) -> None:
        """Let the `call`-th call from now fail (1: the next)."""
        self._planned[self.calls + call] = error

    def meet(self) -> None:
        """Count a call, and fail if that is planned."""
        self.calls += 1
        if self.calls in self._planned:
            raise self._planned.pop(self.calls)


class FakeMailbox:
    """A folder in memory. `faults.plan(error)` lets the next call of select, new_uids or fetch fail; a fetch counts each mail as one, too."""

    def __init__(self, uidvalidity: int = 1) -> None:
        self.uidvalidity = uidvalidity
        self.mails: dict[int, Fetched] = {}
        self.seen: set[int] = set()
        self.moved: dict[int, str] = {}
        self.faults = Faults()
        self.refuses_courtesies = False
        self.closed = False
        self.folders: dict[str, FakeMailbox] = {}  # others, by name
        self._selected = self
        self._next_uid = 1
        self._pushed = threading.Event()

    # What a test does to it

    def append(self, raw: bytes, received_at: datetime = ARRIVED) -> int:
        """A mail arrives; returns its UID."""
        uid = self._next_uid
        self._next_uid += 1
        self.mails[uid] = Fetched(uid, raw, received_at.astimezone(UTC))
        self._pushed.set()
        return uid

    def expunge(self, uid: int) -> None:
        """Somebody deletes a mail."""
        del self.mails[uid]

    def renumber(self) -> None:
        """The server is rebuilt: another UIDVALIDITY, and UIDs from 1."""
        self.uidvalidity += 1
        mails = [self.mails[uid] for uid in sorted(self.mails)]
        self.mails = {uid: Fetched(uid, mail.raw, mail.received_at) for uid, mail in enumerate(mails, 1)}
        self._next_uid = len(self.mails) + 1

    def move_here(self, uid: int, source: "FakeMailbox") -> int:
        """Somebody moves a mail from another folder into this one; its arrival stays (RFC 3501, 6.4.7)."""
        mail = source.mails.pop(uid)
        return self.append(mail.raw, mail.received_at)

    # The door

    def open(self) -> None:
        self.faults.meet()

    def select(self, folder: str = "") -> FolderView:
        self.faults.meet()
        if not folder:
            self._pushed.clear()
        if folder and folder not in self.folders:
            raise FolderMissing(f"there is no folder {folder}")
        self._selected = self.folders[folder] if folder else self
        return FolderView(self._selected.uidvalidity, len(self._selected.mails))

    def new_uids(self, after: int) -> list[int]:
        self.faults.meet()
        return sorted(uid for uid in self._selected.mails if uid > after)

    def fetch(self, uids: Sequence[int]) -> Iterator[Fetched]:
        for uid in sorted(set(uids)):
            self.faults.meet()
            if uid in self._selected.mails:
                yield self._selected.mails[uid]

    def mark_seen(self, uids: Sequence[int]) -> bool:
        if not self.refuses_courtesies:
            self.seen.update(uids)
        return not self.refuses_courtesies

    def move(self, uids: Sequence[int], folder: str) -> bool:
        if self.refuses_courtesies:
            return False
        for uid in uids:
            if self.mails.pop(uid, None):
                self.moved[uid] = folder
        return True

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        end = time.monotonic() + seconds
        while not stop.is_set() and time.monotonic() < end:
            if self._pushed.wait(0.005):
                return True
        return False

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail that was handed over."""

    to: tuple[str, ...]
    mime: bytes


class FakeSender:
    """A mail server that takes everything, but for the faults planned (`faults`: by call, `refuse`: by address)."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.faults = Faults()
        self.closed = False
        self._refused: dict[str, MailError] = {}
        self._silent = 0

    # What a test does to it

    def refuse(self, address: str, error: MailError) -> None:
        """Refuse every mail to this address."""
        self._refused[address] = error

    def accept(self, address: str) -> None:
        """Take mail to this address again."""
        self._refused.pop(address, None)

    def lose_answer(self, mails: int = 1) -> None:
        """Take the next mails, but break the connection before saying so."""
        self._silent += mails

    @property
    def unanswered(self) -> int:
        """How many of the next mails will be taken without saying so."""
        return self._silent

    # The door

    def open(self) -> None:
        self.faults.meet()

    def send(self, to: Sequence[str], mime: bytes) -> None:
        self.faults.meet()
        for address in to:
            if address in self._refused:
                raise self._refused[address]
        self.deliveries.append(Delivery(tuple(to), mime))
        if self._silent:
            self._silent -= 1
            raise SendTemporary("the answer was lost", uncertain=True)

    def close(self) -> None:
        self.closed = True
