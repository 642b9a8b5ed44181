"""The form as a PDF (通知五（一） asks for Word): nothing of it is judged or recorded as the form, but the staff see what it says."""

from collections.abc import Iterable

from rules.notice import Field, Notice
from rules.submission import Attachment, Form, Reading
from rules.text import brief, clean

_TOLD = frozenset({"person", "phone", "email", "choice", "list"})  # kinds of fields that are short, and say who it is and how to reach them
_MOST = 3  # files that are told about


def pdf_forms(attachments: Iterable[Attachment]) -> list[tuple[str, Form]]:
    """Name and form of every PDF that was read as the filled-in form; copies once."""
    found: list[tuple[str, Form]] = []
    for each in attachments:
        if each.reading is Reading.NOT_READ and each.form is not None and all(each.form != form for _, form in found):
            found.append((each.name, each.form))
    return found


def pdf_unit(attachments: Iterable[Attachment], notice: Notice) -> str:
    """The unit that they all name; "" where none is named, or several are."""
    units = {clean(str(form.get(notice.unit_field.key))) for _, form in pdf_forms(attachments)} - {""}
    return units.pop() if len(units) == 1 else ""


def pdf_checks(attachments: Iterable[Attachment], notice: Notice) -> tuple[str, ...]:
    """A line for the staff on each of them."""
    return tuple(
        f"PDF附件“{brief(name)}”可读出申报内容（{_content(form, notice)}），仅供工作人员参考，未登记为{notice.form_word}"
        for name, form in pdf_forms(attachments)[:_MOST]
    )


def _content(form: Form, notice: Notice) -> str:
    told = ((field, _said(form, field)) for field in notice.fields if field.kind in _TOLD or field.key == notice.unit_field.key)
    return "；".join(f"{field.label}：{text}" for field, text in told if text)


def _said(form: Form, field: Field) -> str:
    if field.key in form.unread:
        return "勾选状态无法识别"
    if field.kind == "choice":
        return "、".join(option.label for option in field.options if option.key in form.get(field.key))
    if field.kind == "list":
        return brief("、".join(form.get(field.key)))
    return brief(str(form.get(field.key)))
