"""The header of a mail or of one of its parts, from bytes (RFC 5322, 2.2), also where its lines are not as they should be."""

import re
from collections.abc import Iterator

from daemon.mail.charsets import decode
from daemon.mail.words import plain

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_BLANK_LINE = re.compile(rb"\n\r*\n")
_KNOWN_FIELD = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|return-path|reply-to|sender|delivered-to|x-[a-z0-9-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


class Head:
    """The header fields of one entity, in their order, as bytes; names are lower case."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self._fields = fields

    def every(self, name: str) -> Iterator[str]:
        """All values of a field: unfolded, 8-bit bytes decoded, encoded words as they stand."""
        return (decode(value).strip() for key, value in self._fields if key == name)

    def first(self, name: str) -> str:
        """The first value that is not blank, as in `every`; "" for none. A mail with two subjects is read by its first."""
        return next(filter(None, self.every(name)), "")

    def items(self, names: frozenset[str]) -> Iterator[tuple[str, str]]:
        """(name, value as a person sees it) of the fields with these names, in their order."""
        return ((key, plain(decode(value))) for key, value in self._fields if key in names)


def read_head(raw: bytes, start: int, end: int) -> tuple[Head, int]:
    """The header of the entity at raw[start:end], and where its body begins.

    A line that is no field is passed over where known fields follow, else the body begins there: both happen, a field folded
    without indentation and a forgotten blank line.
    """
    blank = _BLANK_LINE.search(raw, max(start - 1, 0), end)
    stop, body = (max(blank.start() + 1, start), blank.end()) if blank else (end, end)
    block = raw[start:stop]
    last_known = max((match.start() for match in _KNOWN_FIELD.finditer(block)), default=-1)
    fields: list[tuple[str, list[bytes]]] = []
    position = 0
    for line in block.split(b"\n"):
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1][1].append(line.strip())
        elif match := _FIELD.match(line):
            fields.append((match[1].decode("ascii").lower(), [match[2].strip()]))
        elif line.strip() and (position > last_known or line.startswith(b"--")):
            body = start + position
            break
        position += len(line) + 1
    return Head([(name, b" ".join(pieces)) for name, pieces in fields]), body
