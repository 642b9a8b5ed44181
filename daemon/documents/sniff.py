"""What kind of file these bytes are, by content (the extension decides only where the content leaves it open); reads no document."""

import re
import struct
import zipfile
import zlib
from enum import StrEnum
from io import BytesIO
from lzma import LZMAError

import olefile

WORD_ENDINGS = (".doc", ".docx", ".docm", ".dot", ".dotx", ".dotm", ".wps", ".wpt", ".rtf", ".odt", ".ott", ".fodt")
HEAD = 4096  # bytes that are enough to know most formats

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_ERRORS = (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError, struct.error)
ZIP_ERRORS = (zipfile.BadZipFile, OSError, EOFError, ValueError, IndexError, OverflowError, struct.error, zlib.error, LZMAError, RuntimeError)


class Kind(StrEnum):
    """A kind of file, as far as its handling differs."""

    DOCX = "docx"  # with docm and dotx: read directly
    DOC = "doc"  # with WPS's binary format: OLE with a WordDocument stream
    RTF = "rtf"
    ODT = "odt"
    FLAT_ODT = "fodt"
    WORD_XML = "xml"  # Word 2003 XML
    FLAT_DOCX = "flat"  # the parts of a docx in one XML file
    WORD_HTML = "html"
    WEB_ARCHIVE = "mht"  # a mail-like file with HTML in it, as Word and office systems save it
    WORD_TEXT = "txt"  # plain text that was named .doc
    BROKEN_WORD = "broken_word"
    LOCKED_WORD = "locked_word"
    ZIP = "zip"
    MAIL = "mail"
    ARCHIVE = "archive"  # any other archive, or a mail in a container of Outlook
    SCAN = "scan"  # PDF, OFD, pictures
    OTHER = "other"


# What LibreOffice turns into docx.
CONVERTED = frozenset({Kind.DOC, Kind.RTF, Kind.ODT, Kind.FLAT_ODT, Kind.WORD_XML, Kind.WORD_HTML})
WORD = CONVERTED | {Kind.DOCX, Kind.FLAT_DOCX, Kind.WEB_ARCHIVE, Kind.WORD_TEXT, Kind.BROKEN_WORD, Kind.LOCKED_WORD}

Sniffed = tuple[Kind, str]

_MSWORD = "application/msword"
_OOXML = "application/vnd.openxmlformats-officedocument."
_DOCX = _OOXML + "wordprocessingml.document"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_UNKNOWN = "application/octet-stream"

_MAGICS: tuple[tuple[re.Pattern[bytes], Sniffed], ...] = tuple(
    (re.compile(pattern, re.DOTALL), found)
    for pattern, found in (
        (rb".{0,1000}?%PDF-", (Kind.SCAN, "application/pdf")),
        (rb"\xff\xd8\xff", (Kind.SCAN, "image/jpeg")),
        (rb"\x89PNG\r\n\x1a\n", (Kind.SCAN, "image/png")),
        (rb"GIF8", (Kind.SCAN, "image/gif")),
        (rb"II\*\x00|MM\x00\*", (Kind.SCAN, "image/tiff")),
        (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", (Kind.SCAN, "image/bmp")),
        (rb"RIFF.{4}WEBP", (Kind.SCAN, "image/webp")),
        (rb".{4}ftyp(heic|heix|hevc|mif1|msf1)", (Kind.SCAN, "image/heic")),
        (rb".{4}ftypavif", (Kind.SCAN, "image/avif")),
        (rb"Rar!\x1a\x07", (Kind.ARCHIVE, "application/vnd.rar")),
        (rb"7z\xbc\xaf\x27\x1c", (Kind.ARCHIVE, "application/x-7z-compressed")),
        (rb"\x1f\x8b", (Kind.ARCHIVE, "application/gzip")),
        (rb"BZh\d", (Kind.ARCHIVE, "application/x-bzip2")),
        (rb"\xfd7zXZ\x00", (Kind.ARCHIVE, "application/x-xz")),
        (rb".{257}ustar", (Kind.ARCHIVE, "application/x-tar")),
        (rb"\x28\xb5\x2f\xfd", (Kind.ARCHIVE, "application/zstd")),
        (rb"\x04\x22\x4d\x18", (Kind.ARCHIVE, "application/x-lz4")),
        (rb"\x1f\x9d", (Kind.ARCHIVE, "application/x-compress")),
        (rb"MSCF\x00", (Kind.ARCHIVE, "application/vnd.ms-cab-compressed")),
        (rb"\x78\x9f\x3e\x22", (Kind.ARCHIVE, "application/vnd.ms-tnef")),
        (rb"(\xef\xbb\xbf)?\s*\{\\rt", (Kind.RTF, "application/rtf")),
    )
)
_XML_KINDS: tuple[tuple[bytes, Sniffed], ...] = (
    (b"schemas.microsoft.com/office/2006/xmlpackage", (Kind.FLAT_DOCX, "application/xml")),
    (b"schemas.microsoft.com/office/word/2003/wordml", (Kind.WORD_XML, "application/xml")),
    (b"<office:document", (Kind.FLAT_ODT, "application/vnd.oasis.opendocument.text-flat-xml")),
)
# A company's document guard wraps files so that they open on its own machines only.
_GUARDS = (b"E-SafeNet", b"%TSD-Header-###%", b"DRMONE")
# A docx of a few bytes too few still begins like this.
_DOCX_HEAD = re.compile(rb"PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels/|docProps/|word[/\\])", re.DOTALL)
_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_MAIL_HEADERS = re.compile(rb"^(from|to|subject|date|message-id|mime-version|received|return-path|content-type):", re.IGNORECASE | re.MULTILINE)


def sniff(data: bytes, name: str) -> Sniffed:
    """Say what a file is and its media type; never raises, whatever the bytes.

    The ending of the decoded name is asked only where the bytes could be several things.
    """
    head = data[:HEAD]
    return _container(data, name) or _by_magic(head) or _mail(head, name) or _by_text(data, head, name) or _unknown(name)


def named_like_word(name: str) -> bool:
    """Whether the name claims to be a Word document's."""
    return name.lower().rstrip(" .").endswith(WORD_ENDINGS)


def by_name(name: str) -> Sniffed:
    """What a file claims to be, for one that must not be looked at."""
    ending = name.lower().rstrip(" .").rpartition(".")[2]
    if named_like_word(name):
        return Kind.BROKEN_WORD, _MSWORD
    if ending in {"pdf", "ofd", "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "heic", "webp"}:
        return Kind.SCAN, _UNKNOWN
    if ending in {"zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "zst", "lz4", "z", "eml", "msg", "dat"}:
        return Kind.ARCHIVE, _UNKNOWN
    return Kind.OTHER, _UNKNOWN


def may_hold_a_form(name: str) -> bool:
    """Whether a file claims by its name to be a Word document, or something with files in it."""
    return by_name(name)[0] in {Kind.BROKEN_WORD, Kind.ARCHIVE}


def has_macros(data: bytes) -> bool:
    """Whether a binary Word file carries macros; a docx is asked by its reader."""
    return any("VBA" in part.upper() for path in _ole_streams(data) for part in path)


def _container(data: bytes, name: str) -> Sniffed | None:
    if data.startswith(ZIP_MAGICS):
        return _zip_kind(data, name)
    if data.startswith(OLE_MAGIC):
        return _ole_kind(data, name)
    if any(guard in data[:128] for guard in _GUARDS):
        return (Kind.LOCKED_WORD, _MSWORD) if named_like_word(name) else (Kind.OTHER, _UNKNOWN)
    return None


def _zip_kind(data: bytes, name: str) -> Sniffed:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = {info.filename.replace("\\", "/").lower().removeprefix("./").removeprefix("/"): info for info in package.infolist()}
            kind, manifest, types = (_start(package, names.get(part)) for part in ("mimetype", "meta-inf/manifest.xml", "[content_types].xml"))
    except ZIP_ERRORS:
        return _broken_zip(data, name)
    if kind.startswith(_OPEN_DOCUMENT):
        return _open_document(kind.decode("ascii", "replace").strip(), locked=b"encryption-data" in manifest)
    return _package_kind(set(names), types)


def _start(package: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> bytes:
    if info is None or info.flag_bits & 1:
        return b""
    with package.open(info) as file:
        return file.read(100_000)


def _broken_zip(data: bytes, name: str) -> Sniffed:
    if named_like_word(name):
        return Kind.BROKEN_WORD, _DOCX
    if name.lower().endswith((".xlsx", ".pptx", ".jar", ".apk")):
        return Kind.OTHER, _UNKNOWN
    return (Kind.BROKEN_WORD, _DOCX) if _DOCX_HEAD.match(data) and not name.lower().endswith(".zip") else (Kind.ZIP, "application/zip")


def _open_document(kind: str, *, locked: bool) -> Sniffed:
    if not kind.startswith("application/vnd.oasis.opendocument.text"):
        return Kind.OTHER, kind
    return (Kind.LOCKED_WORD if locked else Kind.ODT), kind


def _package_kind(names: set[str], types: bytes) -> Sniffed:
    if b"wordprocessingml.document.main" in types or b"ms-word" in types or any(re.fullmatch(r"word/document\d*\.xml", each) for each in names):
        return Kind.DOCX, _DOCX
    if any(each.startswith("xl/workbook") for each in names):
        return Kind.OTHER, _OOXML + "spreadsheetml.sheet"
    if any(each.startswith("ppt/presentation") for each in names):
        return Kind.OTHER, _OOXML + "presentationml.presentation"
    if "ofd.xml" in names:
        return Kind.SCAN, "application/ofd"
    if any(each.endswith(".iwa") for each in names):
        return Kind.OTHER, "application/vnd.apple.pages"
    return (Kind.OTHER, _UNKNOWN) if "[content_types].xml" in names else (Kind.ZIP, "application/zip")


def _opened(data: bytes) -> olefile.OleFileIO:
    # The last sector may be short: Word does not mind, and neither does LibreOffice.
    return olefile.OleFileIO(BytesIO(data + bytes(-len(data) % 512)))


def _ole_streams(data: bytes) -> list[list[str]]:
    try:
        with _opened(data) as ole:
            return list(ole.listdir(streams=True, storages=True))
    except OLE_ERRORS:
        return []


def _ole_kind(data: bytes, name: str) -> Sniffed:
    streams = {path[0].lower() for path in _ole_streams(data) if path}
    if "encryptedpackage" in streams:
        # What is inside cannot be seen; the name says whether it is meant to be a document.
        return (Kind.OTHER, "application/x-ole-storage") if name.lower().endswith((".xlsx", ".pptx", ".xls", ".ppt")) else (Kind.LOCKED_WORD, _MSWORD)
    if "worddocument" in streams:
        return _doc_kind(data), _MSWORD
    if "workbook" in streams or "book" in streams:
        return Kind.OTHER, "application/vnd.ms-excel"
    if "powerpoint document" in streams:
        return Kind.OTHER, "application/vnd.ms-powerpoint"
    if "__properties_version1.0" in streams:
        return Kind.ARCHIVE, "application/vnd.ms-outlook"
    return (Kind.BROKEN_WORD, _MSWORD) if named_like_word(name) else (Kind.OTHER, "application/x-ole-storage")


def _doc_kind(data: bytes) -> Kind:
    """A Word 97-2003 file, locked where the bit fEncrypted of its FIB says so ([MS-DOC] 2.5.2)."""
    try:
        with _opened(data) as ole:
            if ole.get_size("WordDocument") > len(data):  # cut off, or a lie that would be read in circles
                return Kind.BROKEN_WORD
            magic, flags = struct.unpack_from("<H8xH", ole.openstream("WordDocument").read(12))
    except OLE_ERRORS:
        return Kind.BROKEN_WORD
    if magic not in {0xA5EC, 0xA5DC, 0xA5DB}:
        return Kind.BROKEN_WORD
    return Kind.LOCKED_WORD if flags & 0x0100 else Kind.DOC


def _by_magic(head: bytes) -> Sniffed | None:
    return next((found for pattern, found in _MAGICS if pattern.match(head)), None)


def _mail(head: bytes, name: str) -> Sniffed | None:
    """A mail begins with header fields, three of which every mail has; text that only looks so keeps its own name."""
    block = _HEADER.match(head.lstrip(b"\xef\xbb\xbf\r\n").replace(b"\r\n", b"\n"))
    known = {found.lower() for found in _MAIL_HEADERS.findall(block.group())} if block else set()
    lower = name.lower()
    if (named_like_word(name) or lower.endswith((".mht", ".mhtml"))) and known & {b"mime-version", b"content-type"}:
        return Kind.WEB_ARCHIVE, "multipart/related"
    if len(known) >= (1 if lower.endswith(".eml") else 3):
        return Kind.MAIL, "message/rfc822"
    return None


def _by_text(data: bytes, head: bytes, name: str) -> Sniffed | None:
    if not _is_text(head):
        return None
    text = head.replace(b"\x00", b"").lower()
    found = _markup(text, name)
    if found:
        return found
    return (Kind.WORD_TEXT, "text/plain") if named_like_word(name) and data.strip() else (Kind.OTHER, "text/plain")


def _markup(text: bytes, name: str) -> Sniffed | None:
    for mark, kind in _XML_KINDS:
        if mark in text:
            return kind
    if b"<html" in text or b"<!doctype html" in text or (named_like_word(name) and re.search(rb"<(table|body|p|div)\b", text)):
        by_word = named_like_word(name) or b"schemas-microsoft-com:office:word" in text
        return (Kind.WORD_HTML if by_word else Kind.OTHER), "text/html"
    if text.lstrip(b"\xef\xbb\xbf\xff\xfe ").startswith(b"<?xml"):
        return (Kind.BROKEN_WORD if named_like_word(name) else Kind.OTHER), "application/xml"
    return None


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return bool(head) and not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head) and _decodes(head)


def _decodes(head: bytes) -> bool:
    """Whether the bytes are UTF-8 or GB 18030; the last character may be cut off."""
    for charset in ("utf-8", "gb18030"):
        for end in range(4):
            try:
                head[: len(head) - end].decode(charset)
            except UnicodeDecodeError:
                continue
            return True
    return False


def _unknown(name: str) -> Sniffed:
    return (Kind.BROKEN_WORD, _MSWORD) if named_like_word(name) else (Kind.OTHER, _UNKNOWN)
