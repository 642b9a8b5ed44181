"""Submissions to be judged, made of plain values: a faultless one, and what a test changes in it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from rules.judge import judge
from rules.notice import Notice
from rules.notice_file import read_notice
from rules.problems import Verdict
from rules.submission import Application, Attachment, Form, Letter, Mailbox, Reading, Role, Standing, Status, Submission

UNIT = "中国微电网设备行业协会"
SENDER = "liwj@microgrid.example"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
TEXTS = {
    "unit_name": UNIT,
    "postal_address": "北京市西城区广安门南街甲12号",
    "contact_name": "魏慧敏",
    "contact_position": "科技发展部部长",
    "contact_phone": "010-51860913",
    "contact_mobile": "13500909960",
    "email": SENDER,
    "introduction": "简" * 400,
    "evaluation_capability": "本协会具备评价能力。",
    "unit_opinion": "",
    "recommendation": "",
}


@cache
def real_notice() -> Notice:
    return read_notice((Path(__file__).parents[2] / "rules" / "notices" / "zlcp-2024.toml").read_text(encoding="utf-8"))


@cache
def second_notice() -> Notice:
    return read_notice((Path(__file__).parent / "notices" / "green-packaging-2025.toml").read_text(encoding="utf-8"))


def in_time(notice: Notice | None = None) -> datetime:
    return (notice or real_notice()).deadline - timedelta(days=3)


def form(*, types: tuple[str, ...] = ("industry_association",), industries: tuple[str, ...] = ("微电网设备",), **texts: str) -> Form:
    """A faultless form, but for what is named."""
    return Form({**TEXTS, **texts}, {"unit_types": types}, {"industries": industries})


def word(filled: Form | None = None, name: str = "申报表.docx", *, macros: bool = False) -> Attachment:
    """A Word file with this form filled in."""
    return Attachment(name, 30_000, name.encode().hex().zfill(64)[-64:], WORD, role=Role.FORM, reading=Reading.FILLED, form=filled or form(), macros=macros)


def blank(name: str = "申报表.docx") -> Attachment:
    return replace(word(name=name), reading=Reading.BLANK, form=Form())


def other_word(name: str = "情况说明.docx") -> Attachment:
    return replace(word(name=name), role=Role.OTHER, reading=Reading.ANOTHER, form=None)


def unread(name: str = "申报表.docx", status: Status = Status.CORRUPT, role: Role = Role.FORM) -> Attachment:
    return Attachment(name, 10, "0" * 64, "application/octet-stream", role=role, status=status)


def scan(name: str = "盖章页.pdf") -> Attachment:
    return Attachment(name, 500_000, "1" * 64, PDF, role=Role.SCAN)


def logo(name: str = "image001.png") -> Attachment:
    return Attachment(name, 9_000, "2" * 64, "image/png", role=Role.OTHER)


def archive(name: str = "申报材料.zip", status: Status = Status.OK) -> Attachment:
    return Attachment(name, 900, "3" * 64, "application/zip", role=Role.ARCHIVE, status=status)


def subject(unit: str = UNIT) -> str:
    return real_notice().correct_subject(unit)


def letter(subject_line: str | None = None, text: str = "请查收附件。", sender: str = SENDER, **more: object) -> Letter:
    line = subject() if subject_line is None else subject_line
    return Letter(message_id="<1@microgrid.example>", sender=Mailbox("魏慧敏", sender), reply_to=Mailbox("魏慧敏", sender), subject=line, text=text, **more)  # type: ignore[arg-type]


def submission(*attachments: Attachment, at: datetime | None = None, mail: Letter | None = None) -> Submission:
    return Submission(mail or letter(), attachments, at or in_time(), "a" * 64, "b" * 64)


def verdict(*attachments: Attachment, line: str | None = None, standing: Standing | None = None, at: datetime | None = None, **more: object) -> Verdict:
    """Judge a mail with these attachments by the real notice; `more` goes to the letter."""
    return judge(submission(*attachments, at=at, mail=letter(line, **more)), standing or Standing(), real_notice())  # type: ignore[arg-type]


def codes(judged: Verdict) -> list[str]:
    return [f"{each.code}:{each.field}" if each.field else each.code for each in judged.problems]


def known(how: str = "unit", *, accepted: int = 1, versions: int = 1, addresses: frozenset[str] = frozenset({SENDER}), held: Form | None = None) -> Standing:
    """A register that holds one application of UNIT."""
    record = Application(7, "ZLCP-2024-0003", UNIT, versions, accepted, "accepted" if accepted else "correction", held or form(), addresses, how)
    return Standing(record, next_number="ZLCP-2024-0004")


def values(**texts: str) -> Mapping[str, str]:
    return {**TEXTS, **texts}
