"""Forms a second through the jail, beside the plainest reading of the same file: python -m bench.forms [RUNS]

docx and zip: python-docx and the text of every cell, in this process. doc: LibreOffice's own conversion to docx, alone. Ours reads the whole mail, its
form and every field of it, in a child process; one mail after the other. The two take turns; ratios are of one run.
"""

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import docx

from daemon.documents.jail import Jail
from daemon.documents.reader import Limits
from daemon.world import notice_text
from tests.builders import form_docx, good_values
from tests.mails import mail


def by_libreoffice(to: str, ending: str, *files: bytes) -> list[bytes]:
    """Files converted by one start of LibreOffice, with nothing around it."""
    with TemporaryDirectory() as folder:
        sources = [Path(folder, f"form{number}.{ending}") for number in range(len(files))]
        for source, data in zip(sources, files, strict=True):
            source.write_bytes(data)
        words = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to, "--outdir", f"{folder}/out"]
        subprocess.run([*words, *map(str, sources)], check=True, capture_output=True, timeout=60)
        return [Path(folder, "out", f"{source.stem}.{to}").read_bytes() for source in sources]


def cells(data: bytes) -> int:
    return sum(len(cell.text) for table in docx.Document(io.BytesIO(data)).tables for row in table.rows for cell in row.cells)


def cells_in_zip(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(cells(archive.read(name)) for name in archive.namelist())


def rate(work: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        work()
    return count / (time.perf_counter() - started)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    form = form_docx(good_values())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("申报表.docx", form)
    packed, [old] = buffer.getvalue(), by_libreoffice("doc", "docx", form)
    kinds: dict[str, tuple[str, bytes, Callable[[], object], int]] = {
        "docx": ("申报表.docx", form, lambda: cells(form), 100),
        "zip": ("材料.zip", packed, lambda: cells_in_zip(packed), 100),
        "doc": ("申报表.doc", old, lambda: by_libreoffice("docx", "doc", old), 5),
    }
    jail = Jail(notice_text("zlcp-2024"), Limits(), workers=1)
    jail.warm()
    print("| form | forms/s | the plainest way, forms/s | its time / ours | runs |\n|---|---|---|---|---|")
    for kind, (name, data, plain, count) in kinds.items():
        raw = mail(attachments=[(name, data)])
        assert any(each.form for each in jail.read(raw).attachments)
        pairs = [(rate(lambda raw=raw: jail.read(raw), count), rate(plain, count)) for _ in range(runs)]
        ours, theirs, ratio = (median(values) for values in ([a for a, _ in pairs], [b for _, b in pairs], [a / b for a, b in pairs]))
        spread = f"{min(a for a, _ in pairs):.1f} to {max(a for a, _ in pairs):.1f}"
        print(f"| {kind} | {ours:.1f} | {theirs:.1f} | {ratio:.2f} | {runs}, ours {spread} |", flush=True)
    jail.close()


if __name__ == "__main__":
    main()
