"""The form as a PDF: the applicant is asked for Word as before, and the staff see what it says (通知五（一）)."""

from dataclasses import replace

import pytest

from rules.judge import clues_of
from rules.problems import Answer, Decision, Kind
from rules.submission import Attachment, Form
from tests.rules.examples import UNIT, codes, form, known, letter, real_notice, scan, submission, verdict, word

NO_UNIT = "专利密集型产品认定产业评价中心承担单位"


def printed(filled: Form | None = None, name: str = "申报表.pdf") -> Attachment:
    return replace(scan(name), form=filled or form())


def test_a_form_in_pdf_is_not_word_whatever_it_says():
    judged = verdict(printed(form(postal_address="", email="没有", types=())))
    assert (codes(judged), judged.decision, judged.answer) == (["attachment.not_word"], Decision.CORRECTION, Answer.CORRECTION)
    assert judged.form is None
    assert [each.message for each in judged.problems] == [each.message for each in verdict(scan("申报表.pdf")).problems]


def test_the_staff_are_told_what_a_form_in_pdf_says():
    [line] = verdict(printed()).checks
    assert line == (
        f"PDF附件“申报表.pdf”可读出申报内容（单位名称：{UNIT}；姓名：魏慧敏；电话：010-51860913；手机：13500909960；电子邮箱：liwj@microgrid.example；"
        "单位性质：全国性行业协会；意向产业领域：微电网设备），仅供工作人员参考，未登记为申报表"
    )


def test_what_is_empty_or_unread_in_a_form_in_pdf_is_said_so():
    [line] = verdict(printed(replace(form(contact_phone="", contact_name="甲\n乙" * 50), unread=("unit_types",)))).checks
    assert "；电话" not in line
    assert "\n" not in line
    assert "单位性质：勾选状态无法识别" in line


def test_copies_of_one_form_in_pdf_are_told_once():
    assert len(verdict(printed(), printed(name="申报表（1）.pdf"), scan()).checks) == 1


def test_without_another_name_the_unit_is_the_one_of_the_form_in_pdf():
    judged = verdict(printed(), line=NO_UNIT)
    assert (judged.unit_name, judged.subject_unit_name) == (UNIT, None)
    assert "subject.unit_missing" in codes(judged)


def test_the_subject_and_a_word_form_come_before_a_form_in_pdf():
    other = printed(form(unit_name="国家特种玻璃技术创新中心"))
    assert verdict(other).unit_name == UNIT
    judged = verdict(word(), other, line=NO_UNIT)
    assert (judged.unit_name, judged.checks, judged.decision) == (UNIT, (), Decision.CORRECTION)
    assert codes(judged) == ["subject.unit_missing"]


@pytest.mark.parametrize("others", [(printed(form(unit_name="")),), (printed(), printed(form(unit_name="国家特种玻璃技术创新中心")))])
def test_forms_in_pdf_of_no_unit_or_of_several_name_none(others):
    assert verdict(*others, line=NO_UNIT).unit_name is None


def test_the_register_is_asked_for_the_unit_of_a_form_in_pdf_unless_the_mail_is_tied_already():
    def key(**more: object) -> str:
        return clues_of(submission(printed(), mail=letter(str(more.pop("line", NO_UNIT)), **more)), real_notice()).unit_key

    assert key()
    assert key(references=("<a@b>",)) == ""
    assert key(line="回复：ZLCP-2024-0003") == ""
    assert key(line=f"{NO_UNIT}——国家特种玻璃技术创新中心") == "国家特种玻璃技术创新中心"


def test_a_form_in_pdf_for_an_accepted_application_is_no_new_version():
    judged = verdict(printed(), standing=known())
    assert (judged.kind, judged.version, judged.form) == (Kind.INQUIRY, 0, None)
