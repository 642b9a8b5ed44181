"""A notice's file: what is wrong with it is said at once, by the key's full name."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules.notice_file import NoticeError, read_notice

SHIPPED = Path(__file__).parents[2] / "rules" / "notices" / "zlcp-2024.toml"
TEXT = SHIPPED.read_text(encoding="utf-8")


def faults(text: str) -> list[str]:
    with pytest.raises(NoticeError) as caught:
        read_notice(text)
    assert str(caught.value) == "; ".join(caught.value.faults)
    return caught.value.faults


def changed(pattern: str, replacement: str) -> str:
    text, count = re.subn(pattern, replacement, TEXT, count=1, flags=re.MULTILINE)
    assert count == 1
    return text


def test_the_shipped_notice_holds_the_calls_facts():
    notice = read_notice(TEXT)
    assert notice.deadline == datetime(2024, 9, 18, 16, tzinfo=UTC)
    assert [field.key for field in notice.fields] == [
        "unit_name", "postal_address", "contact_name", "contact_position", "contact_phone", "contact_mobile", "email", "unit_types", "industries",
        "introduction", "evaluation_capability", "unit_opinion", "recommendation",
    ]  # fmt: skip
    assert [option.key for option in notice.field("unit_types").options if not option.nominates_itself] == ["other"]
    assert notice.correct_subject("示例协会") == "专利密集型产品认定产业评价中心承担单位——示例协会"
    assert (notice.receipt_number(1), notice.receipt_number(12345)) == ("ZLCP-2024-0001", "ZLCP-2024-12345")
    assert all(field.clause for field in notice.fields)
    assert notice.field("contact_phone").title == "联系人信息：电话"


def test_an_unknown_field_is_a_key_error():
    with pytest.raises(KeyError):
        read_notice(TEXT).field("none")


def test_text_that_is_no_toml_is_one_fault():
    (fault,) = faults("[subject")
    assert fault.startswith("not valid TOML")


def test_every_fault_of_an_empty_file_is_listed():
    found = faults("")
    assert {"id: must be a text", "deadline.last_day: must be a date, like 2024-09-18", "form.fields: must be a list of tables, at least 1"} <= set(found)


@pytest.mark.parametrize(
    ("pattern", "replacement", "fault"),
    [
        (r"^last_day = .*", 'last_day = "soon"', "deadline.last_day: must be a date, like 2024-09-18"),
        (r"^last_day = .*", "last_day = 2024-09-18T00:00:00", "deadline.last_day: must be a date, like 2024-09-18"),
        (r"^timezone = .*", 'timezone = "Asia/Peking"', "deadline.timezone: must be the name of a time zone, like Asia/Shanghai"),
        (r"^pattern = .*", 'pattern = "ZLCP"', "receipt.pattern: must hold one place for the number, like ZLCP-2024-{:04d}"),
        (r"^pattern = .*", 'pattern = "{}-{}"', "receipt.pattern: must hold one place for the number, like ZLCP-2024-{:04d}"),
        (r"^pattern = .*", 'pattern = "{"', "receipt.pattern: must hold one place for the number, like ZLCP-2024-{:04d}"),
        (r"^most = .*", "most = 0", "form.fields[9].most: must be one or more whole numbers above 0"),
        (r"^suggested = .*", "suggested = [300]", "form.fields[10].suggested: must be two numbers, the least and the most characters"),
        (r'^kind = "person"', 'kind = "human"', "form.fields[3].kind: must be one of text, person, phone, email, list, choice, statement"),
        (r'^kind = "person"', 'kind = "choice"', "form.fields[3].options: belong to a field of kind choice, and to no other"),
        (r"^required = true", "required = 1", "form.fields[1].required: must be true or false"),
        (r"^also = .*", 'also = "x"', "form.fields[1].also: must be a list of texts"),
        (r'^or = "contact_mobile"', 'or = "fax"', "form.fields: or = 'fax' must be the key of another field"),
        (r'^key = "postal_address"', 'key = "unit_name"', "form.fields: must have keys that differ"),
        (r"^topic = ", "topik = ", "topik: is not known"),
        (r"^\[paper\]", "[papers]", "papers: is not known"),
        (r"^contacts = \[", "contacts = 3\nothers = [", "association.contacts: must be a list of tables, at least 1"),
    ],
)
def test_a_fault_is_named_by_its_key(pattern, replacement, fault):
    assert fault in faults(changed(pattern, replacement))


def test_a_section_that_is_no_table_is_named():
    assert "subject: must be a table" in faults("subject = 3\n" + TEXT.replace("[subject]", "[other]"))
