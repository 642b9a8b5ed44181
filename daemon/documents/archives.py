"""RAR, 7z, tar and what is packed by gzip, bzip2, xz and their like, by libarchive: members as bytes within limits; the only module that knows that library.

It is loaded when the first such archive comes, in the child process that reads mails (daemon/documents/jail.py).
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_char_p, c_void_p, cast
from errno import ENOMEM
from functools import cache
from typing import Any

from daemon.documents.convert import State
from daemon.documents.members import Budget, Damaged, Locked, Member, OverLimit, Tally, UnpackError, Unreadable, Wanted
from daemon.documents.rar import RarMarks, rar_marks
from daemon.documents.reasons import Why
from daemon.mail.parameters import clean_name

CHUNK = 65536  # bytes
MOST_ENTRIES = 10_000  # folders and links too
RAR = "application/vnd.rar"
_TYPE, _FILE = 0o170000, {0, 0o100000}  # of a mode; some programs set none

# Media type -> formats and filters of libarchive; what is not named here is not tried, so that no other of its parsers is within reach.
_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    RAR: (("rar", "rar5"), ()),
    "application/x-7z-compressed": (("7zip",), ()),
    "application/x-tar": (("tar",), ()),
    "application/gzip": (("tar", "raw"), ("gzip",)),
    "application/x-bzip2": (("tar", "raw"), ("bzip2",)),
    "application/x-xz": (("tar", "raw"), ("xz",)),
    "application/zstd": (("tar", "raw"), ("zstd",)),
    "application/x-lz4": (("tar", "raw"), ("lz4",)),
    "application/x-compress": (("tar", "raw"), ("compress",)),
}
_BEYOND_IT = re.compile(r"unsupported|not supported|unavailable|codec", re.IGNORECASE)
_PACKED_ALONE = re.compile(r"\.(gz|bz2|xz|zst|lz4|Z)$", re.IGNORECASE)


def archive_members(data: bytes, budget: Budget, media_type: str, name: str, wanted: Wanted) -> Iterator[Member]:
    """Every file of an archive, in its order.

    Args:
        data: bytes of the archive.
        budget: what may come out of it.
        media_type: of the archive.
        name: of the archive; the one file of a .gz is called by it.
        wanted: tells by its path whether a file is to be taken out.

    Raises:
        UnpackError: nothing can be read of it, or it is over a limit.
    """
    library = _library()
    if media_type not in _KINDS:
        raise Unreadable(Why.KIND_OF_ARCHIVE)
    marks = rar_marks(data) if media_type == RAR else None
    if marks and marks.names_locked:
        raise Locked(Why.LOCKED)
    if marks and marks.volume:
        raise Unreadable(Why.SEVERAL_PARTS)
    if library is None:
        raise Unreadable(Why.NO_LIBARCHIVE)
    with _opened(library, data, *_KINDS[media_type]) as archive:
        yield from _Unpacking(library, archive, Tally(budget, len(data)), marks, name, wanted).members()


def archives_state() -> State:
    """Whether libarchive is there."""
    library = _library()
    if library is None:
        return State(ready=False, text="libarchive is not there: install libarchive13; until then .rar, .7z and .tar wait for a person")
    return State(ready=True, text=f"libarchive {library.ffi.version_number()} opens .rar, .7z and .tar")


@cache
def _library() -> Any:  # noqa: ANN401 - a module without types
    """The library; None where Debian's package is missing: it binds the system's own."""
    for name in ("libarchive", "libarchive.entry"):
        logging.getLogger(name).disabled = True  # it quotes names of files
    try:
        import libarchive  # noqa: PLC0415 - it fails where the system's library is missing
    except (ImportError, OSError, AttributeError, TypeError):
        return None
    return libarchive


@contextmanager
def _opened(library: Any, data: bytes, formats: tuple[str, ...], filters: tuple[str, ...]) -> Iterator[Any]:  # noqa: ANN401
    ffi = library.ffi
    pointer = ffi.read_new()
    try:
        for each in formats:
            ffi.get_read_format_function(each)(pointer)
        for each in filters:
            ffi.get_read_filter_function(each)(pointer)
        try:
            ffi.read_open_memory(pointer, cast(c_char_p(data), c_void_p), len(data))
        except library.ArchiveError as error:
            raise Damaged(Why.DAMAGED_ARCHIVE) from error
        archive = library.read.ArchiveRead(pointer)
        if filters and not archive.filter_names:  # its head alone is damaged: it would come out of itself
            raise Damaged(Why.DAMAGED_ARCHIVE)
        yield archive
    finally:
        ffi.read_free(pointer)


class _Unpacking:
    """One archive on its way out."""

    def __init__(self, library: Any, archive: Any, tally: Tally, marks: RarMarks | None, name: str, wanted: Wanted) -> None:  # noqa: ANN401, PLR0913, PLR0917
        self._library, self._archive, self._tally, self._marks, self._name, self._wanted = library, archive, tally, marks, name, wanted
        self._first: UnpackError | None = None
        """The first thing that went wrong: what goes wrong after it is its doing."""

    def members(self) -> Iterator[Member]:
        entries, number = iter(self._archive), -1
        while True:
            number += 1
            try:
                entry = next(entries, None)
            except self._library.ArchiveError as error:
                told = self._first is not None
                trouble = self._meaning(error)
                if number == 0:
                    raise trouble from error
                if not told:
                    yield Member(f"{number + 1}", b"", trouble.status, trouble.why)
                return
            if entry is None:
                break
            if number >= MOST_ENTRIES:
                raise OverLimit(Why.TOO_MANY_ENTRIES)
            if entry.filetype & _TYPE in _FILE and not self._library.ffi.entry_hardlink(entry._entry_p):  # noqa: SLF001 - it has no other way
                yield from self._member(entry, number)
        if self._marks and not self._marks.whole and not self._tally.files:
            raise Damaged(Why.CUT_OFF)

    def _member(self, entry: Any, number: int) -> Iterator[Member]:  # noqa: ANN401
        path = self._path(entry) or f"{number + 1}"
        wanted = self._wanted(path)
        self._tally.begin_file(wanted=wanted)
        name = clean_name(path) or f"{number + 1}"
        content: list[bytes] = []
        try:
            if self._marks and any(self._marks.locked[number : number + 1]):
                self._first = Locked(Why.LOCKED)
                raise self._first
            for piece in entry.get_blocks(block_size=CHUNK):
                self._tally.add(len(piece))
                content.append(piece if wanted else b"")
        except OverLimit:
            raise
        except (UnpackError, self._library.ArchiveError) as error:
            trouble = error if isinstance(error, UnpackError) else self._meaning(error)
            if wanted:
                yield Member(name, b"", trouble.status, trouble.why)
        else:
            if wanted:
                yield Member(name, b"".join(content))

    def _path(self, entry: Any) -> str:  # noqa: ANN401
        """Its name: as the library decodes it, else GB 18030; that of a file packed alone is the archive's."""
        if self._library.ffi.format_name(self._archive._pointer) == b"raw":  # noqa: SLF001
            return _PACKED_ALONE.sub("", self._name)
        path = entry.pathname
        return path.decode("gb18030", "replace") if isinstance(path, bytes) else path or ""

    def _meaning(self, error: Any) -> UnpackError:  # noqa: ANN401
        """What an error of the library says about the archive.

        Raises:
            OverLimit: there was not enough memory for it.
        """
        words = f"{error.msg or ''}"
        if error.errno == ENOMEM or "allocate" in words:
            raise OverLimit(Why.TOO_MUCH_MEMORY) from error
        if self._first is None:
            self._first = self._first_meaning(words)
        return self._first

    def _first_meaning(self, words: str) -> UnpackError:
        if "ncrypt" in words:
            return Locked(Why.LOCKED)
        if _BEYOND_IT.search(words):
            return Unreadable(Why.PACKING)
        if self._marks and self._marks.whole and self._marks.locked:
            # The library fails on some sound ones: nobody is told that theirs is damaged, for that alone.
            return Unreadable(Why.NOT_UNPACKED)
        return Damaged(Why.DAMAGED_IN_ARCHIVE)
