"""One file that is or claims to be a Word document, read as the form: directly, or by way of LibreOffice."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes

from daemon.documents.convert import ConvertError
from daemon.documents.flat import unflatten
from daemon.documents.reasons import Why, not_read
from daemon.documents.sniff import CONVERTED, Kind, has_macros
from daemon.documents.word import BrokenWord, TooLarge, WordError, read_word
from rules.boxes import SIGNS, State
from rules.form import read_form
from rules.notice import Notice
from rules.submission import Attachment, Document, Paragraph, Reading, Role, Run, Status

# The bytes and the ending of an old format to docx; raises ConvertError.
Convert = Callable[[bytes, str], bytes]

# A box drawn by an EQ field, as Word does it for characters in a box, or a symbol whose code is not decimal; 0x13 begins a field ([MS-DOC] 2.8.25).
_DROPPED = re.compile(r"\x13\s*(?:eq\b[^\x15]{0,80}[□☐○■☑☒√✓✔×]|symbol\s+0x)", re.IGNORECASE)
_CAPTION = 100  # characters that may stand beside a photograph of the form
_BOX_2003 = re.compile(rb"[<:](?:sym|checkBox)\b")  # a symbol of a font, a form field
_INPUT_BOX = re.compile(rb"<input[^>]{0,200}checkbox", re.IGNORECASE)
_CHARSET = re.compile(r"<meta[^>]*charset\s*=\s*[\"']?([A-Za-z0-9_-]{2,20})[^>]*>", re.IGNORECASE)


def read_word_like(attachment: Attachment, data: bytes, kind: Kind, notice: Notice, convert: Convert) -> Attachment:
    """The attachment, of a kind in sniff.WORD, with what was read of it, or with the reason why nothing was."""
    if kind is Kind.LOCKED_WORD:
        return not_read(attachment, Status.ENCRYPTED, Why.LOCKED)
    if kind is Kind.BROKEN_WORD:
        return not_read(attachment, Status.CORRUPT, Why.NOT_WORD)
    try:
        document = _document(data, kind, convert)
    except ConvertError as error:
        return not_read(attachment, Status.CONVERTED_FAILED, error.why)
    except TooLarge as error:
        return not_read(attachment, Status.REFUSED, error.why)
    except WordError as error:
        return not_read(attachment, Status.CORRUPT, error.why)
    reading, form = read_form(document, notice)
    if reading is Reading.ANOTHER and document.chunked:
        reading, attachment = Reading.NOT_READ, not_read(attachment, Status.CONVERTED_FAILED, Why.ANOTHER_INSIDE)
    role = Role.OTHER if reading is Reading.ANOTHER else Role.FORM
    if reading is Reading.ANOTHER and document.pictures and _characters(document) <= _CAPTION:
        role, reading = Role.SCAN, Reading.NOT_READ  # a photograph of the form, pasted into a Word file
    if form and _drops_boxes(data, kind, notice):
        form = replace(form, unread=tuple(key for key, chosen in form.choices.items() if not chosen))
    macros = document.macros or (kind is Kind.DOC and has_macros(data))
    return replace(attachment, role=role, reading=reading, form=form, macros=macros)


def _characters(document: Document) -> int:
    cells = (cell.text for table in document.tables for row in table.rows for cell in row)
    return sum(len("".join(text.split())) for text in (*cells, *(paragraph.text for paragraph in document.paragraphs)))


def _document(data: bytes, kind: Kind, convert: Convert) -> Document:
    if kind is Kind.WORD_TEXT:
        return Document(paragraphs=tuple(Paragraph((Run(line),)) for line in _text(data).splitlines()))
    if kind is Kind.WEB_ARCHIVE:
        data, kind = _page_of(data), Kind.WORD_HTML
    if kind not in CONVERTED:
        document = read_word(unflatten(data) if kind is Kind.FLAT_DOCX else data)
        if not document.chunked or document.tables:
            return document
        return replace(_converted(data, "docx", convert), chunked=True)
    return _converted(_plain_html(data) if kind is Kind.WORD_HTML else data, kind.value, convert)


def _converted(data: bytes, ending: str, convert: Convert) -> Document:
    converted = convert(data, ending)
    try:
        return read_word(converted)
    except WordError as error:
        # The applicant's file was good enough for LibreOffice: what it made of it is no fault of theirs.
        raise ConvertError(Why.CONVERTED_BADLY) from error


def _drops_boxes(data: bytes, kind: Kind, notice: Notice) -> bool:
    """Whether a file has boxes whose state is lost on the way: then a choice without a tick is not known to be without one."""
    if kind is Kind.RTF:
        fields = (data[found.end() : found.end() + 300].lower() for found in re.finditer(rb"\\fldinst", data))
        stateless = b"\\ffres" not in data and b"\\ffdefres" not in data  # LibreOffice writes a form field without what is in it
        return any((b"eq" in field and rb"\\o" in field) or b"symbol 0x" in field or (stateless and b"formcheckbox" in field) for field in fields)
    if kind in {Kind.WORD_HTML, Kind.WEB_ARCHIVE}:
        return bool(_INPUT_BOX.search(_page_of(data) if kind is Kind.WEB_ARCHIVE else data))
    if kind is Kind.WORD_XML:
        return bool(_BOX_2003.search(data))
    if kind is Kind.WORD_TEXT:  # a symbol of a font is not saved as text: where a box is missing, it may have been the ticked one
        text = _text(data)
        return sum(text.count(sign) for sign in SIGNS[State.EMPTY]) < sum(len(field.options) for field in notice.of_kind("choice"))
    return kind is Kind.DOC and any(_DROPPED.search(data.decode(charset, "replace")) for charset in ("utf-16-le", "gb18030"))


def _page_of(data: bytes) -> bytes:
    """The first HTML part of a web archive (RFC 2557)."""
    for part in message_from_bytes(data.lstrip(b"\xef\xbb\xbf\r\n ")).walk():
        content = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(content, bytes):
            return content
    raise BrokenWord(Why.NO_PAGE)


def _plain_html(data: bytes) -> bytes:
    """HTML in UTF-8 with a mark that says so, and no other word about its charset: LibreOffice believes a wrong one, and guesses where there is none."""
    return _CHARSET.sub("", _text(data)).encode("utf-8-sig")


def _text(data: bytes) -> str:
    """UTF-16 by its mark, else UTF-8 where that fits, else GB 18030, the way Chinese Windows writes text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
