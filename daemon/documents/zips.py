"""Zip archives: members as bytes within limits, names decoded as Chinese Windows writes them; no path of an archive is ever used as a path."""

import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO

from daemon.documents.members import RATIO_FROM, Budget, Damaged, Member, OverLimit, TooManyFiles, Unreadable, Wanted
from daemon.documents.reasons import Why
from daemon.documents.sniff import ZIP_ERRORS
from daemon.mail.parameters import clean_name
from rules.submission import Status

CHUNK = 65536  # bytes
LOCKED = 0x1  # general purpose bit 0: encrypted (APPNOTE 4.4.4)
IN_UTF8 = 0x800  # bit 11: the name is UTF-8
UNICODE_NAME = 0x7075  # kind of extra field

_EXTRA = struct.Struct("<HH")  # kind and size of an extra field


def zip_members(data: bytes, budget: Budget, wanted: Wanted) -> Iterator[Member]:
    """Every wanted file of a zip archive, in its order.

    Raises:
        UnpackError: nothing can be read of it, or it is over a limit.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if wanted(info.filename)]
            if len(infos) > budget.files_left:
                raise TooManyFiles
            yield from _members(archive, infos, data, budget)
    except UnicodeDecodeError as error:
        raise Unreadable(Why.CHARSET) from error
    except ZIP_ERRORS as error:
        raise Damaged(Why.DAMAGED_ZIP) from error


def _members(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], data: bytes, budget: Budget) -> Iterator[Member]:
    left = budget.bytes_left
    for number, info in enumerate(infos, 1):
        name = clean_name(_decoded(info)) or f"{number}"
        if info.flag_bits & LOCKED:
            yield Member(name, b"", Status.ENCRYPTED, Why.LOCKED)
            continue
        _forgive_local_name(info, data)
        try:
            content = b"".join(_stream(archive, info, min(left, budget.limits.file_bytes), budget.limits.ratio))
        except NotImplementedError:
            yield Member(name, b"", Status.CONVERTED_FAILED, Why.PACKING)
            continue
        except ZIP_ERRORS:
            yield Member(name, b"", Status.CORRUPT, Why.DAMAGED_IN_ARCHIVE)
            continue
        left -= len(content)
        yield Member(name, content)


def _stream(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, ratio: int) -> Iterator[bytes]:
    """A member's bytes, counted as they come: the sizes in its header may lie."""
    count = 0
    with archive.open(info) as file:
        while chunk := file.read(CHUNK):
            count += len(chunk)
            if count > most:
                raise OverLimit(Why.TOO_MANY_BYTES)
            if count > RATIO_FROM and count > info.compress_size * ratio:
                raise OverLimit(Why.BOMB)
            yield chunk


def _decoded(info: zipfile.ZipInfo) -> str:
    """The member's name: Info-ZIP's Unicode extra field, the UTF-8 flag, else UTF-8 or GB 18030 by trial."""
    if info.flag_bits & IN_UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:  # newer Pythons have read the extra field already
        return info.filename
    for charset, name in (("utf-8", _unicode_extra(info.extra)), ("utf-8", raw), ("gb18030", raw)):
        try:
            if name:
                return name.decode(charset)
        except UnicodeDecodeError:
            continue
    return info.filename


def _unicode_extra(extra: bytes) -> bytes:
    """The name in UTF-8 of the extra field 0x7075 (APPNOTE 4.6.9): version, checksum, name; b"" where there is none."""
    while len(extra) >= _EXTRA.size:
        kind, size = _EXTRA.unpack_from(extra)
        field_data, extra = extra[_EXTRA.size : _EXTRA.size + size], extra[_EXTRA.size + size :]
        if kind == UNICODE_NAME:
            return field_data[5:]
    return b""


def _forgive_local_name(info: zipfile.ZipInfo, data: bytes) -> None:
    """Let a name differ between directory and member, as some Chinese tools write it: Python would refuse the file, people can open it."""
    start = info.header_offset + 30
    if info.header_offset < 0 or len(data) < start:
        return
    (length,) = struct.unpack_from("<H", data, info.header_offset + 26)
    try:
        info.orig_filename = data[start : start + length].decode("utf-8" if info.flag_bits & IN_UTF8 else "cp437")
    except UnicodeDecodeError:
        return
