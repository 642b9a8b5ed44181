"""Raw mails as the mail programs of Chinese offices write them: bytes, built by hand, so that every quirk is on the page.

    mail("专利密集型产品认定产业评价中心承担单位——示例协会", attachments=[("申报表.docx", data)], style=COREMAIL)

The same arguments always give the same bytes. People, units and addresses are invented.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from hashlib import sha256

from tests.mail_parts import (
    COREMAIL,
    FOXMAIL,
    IPHONE,
    OUTLOOK,
    QQ,
    RAW_GBK,
    RAW_UTF8,
    STYLES,
    THUNDERBIRD,
    Style,
    body_of,
    file_part,
    header,
    mailbox,
    multipart,
    parameter,
    trace,
    words,
)

__all__ = [
    "ARRIVAL", "BEIJING", "COREMAIL", "FOXMAIL", "IPHONE", "OUR_ADDRESS", "OUTLOOK", "QQ", "RAW_GBK", "RAW_UTF8", "SENDER", "STYLES", "THUNDERBIRD", "Style",
    "application", "auto_reply", "bounce", "calendar", "coremail_bounce", "file_part", "forwarded", "header", "mail", "multipart", "newsletter", "qq_bounce",
    "qq_holiday_reply", "receipt", "words",
]  # fmt: skip

BEIJING = timezone(timedelta(hours=8))
ARRIVAL = datetime(2024, 9, 10, 9, 12, 33, tzinfo=BEIJING)
OUR_ADDRESS = "zlcp@ppac.org.cn"
SENDER = "office@unit.example"
TEXT = "老师您好：\n申报表见附件，请查收。\n谢谢！"


def mail(
    subject: str = "专利密集型产品认定产业评价中心承担单位——示例协会",
    text: str = TEXT,
    attachments: Iterable[tuple[str, bytes] | tuple[str, bytes, str]] = (),
    *,
    sender: str = SENDER,
    name: str = "示例联系人",
    to: str = OUR_ADDRESS,
    style: Style = THUNDERBIRD,
    charset: str | None = None,
    html: str | None = None,
    inline: Sequence[tuple[str, bytes]] = (),
    received_at: datetime | None = ARRIVAL,
    written_at: datetime | None = None,
    return_path: str | None = None,
    message_id: str | None = None,
    references: Sequence[str] = (),
    headers: Iterable[tuple[str, str]] = (),
    drop: Iterable[str] = (),
) -> bytes:
    """A whole mail as it stands in our mailbox.

    Args:
        attachments: (name, data) or (name, data, media type); a name "" is left out of the headers.
        inline: pictures shown in the HTML, with a Content-ID.
        received_at: date of the newest Received header; None: no Received headers.
        written_at: the Date header; a few seconds before received_at where not given.
        return_path: the envelope sender; the sender where not given, "" gives `<>`.
        message_id: "" for none; derived from the contents where not given.
        references: Message-IDs this mail answers.
        headers: further headers, written as they are (8-bit text in the style's charset), above all others but the trace.
        drop: names of headers to leave out.
    """
    style = replace(style, charset=charset) if charset else style
    body = body_of(style, text, html, list(attachments), inline)
    written = written_at or (received_at or ARRIVAL) - timedelta(seconds=6)
    if message_id is None:
        message_id = f"<{sha256(f'{subject}{sender}{written}'.encode() + body).hexdigest()[:24]}@{sender.rpartition('@')[2]}>"
    head = [("Return-Path", f"<{sender if return_path is None else return_path}>"), ("Delivered-To", to)]
    head += trace(received_at, sender, to) if received_at else []
    head += list(headers)
    head += [("From", mailbox(name, sender, style)), ("To", to), ("Subject", words(subject, style)), ("Date", format_datetime(written))]
    head += [("Message-ID", message_id)] if message_id else []
    head += [("In-Reply-To", references[-1]), ("References", " ".join(references))] if references else []
    head += [*style.headers, ("MIME-Version", "1.0")]
    dropped = {each.lower() for each in drop}
    lines = b"".join(header(key, value, style) for key, value in head if key.lower() not in dropped)
    return (lines + body).replace(b"\r\n", style.newline)


def application(form: bytes, unit: str = "示例协会", file_name: str = "申报表.docx", **kwargs) -> bytes:
    """A correct application with this form; every argument of `mail` may be given."""
    subject = kwargs.pop("subject", f"专利密集型产品认定产业评价中心承担单位——{unit}")
    return mail(subject, attachments=[(file_name, form), *kwargs.pop("attachments", ())], **kwargs)


def forwarded(inner: bytes, file_name: str = "申报表.eml", *, transfer: str = "", **kwargs) -> bytes:
    """A mail with another mail attached as message/rfc822; transfer="base64" as some gateways do it against RFC 2046."""
    boundary = "----=_Forward_1"
    outer = mail(kwargs.pop("subject", "转发：专利密集型产品认定产业评价中心承担单位——示例协会"), **{"style": replace(THUNDERBIRD, html=""), **kwargs})
    head, _, body = outer.partition(b"\r\nMIME-Version: 1.0\r\n")
    name = parameter("filename", file_name, Style()) if file_name else b""
    encoding = b"Content-Transfer-Encoding: base64\r\n" if transfer == "base64" else b""
    parts = [body, b"Content-Type: message/rfc822\r\n" + encoding + b"Content-Disposition: attachment" + name + b"\r\n\r\n"]
    parts[1] += base64.encodebytes(inner) if transfer == "base64" else inner
    return head + b"\r\nMIME-Version: 1.0\r\n" + multipart("mixed", parts, boundary)


def auto_reply(subject: str = "自动回复: 专利密集型产品认定产业评价中心承担单位", headers=(("Auto-Submitted", "auto-replied"),), **kwargs) -> bytes:
    """An absence notice of Exchange or Coremail; give `headers=()` for one that only its subject gives away."""
    return mail(subject, kwargs.pop("text", "您好，我正在休假，回来后尽快回复您。"), headers=headers, **kwargs)


def qq_holiday_reply(**kwargs) -> bytes:
    """QQ's holiday reply of 2026: no header gives it away."""
    return mail(
        kwargs.pop("subject", "自动回复:受理回执"), "这是来自QQ邮箱的假期自动回复邮件。\n您好，我最近正在休假中，无法亲自回复您的邮件。", style=QQ, **kwargs
    )


def bounce(
    recipient: str = "nobody@unit.example", subject: str = "Undelivered Mail Returned to Sender", *, status: str = "5.1.1", returned: bytes = b"", **kwargs
) -> bytes:
    """A delivery status notification (RFC 3464) as Postfix writes it, with the mail that came back."""
    text = b"Content-Type: text/plain; charset=us-ascii\r\n\r\nYour message could not be delivered.\r\n"
    server = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    parts = [text, f"{server}Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: {status}\r\n".encode()]
    if returned:
        parts.append(b"Content-Type: message/rfc822\r\n\r\n" + returned)
    body = multipart("report; report-type=delivery-status", parts, "----=_Report_1")
    return _machine_mail(subject, body, sender="MAILER-DAEMON@mx.example", name="Mail Delivery System", **kwargs)


def qq_bounce(recipient: str = "nobody@unit.example", **kwargs) -> bytes:
    """A bounce of QQ: multipart/report, but no delivery-status in it."""
    text = f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>抱歉，您的邮件被退回来了……</p><p>无法发送到 {recipient}</p>\r\n".encode()
    return _machine_mail("来自qq.com的退信", multipart("report", [text], "----=_Report_2"), sender="PostMaster@qq.com", name="", **kwargs)


def coremail_bounce(recipient: str = "nobody@unit.example", **kwargs) -> bytes:
    """A bounce of Coremail: its delivery-status starts at Final-Recipient."""
    text = "Content-Type: text/plain; charset=GBK\r\n\r\n抱歉！邮件发送失败。\r\n".encode("gbk")
    report = f"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;{recipient}\r\nAction: failed\r\nStatus: 5.0.0\r\n".encode()
    body = multipart("report; report-type=delivery-status", [text, report], "----=_Report_3")
    return _machine_mail("系统退信/Systems bounce", body, sender="Postmaster@163.com", name="", **kwargs)


def receipt(subject: str = "已读: 受理回执（ZLCP-2024-0001）", **kwargs) -> bytes:
    """A read receipt (RFC 8098)."""
    text = "Content-Type: text/plain; charset=utf-8\r\n\r\n您的邮件已读。\r\n".encode()
    fields = b"Final-Recipient: rfc822;office@unit.example\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
    report = b"Content-Type: message/disposition-notification\r\n\r\n" + fields
    return _machine_mail(subject, multipart("report; report-type=disposition-notification", [text, report], "----=_Report_4"), **kwargs)


def calendar(subject: str = "会议邀请：项目讨论", method: str = "REQUEST", **kwargs) -> bytes:
    """A meeting request (RFC 6047), as Exchange writes it: an alternative beside the text."""
    text = "Content-Type: text/plain; charset=utf-8\r\n\r\n请参加会议。\r\n".encode()
    event = f"Content-Type: text/calendar; charset=utf-8; method={method}\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n".encode()
    return _machine_mail(subject, multipart("alternative", [text, event], "----=_Calendar_1"), **{"return_path": SENDER, **kwargs})


def newsletter(subject: str = "每周资讯", **kwargs) -> bytes:
    """A mail of a list (RFC 2369, RFC 2919)."""
    listed = (("List-Id", "<news.weekly.example>"), ("List-Unsubscribe", "<mailto:leave@weekly.example>"), ("Precedence", "bulk"))
    return mail(subject, "本周要闻", sender="news@weekly.example", headers=listed, **kwargs)


def _machine_mail(subject, body, *, sender=SENDER, name="", return_path="", **kwargs) -> bytes:
    head, _, _ = mail(subject, sender=sender, name=name, return_path=return_path, **kwargs).partition(b"\r\nContent-Type:")
    return head + b"\r\n" + body
