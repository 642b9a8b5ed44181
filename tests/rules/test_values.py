"""A value is what the applicant typed: printed hints go, all else stays."""

from dataclasses import replace

import pytest

from rules.passage import Passage
from rules.values import items_in, value_of
from tests.builders import zlcp

NOTE = zlcp().field("introduction").note


def value(key: str, text: str) -> str:
    return value_of(Passage(text, "0" * len(text)), zlcp().field(key), zlcp())


def items(text: str) -> tuple[str, ...]:
    return items_in(Passage(text, "0" * len(text)), zlcp().field("industries"), zlcp())


@pytest.mark.parametrize(
    "text",
    [
        f"{NOTE}\n第一段。\n第二段。",
        f"第一段。\n第二段。\n{NOTE}",
        f"第一段。\n{NOTE}\n第二段。",
        f"第一段。{NOTE}\n第二段。",
        f"\n\n{NOTE}\n\n  第一段。  \n\u3000\u3000第二段。\u3000\n\n",
        "第一段。\n第二段。\n(注:在此处简要介绍贵单位的背景、主要业务领域、在行业内的地位等信息，建议300—500字)",
        "（注：在此处简要介绍贵单位的背景、主要业务领域、\n在行业内的地位等信息，\n建议 300-500 字）\n第一段。\n第二段。",
        "注：在此处简要介绍贵单位的背景、主要业务领域、在行业内的地位等信息，建议300-500字\n第一段。\n第二段。",
        "（注：在此处简要介绍贵单位的背景、主要业务领域、在行业内的地位等信息，建议300-500字\n第一段。\n第二段。）",
        "（注：在此处简要介绍贵单位的背景、主要业务领域、在行业内的地位等信息，建议300-500字：第一段。\n第二段。）",
    ],
)
def test_the_printed_hint_is_cut_out_wherever_and_however_it_stands(text):
    assert value("introduction", text) == "第一段。\n第二段。"


@pytest.mark.parametrize("text", ["（注：本数据截至2023年底）", "无", "/", "——", "某单位（注册资本1亿元）", "甲\n\n乙", "a\tb", "见（注：1-2个领域）"])
def test_anything_else_is_kept_as_typed(text):
    assert value("introduction", text) == text


@pytest.mark.parametrize("typed", ["____某行业协会____", "＿＿某行业协会", "某行业协会 （盖章）", "某行业协会\n（加盖公章）", "某行业协会(公章)"])
def test_the_line_under_an_answer_and_the_place_of_the_stamp_are_no_part_of_it(typed):
    assert value("unit_name", typed) == "某行业协会"


def test_a_line_that_nobody_wrote_on_is_no_answer():
    assert value("unit_name", "____________") == ""


@pytest.mark.parametrize(("key", "typed"), [("email", "_wei_@a.cn"), ("unit_name", "某研究院（北京）"), ("introduction", "见附件（盖章）")])
def test_a_single_line_below_and_other_brackets_are_kept(key, typed):
    assert value(key, typed) == typed


def test_a_hint_of_another_field_is_no_answer_either():
    assert value("introduction", zlcp().field("industries").note) == ""


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("010（62153721）", "010（62153721）"),
        ("０１０-６２１５３７２１", "010-62153721"),
        (" 010-62153721转8001 ", "010-62153721转8001"),
        ("+86 138 0013 8000", "+86 138 0013 8000"),
        ("010-62153721\n010-62153722", "010-62153721\n010-62153722"),
        ("０１０．６２１５３７２１", "010.62153721"),
    ],
)
def test_telephones_keep_everything_but_full_width_digits_and_dots(typed, read):
    assert value("contact_phone", typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("zhang＠example．cn", "zhang@example.cn"),
        ("ｚｈａｎｇ１＠ｅｘａｍｐｌｅ．ｃｎ", "zhang1@example.cn"),
        ("zhang@example.cn。", "zhang@example.cn"),
        ("zhang@example。com。cn ", "zhang@example.com.cn"),
        ("a@example.cn；b@example.cn", "a@example.cn；b@example.cn"),
        ("mailto:zhang@example.cn", "zhang@example.cn"),
        ("无。", "无。"),
        ("zhang_example.cn", "zhang_example.cn"),
    ],
)
def test_mail_addresses_become_half_width_and_lose_what_follows_them(typed, read):
    assert value("email", typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("微电网设备", ("微电网设备",)),
        ("智能船舶、船用传感器", ("智能船舶", "船用传感器")),
        ("智能船舶，船用传感器。", ("智能船舶", "船用传感器")),
        ("智能船舶；船用传感器；", ("智能船舶", "船用传感器")),
        ("1.智能船舶\n2.船用传感器", ("智能船舶", "船用传感器")),
        ("1.智能船舶 2.船用传感器", ("智能船舶", "船用传感器")),
        ("1、智能船舶；2、船用传感器", ("智能船舶", "船用传感器")),
        ("（1）智能船舶（2）船用传感器", ("智能船舶", "船用传感器")),
        ("（一）智能船舶\n（二）船用传感器", ("智能船舶", "船用传感器")),
        ("①智能船舶②船用传感器", ("智能船舶", "船用传感器")),
        ("智能船舶\n船用传感器", ("智能船舶", "船用传感器")),
        ("智能船舶  船用传感器", ("智能船舶", "船用传感器")),
        ("智能船舶 船用传感器", ("智能船舶", "船用传感器")),
        ("智能船舶/船用传感器", ("智能船舶", "船用传感器")),
        ("新能源（风电、光伏），储能", ("新能源（风电、光伏）", "储能")),
        ("领域一：智能船舶；领域二：船用传感器", ("智能船舶", "船用传感器")),
        ("5G通信、3D打印", ("5G通信", "3D打印")),
        ("新一代信息技术和人工智能", ("新一代信息技术和人工智能",)),
        ("微电网设备、微电网设备", ("微电网设备",)),
        ("6.5代显示面板", ("6.5代显示面板",)),
        ("工业机器人 (含 AGV)", ("工业机器人 (含 AGV)",)),
        ("计算机、通信和其他电子设备制造业；智能船舶", ("计算机、通信和其他电子设备制造业", "智能船舶")),
        ("铁路、船舶、航空航天和其他运输设备制造业", ("铁路、船舶、航空航天和其他运输设备制造业",)),
        ("智能船舶，具体包括：船用传感器、雷达；储能", ("智能船舶，具体包括：船用传感器、雷达", "储能")),
        ("（注：填写1-2个重点领域，不超过2个）\n智能船舶", ("智能船舶",)),
        ("（注：填写智能船舶）", ("（注：填写智能船舶）",)),
        ("我单位意向产业领域为：\n1.智能船舶\n2.储能", ("智能船舶", "储能")),
        ("智能船舶：", ("智能船舶：",)),
        ("主要包括：智能船舶、储能", ("主要包括：智能船舶", "储能")),
        ("、；\n", ()),
        ("", ()),
        ("无", ("无",)),
    ],
)
def test_lists_are_split_as_people_write_them(typed, read):
    assert items(typed) == read


def test_printed_words_that_overlap_are_cut_out_once():
    statement = replace(zlcp().field("recommendation"), printed=("甲乙丙丁。", "乙丙"))
    assert value_of(Passage("甲乙丙丁。同意", "0" * 7), statement, zlcp()) == "同意"


def test_two_stamps_and_dates_side_by_side_are_no_value():
    printed = zlcp().field("unit_opinion").printed[0]
    for date in ("2024年9月10日\t2024年9月10日", "2024年9月10日      2024年9月10日", "日期：2024年9月10日    日期：    年  月  日"):
        assert value("unit_opinion", f"{printed}\n（公章）      （公章）\n{date}") == ""
    assert value("unit_opinion", f"{printed}\n2024年9月10日前有效") == "2024年9月10日前有效"
