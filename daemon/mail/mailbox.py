"""The mailbox over IMAP (RFC 3501): what is there, each mail's bytes and arrival, and a hint when something new came.

It depends on little, since servers differ: a fresh SELECT at each poll, plain UID SEARCH, BODY.PEEK[]; ID (RFC 2971), IDLE (RFC 2177) and
MOVE (RFC 6851) only where offered. Nothing is ever deleted, and nothing in a mail is looked at. Not for several threads at once.
"""

import imaplib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from daemon.mail.connection import Server, check_plain, tls_context
from daemon.mail.errors import FolderMissing, MailError, ServerSaid, TimedOut, Unreachable, Withheld
from daemon.mail.idle import idle
from daemon.mail.imap_listing import search, uids_above
from daemon.mail.imap_login import log_in
from daemon.mail.imap_refusals import folder_refusal, trouble

if TYPE_CHECKING:
    from imapclient import IMAPClient

BATCH_MAILS = 100
BATCH_BYTES = 8 * 1024 * 1024  # a mail above this is fetched alone
DEADLY = 5  # times that a connection may be lost over one and the same mail before that is called the mail's fault
BREATH = 0.3  # seconds between a poll and the next at the least: some servers are of two minds about what they hold

# What imapclient lets through where an answer is not what it expects. imaplib's "abort" (connection lost) is an "error", too.
_STRANGE = (imaplib.IMAP4.error, ValueError, TypeError, LookupError, AttributeError, AssertionError, MemoryError)

logging.getLogger("imapclient").setLevel(logging.CRITICAL)  # it repeats what servers say, addresses and all


class Config(Server, Protocol):
    """The keys of [mailbox] that are used here."""

    @property
    def folder(self) -> str:
        """The folder's name as people write it."""

    @property
    def idle(self) -> bool:
        """Whether to let the server push."""


@dataclass(frozen=True, slots=True)
class FolderView:
    """The folder at one SELECT; `exists`: how many mails it holds."""

    uidvalidity: int
    exists: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as the server holds it; `received_at`: INTERNALDATE, aware UTC."""

    uid: int
    raw: bytes
    received_at: datetime


class Mailbox:
    """One mailbox, one folder of it at a time. The connection is made when it is needed, and kept between polls.

    Every method but `wait`, `close` and the courtesies may raise a MailError; but for FolderMissing no connection is kept after one, `select` makes
    it anew.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._name = f"IMAP server {config.host}:{config.port}"
        self._client: IMAPClient | None = None
        self._folder = config.folder  # the one that is selected, or shall be
        self._seen = FolderView(0, 0)  # of that folder
        self._home = self._seen  # of config.folder: `wait` is about no other
        self._most = BATCH_MAILS  # mails that are asked for together
        self._breaks: dict[tuple[str, int], int] = {}  # folder and UID -> how often the connection was lost over this one mail

    def open(self) -> None:
        """Connect and log in, unless that is done already."""
        if self._client is None:
            check_plain(self._config, self._name, "mailbox")
            with self._door():
                self._client = self._connect()
                log_in(self._client, self._config, self._name)

    def select(self, folder: str = "") -> FolderView:
        """Select a folder anew ("": that of the config): only that makes every server show what came since. Connects where needed."""
        self._folder = folder or self._config.folder
        try:
            self._seen = self._view()
        except (Unreachable, TimedOut):  # never connected, or gone stale since the last poll
            self.open()
            self._seen = self._view()
        if self._folder == self._config.folder:
            self._home = self._seen
        return self._seen

    def new_uids(self, after: int) -> list[int]:
        """UIDs above this one, ascending, of the folder as `select` showed it."""
        if not self._seen.exists:
            return []
        with self._door():
            uids = uids_above(self._live(), after, self._seen.exists)
            if not uids:
                raise ServerSaid(f"{self._name} says that it holds {self._seen.exists} mails but lists none")
        return sorted({uid for uid in uids if uid > after})

    def fetch(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """The mails with these UIDs, ascending, a few MB at a time; one that is gone meanwhile is not among them.

        Raises:
            Withheld: when its turn comes, for a mail that is there but is not handed out, or that ends the connection each time it is asked for;
                ask for those after it by another call.
        """
        for batch in self._batches(sorted(set(uids))):
            mails = self._all_or_fewer(batch)
            for uid in batch:
                mail = mails.pop(uid, None) or self._alone(uid)
                if mail is not None:
                    yield mail

    def mark_seen(self, uids: Sequence[int]) -> bool:
        """Courtesy: mark as read. False where the server would not."""
        return self._courtesy(uids, lambda client, some: client.add_flags(some, [rb"\Seen"], silent=True))

    def move(self, uids: Sequence[int], folder: str) -> bool:
        """Courtesy: move to another folder, where the server has MOVE. False where it would not; nothing is ever deleted."""
        return self._courtesy(uids, lambda client, some: client.move(some, folder))

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Sleep until the server pushes a change, the time is over, or `stop` is set (seen within a second).

        IDLE is only a hint: some servers announce it and never push. Where it cannot be had, this is a plain sleep.

        Returns:
            True where the folder has changed since `select`, so that a poll is worth while.
        """
        end, client = time.monotonic() + seconds, self._client
        try:
            if client and self._config.idle and client.has_capability("IDLE"):
                self._folder = self._config.folder
                if self._view() != self._home:  # came since the last poll: IDLE would be silent about it
                    stop.wait(BREATH)
                    return True
                if idle(client, end, stop):
                    return True
        except (MailError, OSError, *_STRANGE):
            self._drop()
        if stop.is_set():
            self._drop()  # without farewell: a dead server must not delay the end
        stop.wait(max(0.0, end - time.monotonic()))
        return False

    def close(self) -> None:
        """Log out, if there is a connection."""
        if self._client is not None:
            with suppress(OSError, *_STRANGE):
                self._client.socket().settimeout(2)
                self._client.logout()
        self._drop()

    @contextmanager
    def _door(self) -> Iterator[None]:
        """Let nothing but a MailError out, and keep no connection after one: what state it is in would be a guess."""
        try:
            yield
        except FolderMissing:  # a name in the config: no reason to log in anew each time
            raise
        except MailError:
            self._drop()
            raise
        except (OSError, *_STRANGE) as error:
            self._drop()
            raise trouble(self._name, error) from error

    def _live(self) -> "IMAPClient":
        if self._client is None:
            raise Unreachable(f"there is no connection to {self._name}")
        return self._client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError):
                client.shutdown()

    def _connect(self) -> "IMAPClient":
        from imapclient import IMAPClient  # noqa: PLC0415 - a tenth of a second, and most commands need no mailbox

        config, tls = self._config, self._config.security == "tls"
        context = tls_context(config, "mailbox") if tls else None
        client = IMAPClient(config.host, config.port, ssl=tls, ssl_context=context, timeout=config.timeout_seconds)
        client.normalise_times = False
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # it sends a command in two pieces
        client._imap.debug = 0  # noqa: SLF001 - else each mail is formatted for a log that nobody reads: 1.3 s for 50 MB, not 0.2
        return client

    def _view(self) -> FolderView:
        with self._door():
            client, folder = self._live(), self._folder
            try:
                answer = client.select_folder(folder)
            except imaplib.IMAP4.readonly:
                answer = client.select_folder(folder, readonly=True)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                key = "folder" if folder == self._config.folder else "junk_folder"
                raise folder_refusal(self._name, folder, key, str(error), lambda: client.folder_exists(folder)) from error
            return FolderView(uidvalidity=answer.get(b"UIDVALIDITY", 0), exists=answer[b"EXISTS"])

    def _batches(self, uids: list[int]) -> Iterator[list[int]]:
        """Those that are still there, in groups of a few MB."""
        for start in range(0, len(uids), BATCH_MAILS):
            batch: list[int] = []
            total = 0
            for uid, size in self._sizes(uids[start : start + BATCH_MAILS]).items():
                if batch and (total + size > BATCH_BYTES or len(batch) >= self._most):
                    yield batch
                    batch, total = [], 0
                batch.append(uid)
                total += size
            if batch:
                yield batch

    def _sizes(self, uids: list[int]) -> dict[int, int]:
        """UID -> bytes, ascending, of those that are still there; 0 where the server lists a mail and says nothing more of it."""
        with self._door():
            client = self._live()
            answers = client.fetch(uids, ["RFC822.SIZE"])
            sizes = {uid: int(answers[uid][b"RFC822.SIZE"]) for uid in uids if b"RFC822.SIZE" in answers.get(uid, {})}
            silent = set(uids) - sizes.keys()
            if silent:
                sizes |= dict.fromkeys(silent.intersection(search(client, f"UID {min(silent)}:*")), 0)
            return dict(sorted(sizes.items()))

    def _all_or_fewer(self, uids: list[int]) -> dict[int, Fetched]:
        """These mails; where the connection is lost over them, the next try begins with a single one: a line that breaks has less to carry."""
        most, self._most = self._most, 1
        try:
            mails = self._bodies(uids)
        except (Unreachable, TimedOut) as error:
            if len(uids) > 1:
                raise
            which = self._folder, uids[0]
            self._breaks[which] = self._breaks.get(which, 0) + 1
            if self._breaks[which] < DEADLY:
                raise
            raise Withheld(f"{error}; each time the mail with UID {uids[0]} was asked for: look at it in the web mail", uid=uids[0]) from error
        self._most = min(2 * most, BATCH_MAILS)
        for uid in mails:
            self._breaks.pop((self._folder, uid), None)
        return mails

    def _bodies(self, uids: list[int]) -> dict[int, Fetched]:
        with self._door():
            try:
                answers = self._live().fetch(uids, ["RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[]"])
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                return {}  # some servers refuse all for the sake of one: each is asked for alone
            mails = (_fetched(uid, answer) for uid, answer in answers.items())
            return {mail.uid: mail for mail in mails if mail is not None}

    def _alone(self, uid: int) -> Fetched | None:
        mail = self._bodies([uid]).get(uid)
        if mail is None and self._sizes([uid]):
            raise Withheld(f"{self._name} lists the mail with UID {uid} but does not hand it out; look at it in the web mail", uid=uid)
        return mail

    def _courtesy(self, uids: Sequence[int], act: "Callable[[IMAPClient, list[int]], object]") -> bool:
        ascending = sorted(set(uids))
        with suppress(MailError), self._door():
            try:
                for start in range(0, len(ascending), BATCH_MAILS):
                    act(self._live(), ascending[start : start + BATCH_MAILS])
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:  # refused, or not offered: the connection is as good as before
                return False
            return True
        return False


def _fetched(uid: int, answer: dict[bytes, object]) -> Fetched | None:
    """The mail, if the answer holds one: "" for a mail that has a size is none."""
    raw, received_at = answer.get(b"BODY[]"), answer.get(b"INTERNALDATE")
    if isinstance(raw, bytes) and isinstance(received_at, datetime) and (raw or not answer.get(b"RFC822.SIZE")):
        return Fetched(uid, raw, received_at.astimezone(UTC))
    return None
