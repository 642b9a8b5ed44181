"""The child process that reads mails for the jail: it gives up network and memory first, then reads one mail at a time, until its stdin ends.

`python -m daemon.documents.inmate`; what it is told and what it answers is in daemon/documents/wire.py.
"""

import ctypes
import json
import math
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any

from daemon.documents import wire
from daemon.documents.wire import Wire, WireClosed

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # <sched.h>
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # <sys/prctl.h>
# Turns a request (name or null, skip), its data and a watch into (the answer, the contents).
Serve = Callable[[str | None, bytes, Mapping[str, str], Callable[[str], None]], tuple[dict[str, Any], tuple[bytes, ...]]]


def main(make_reader: Callable[[dict[str, Any]], Serve] | None = None) -> None:
    """Serve the jail that started this process; a test hands in a reader that dies."""
    # Ctrl-C and a service manager's SIGTERM reach us too; the daemon finishes the mail in hand, so we must not end before it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.excepthook = _say_where
    line = Wire(os.dup(0), os.dup(1))
    os.dup2(2, 1)  # what a library prints must not run into the frames
    try:
        setup = json.loads(line.receive(1 << 30)[1])
        line.send(wire.HELLO, b"" if shut_in(setup["memory"]) else wire.SHUT_IN)
        serve(line, (make_reader or reader)(setup), setup["seconds"], setup["idle"])
    except WireClosed:
        return


def serve(line: Wire, read: Serve, seconds: float, idle: float) -> None:
    """Answer requests until there was none for `idle` seconds; each file has `seconds` of CPU time.

    Raises:
        WireClosed: the jail is gone.
    """

    def watch(file: str) -> None:
        _limit_cpu(seconds)
        line.send(wire.PROGRESS, file.encode())

    while True:
        try:
            _, request = line.receive(1 << 30, idle)
        except TimeoutError:
            return
        _, data = line.receive(1 << 40)
        told = json.loads(request)
        answer, contents = read(told["name"], data, told["skip"], watch)
        line.send(wire.ANSWER, json.dumps(answer, default=str, ensure_ascii=False).encode("utf-8", "replace"))
        for content in contents:
            line.send(wire.CONTENT, content)


def shut_in(memory: int) -> bool:
    """Give up what reading needs nothing of. Returns whether the network is still within reach: some containers do not let it go.

    Args:
        memory: bytes of address space.
    """
    network = not _leave_network()
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)  # after the namespaces: entering them forgets it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))
    return network


def _leave_network() -> bool:
    """Move into an empty network of our own, as the same user."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if user == 0:
        return bool(libc.unshare(_CLONE_NEWNET) == 0)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    for file, words in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{file}", "w", encoding="ascii") as target:  # noqa: PTH123 - one write, no path to handle
            target.write(words)
    return True


def _limit_cpu(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def reader(setup: dict[str, Any]) -> Serve:
    """The reading of mails and files, by the notice and the limits of the setup."""
    # The parsers are loaded only now, when they can do no harm any more.
    from daemon.documents.convert import convert  # noqa: PLC0415
    from daemon.documents.reader import Aids, Limits, read_file, read_mail  # noqa: PLC0415
    from rules.notice_file import read_notice  # noqa: PLC0415
    from rules.submission import Status  # noqa: PLC0415

    notice, limits = read_notice(setup["notice"]), Limits(**setup["limits"])

    def read(name: str | None, data: bytes, skip: Mapping[str, str], watch: Callable[[str], None]) -> tuple[dict[str, Any], tuple[bytes, ...]]:
        aids = Aids(convert, watch, {file: Status(status) for file, status in skip.items()})
        result = read_mail(data, notice, limits, aids) if name is None else read_file(name, data, notice, limits, aids)
        answer = {"letter": asdict(result.letter), "attachments": [asdict(each) for each in result.attachments], "fingerprint": result.fingerprint}
        return answer, result.contents

    return read


def _say_where(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The places of an error without its words, which may quote the mail."""
    del error
    sys.stderr.write("".join(traceback.format_tb(trace)) + f"{kind.__name__}\n")


if __name__ == "__main__":
    main()
