"""Archives and OLE files as bytes, with the quirks that Python's own writers do not make."""

import struct
import zipfile
from io import BytesIO

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SECTOR = 512
JUNK = bytes(range(256)) * 8


def zipped(*members: tuple[str, bytes], raw_names: str = "", store: bool = False) -> bytes:
    """A zip archive; raw_names: the charset that names are written in, without any flag that says so."""
    buffer, placed = BytesIO(), []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(members):
            if raw_names:
                wanted = name.encode(raw_names)
                name = f"{number:03d}" + "~" * (len(wanted) - 3)  # noqa: PLW2901 - an ASCII name of the same length stands in for it
                placed.append((name.encode(), wanted))
            archive.writestr(zipfile.ZipInfo(name, (2024, 9, 5, 10, 30, 0)), data, archive.compression)
    packed = buffer.getvalue()
    for placeholder, wanted in placed:
        packed = packed.replace(placeholder, wanted)
    return packed


def with_flag(packed: bytes, flag: int) -> bytes:
    """A zip archive of which every member has this general purpose flag set."""
    changed = bytearray(packed)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = packed.find(magic)
        while at >= 0:
            (old,) = struct.unpack_from("<H", changed, at + offset)
            struct.pack_into("<H", changed, at + offset, old | flag)
            at = packed.find(magic, at + 4)
    return bytes(changed)


def lying(packed: bytes, size: int) -> bytes:
    """A zip archive of one member whose headers say that it unpacks to `size` bytes."""
    changed = bytearray(packed)
    struct.pack_into("<I", changed, 22, size)
    struct.pack_into("<I", changed, packed.rindex(b"PK\x01\x02") + 24, size)
    return bytes(changed)


def ole(**streams: bytes) -> bytes:
    """An OLE compound file ([MS-CFB]) with these streams in its root; each is padded to 4096 bytes, so that none needs the mini stream."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sectors, fat, entries = [], [], [_entry("Root Entry", 5, END, 0, child=1 if padded else FREE)]
    for number, (name, data) in enumerate(padded.items(), 1):
        start = len(sectors)
        pieces = [data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR)]
        sectors += pieces
        fat += [*range(start + 1, start + len(pieces)), END]
        entries.append(_entry(name, 2, start, len(data), right=number + 1 if number < len(padded) else FREE))
    entries += [_entry("", 0, 0, 0)] * (-len(entries) % 4)
    directory = len(sectors)
    sectors += [b"".join(entries[at : at + 4]) for at in range(0, len(entries), 4)]
    fat += [*range(directory + 1, len(sectors)), END, FAT]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    assert len(table) == SECTOR
    head = struct.pack("<8s16xHHHHH6xIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory, 0, 4096)
    head += struct.pack("<IIII", END, 0, END, 0) + struct.pack("<I", len(sectors)) + struct.pack("<I", FREE) * 108
    return head + b"".join(sectors) + table


def word_97(*, locked: bool = False, **streams: bytes) -> bytes:
    """The shell of a binary Word file: enough to be known for one, with nothing to read in it."""
    return ole(WordDocument=struct.pack("<H8xH", 0xA5EC, 0x0100 if locked else 0), **streams)


def _entry(name: str, kind: int, start: int, size: int, *, right: int = FREE, child: int = FREE) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16xI8x8xIQ", text, len(text) + 2 if name else 0, kind, 1, FREE, right, child, 0, start, size)
