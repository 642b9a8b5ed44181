"""IDLE (RFC 2177): listen for new mail on a selected folder, without trusting the server to be alive, or to push at all."""

import imaplib
import threading
import time
from collections.abc import Sequence
from typing import Protocol

LONGEST = 25 * 60  # seconds of one IDLE; a server may log a client out after 30 minutes
PAUSE = 0.5  # seconds between two looks at `stop`
BREATH = 0.1  # seconds before a connection is made anew


class Client(Protocol):
    """What is used of an IMAP connection (imapclient.IMAPClient)."""

    def idle(self) -> None:
        """Begin."""

    def idle_check(self, timeout: float | None = None) -> Sequence[Sequence[object]]:
        """What was pushed meanwhile."""

    def idle_done(self) -> tuple[object, Sequence[Sequence[object]]]:
        """End; the second item is what was pushed since the last check."""

    def shutdown(self) -> None:
        """End the connection without a farewell."""


def idle(client: Client, end: float, stop: threading.Event) -> bool:
    """Whether the server told of a mail before `end` (monotonic seconds).

    When `stop` is set it returns within a second, False, and leaves the connection in IDLE: it is of no use any more.
    Whatever the client raises on a lost connection passes through.
    """
    while not stop.is_set() and time.monotonic() < end:
        client.idle()
        try:
            told = _listen(client, min(end, time.monotonic() + LONGEST), stop)
        except imaplib.IMAP4.abort as error:
            if "unterminated line" not in str(error):
                raise
            client.shutdown()  # a push that came in two pieces, of which the second makes no sense any more; the next poll connects anew
            stop.wait(BREATH)
            return True
        if stop.is_set():
            return False
        _, rest = client.idle_done()
        if told or _tells_of_mail(rest):
            return True
    return False


def _listen(client: Client, end: float, stop: threading.Event) -> bool:
    while not stop.is_set() and (left := end - time.monotonic()) > 0:
        asked, pause = time.monotonic(), min(PAUSE, left)
        answers = client.idle_check(timeout=pause)
        if _tells_of_mail(answers):
            return True
        if not answers:  # a dead connection answers at once, with nothing: do not spin
            stop.wait(max(0.0, asked + pause - time.monotonic()))
    return False


def _tells_of_mail(answers: Sequence[Sequence[object]]) -> bool:
    return any(b"EXISTS" in answer for answer in answers)
