"""Archives and saved mails as bytes, where Python has no writer for them: 7z, RAR without compression, winmail.dat, and Outlook's .msg."""

import io
import struct
import tarfile
import zlib

from tests.containers import compound

AES, COPY = b"\x06\xf1\x07\x01", b"\x00"
CODEPAGE_936 = 936


def seven_zip(*files: tuple[str, bytes], codec: bytes = COPY) -> bytes:
    """A 7z archive, every file a folder of its own; with codec AES each needs a password, in a way that cannot be read anyway."""

    def number(value: int) -> bytes:
        return b"\xff" + struct.pack("<Q", value)

    count, sizes = number(len(files)), b"".join(number(len(data)) for _, data in files)
    coder = bytes([1, len(codec) | (0x20 if codec == AES else 0)]) + codec + (b"\x02\x00\x00" if codec == AES else b"")
    names = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name, _ in files)
    header = b"\x01\x04\x06" + number(0) + count + b"\x09" + sizes + b"\0"
    header += b"\x07\x0b" + count + b"\0" + coder * len(files) + b"\x0c" + sizes + b"\0" + b"\x08\x00\x00"
    header += b"\x05" + count + b"\x11" + number(len(names)) + names + b"\0\0"
    packed = b"".join(data for _, data in files)
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def rar_4(*files: tuple[str, bytes], locked: bool = False, volume: bool = False, method: int = 0x30, raw_names: str = "gb18030") -> bytes:
    """A RAR archive of version 4, stored, whatever its method says."""

    def block(body: bytes) -> bytes:
        return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body

    made = b"Rar!\x1a\x07\x00" + block(struct.pack("<BHH6x", 0x73, 0x01 if volume else 0, 13))
    for path, data in files:
        name = path.encode(raw_names)
        head = struct.pack("<BHH", 0x74, 0x8000 | (0x04 if locked else 0), 32 + len(name))
        made += block(head + struct.pack("<IIBIIBBHI", len(data), len(data), 2, zlib.crc32(data), 0x58A52400, 20, method, len(name), 0x20) + name) + data
    return made + block(struct.pack("<BHH", 0x7B, 0x4000, 7))


def rar_5(*files: tuple[str, bytes], locked: bool = False, names_locked: bool = False, volume: bool = False, method: int = 0) -> bytes:
    """A RAR archive of version 5, stored, whatever its method says."""

    def number(value: int) -> bytes:
        return (bytes([value & 0x7F | 0x80]) + number(value >> 7)) if value > 0x7F else bytes([value])

    def block(*numbers: int, body: bytes = b"") -> bytes:
        head = b"".join(number(each) for each in numbers) + body
        head = number(len(head)) + head
        return struct.pack("<I", zlib.crc32(head)) + head

    made = b"Rar!\x1a\x07\x01\x00" + (block(4, 0, 0, 0, 15, body=bytes(16)) if names_locked else b"") + block(1, 0, 1 if volume else 0)
    lock = number(33) + number(1) + bytes(32) if locked else b""
    for path, data in files:
        name = path.encode()
        fixed = number(4) + number(len(data)) + number(0x20) + struct.pack("<I", zlib.crc32(data)) + number(method) + number(0) + number(len(name)) + name
        extra = (len(lock),) if lock else ()
        made += block(2, 3 if lock else 2, *extra, len(data), body=fixed + lock) + data
    return made + block(5, 0, 0)


def tarred(*files: tuple[str, bytes], encoding: str = "utf-8", mode: str = "w") -> bytes:
    """A tar archive; mode "w:gz" and the like pack it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.GNU_FORMAT, encoding=encoding) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def tarred_by_libarchive(*files: tuple[str, bytes], packed: str) -> bytes:
    """A tar archive, packed by a filter for which Python has no module: "zstd", "lz4", "compress"."""
    return _by_libarchive(files, "gnutar", packed)


def seven_zip_compressed(*files: tuple[str, bytes], method: str = "lzma2") -> bytes:
    """A 7z archive, all files in one stream, as 7-Zip itself makes it; method: "lzma1", "lzma2", "ppmd", "bzip2" or "deflate"."""
    return _by_libarchive(files, "7zip", options=f"compression={method}")


def _by_libarchive(files, kind: str, packed: str | None = None, options: str = "") -> bytes:
    import libarchive  # noqa: PLC0415 - the system may lack it

    made = io.BytesIO()
    with libarchive.custom_writer(made.write, kind, packed, options=options) as archive:
        for name, data in files:
            archive.add_file_from_memory(name, len(data), data)
    return made.getvalue()


def winmail(*files: tuple[str, bytes], codepage: int = CODEPAGE_936, long_names: bool = False, embedded: bytes = b"", inline: bool = False) -> bytes:
    """A winmail.dat; with long_names the title is short and the name stands, in UTF-16, among the MAPI properties; inline: they are shown in the text."""

    def thing(level: int, kind: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, kind, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    def text(tag: int, value: bytes, kind: int = 0x1F) -> bytes:
        return struct.pack("<HHII", kind, tag, 1, len(value)) + value + bytes(-len(value) % 4)

    made = struct.pack("<IH", 0x223E9F78, 1) + thing(1, 0x9006, struct.pack("<I", 0x10000)) + thing(1, 0x9007, struct.pack("<II", codepage, 0))
    made += thing(1, 0x8004, "关于申报".encode("gb18030"))
    for name, data in files:
        title = b"SHENBA~1.DOC" if long_names else name.encode("gb18030")
        made += thing(2, 0x9002, bytes(14)) + thing(2, 0x8010, title + b"\0") + thing(2, 0x800F, data)
        named = struct.pack("<HH16sII6s2xI", 0x0003, 0x8001, bytes(16), 1, 6, "AB".encode("utf-16-le"), 7)
        properties = struct.pack("<HHI", 0x0003, 0x0E21, 1) + named + text(0x3707, (name + "\0").encode("utf-16-le"))
        made += thing(2, 0x9005, struct.pack("<I", 3) + properties) if long_names else b""
        made += thing(2, 0x9005, struct.pack("<I", 1) + text(0x3712, "logo@x".encode("utf-16-le"))) if inline else b""
    if embedded:
        value = bytes.fromhex("0703020000000000c000000000000046") + embedded
        made += thing(2, 0x9002, bytes(14)) + thing(2, 0x9005, struct.pack("<I", 1) + text(0x3701, value, 0x0D))
    return made


def outlook_file(*files: tuple[str, bytes], inner: tuple[tuple[str, bytes], ...] = (), ansi: bool = False) -> bytes:
    """A .msg with these files attached, and one attached mail with the files of `inner`."""
    return compound({"__properties_version1.0": bytes(32), **_attached(files, ansi=ansi, inner=inner)})


def _attached(files, *, ansi: bool, inner=()) -> dict:
    tree = {}
    for number, (name, data) in enumerate(files):
        named = {"__substg1.0_3707001E": name.encode("gb18030")} if ansi else {"__substg1.0_3707001F": name.encode("utf-16-le")}
        tree[f"__attach_version1.0_#{number:08X}"] = {"__substg1.0_37010102": data, **named}
    if inner:
        tree[f"__attach_version1.0_#{len(files):08X}"] = {"__substg1.0_3701000D": _attached(inner, ansi=ansi)}
    return tree
