"""Charsets, encoded words, parameters, file names and dates, each as real senders write them."""

from base64 import encodebytes
from datetime import UTC, datetime, timedelta, timezone

import pytest

from daemon.mail.charsets import codec_of, decode
from daemon.mail.dates import read_date
from daemon.mail.headers import read_head
from daemon.mail.parameters import clean_name, file_name, parameters
from daemon.mail.transfer import content, from_base64
from daemon.mail.words import decode_words, plain, utf8_words

SUBJECT = "专利密集型产品认定产业评价中心承担单位——示例协会"


@pytest.mark.parametrize(
    "label", ["gb2312", "GBK", "x-gbk", "cp936", "ms936", "gb_2312-80", "csGB2312", "euc-cn", "windows-936", "gb-18030", '"gb2312"', " GB18030 "]
)
def test_every_chinese_label_stands_for_gb18030(label):
    assert decode("朱镕基——㐂".encode("gb18030"), label) == "朱镕基——㐂"


def test_a_dash_labelled_gb2312_is_the_dash_that_was_typed():
    assert decode(b"\xa1\xaa\xa1\xaa", "gb2312") == "——"


@pytest.mark.parametrize("label", ["", "utf-8", "us-ascii", "iso-8859-1", "x-unknown", "unknown-8bit", "no such charset", "utf-7", "punycode", "rot13"])
def test_gbk_bytes_under_a_wrong_label_are_found_out(label):
    assert decode("申报表已发送，请查收。".encode("gbk"), label) == "申报表已发送，请查收。"


@pytest.mark.parametrize("label", ["", "gb2312", "us-ascii", "iso-8859-1", "default", "utf8"])
def test_utf8_bytes_under_a_wrong_label_are_found_out(label):
    assert decode("申报表已发送，请查收。".encode(), label) == "申报表已发送，请查收。"


def test_a_two_letter_gbk_name_is_not_taken_for_utf8():
    # Both characters are also valid two-byte sequences of utf-8.
    assert decode("拢拢".encode("gbk"), "") == "拢拢"
    assert decode("拢拢".encode("gbk"), "gbk") == "拢拢"


def test_latin_letters_under_a_latin_label_stay_latin():
    assert decode("Université de Genève".encode("latin-1"), "iso-8859-1") == "Université de Genève"


def test_a_text_cut_in_mid_character_keeps_the_rest():
    assert decode("专利密集型产品认定产业评价中心".encode()[:-1], "utf-8").startswith("专利密集型产品认定产业评价中")
    assert decode("专利密集型产品认定产业评价中心".encode("gbk")[:-1], "gbk").startswith("专利密集型产品认定产业评价中")


def test_big5_is_read_by_its_label():
    assert decode("專利密集型產品".encode("big5"), "Big5") == "專利密集型產品"


def test_no_lone_surrogate_comes_out():
    for label in ("", "utf-16-le", "utf-8", "gb18030", "utf-32", "unicode_escape", "utf-7"):
        for data in (b"\xed\xa0\x80\\ud800\x00\xd8", b"\x00\xd8" * 3, b"+2AA-"):
            assert decode(data, label).encode("utf-8")


def test_a_label_with_odd_characters_names_no_codec():
    assert [codec_of(label) for label in ("", "a\0b", "x" * 500, "../etc", "zlib", "gbk;")] == [""] * 6


# Encoded words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?B?5Lit5Zu9?=", "中国"),
        ("=?UTF-8?q?=E4=B8=AD=E5=9B=BD_A?=", "中国 A"),
        ("=?gb2312?B?1tC5+g==?=\t=?gb2312?B?1tC5+g==?=", "中国中国"),
        ("=?utf-8?B?5Lit5Zu9?==?utf-8?B?5Lit5Zu9?=", "中国中国"),
        ("=?GBK?B?1tA=?= =?gb2312?B?ufo=?=", "中国"),
        ("=?gb2312?B?1tC5+g==?= =?utf-8?B?5Lit5Zu9?=", "中国中国"),
        ("回复: =?utf-8?B?5Lit5Zu9?= (2)", "回复: 中国 (2)"),
        ('"=?utf-8?B?5Lit5Zu9?="', '"中国"'),
        ("=?utf-8*zh?B?5Lit5Zu9?=", "中国"),
        ("=?utf-8?Q?why??=", "why?"),
        ("=?utf-8?B?5Lit5Zu9", "中国"),
        ("=?utf-8?B?5Lit5Zu?=", "中\N{REPLACEMENT CHARACTER}"),
        ("=?x-none?B?1tC5+g==?=", "中国"),
        ("a =?b", "a =?b"),
        ("", ""),
    ],
)
def test_encoded_words_say_what_was_meant(written, read):
    assert decode_words(written) == read


def test_a_character_split_between_two_words_survives():
    assert decode_words("=?utf-8?B?5Lit5Q==?= =?utf-8?B?m70=?=") == "中国"


def test_base64_that_was_cut_itself_is_joined_first():
    assert decode_words("=?utf-8?B?5Lit5Z?= =?utf-8?B?u9?=") == "中国"


def test_a_header_is_one_line_without_control_characters():
    assert plain("=?utf-8?B?" + "5Lit5Zu9CkJjYzogeA==" + "?= \x00\x1b") == "中国 Bcc: x"


def test_words_for_another_reader_are_well_made_ones():
    assert decode_words(utf8_words("=?gbk?B?1tA=?= =?gbk?B?ufo=?= <a@b.cn>")) == "中国 <a@b.cn>"
    assert utf8_words("=?gbk?B?1tC5+g==?=").startswith("=?utf-8?B?")


# Parameters and names


def name_in(disposition: str, content_type: str = "") -> str:
    return file_name(parameters(disposition), parameters(content_type))


@pytest.mark.parametrize(
    "disposition",
    [
        'attachment; filename="申报表.docx"',
        "attachment; filename=申报表.docx",
        'attachment; filename="=?utf-8?B?55Sz5oql6KGoLmRvY3g=?="',
        "attachment; filename==?utf-8?B?55Sz5oql6KGoLmRvY3g=?=",
        'attachment; filename="=?utf-8?B?55Sz5oql?= =?utf-8?B?6KGoLmRvY3g=?="',
        'attachment; filename="=?gb2312?Q?=C9=EA=B1=A8=B1=ED.docx?="',
        "attachment; filename*=utf-8''%E7%94%B3%E6%8A%A5%E8%A1%A8.docx",
        "attachment; filename*=GBK'zh-cn'%C9%EA%B1%A8%B1%ED.docx",
        "attachment; filename*=utf-8''%C9%EA%B1%A8%B1%ED.docx",
        "attachment; filename*=%E7%94%B3%E6%8A%A5%E8%A1%A8.docx",
        "attachment; filename*=\"utf-8''%E7%94%B3%E6%8A%A5%E8%A1%A8.docx\"",
        "attachment; filename*0*=utf-8''%E7%94%B3%E6%8A; filename*1*=%A5%E8%A1%A8.docx",
        "attachment; filename*1*=A5%E8%A1%A8.docx; filename*0*=utf-8''%E7%94%B3%E6%8A%",
        "attachment; filename*0*=utf-8''%E7%94%B3%E6%8A%A5%E8%A1%A8; filename*1=.docx",
        'attachment; filename*0="=?utf-8?B?55Sz5oql"; filename*1="6KGoLmRvY3g=?="',
        "attachment; filename=\"??????.docx\"; filename*=utf-8''%E7%94%B3%E6%8A%A5%E8%A1%A8.docx",
        'attachment; filename="申报表.docx"; filename*=utf-8\'\'%FF%FE%FD',
        'attachment; filename="%E7%94%B3%E6%8A%A5%E8%A1%A8.docx"',
        'attachment; filename="%C9%EA%B1%A8%B1%ED.docx"',
        'attachment; filename="&#30003;&#25253;&#34920;.docx"',
        'attachment; FileName = "申报表.docx" ; size=1',
        'filename="申报表.docx"',
        'attachment filename="申报表.docx"',
        'attachment; filename="C:\\\\材料\\\\申报表.docx"',
        'attachment; filename="C:\\材料\\申报表.docx"',
        'attachment; filename="../../申报表.docx"',
        'attachment; filename="申报\u202e表\x00.docx"',
    ],
)  # fmt: skip
def test_a_file_name_is_read_however_it_is_written(disposition):
    assert name_in(disposition) == "申报表.docx"


def test_the_name_of_the_content_type_stands_in_for_a_missing_or_broken_one():
    assert name_in("attachment", 'application/msword; name="申报表.doc"') == "申报表.doc"
    assert name_in('attachment; filename=""', 'application/msword; name="申报表.doc"') == "申报表.doc"
    assert name_in('attachment; filename="???.doc"', 'application/msword; name="申报表.doc"') == "申报表.doc"


def test_the_first_name_wins_where_both_are_sound():
    assert name_in('attachment; filename="甲.doc"', 'application/msword; name="乙.doc"') == "甲.doc"


def test_a_percent_sign_that_is_no_escape_stays():
    assert name_in('attachment; filename="完成100%.docx"') == "完成100%.docx"
    assert name_in('attachment; filename="50%25%41.docx"') == "50%25%41.docx"


@pytest.mark.parametrize(
    ("written", "cleaned"), [("", ""), ("..", ""), ("///", ""), ("a\r\nb.doc", "a  b.doc"), ("\u202e", ""), ("-rf", "-rf"), ("'甲.doc'", "甲.doc")]
)
def test_a_name_is_data_and_never_a_path(written, cleaned):
    assert clean_name(written) == cleaned


def test_an_overlong_name_keeps_its_extension():
    name = clean_name("表" * 5000 + ".docx")
    assert (len(name), name[-6:]) == (200, "…" + ".docx")
    assert len(clean_name("a." + "b" * 5000)) == 200


def test_a_boundary_is_found_without_the_semicolon():
    assert parameters('multipart/mixed boundary="=_x y"') == {"boundary": "=_x y"}


def test_the_first_of_two_like_named_parameters_counts():
    assert parameters("text/plain; charset=gbk; charset=utf-8") == {"charset": "gbk"}


# The header's lines


def test_a_field_folded_without_indentation_hides_none_below():
    head, body = read_head(b"Subject: one\ntwo\nFrom: a@b.cn\n\nbody", 0, 38)
    assert (head.first("subject"), head.first("from"), body) == ("one", "a@b.cn", 31)


def test_a_forgotten_blank_line_begins_the_body():
    raw = "From: a@b.cn\nSubject: x\n您好，申报表见附件\n\n谢谢".encode()
    head, body = read_head(raw, 0, len(raw))
    assert (head.first("subject"), raw[body:].decode()) == ("x", "您好，申报表见附件\n\n谢谢")


def test_of_two_subjects_the_first_that_says_something_is_read():
    head, _ = read_head(b"Subject:\nSubject: one\nsubject: two\n\n", 0, 40)
    assert (head.first("subject"), list(head.every("subject"))) == ("one", ["", "one", "two"])


# Transfer encodings

DATA = bytes(range(256)) * 3
BASE64 = encodebytes(DATA)


@pytest.mark.parametrize("name", ["base64", "BASE64 ", "base-64", "Base64;", '"base64"', "base_64"])
def test_base64_is_known_by_any_spelling(name):
    assert content(BASE64, name) == (DATA, "")


@pytest.mark.parametrize("written", [BASE64.rstrip(b"=\n"), BASE64.replace(b"\n", b"\r\n"), BASE64[:50] + b" \t!\xff" + BASE64[50:], b"\n\n" + BASE64])
def test_damaged_base64_gives_what_was_sent(written):
    assert from_base64(written) == DATA


def test_several_padded_pieces_are_one_file():
    assert from_base64(b"YQ==\r\nYg==\r\nYw==") == b"abc"


def test_a_footer_after_the_padding_is_no_part_of_the_file():
    assert from_base64(b"YQ==\r\n-- \r\nfooter of a list.") == b"a"


def test_a_file_in_base64_that_is_labelled_otherwise_is_decoded():
    data = b"PK\x03\x04" + DATA
    encoded = encodebytes(data)
    for label in ("", "7bit", "8bit", "binary", "quoted-printable", "unknown"):
        assert content(encoded, label) == (data, "mime.wrong_encoding")


def test_what_is_labelled_base64_and_is_none_stays_as_it_is():
    for body in (b"PK\x03\x04" + DATA, "您好，申报表见附件。".encode("gbk"), b"Dear all, please find the form attached."):
        assert content(body, "base64") == (body, "mime.wrong_encoding")
    assert content(b"=E6=82=A8=E5=A5=BD=E6=82=A8", "base64")[0].decode() == "您好您"


def test_uuencoded_files_are_decoded():
    assert content(b"begin 644 a.txt\n#86)C\n`\nend\n", "x-uuencode") == (b"abc", "")
    content(b"begin 644 a.txt\n\xff\xff\n#8\nM\n", "uuencode")


# Dates

BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "written",
    [
        "Tue, 10 Sep 2024 09:12:33 +0800",
        "Tue, 10 Sep 2024 09:12:33 +0800 (CST)",
        "10 Sep 2024 09:12:33 +0800",
        "Tue, 10 Sep 24 09:12:33 +08:00",
        "tue, 10-sep-2024 9:12:33 +0800",
        "Tue, 10 Sep 2024 09:12:33 CST",
        "Tue, 10 Sep 2024 01:12:33 GMT",
        "Tue, 10 Sep 2024 01:12:33 -0000",
        "Tue Sep 10 09:12:33 CST 2024",
        "Tue Sep 10 09:12:33 2024",
        "2024-09-10 09:12:33 +0800",
        "2024-09-10T01:12:33.123Z",
        "2024/9/10 9:12:33",
        "星期二, 10 Sep 2024 09:12:33 +0800",
    ],
)
def test_dates_are_read_in_every_form(written):
    assert read_date(written) == datetime(2024, 9, 10, 9, 12, 33, tzinfo=BEIJING)


def test_a_date_keeps_the_zone_it_was_written_in():
    assert read_date("Tue, 10 Sep 2024 09:12:33 +0800").utcoffset() == timedelta(hours=8)
    assert read_date("Tue, 10 Sep 2024 09:12:33 +0000").tzinfo == UTC


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "31 Feb 2024 10:00:00 +0800",
        "10 Sep 2024 25:00:00 +0800",
        "10 Sep 2024 10:00:00 +9900",
        "10 Foo 2024 10:00:00",
        "10 Sep 0001 10:00 +0800",
    ],
)
def test_what_is_no_date_is_none(written):
    assert read_date(written) is None
