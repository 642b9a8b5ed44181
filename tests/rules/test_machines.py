"""Machines are never answered, and no person is taken for one (field-notes of the trade: RFC 3834, QQ, Coremail, Exchange)."""

import pytest

from rules.machines import failed_recipients, machine_kind, may_answer, sender_unverified
from rules.submission import Letter, Mailbox

OWN = frozenset({"zlcp@ppac.org.cn"})
PERSON = Mailbox("王小明", "office@unit.example")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def letter(subject="专利密集型产品认定产业评价中心承担单位——示例协会", sender="office@unit.example", **fields) -> Letter:
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.pop("headers", {}).items())
    who = Mailbox("", sender)
    return Letter(
        subject=subject, sender=who, reply_to=fields.pop("reply_to", who), headers=headers, part_types=fields.pop("part_types", ("text/plain",)), **fields
    )


def kind(mail: Letter, *, has_form=False) -> str | None:
    return machine_kind(mail, OWN, has_form=has_form)


def test_a_person_is_no_machine_and_may_be_answered():
    mail = letter(headers={"return_path": "<office@unit.example>", "content_type": "multipart/mixed", "auto_submitted": "no"})
    assert (kind(mail), may_answer(mail, OWN)) == (None, "")


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated"},
        {"auto_submitted": "auto-notified; owner-email=x"},
        {"auto_submitted": "(rejected) auto-replied (vacation)"},
        {"x_autoreply": "yes"},
        {"x_autoreply": ""},
        {"x_autorespond": ""},
        {"x_autoreply_from": "a@b.cn"},
        {"x_qq_holidayreply": ""},
        {"x_qq_auto_reply": "1"},
        {"precedence": "auto_reply"},
        {"precedence": "bulk", "auto_submitted": "auto-replied"},
    ],
)
def test_a_header_gives_an_automatic_reply_away(headers):
    assert kind(letter(headers=headers)) == "auto_reply"
    assert may_answer(letter(headers=headers)) == "邮件头标明为自动发出"


AUTOMATIC = """Auto: Out of Office|自动回复——受理回执|自动回复 补正通知（ZLCP-2024-0001）
自动回复: 承担单位|自动答复：x|自动回覆:x|自動回覆: x|[自动回复] x y|【自动回复】您好|Automatic reply: x|AutoReply: x|Auto Response: x
Out of Office: x|Out of office auto-reply: x|外出答复: x|[外部邮件] 自动回复: x|自动回复|假期自动回复:x|不在办公室: x"""
BY_A_PERSON = """自动回复 已关闭|自动回复——设置说明
转发：自动回复: 承担单位|Re: 自动回复: x|回复：退信|关于自动回复系统产业评价中心的申报|自动回复系统行业协会申报|退信处理技术协会申报材料
已读大学申报|申报材料（上次被退信，重发）|Reading list|read me|Undeliverable goods association|退信|系统退信了，重新发送申报表
来自某公司的退信问题|回复：来自qq.com的退信"""


@pytest.mark.parametrize("subject", AUTOMATIC.replace("\n", "|").split("|"))
def test_a_subject_that_begins_like_an_automatic_reply_is_one(subject):
    assert kind(letter(subject)) == "auto_reply"


@pytest.mark.parametrize("subject", BY_A_PERSON.replace("\n", "|").split("|"))
def test_a_person_who_writes_about_such_mails_is_no_machine(subject):
    mail = letter(subject, text="您好，申报表见附件。")
    assert (kind(mail), may_answer(mail)) == (None, "")


@pytest.mark.parametrize("before", ["请忽略", "在", "收到了，谢谢。\n------------------ 原始邮件 ------------------\n", "好的\n发件人: 魏慧敏\n"])
def test_a_person_who_quotes_qqs_holiday_reply_is_no_machine(before):
    mail = letter("咨询", text=f"{before}这是来自QQ邮箱的假期自动回复邮件。")
    assert (kind(mail), may_answer(mail)) == (None, "")


def test_qqs_holiday_reply_is_known_below_a_gateways_warning():
    assert kind(letter("受理回执", text="【外部邮件】请注意核实。\n\n 这是来自QQ邮箱的假期自动回复邮件。")) == "auto_reply"


def test_qqs_holiday_reply_is_known_by_its_sentence():
    mail = letter("受理回执", text="这是来自QQ邮箱的假期自动回复邮件。\n您好，我正在休假。")
    assert (kind(mail), may_answer(mail)) == ("auto_reply", "主题或正文标明为自动回复")


@pytest.mark.parametrize(
    "mail",
    [
        letter("Undelivered Mail Returned to Sender", "MAILER-DAEMON@mx.example"),
        letter("来自qq.com的退信", "PostMaster@qq.com", content_type="multipart/report"),
        letter("系统退信/Systems bounce", "Postmaster@163.com", report="Final-Recipient: rfc822;a@b.cn"),
        letter("系统退信", "mail@163.com", headers={"return_path": "<>"}),
        letter("Delivery Status Notification (Failure)", "mx@b.cn", headers={"auto_submitted": "auto-replied"}),
        letter("随便", headers={"x_failed_recipients": "a@b.cn"}),
        letter("随便", content_type="multipart/report", headers={"content_type": "multipart/report; report-type=delivery-status"}),
        letter("配额提醒", "postmaster@unit.example"),
        letter("来自qq.com的退信", "service@qq.com"),
        letter("系统退信/Systems bounce", "service@163.com"),
        letter("Undeliverable: 受理回执", "MicrosoftExchange329e@unit.example", headers={"return_path": "<>"}),
    ],
)
def test_bounces_of_every_system_are_known(mail):
    assert kind(mail) == "bounce"


def test_a_bounces_subject_alone_keeps_us_silent():
    mail = letter("来自qq.com的退信", part_types=("text/plain", WORD))
    assert (kind(mail), may_answer(mail)) == (None, "主题标明为退信")


def test_read_receipts_are_known():
    report = letter("已读: x", content_type="multipart/report", headers={"content_type": "multipart/report; report-type=disposition-notification"})
    assert kind(report) == "receipt"
    assert kind(letter("x", content_type="multipart/report", part_types=("text/plain", "message/disposition-notification"))) == "receipt"
    assert kind(letter("已读: 补正通知", text="您的邮件已于 2024-09-10 10:00 被阅读。")) == "receipt"


def test_a_person_who_says_that_a_mail_was_read_is_no_receipt():
    assert kind(letter("已读：补正通知", text="好的，我们尽快补正后重新发送。")) is None
    assert kind(letter("已读：补正通知", text="您的邮件已阅读，申报表见附件。", part_types=("text/plain", WORD))) is None


def test_meeting_requests_are_known_and_attached_dates_are_none():
    assert kind(letter(part_types=("text/plain", "text/calendar; method=request"))) == "calendar"
    assert kind(letter(content_type="text/calendar", part_types=("text/calendar",))) == "calendar"
    assert kind(letter(part_types=("text/plain", "text/calendar"))) is None
    assert kind(letter("会议邀请：产业评价中心")) is None


@pytest.mark.parametrize(
    "headers",
    [{"list_id": "<x>"}, {"list_unsubscribe": "<mailto:x@y>"}, {"list_post": "<x>"}, {"precedence": "bulk"}, {"precedence": "List"}, {"precedence": "junk"}],
)
def test_mails_of_lists_are_known(headers):
    assert kind(letter(headers=headers)) == "list"
    assert may_answer(letter(headers=headers)) == "邮件头标明为群发邮件"


def test_our_own_mails_are_known_by_address_and_by_mark():
    assert kind(letter(sender="ZLCP@ppac.org.cn")) == "own"
    assert kind(letter(headers={"x_zlcp": "1"})) == "own"
    assert kind(letter(sender="zlcp@ppac.org.cn"), has_form=True) == "own"


def test_without_a_way_back_only_a_mail_with_files_may_be_a_persons():
    nobody = {"return_path": "<>"}
    assert kind(letter(headers=nobody)) == "auto_reply"
    assert kind(letter(headers=nobody, part_types=("text/plain", WORD))) is None
    assert may_answer(letter(headers=nobody)) == "退信地址为空（Return-Path: <>）"
    assert kind(letter(headers={"return_path": "< a@b.cn >"})) is None


@pytest.mark.parametrize(
    "address", ["noreply@b.cn", "no-reply@b.cn", "No_Reply@b.cn", "donotreply@b.cn", "do-not-reply@b.cn", "noreply-123@b.cn", "no-reply.x@b.cn"]
)
def test_an_address_that_takes_no_replies_gets_none(address):
    assert kind(letter(sender=address)) == "auto_reply"
    assert kind(letter(sender=address, part_types=("text/plain", WORD))) is None
    assert may_answer(letter(sender=address)) == "发件地址不接收回复"
    assert may_answer(letter(reply_to=Mailbox("", address))) == "发件地址不接收回复"


def test_a_name_that_only_looks_like_no_reply_is_a_persons():
    assert (kind(letter(sender="noreplyman@b.cn")), may_answer(letter(sender="norep@b.cn"))) == (None, "")


@pytest.mark.parametrize(
    "headers",
    [{"list_unsubscribe": "<x>"}, {"precedence": "bulk"}, {"auto_submitted": "auto-generated"}, {"return_path": "<>"}, {"x_auto_response_suppress": "All"}],
)
def test_a_form_under_a_machines_header_is_an_application_that_is_not_answered(headers):
    mail = letter(headers=headers, part_types=("text/plain", WORD))
    assert kind(mail, has_form=True) is None
    assert may_answer(mail) != ""


@pytest.mark.parametrize(
    "mail",
    [
        letter(sender="postmaster@unit.example", part_types=("text/plain", WORD)),
        letter("自动回复: 承担单位", part_types=("text/plain", WORD)),
        letter(part_types=(WORD, "text/calendar; method=request")),
        letter(report="Final-Recipient: rfc822; a@b.cn", content_type="multipart/mixed"),
    ],
)
def test_a_form_is_not_lost_to_a_machines_look(mail):
    assert kind(mail, has_form=True) is None


def test_no_form_makes_a_machine_that_answers_by_itself_a_person():
    for mail in (letter(headers={"auto_submitted": "auto-replied"}), letter(content_type="multipart/report"), letter(headers={"x_autoreply": ""})):
        assert kind(mail, has_form=True) is not None


@pytest.mark.parametrize(
    ("value", "silent"), [("All", True), ("DR, AutoReply", True), ("all", True), ("DR, RN, NRN, OOF", False), ("", False), ("None", False)]
)
def test_a_wish_for_no_automatic_answer_is_heeded_and_makes_no_machine(value, silent):
    mail = letter(headers={"x_auto_response_suppress": value})
    assert (kind(mail), may_answer(mail) != "") == (None, silent)


@pytest.mark.parametrize("address", ["", "a", "a@b", "a b@c.cn", "王@c.cn", "a@c.cn\r\nBcc: x@y.cn", "a@c.cn, x@y.cn", "<a@c.cn>"])
def test_without_a_usable_address_nothing_is_sent(address):
    assert may_answer(letter(reply_to=Mailbox("", address))) == "没有可用的回复地址"


def test_an_answer_never_goes_to_our_own_address():
    assert may_answer(letter(reply_to=Mailbox("", "Zlcp@ppac.org.cn")), OWN) == "回复地址是本邮箱"


# Authentication-Results


def results(*values) -> Letter:
    return Letter(headers=tuple(("authentication-results", value) for value in values))


@pytest.mark.parametrize(
    ("value", "unverified"),
    [
        ("mx.ppac.org.cn; spf=fail smtp.mailfrom=a@b.cn; dkim=none", True),
        ("mx.ppac.org.cn; spf=pass smtp.mailfrom=b.cn; dkim=pass; dmarc=fail (p=none dis=none) header.from=b.cn", True),
        ("mx.ppac.org.cn 1; dmarc = FAIL", True),
        ("mx.ppac.org.cn; spf=hardfail", True),
        ("mx.ppac.org.cn; spf=softfail; dkim=fail; dmarc=none", False),
        ("mx.ppac.org.cn; spf=pass; dkim=pass; dmarc=pass", False),
        ("mx.ppac.org.cn; spf=pass (not dmarc=fail; spf=fail) reason=x", False),
        ("mx.ppac.org.cn; spf=none; x-spf=fail; dmarc=permerror", False),
        ("mx.ppac.org.cn; none", False),
        ("", False),
    ],
)
def test_a_failed_check_of_the_server_is_noticed(value, unverified):
    assert sender_unverified(results(value)) is unverified


def test_only_our_servers_results_are_believed():
    forged = results("mx.ppac.org.cn; spf=pass", "evil.example; spf=fail")
    assert not sender_unverified(forged)
    assert not sender_unverified(forged, "mx.ppac.org.cn")
    below = results("relay.example; spf=pass", "MX.ppac.org.cn; dmarc=fail")
    assert sender_unverified(below, "mx.ppac.org.cn")
    assert not sender_unverified(Letter(), "mx.ppac.org.cn")


# Who could not be reached


def test_a_bounce_names_whom_it_did_not_reach():
    report = (
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; forwarded@else.example\nOriginal-Recipient: rfc822; <a@unit.example>\nAction: failed\n\n"
        "Final-Recipient: RFC822;b@unit.example\nAction: delayed\n\nfinal-recipient: c@unit.example"
    )
    found = failed_recipients(Letter(report=report, headers=(("x-failed-recipients", "c@unit.example, d@unit.example"),)))
    assert found == ("a@unit.example", "c@unit.example", "d@unit.example")


def test_a_bounce_without_a_report_names_nobody():
    assert failed_recipients(Letter(text="无法发送到 a@unit.example")) == ()
