"""The form as applicants send it, built from parameters: every kind of tick and layout that was met in the field.

`form_docx(good_values(), ticks="sdt")` is a filled form; tests/ooxml.py makes any other Word file.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import rules
from rules.notice import Field, Notice, Option
from rules.notice_file import read_notice
from tests.ooxml import MAIN_TYPES, cell, checkbox, docx, field, legacy_checkbox, lines, paragraph, row, run, sym, table

__all__ = ["MAIN_TYPES", "TICKS", "docx", "form_blocks", "form_docx", "good_values", "options_xml", "paragraph", "zlcp"]

TICKS = (
    *("glyph", "check", "beside", "before_box", "after", "sym", "sym2", "sym_plain", "letters", "pua", "sdt", "legacy", "eq"),
    *("filled", "crossed", "brackets", "round", "bold", "underlined", "struck", "only", "named", "unknown"),
)


@cache
def zlcp() -> Notice:
    """The notice that ships with the program."""
    return read_notice((Path(rules.__file__).parent / "notices" / "zlcp-2024.toml").read_text(encoding="utf-8"))


def good_values(**changes: Any) -> dict[str, Any]:
    """Answers without a fault; each keyword replaces one."""
    values: dict[str, Any] = {
        "unit_name": "中国微电网设备行业协会",
        "postal_address": "北京市西城区广安门南街甲12号（邮编100053）",
        "contact_name": "魏慧敏",
        "contact_position": "科技发展部 部长",
        "contact_phone": "010-51860913",
        "contact_mobile": "13500909960",
        "email": "weihm@mgrid.example.cn",
        "unit_types": ["industry_association"],
        "industries": ["微电网设备"],
        "introduction": "中国微电网设备行业协会成立于2001年2月，是专门从事微电网产业研究、技术服务与行业协调的专业机构。" * 7,
        "evaluation_capability": "（一）组建了由60名技术专家组成的评价专家库。\n（二）拟投入专职人员7名，按季度完成产业评价。",
        "unit_opinion": "",
        "recommendation": "",
    }
    return values | changes


# The form.


def form_docx(values: Mapping[str, Any] | None = None, *, ticks: str = "sym", **quirks: Any) -> bytes:
    """The form of a notice as .docx, filled in.

    Args:
        values: field key -> text, or keys of options, or items of a list; None or a missing key: not filled in.
        ticks: how boxes are stored, one of TICKS; every option in values["unit_types"] is ticked.
        quirks: of `form_blocks`, and of `docx` (kind, strict, macros, parts).
    """
    package = {name: quirks.pop(name) for name in ("kind", "strict", "macros", "parts") if name in quirks}
    return docx(*form_blocks(values, ticks=ticks, **quirks), **package)


def form_blocks(
    values: Mapping[str, Any] | None = None,
    *,
    ticks: str = "sym",
    layout: str = "table",
    notes: str = "before",
    date: str = "年   月   日",
    label: Callable[[str], str] = str,
    title: bool = True,
    joined: str = "\n",
    leave_out: Sequence[str] = (),
    more_rows: Sequence[str] = (),
    notice: Notice | None = None,
) -> list[str]:
    """The blocks of the form's document.

    Args:
        layout: "table" as printed; "own_cell": the answer after the label in one cell; "above": the label in the row above; "paragraphs": no table;
            "nested": the form inside a cell; "split": a table a row; "reversed": rows in another order; "extra_column": a number before each row;
            "contacts_aside": each contact's label left of its value; "plain_cells": values not merged, empty cells beside them.
        notes: where the printed hints stand: "before", "after", "inside" (in the middle of the answer's last line) or "none".
        date: what stands where the form prints 年 月 日.
        label: changes every label.
        joined: between two options: a newline for paragraphs, blanks for one line.
        leave_out: keys of fields that are not there.
        more_rows: rows to be added before the last.
    """
    notice = notice or zlcp()
    fields = [item for item in notice.fields if item.key not in leave_out]
    filling = _Filling(dict(values or {}), ticks, notes, date, joined)
    heading = [paragraph("附件："), paragraph(notice.form_title[:15]), paragraph(notice.form_title[15:])] if title else []
    if layout == "paragraphs":
        return [*heading, *(_as_paragraphs(item, filling, label) for item in fields)]
    rows = _rows(fields, filling, label, layout)
    rows[-1:-1] = more_rows
    if layout == "nested":
        return [*heading, table(row(cell(paragraph("") + table(*rows)))), "<w:p/>"]
    if layout == "split":
        return [*heading, *(piece for item in rows for piece in (table(item), "<w:p/>"))]
    return [*heading, table(*rows), "<w:p/>"]


class _Filling:
    """How the form is filled in, and the content of one field's cell."""

    def __init__(self, values: dict[str, Any], ticks: str, notes: str, date: str, joined: str) -> None:
        self.values, self.ticks, self.notes, self.date, self.joined = values, ticks, notes, date, joined

    def content(self, item: Field) -> str:
        """Paragraphs, as XML."""
        value = self.values.get(item.key) or ""
        if item.kind == "choice":
            return options_xml(item.options, value, self.ticks, self.joined)
        if item.kind == "list" and not isinstance(value, str):
            value = "、".join(value)
        if item.kind == "statement":
            printed = [self.date if line == "年月日" else line for line in item.printed]
            return lines("\n".join([printed[0], value, item.note, "", *printed[1:]]))
        return lines(self._with_note(value, item.note))

    def _with_note(self, value: str, note: str) -> str:
        if not note or self.notes == "none":
            return value
        if self.notes == "inside" and value:
            return f"{value[:-2]}{note}{value[-2:]}"
        return "\n".join(part for part in ((note, value) if self.notes == "before" else (value, note)) if part)


def _rows(fields: Sequence[Field], filling: _Filling, label: Callable[[str], str], layout: str) -> list[str]:
    rows: list[list[str]] = []
    group = [item for item in fields if item.group]
    for item in fields:
        if not item.group:
            rows.append(_field_rows(item, filling, label, layout))
        elif item is group[0]:
            rows.append(_group_rows(group, filling, label, layout))
    if layout == "reversed":
        rows.reverse()
    if layout == "extra_column":
        rows = [[one.replace("<w:tr>", f"<w:tr>{cell(str(number))}", 1) for one in item] for number, item in enumerate(rows, 1)]
    return [one for item in rows for one in item]


def _field_rows(item: Field, filling: _Filling, label: Callable[[str], str], layout: str) -> list[str]:
    content, printed = filling.content(item), label(item.label)
    if layout == "own_cell" or item.kind == "statement":
        return [row(cell(paragraph(f"{printed}：") + content, span=5))]
    if layout == "above":
        return [row(cell(printed, span=5)), row(cell(content, span=5))]
    if layout == "plain_cells":
        return [row(printed, cell(content), "", "", "")]
    return [row(printed, cell(content, span=4))]


def _group_rows(group: Sequence[Field], filling: _Filling, label: Callable[[str], str], layout: str) -> list[str]:
    answers = [filling.content(item) for item in group]
    if layout == "own_cell":
        return [row(group[0].group, *(cell(paragraph(f"{label(item.label)}：{filling.values.get(item.key, '')}")) for item in group))]
    if layout == "contacts_aside":
        return [row(label(item.label), cell(answer, span=4)) for item, answer in zip(group, answers, strict=True)]
    header = row(cell(group[0].group, merge="restart"), *(label(item.label) for item in group))
    return [header, row(cell("", merge="continue"), *(cell(answer) for answer in answers))]


def _as_paragraphs(item: Field, filling: _Filling, label: Callable[[str], str]) -> str:
    if item.kind in {"choice", "statement"} or item.note:
        return paragraph(f"{label(item.label)}：") + filling.content(item)
    return lines(f"{label(item.label)}：{filling.values.get(item.key, '') or ''}")


def options_xml(options: Sequence[Option], ticked: Sequence[str], ticks: str, joined: str = "\n") -> str:
    """The paragraphs of a choice's cell: every option with its box, stored in one of the ways of TICKS."""
    if ticks in {"only", "named"}:
        return "".join(paragraph(("□" if ticks == "only" else "") + option.label) for option in options if option.key in ticked) or paragraph("")
    pieces = [_option_xml(option.label, ticks, on=option.key in ticked) for option in options]
    if joined == "\n":
        return "".join(paragraph(piece) for piece in pieces)
    return paragraph(run(joined).join(pieces))


def _option_xml(text: str, ticks: str, *, on: bool) -> str:
    if ticks in {"bold", "underlined"}:
        return run("□") + run(text, bold=on and ticks == "bold", underlined=on and ticks == "underlined")
    if ticks == "struck":
        return run("□") + run(text, struck=not on)
    if ticks == "after":
        return run(text) + run("√" if on else "□")
    return _box_xml(ticks, on=on) + run(text)


def _box_xml(ticks: str, *, on: bool) -> str:
    typed = {"glyph": "□☑", "check": "□√", "filled": "□■", "crossed": "□×", "round": "○●", "unknown": "(("}
    strings = {"beside": ("□", "□√"), "before_box": ("□", "√□"), "brackets": ("（ ）", "（√）")}
    symbols = {"sym": ("Wingdings", "F0A8", "F0FE"), "sym2": ("Wingdings 2", "F0A3", "F052"), "sym_plain": ("Wingdings", "A8", "FE")}
    if ticks in typed:
        return run(typed[ticks][on])
    if ticks in strings:
        return run(strings[ticks][on])
    if ticks in symbols:
        font, *codes = symbols[ticks]
        return sym(font, codes[on])
    special = {
        "letters": lambda: run("R" if on else "£", font="Wingdings 2"),
        "pua": lambda: run("\uf052" if on else "\uf0a3"),
        "sdt": lambda: checkbox(checked=on),
        "legacy": lambda: legacy_checkbox("<w:checked/>" if on else ""),
        "eq": lambda: field("eq \\o\\ac(□,√)") if on else run("□"),
    }
    return special[ticks]()
