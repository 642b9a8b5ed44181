"""Containers opened by their kind: zip, the archives of libarchive, Outlook's two formats; members as bytes, within limits."""

import re
from collections.abc import Callable, Iterator

from daemon.documents.archives import archive_members
from daemon.documents.members import Budget, Damaged, Limits, Locked, Member, OverLimit, TooManyFiles, UnpackError, Unreadable, Wanted, is_file
from daemon.documents.outlook import message_members
from daemon.documents.reasons import Why
from daemon.documents.sniff import may_hold_a_form
from daemon.documents.tnef import tnef_members
from daemon.documents.zips import zip_members
from rules.submission import Status

__all__ = ["Budget", "Damaged", "Limits", "Locked", "Member", "OverLimit", "UnpackError", "Unreadable", "unpack"]

ZIP = "application/zip"

_ONE_OF_SEVERAL = re.compile(r"\.\w{2,3}\.0\d\d$")  # a.7z.001: no archive by itself, and not damaged either
# A container's bytes and what is left of the limits, to its members in their order; raises UnpackError.
Open = Callable[[bytes, Budget], Iterator[Member]]

_OF_OUTLOOK: dict[str, Open] = {
    "application/vnd.ms-tnef": tnef_members,
    "application/vnd.ms-outlook": message_members,
}


def unpack(data: bytes, budget: Budget, media_type: str = ZIP, name: str = "") -> tuple[Member, ...]:
    """Every file of a container, in its order. What it takes of the budget it takes only on success.

    Of an archive with more files than are allowed: those that may hold a form by their names, then one member that stands for all the others.

    Args:
        data: bytes of the container.
        budget: what the mail's limits still allow.
        media_type: of the container, as daemon/documents/sniff.py tells it.
        name: of the container; a file that was packed alone, without a name, is called by it.

    Raises:
        UnpackError: nothing can be read of it, or it is over a limit.
    """

    def opened(wanted: Wanted) -> tuple[Member, ...]:
        if media_type == ZIP:
            return tuple(zip_members(data, budget, wanted))
        if media_type in _OF_OUTLOOK:
            return tuple(_OF_OUTLOOK[media_type](data, budget))
        return tuple(archive_members(data, budget, media_type, name, wanted))

    left_out: list[str] = []

    def hopeful(path: str) -> bool:
        if is_file(path) and not may_hold_a_form(path):
            left_out.append(path)
        return is_file(path) and may_hold_a_form(path)

    try:
        try:
            members = opened(is_file)
        except TooManyFiles:
            members = opened(hopeful)
            if not members:
                raise
        _judge(members)
    except Damaged as error:
        if _ONE_OF_SEVERAL.search(name):
            raise Unreadable(Why.SEVERAL_PARTS) from error
        raise
    budget.files_left -= len(members)
    budget.bytes_left -= sum(len(member.data) for member in members)
    return (*members, _others(len(left_out))) if left_out else members


def _others(count: int) -> Member:
    return Member(f"其余{count}个文件", b"", Status.REFUSED, Why.TOO_MANY_FILES)


def _judge(members: tuple[Member, ...]) -> None:
    """An archive of which no file can be read says so itself."""
    found = {member.status for member in members}
    if not found or Status.OK in found:
        return
    for error in (Locked, Unreadable):
        if error.status in found:
            raise error(next(member.why for member in members if member.why and member.status is error.status))
    raise Damaged(members[0].why or Why.DAMAGED_ARCHIVE)
