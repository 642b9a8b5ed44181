"""Archives and OLE files as bytes, with the quirks that Python's own writers do not make."""

import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SECTOR, MINI, MINI_BELOW = 512, 64, 4096
JUNK = bytes(range(256)) * 8
Tree = dict[str, "bytes | Tree"]


def zipped(*members: tuple[str, bytes], raw_names: str | Sequence[str] = "", store: bool = False) -> bytes:
    """A zip archive; raw_names: the charset that names are written in, without any flag that says so; of all, or of each, where "" is UTF-8 with the flag."""
    buffer, placed = BytesIO(), []
    charsets = [raw_names] * len(members) if isinstance(raw_names, str) else raw_names
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED) as archive:
        for number, ((name, data), charset) in enumerate(zip(members, charsets, strict=True)):
            if charset:
                wanted = name.encode(charset)
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
    """An OLE compound file with these streams in its root; each is padded to 4096 bytes, so that a change of a byte here or there is easy to place."""
    return compound({name: data.ljust(MINI_BELOW, b"\0") for name, data in streams.items()})


def compound(tree: Tree) -> bytes:
    """An OLE compound file ([MS-CFB]) of streams and of folders of such; what is shorter than 4096 bytes lies in the mini stream, as it must."""
    sectors, fat, entries = [], [], []
    mini, mini_fat = bytearray(), []

    def place(data: bytes) -> int:
        start, count = len(sectors), -(-len(data) // SECTOR)
        sectors.extend(data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR))
        fat.extend([*range(start + 1, start + count), END])
        return start

    def place_small(data: bytes) -> int:
        start, count = len(mini_fat), -(-len(data) // MINI)
        mini.extend(data.ljust(count * MINI, b"\0"))
        mini_fat.extend([*range(start + 1, start + count), END])
        return start

    def add(name: str, content: Tree | bytes, kind: int) -> int:
        number = len(entries)
        entries.append([name, kind, FREE, FREE, END, 0])
        if isinstance(content, bytes):
            if content:
                entries[number][4:] = [(place if len(content) >= MINI_BELOW else place_small)(content), len(content)]
            return number
        # Names are sought in a tree that is ordered by length, then by capitals; one in which every branch goes right is slow, and sound.
        ordered = sorted(content.items(), key=lambda item: (len(item[0]), item[0].upper()))
        children = [add(key, value, 2 if isinstance(value, bytes) else 1) for key, value in ordered]
        for left, right in pairwise(children):
            entries[left][2] = right
        entries[number][3] = children[0] if children else FREE
        return number

    add("Root Entry", tree, 5)
    first_mini = place(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(-(-len(mini_fat) // 128) * SECTOR, b"\xff")) if mini else END
    entries[0][4:] = [place(bytes(mini)), len(mini)] if mini else [END, 0]
    packed = [_entry(*entry) for entry in entries] + [_entry("", 0, FREE, FREE, 0, 0)] * (-len(entries) % 4)
    directory = place(b"".join(packed))
    tables = 1
    while (len(sectors) + tables) * 4 > tables * SECTOR:
        tables += 1
    first = len(sectors)
    table = struct.pack(f"<{len(fat) + tables}I", *fat, *[FAT] * tables).ljust(tables * SECTOR, b"\xff")
    head = struct.pack("<8s16xHHHHH6xIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory, 0, MINI_BELOW)
    places = [*range(first, first + tables), *[FREE] * (109 - tables)]
    return head + struct.pack("<IIII", first_mini, -(-len(mini_fat) // 128), END, 0) + struct.pack("<109I", *places) + b"".join(sectors) + table


def word_97(*, locked: bool = False, **streams: bytes) -> bytes:
    """The shell of a binary Word file: enough to be known for one, with nothing to read in it."""
    return ole(WordDocument=struct.pack("<H8xH", 0xA5EC, 0x0100 if locked else 0), **streams)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16xI8x8xIQ", text, len(text) + 2 if name else 0, kind, 1, FREE, right, child, 0, start, size)
