"""A child of the jail that does what some files tell it: the file b"segfault" ends it by SIGSEGV, and so on. A mail's subject can tell it too."""

import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from hashlib import sha256

from daemon.documents import inmate, wire
from daemon.documents.wire import Wire


def _bug() -> None:
    raise RuntimeError(f"words that {'nobody'} may see")


def _spin() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (1, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    while True:
        pass


def _connect() -> None:
    with socket.create_connection(("127.0.0.1", 9), 1):
        pass


def _signal(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


def _chatter() -> None:
    while True:
        Wire(3, 4).send(wire.PROGRESS, b"0")


DEEDS = {
    b"segfault": _signal(signal.SIGSEGV),
    b"kill": _signal(signal.SIGKILL),
    b"terminate": _signal(signal.SIGTERM),
    b"interrupt": _signal(signal.SIGINT),
    b"sleep": lambda: time.sleep(600),
    b"nap": lambda: time.sleep(1),
    b"spin": _spin,
    b"bug": _bug,
    b"hunger": lambda: bytearray(1 << 40),
    b"chatter": _chatter,
    b"leave": lambda: os._exit(0),
    b"nonsense": lambda: os.write(4, b"\xff" * 100),
}
_BY_HASH = {sha256(word).hexdigest(): deed for word, deed in DEEDS.items()}


def _reader(setup: dict) -> inmate.Serve:
    read_really = inmate.reader(setup)

    def read(name, data, skip, watch):
        def watch_and_do(file: str) -> None:
            watch(file)
            if not file and b"X-Deed: segfault" in data:
                DEEDS[b"segfault"]()
            _BY_HASH.get(file, lambda: None)()

        return read_really(name, data, skip, watch_and_do)

    return read


if __name__ == "__main__":
    inmate.main(_reader)
