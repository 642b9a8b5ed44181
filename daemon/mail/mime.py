"""The parts of a mail from its bytes (RFC 2045, RFC 2046), repaired and split by their boundaries, each with its header.

A mail inside the mail (message/rfc822) is one part and stays the bytes that were sent. The standard library's parser is not used here:
it re-serialises forwarded mails, loses multiparts without a boundary, and fails on deep nesting.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from daemon.mail.headers import Head, read_head
from daemon.mail.parameters import parameters
from daemon.mail.transfer import content

MOST_PARTS = 2000
_DEEPEST = 200
# What stands before the first field when mails were stored or passed on carelessly: a byte order mark, blank lines, mbox's envelope line.
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf|[ \t]*\r*\n|>?From (?! *:)[^\n]*+\n)*+")
_LIKELY_BOUNDARY = re.compile(rb"\n--([^\r\n]{1,200}?)[ \t]*\r*\n(?=content-[a-z-]+[ \t]*:)", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+-]+)\s*/\s*([\w!#$&^.+-]+)", re.ASCII)


@dataclass
class Entity:
    """One part that is no multipart.

    Attributes:
        media_type: as declared, lower case; what the context implies where nothing sensible is declared.
        alternative: number of the outermost multipart/alternative it stands in; 0 for none.
        body: as it stands in the mail.
    """

    head: Head
    media_type: str
    alternative: int
    body: bytes

    @cached_property
    def type_parameters(self) -> dict[str, str]:
        """The parameters of Content-Type."""
        return parameters(self.head.first("content-type"))

    @cached_property
    def disposition(self) -> str:
        """attachment, inline or another word; "" where the part has no Content-Disposition."""
        return self.head.first("content-disposition").partition(";")[0].strip().lower()

    @cached_property
    def disposition_parameters(self) -> dict[str, str]:
        """The parameters of Content-Disposition."""
        return parameters(self.head.first("content-disposition"))

    @cached_property
    def decoded(self) -> tuple[bytes, str]:
        """The bytes that were sent and a fault's code, see `transfer.content`."""
        return content(self.body, self.head.first("content-transfer-encoding"))


class _Place(NamedTuple):
    """Where an entity stands: the type it has where it names none, its outermost alternative, the multiparts around it."""

    default: str = "text/plain"
    alternative: int = 0
    depth: int = 0


def repaired(raw: bytes) -> tuple[bytes, list[str]]:
    """The mail from its first field on, with line ends that hold a line feed, and codes of what was mended."""
    faults = []
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
        faults.append("bytes.utf16")
    if b"\r" in raw[:10_000] and b"\n" not in raw[:10_000]:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        faults.append("bytes.line_ends")
    before = _BEFORE.match(raw)
    if before and before.end():
        raw = raw[before.end() :]
        faults.append("bytes.before_header")
    return raw, faults


class Mail:
    """One mail split into its parts.

    Attributes:
        head: of the whole mail.
        media_type: of the whole mail.
        faults: codes of what was broken; complete when `entities` has been walked.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw, self.faults = repaired(raw)
        self.head, _ = read_head(self._raw, 0, len(self._raw))
        self.media_type = _media_type(self.head, "text/plain")
        self._alternatives = 0

    def entities(self) -> Iterator[Entity]:
        """The parts in their order, at most MOST_PARTS."""
        for count, entity in enumerate(self._walk(self._raw, 0, len(self._raw), _Place())):
            if count == MOST_PARTS:
                self.faults.append("mime.too_many_parts")
                return
            yield entity

    def _walk(self, raw: bytes, start: int, end: int, place: _Place) -> Iterator[Entity]:
        head, body = read_head(raw, start, end)
        media_type = _media_type(head, place.default)
        children = self._children(raw, body, end, head, media_type if place.depth or head.first("content-type") else "multipart/mixed")
        if children is None and media_type.startswith("multipart/"):
            # Some gateways encode a multipart as a whole, against RFC 2045, 6.4.
            decoded, _ = content(raw[body:end], head.first("content-transfer-encoding"))
            raw, body, end = b"\n" + decoded, 1, len(decoded) + 1
            children = self._children(raw, body, end, head, media_type)
            self.faults.append("mime.no_parts" if children is None else "mime.encoded_multipart")
            media_type = "text/plain" if children is None else media_type
        if children is None:
            yield Entity(head, media_type, place.alternative, raw[body:end])
        elif place.depth == _DEEPEST:
            self.faults.append("mime.too_deep")
        else:
            alternative = place.alternative
            if media_type == "multipart/alternative" and not alternative:
                self._alternatives = alternative = self._alternatives + 1
            inside = _Place("message/rfc822" if media_type == "multipart/digest" else "text/plain", alternative, place.depth + 1)
            for part_start, part_end in children:
                yield from self._walk(raw, part_start, part_end, inside)

    def _children(self, raw: bytes, body: int, end: int, head: Head, media_type: str) -> Iterator[tuple[int, int]] | None:
        value = head.first("content-type")
        declared = parameters(value).get("boundary", "").strip()
        if declared and (parts := _parts(raw, body, end, declared.encode("utf-8", "replace"))):
            return parts
        if not media_type.startswith("multipart/"):
            return None
        likely = _LIKELY_BOUNDARY.search(raw, max(body - 1, 0), end)
        if likely and (parts := _parts(raw, body, end, likely[1])):
            self.faults.append("mime.no_boundary")
            return parts
        return None


def _parts(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int]] | None:
    """(start, end) of each part, lazily; None where the boundary does not occur. A last part that is not closed ends with the whole."""
    marks = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*\r*(?=\n|\Z)").finditer(raw, max(start - 1, 0), end)
    first = next(marks, None)
    return _between(raw, chain([first], marks), end) if first else None


def _between(raw: bytes, marks: Iterator[re.Match[bytes]], end: int) -> Iterator[tuple[int, int]]:
    start = end
    for mark in marks:
        stop = mark.start() - (raw[mark.start() - 1 : mark.start()] == b"\r")
        if start < stop:
            yield start, stop
        # What stands after the closing line is no part, unless another boundary line follows: gateways append parts there.
        start = end if mark[1] else mark.end() + 1
    if start < end:
        yield start, end


def _media_type(head: Head, default: str) -> str:
    value = head.first("content-type").lower()
    if match := _MEDIA_TYPE.match(value):
        return f"{match[1]}/{match[2]}"
    if value.startswith("multipart"):
        return "multipart/mixed"
    named = "name" in parameters(value) or head.first("content-disposition").lower().startswith(("attachment", "filename"))
    return "application/octet-stream" if named else default
