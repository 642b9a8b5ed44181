"""Frames between the jail and its inmates over pipes: one letter, eight bytes of length, the bytes; every wait has an end."""

import os
import select
import struct
import time
from dataclasses import dataclass

_HEAD = struct.Struct(">cQ")
_CHUNK = 1024 * 1024  # bytes of one system call

# From the jail: a setup, then requests, each with its data.
SETUP, REQUEST, DATA = b"S", b"Q", b"D"
# From an inmate: that it is there, which file it looks into, and the answer with the contents of the files.
HELLO, PROGRESS, ANSWER, CONTENT = b"H", b"P", b"A", b"C"
SHUT_IN = b"shut in"  # a hello of one that has no network


class WireClosed(Exception):  # noqa: N818 - reads as what happened
    """The other side is gone, or sent what is no frame."""


@dataclass(frozen=True, slots=True)
class Wire:
    """Two pipe ends, set to non-blocking. Used by one thread at a time."""

    reading: int
    writing: int

    def __post_init__(self) -> None:
        """Waiting is done by poll, with a time limit."""
        os.set_blocking(self.reading, False)
        os.set_blocking(self.writing, False)

    def send(self, kind: bytes, data: bytes, seconds: float | None = None) -> None:
        """Send one frame.

        Raises:
            WireClosed: nobody reads.
            TimeoutError: it was not taken in time.
        """
        end = None if seconds is None else time.monotonic() + seconds
        for piece in (_HEAD.pack(kind, len(data)), data):
            left = memoryview(piece)
            while left:
                try:
                    left = left[os.write(self.writing, left[:_CHUNK]) :]
                except BlockingIOError:
                    _wait(self.writing, select.POLLOUT, end)
                except BrokenPipeError as error:
                    raise WireClosed from error

    def receive(self, most: int, seconds: float | None = None) -> tuple[bytes, bytes]:
        """Receive one frame: its letter, and its data.

        Raises:
            WireClosed: nobody is there, or the frame has more than `most` bytes.
            TimeoutError: it did not come in time.
        """
        end = None if seconds is None else time.monotonic() + seconds
        kind, length = _HEAD.unpack(self._exactly(_HEAD.size, end))
        if length > most:
            raise WireClosed(f"a frame of {length} bytes")
        return kind, self._exactly(length, end)

    def close(self) -> None:
        """Close both ends."""
        os.close(self.reading)
        os.close(self.writing)

    def _exactly(self, length: int, end: float | None) -> bytes:
        pieces, left = [], length
        while left:
            try:
                piece = os.read(self.reading, min(left, _CHUNK))
            except BlockingIOError:
                _wait(self.reading, select.POLLIN, end)
                continue
            if not piece:
                raise WireClosed
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)


def _wait(fd: int, event: int, end: float | None) -> None:
    poll = select.poll()
    poll.register(fd, event)
    left = None if end is None else end - time.monotonic()
    if (left is not None and left <= 0) or not poll.poll(None if left is None else left * 1000):
        raise TimeoutError
