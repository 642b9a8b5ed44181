"""The pieces that raw mails are built of, in the manner of each mail program: styles, headers, encoded words, file names, texts. See tests/mails.py."""

import base64
import quopri
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "doc": "application/msword",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "png": "image/png",
    "jpg": "image/jpeg",
    "eml": "message/rfc822",
}


@dataclass(frozen=True)
class Style:
    """How one kind of mail program writes.

    Attributes:
        charset: of headers and texts, as labelled; `codec` is what the bytes really are.
        words: how a header carries Chinese: "B", "Q" (RFC 2047), or "raw" (8-bit bytes).
        split: characters in each encoded word; with `cut`, bytes, so that a character may be split between two words.
        names: how a file name stands in its parameters: "2047", "2231", "raw", "percent" or "plain".
        transfer: Content-Transfer-Encoding of the texts: "base64", "quoted-printable" or "8bit".
        html: whether an HTML alternative is sent along; "only": nothing but HTML.
    """

    charset: str = "utf-8"
    codec: str = ""
    words: str = "B"
    split: int = 14
    cut: bool = False
    names: str = "2047"
    transfer: str = "base64"
    html: str = "both"
    headers: tuple[tuple[str, str], ...] = ()
    newline: bytes = b"\r\n"

    @property
    def python(self) -> str:
        """The codec that the bytes are really in."""
        return self.codec or {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030"}.get(self.charset.lower(), self.charset)


QQ = Style(html="only", headers=(("X-QQ-MIME", "TCMime 1.0 by Tencent"), ("X-Mailer", "QQMail 2.x")))
COREMAIL = Style("GBK", headers=(("X-Mailer", "Coremail Webmail Server Version XT5.0.14"), ("X-Priority", "3")))
FOXMAIL = Style("gb2312", transfer="quoted-printable", headers=(("X-Mailer", "Foxmail 7.2.25.270[cn]"), ("X-Has-Attach", "yes")))
OUTLOOK = Style("gb2312", cut=True, split=45, headers=(("X-Mailer", "Microsoft Outlook 16.0"), ("Thread-Index", "AdsDFWv0Qx3o1V6PQnqA0YwM3f9aRg==")))
THUNDERBIRD = Style(names="2231", transfer="8bit", html="", headers=(("User-Agent", "Mozilla Thunderbird"),))
IPHONE = Style(names="2231", words="Q", transfer="quoted-printable", html="", headers=(("X-Mailer", "iPhone Mail (21G93)"),))
RAW_GBK = Style("gb2312", words="raw", names="raw", transfer="8bit", html="", headers=(("X-Mailer", "Coremail Webmail Server Version 3.5"),))
RAW_UTF8 = Style(words="raw", names="raw", transfer="8bit", html="")
STYLES = {
    "qq": QQ, "coremail": COREMAIL, "foxmail": FOXMAIL, "outlook": OUTLOOK,
    "thunderbird": THUNDERBIRD, "iphone": IPHONE, "raw_gbk": RAW_GBK, "raw_utf8": RAW_UTF8,
}  # fmt: skip


def header(key: str, value: str | bytes, style: Style = THUNDERBIRD) -> bytes:
    """One header line; text that is not ASCII goes out as raw bytes of the style."""
    return key.encode() + b": " + (value if isinstance(value, bytes) else value.encode(style.python, "replace")) + b"\r\n"


def words(text: str, style: Style = THUNDERBIRD) -> str | bytes:
    """A header's text in this style's manner: encoded words, folded, or raw bytes."""
    if style.words == "raw":
        return text.encode(style.python)
    if text.isascii():
        return text
    data = text.encode(style.python)
    pieces = [data[i : i + style.split] for i in range(0, len(data), style.split)]
    if not style.cut:
        pieces = [text[i : i + style.split].encode(style.python) for i in range(0, len(text), style.split)]
    return "\r\n ".join(f"=?{style.charset}?{style.words}?{_word(piece, style.words)}?=" for piece in pieces)


def mailbox(name: str, address: str, style: Style = THUNDERBIRD) -> str | bytes:
    """A From header's value."""
    if not name:
        return address
    written = words(name, style)
    return b'"' + written + f'" <{address}>'.encode() if isinstance(written, bytes) else f"{written} <{address}>"


def multipart(subtype: str, parts: Sequence[bytes], boundary: str) -> bytes:
    """Content-Type header, a blank line and the parts (each with its own headers)."""
    mark = b"--" + boundary.encode()
    return (
        f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode()
        + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
        + mark
        + b"--\r\n"
    )


def file_part(name: str, data: bytes, media_type: str = "", style: Style = THUNDERBIRD, disposition: str = "attachment") -> bytes:
    """One attachment with its headers, base64."""
    media_type = media_type or MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    loose = parameter("name", name, style if style.names != "2231" else replace(style, names="2047")) if name else b""
    return (
        f"Content-Type: {media_type}".encode()
        + loose
        + b"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: "
        + disposition.encode()
        + (parameter("filename", name, style) if name else b"")
        + b"\r\n\r\n"
        + base64.encodebytes(data).replace(b"\n", b"\r\n")
    )


def trace(received_at: datetime, sender: str, to: str) -> list[tuple[str, str]]:
    """Two Received headers: ours, newest, on top, and the sender's own server's."""
    domain = sender.rpartition("@")[2] or "unknown.example"
    dates = format_datetime(received_at), format_datetime(received_at - timedelta(seconds=3))
    ours = f"from mail.{domain} (mail.{domain} [203.0.113.24])\r\n\tby mx.ppac.org.cn (Postfix) with ESMTPS id 0911CB39C50\r\n\tfor <{to}>; {dates[0]} (CST)"
    theirs = f"from DESKTOP-7K3 (unknown [198.51.100.7])\r\n\tby smtp.{domain} (Coremail) with SMTP id _____wD3f6pB; {dates[1]} (CST)"
    return [("Received", ours), ("Received", theirs)]


def body_of(style: Style, text: str, html: str | None, attachments: list, inline: Sequence[tuple[str, bytes]]) -> bytes:
    page = html if html is not None else f"<html><head><style>p {{ margin: 0 }}</style></head><body><div>{text}</div></body></html>".replace("\n", "<br>")
    plain, rich = text_part(style, "plain", text), text_part(style, "html", page)
    body = {"only": rich, "": plain}.get(style.html if html is None else "both", multipart("alternative", [plain, rich], "----=_Alt_1"))
    if inline:
        pictures = [
            file_part(name, data, "image/png", style, "inline").replace(
                b"\r\nContent-Disposition", f"\r\nContent-ID: <{name}>\r\nContent-Disposition".encode(), 1
            )
            for name, data in inline
        ]
        body = multipart("related", [body, *pictures], "----=_Related_1")
    if attachments:
        files = [file_part(each[0], each[1], each[2] if len(each) > 2 else "", style) for each in attachments]
        body = multipart("mixed", [body, *files], "----=_NextPart_1")
    return body


def text_part(style: Style, subtype: str, text: str) -> bytes:
    data = text.replace("\n", "\r\n").encode(style.python, "replace")
    encoded = {
        "base64": lambda: base64.encodebytes(data).replace(b"\n", b"\r\n"),
        "quoted-printable": lambda: quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"),
        "8bit": lambda: data,
    }[style.transfer]()
    return f'Content-Type: text/{subtype}; charset="{style.charset}"\r\nContent-Transfer-Encoding: {style.transfer}\r\n\r\n'.encode() + encoded


def _word(data: bytes, how: str) -> str:
    if how == "B":
        return base64.b64encode(data).decode()
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"={byte:02X}" for byte in data)


def parameter(key: str, name: str, style: Style) -> bytes:
    start = b";\r\n " + key.encode()
    if name.isascii() and style.names != "percent":
        return start + b'="' + name.encode() + b'"'
    if style.names == "2231":
        return _continued(key, name)
    value = {
        "2047": lambda: b"=?" + style.charset.encode() + b"?B?" + base64.b64encode(name.encode(style.python)) + b"?=",
        "raw": lambda: name.encode(style.python),
        "percent": lambda: quote(name, safe="").encode(),
        "plain": lambda: name.encode("utf-8"),
    }[style.names]()
    return start + b'="' + value + b'"'


def _continued(key: str, name: str, width: int = 40) -> bytes:
    """RFC 2231 with continuations, cut without regard to escapes, as some programs do."""
    encoded, charset = quote(name, safe=""), "utf-8''"
    pieces = [encoded[i : i + width] for i in range(0, len(encoded), width)]
    if len(pieces) == 1:
        return f";\r\n {key}*={charset}{encoded}".encode()
    return b"".join(f";\r\n {key}*{i}*={charset if i == 0 else ''}{piece}".encode() for i, piece in enumerate(pieces))
