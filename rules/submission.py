"""The values that are judged: a letter, its attachments, the form that was read, and what the register already knows.

Plain data only. daemon/mail/letter.py and daemon/documents/ make these values from bytes; nothing here reads bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a header (RFC 5322, 3.4): display name, decoded, and addr-spec; both "" where there is none."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, decoded: every header that a rule looks at, and the text a person would see.

    Attributes:
        message_id: with its angle brackets; "" where the mail has none.
        reply_to: the address an answer goes to: Reply-To where it names one, else From.
        references: every Message-ID of In-Reply-To and References, in their order, without repetition.
        written_at: the Date header, aware; None where it is missing or unreadable.
        received_at: the newest Received header, aware; None where it is missing or unreadable.
        text: the body as a person sees it (text/plain, else HTML as text), characters.
        links: every http(s) address of the text and of HTML hrefs, in their order.
        content_type: of the whole mail, lower case: "multipart/report".
        headers: (lower-case name, decoded value) of the headers that tell a machine from a person (rules/machines.py), every occurrence.
        report: the text of message/delivery-status parts of the mail, "" where there is none (RFC 3464).
        faults: codes of what was broken and mended in reading ("bytes.unreadable", "mime.no_boundary"...), for the staff.
        part_types: media type of every part that is no multipart, lower case, with the method of a calendar: "text/calendar; method=request".
    """

    message_id: str = ""
    sender: Mailbox = Mailbox()
    reply_to: Mailbox = Mailbox()
    references: tuple[str, ...] = ()
    subject: str = ""
    written_at: datetime | None = None
    received_at: datetime | None = None
    text: str = ""
    links: tuple[str, ...] = ()
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    report: str = ""
    faults: tuple[str, ...] = ()
    part_types: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """The first value of a kept header, by its lower-case name; None where the mail does not have it."""
        return next((value for key, value in self.headers if key == name), None)


class Role(StrEnum):
    """What an attachment is for (contract, `inspect --json`)."""

    FORM = "form"
    SCAN = "scan"
    ARCHIVE = "archive"
    OTHER = "other"


class Status(StrEnum):
    """How the reading of one attachment ended (contract, `inspect --json`)."""

    OK = "ok"
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    REFUSED = "refused"
    CONVERTED_FAILED = "converted_failed"


class Reading(StrEnum):
    """What a Word-like file turned out to be."""

    NOT_READ = "not_read"  # no Word-like file, or one that could not be opened
    FILLED = "filled"
    BLANK = "blank"
    ANOTHER = "another"  # a Word file, but not this form


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style.

    Boxes are already characters: ☑ ticked, ☒ crossed, □ empty, ■ filled, U+FFFD a box whose state is unknown.
    `marked`: set off by colour, highlighting, shading or a frame.
    """

    text: str
    bold: bool = False
    underlined: bool = False
    struck: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; a line break inside it is a newline in a run's text."""

    runs: tuple[Run, ...] = ()

    @property
    def text(self) -> str:
        """The paragraph's text without its styles."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table as it is stored: a merged cell stands once, with the number of columns it spans.

    `continues` is true for a cell that only continues the one above it (w:vMerge without restart).
    A table nested in the cell is in `tables`, in order; its text is not among the paragraphs.
    """

    paragraphs: tuple[Paragraph, ...] = ()
    column: int = 0
    span: int = 1
    continues: bool = False
    tables: tuple["Table", ...] = ()

    @property
    def text(self) -> str:
        """The cell's paragraphs, a line each."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, as stored."""

    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What a Word-like file holds: its tables in order, and its paragraphs outside any table.

    `chunked`: it has other documents inside, whole (w:altChunk), that are not in here. `pictures`: it shows pictures, which nobody reads here.
    """

    tables: tuple[Table, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    macros: bool = False
    chunked: bool = False
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The form's fields as the applicant filled them in.

    Attributes:
        values: field key of the notice -> text ("" where nobody filled it). Full-width digits, @ and dots in phones and addresses are half-width.
        choices: field key -> keys of the ticked options, in the form's order (kind "choice").
        lists: field key -> the items (kind "list").
        unread: keys of choice fields whose boxes have an unknown state, and of fields that were not found in a form with text that no field explains;
            never judged as empty.
        inferred: (field key, how it was inferred) of what was concluded rather than read; for the staff, under 请核对;
            "" for the form as a whole.
        others: units that further forms in the same document name.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    inferred: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()

    def get(self, key: str) -> str | tuple[str, ...]:
        """A field's value whatever its kind; "" for an unknown key."""
        if key in self.choices:
            return self.choices[key]
        if key in self.lists:
            return self.lists[key]
        return self.values.get(key, "")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file that came with a mail: directly, in an archive, or in a forwarded mail.

    Attributes:
        name: decoded and cleaned (no control, bidi or path characters); data only, never a path.
        within: names of the archives and mails it came in, outermost first.
        size: bytes.
        sha256: of its bytes, lower-case hex.
        media_type: found by content, "application/octet-stream" where unknown.
        reason: why the status is not OK, a short English phrase for the staff's record; "" else.
        form: of a Word file, what `reading` says; of a PDF, whose `reading` stays NOT_READ, the form as printed in it: for the staff, and never judged.
        cut_short: an archive of which not everything was read (a limit was reached inside it).
    """

    name: str
    size: int
    sha256: str
    media_type: str
    within: tuple[str, ...] = ()
    role: Role = Role.OTHER
    status: Status = Status.OK
    reason: str = ""
    reading: Reading = Reading.NOT_READ
    form: Form | None = None
    macros: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """One mail as it is judged: what came, and when it entered our server (Electronic Signature Law, art. 11).

    Attributes:
        received_at: aware; INTERNALDATE for a collected mail.
        fingerprint: sha256 over Message-ID, subject, text and the attachments' hashes: the same for two copies of one mail that differ only in their way here.
    """

    letter: Letter
    attachments: tuple[Attachment, ...]
    received_at: datetime
    sha256: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Clues:
    """What the register is asked for one mail, before it is judged (rules/judge.py makes them, storage looks them up).

    Attributes:
        unit_key: the unit's name for comparison (rules/fields.py `name_key`); "" where no name was found.
        references: Message-IDs that the mail answers.
        numbers: receipt numbers found in the subject.
        sender: address of the sender, lower case.
        mail_id: the row of this very mail, which is never its own earlier copy; 0 for none.
        recipients: addresses that a letter of ours did not reach, lower case, where the mail is a bounce.
    """

    unit_key: str = ""
    references: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    sender: str = ""
    message_id: str = ""
    fingerprint: str = ""
    sha256: str = ""
    mail_id: int = 0
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """What the register holds of one application before this mail.

    Attributes:
        versions: how many versions are recorded; the next one is this plus one.
        accepted: number of the version that counts as accepted; 0 where none does.
        decision: of the newest version.
        form: of the accepted version, else of the newest one that had a form.
        addresses: lower-case addresses that are known for it: senders of its versions, and those in its forms; not of versions held or
            failed after one was accepted, which anybody may have sent.
        how: how the mail was tied to it: "mail": it is recorded for it already, and is read again; "references", "number", "unit", or "recipient":
            the newest letter to an address that a bounce names.
        vouched: the mail answers a letter that went to a known address, so its writer was given it.
    """

    id: int
    number: str
    unit_name: str
    versions: int = 0
    accepted: int = 0
    decision: str = ""
    form: Form | None = None
    addresses: frozenset[str] = frozenset()
    how: str = "unit"
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register knows that bears on one mail; read in one go, in the transaction that records the mail.

    Attributes:
        repeats: receipt number or "" of an earlier mail that this one repeats (the same bytes, or the same fingerprint); None where it is no repeat.
        answered: replies queued to this sender's address in the last 24 hours.
        next_number: the receipt number that a new application would get.
        told: kind of the letter that has answered this very mail, which is read again; "" for none.
    """

    application: Application | None = None
    repeats: str | None = None
    answered: int = 0
    next_number: str = ""
    told: str = ""
