"""A PDF read by a process of its own, for this one file: what takes too long or too much memory is given up, and costs nothing but its own text.

The jail's child reads the whole mail, and a PDF is read for the staff alone: it must not cost the mail its reader, nor the applicant a refusal.
`python -m daemon.documents.pdf_process` is that process.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from daemon.documents.pdf import PdfUnread, read_pdf
from rules.submission import Cell, Document, Paragraph, Run, Table

CPU_SECONDS = 5  # a form takes less than one
WALL_SECONDS = 15.0  # on a busy machine
MEMORY = 768 * 1024 * 1024  # bytes of address space
MOST_BYTES = 30 * 1024 * 1024  # of a file

_COMMAND = (sys.executable, "-P", "-m", "daemon.documents.pdf_process")
_DRAWN = b"endstream"  # without one nothing stands on any page


def read_apart(data: bytes, seconds: int = CPU_SECONDS) -> Document | None:
    """The text of a PDF; None where nothing could be read of it, for whatever reason, within `seconds` of CPU time. Never raises."""
    if len(data) > MOST_BYTES or _DRAWN not in data:
        return None
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2])}
    try:
        ran = subprocess.run(  # noqa: S603 - our own words
            (*_COMMAND, str(seconds)), input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WALL_SECONDS, check=True, env=environment
        )
        return _from_plain(json.loads(ran.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, LookupError):
        return None


def main(seconds: int) -> int:
    """Read stdin, write what was read as JSON. Returns the exit code: 1 where there is nothing to read."""
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        document = read_pdf(sys.stdin.buffer.read())
    except PdfUnread:
        return 1
    sys.stdout.buffer.write(json.dumps(_to_plain(document), ensure_ascii=False).encode("utf-8", "replace"))
    return 0


def _limit(what: int, most: int) -> None:
    """Lower a limit of this process for good; the kernel ends it where that of CPU time is passed."""
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _to_plain(document: Document) -> dict[str, Any]:
    """What a PDF gives of a Document: texts, and where the cells stand."""
    rows = [
        [[(each.column, each.span, each.continues, [paragraph.text for paragraph in each.paragraphs]) for each in row] for row in table.rows]
        for table in document.tables
    ]
    return {"tables": rows, "paragraphs": [paragraph.text for paragraph in document.paragraphs]}


def _from_plain(plain: dict[str, Any]) -> Document:
    tables = (
        Table(tuple(tuple(Cell(_paragraphs(texts), column, span, continues) for column, span, continues, texts in row) for row in rows))
        for rows in plain["tables"]
    )
    return Document(tuple(tables), _paragraphs(plain["paragraphs"]))


def _paragraphs(texts: list[str]) -> tuple[Paragraph, ...]:
    return tuple(Paragraph((Run(text),)) for text in texts)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
