"""A VBA project as Word keeps it ([MS-OVBA]), and a binary Word file with one inside."""

import struct
from io import BytesIO

import olefile

from tests.containers import Tree, compound

CODEPAGE = 936


def vba_project(code: str, *, module: str = "ThisDocument") -> Tree:
    """The folder `Macros` of a .doc: one project with one module that has this code."""
    lines = ["ID={00000000-0000-0000-0000-000000000000}", f"Document={module}/&H00000000", 'Name="Project"', "HelpContextID=0", ""]
    head = f'Attribute VB_Name = "{module}"\nAttribute VB_Base = "1Normal.ThisDocument"\n'
    vba: Tree = {
        "_VBA_PROJECT": struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0),  # no code compiled beforehand: the source is what counts
        "dir": _packed(_directory(module)),
        module: _packed((head + code).replace("\n", "\r\n").encode(f"cp{CODEPAGE}")),
    }
    return {"VBA": vba, "PROJECT": "\r\n".join(lines).encode()}


def with_macros(doc: bytes, code: str) -> bytes:
    """A binary Word file with a VBA project added, everything else as it was."""
    tree: Tree = {"Macros": vba_project(code)}
    with olefile.OleFileIO(BytesIO(doc)) as found:
        for path in found.listdir():
            folder = tree
            for name in path[:-1]:
                folder = folder.setdefault(name, {})
            folder[path[-1]] = found.openstream(path).read()
    return compound(tree)


def _directory(module: str) -> bytes:
    """The stream `dir` (2.3.4.2): what the project is, and where the module's source lies."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HI", kind, len(data)) + data

    def twice(kind: int, text: str, wide: int) -> bytes:
        return record(kind, text.encode(f"cp{CODEPAGE}")) + record(wide, text.encode("utf-16-le"))

    number = struct.Struct("<I").pack
    project = record(0x01, number(1)) + record(0x02, number(0x409)) + record(0x14, number(0x409)) + record(0x03, struct.pack("<H", CODEPAGE))
    project += record(0x04, b"Project") + twice(0x05, "", 0x40) + record(0x06) + record(0x3D) + record(0x07, number(0)) + record(0x08, number(0))
    project += struct.pack("<HIIH", 0x09, 4, 1, 0) + twice(0x0C, "", 0x3C)
    modules = record(0x0F, struct.pack("<H", 1)) + record(0x13, struct.pack("<H", 0xFFFF))
    modules += twice(0x19, module, 0x47) + twice(0x1A, module, 0x32) + twice(0x1C, "", 0x48) + record(0x31, number(0)) + record(0x1E, number(0))
    modules += record(0x2C, struct.pack("<H", 0xFFFF)) + record(0x22) + record(0x2B)
    return project + modules + record(0x10)


def _packed(data: bytes) -> bytes:
    """A compressed container (2.4.1) of one chunk in which nothing is really shortened."""
    pieces = b"".join(b"\0" + data[at : at + 8] for at in range(0, len(data), 8))
    assert len(pieces) <= 4096, "longer code needs more chunks"
    return b"\x01" + struct.pack("<H", 0xB000 | (len(pieces) - 1)) + pieces
