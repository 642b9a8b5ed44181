"""Lines of a register and of mails with every field filled, for tests of what the staff read; people and units are invented."""

from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from rules.notice import Notice
from rules.notice_file import read_notice
from rules.submission import Form
from storage.summary import MailLine, ProblemLine, RegisterLine, Totals

BEIJING = ZoneInfo("Asia/Shanghai")


@cache
def notice() -> Notice:
    return read_notice((Path(__file__).parents[2] / "rules/notices/zlcp-2024.toml").read_text(encoding="utf-8"))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of September 2024, Beijing time."""
    return datetime(2024, 9, day, hour, minute, tzinfo=BEIJING)


def unit(number: int) -> str:
    return f"中国示例设备第{number}协会"


def form_of(number: int, **values: str) -> Form:
    filled = {
        "unit_name": unit(number),
        "postal_address": "北京市示例路1号",
        "contact_name": "王示例",
        "contact_phone": f"010-6215{number:04d}",
        "contact_mobile": f"1380000{number:04d}",
        "email": f"office{number}@unit.example",
        "introduction": "我单位成立于2001年。",
        "evaluation_capability": "一支专家队伍。\n一个数据库。",
    }
    return Form(values=filled | values, choices={"unit_types": ("industry_association",)}, lists={"industries": ("微电网设备", "新型储能")})


def problem(code: str = "form.field_missing", message: str = "“通讯地址”栏未填写，请填写。", severity: str = "error", field: str = "") -> ProblemLine:
    return ProblemLine(code, severity, field, message, "申报表第2栏")


def register_line(number: int, /, **other) -> RegisterLine:
    status = other.get("status", "accepted")
    facts = {
        "number": notice().receipt_number(number), "unit_name": unit(number), "status": status, "received_at": at(9, 9), "updated_at": at(9, 9), "version": 1,
        "versions": 1, "sender": f"office{number}@unit.example", "form": form_of(number), "newest_decision": status,
    }  # fmt: skip
    return RegisterLine(**(facts | other))


def mail_line(number: int, /, **other) -> MailLine:
    """An accepted application of the 10th, unless said otherwise."""
    received = other.get("received_at", at(10, 9, number % 60))
    facts = {
        "id": number, "received_at": received, "collected_at": received, "taken_in_at": received, "state": "taken_in", "reason": "", "tries": 0,
        "sender_name": "示例", "sender_address": f"office{number}@unit.example", "subject": notice().correct_subject(unit(number)), "kind": "application",
        "automatic": None, "decision": "accepted", "number": notice().receipt_number(number), "unit_name": unit(number), "subject_unit_name": unit(number),
        "version": 1, "answer": "acknowledgement", "reply_state": "sent", "reply_error": "", "silence": "", "repeats": False, "digest_day": None,
    }  # fmt: skip
    return MailLine(**(facts | other))


NOT_TAKEN_IN = {
    "kind": "", "decision": "", "number": "", "unit_name": "", "subject_unit_name": "", "sender_name": "", "sender_address": "", "subject": "",
    "version": 0, "answer": "", "reply_state": "", "taken_in_at": None,
}  # fmt: skip
INQUIRY = {"kind": "inquiry", "decision": "none", "number": "", "unit_name": "", "version": 0, "answer": "received", "subject": "请问是否需要寄送纸质版"}
AUTOMATIC = {"kind": "automatic", "automatic": "auto_reply", "decision": "none", "number": "", "unit_name": "", "version": 0, "answer": "", "reply_state": ""}


def totals_of(register=(), mails: int = 0, *, states: dict[str, int] | None = None, replies: dict[str, int] | None = None) -> Totals:
    by = Counter(line.status for line in register)
    return Totals(
        mails=mails, states=states or {"taken_in": mails}, kinds={}, decisions={}, applications=len(register), accepted=by["accepted"],
        waiting_correction=by["correction"], late=by["late"], review=by["review"], replies=replies or {},
    )  # fmt: skip
