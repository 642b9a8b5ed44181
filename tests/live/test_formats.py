"""Which formats of the form are read, and what of it: the table of docs/formats.md is made here, and held to what is true.

ZLCP_APPROVE=1 writes the table anew, to be read before it is committed.
"""

import io
import os
import re
import zipfile
from base64 import encodebytes
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from bench.forms import by_libreoffice
from daemon.documents.convert import convert
from daemon.documents.reader import Aids, Limits, Read, read_mail
from rules.submission import Form
from tests.archives import outlook_file, rar_4, rar_5, seven_zip, seven_zip_compressed, tarred, tarred_by_libarchive, winmail
from tests.builders import form_docx, good_values, zlcp
from tests.containers import zipped
from tests.live.needs import needs_libarchive, needs_libreoffice
from tests.mails import forwarded, mail

pytestmark = [needs_libreoffice, needs_libarchive]

DOC = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- made by tests/live/test_formats.py -->\n", "<!-- end -->"
WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
TICKS = {"sym": "symbol (w:sym)", "glyph": "typed ☑", "sdt": "content control", "legacy": "form field"}
VALUES = good_values()
TEXTS = [key for key, value in VALUES.items() if isinstance(value, str)]


def _backslashes(docx: bytes) -> bytes:
    """As some programs pack a document: with the other slash in the names."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as given, zipfile.ZipFile(made, "w") as packed:
        for name in given.namelist():
            info = zipfile.ZipInfo("x" * len(name))
            info.filename = name.replace("/", "\\")
            packed.writestr(info, given.read(name))
    return made.getvalue()


def _flat(docx: bytes) -> bytes:
    """The parts in one XML file, as Word saves it."""
    parts = []
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        for name in package.namelist():
            if name.startswith("[") or not name.endswith((".xml", ".rels")):
                continue
            kind = "vnd.openxmlformats-package.relationships" if name.endswith(".rels") else "vnd.openxmlformats-officedocument.wordprocessingml.document.main"
            content = package.read(name).decode().partition("?>")[2] if package.read(name).startswith(b"<?xml") else package.read(name).decode()
            parts.append(f'<pkg:part pkg:name="/{name}" pkg:contentType="application/{kind}+xml"><pkg:xmlData>{content}</pkg:xmlData></pkg:part>')
    space = 'xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"'
    return f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package {space}>{"".join(parts)}</pkg:package>'.encode()


def _word_2003(docx: bytes) -> bytes:
    """The document as Word 2003 saved it in one XML file: its own namespace, and no content controls, which it did not know."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        xml = package.read("word/document.xml").decode().partition("?>")[2]
    xml = re.sub(r"<w:sdtPr>.*?</w:sdtPr>|</?w:sdt>|</?w:sdtContent>", "", xml).replace("w:vMerge", "w:vmerge")
    xml = xml.replace("<w:tblGrid/>", "<w:tblGrid>" + '<w:gridCol w:w="1800"/>' * 5 + "</w:tblGrid>")  # it always wrote the widths
    xml = re.sub(r'<w:tcPr>(?=(?:<w:gridSpan w:val="(\d)"/>)?)', lambda span: f'<w:tcPr><w:tcW w:w="{1800 * int(span[1] or 1)}" w:type="dxa"/>', xml)
    xml = re.sub(r"^\s*<w:document [^>]*>", f'<w:wordDocument xmlns:w="{WORD_2003}">', xml).replace("</w:document>", "</w:wordDocument>")
    return f'<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?>{xml}'.encode()


def _plain_text(docx: bytes) -> str:
    """What is left of the document where it is saved as text: tabs between cells; symbols of a font and form fields are lost."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        xml = package.read("word/document.xml").decode().partition("<w:body>")[2]
    xml = re.sub(r'<w:instrText.*?</w:instrText>|<w:fldChar w:fldCharType="separate"/>.*?<w:fldChar w:fldCharType="end"/>', "", xml)
    xml = re.sub(r"</w:p></w:tc>", "\t", xml).replace("</w:tr>", "\r\n").replace("</w:p>", "\r\n")
    return unescape(re.sub(r"<[^>]+>", "", xml))


@cache
def form(ticks: str, kind: str = "docx", *, strict: bool = False) -> bytes:
    return form_docx(VALUES, ticks=ticks, kind=kind, strict=strict)


def old(ticks: str, ending: str) -> bytes:
    return _olds(ending)[ticks]


@cache
def _olds(ending: str) -> dict[str, bytes]:
    return dict(zip(TICKS, by_libreoffice(ending, "docx", *(form(each) for each in TICKS)), strict=True))


def _web(ticks: str, charset: str) -> bytes:
    return old(ticks, "html").decode("utf-8").replace("charset=utf-8", f"charset={charset}").encode(charset)


def _archive_page(ticks: str) -> bytes:
    page = encodebytes(old(ticks, "html")).decode()
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
    return f"{head}--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{page}\r\n--b--\r\n".encode()


Make = Callable[[str], bytes]
# Name of the row -> file name, and the bytes with ticks of a kind.
FILES: dict[str, tuple[str, Make]] = {
    "docx": ("申报表.docx", form),
    "docx with macros (docm)": ("申报表.docm", lambda ticks: form(ticks, "docm")),
    "template (dotx)": ("申报表.dotx", lambda ticks: form(ticks, "dotx")),
    "strict OOXML": ("申报表.docx", lambda ticks: form(ticks, strict=True)),
    "docx with backslashes in its names": ("申报表.docx", lambda ticks: _backslashes(form(ticks))),
    "Word XML in one file (pkg:package)": ("申报表.xml", lambda ticks: _flat(form(ticks))),
    "Word 2003 XML *": ("申报表.xml", lambda ticks: _word_2003(form(ticks))),
    "doc, in truth Word 2003 XML *": ("申报表.doc", lambda ticks: _word_2003(form(ticks))),
    "wps, in truth OOXML": ("申报表.wps", form),
    "doc, in truth docx": ("申报表.doc", form),
    "pdf, in truth docx": ("申报表.pdf", form),
    "docx without an ending": ("申报表", form),
    "doc (Word 97-2003) *": ("申报表.doc", lambda ticks: old(ticks, "doc")),
    "wps (OLE) *": ("申报表.wps", lambda ticks: old(ticks, "doc")),
    "rtf *": ("申报表.rtf", lambda ticks: old(ticks, "rtf")),
    "doc, in truth rtf *": ("申报表.doc", lambda ticks: old(ticks, "rtf")),
    "odt *": ("申报表.odt", lambda ticks: old(ticks, "odt")),
    "fodt *": ("申报表.fodt", lambda ticks: old(ticks, "fodt")),
    "doc, in truth HTML in UTF-8 *": ("申报表.doc", lambda ticks: _web(ticks, "utf-8")),
    "doc, in truth HTML in GBK *": ("申报表.doc", lambda ticks: _web(ticks, "gb18030")),
    "web archive (mht) *": ("申报表.mht", _archive_page),
    "doc, in truth plain text in GBK": ("申报表.doc", lambda ticks: _plain_text(form(ticks)).encode("gb18030")),
    "doc, in truth plain text in UTF-16": ("申报表.doc", lambda ticks: _plain_text(form(ticks)).encode("utf-16")),
}
NAME = "申报表.docx"


def _in(pack: Callable[..., bytes], ticks: str, **options: object) -> bytes:
    return pack((NAME, form(ticks)), **options)


CONTAINERS: dict[str, tuple[str, Make]] = {
    "zip, names in UTF-8": ("材料.zip", lambda ticks: _in(zipped, ticks)),
    "zip, names in GBK": ("材料.zip", lambda ticks: _in(zipped, ticks, raw_names="gb18030")),
    "zip, names in both": ("材料.zip", lambda ticks: zipped(("盖章页.pdf", b"%PDF-1.4"), (NAME, form(ticks)), raw_names=("", "gb18030"))),
    "zip in zip": ("材料.zip", lambda ticks: zipped(("内.zip", _in(zipped, ticks)))),
    "rar 4": ("材料.rar", lambda ticks: _in(rar_4, ticks)),
    "rar 5": ("材料.rar", lambda ticks: _in(rar_5, ticks)),
    "7z": ("材料.7z", lambda ticks: _in(seven_zip, ticks)),
    "7z, compressed": ("材料.7z", lambda ticks: _in(seven_zip_compressed, ticks)),
    "tar": ("材料.tar", lambda ticks: _in(tarred, ticks)),
    "tar.gz": ("材料.tar.gz", lambda ticks: _in(tarred, ticks, mode="w:gz")),
    "tar.bz2": ("材料.tar.bz2", lambda ticks: _in(tarred, ticks, mode="w:bz2")),
    "tar.xz": ("材料.tar.xz", lambda ticks: _in(tarred, ticks, mode="w:xz")),
    "tar.zst": ("材料.tar.zst", lambda ticks: _in(tarred_by_libarchive, ticks, packed="zstd")),
    "winmail.dat": ("winmail.dat", lambda ticks: _in(winmail, ticks)),
    "Outlook's msg": ("转发.msg", lambda ticks: _in(outlook_file, ticks)),
    "eml as a file": ("转发.eml", lambda ticks: mail(attachments=[(NAME, form(ticks))])),
}
MAILS: dict[str, Make] = {
    "mail forwarded as a mail (message/rfc822)": lambda ticks: forwarded(mail(attachments=[(NAME, form(ticks))])),
    "the same in base64": lambda ticks: forwarded(mail(attachments=[(NAME, form(ticks))]), transfer="base64"),
    "part without a name": lambda ticks: mail(attachments=[("", form(ticks), "application/octet-stream")]),
}
ROWS: dict[str, Make] = {
    **{name: (lambda ticks, file=file, make=make: mail(attachments=[(file, make(ticks))])) for name, (file, make) in (FILES | CONTAINERS).items()},
    **MAILS,
}


AIDS = Aids(cache(convert))  # the same file under two names is converted once


def _form(read: Read) -> Form | None:
    return next((each.form for each in read.attachments if each.form), None)


def _texts(found: Form | None) -> str:
    if found is None:
        return "NOT READ"
    wrong = [key for key in TEXTS if found.get(key) != VALUES[key]]
    return "every field exactly" if not wrong and found.get("industries") == tuple(VALUES["industries"]) else f"WRONG: {', '.join(wrong)}"


def _ticked(found: Form | None) -> str:
    if found is None:
        return "NOT READ"
    if found.get("unit_types") == tuple(VALUES["unit_types"]):
        return "inferred, the staff check" if any(key == "unit_types" for key, _ in found.inferred) else "read"
    return "unread, the staff look" if "unit_types" in found.unread else "WRONG"


@cache
def _line(row: str) -> tuple[str, ...]:
    found = {ticks: _form(read_mail(ROWS[row](ticks), zlcp(), Limits(), AIDS)) for ticks in TICKS}
    return (row, _texts(found["sym"]), *(_ticked(found[ticks]) for ticks in TICKS))


@pytest.mark.parametrize("row", ROWS)
def test_a_format_is_read_exactly_and_a_tick_is_never_taken_for_an_empty_box(row):
    _, texts, *ticks = _line(row)
    assert texts == "every field exactly"
    assert not {"WRONG", "NOT READ"}.intersection(ticks)


def test_the_table_of_the_docs_is_true():
    head = ("form as", "text", *TICKS.values())
    lines = [head, ("---",) * len(head), *(_line(row) for row in ROWS)]
    made = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    before, _, rest = DOC.read_text(encoding="utf-8").partition(BEGIN)
    stated, _, after = rest.partition(END)
    if os.environ.get("ZLCP_APPROVE"):
        DOC.write_text(f"{before}{BEGIN}{made}{END}{after}", encoding="utf-8")
        stated = made
    assert stated == made
