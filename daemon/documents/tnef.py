"""winmail.dat: the files that Outlook packs into one of its own ([MS-OXTNEF]); the text, the sender and the rest of it are not read."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from daemon.documents.members import Budget, Damaged, Member, Tally
from daemon.documents.reasons import Why
from daemon.mail.parameters import clean_name

_OBJECT = struct.Struct("<BHHI")  # level, name, type, length; then the data and two bytes of checksum
_CODEPAGE, _RENDERING, _TITLE, _DATA, _PROPERTIES = 0x9007, 0x9002, 0x8010, 0x800F, 0x9005
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _OBJECT_DATA, _CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x3701, 0x3712
# MAPI types of a fixed size, padded to four bytes ([MS-OXCDATA] 2.11.1).
_SIZES = {0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE, _UNICODE, _EMBEDDED = {0x0D, 0x1E, 0x1F, 0x102}, 0x1F, 0x0D
_INTERFACE = 16  # bytes before an embedded object: which kind it is


@dataclass(slots=True)
class _File:
    """One attachment: its data, and its names by where they stood."""

    data: bytes | None = None
    names: dict[int, str] = field(default_factory=dict)
    inline: bool = False


def tnef_members(data: bytes, budget: Budget) -> Iterator[Member]:
    """Every file of a winmail.dat, in its order; a mail attached to the mail comes out as another winmail.dat.

    Raises:
        UnpackError: it is damaged, or over a limit.
    """
    tally = Tally(budget, len(data))
    files, whole = _files(data)
    for number, file in enumerate(files, 1):
        if file.data is None:
            continue
        tally.begin_file()
        tally.add(len(file.data))
        names = (file.names.get(kind, "") for kind in (_LONG_NAME, _TITLE, _SHORT_NAME, _DISPLAY_NAME))
        yield Member(next((clean for each in names if (clean := clean_name(each))), f"{number}"), file.data, inline=file.inline)
    if not whole and not any(file.data is not None for file in files):
        raise Damaged(Why.DAMAGED_WINMAIL)


def text_of(raw: bytes, codepage: int = 0) -> str:
    """A name in bytes: UTF-8, else traditional Chinese, Japanese or Korean where the file says so, else GB 18030."""
    raw = raw.rstrip(b"\0")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(f"cp{codepage}" if codepage in {932, 949, 950} else "gb18030", "replace")


def _files(data: bytes) -> tuple[list[_File], bool]:
    """The attachments, and whether the file was whole to its end."""
    files: list[_File] = []
    codepage, at = 0, 6
    while at + _OBJECT.size <= len(data):
        level, kind, _, length = _OBJECT.unpack_from(data, at)
        at += _OBJECT.size
        content = data[at : at + length]
        if len(content) < length or level not in {1, 2}:
            return files, False
        at += length + 2
        if level == 1 and kind == _CODEPAGE:
            codepage = int.from_bytes(content[:4], "little")
        elif kind == _RENDERING:
            files.append(_File())
        elif level == 2 and files:
            _note(files[-1], kind, content, codepage)
    return files, at >= len(data) > 6


def _note(file: _File, kind: int, content: bytes, codepage: int) -> None:
    if kind == _DATA:
        file.data = content
    elif kind == _TITLE:
        file.names[_TITLE] = text_of(content, codepage)
    elif kind == _PROPERTIES:
        for mapi_type, name, value in _properties(content):
            if name in {_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME}:
                file.names[name] = value.decode("utf-16-le", "replace").rstrip("\0") if mapi_type == _UNICODE else text_of(value, codepage)
            elif name == _OBJECT_DATA and file.data is None:
                file.data = value[_INTERFACE:] if mapi_type == _EMBEDDED else value
            elif name == _CONTENT_ID:
                file.inline = True


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(type, name, first value) of each MAPI property; where it is damaged it ends."""
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, len(data) // 4)):
            mapi_type, name = struct.unpack_from("<HH", data, at)
            at = _behind_name(data, at + 4) if name >= 0x8000 else at + 4
            values, at = _values(data, at, mapi_type)
            if values is None:
                return
            yield mapi_type & 0xFFF, name, values[0] if values else b""
    except struct.error:
        return


def _behind_name(data: bytes, at: int) -> int:
    """Where a named property's value begins: behind its GUID, and its number or its name."""
    kind, length = struct.unpack_from("<16xII", data, at)
    return at + 24 + (_padded(length) if kind else 0)


def _values(data: bytes, at: int, mapi_type: int) -> tuple[list[bytes] | None, int]:
    """A property's values, and where they end; None for an unknown type, of which nobody knows the length."""
    several, mapi_type = bool(mapi_type & 0x1000), mapi_type & 0xFFF
    if mapi_type not in _VARIABLE and mapi_type not in _SIZES:
        return None, at
    count = 1
    if several or mapi_type in _VARIABLE:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    values = []
    for _ in range(min(count, len(data))):
        length = _SIZES.get(mapi_type)
        if length is None:
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        values.append(data[at : at + length])
        at += _padded(length)
        if at > len(data) + 3:
            raise struct.error("cut off")
    return values, at


def _padded(length: int) -> int:
    return length + -length % 4
