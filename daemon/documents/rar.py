"""What the headers of a RAR archive (versions 4 and 5) say and libarchive does not: which files are locked, whether it is whole, or one of several volumes.

Nothing is unpacked here, and no header is believed about a size.
"""

import struct
from dataclasses import dataclass

VERSION_5 = b"Rar!\x1a\x07\x01\x00"
MOST_BLOCKS = 20_000

_BLOCK_4 = struct.Struct("<2xBHH")  # checksum, type, flags, size of the header
_MAIN_4, _FILE_4, _END_4 = 0x73, 0x74, 0x7B
_MAIN_5, _FILE_5, _LOCKED_5, _END_5 = 1, 2, 4, 5


@dataclass(slots=True)
class RarMarks:
    """What was found.

    Attributes:
        locked: for each file, in the archive's order, whether its content needs a password.
        names_locked: even the names need one.
        volume: one part of several.
        whole: nothing is cut off.
    """

    locked: list[bool]
    names_locked: bool = False
    volume: bool = False
    whole: bool = False


def rar_marks(data: bytes) -> RarMarks:
    """Walk over the headers; never raises."""
    marks = RarMarks([])
    step, at = (_step_5, len(VERSION_5)) if data.startswith(VERSION_5) else (_step_4, 7)
    try:
        for _ in range(MOST_BLOCKS):
            if at >= len(data):
                break
            following = step(data, at, marks)
            if following is None:
                marks.whole = True
                return marks
            at = following
        marks.whole = at == len(data)  # some programs write no end block
    except (struct.error, IndexError):
        marks.whole = False
    return marks


def _step_4(data: bytes, at: int, marks: RarMarks) -> int | None:
    """Note one block of version 4; where the next begins, None behind the last."""
    kind, flags, size = _BLOCK_4.unpack_from(data, at)
    packed = struct.unpack_from("<I", data, at + 7)[0] if flags & 0x8000 else 0
    if kind == _MAIN_4:
        marks.volume, marks.names_locked = bool(flags & 0x0001), bool(flags & 0x0080)
    elif kind == _FILE_4:
        marks.locked.append(bool(flags & 0x0004))
        packed += struct.unpack_from("<I", data, at + 32)[0] << 32 if flags & 0x0100 else 0
    if kind == _END_4 or marks.names_locked:
        return None
    return int(at + max(size, _BLOCK_4.size) + packed)


def _step_5(data: bytes, at: int, marks: RarMarks) -> int | None:
    """Note one block of version 5; where the next begins, None behind the last."""
    size, start = _number(data, at + 4)
    kind, at = _number(data, start)
    flags, at = _number(data, at)
    extra, at = _number(data, at) if flags & 0x1 else (0, at)
    packed, at = _number(data, at) if flags & 0x2 else (0, at)
    end = start + size
    if kind == _MAIN_5:
        marks.volume = bool(_number(data, at)[0] & 0x1)
    elif kind == _FILE_5:
        marks.locked.append(_has_lock(data[max(at, end - extra) : end]))
    marks.names_locked |= kind == _LOCKED_5
    return None if kind in {_END_5, _LOCKED_5} else end + packed


def _has_lock(extra: bytes) -> bool:
    """Whether one of a file's extra records is that of its encryption, type 1."""
    at = 0
    while at < len(extra):
        size, start = _number(extra, at)
        if _number(extra, start)[0] == 1:
            return True
        at = start + max(size, 1)
    return False


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first; and where it ends."""
    value = 0
    for place in range(10):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return value, at + place + 1
    raise IndexError("a number without end")
