"""What hostile mails cost, and whether an ordinary one beside them is read: python -m bench.bombs [NAME ...]

Each is read by a process of its own with the real jail, two children side by side as intake does it, while an ordinary application is read in the
other. Seconds are of the reading; memory is the peak of the proportional set sizes of that process and all below it, looked at every 50 ms.
"""

import io
import json
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench.idle import family, memory_mb
from tests.builders import form_docx, good_values
from tests.mails import mail

ROOT = Path(__file__).parents[1]
MEGA = 1024 * 1024
SUBJECT = "专利密集型产品认定产业评价中心承担单位——中国微电网设备行业协会"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@dataclass(frozen=True)
class Cost:
    """Of one mail: seconds, MB at the peak, what became of its files, and the seconds until the ordinary mail beside it was read."""

    seconds: float
    memory: float
    statuses: tuple[str, ...]
    innocent_seconds: float
    innocent_read: bool


def _zip(*members: tuple[str, bytes | int], level: int = 9) -> bytes:
    """A zip; a number instead of bytes is so many MB of zeros."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in members:
            with archive.open(name, "w") as file:
                for _ in range(data if isinstance(data, int) else 0):
                    file.write(bytes(MEGA))
                if isinstance(data, bytes):
                    file.write(data)
    return buffer.getvalue()


def _lying_zip() -> bytes:
    """400 MB that call themselves 100 bytes, in both headers."""
    packed = bytearray(_zip(("申报表.docx", 400), level=1))
    true = (400 * MEGA).to_bytes(4, "little")
    while (at := packed.find(true)) >= 0:
        packed[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(packed)


def _nested_zip(depth: int = 6, width: int = 10) -> bytes:
    inner = _zip(("0.bin", 5))
    for level in range(depth):
        inner = _zip(*((f"{level}-{n}.zip", inner) for n in range(width)))
    return inner


def _tar(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        info = tarfile.TarInfo("申报表.doc")
        info.size = 400 * MEGA
        archive.addfile(info, io.BytesIO(bytes(info.size)))
    return buffer.getvalue()


def _docx(document: bytes) -> bytes:
    parts = {name: content for name, content in _members(form_docx(good_values())) if name != "word/document.xml"}
    return _zip(*parts.items(), ("word/document.xml", document))


def _members(docx: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return [(name, package.read(name)) for name in package.namelist()]


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE d [<!ENTITY l0 "lol">{entities}]><w:document {W}><w:body><w:p><w:r><w:t>&l11;</w:t></w:r></w:p></w:body></w:document>'.encode()


def _paragraphs() -> bytes:
    return f"<w:document {W}><w:body>".encode() + b"<w:p/>" * 3_000_000 + b"</w:body></w:document>"


def _sent(name: str, data: bytes) -> bytes:
    return mail(SUBJECT, attachments=[(name, data)])


def _many_words() -> bytes:
    words = "\r\n ".join(["=?utf-8?B?5Y2V5L2N?="] * 20_000)
    return mail(SUBJECT).replace(b"\r\nSubject: ", f"\r\nSubject: {words}\r\nX-Old: ".encode(), 1)


def _many_parts() -> bytes:
    part = "--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
    return f"From: a@b.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{part * 10_000}--b--\r\n".encode()


def _nested_mails() -> bytes:
    inner = mail("x", "y")
    for n in range(120):
        head = f"From: a@b.example\r\nSubject: {n}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b{n}\r\n\r\n"
        inner = f"{head}--b{n}\r\nContent-Type: message/rfc822\r\n\r\n".encode() + inner + f"\r\n--b{n}--\r\n".encode()
    return inner


def _honest() -> bytes:
    scan = b"%PDF-1.4\n" + Random(1).randbytes(32 * MEGA)
    return mail(SUBJECT, attachments=[("申报表.docx", form_docx(good_values())), ("盖章页.pdf", scan)])


BOMBS: dict[str, Callable[[], bytes]] = {
    "zip, 400 MB of zeros": lambda: _sent("a.zip", _zip(("申报表.docx", 400))),
    "zip in zip, 10^6 members": lambda: _sent("a.zip", _nested_zip()),
    "zip whose header lies": lambda: _sent("a.zip", _lying_zip()),
    "tar.gz, 400 MB": lambda: _sent("a.tar.gz", _tar("w:gz")),
    "tar.xz, 400 MB": lambda: _sent("a.tar.xz", _tar("w:xz")),
    "docx, XML entities": lambda: _sent("申报表.docx", _docx(_laughs())),
    "docx, 3 M empty paragraphs": lambda: _sent("申报表.docx", _docx(_paragraphs())),
    "docx, 400 MB picture": lambda: _sent("申报表.docx", _zip(*_members(form_docx(good_values())), ("word/media/a.png", 400))),
    "rtf, 3 M paragraphs": lambda: _sent("申报表.rtf", b"{\\rtf1 " + b"\\par" * 3_000_000 + b"}"),
    "rtf, 1 M groups in groups": lambda: _sent("申报表.doc", b"{\\rtf1 " + b"{" * 1_000_000),
    "html, 20,000 tables in tables": lambda: _sent("申报表.doc", b"<html><body>" + b"<table><tr><td>" * 20_000),
    "subject of 20,000 encoded words": _many_words,
    "10,000 parts": _many_parts,
    "120 mails in mails": _nested_mails,
    "45 MB, honest": _honest,
}


def measure(name: str) -> Cost:
    """Read one of BOMBS in a process of its own."""
    with TemporaryDirectory(prefix="zlcp-bombs-") as folder:
        path = Path(folder, "mail.eml")
        path.write_bytes(BOMBS[name]())
        command = [sys.executable, "-m", "bench.bombs", "--read", str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(process.stdout.read)
                peak = 0.0
                while not answer.done():
                    peak = max(peak, _memory(process.pid))
                    time.sleep(0.05)
        told = json.loads(answer.result())
    return Cost(told["seconds"], peak, tuple(told["statuses"]), told["innocent_seconds"], told["innocent_read"])


def _memory(pid: int) -> float:
    """MB of the process and all below it; one that ends meanwhile counts nothing."""
    total = 0.0
    try:
        pids = family(pid)
    except (OSError, IndexError):
        return total
    for each in pids:
        try:
            total += memory_mb(each)
        except (OSError, StopIteration):
            continue
    return total


def read(path: Path) -> None:
    """In the measured process: the hostile mail and the ordinary one, at the same time."""
    from daemon.documents.jail import ChildDied, Jail  # noqa: PLC0415 - the other side does not read
    from daemon.documents.reader import Limits, Read  # noqa: PLC0415
    from daemon.world import notice_text  # noqa: PLC0415

    jail = Jail(notice_text("zlcp-2024"), Limits(), workers=2)
    innocent = _sent("申报表.docx", form_docx(good_values()))

    def timed(raw: bytes) -> tuple[float, Read | None]:
        started = time.perf_counter()
        try:
            found = jail.read(raw)
        except ChildDied:  # three tries of this, then the mail is set aside
            return time.perf_counter() - started, None
        return time.perf_counter() - started, found

    with ThreadPoolExecutor(2) as pool:
        hostile, ordinary = [pool.submit(timed, raw) for raw in (path.read_bytes(), innocent)]
        (seconds, found), (innocent_seconds, form) = hostile.result(), ordinary.result()
    jail.close()
    statuses = sorted({each.status.value for each in found.attachments}) if found else ["set aside"]
    read_well = form is not None and form.attachments[0].form is not None
    print(json.dumps({"seconds": seconds, "statuses": statuses, "innocent_seconds": innocent_seconds, "innocent_read": read_well}))


def main() -> None:
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]))
        return
    print("| mail | s | peak MB | its files | the ordinary mail beside it, s |\n|---|---|---|---|---|")
    for name in sys.argv[1:] or BOMBS:
        cost = measure(name)
        beside = f"{cost.innocent_seconds:.2f}" if cost.innocent_read else "NOT READ"
        print(f"| {name} | {cost.seconds:.2f} | {cost.memory:.0f} | {', '.join(cost.statuses) or 'none'} | {beside} |", flush=True)


if __name__ == "__main__":
    main()
