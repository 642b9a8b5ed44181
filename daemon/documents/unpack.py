"""Zip archives: members as bytes within limits, names decoded as Chinese Windows writes them; no path of an archive is ever used as a path."""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from daemon.documents.sniff import ZIP_ERRORS
from daemon.mail.parameters import clean_name
from rules.submission import Status

CHUNK = 65536  # bytes
LOCKED = 0x1  # general purpose bit 0: encrypted (APPNOTE 4.4.4)
IN_UTF8 = 0x800  # bit 11: the name is UTF-8
RATIO_FROM = 10 * 1024 * 1024  # bytes: a smaller member harms nobody, however well it is packed
UNICODE_NAME = 0x7075  # kind of extra field

_EXTRA = struct.Struct("<HH")  # kind and size of an extra field


class UnpackError(Exception):
    """An archive gives nothing away: Locked, Damaged, OverLimit, or Unreadable; the text is a short English reason."""

    status = Status.CONVERTED_FAILED


class Locked(UnpackError):  # noqa: N818 - reads as what happened
    """It needs a password."""

    status = Status.ENCRYPTED


class Damaged(UnpackError):  # noqa: N818
    """It cannot be opened."""

    status = Status.CORRUPT


class OverLimit(UnpackError):  # noqa: N818
    """More files or bytes than are allowed."""

    status = Status.REFUSED


class Unreadable(UnpackError):  # noqa: N818
    """It may be sound, but this program cannot read its like."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one mail may hold.

    Attributes:
        mail_bytes: of the raw mail.
        file_bytes: of one file that was unpacked.
        total_bytes: of all files that were unpacked, together.
        files: number of attachments, however they came.
        depth: archives inside archives.
        mails: forwarded mails inside forwarded mails.
        ratio: unpacked bytes for each packed byte, of a member over 10 MB.
    """

    mail_bytes: int = 50 * 1024 * 1024
    file_bytes: int = 50 * 1024 * 1024
    total_bytes: int = 200 * 1024 * 1024
    files: int = 200
    depth: int = 5
    mails: int = 10
    ratio: int = 200


@dataclass(slots=True)
class Budget:
    """What is left of one mail's limits."""

    limits: Limits
    bytes_left: int = field(init=False)
    files_left: int = field(init=False)

    def __post_init__(self) -> None:
        """Begin with all of it."""
        self.bytes_left, self.files_left = self.limits.total_bytes, self.limits.files


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; one that cannot be read, beside others that can, has no bytes and says why."""

    name: str
    data: bytes
    status: Status = Status.OK
    reason: str = ""


def unpack(data: bytes, budget: Budget) -> tuple[Member, ...]:
    """Every file of a zip archive, in its order. What it takes of the budget it takes only on success.

    Raises:
        UnpackError: nothing can be read of it, or it is over a limit.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not _to_skip(info)]
            if len(infos) > budget.files_left:
                raise OverLimit(f"{len(infos)} files in an archive")
            members = tuple(_members(archive, infos, data, budget))
    except UnicodeDecodeError as error:
        raise Unreadable("names in an unknown charset") from error
    except ZIP_ERRORS as error:
        raise Damaged("not a sound zip archive") from error
    _judge(members)
    budget.files_left -= len(members)
    budget.bytes_left -= sum(len(member.data) for member in members)
    return members


def _judge(members: tuple[Member, ...]) -> None:
    """An archive of which no file can be read says so itself."""
    found = {member.status for member in members}
    if not found or Status.OK in found:
        return
    for error in (Locked, Unreadable):
        if error.status in found:
            raise error(next(member.reason for member in members if member.status is error.status))
    raise Damaged(members[0].reason)


def _to_skip(info: zipfile.ZipInfo) -> bool:
    """Folders, and what systems put into archives on their own."""
    name = info.filename.replace("\\", "/")
    last = name.rpartition("/")[2]
    return (
        not last
        or name.startswith("__MACOSX/")
        or "/__MACOSX/" in name
        or last.lower() in {".ds_store", "thumbs.db", "desktop.ini"}
        or last.startswith(("~$", "._"))
    )


def _members(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], data: bytes, budget: Budget) -> Iterator[Member]:
    left = budget.bytes_left
    for number, info in enumerate(infos, 1):
        name = clean_name(_decoded(info)) or f"{number}"
        if info.flag_bits & LOCKED:
            yield Member(name, b"", Status.ENCRYPTED, "needs a password")
            continue
        _forgive_local_name(info, data)
        try:
            content = b"".join(_stream(archive, info, min(left, budget.limits.file_bytes), budget.limits.ratio))
        except NotImplementedError:
            yield Member(name, b"", Status.CONVERTED_FAILED, "packed by a method that is not known here")
            continue
        except ZIP_ERRORS:
            yield Member(name, b"", Status.CORRUPT, "damaged in its archive")
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
                raise OverLimit("unpacks to more bytes than are allowed")
            if count > RATIO_FROM and count > info.compress_size * ratio:
                raise OverLimit("an archive bomb")
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
