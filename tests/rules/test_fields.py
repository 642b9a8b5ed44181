"""Names, numbers and addresses are taken as a person takes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.fields import count_characters, emails_in, has_phone, is_abbreviation, is_email, items_of, name_key, plain_email, plain_phone, short_names_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("智能船舶中心（大连）", "智能船舶中心(大连)"),
        ("中国 微电网\u3000协会", "中国微电网协会"),
        ("ＡＢＣ协会", "abc协会"),
        ("甲〔乙〕", "甲【乙】"),
        ("甲—乙", "甲-乙"),
        ("甲\u200b乙\n", "甲乙"),
    ],
)
def test_names_that_a_person_takes_for_one_have_one_key(one, other):
    assert name_key(one) == name_key(other)


def test_names_that_begin_with_the_numeral_one_keep_it():
    assert name_key("一汽集团") == "一汽集团"


@pytest.mark.parametrize(
    "text",
    [
        "a@example.cn",
        "张三 a@example.cn",
        "a@x.cn；b@y.cn",
        "ａ＠ｅｘａｍｐｌｅ．ｃｎ",
        "a.b_c-d+1@mail.example.com.cn",
        "a @ example.cn",
        "a@example。cn",
        "a@例子.中国",
    ],
)
def test_a_text_with_an_address_is_an_address(text):
    assert is_email(text)


@pytest.mark.parametrize("text", ["", "无", "example.cn", "a@", "@example.cn", "a@localhost", "a＠b", "a@例子"])
def test_a_text_without_an_address_is_none(text):
    assert not is_email(text)


def test_every_address_is_found_once():
    assert emails_in("a@x.cn; b@y.cn、a@x.cn") == ("a@x.cn", "b@y.cn")


@pytest.mark.parametrize(
    "text",
    [
        *("010（62153721）", "010-62153721转8001", "010-62153721 分机 12", "+86 138 0013 8000", "13800138000", "400-820-8820", "0551-6834782"),
        *(
            "０１０６２１５３７２１",
            "010.6215.3721",
            "010-62153721/62153722",
            "62153721、13800138000",
            "(010)62153721",
            "(86-10) 6215 3721",
            "6834782",
            "010—62153721",
        ),
    ],
)
def test_telephone_numbers_are_numbers_however_they_are_set_out(text):
    assert has_phone(text)


@pytest.mark.parametrize("text", ["", "无", "12345", "见上", "转8001", "abc"])
def test_a_text_without_a_telephone_number_is_none(text):
    assert not has_phone(text)


def test_characters_are_counted_without_blanks():
    assert count_characters("中国 ABC\n\u3000１２。") == 8


@pytest.mark.parametrize(
    ("short", "full"),
    [("微电网设备协会", "中国微电网设备行业协会"), ("中国微电网协会", "中国微电网设备行业协会"), ("某集团", "某集团有限公司"), ("十二所", "第十二研究所")],
)
def test_a_short_form_is_known(short, full):
    assert is_abbreviation(short, full)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("甲协会", "甲协会"),
        ("中国微电网设备行业协会", "微电网设备协会"),
        ("某大学", "中国微电网设备行业协会"),
        ("会", "某协会"),
        ("", "某协会"),
        ("设网", "中国微电网备设会"),
    ],
)
def test_another_name_is_no_short_form(short, full):
    assert not is_abbreviation(short, full)


def test_short_names_that_a_text_defines_are_found():
    assert short_names_in("中国微电网设备行业协会（以下简称“微电网设备协会”）成立于2001年。（简称：微网协会）") == ("微电网设备协会", "微网协会")


@given(st.text())
def test_nothing_raises_and_everything_settles(text):
    assert name_key(name_key(text)) == name_key(text)
    assert plain_phone(plain_phone(text)) == plain_phone(text)
    assert plain_email(plain_email(text)) == plain_email(text)
    assert all(item.strip() for item in items_of(text))
    has_phone(text)
    emails_in(text)
    count_characters(text)
    is_abbreviation(text, text[::-1])
