"""Codes, severities and clauses: every code of the contract comes out of some mail, with the severity that the contract gives it, and cites a clause."""

from datetime import timedelta

import pytest

from rules.messages import WORDING
from rules.problems import Severity
from rules.submission import Status
from tests.rules.examples import archive, blank, form, other_word, real_notice, scan, subject, unread, verdict, word

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
MAIL = "通知五（一）"
OTHER = form(
    unit_name="国家特种玻璃技术创新中心",
    postal_address="青岛",
    contact_name="范志远",
    contact_mobile="13800342366",
    email="fan@glass.example",
    introduction="玻" * 300,
    evaluation_capability="玻璃",
    types=("other",),
)
LATE = real_notice().deadline + timedelta(days=1)

# code: severity, where it is asked for, a mail that brings it out
CASES = {
    "subject.prefix": (ERROR, MAIL, lambda: verdict(word(), line="申报材料")),
    "subject.unit_missing": (ERROR, MAIL, lambda: verdict(word(), line=subject("单位名称"))),
    "subject.form": (NOTE, MAIL, lambda: verdict(word(), line=f"回复：{subject()}")),
    "subject.unit_abbreviated": (WARNING, MAIL, lambda: verdict(word(), line=subject("微电网设备行业协会"))),
    "subject.unit_mismatch": (ERROR, "通知五（一）、申报表第1栏", lambda: verdict(word(), line=subject("国家特种玻璃技术创新中心"))),
    "attachment.missing": (ERROR, MAIL, verdict),
    "attachment.not_word": (ERROR, MAIL, lambda: verdict(scan())),
    "attachment.cloud_link": (ERROR, MAIL, lambda: verdict(links=("https://pan.baidu.com/s/1",))),
    "attachment.encrypted": (ERROR, MAIL, lambda: verdict(archive(status=Status.ENCRYPTED))),
    "attachment.corrupt": (ERROR, MAIL, lambda: verdict(unread())),
    "attachment.refused": (ERROR, MAIL, lambda: verdict(archive(status=Status.REFUSED))),
    "attachment.macro": (WARNING, MAIL, lambda: verdict(word(macros=True))),
    "attachment.several_forms": (ERROR, MAIL, lambda: verdict(word(), word(OTHER))),
    "form.wrong_template": (ERROR, "通知附件", lambda: verdict(other_word())),
    "form.blank": (ERROR, "通知附件", lambda: verdict(blank())),
    "form.field_missing": (ERROR, "申报表第2栏", lambda: verdict(word(form(postal_address="")))),
    "form.email_invalid": (ERROR, "申报表第4栏", lambda: verdict(word(form(email="没有")))),
    "form.phone_invalid": (WARNING, "申报表第3栏", lambda: verdict(word(form(contact_phone="无", contact_mobile="")))),
    "form.unit_type_missing": (ERROR, "申报表第5栏、通知四", lambda: verdict(word(form(types=())))),
    "form.unit_type_several": (ERROR, "申报表第5栏、通知四", lambda: verdict(word(form(types=("industry_association", "central_enterprise"))))),
    "form.industry_count": (WARNING, "申报表第6栏", lambda: verdict(word(form(industries=("甲", "乙", "丙"))))),
    "form.introduction_length": (NOTE, "申报表第7栏", lambda: verdict(word(form(introduction="短")))),
    "form.recommendation_needed": (WARNING, "申报表第5栏、通知四", lambda: verdict(word(form(types=("other",))))),
    "deadline.passed": (ERROR, "通知五（一）；《电子签名法》第十一条", lambda: verdict(word(), at=LATE)),
    "sender.unverified": (NOTE, "RFC 8601", lambda: verdict(word(), headers=(("authentication-results", "mx; dmarc=fail"),))),
}


def test_every_code_has_a_wording_and_a_case():
    assert set(CASES) == set(WORDING)


@pytest.mark.parametrize("code", CASES)
def test_a_mail_brings_it_out_alone_with_its_severity_and_clause(code):
    severity, clause, judge_it = CASES[code]
    (found,) = [each for each in judge_it().problems if each.code == code]
    assert (found.severity, found.clause) == (severity, clause)


@pytest.mark.parametrize("code", CASES)
def test_its_message_is_one_or_more_whole_polite_sentences(code):
    found = CASES[code][2]().problems[0]
    assert found.message.endswith("。")
    assert not set("{}\n") & set(found.message)
    if found.severity is ERROR and code != "deadline.passed":
        assert "请" in found.message


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if case[0] is not ERROR])
def test_what_is_no_error_says_that_nothing_must_be_sent_again(code):
    (found,) = [each for each in CASES[code][2]().problems if each.code == code]
    assert any(words in found.message for words in ("不影响受理", "无需", "不需要"))
