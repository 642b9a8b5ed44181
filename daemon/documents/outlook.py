"""A mail that Outlook saved (.msg, [MS-OXMSG]): the files attached to it, and to mails attached to it; its text and its sender are not read."""

from collections.abc import Iterator
from io import BytesIO

import olefile

from daemon.documents.members import Budget, Damaged, Member, Tally
from daemon.documents.reasons import Why
from daemon.documents.sniff import OLE_ERRORS
from daemon.documents.tnef import text_of
from daemon.mail.parameters import clean_name

_FOLDER, _PROPERTY = "__attach_version1.0_#", "__substg1.0_"
_DATA = "37010102"
_NAMES = ("3707", "3704", "3001")  # long, short, shown
_CONTENT_ID = "3712"

_Path = tuple[str, ...]


def message_members(data: bytes, budget: Budget) -> Iterator[Member]:
    """Every file that is attached.

    Raises:
        UnpackError: it is damaged, or over a limit.
    """
    tally = Tally(budget, len(data))
    try:
        with olefile.OleFileIO(BytesIO(data + bytes(-len(data) % 512))) as message:
            folders = _attachments(message)
            for number, (_, properties) in enumerate(sorted(folders.items()), 1):
                if _DATA not in properties:
                    continue
                tally.begin_file()
                content = _content(message, properties[_DATA], len(data))
                tally.add(len(content))
                called = _name(message, properties, len(data)) or f"{number}"
                yield Member(called, content, inline=any(key.startswith(_CONTENT_ID) for key in properties))
    except OLE_ERRORS as error:
        raise Damaged(Why.DAMAGED_OUTLOOK) from error


def _attachments(message: olefile.OleFileIO) -> dict[_Path, dict[str, _Path]]:
    """The folder of each attachment -> its properties, by tag and type -> where they are."""
    found: dict[_Path, dict[str, _Path]] = {}
    for path in message.listdir(streams=True, storages=False):
        *folder, last = path
        if folder and folder[-1].lower().startswith(_FOLDER) and last.lower().startswith(_PROPERTY):
            found.setdefault(tuple(folder), {})[last[len(_PROPERTY) :].upper()] = tuple(path)
    return found


def _name(message: olefile.OleFileIO, properties: dict[str, _Path], most: int) -> str:
    for tag in _NAMES:
        if f"{tag}001F" in properties:
            text = _content(message, properties[f"{tag}001F"], most).decode("utf-16-le", "replace")
        elif f"{tag}001E" in properties:
            text = text_of(_content(message, properties[f"{tag}001E"], most))
        else:
            continue
        if clean_name(text):
            return clean_name(text)
    return ""


def _content(message: olefile.OleFileIO, path: _Path, most: int) -> bytes:
    """A stream's bytes; one that claims more than the whole file has would be read in circles."""
    if message.get_size(list(path)) > most:
        raise Damaged(Why.DAMAGED_OUTLOOK)
    content: bytes = message.openstream(list(path)).read()
    return content
