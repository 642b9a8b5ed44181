"""Problem, Decision and Verdict: what the rules say of one mail. The codes are the contract's; nobody renames them."""

from dataclasses import dataclass
from enum import StrEnum

from rules.submission import Attachment, Form


class Severity(StrEnum):
    """error: must be corrected; warning and note: accepted, and the staff are told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Kind(StrEnum):
    """What a mail is (contract)."""

    APPLICATION = "application"
    INQUIRY = "inquiry"
    AUTOMATIC = "automatic"
    STAFF = "staff"


class Decision(StrEnum):
    """What becomes of a mail (contract)."""

    ACCEPTED = "accepted"
    CORRECTION = "correction"
    LATE = "late"
    REVIEW = "review"
    NONE = "none"


class Answer(StrEnum):
    """Which letter answers a mail: one folder of templates each. The contract's reply kind is `REPLY_KINDS[answer]`."""

    ACKNOWLEDGEMENT = "acknowledgement"  # 受理回执
    UPDATE = "update"  # 更新收件确认
    DUPLICATE = "duplicate"  # 重复收件告知
    CORRECTION = "correction"  # 补正通知
    LATE = "late"  # 逾期收件告知
    RECEIVED = "received"  # 收悉待核


REPLY_KINDS = {
    Answer.ACKNOWLEDGEMENT: "acknowledgement",
    Answer.UPDATE: "acknowledgement",
    Answer.DUPLICATE: "acknowledgement",
    Answer.CORRECTION: "correction",
    Answer.LATE: "late",
    Answer.RECEIVED: "received",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or noteworthy.

    Attributes:
        code: of the contract, e.g. "form.field_missing".
        field: key of the form's field, or "" where the problem is of no one field.
        message: Chinese, for the applicant: what is wrong, where, and how to mend it; one or two plain sentences.
        clause: where the notice (or the form, or a law) asks for it.
    """

    code: str
    severity: Severity
    message: str
    field: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one mail.

    Attributes:
        automatic: which machine wrote it (contract), None where a person did.
        unit_name: the authoritative name: the form's, else the subject's; None where neither names one.
        attachments: as submitted, with their final roles.
        answer: the letter to be sent, None for silence.
        silence: why no letter goes out though one would be due (a machine, a cap, "X-Auto-Response-Suppress", a repeat), for the staff; "" else.
        checks: Chinese lines for the staff under 请核对: what was inferred, names that differ, held updates.
        application: id of the application it belongs to; None: a new one where `kind` is APPLICATION.
        version: number the recorded version gets; 0 where none is recorded (a repeat, an inquiry, a machine).
        changes: labels of the fields that differ from the version before.
        known_as: the receipt number the mail is tied to before recording, "" for a new application.
    """

    kind: Kind
    decision: Decision
    automatic: str | None = None
    unit_name: str | None = None
    subject_unit_name: str | None = None
    problems: tuple[Problem, ...] = ()
    form: Form | None = None
    attachments: tuple[Attachment, ...] = ()
    answer: Answer | None = None
    silence: str = ""
    checks: tuple[str, ...] = ()
    application: int | None = None
    version: int = 0
    changes: tuple[str, ...] = ()
    known_as: str = ""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that must be corrected."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)
