"""What comes out of a container (archive or saved mail): its members, within limits, or the reason why there are none; opens nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass, field

from daemon.documents.reasons import Unread, Why
from rules.submission import Status

# Whether the file at this path of an archive is to be taken out of it.
Wanted = Callable[[str], bool]

RATIO_FROM = 10 * 1024 * 1024  # bytes: what is smaller harms nobody, however well it is packed


class UnpackError(Unread):
    """An archive gives nothing away: Locked, Damaged, OverLimit, or Unreadable."""

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


class TooManyFiles(OverLimit):
    """More files than are allowed; what is in them was not looked at yet."""

    def __init__(self) -> None:
        super().__init__(Why.TOO_MANY_FILES)


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
    """One file of a container; one that cannot be read, beside others that can, has no bytes and says why. `inline`: a mail shows it in its text."""

    name: str
    data: bytes
    status: Status = Status.OK
    why: Why | None = None
    inline: bool = False


def is_file(path: str) -> bool:
    """Whether a path in an archive is neither a folder, nor what systems put there on their own."""
    name = path.replace("\\", "/")
    last = name.rpartition("/")[2]
    return not (
        not last
        or name.startswith("__MACOSX/")
        or "/__MACOSX/" in name
        or last.lower() in {".ds_store", "thumbs.db", "desktop.ini"}
        or last.startswith(("~$", "._"))
    )


@dataclass(slots=True)
class Tally:
    """Counts what comes out of one container, as it comes: the sizes in its headers may lie.

    Attributes:
        packed: bytes of the container.
    """

    budget: Budget
    packed: int
    files: int = 0
    total: int = 0
    of_file: int = 0

    def begin_file(self, *, wanted: bool = True) -> None:
        """Count a file; of one that is not taken out only the bytes are counted.

        Raises:
            TooManyFiles: it is one too many.
        """
        self.files, self.of_file = self.files + wanted, 0
        if self.files > self.budget.files_left:
            raise TooManyFiles

    def add(self, count: int) -> None:
        """Count bytes of the file that was begun.

        Raises:
            OverLimit: they are too many, or too well packed to be true.
        """
        self.total, self.of_file = self.total + count, self.of_file + count
        if self.of_file > self.budget.limits.file_bytes or self.total > self.budget.bytes_left:
            raise OverLimit(Why.TOO_MANY_BYTES)
        if self.total > RATIO_FROM and self.total > self.packed * self.budget.limits.ratio:
            raise OverLimit(Why.BOMB)
