"""Whether a mail means to apply: what it says of itself, and what is already known of its unit."""

import pytest

from rules.problems import Answer, Decision, Kind
from rules.submission import Status
from tests.rules.examples import archive, blank, codes, known, other_word, scan, subject, unread, verdict

TAKES_BACK = "撤回：" + subject()
OF_THE_CALL = "关于公开征集专利密集型产品认定产业评价中心承担单位的通知"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (subject(), "您好，申报表已于上周发送，请确认是否收到，谢谢。"),
        (subject(), "我们的申报表昨天已经提交，请问有没有收到？"),
        (subject(), "请问纸质版需要寄几份？申报表电子版附件已经在9月5日发送过了。"),
        (subject(), "老师好，盖章的纸质版已于今日通过顺丰寄出，单号SF1234567890，请查收。"),
        (subject(), "盖章版申报表已邮寄，EMS单号：1234567，请查收。"),
        (subject(), "9月10日发送的申报表请以9月12日的邮件为准。"),
        (subject(), "麻烦确认一下收到没有，之前发送的邮件没有收到回执。"),
        (subject(), "您好，我单位联系人变更为李四。"),
        (subject(), "文件密码：123456"),
        (subject(), "我单位决定不再申报，特此撤回。"),
        (TAKES_BACK, ""),
    ],
)
def test_who_writes_of_an_earlier_mail_or_of_the_paper_copy_forgot_no_file(line, text):
    judged = verdict(line=line, text=text)
    assert (judged.kind, judged.decision, judged.answer) == (Kind.INQUIRY, Decision.NONE, Answer.RECEIVED)


@pytest.mark.parametrize(
    "text",
    [
        "附件为我单位申报表，纸质版随后寄出。",
        "现将申报表发送给您，请查收，是否收到烦请回复，谢谢！",
        "我单位已按要求填写申报表，现提交，请查收。",
        "按照通知要求，于9月18日前提交申报表，请查收。",
        "材料请查收，如有疑问请联系我。",
        "申报表见附件，解压密码123456。",
    ],
)
def test_who_says_that_something_comes_with_the_mail_forgot_it(text):
    judged = verdict(text=text)
    assert (judged.kind, codes(judged)) == (Kind.APPLICATION, ["attachment.missing"])


@pytest.mark.parametrize("file", [scan("盖章申报表.pdf"), other_word("推荐函.docx"), archive("佐证材料.zip")])
def test_what_an_accepted_unit_adds_is_no_failed_application(file):
    judged = verdict(file, text="见附件", standing=known())
    assert (judged.kind, judged.answer, judged.application, judged.version) == (Kind.INQUIRY, Answer.RECEIVED, 7, 0)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (blank(), "form.blank"),
        (unread(), "attachment.corrupt"),
        (archive(status=Status.ENCRYPTED), "attachment.encrypted"),
        (other_word("申报表.docx"), "form.wrong_template"),
    ],
)
def test_a_file_that_could_be_a_new_version_is_judged(file, code):
    assert codes(verdict(file, standing=known())) == [code]


def test_a_stranger_who_names_an_accepted_unit_is_not_tied_to_it():
    assert verdict(text="请问结果", standing=known(), sender="x@elsewhere.example").application is None


def test_who_brings_a_file_and_asks_whether_it_arrived_applies():
    assert codes(verdict(scan(), line=f"{subject()}（请确认是否收到）", text="")) == ["subject.form", "attachment.not_word"]
    assert verdict(line=f"{subject()}（申报表是否收到？）", text="").kind is Kind.INQUIRY


def test_the_call_passed_on_with_its_blank_form_is_no_application():
    assert verdict(blank(), line=f"转发：{OF_THE_CALL}", text="请阅").kind is Kind.INQUIRY
