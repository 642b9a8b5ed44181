"""The letters as an applicant gets them: parsed back from the bytes that go to the mail server."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.mail.compose import thread_of
from daemon.mail.replies import Reply, blocks_of, write_reply
from rules.notice import Contact, Notice
from rules.notice_file import read_notice
from rules.problems import Answer, Decision, Kind, Problem, Severity, Verdict
from rules.submission import Application, Attachment, Form, Letter, Mailbox, Role, Standing, Status, Submission

ROOT = Path(__file__).parents[2]
APPROVED = Path(__file__).parent / "letters"
NOTICE = read_notice((ROOT / "rules" / "notices" / "zlcp-2024.toml").read_text(encoding="utf-8"))
BEIJING = ZoneInfo("Asia/Shanghai")
RECEIVED = datetime(2024, 9, 11, 8, 22, 14, tzinfo=UTC)
NOW = datetime(2024, 9, 11, 16, 30, 2, tzinfo=UTC)  # already the 12th in Beijing
NUMBER = "ZLCP-2024-0001"
SENDER = "中国专利保护协会 <zlcp@ppac.org.cn>"
UNIT = "中国微电网设备行业协会"
SUBJECT = f"专利密集型产品认定产业评价中心承担单位——{UNIT}"

LETTER = Letter(
    message_id="<abc@163.com>",
    sender=Mailbox("魏慧敏", "weihm@163.com"),
    reply_to=Mailbox("魏慧敏", "weihm@163.com"),
    references=("<first@163.com>", "<second@163.com>"),
    subject=SUBJECT,
)
FILE = Attachment("申报表.docx", 31245, "0" * 64, "application/msword", role=Role.FORM)
FORM = Form(values={"unit_name": UNIT}, choices={"unit_types": ("industry_association",)}, lists={"industries": ("微电网设备", "储能")})

MISSING = Problem("form.field_missing", Severity.ERROR, "申报表“通讯地址”栏未填写，请填写完整的通讯地址。", "postal_address", "申报表第2栏")
NO_WORDS = Problem("subject.prefix", Severity.ERROR, "邮件主题缺少规定字样，请按规定的格式填写主题。", "", "通知五（一）")
LATE = Problem("deadline.passed", Severity.ERROR, "材料在征集截止之后到达。", "", "通知五（一）")
ODD_PHONE = Problem("form.phone_invalid", Severity.WARNING, "申报表“电话”“手机”栏的号码可能有误，方便时请核对。", "contact_phone", "申报表第3栏")
RECOMMENDATION = Problem("form.recommendation_needed", Severity.WARNING, "单位性质为“其他”的，纸质版须经省级知识产权局推荐。", "unit_types", "通知四")
ANOTHER_DASH = Problem("subject.form", Severity.NOTE, "邮件主题的破折号与规定的略有不同。", "", "通知五（一）")

ACCEPTED = Verdict(Kind.APPLICATION, Decision.ACCEPTED, unit_name=UNIT, form=FORM, attachments=(FILE,), answer=Answer.ACKNOWLEDGEMENT, version=1)
REGISTERED = Standing(Application(1, NUMBER, UNIT, versions=2, accepted=2))
CASES: dict[str, tuple[Verdict, Standing, str]] = {
    "acknowledgement": (replace(ACCEPTED, problems=(ODD_PHONE, ANOTHER_DASH)), Standing(), NUMBER),
    "update": (replace(ACCEPTED, answer=Answer.UPDATE, version=3, changes=("通讯地址", "联系人信息：手机")), REGISTERED, NUMBER),
    "duplicate": (replace(ACCEPTED, answer=Answer.DUPLICATE, version=0), REGISTERED, NUMBER),
    "correction": (
        replace(ACCEPTED, decision=Decision.CORRECTION, answer=Answer.CORRECTION, problems=(NO_WORDS, MISSING, RECOMMENDATION, ANOTHER_DASH), version=3),
        REGISTERED,
        NUMBER,
    ),
    "correction-nameless": (
        replace(ACCEPTED, decision=Decision.CORRECTION, answer=Answer.CORRECTION, problems=(NO_WORDS,), unit_name=None, form=None),
        Standing(),
        NUMBER,
    ),
    "late": (replace(ACCEPTED, decision=Decision.LATE, answer=Answer.LATE, problems=(LATE, MISSING)), Standing(), NUMBER),
    "received-inquiry": (Verdict(Kind.INQUIRY, Decision.NONE, answer=Answer.RECEIVED), Standing(), ""),
    "received-held": (replace(ACCEPTED, decision=Decision.REVIEW, answer=Answer.RECEIVED, version=3), REGISTERED, NUMBER),
    "received-unread": (
        replace(ACCEPTED, decision=Decision.REVIEW, answer=Answer.RECEIVED, form=None, attachments=(replace(FILE, status=Status.CONVERTED_FAILED),)),
        Standing(),
        NUMBER,
    ),
}


# When the mail came and when it is answered.
MOMENTS = {"late": (datetime(2024, 9, 18, 16, 1, tzinfo=UTC), datetime(2024, 9, 18, 16, 2, tzinfo=UTC))}


def written(case: str, *, letter: Letter = LETTER, notice: Notice = NOTICE, now: datetime | None = None, key: str = "mail 1", **changes: object) -> Reply:
    verdict, standing, number = CASES[case]
    received, answered = MOMENTS.get(case, (RECEIVED, NOW))
    now = now or answered
    reply = write_reply(Submission(letter, (), received), replace(verdict, **changes), standing, number, notice, SENDER, now, key)
    assert reply is not None
    return reply


def parsed(reply: Reply) -> EmailMessage:
    mail = message_from_bytes(reply.mime, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def body(reply: Reply, kind: str) -> str:
    part = parsed(reply).get_body((kind,))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


class _Page(HTMLParser):
    """What a person sees of an HTML page, a line for each paragraph, item or line; and the tags it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.text += "\n" if tag in {"p", "li", "br", "h1"} else ""

    def handle_data(self, data):
        self.text += data

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.split("\n") if line.strip()]


@pytest.mark.parametrize("case", CASES)
def test_each_letter_reads_as_approved(case):
    reply = written(case)
    assert f"{reply.subject}\n\n{reply.text}" == (APPROVED / f"{case}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_both_parts_and_the_reply_say_the_same(case):
    reply = written(case)
    page = _Page(body(reply, "html"))
    plain = [re.sub(r"^\d+\. ", "", line) for line in reply.text.split("\n") if line]
    assert body(reply, "plain") == reply.text
    assert page.lines == [reply.subject, reply.subject, *plain]  # title and h1, then the letter


@pytest.mark.parametrize("case", CASES)
def test_every_letter_names_the_association_the_contacts_and_the_day_in_beijing(case):
    text = written(case).text
    assert text.endswith(f"\n\n特此告知。\n\n中国专利保护协会\n2024年9月{19 if case == 'late' else 12}日\n")
    for fact in ("您好！", "黄莹 010-62153721", "董庆伟 010-62155831", "zlcp@ppac.org.cn"):
        assert fact in text


def test_the_correction_lists_every_error_with_its_clause_and_how_many_there_are():
    text = written("correction").text
    assert "有 2 处需要补正" in text
    assert f"\n1. {NO_WORDS.message}依据：通知五（一）。\n2. {MISSING.message}依据：申报表第2栏。\n" in text
    assert ANOTHER_DASH.message not in text


def test_the_correct_subject_stands_alone_on_its_line():
    assert f"\n\n{SUBJECT}\n\n" in written("correction").text
    assert f'font-weight:bold">{SUBJECT}</p>' in body(written("correction"), "html")


def test_where_the_unit_is_not_known_the_subject_keeps_the_placeholder_and_says_so():
    text = written("correction-nameless").text
    assert text.startswith("尊敬的申报单位：\n")
    assert "\n\n专利密集型产品认定产业评价中心承担单位——单位名称\n\n" in text
    assert "“单位名称”换成贵单位全称" in text


def test_a_correction_says_that_the_earlier_version_stands_only_where_there_is_one():
    assert "此前有效版本（第 2 版）仍然有效" in written("correction").text
    assert "仍然有效" not in written("correction-nameless").text


def test_a_correction_written_after_the_last_day_asks_for_nothing_by_a_day_that_is_over():
    late = datetime(2024, 9, 18, 16, 0, tzinfo=UTC)
    text = written("correction", now=late).text
    assert "请于2024年9月18日" not in text
    assert "2024年9月18日24时" in text
    assert "请于2024年9月18日24时" in written("correction", now=late.replace(hour=15, minute=59)).text


def test_the_acknowledgement_is_no_decision_and_says_what_the_data_are_for():
    text = written("acknowledgement").text
    assert "不是正式复函，不代表审查结论" in text
    assert "联系人信息仅用于" in text
    assert "收到时间：2024年9月11日 16:22（北京时间" in text
    assert "单位性质：全国性行业协会\n意向产业领域：微电网设备、储能\n" in text


def test_a_hint_is_given_for_a_warning_and_not_for_a_note():
    text = written("acknowledgement").text
    assert f"无需因此重新发送）：\n\n1. {ODD_PHONE.message}\n" in text
    assert ANOTHER_DASH.message not in text


@pytest.mark.parametrize(
    ("ticked", "said", "unsaid"),
    [
        (("industry_association",), ["自荐单位不需要推荐单位盖章"], ["中央企业", "非自荐单位"]),
        (("central_enterprise",), ["自荐单位不需要", "中央企业集团公司需共同"], ["非自荐单位"]),
        (("other",), ["非自荐单位须由所在地省级知识产权局"], ["；自荐单位", "中央企业", RECOMMENDATION.message]),
        ((), ["自荐单位不需要", "非自荐单位须由", "中央企业集团公司需共同"], []),
    ],
)
def test_the_paper_copy_is_explained_for_the_ticked_type_once(ticked, said, unsaid):
    form = replace(FORM, choices={"unit_types": ticked})
    text = written("acknowledgement", form=form, problems=(RECOMMENDATION,) if "other" in ticked else ()).text
    assert [words for words in said if text.count(words) != 1] == []
    assert [words for words in unsaid if words in text] == []
    assert "地址：北京市海淀区花园路7号中国新时代大厦三层" in text


def test_a_late_letter_names_both_times_and_lists_what_else_is_to_be_mended():
    text = written("late").text
    assert "收到时间：2024年9月19日 00:01（北京时间" in text
    assert "截止时间：2024年9月18日24时（北京时间）" in text
    assert "暂不寄送纸质版" in text
    assert f"有 1 处尚待补正，一并告知，供贵单位提前准备；在收到进一步告知之前，暂无需重新发送：\n\n1. {MISSING.message}" in text
    assert LATE.message not in text


def test_the_update_names_its_version_and_what_changed():
    text = written("update").text
    assert "登记为第 3 版" in text
    assert "主要变动：通讯地址、联系人信息：手机\n" in text
    assert "并非贵单位本意" in text


def test_a_held_update_gives_nothing_away_of_what_is_registered():
    text = written("received-held", changes=("通讯地址",)).text
    assert "有效版本保持不变" in text
    assert [word for word in ("通讯地址", "全国性行业协会", "微电网设备、储能", "第 2 版") if word in text] == []


def test_a_mail_that_we_failed_to_read_is_not_laid_at_the_applicants_door():
    text = written("received-unread", problems=(NO_WORDS,)).text
    assert "无需重新发送" in text
    assert "暂无需重新发送：\n\n1. " + NO_WORDS.message in text
    assert [word for word in ("有误", "损坏", "无法打开", "失败") if word in text] == []


def test_no_letter_is_written_where_none_is_due():
    submission = Submission(LETTER, (), RECEIVED)
    assert write_reply(submission, replace(ACCEPTED, answer=None), Standing(), NUMBER, NOTICE, SENDER, NOW, "k") is None


@pytest.mark.parametrize("address", ["", "nobody", "@x.cn", "a@", "a b@x.cn", "a@x.cn\r\nBcc: c@x.cn", "a\0@x.cn", "a@b@x.cn", "张@x.cn", "a@" + "x" * 300])
def test_no_letter_is_written_to_what_is_no_address(address):
    letter = replace(LETTER, sender=Mailbox("", address), reply_to=Mailbox("", address))
    assert write_reply(Submission(letter, (), RECEIVED), ACCEPTED, Standing(), NUMBER, NOTICE, SENDER, NOW, "k") is None


def test_an_unusable_reply_to_falls_back_to_the_sender():
    assert written("late", letter=replace(LETTER, reply_to=Mailbox("张", "see below"))).to == ("weihm@163.com",)


def test_a_domain_in_chinese_is_reached_by_its_ascii_name():
    reply = written("late", letter=replace(LETTER, reply_to=Mailbox("张", "zhang@例子.中国")))
    assert reply.to == ("zhang@xn--fsqu00a.xn--fiqs8s",)
    assert reply.to[0] in parsed(reply)["To"]


def test_the_header_marks_an_automatic_answer_and_threads_it():
    mail = parsed(written("correction"))
    assert {name: mail[name] for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "X-ZLCP", "Precedence")} == {
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
        "X-ZLCP": "1",
        "Precedence": None,
    }
    assert mail["In-Reply-To"] == "<abc@163.com>"
    assert mail["References"] == "<first@163.com> <second@163.com> <abc@163.com>"
    assert mail["Date"].datetime == NOW
    assert mail["Date"].datetime.utcoffset() == datetime(2024, 9, 12, tzinfo=BEIJING).utcoffset()
    assert (mail["From"].addresses[0].display_name, mail["From"].addresses[0].addr_spec) == ("中国专利保护协会", "zlcp@ppac.org.cn")
    assert (mail["To"].addresses[0].display_name, mail["To"].addresses[0].addr_spec) == ("魏慧敏", "weihm@163.com")
    assert mail.get_content_type() == "multipart/alternative"


def test_the_same_mail_is_answered_by_the_same_bytes_and_another_by_another_id():
    assert written("late") == written("late")
    assert re.fullmatch(r"<late-[0-9a-f]{32}@ppac\.org\.cn>", written("late").message_id)
    assert written("late").message_id != written("late", key="mail 2").message_id
    assert parsed(written("late"))["Message-ID"] == written("late").message_id


def test_a_message_id_too_long_for_a_line_still_threads():
    exchange = f"<{'A' * 120}@{'b' * 60}.example.cn>"
    mail = parsed(written("late", letter=replace(LETTER, message_id=exchange)))
    assert mail["In-Reply-To"] == exchange


def test_a_long_thread_is_named_by_its_first_and_its_newest_mails():
    ids = [f"<{n}@x.cn>" for n in range(100)]
    assert thread_of("<new@x.cn>", ids) == (ids[0], *ids[-19:], "<new@x.cn>")


@pytest.mark.parametrize("hostile", ["", "abc", "<a b@c>", "<a@b>\r\nBcc: x@y.cn", "<a@b><c@d>", f"<{'a' * 5000}@b>", "<张@b>", "<>"])
def test_a_malformed_message_id_is_left_out(hostile):
    mail = parsed(written("late", letter=replace(LETTER, message_id=hostile, references=("<ok@x.cn>", hostile))))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<ok@x.cn>"
    assert mail["Bcc"] is None


def test_markup_in_a_name_is_text_and_nothing_else():
    evil = '<img src="http://x.cn/a.png" onerror=alert(1)>&amp;协会'
    reply = written("correction", unit_name=evil, attachments=(replace(FILE, name="<script>a</script>.docx"),))
    page = _Page(body(reply, "html"))
    assert set(page.tags) <= {"html", "head", "meta", "title", "body", "h1", "p", "br", "ol", "li"}
    assert f"{evil}：" in page.lines
    assert "收到附件：<script>a</script>.docx" in page.lines


ANYTHING = st.text(st.characters(codec=None), max_size=400) | st.text('\r\n\0 :<>@,;"\\=?\u202e\ud800张a', max_size=60)


@settings(max_examples=60, deadline=None)
@given(name=ANYTHING, unit=ANYTHING, file=ANYTHING, said=ANYTHING, case=st.sampled_from(sorted(CASES)))
def test_no_name_however_hostile_breaks_a_letter(name, unit, file, said, case):
    letter = replace(LETTER, reply_to=Mailbox(name, "weihm@163.com"), subject=said, message_id=said, references=(name, unit))
    problem = Problem("x", Severity.ERROR, said, clause="通知一")
    attachments = (replace(FILE, name=file), replace(FILE, name=said, within=(file,)))
    reply = written(case, letter=letter, unit_name=unit, attachments=attachments, problems=(problem,), changes=(said,))
    mail = parsed(reply)
    assert mail.keys() == [key for key in parsed(written(case)) if key not in {"In-Reply-To", "References"} or mail[key]]
    assert mail["To"].addresses[0].addr_spec == "weihm@163.com"
    assert len(mail["To"].addresses) == 1
    assert mail["Subject"] == reply.subject
    assert body(reply, "plain") == reply.text
    assert mail.defects == []
    assert reply.mime.isascii()
    assert b"\n" not in reply.mime.replace(b"\r\n", b"")
    assert max(map(len, reply.mime.split(b"\r\n"))) <= 998


def test_files_are_listed_with_the_archive_they_came_in_and_not_without_end():
    inner = [replace(FILE, name=f"{n}.docx", within=("材料.zip", "内.zip")) for n in range(30)]
    text = written("late", attachments=(replace(FILE, name="材料.zip", role=Role.ARCHIVE), *inner, FILE)).text
    listed = "、".join(f"{n}.docx" for n in range(10))
    assert f"收到附件：材料.zip（内含：{listed}等 30 个）、申报表.docx\n" in text


def test_an_inquiry_is_answered_under_its_own_subject_and_told_how_to_apply():
    reply = written("received-inquiry", letter=replace(LETTER, subject="Re: 咨询\r\n申报事宜" + "很长" * 40))
    assert reply.subject.startswith("收悉告知：咨询 申报事宜很长")
    assert len(reply.subject) <= 45
    assert "无需重复发送" in reply.text
    assert "\n\n专利密集型产品认定产业评价中心承担单位——单位名称\n\n" in reply.text
    after = written("received-inquiry", now=datetime(2024, 9, 19, tzinfo=BEIJING))
    assert "请于" not in after.text


def test_another_call_gets_letters_in_its_own_words():
    notice = replace(
        NOTICE, association="某省质量协会", itself="本中心", email="a@q.cn", address="某市一路1号", contacts=(Contact("李四", "0571-1"),), paper="",
        subject_words="示范项目申请", subject_dash="-", subject_placeholder="项目单位", form_title="示范项目申请书", form_word="申请书",
        paper_recommended="", paper_unrecommended="", fields=(), timezone=ZoneInfo("Asia/Tokyo"),
    )  # fmt: skip
    for case in CASES:
        reply = written(case, notice=notice, unit_name="某厂", problems=(), attachments=(), letter=replace(LETTER, subject="问"))
        everything = reply.subject + reply.text
        assert [word for word in ("专利", "我会", "申报表", "承担单位", "北京", "知识产权", "纸质") if word in everything] == []
        assert "（UTC+0900" in everything


def test_a_block_is_a_list_only_where_every_line_is_numbered():
    shapes = [block.shape for block in blocks_of("甲：\n\n1. 一\n2. 二\n\n1. 一\n二\n\n主题\n\n署名\n日期\n", "主题")]
    assert shapes == ["text", "list", "text", "copy", "sign"]
