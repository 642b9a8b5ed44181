"""Content-Transfer-Encoding undone (RFC 2045, 6), also where it is misspelt, damaged, or not what was really done."""

import re
from binascii import Error as BinasciiError
from binascii import a2b_base64, a2b_qp, a2b_uu

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_LETTERS = bytes(set(range(256)) - set(_LETTERS))
_BASE64 = _LETTERS + b"= \t\r\n"
_PADDING = re.compile(rb"=[=\s]*")
_ESCAPE = re.compile(rb"=[0-9A-Fa-f]{2}")
# How files begin when they stand in base64: zip and docx, OLE, PDF, RTF, rar, 7z, png, jpeg.
_FILE_STARTS = (b"UEsDB", b"0M8R4KGx", b"JVBERi0", b"e1xydG", b"UmFyIR", b"N3q8ry", b"iVBORw0KGgo", b"/9j/")
_SAMPLE = 4000  # bytes
_MANY = 5


def content(body: bytes, encoding: str) -> tuple[bytes, str]:
    """The bytes that were sent, and a code of what was wrong with their encoding ("" for nothing).

    Args:
        body: as it stands in the mail.
        encoding: the value of Content-Transfer-Encoding in any spelling; "" for none.
    """
    name = re.sub(r"[^a-z0-9]", "", encoding.lower())
    if name in {"base64", "b64", "mimebase64"}:
        return _declared_base64(body)
    if body.lstrip()[:11].startswith(_FILE_STARTS) and not body.rstrip(_BASE64):
        return from_base64(body), "mime.wrong_encoding"
    if name in {"quotedprintable", "qp"}:
        return a2b_qp(body.replace(b"\r\n", b"\n")), ""
    if name in {"xuuencode", "uuencode", "xuue", "uue"}:
        return _from_uu(body), ""
    return body, "" if name in {"", "7bit", "8bit", "binary"} else "mime.wrong_encoding"


def from_base64(data: bytes) -> bytes:
    """Base64 with line breaks, foreign characters, missing padding, or several padded pieces one after another; never fails.

    What follows the padding and is no base64 (a footer that a mailing list appended) is left out.
    """
    pieces = []
    position, last_foreign = 0, len(data.rstrip(_BASE64))
    for padding in _PADDING.finditer(data):
        pieces.append(_piece(data[position : padding.start()]))
        position = padding.end()
        if position < last_foreign:
            return b"".join(pieces)
    return b"".join([*pieces, _piece(data[position:])])


def _piece(data: bytes) -> bytes:
    letters = data.translate(None, _NOT_LETTERS)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return a2b_base64(letters + b"=" * (-len(letters) % 4))


def _declared_base64(body: bytes) -> tuple[bytes, str]:
    sample = body[:_SAMPLE]
    if len(_ESCAPE.findall(sample)) > _MANY:
        return a2b_qp(body.replace(b"\r\n", b"\n")), "mime.wrong_encoding"
    foreign = len(sample.translate(None, _BASE64))
    words = len(re.findall(rb"\S [A-Za-z]", sample))
    if foreign + words > len(sample) * 0.1:
        return body, "mime.wrong_encoding"
    return from_base64(body), ""


def _from_uu(body: bytes) -> bytes:
    out = bytearray()
    _, _, lines = body.partition(b"begin ")
    for line in lines.splitlines()[1:]:
        if line.strip() == b"end":
            break
        try:
            out += a2b_uu(line)
        except BinasciiError:  # the length sign is wrong: as many bytes as there are letters for (as the standard library does)
            out += _short_uu(line)
    return bytes(out)


def _short_uu(line: bytes) -> bytes:
    try:
        return a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])
    except BinasciiError:
        return b""
