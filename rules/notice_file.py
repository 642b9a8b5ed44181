"""A notice from its TOML file: every key is checked, and every fault of a bad file is listed at once."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.notice import KINDS, Contact, Field, Notice, Option


class NoticeError(Exception):
    """The notice file cannot be used; `faults` lists everything that is wrong, each "key: what it must be"."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the faults, and join them for the one line that the operator reads."""
        super().__init__("; ".join(faults))
        self.faults = faults


def read_notice(text: str) -> Notice:
    """Make a Notice of a TOML file's text.

    Raises:
        NoticeError: with every fault found.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NoticeError([f"not valid TOML: {error}"]) from error
    faults: list[str] = []
    notice = _notice(_Table(data, "", faults))
    if faults:
        raise NoticeError(faults)
    return notice


class _Table:
    """A table of the TOML file that notes each fault, with the key's full name, instead of stopping at the first."""

    def __init__(self, data: Mapping[str, Any], path: str, faults: list[str]) -> None:
        self._left = dict(data)
        self._path = path
        self._faults = faults

    def fault(self, key: str, must: str) -> None:
        """Note what a key must be."""
        self._faults.append(f"{self._path}{key}: {must}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there and not be empty."""
        value = self._left.pop(key, default)
        if isinstance(value, str) and (value or default == ""):
            return value
        self.fault(key, "must be a text")
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is not there."""
        value = self._left.pop(key, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        self.fault(key, "must be a list of texts")
        return ()

    def day(self, key: str) -> date:
        """A date without a time."""
        value = self._left.pop(key, None)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.fault(key, "must be a date, like 2024-09-18")
        return date.min

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._left.pop(key, default)
        if isinstance(value, bool):
            return value
        self.fault(key, "must be true or false")
        return default

    def numbers(self, key: str) -> tuple[int, ...]:
        """Whole numbers, one or a list of them; empty where the key is not there."""
        value = self._left.pop(key, [])
        items = value if isinstance(value, list) else [value]
        if all(isinstance(item, int) and not isinstance(item, bool) and item > 0 for item in items):
            return tuple(items)
        self.fault(key, "must be one or more whole numbers above 0")
        return ()

    def table(self, key: str) -> "_Table":
        """A table inside this one."""
        value = self._left.pop(key, {})
        if not isinstance(value, dict):
            self.fault(key, "must be a table")
            value = {}
        return _Table(value, f"{self._path}{key}.", self._faults)

    def tables(self, key: str, *, least: int = 0) -> list["_Table"]:
        """A list of tables, at least so many."""
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value) or len(value) < least:
            self.fault(key, f"must be a list of tables, at least {least}")
            return []
        return [_Table(item, f"{self._path}{key}[{n}].", self._faults) for n, item in enumerate(value, 1)]

    def end(self) -> None:
        """Note every key that nobody asked for: a typing error must not pass unseen."""
        for key in self._left:
            self.fault(key, "is not known")


def _notice(top: _Table) -> Notice:
    association, subject, deadline = top.table("association"), top.table("subject"), top.table("deadline")
    paper, receipt, form = top.table("paper"), top.table("receipt"), top.table("form")
    fields = tuple(_field(table) for table in form.tables("fields", least=1))
    _check_fields(fields, form)
    notice = Notice(
        id=top.text("id"),
        title=top.text("title"),
        topic=top.text("topic"),
        register=top.text("register"),
        published=top.day("published"),
        association=association.text("name"),
        itself=association.text("self"),
        email=association.text("email"),
        address=association.text("address"),
        contacts=tuple(_contact(table) for table in association.tables("contacts", least=1)),
        subject_words=subject.text("words"),
        subject_short=subject.text("short"),
        subject_dash=subject.text("dash"),
        subject_placeholder=subject.text("placeholder"),
        subject_clause=subject.text("clause"),
        last_day=deadline.day("last_day"),
        timezone=_zone(deadline),
        deadline_clause=deadline.text("clause"),
        paper=paper.text("text", ""),
        paper_clause=paper.text("clause", ""),
        paper_recommended=paper.text("recommended", ""),
        paper_unrecommended=paper.text("unrecommended", ""),
        receipt_pattern=_pattern(receipt),
        form_title=form.text("title"),
        form_word=form.text("word"),
        form_clause=form.text("clause"),
        fields=fields,
    )
    association.text("clause", "")
    for table in (association, subject, deadline, paper, receipt, form, top):
        table.end()
    return notice


def _contact(table: _Table) -> Contact:
    contact = Contact(name=table.text("name"), phone=table.text("phone"))
    table.end()
    return contact


def _zone(table: _Table) -> ZoneInfo:
    name = table.text("timezone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        table.fault("timezone", "must be the name of a time zone, like Asia/Shanghai")
        return ZoneInfo("UTC")


def _pattern(table: _Table) -> str:
    pattern = table.text("pattern")
    try:
        slots = [name for _, name, _, _ in Formatter().parse(pattern) if name is not None]
        distinct = pattern.format(1) != pattern.format(2)
    except (ValueError, IndexError, KeyError):
        slots, distinct = [], False
    if slots != [""] or not distinct:
        table.fault("pattern", "must hold one place for the number, like ZLCP-2024-{:04d}")
    return pattern


def _field(table: _Table) -> Field:
    suggested = table.numbers("suggested")
    if len(suggested) not in {0, 2}:
        table.fault("suggested", "must be two numbers, the least and the most characters")
        suggested = ()
    options = tuple(_option(option) for option in table.tables("options"))
    alternative, most = table.text("or", ""), table.numbers("most")
    field = Field(
        key=table.text("key"),
        label=table.text("label"),
        kind=table.text("kind"),
        clause=table.text("clause"),
        required=table.flag("required", default=False),
        also=table.texts("also"),
        group=table.text("group", ""),
        alternative=alternative,
        most=most[0] if most else 0,
        suggested=(suggested[0], suggested[1]) if suggested else None,
        note=table.text("note", ""),
        printed=table.texts("printed"),
        options=options,
    )
    if field.kind not in KINDS:
        table.fault("kind", f"must be one of {', '.join(KINDS)}")
    if (field.kind == "choice") != bool(options):
        table.fault("options", "belong to a field of kind choice, and to no other")
    table.end()
    return field


def _option(table: _Table) -> Option:
    option = Option(table.text("key"), table.text("label"), table.flag("nominates_itself", default=True), table.text("paper", ""))
    table.end()
    return option


def _check_fields(fields: tuple[Field, ...], form: _Table) -> None:
    keys = [field.key for field in fields]
    if len(set(keys)) != len(keys):
        form.fault("fields", "must have keys that differ")
    for field in fields:
        if field.alternative and field.alternative not in keys:
            form.fault("fields", f"or = {field.alternative!r} must be the key of another field")
