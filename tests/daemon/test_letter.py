"""The letter reader on whole mails: every kind of sender, every odd structure, and no bytes that make it fail."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from daemon.mail.letter import Part, read_letter
from rules.submission import Letter, Mailbox
from tests.mails import ARRIVAL, BEIJING, SENDER, STYLES, THUNDERBIRD, bounce, calendar, coremail_bounce, file_part, forwarded, mail, multipart, receipt

SUBJECT = "专利密集型产品认定产业评价中心承担单位——示例协会（筹）一重·A-1"
NAME = "专利密集型产品认定产业评价中心 承担单位申报表-示例协会（最终稿）.docx"
DATA = b"PK\x03\x04" + bytes(range(256)) * 20
HEAD = b"From: a@b.cn\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def parts_of(raw: bytes) -> tuple[Part, ...]:
    return read_letter(raw)[1]


def letter_of(raw: bytes) -> Letter:
    return read_letter(raw)[0]


# Senders


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_mail_program_is_read_in_full(style):
    raw = mail(SUBJECT, "您好：\n请查收——谢谢", [(NAME, DATA)], inline=[("logo.png", b"\x89PNG")], name="王小明", style=style)
    letter, parts = read_letter(raw)
    assert (letter.subject, letter.sender, letter.reply_to) == (SUBJECT, Mailbox("王小明", SENDER), Mailbox("王小明", SENDER))
    assert letter.text == "您好：\n请查收——谢谢"
    assert letter.received_at == ARRIVAL
    assert letter.received_at.utcoffset() == timedelta(hours=8)
    assert letter.written_at == ARRIVAL - timedelta(seconds=6)
    assert [(part.name, part.data, part.inline) for part in parts] == [("logo.png", b"\x89PNG", True), (NAME, DATA, False)]
    assert letter.faults == ()


@pytest.mark.parametrize("names", ["2047", "2231", "raw", "percent"])
@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gb18030"])
def test_file_names_are_read_in_every_way_of_writing(names, charset):
    assert parts_of(mail(attachments=[(NAME, DATA)], style=replace(THUNDERBIRD, charset=charset, names=names)))[0].name == NAME


@pytest.mark.parametrize("newline", [b"\n", b"\r", b"\r\n", b"\r\r\n"])
def test_any_line_ends_will_do(newline):
    letter, parts = read_letter(mail(SUBJECT, "甲\n乙", [(NAME, DATA)], style=replace(THUNDERBIRD, newline=newline)))
    assert (letter.subject, letter.text.split(), parts[0].data) == (SUBJECT, ["甲", "乙"], DATA)


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b" \n", b"From x@y Tue Sep 10 09:12:33 2024\n", b"\xef\xbb\xbf\n>From x\n"])
def test_what_stands_before_the_header_is_passed_over(before):
    letter, parts = read_letter(before + mail(SUBJECT, attachments=[(NAME, DATA)]))
    assert (letter.subject, parts[0].data, letter.faults) == (SUBJECT, DATA, ("bytes.before_header",))


def test_a_mail_saved_as_utf16_is_read():
    assert letter_of(mail(SUBJECT).decode().encode("utf-16")).subject == SUBJECT


# Who wrote, and when


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("a@b.cn", Mailbox("", "a@b.cn")),
        ("<a@b.cn>", Mailbox("", "a@b.cn")),
        ('"a@b.cn" <a@b.cn>', Mailbox("", "a@b.cn")),
        ('"boss@evil.cn" <a@b.cn>', Mailbox("boss@evil.cn", "a@b.cn")),
        ("张三<a@b.cn>", Mailbox("张三", "a@b.cn")),
        ("'张三' <a@b.cn>", Mailbox("张三", "a@b.cn")),
        ("张三 a@b.cn", Mailbox("张三", "a@b.cn")),
        ("张三＜a＠b.cn＞", Mailbox("张三", "a@b.cn")),
        ('"张三,李四" <a@b.cn>', Mailbox("张三,李四", "a@b.cn")),
        ("张三（办公室） <a@b.cn>", Mailbox("张三（办公室）", "a@b.cn")),
        ("张三 <a@b.cn>, 李四 <c@d.cn>", Mailbox("张三", "a@b.cn")),
        ('"=?gbk?B?1cXI/Q==?=" <a@b.cn>', Mailbox("张三", "a@b.cn")),
        ("=?gbk?B?1cXI/Q==?=<a@b.cn>", Mailbox("张三", "a@b.cn")),
        ("=?utf-8?B?5byg5LiJLCDmnY7lm5s8?= <a@b.cn>", Mailbox("张三, 李四<", "a@b.cn")),
        ("a@b.cn (Zhang San)", Mailbox("Zhang San", "a@b.cn")),
        ("张三 <王@b.cn>", Mailbox("张三 <王@b.cn", SENDER)),
        ("张三", Mailbox("张三", SENDER)),
    ],
)
def test_the_sender_is_read_however_it_is_written(written, sender):
    for style in (STYLES["raw_gbk"], STYLES["raw_utf8"]):
        raw = mail(headers=[("From", written)], style=style)
        assert letter_of(raw).sender == sender


def test_without_a_from_the_sender_or_the_envelope_tells_who_wrote():
    assert letter_of(mail(drop=["From"], headers=[("Sender", "s@b.cn")])).sender.address == "s@b.cn"
    assert letter_of(mail(drop=["From"])).sender.address == SENDER
    assert letter_of(mail(drop=["From"], return_path="")).sender == Mailbox()


def test_an_answer_goes_to_reply_to_unless_it_names_no_address():
    assert letter_of(mail(headers=[("Reply-To", "李四 <li@b.cn>")])).reply_to == Mailbox("李四", "li@b.cn")
    for nothing in ("", "<>", "undisclosed", "a@b", "x@y.cn z@y.cn"):
        assert letter_of(mail(headers=[("Reply-To", nothing)])).reply_to.address == SENDER


def test_the_newest_readable_received_header_tells_the_arrival():
    raw = mail(headers=[("Received", "from x by y; never")], received_at=datetime(2024, 9, 18, 23, 59, 59, tzinfo=BEIJING))
    assert letter_of(raw).received_at == datetime(2024, 9, 18, 23, 59, 59, tzinfo=BEIJING)
    assert letter_of(b"Received: by mx; garbage\r\n" + raw).received_at == datetime(2024, 9, 18, 23, 59, 59, tzinfo=BEIJING)
    assert letter_of(mail(received_at=None)).received_at is None


def test_message_ids_are_kept_in_brackets_and_in_order():
    letter = letter_of(mail(message_id="<a b\r\n @c>", references=["<1@x>", "<2@x>", "<1@x>"]))
    assert (letter.message_id, letter.references) == ("<ab@c>", ("<1@x>", "<2@x>"))
    assert letter_of(mail(message_id="bare@c")).message_id == "<bare@c>"
    assert letter_of(mail(message_id="")).message_id == ""
    assert letter_of(b"Message-ID: <1@x>\r\n" + mail()).message_id == "<1@x>"


def test_the_first_subject_counts():
    assert letter_of(b"Subject: one\r\n" + mail("two")).subject == "one"


# Bodies


def test_the_plain_text_is_preferred_and_html_stands_in_for_a_blank_one():
    assert letter_of(mail(text="纯文本", html="<p>网页</p>")).text == "纯文本"
    assert letter_of(mail(text=" \n", html="<p>网页</p>")).text == "网页"


def test_html_is_shown_as_a_person_sees_it():
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body><script>x()</script><!-- no --><p>第一段&nbsp;&lt;a&gt;</p>"
        "<div>第二<b>段</b><br>第三段</div><table><tr><td>甲</td><td>乙</td></tr></table><o:p></o:p></body></html>"
    )
    assert letter_of(mail(text="", html=page)).text.split("\n") == ["第一段 <a>", "", "第二段", "第三段", "", "甲 乙"]


def test_html_with_nothing_in_it_is_no_text():
    for page in ("", " ", "<!-- x -->", "<html>", "\0"):
        assert letter_of(mail(text="", html=page)).text == ""


def test_links_come_from_text_and_html_in_their_order():
    page = '<a href="https://mail.qq.com/cgi-bin/ftnExs_download?k=1&amp;t=2">超大附件</a> <a href="mailto:a@b.cn">x</a>'
    letter = letter_of(mail(text="见 https://pan.baidu.com/s/1，提取码1234。http://x.cn/a）", html=page))
    assert letter.links == ("https://pan.baidu.com/s/1", "http://x.cn/a", "https://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=2")


def test_texts_around_an_attachment_are_one_text():
    text = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    raw = HEAD + multipart("mixed", [text + "甲".encode(), file_part("a.docx", DATA), text + "乙".encode()], "b")
    assert (letter_of(raw).text, len(parts_of(raw))) == ("甲\n乙", 1)


def test_a_picture_or_file_inside_an_alternative_is_no_reason_to_say_everything_twice():
    plain = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "甲".encode()
    html = b"Content-Type: text/html; charset=utf-8\r\n\r\n" + "<p>甲</p>".encode()
    raw = HEAD + multipart("alternative", [plain, multipart("mixed", [html, file_part("a.docx", DATA), html], "c")], "b")
    assert (letter_of(raw).text, [part.data for part in parts_of(raw)]) == ("甲", [DATA])


# Parts


def test_text_with_a_name_or_marked_as_attachment_is_a_file():
    named = b'Content-Type: text/html; name="a.html"\r\n\r\n<p>x</p>'
    marked = b"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\ny"
    raw = HEAD + multipart("mixed", [named, marked], "b")
    assert ([(part.name, part.data) for part in parts_of(raw)], letter_of(raw).text) == ([("a.html", b"<p>x</p>"), ("附件2.txt", b"y")], "")


def test_nameless_files_get_the_same_name_at_every_reading():
    raw = mail(attachments=[("", DATA, "application/msword"), ("", DATA, "application/x-what"), ("", b"{\\rtf1", "text/plain")])
    assert [part.name for part in parts_of(raw)] == ["附件1.doc", "附件2", "附件3.txt"] == [part.name for part in parts_of(raw)]


def test_a_form_that_is_the_whole_mail_is_a_file():
    raw = HEAD + file_part("申报表.docx", DATA)
    assert [(part.name, part.data) for part in parts_of(raw)] == [("申报表.docx", DATA)]


def test_a_file_labelled_as_text_without_a_name_is_still_a_file():
    raw = HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(DATA)
    assert [part.data for part in parts_of(raw)] == [DATA]


def test_a_picture_with_a_content_id_is_inline_and_an_attached_one_is_not():
    shown = b"Content-Type: image/png\r\nContent-ID: <1>\r\n\r\nx"
    attached = b"Content-Type: image/png\r\nContent-ID: <1>\r\nContent-Disposition: attachment\r\n\r\nx"
    assert [part.inline for part in parts_of(HEAD + multipart("related", [shown, attached], "b"))] == [True, False]


@pytest.mark.parametrize("transfer", ["", "base64"])
@pytest.mark.parametrize(("given", "name"), [("申报表.eml", "申报表.eml"), ("", "甲／乙.eml")])
def test_a_mail_in_the_mail_stays_apart_and_as_it_was_sent(transfer, given, name):
    inner = mail("甲/乙", "内层", [(NAME, DATA)])
    letter, parts = read_letter(forwarded(inner, given, transfer=transfer, text="外层"))
    assert parts == (Part(name, inner, "message/rfc822", inline=False, mail=True),)
    assert (letter.text, letter.sender.address) == ("外层", SENDER)


def test_a_mail_without_a_subject_is_named_by_its_place():
    assert [part.name for part in parts_of(forwarded(mail(""), ""))] == ["附件1.eml"]


def test_the_mails_of_a_digest_need_no_type_of_their_own():
    raw = HEAD + multipart("digest", [b"\r\n" + mail("内层")], "b")
    assert [(part.name, part.mail) for part in parts_of(raw)] == [("内层.eml", True)]


def test_reports_are_no_attachments():
    assert "Final-Recipient: rfc822; nobody@unit.example" in letter_of(bounce()).report
    assert letter_of(coremail_bounce()).report.startswith("Final-Recipient")
    assert [parts_of(each) for each in (bounce(), receipt(), calendar())] == [(), (), ()]
    assert letter_of(calendar()).part_types == ("text/plain", "text/calendar; method=request")
    assert [part.mail for part in parts_of(bounce(returned=mail()))] == [True]


# Broken structure


def test_a_boundary_that_is_not_named_is_found():
    raw = mail(SUBJECT, attachments=[(NAME, DATA)])
    for changed in (
        raw.replace(b';\r\n boundary="----=_NextPart_1"', b""),
        raw.replace(b'boundary="----=_NextPart_1"', b'boundary="other"'),
        raw.replace(b'Content-Type: multipart/mixed;\r\n boundary="----=_NextPart_1"\r\n', b""),
    ):
        letter, parts = read_letter(changed)
        assert (letter.text, [part.data for part in parts], letter.faults) == (letter_of(raw).text, [DATA], ("mime.no_boundary",))


def test_a_multipart_of_no_kind_is_a_multipart():
    raw = HEAD + multipart("mixed", [file_part("a.docx", DATA)], "b").replace(b"multipart/mixed", b"multipart")
    assert [part.data for part in parts_of(raw)] == [DATA]


def test_a_multipart_without_parts_is_text():
    letter, parts = read_letter(HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + "您好".encode())
    assert (letter.text, parts, letter.faults) == ("您好", (), ("mime.no_parts",))


def test_a_mail_that_breaks_off_gives_what_came():
    letter, parts = read_letter(mail(SUBJECT, attachments=[(NAME, DATA)]).partition(b"------=_NextPart_1--")[0][:-2000])
    assert (letter.subject, len(parts), DATA.startswith(parts[0].data)) == (SUBJECT, 1, True)


def test_parts_after_a_closing_line_are_read():
    raw = HEAD + multipart("mixed", [b"Content-Type: text/plain\r\n\r\nx"], "b") + b"\r\n\r\n--b\r\n" + file_part("a.docx", DATA) + b"\r\n--b--\r\n"
    assert [part.data for part in parts_of(raw)] == [DATA]


def test_a_multipart_that_was_encoded_as_a_whole_is_opened():
    body = multipart("mixed", [file_part("a.docx", DATA)], "b")
    head, _, rest = body.partition(b"\r\n\r\n")
    raw = HEAD + head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(rest)
    assert [part.data for part in parts_of(raw)] == [DATA]


def test_a_part_without_a_header_is_text():
    assert letter_of(HEAD + multipart("mixed", [b"\r\nhello"], "b")).text == "hello"


@pytest.mark.parametrize("value", ["", "text", "nonsense", "charset=utf-8", ";", "text/plain/x; charset"])
def test_an_unreadable_content_type_is_text(value):
    assert letter_of(HEAD + f"Content-Type: {value}\r\n\r\nhello".encode()).text == "hello"


@pytest.mark.parametrize("value", ["", "application", "docx", "msword; x"])
def test_an_unreadable_content_type_with_a_file_name_is_a_file(value):
    raw = HEAD + f'Content-Type: {value}\r\nContent-Disposition: attachment; filename="a.docx"\r\n\r\n'.encode() + DATA
    assert [(part.name, part.data) for part in parts_of(raw)] == [("a.docx", DATA)]


@pytest.mark.parametrize("raw", [b"", b"\n", b"\0" * 100, b"hello", "您好\n".encode("gbk"), b"PK\x03\x04" + bytes(range(256)), b"X-Only: 1\n\nx"])
def test_what_is_no_mail_is_an_empty_letter_with_a_fault(raw):
    assert read_letter(raw) == (Letter(faults=("bytes.unreadable",)), ())
