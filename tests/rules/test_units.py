"""When two names mean the same unit: in doubt they do."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.units import Likeness, likeness, short_names_in, stands_apart


@pytest.mark.parametrize(
    ("typed", "official", "kind"),
    [
        ("中国微电网设备行业协会", "中国微电网设备行业协会", Likeness.SAME),
        ("中国微电网 设备行业协会", "中国微电网设备行业协会", Likeness.SAME),
        ("智能船舶运营中心(大连)", "智能船舶运营中心（大连）", Likeness.SAME),
        ("", "中国微电网设备行业协会", Likeness.SAME),
        ("中国微电网设备行业协会—张三", "中国微电网设备行业协会", Likeness.WITHIN),
        ("微电网设备行业协会", "中国微电网设备行业协会", Likeness.SHORT),
        ("中国联泰电气集团有限公司", "中国联泰电气集团有限公司第十二研究所", Likeness.SHORT),
        ("兵器集团", "中国兵器工业集团有限公司", Likeness.SHORT),
        ("CMEA", "中国微电网设备行业协会", Likeness.SHORT),
        ("中国微电网没备行业协会", "中国微电网设备行业协会", Likeness.SLIP),
        ("中国微网电设备行业协会", "中国微电网设备行业协会", Likeness.SLIP),
        ("微中国电网设备行业协会", "中国微电网设备行业协会", Likeness.SLIP),
        ("中国微电网设备行协会业", "中国微电网设备行业协会", Likeness.SLIP),
        ("中国微电网设备行业协会会", "中国微电网设备行业协会", Likeness.WITHIN),
        ("中国微电网设设备行业协会", "中国微电网设备行业协会", Likeness.SHORT),
        ("中国微电网没备行业协汇", "中国微电网设备行业协会", Likeness.OTHER),
        ("国家特种玻璃技术创新中心", "中国微电网设备行业协会", Likeness.OTHER),
        ("国家特种玻璃技术创新中心", "国家特种陶瓷技术创新中心", Likeness.OTHER),
        ("智能船舶运营中心（上海）", "智能船舶运营中心（大连）", Likeness.OTHER),
        ("联泰电气集团第十三研究所", "联泰电气集团第十二研究所", Likeness.OTHER),
        ("联泰电气集团第十研究所", "联泰电气集团第十二研究所", Likeness.OTHER),
        ("联泰电气集团第58研究所", "联泰电气集团第五十九研究所", Likeness.OTHER),
        ("中国第一机床研究院", "中国第七机床研究院", Likeness.OTHER),
        ("中国第一机床研究院", "中国第大机床研究院", Likeness.OTHER),
        ("清河大学", "清江大学", Likeness.OTHER),
        ("北京理工大学", "南京理工大学", Likeness.OTHER),
        ("华东师范大学", "华中师范大学", Likeness.OTHER),
        ("国家電網有限公司", "国家电网有限公司", Likeness.SAME),
        ("大连智能船舶运营中心", "智能船舶运营中心（大连）", Likeness.SHORT),
        ("大连智能船舶运营中心", "智能船舶产业知识产权运营中心（大连）", Likeness.SHORT),
        ("无锡国家工业设计园", "无锡（国家）工业设计园", Likeness.SHORT),
        ("上海智能船舶运营中心", "智能船舶运营中心（大连）", Likeness.OTHER),
        ("中国微电网设备行业协会", "中国微电网设备行业协会\nChina Microgrid Association", Likeness.SAME),
        ("中国微电网设备行业协会", "中国微电网设备行业协会（China Microgrid Association）", Likeness.SAME),
        ("微电网设备行业协会", "中国微电网设备行业协会（China Microgrid Association）", Likeness.SHORT),
        ("联泰", "联泰TCL", Likeness.SHORT),
        ("中国微电网设备行业协会", "“中国微电网设备行业协会”", Likeness.SAME),
        ("中国微电网设备行业协会", "中国微电网设备行业协会。", Likeness.SAME),
        ("中国微电网设备行业协会", "中国微电网设备行业协会（CMEA）", Likeness.SAME),
        ("中国微电网设备行业协会", "中国微电网设备行业协会（以下简称“微网协”）", Likeness.SAME),
        ("中国微电网设备行业协会", "中国微电网设备行业协会（原中国微网协会）", Likeness.SAME),
        ("智能船舶运营中心", "智能船舶运营中心（大连）", Likeness.SHORT),
    ],
)
def test_names_are_compared_as_a_person_would(typed, official, kind):
    assert likeness(typed, official) is kind


def test_a_number_may_be_written_either_way():
    assert likeness("联泰电气集团第12研究所", "联泰电气集团公司第十二研究所") is not Likeness.OTHER


NAMES = st.one_of(st.text(max_size=20), st.text(alphabet="中国一二十百0129微电网协会公司（）() ²٣", max_size=20))


@given(NAMES, NAMES)
def test_any_two_texts_can_be_compared(a, b):
    assert likeness(a, a) is Likeness.SAME
    assert likeness(a, b) in Likeness


def test_a_name_stands_apart_where_no_letter_touches_it():
    assert stands_apart("华江师范大学", "华江师范大学—张三")
    assert stands_apart("华江师范大学", "（华江师范 大学）")
    assert not stands_apart("华江师范大学", "华江师范大学附属医院")
    assert not stands_apart("华江师范大学", "清河大学")


@pytest.mark.parametrize("text", ["某协会（以下简称“网协”）成立", "某协会（简称：网协），", "某协会(以下简称网协)", "以下简称为「网协」"])
def test_short_names_that_a_text_gives_are_found(text):
    assert short_names_in(text) == ("网协",)


def test_a_text_that_gives_no_short_name_has_none():
    assert short_names_in("某协会成立于2001年。") == ()


def test_two_very_long_names_are_compared_in_no_time():
    started = time.process_time()
    assert likeness("甲乙丙" * 333, "乙甲丙" * 333) is Likeness.OTHER
    assert time.process_time() - started < 1
