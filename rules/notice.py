"""The notice as data: Notice and its parts, each fact with its clause. rules/notice_file.py reads them from TOML."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KINDS = ("text", "person", "phone", "email", "list", "choice", "statement")


@dataclass(frozen=True, slots=True)
class Option:
    """One box of a choice.

    Attributes:
        nominates_itself: whether such a unit may apply without a recommendation (notice, 四).
        paper: what its paper copy needs besides, a clause without a full stop; "" for nothing.
    """

    key: str
    label: str
    nominates_itself: bool = True
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    Attributes:
        label: as printed; `also`: other labels that mean it; `group`: the heading printed over several fields.
        kind: one of KINDS.
        alternative: key of a field that serves as well ("" for none).
        most: how many items of a list are asked for (0: any number).
        suggested: (least, most) characters; never a defect.
        note: the printed hint; `printed`: printed text of a statement; neither is part of a value.
    """

    key: str
    label: str
    kind: str
    clause: str
    required: bool = False
    also: tuple[str, ...] = ()
    group: str = ""
    alternative: str = ""
    most: int = 0
    suggested: tuple[int, int] | None = None
    note: str = ""
    printed: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def title(self) -> str:
        """The label as a letter names it: with its heading where one is printed, "联系人信息：姓名"."""
        return f"{self.group}：{self.label}" if self.group else self.label


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who answers questions about the call."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One call for applications. Every `*_clause` says where the notice states it.

    Attributes:
        paper: where the paper copy goes, a clause without a full stop; "" where none is asked for.
        paper_recommended: what the paper copy of a unit needs that may not nominate itself; `paper_unrecommended`: that of one that may.
    """

    id: str
    title: str
    topic: str
    register: str
    published: date
    association: str
    itself: str
    email: str
    address: str
    contacts: tuple[Contact, ...]
    subject_words: str
    subject_short: str
    subject_dash: str
    subject_placeholder: str
    subject_clause: str
    last_day: date
    timezone: ZoneInfo
    deadline_clause: str
    paper: str
    paper_clause: str
    receipt_pattern: str
    form_title: str
    form_word: str
    form_clause: str
    fields: tuple[Field, ...]
    paper_recommended: str = ""
    paper_unrecommended: str = ""

    @property
    def deadline(self) -> datetime:
        """The first instant that is too late: midnight after the last day, in the notice's time zone."""
        return datetime.combine(self.last_day + timedelta(days=1), time(), self.timezone)

    def field(self, key: str) -> Field:
        """The field with this key; KeyError for an unknown one."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)

    def of_kind(self, *kinds: str) -> tuple[Field, ...]:
        """The fields of these kinds, in the form's order."""
        return tuple(field for field in self.fields if field.kind in kinds)

    @property
    def unit_field(self) -> Field:
        """The field that names the applicant: the form's first one."""
        return self.fields[0]

    def receipt_number(self, count: int) -> str:
        """The receipt number of the count-th application, counted from 1."""
        return self.receipt_pattern.format(count)

    def correct_subject(self, unit_name: str) -> str:
        """The subject as the notice prescribes it, for this unit."""
        return f"{self.subject_words}{self.subject_dash}{unit_name}"
