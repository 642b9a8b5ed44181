"""A raw mail to the values that are judged: its letter, and every file that came with it, out of archives and forwarded mails too.

Broken bytes are values, not errors. What may run away on hostile bytes is bounded by daemon/documents/jail.py, not here.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from daemon.documents.pdf_process import read_apart
from daemon.documents.reasons import Why, not_read
from daemon.documents.sniff import WORD, Kind, Sniffed, by_name, may_hold_a_form, sniff
from daemon.documents.unpack import Budget, Limits, UnpackError, unpack
from daemon.documents.wordlike import Convert, read_word_like
from daemon.mail.letter import Part, read_letter
from daemon.mail.parameters import clean_name
from rules.form import read_form
from rules.notice import Notice
from rules.submission import Attachment, Document, Letter, Reading, Role, Status

__all__ = ["Aids", "Limits", "Read", "read_file", "read_mail"]

HEADERS_MOST = 1024 * 1024  # bytes of a mail over the limit that are still looked at
LOGO = 50 * 1024  # bytes: a smaller picture inside a text is decoration
SECONDS = 60.0  # after that much work on one mail its other files are left to a person
PDFS_MOST = 3  # of one mail, each read by a process of its own
TOO_LARGE_NAME = "邮件原文.eml"


@dataclass(frozen=True, slots=True)
class Read:
    """One mail as values, and the bytes of its files.

    Attributes:
        attachments: in reading order, a container before what is in it.
        contents: the bytes of each attachment; b"" for a member that its archive did not give.
        fingerprint: see rules/submission.py; "" where the mail has nothing to tell it by.
    """

    letter: Letter
    attachments: tuple[Attachment, ...] = ()
    contents: tuple[bytes, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Aids:
    """What reading needs from outside.

    Attributes:
        convert: bytes and ending of an old format to docx; raises ConvertError.
        watch: told the SHA-256 of each file before it is looked into, "" before the letter.
        skip: SHA-256 of files that must not be looked into -> the status they get instead.
        read_pdf: the text of a PDF; None where there is none, never an error.
    """

    convert: Convert
    watch: Callable[[str], None] = lambda _: None
    skip: Mapping[str, Status] = field(default_factory=dict)
    read_pdf: Callable[[bytes], Document | None] = read_apart


def read_mail(raw: bytes, notice: Notice, limits: Limits, aids: Aids) -> Read:
    """Read one mail, whatever its bytes; raises nothing but what is a bug of ours."""
    aids.watch("")
    if len(raw) > limits.mail_bytes:
        return _too_large(raw)
    letter, parts = read_letter(raw)
    reader = _Reader(notice, limits, aids)
    reader.add_parts(parts, _Place())
    reader.look_at_pdfs()
    return _finished(letter, reader)


def read_file(name: str, data: bytes, notice: Notice, limits: Limits, aids: Aids) -> Read:
    """Read one file that came without a mail, as if it were the only attachment of an empty one."""
    reader = _Reader(notice, limits, aids)
    reader.add(clean_name(name) or "附件", data, _Place())
    reader.look_at_pdfs()
    return _finished(Letter(), reader)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file came from: the names around it, and how many of them are archives or mails."""

    within: tuple[str, ...] = ()
    archives: int = 0
    mails: int = 0
    inline: bool = False


@dataclass(slots=True)
class _Reader:
    """Collects one mail's files; `budget` is what the mail's limits still allow."""

    notice: Notice
    limits: Limits
    aids: Aids
    budget: Budget = field(init=False)
    found: list[Attachment] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits)

    def add_parts(self, parts: Sequence[Part], place: _Place) -> None:
        """Add the parts of a mail. All of them are counted before the first is opened: an archive must not use up what the form beside it needs.

        Where they are too many, those that may hold a form by their names come before the others.
        """
        names = [clean_name(part.name) or f"附件{number}" for number, part in enumerate(parts, 1)]
        hopeful_first = sorted(range(len(parts)), key=lambda number: not (parts[number].mail or may_hold_a_form(names[number])))
        allowed = set(hopeful_first[: self.budget.files_left])
        self.budget.files_left -= len(allowed)
        for number, (name, part) in enumerate(zip(names, parts, strict=True)):
            here = replace(place, inline=part.inline)
            if number in allowed:
                self.add(name, part.data, here, mail=part.mail)
            else:
                self._keep(_attachment(name, part.data, here, by_name(name)), part.data, Status.REFUSED, Why.TOO_MANY_FILES)

    def add(self, name: str, data: bytes, place: _Place, *, mail: bool = False) -> None:
        """Add a file and, where it is a container, all that is in it."""
        digest = sha256(data).hexdigest()
        late = time.monotonic() - self.started > SECONDS
        unseen = Status.CONVERTED_FAILED if late else self.aids.skip.get(digest)
        if unseen is not None:
            why = Why.NO_TIME if late else Why.GIVEN_UP
            self._keep(_attachment(name, data, place, by_name(name)), data, unseen, why)
            return
        before = len(self.found)
        try:
            self.aids.watch(digest)
            sniffed = (Kind.MAIL, "message/rfc822") if mail else sniff(data, name)
            self._look_into(_attachment(name, data, place, sniffed), data, place, sniffed[0])
        except (MemoryError, RecursionError):
            del self.found[before:], self.contents[before:]
            self._keep(_attachment(name, data, place, by_name(name)), data, Status.REFUSED, Why.TOO_MUCH_MEMORY)

    def look_at_pdfs(self) -> None:
        """Give each PDF that is the form in print what it says, for the staff; not where a filled-in Word form came: then a PDF is its stamped copy."""
        if any(each.reading is Reading.FILLED for each in self.found):
            return
        pdfs = [number for number, each in enumerate(self.found) if each.media_type == "application/pdf" and each.status is Status.OK]
        for number in pdfs[:PDFS_MOST]:
            if time.monotonic() - self.started > SECONDS:
                return
            self.aids.watch(self.found[number].sha256)
            document = self.aids.read_pdf(self.contents[number])
            reading, form = read_form(document, self.notice) if document else (Reading.NOT_READ, None)
            if reading is Reading.FILLED:
                self.found[number] = replace(self.found[number], form=form)

    def _keep(self, attachment: Attachment, data: bytes, status: Status | None = None, why: Why | None = None) -> None:
        self.found.append(attachment if status is None else not_read(attachment, status, why))
        self.contents.append(data)

    def _look_into(self, attachment: Attachment, data: bytes, place: _Place, kind: Kind) -> None:
        if kind in {Kind.ZIP, Kind.ARCHIVE}:
            self._add_archive(attachment, data, place)
        elif kind is Kind.MAIL:
            self._add_mail(attachment, data, place)
        elif kind in WORD:
            self._keep(read_word_like(attachment, data, kind, self.notice, self.aids.convert), data)
        else:
            self._keep(attachment, data)

    def _add_archive(self, attachment: Attachment, data: bytes, place: _Place) -> None:
        if place.archives >= self.limits.depth:
            self._keep(attachment, data, Status.REFUSED, Why.TOO_DEEP)
            return
        try:
            members = unpack(data, self.budget, attachment.media_type, attachment.name)
        except UnpackError as error:
            self._keep(attachment, data, error.status, error.why)
            return
        self._keep(attachment, data)
        inside = _Place((*place.within, attachment.name), place.archives + 1, place.mails)
        for member in members:
            if member.status is Status.OK:
                self.add(member.name, member.data, replace(inside, inline=member.inline))
            else:
                self._keep(_attachment(member.name, b"", inside, by_name(member.name)), b"", member.status, member.why)

    def _add_mail(self, attachment: Attachment, data: bytes, place: _Place) -> None:
        if place.mails >= self.limits.mails or len(data) > self.budget.bytes_left:
            self._keep(attachment, data, Status.REFUSED, Why.TOO_DEEP)
            return
        self.budget.bytes_left -= len(data)
        _, parts = read_letter(data)
        self._keep(attachment, data)
        inside = _Place((*place.within, attachment.name), place.archives, place.mails + 1)
        self.add_parts(parts, inside)


def _attachment(name: str, data: bytes, place: _Place, sniffed: Sniffed) -> Attachment:
    kind, media_type = sniffed
    return Attachment(name, len(data), sha256(data).hexdigest(), media_type, place.within, _role(kind, len(data), inline=place.inline))


def _role(kind: Kind, size: int, *, inline: bool) -> Role:
    """What such a file is for, before anyone looked into it: a Word file is the form until it is read and proves to be another."""
    if kind in WORD:
        return Role.FORM
    if kind in {Kind.ZIP, Kind.MAIL, Kind.ARCHIVE}:
        return Role.ARCHIVE
    return Role.SCAN if kind is Kind.SCAN and not (inline and size < LOGO) else Role.OTHER


def _too_large(raw: bytes) -> Read:
    """Only the header is looked at; the mail itself stands among the attachments, refused."""
    header = raw[:HEADERS_MOST].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    letter, _ = read_letter(header + b"\n\n")
    letter = replace(letter, text="", faults=(*letter.faults, "mail.too_large"))
    refused = _attachment(TOO_LARGE_NAME, raw, _Place(), (Kind.MAIL, "message/rfc822"))
    refused = not_read(refused, Status.REFUSED, Why.MAIL_TOO_LARGE)
    return Read(letter, (refused,), (raw,), _fingerprint(letter, (refused,)))


def _finished(letter: Letter, reader: _Reader) -> Read:
    attachments = tuple(reader.found)
    return Read(letter, attachments, tuple(reader.contents), _fingerprint(letter, attachments))


def _fingerprint(letter: Letter, attachments: tuple[Attachment, ...]) -> str:
    """One hash over what two copies of a mail share, whichever way they came; each piece with its length, so that none runs into the next."""
    pieces = (letter.message_id, letter.sender.address.lower(), letter.subject, letter.text, *(each.sha256 for each in attachments))
    if not any(pieces):
        return ""
    total = sha256()
    for piece in pieces:
        data = piece.encode("utf-8", "surrogatepass")
        total.update(len(data).to_bytes(8) + data)
    return total.hexdigest()
