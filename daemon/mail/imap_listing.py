"""Which mails a folder holds (RFC 3501, 6.4.4), from servers that understand UID SEARCH, half of it, or nothing of it."""

import imaplib
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

PAGE = 100  # mails of one question by number


class Client(Protocol):
    """What is used of an IMAP connection (imapclient.IMAPClient)."""

    use_uid: bool

    def search(self, criteria: str) -> Sequence[int]:
        """UID SEARCH."""

    def fetch(self, messages: Iterable[int], data: Sequence[str]) -> Mapping[int, Mapping[bytes, object]]:
        """FETCH, by UID or by number."""


def uids_above(client: Client, after: int, exists: int) -> list[int]:
    """The UIDs above `after`, and perhaps some below, of the selected folder, which holds `exists` mails; none at all where it lists nothing.

    "n:*" always has the last mail, even one below n: a server that finds nothing did not understand. It is then asked by numbers, from the end,
    as far as is new: a poll of a mailbox of 50,000 mails must not list them all.
    """
    return search(client, f"UID {after + 1}:*") or _from_the_end(client, after, exists) or search(client, "ALL")


def search(client: Client, criteria: str) -> list[int]:
    """What the server lists; nothing where it refuses the question."""
    try:
        return list(client.search(criteria))
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ValueError):
        return []


def _from_the_end(client: Client, after: int, exists: int) -> list[int]:
    """The UIDs of the last mails by their numbers, which ascend alike, down to the first page that reaches `after`."""
    uids: list[int] = []
    client.use_uid = False
    try:
        for last in range(exists, 0, -PAGE):
            answers = client.fetch(range(max(last - PAGE, 0) + 1, last + 1), ["UID"])
            page = [uid for answer in answers.values() if isinstance(uid := answer.get(b"UID"), int)]
            uids += page
            if not page or min(page) <= after:
                break
    finally:
        client.use_uid = True
    return uids
