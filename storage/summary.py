"""What the staff read is made of these values: mails as lines, applications as lines of the register, and totals. storage/reports.py fills them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from rules.submission import Form


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem as it was recorded; `severity`: error, warning or note."""

    code: str
    severity: str
    field: str
    message: str
    clause: str


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """An attachment as it was recorded; its bytes are under `sha256` in Files. `size` in bytes."""

    name: str
    within: tuple[str, ...]
    size: int
    sha256: str
    media_type: str
    role: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail and what became of it. Times are aware UTC.

    Attributes:
        state: "kept" (still waits), "taken_in", "set_aside", "discarded", "junk" (in the junk folder) or "junk_copy" (there, and taken in
            from elsewhere, too); what follows `tries` is empty until it is read.
        reason: of the last failed try.
        kind, automatic, decision: values of the contract.
        number: receipt number of the application it belongs to, or of the mail that it repeats; "" for none.
        unit_name: as the mail gives it; "" where it names none.
        version: that it recorded; 0 for none.
        answer: kind of the letter that answers it, "" for silence; `reply_state`: "due", "sent", "failed", "discarded" or "".
        repeats: whether it is the same mail once more.
        digest_day: day of the digest that has reported it.
    """

    id: int
    received_at: datetime
    collected_at: datetime
    taken_in_at: datetime | None
    state: str
    reason: str
    tries: int
    sender_name: str
    sender_address: str
    subject: str
    kind: str
    automatic: str | None
    decision: str
    number: str
    unit_name: str
    subject_unit_name: str
    version: int
    answer: str
    reply_state: str
    reply_error: str
    silence: str
    repeats: bool
    digest_day: date | None
    problems: tuple[ProblemLine, ...] = ()
    attachments: tuple[AttachmentLine, ...] = ()
    checks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One application as the register shows it.

    Attributes:
        status: "accepted" where a version is accepted, else the decision of the newest version.
        received_at: of its first version; `updated_at`: of its newest; aware UTC.
        version: the one that counts: the accepted one, else the newest; `sender` and `form` are this version's.
        versions: how many there are.
        newest_decision: of the newest version, which may be a failed update of an accepted one.
        problems: of the newest version.
        checks: Chinese lines for the staff, of the newest version's mail.
    """

    number: str
    unit_name: str
    status: str
    received_at: datetime
    updated_at: datetime
    version: int
    versions: int
    sender: str
    form: Form | None
    newest_decision: str
    problems: tuple[ProblemLine, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything so far, counted.

    Attributes:
        mails: all that were recorded.
        states, kinds, decisions: value -> mails (kinds and decisions of those taken in).
        applications: all; `accepted`, `waiting_correction`, `late` and `review` are those of each status of the register.
        replies: state -> letters, digests included.
    """

    mails: int
    states: Mapping[str, int]
    kinds: Mapping[str, int]
    decisions: Mapping[str, int]
    applications: int
    accepted: int
    waiting_correction: int
    late: int
    review: int
    replies: Mapping[str, int]

    @property
    def replies_due(self) -> int:
        """Letters that wait to be sent."""
        return self.replies.get("due", 0)

    @property
    def replies_sent(self) -> int:
        """Letters that were sent."""
        return self.replies.get("sent", 0)

    @property
    def replies_failed(self) -> int:
        """Letters that were given up."""
        return self.replies.get("failed", 0)
