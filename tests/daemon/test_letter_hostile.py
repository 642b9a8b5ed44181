"""No bytes make the letter reader fail, and none make it slow: limits, and Hypothesis on noise and on damaged mails."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter import read_letter
from daemon.mail.mime import MOST_PARTS
from daemon.mail.words import decode_words, utf8_words
from rules.machines import failed_recipients, machine_kind, may_answer, sender_unverified
from rules.submission import Letter
from tests.mails import STYLES, auto_reply, bounce, calendar, forwarded, mail, multipart, qq_bounce, receipt

HEAD = b"From: a@b.cn\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
WHOLE_MAILS = [
    *(mail(attachments=[("申报表.docx", b"PK\x03\x04" + bytes(40))], inline=[("a.png", b"x")], style=style) for style in STYLES.values()),
    *(auto_reply(), bounce(returned=mail()), qq_bounce(), receipt(), calendar(), forwarded(mail()), forwarded(mail(), transfer="base64")),
]
SECONDS = 5.0


def check(raw: bytes) -> Letter:
    """What holds for every mail: it can be stored and shown, and is the same at every reading."""
    letter, parts = read_letter(raw)
    assert read_letter(raw) == (letter, parts)
    repr(letter).encode("utf-8")
    shown = [letter.subject, letter.sender.name, letter.sender.address, letter.message_id, *letter.references, *(part.name for part in parts)]
    assert all(char.isprintable() or char.isspace() or ord(char) > 0x7F for text in shown for char in text)
    assert not any("\n" in text or "\r" in text or "\0" in text for text in shown)
    assert not any("\0" in text for text in (letter.text, letter.report, *(value for _, value in letter.headers)))
    assert all(part.name and not set(part.name) & set("/\\") for part in parts)
    assert len(parts) <= MOST_PARTS
    for moment in (letter.received_at, letter.written_at):
        assert moment is None or moment.utcoffset() is not None
    machine_kind(letter, frozenset()), may_answer(letter), sender_unverified(letter), failed_recipients(letter)
    return letter


@given(st.binary(max_size=2000))
def test_noise_is_read_without_an_error(raw):
    check(raw)


@given(st.binary(max_size=500))
def test_noise_after_a_header_is_read_without_an_error(noise):
    check(HEAD + noise)
    check(HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' + noise + b"\r\n--b--")
    check(HEAD + b"Content-Type: text/html; charset=" + noise)
    check(b"From: " + noise + b"\r\nDate: " + noise + b"\r\nReceived: ;" + noise + b"\r\n\r\n")


@given(st.sampled_from(WHOLE_MAILS), st.data())
def test_a_damaged_mail_is_read_without_an_error(raw, data):
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = start + data.draw(st.integers(0, 60))
        raw = raw[:start] + data.draw(st.one_of(st.binary(max_size=20), st.sampled_from([b"\r\n", b"\n\n", b'"', b"=?", b"--", b";", b"\x00"]))) + raw[end:]
    check(raw)


WORD_PIECES = ["=?utf-8?B?", "=?gbk?q?", "?=", "5Lit", "=E4", " ", "\t", "?", "=", "中", '"', "a", "=?", "\0"]


@given(st.lists(st.sampled_from(WORD_PIECES), max_size=30).map("".join))
def test_any_mixture_of_word_pieces_is_decoded_without_an_error(text):
    decode_words(text).encode("utf-8")
    assert decode_words(utf8_words(text)) is not None


def nested(levels: int, body: bytes) -> bytes:
    out = b"Content-Type: text/plain\r\n\r\n" + body
    for level in range(levels):
        out = multipart("mixed", [out], f"b{level}")
    return HEAD + out


def mails_in_mails(levels: int) -> bytes:
    out = HEAD + b"\r\nx"
    for _ in range(levels):
        out = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + out
    return out


TYPE = HEAD + b"Content-Type: "
HOSTILE = {
    "20,000 encoded words": lambda: b"From: a@b.cn\r\nSubject: " + b"\r\n ".join([b"=?gb2312?B?1tC5+g==?="] * 20_000) + b"\r\n\r\nx",
    "encoded words that never end": lambda: b"From: a@b.cn\r\nSubject: " + b"=?a?q?x" * 300_000 + b"\r\n\r\nx",
    "a header line of 5 MB": lambda: b"Subject: " + b"a" * 5_000_000 + b"\r\nFrom: " + b"a@" * 2_500_000 + b"\r\n\r\nx",
    "10,000 parts": lambda: TYPE + b'multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 10_000 + b"--b--",
    "a million boundary lines": lambda: TYPE + b'multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n" * 1_000_000,
    "120 nested multiparts of 5 MB": lambda: nested(120, b"x\r\n" * 1_700_000),
    "5,000 nested multiparts": lambda: nested(5_000, b"x"),
    "120 nested mails": lambda: mails_in_mails(120),
    "100,000 header fields": lambda: HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\nx",
    "500,000 lines that are no fields": lambda: b"From: a@b.cn\r\n" + b"nonsense\r\n" * 500_000 + b"Subject: x\r\n\r\nx",
    "parameters with quotes": lambda: TYPE + b"text/plain" + b';a="' * 500_000 + b"\r\n\r\nx",
    "50,000 sections of one name": lambda: TYPE + b"image/png" + b"".join(b"; name*%d*=%%E4" % number for number in range(50_000)) + b"\r\n\r\nx",
    "HTML of open tags": lambda: TYPE + b"text/html\r\n\r\n" + b"<div>" * 500_000,
    "HTML of open comments": lambda: TYPE + b"text/html\r\n\r\n" + b"<!--" * 500_000,
    "padding after padding": lambda: TYPE + b"image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QQ==\r\n" * 500_000,
    "brackets in From": lambda: b"From: " + b"(" * 1_000_000 + b"<" * 1_000_000 + b'"' * 1_000_000 + b"\r\n\r\nx",
    "comments in headers": lambda: b"Auto-Submitted: " + b"(" * 1_000_000 + b"\r\nAuthentication-Results: " + b"(;" * 1_000_000 + b"\r\nFrom: a@b.cn\r\n\r\nx",
    "a boundary to be guessed": lambda: TYPE + b"multipart/mixed\r\n\r\n" + (b"--" + b"a " * 90 + b"\r\n") * 20_000,
    "a charset to be guessed": lambda: TYPE + b"text/plain\r\n\r\n" + b"\xff\x81" * 2_000_000,
    "line ends of CR alone": lambda: b"\r" * 5_000_000,
}  # fmt: skip


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_takes_seconds_at_most(make):
    raw = make()
    begun = time.process_time()
    letter, parts = read_letter(raw)
    machine_kind(letter, frozenset()), may_answer(letter), sender_unverified(letter), failed_recipients(letter)
    assert time.process_time() - begun < SECONDS
    assert len(parts) <= MOST_PARTS
    assert len(letter.subject) <= 1000


def test_parts_over_the_limit_are_left_out_and_said_to_be():
    letter, parts = read_letter(HOSTILE["10,000 parts"]())
    assert (len(parts), letter.faults) == (MOST_PARTS, ("mime.too_many_parts",))


def test_multiparts_nested_too_deep_are_left_out_and_said_to_be():
    assert read_letter(HOSTILE["5,000 nested multiparts"]())[0].faults == ("mime.too_deep",)
    assert read_letter(nested(120, b"found"))[0].text == "found"
