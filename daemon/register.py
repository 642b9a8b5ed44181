"""The register of applications (申报台账) as xlsx, CSV and JSON: one row for each application, every field of its form by the printed label.

What applicants wrote is never a formula or a link in a spreadsheet: it could be one that harms whoever opens the register.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rules.notice import Field, Notice
from rules.submission import Form
from storage.summary import RegisterLine

STATUS = {"accepted": "已受理", "correction": "待补正", "late": "逾期", "review": "待人工核对"}
LONGEST_CELL = 32_767  # of Excel, in UTF-16 units
CUT = "……（内容过长，已截断，全文见原件）"

_ABOUT = ("编号", "单位名称", "状态", "收到时间", "版本", "发件人")
_OPEN = "待补正问题"
_WIDTHS = {"编号": 16, "单位名称": 32, "状态": 12, "收到时间": 20, "版本": 6, "发件人": 28, _OPEN: 60}
_FIELD_WIDTHS = {"text": 36, "person": 10, "phone": 18, "email": 26, "list": 30, "choice": 26, "statement": 24}
_ROW_HEIGHT = 60  # points, four lines: a row that grew with an introduction of 500 characters would fill the screen

# What no XML 1.0 document can hold, and what harms a terminal; tab and line feed stay.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What a spreadsheet program takes for the start of a formula when it opens a CSV file.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")


def register_xlsx(lines: Sequence[RegisterLine], notice: Notice) -> bytes:
    """The register as a workbook with one sheet, its header frozen and filterable."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - a tenth of a second that only this function needs

    output = io.BytesIO()
    with Workbook(output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("申报台账")
        head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E7EDF5", "border": 1})
        body = workbook.add_format({"text_wrap": True, "valign": "top", "border": 1})
        names = _columns(notice)
        for column, (name, width) in enumerate(zip(names, _widths(notice), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, fitting(name), head)
        for row, line in enumerate(lines, 1):
            sheet.set_row(row, _ROW_HEIGHT)
            for column, cell in enumerate(_cells(line, notice)):
                sheet.write_string(row, column, fitting(cell), body)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(lines), 1), len(names) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        workbook.set_properties({"title": notice.register})
    return output.getvalue()


def register_csv(lines: Sequence[RegisterLine], notice: Notice) -> bytes:
    """The register as CSV (RFC 4180), UTF-8 with the mark that Excel needs; a cell that could be taken for a formula starts with an apostrophe."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_columns(notice))
    writer.writerows([_disarmed(cell) for cell in _cells(line, notice)] for line in lines)
    return output.getvalue().encode("utf-8-sig")


def register_json(lines: Sequence[RegisterLine], notice: Notice) -> bytes:
    """The register as the contract's JSON: a list, an object for each application; `form` is null where none was read."""
    return (json.dumps([_object(line, notice) for line in lines], ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def form_object(form: Form | None, notice: Notice) -> dict[str, str | list[str]] | None:
    """The contract's flat `form` object: every field of the notice, "" or [] where nobody filled it; None for no form."""
    if form is None:
        return None
    return {field.key: _value(form, field) for field in notice.fields}


def fitting(text: str) -> str:
    """A text as a cell can hold it: no characters that XML cannot hold, and at most so long, with a mark where it was cut."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT


def _value(form: Form, field: Field) -> str | list[str]:
    if field.kind == "choice":
        return list(form.choices.get(field.key, ()))
    if field.kind == "list":
        return list(form.lists.get(field.key, ()))
    return form.values.get(field.key, "")


def _columns(notice: Notice) -> list[str]:
    """The headings; a label that two fields share is told apart by the heading printed over it."""
    labels = [field.label for field in notice.fields]
    fields = [field.title if labels.count(field.label) > 1 or field.label in _ABOUT else field.label for field in _form_fields(notice)]
    return [*_ABOUT, *fields, _OPEN]


def _form_fields(notice: Notice) -> list[Field]:
    """The form's fields but for the unit's name, which stands in front."""
    return [field for field in notice.fields if field is not notice.unit_field]


def _widths(notice: Notice) -> list[int]:
    return [*(_WIDTHS[name] for name in _ABOUT), *(_FIELD_WIDTHS.get(field.kind, 30) for field in _form_fields(notice)), _WIDTHS[_OPEN]]


def _cells(line: RegisterLine, notice: Notice) -> list[str]:
    about = [line.number, line.unit_name, STATUS.get(line.status, line.status), _moment(line.received_at, notice), str(line.version), line.sender]
    return [*about, *(_words(line.form, field) for field in _form_fields(notice)), _open_points(line)]


def _moment(when: datetime, notice: Notice) -> str:
    return f"{when.astimezone(notice.timezone):%Y-%m-%d %H:%M:%S}"


def _words(form: Form | None, field: Field) -> str:
    """A field's value as the staff read it: ticked options by their labels."""
    if form is None:
        return ""
    value = _value(form, field)
    if isinstance(value, str):
        return value
    labels = {option.key: option.label for option in field.options}
    return "、".join(labels.get(item, item) for item in value)


def _open_points(line: RegisterLine) -> str:
    errors = [problem.message for problem in line.problems if problem.severity == "error"]
    return "\n".join(f"{n}. {message}" for n, message in enumerate(errors, 1))


def _disarmed(cell: str) -> str:
    cell = _UNPRINTABLE.sub("", cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _object(line: RegisterLine, notice: Notice) -> dict[str, Any]:
    return {
        "number": line.number,
        "unit_name": line.unit_name,
        "status": line.status,
        "received_at": _iso(line.received_at, notice),
        "updated_at": _iso(line.updated_at, notice),
        "version": line.version,
        "versions": line.versions,
        "sender": line.sender,
        "form": form_object(line.form, notice),
        "problems": [{"code": each.code, "severity": each.severity, "field": each.field or None, "message": each.message} for each in line.problems],
    }


def _iso(when: datetime, notice: Notice) -> str:
    return when.astimezone(notice.timezone).isoformat(timespec="seconds")
