"""The mutation fuzzer: python -m tests.fuzz [SECONDS] [SEED], or `make fuzz`.

Good mails are damaged, in their bytes, in their archives, in the XML of their forms; each must be read, judged and answered without an error, within
seconds. A finding is kept in fuzz-out/ with the number that makes it again; it becomes a test with the mend. The work is done in a child process, for
a library may crash; conversions by LibreOffice and the text of PDFs are left out, as they have processes and limits of their own.
"""

import copy
import io
import json
import random
import subprocess
import sys
import threading
import time
import traceback
import zipfile
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from lxml import etree

from daemon.documents.convert import ConversionFailed
from daemon.documents.reader import Aids, Limits, read_mail
from daemon.documents.reasons import Why
from daemon.inspect import inspect_one
from tests.archives import outlook_file, rar_4, rar_5, seven_zip, tarred, winmail
from tests.builders import TICKS, form_docx, good_values, zlcp
from tests.containers import zipped
from tests.mails import STYLES, forwarded, mail

ROOT = Path(__file__).parents[1]
OUT = ROOT / "fuzz-out"
HANG_SECONDS = 20.0
NOW = datetime(2024, 9, 10, tzinfo=UTC)
ARCHIVE = 1  # the kind of iteration
CONTAINED = "the system's archive library ended the process, which the jail contains"
DECISIONS = {"accepted", "correction", "late", "review", "none"}
KINDS = {"application", "inquiry", "automatic", "staff"}
NAME = "申报表.docx"
PICTURE = {"docProps/thumbnail.jpeg": random.Random(1).randbytes(5000)}
PACKERS = {"zip": zipped, "rar": rar_4, "rar5": rar_5, "7z": seven_zip, "tar": tarred, "dat": winmail, "msg": outlook_file}
NUMBERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\1\0", b"\x80", b"0", b"-1", b"99999999999999999999")
LAYOUTS = ("table", "own_cell", "above", "paragraphs", "nested", "split", "reversed", "extra_column", "contacts_aside", "plain_cells")


def no_conversion(data: bytes, ending: str) -> bytes:
    raise ConversionFailed(Why.NOT_CONVERTED)


AIDS = Aids(no_conversion, read_pdf=lambda _: None)


@cache
def forms() -> list[bytes]:
    ticks = [form_docx(good_values(), ticks=each, parts=PICTURE) for each in TICKS]
    return ticks + [form_docx(good_values(), layout=each, parts=PICTURE) for each in LAYOUTS]


@cache
def mails() -> list[bytes]:
    saved = [path.read_bytes() for path in sorted(ROOT.glob("tests/cases/*/mail.eml"))]
    styled = [mail(attachments=[(NAME, forms()[0])], style=style) for style in STYLES.values()]
    return [*saved, *styled, forwarded(styled[0]), forwarded(styled[0], transfer="base64")]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A few small changes of the kinds that break parsers."""
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 4, 16, 200))
        piece = data[at : at + length]
        other = chance.randrange(len(data) + 1)
        data = chance.choice(
            (
                lambda d=data, a=at, n=length: d[:a] + chance.randbytes(n) + d[a + n :],
                lambda d=data, a=at, n=length: d[:a] + d[a + n :],
                lambda d=data, a=at, p=piece: d[:a] + p * chance.choice((2, 3, 50)) + d[a:],
                lambda d=data, o=other, p=piece: d[:o] + p + d[o:],
                lambda d=data, a=at: d[:a] + (number := chance.choice(NUMBERS)) + d[a + len(number) :],
                lambda d=data, a=at: d[:a] + bytes([d[a] ^ 1 << chance.randrange(8)]) + d[a + 1 :] if a < len(d) else d,
            )
        )()
        if chance.random() < 0.03:
            data = data[: chance.randrange(len(data) + 1)]
    return data


def damaged_markup(xml: bytes, chance: random.Random) -> bytes:
    """XML that is still XML: elements are dropped with or without what is in them, doubled, moved, renamed; attributes and texts change."""
    root = etree.fromstring(xml)
    for _ in range(chance.choice((1, 2, 5, 20))):
        inner = [each for each in root.iter() if each.getparent() is not None]
        if not inner:
            break
        one, other = chance.choice(inner), chance.choice(inner)
        _change(one, other, chance)
    return etree.tostring(root)


def _change(one: etree._Element, other: etree._Element, chance: random.Random) -> None:
    match chance.randrange(7):
        case 0:
            one.getparent().remove(one)
        case 1:
            one.addnext(copy.deepcopy(one))
        case 2:
            other.append(copy.deepcopy(one))
        case 3:
            one.tag = other.tag
        case 4 if one.attrib:
            one.attrib[chance.choice(list(one.attrib))] = chance.choice(("", "-1", "0", "999999999", "FFFF", "x", "on"))
        case 5:
            one.text = chance.choice(("", "□☑√×", "单位名称", "：", "\t\n", "（注：", "x" * 3000, "\U0001f600\u200b\u202e"))
        case _:
            for child in one:
                one.addprevious(child)


def damaged_form(chance: random.Random) -> bytes:
    form = chance.choice(forms())
    if chance.random() < 0.3:
        return damaged(form, chance)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(form)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in given.namelist():
            content = given.read(name)
            touched = name == "word/document.xml" or chance.random() < 0.1
            as_markup = name.endswith((".xml", ".rels")) and chance.random() < 0.9
            packed.writestr(name, (damaged_markup if as_markup else damaged)(content, chance) if touched and content else content)
    return made.getvalue()


def is_archive(seed: int, number: int) -> bool:
    """Whether this iteration damages an archive, on which the system's library may crash."""
    return random.Random(f"{seed}:{number}").randrange(4) == ARCHIVE


def made(seed: int, number: int) -> bytes:
    """The mail of one iteration; the same for the same two numbers."""
    chance = random.Random(f"{seed}:{number}")
    what = chance.randrange(4)
    if what == 0:
        return damaged(chance.choice(mails()), chance)
    if what == ARCHIVE:
        ending, pack = chance.choice(list(PACKERS.items()))
        return mail(attachments=[(f"材料.{ending}", damaged(pack((NAME, chance.choice(forms()))), chance))])
    whole = mail(attachments=[(chance.choice((NAME, "申报表.doc", "附件")), damaged_form(chance))])
    return damaged(whole, chance) if chance.random() < 0.1 else whole


def check(raw: bytes) -> None:
    """What must hold of any mail; raises whatever does not."""
    found = inspect_one("mail.eml", read_mail(raw, zlcp(), Limits(), AIDS), zlcp(), None, NOW)
    json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if found["decision"] not in DECISIONS or found["kind"] not in KINDS:
        raise AssertionError(f"{found['kind']}, {found['decision']}")


def work(seed: int, first: int) -> None:
    """In the child: one iteration after the other, a line for each."""
    number = first
    while True:
        raw = made(seed, number)
        print(f"try {number}", flush=True)
        try:
            check(raw)
        except Exception as error:  # noqa: BLE001 - any error is a finding
            place = traceback.extract_tb(error.__traceback__)[-1]
            print(f"found {number} {type(error).__name__} in {Path(place.filename).name}:{place.lineno}", flush=True)
        number += 1


def run(seconds: float, seed: int) -> Counter[str]:
    """Fuzz for so long. Returns how many iterations there were, and the findings by what they are."""
    end, number, tally = time.monotonic() + seconds, 0, Counter[str]()
    while time.monotonic() < end:
        with subprocess.Popen([sys.executable, "-m", "tests.fuzz", "--work", str(seed), str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            lines: SimpleQueue[str] = SimpleQueue()
            threading.Thread(target=_listen, args=[child.stdout, lines]).start()
            while time.monotonic() < end:
                try:
                    line = lines.get(timeout=HANG_SECONDS)
                except Empty:
                    keep(seed, number, "no end", tally)
                    break
                if line.startswith("try "):
                    number, tally["iterations"] = int(line.split()[1]), tally["iterations"] + 1
                elif line.startswith("found "):
                    keep(seed, number, line.split(maxsplit=2)[2].strip(), tally)
                elif not line:
                    keep(seed, number, CONTAINED if is_archive(seed, number) else f"the process died, code {child.wait(5)}", tally)
                    break
            child.kill()
        number += 1
    return tally


def _listen(source: IO[str], lines: SimpleQueue[str]) -> None:
    """Hand on the child's lines, and "" at its end."""
    for line in source:
        lines.put(line)
    lines.put("")


def keep(seed: int, number: int, what: str, tally: Counter[str]) -> None:
    """Keep the bytes of a finding; the first three of a kind are told."""
    tally[what] += 1
    raw = made(seed, number)
    if tally[what] <= 3:
        OUT.mkdir(exist_ok=True)
        path = OUT / f"{sha256(raw).hexdigest()[:16]}.eml"
        path.write_bytes(raw)
        print(f"seed {seed}, iteration {number}: {what}; kept as {path}", flush=True)


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]), int(sys.argv[3]))
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**9)
    print(f"seed {seed}", flush=True)
    tally = run(seconds, seed)
    print(", ".join(f"{what}: {count}" for what, count in tally.items()))
    sys.exit(bool(set(tally) - {"iterations", CONTAINED}))


if __name__ == "__main__":
    main()
