"""Another association's call is data alone: other words, dash, fields, deadline and receipt numbers, and no code (design, Layout)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.judge import clues_of, judge
from rules.problems import Answer, Decision, Kind
from rules.submission import Application, Form, Standing
from tests.rules.examples import in_time, letter, real_notice, second_notice, submission, word

NOTICE = second_notice()
UNIT = "天山纸业有限公司"
SUBJECT = f"绿色包装优秀案例推荐+{UNIT}"


def story(*, scale=("large",), materials=("纸浆",), **texts):
    values = {"company": UNIT, "hotline": "0991-5550102", "contact_email": "", "story": "以纸代塑，循环使用十二年。", **texts}
    return Form(values, {"scale": scale}, {"materials": materials})


def decide(filled=None, line=SUBJECT, standing=None, at=None, name="推荐表.docx"):
    mail = submission(word(filled or story(), name), at=at or in_time(NOTICE), mail=letter(line))
    return judge(mail, standing or Standing(), NOTICE)


def codes(judged):
    return [f"{each.code}:{each.field}" if each.field else each.code for each in judged.problems]


def test_a_faultless_case_is_accepted():
    judged = decide()
    assert (judged.decision, judged.unit_name, codes(judged)) == (Decision.ACCEPTED, UNIT, [])


@pytest.mark.parametrize(
    ("filled", "found"),
    [
        (story(company=""), ["form.field_missing:company"]),
        (story(hotline=""), ["form.field_missing:hotline"]),
        (story(hotline="无"), ["form.phone_invalid"]),
        (story(contact_email="无"), ["form.email_invalid"]),
        (story(scale=()), ["form.unit_type_missing"]),
        (story(scale=("large", "small")), ["form.unit_type_several"]),
        (story(scale=("abroad",)), ["form.recommendation_needed"]),
        (story(materials=()), []),
        (story(materials=("纸", "竹", "麻", "棉")), ["form.industry_count"]),
        (story(story="短"), ["form.introduction_length"]),
    ],
)
def test_its_own_fields_are_checked(filled, found):
    assert codes(decide(filled)) == found


def test_its_messages_use_its_own_words():
    (found,) = decide(line="材料").problems
    assert "绿色包装优秀案例推荐" in found.message
    assert SUBJECT in found.message
    assert found.clause == "通知三"
    assert "推荐表“服务热线”栏未填写" in decide(story(hotline="")).problems[0].message


def test_what_people_add_to_its_subject_is_understood():
    for line in (f"绿色包装优秀案例推荐表——{UNIT}", f"{SUBJECT}推荐表", f"《绿色包装优秀案例推荐》推荐表+{UNIT}"):
        assert codes(decide(line=line)) == ["subject.form"]


def test_its_own_day_counts():
    assert decide(at=NOTICE.deadline - timedelta(seconds=1)).decision is Decision.ACCEPTED
    assert decide(at=NOTICE.deadline).answer is Answer.LATE


def test_its_own_receipt_numbers_are_found():
    mail = submission(word(story()), mail=letter(f"回复：补正通知（绿包〔2025〕12号）：{SUBJECT}"))
    assert clues_of(mail, NOTICE).numbers == ("绿包〔2025〕12号",)
    assert clues_of(mail, real_notice()).numbers == ()


def test_its_own_updates_are_told_by_label():
    known = Application(1, "绿包〔2025〕1号", UNIT, 1, 1, "accepted", story(), frozenset({"liwj@microgrid.example"}))
    assert decide(story(hotline="0991-5550103"), standing=Standing(known)).changes == ("服务热线",)
    assert decide(standing=Standing(known)).answer is Answer.DUPLICATE


def test_a_mail_for_another_call_is_no_application_here():
    judged = decide(line="专利密集型产品认定产业评价中心承担单位", name="其他.docx")
    assert judged.kind is Kind.APPLICATION  # it brings this call's form, whatever its subject says
    other = replace(word(name="其他.docx"), reading="another", form=None)
    assert judge(submission(other, at=in_time(NOTICE), mail=letter("专利密集型产品", text="")), Standing(), NOTICE).kind is Kind.INQUIRY


@pytest.mark.parametrize("at", ["company", "story"])
def test_a_field_of_the_first_notice_means_nothing_here(at):
    filled = story()
    stranger = Form({**filled.values, "postal_address": "", at: filled.values[at]}, filled.choices, filled.lists)
    assert codes(decide(stranger)) == []
