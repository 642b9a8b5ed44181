"""Word files (.docx, .docm, .dotx) to a Document: python-docx opens them, and what it will not open is taken out of the archive by hand.

Macros are noticed, never run. What is old (.doc, RTF) or locked with a password is not for this module: daemon/documents/reader.py sees to it before.
"""

import io
import re
import struct
import zipfile
import zlib
from lzma import LZMAError

from docx.exceptions import PythonDocxError
from docx.opc.constants import CONTENT_TYPE
from docx.opc.part import PartFactory
from docx.oxml.parser import parse_xml
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from daemon.documents.controls import child, local, settle_controls
from daemon.documents.lists import Lists
from daemon.documents.ooxml import Reader, TooMuch
from daemon.documents.reasons import Unread, Why
from rules.submission import Document

MOST_BYTES = 64 << 20  # unpacked, all members together
MOST_PARTS = 5000
MOST_PARAGRAPHS = 100_000
_THICK = 16 << 20  # XML that is larger, and more than _RATIO times its packed size, is a bomb
_RATIO = 200
_PIECE = 65536

# What zipfile, lxml and python-docx raise on damaged files, as fuzzing brought it out.
_DAMAGE = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError, EOFError, RuntimeError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error, struct.error, LZMAError, etree.LxmlError, PythonDocxError),
)
_MAIN = re.compile(r"word/document\d*\.xml")

for _content_type in (
    CONTENT_TYPE.WML_DOCUMENT,
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
):
    PartFactory.part_type_for[_content_type] = DocumentPart


class WordError(Unread):
    """Why a file could not be read as Word; one of the kinds below.

    WordError
    ├── NotWord     no Word file at all
    ├── BrokenWord  a Word file, damaged
    └── TooLarge    over a limit: it is not opened
    """


class NotWord(WordError):  # noqa: N818 - the kinds are named for what the file is
    """No Word file at all: not an archive, or an archive of something else."""


class BrokenWord(WordError):  # noqa: N818
    """A Word file that is damaged."""


class TooLarge(WordError):  # noqa: N818
    """Over a limit: unpacked size, number of parts, paragraphs, or depth."""


def read_word(data: bytes, *, most_bytes: int = MOST_BYTES, most_paragraphs: int = MOST_PARAGRAPHS) -> Document:
    """Read a Word file as it would be seen with every tracked change accepted.

    Args:
        data: the whole file, bytes.
        most_bytes: unpacked, all members together.
        most_paragraphs: paragraphs and table rows, wherever they stand; twenty characters of text for each, all in all.

    Raises:
        NotWord: no Word file at all.
        BrokenWord: damaged.
        TooLarge: over a limit.
    """
    names, whole = _checked_names(data, most_bytes)
    root = _root_by_library(data) if whole else None
    if root is None:
        root = _root_by_hand(data, names)
    body = child(root, "body")
    if local(root) != "document" or body is None:
        raise NotWord(Why.NO_BODY)
    try:
        settle_controls(root)
        lists = Lists(_part(data, names, "numbering"), _part(data, names, "styles"))
        found = Reader(lists, most_paragraphs).blocks(body)
    except TooMuch as error:
        raise TooLarge(error.why) from error
    macros = any(name.endswith("vbaproject.bin") for name in names)
    return Document(tuple(found.tables), tuple(found.paragraphs), macros, chunked=_has(root, "altChunk"), pictures=_has(root, "blip", "imagedata"))


def _has(root: etree._Element, *names: str) -> bool:
    return next(root.iter(*(f"{{*}}{name}" for name in names)), None) is not None


def _checked_names(data: bytes, most_bytes: int) -> tuple[dict[str, str], bool]:
    """The members' names, as they should be (lower case, with slashes) -> as they are; and whether every member is whole.

    Their true sizes are counted first: those in the headers may lie.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_PARTS:
                raise TooLarge(Why.TOO_MANY_PARTS)
            left, whole = most_bytes, True
            for member in members:
                size = _true_size(archive, member, left)
                left, whole = left - (size or 0), whole and size is not None
    except _DAMAGE as error:
        raise (BrokenWord(Why.DAMAGED) if data[:2] == b"PK" else NotWord(Why.NOT_WORD)) from error
    return {member.filename.replace("\\", "/").lstrip("/").lower(): member.filename for member in members}, whole


def _true_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int | None:
    """A member's size when unpacked, bytes; None for a damaged one: a picture may be damaged where the text is whole."""
    size = 0
    is_xml = member.filename.lower().endswith((".xml", ".rels"))
    try:
        with archive.open(member) as stream:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > left or (is_xml and size > _THICK and size > _RATIO * member.compress_size):
                    raise TooLarge(Why.TOO_LARGE)
    except _DAMAGE:
        return None
    return size


def _root_by_library(data: bytes) -> etree._Element | None:
    """The document's root; None for what python-docx will not open, though the document may be whole.

    Strict OOXML, a picture without a target, a missing part, backslashes in names are such: some programs write them.
    """
    try:
        root: etree._Element = Package.open(io.BytesIO(data)).main_document_part.element
    except _DAMAGE:
        return None
    return root


def _root_by_hand(data: bytes, names: dict[str, str]) -> etree._Element:
    name = next((names[name] for name in names if _MAIN.fullmatch(name)), None)
    if name is None:
        raise NotWord(Why.NO_PART)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as stream:
            return parse_xml(b"".join(iter(lambda: stream.read(_PIECE), b"")))
    except _DAMAGE as error:
        raise BrokenWord(Why.DAMAGED) from error


def _part(data: bytes, names: dict[str, str], name: str) -> etree._Element | None:
    """The root of another part; None where it is missing or damaged, for the text can do without it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return parse_xml(archive.read(names[f"word/{name}.xml"]))
    except _DAMAGE:
        return None
