"""Subjects as people type them (notice, 五（一）; what real mail programs make of them)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.subject import read_subject
from rules.text import clean, fold, unquote
from tests.rules.examples import real_notice, second_notice

W = "专利密集型产品认定产业评价中心承担单位"
A = "中国微电网设备行业协会"


def read(line):
    return read_subject(line, real_notice())


def test_the_prescribed_subject_is_exact():
    reading = read(f"{W}——{A}")
    assert (reading.words, reading.unit_name, reading.exact) == ("full", A, True)


UNDERSTOOD = [
    *(
        f"{W}{dash}{A}"
        for dash in ("—", "⸺", "⸻", "──", "━━", "–", "――", "ーー", "－－", "-", "--", "———", "_", "~", "：", ":", " ", "　", "，", "+", "——　", " — ", "/", "|")
    ),
    f"{W}{A}",
    f"{W}一一{A}",
    f"{W} 一一 {A}",
    f"Re: {W}——{A}",
    f"RE:Re: Fw:FWD: {W}——{A}",
    f"回复：答复: 转发： 回覆：{W}——{A}",
    f"回复[2]：{W}——{A}",
    f"答复: [2] Re[3]: {W}——{A}",
    f"[外部邮件] {W}——{A}",
    f"【外部邮件】回复：【外部邮件】{W}——{A}",
    f"[SPAM] ***SPAM*** {W}——{A}",
    f"回复：补正通知（ZLCP-2024-0001）：{W}——{A}",
    f"“{W}——{A}”",
    f"《{W}——{A}》",
    f"【{W}】——【{A}】",
    f"「{W}」——「{A}」",
    f"{W}——“{A}”",
    f'{W}——"{A}"',
    f"{W}——（{A}）",
    f"{W}（{A}）",
    f"{W}——“{A}",
    f"{W}\u200b——\ufeff{A}\u200e",
    f"专利密集型产品认定 产业评价中心 承担单位——{A}",
    f"{W}——单位名称：{A}",
    f"{W}——单位名称（{A}）",
    f"{W}——单位名称{A}",
    f"{W}——{A}申报表",
    f"{W}——{A}-申报材料",
    f"{W}——{A}+附件",
    f"{W}——{A}（第二次）",
    f"{W}——{A}（修改版）",
    f"{W}——{A}（第2次提交）",
    f"{W}——{A}20240910",
    f"{W}——{A} 0910",
    f"{W}——{A}V2",
    f"{W}——{A}word版",
    f"{W}——{A}及附件",
    f"{W}——{A}报名",
    f"{W}——{A}盖章扫描件",
    f"{W}——{A}关于报送申报材料的函",
    f"{W}——{A} 王明 13800138000",
    f"{W}——{A}（李明 13812345678）",
    f"專利密集型產品認定產業評價中心承擔單位——{A}",
    f"轉發：{W}——{A}",
    f"{W}——{A}（请确认是否收到）",
    f"{W}——{A}，收到请回复",
    f"{W}——{A}，盼复",
    f"{W}——{A}（推荐单位：某省知识产权局）",
    f"{W}——{A}申报表及推荐意见",
    f"{W}申报表（{A}）",
    f"{W}申报表{A}",
    f"{W}（申报单位：{A}）",
    f"{W}丨{A}",
    f"{W}ㅡㅡ{A}",
    f"{W}——{A} 2024年9月10日",
    f"{W}——{A}-2024.9.10",
    f"{W}——{A}.docx",
    f"{W}——{A}。",
    f"{W}申报表——{A}",
    f"《{W}申报表》——{A}",
    f"{W}申报单位：{A}",
    f"关于报送{W}申报材料的函——{A}",
    f"{A}——{W}",
    f"{A}{W}申报表",
    f"【{A}】{W}",
    f"{A}关于申报{W}的函",
]


@pytest.mark.parametrize("line", UNDERSTOOD)
def test_a_subject_that_a_person_understands_names_its_unit(line):
    reading = read(line)
    assert (reading.words, reading.unit_name, reading.exact) == ("full", A, False)


@pytest.mark.parametrize(
    "line",
    [
        f"产业评价中心承担单位——{A}",
        f"承担单位-{A}",
        f"专利密集型产品产业评价中心承担单位—{A}",
        f"申报承担单位，{A}",
        f"{A}-产业评价中心承担单位",
        f"承 担 单 位：{A}",
        f"承擔單位——{A}",
    ],
)
def test_shortened_words_are_understood_too(line):
    assert (read(line).words, read(line).unit_name) == ("short", A)


@pytest.mark.parametrize(
    "name",
    [
        "一汽集团有限公司",
        "智能船舶产业知识产权运营中心（大连）",
        "A-B（北京）科技—中国有限公司",
        "某某承担单位联合体有限公司",
        "“一带一路”研究院",
        "Siemens Ltd., China",
        "国家先进计算产业创新（宜昌）中心（筹）",
        "国家电网",
        "中国 电力企业 联合会",
        "材料科学研究所",
        "申请材料检测中心",
        "中国船舶集团有限公司第七〇一研究所",
        "一一科技有限公司",
    ],
)
def test_a_name_is_taken_as_typed(name):
    assert read(f"{W}——{name}").unit_name == name
    assert read(f"{W}——{name}").exact


def test_a_single_numeral_one_is_no_dash():
    assert read(f"{W}一汽集团有限公司").unit_name == "一汽集团有限公司"
    assert read(f"{W}—一汽集团有限公司").unit_name == "一汽集团有限公司"


def test_two_numerals_are_a_dash_only_where_no_other_separator_stands():
    assert read(f"{W}一一一汽集团有限公司").unit_name == "一汽集团有限公司"
    assert read(f"{W}：一一科技有限公司").unit_name == "一一科技有限公司"


@pytest.mark.parametrize(
    "rest",
    [
        "——单位名称",
        "——“单位名称”",
        "——（单位名称）",
        "——XX单位",
        "——XXX",
        "——某某单位",
        "——某单位",
        "——贵单位名称",
        "——单位全称",
        "——请填写单位名称",
        "——单位名称（请填写）",
        "——單位名稱",
        "——×××",
        "单位名称",
    ],
)
def test_a_placeholder_names_no_unit(rest):
    reading = read(W + rest)
    assert reading.words == "full"
    assert reading.unit_name is None


@pytest.mark.parametrize("rest", ["", "——", "：", "——____", "申报表", "——申报材料", "——（第二次）", "——2024年9月10日"])
def test_nothing_after_the_words_names_no_unit(rest):
    assert read(W + rest).unit_name is None


@pytest.mark.parametrize("line", ["申报材料", "", "   ", "你好", "专利密集型产品申报", "产业评价中心申报材料", "关于申报事宜的请示"])
def test_a_subject_without_the_words_is_seen_as_such(line):
    assert (read(line).words, read(line).unit_name) == ("none", None)


@pytest.mark.parametrize("line", [f"申报材料——{A}", f"{A}申报表", f"专利密集型产品申报-{A}", f"{A}"])
def test_a_unit_is_read_even_without_the_words(line):
    assert (read(line).words, read(line).unit_name) == ("none", A)


@pytest.mark.parametrize("line", [f"关于{W}申报的咨询", "请问承担单位的条件", f"关于公开征集{W}的通知"])
def test_a_question_under_the_words_names_no_unit(line):
    assert read(line).unit_name is None


def test_an_answer_to_our_letter_is_known_by_its_receipt_number():
    assert read(f"回复：补正通知（ZLCP-2024-0001）：{W}——{A}").ours
    assert not read(f"回复：收悉告知（咨询）：{W}——{A}").ours
    assert not read(f"回复：{W}——{A}").ours


def test_another_notice_has_words_of_its_own():
    notice = second_notice()
    assert read_subject("绿色包装优秀案例推荐+天山纸业有限公司", notice).exact
    reading = read_subject("Re：优秀案例 — 天山纸业有限公司", notice)
    assert (reading.words, reading.unit_name, reading.exact) == ("short", "天山纸业有限公司", False)
    assert read_subject("绿色包装优秀案例推荐+企业名称", notice).placeholder
    assert read_subject(f"{W}——{A}", notice).words == "none"


def test_a_placeholder_with_something_behind_it_is_kept_as_typed():
    assert read(f"{W}——单位名称甲乙").unit_name == "单位名称甲乙"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("“甲”", "甲"),
        ("“甲”乙”", "“甲”乙”"),
        ("“甲”和“乙”", "“甲”和“乙”"),
        ("[[甲]", "[[甲]"),
        ("(甲)", "甲"),
        ("甲（乙）", "甲（乙）"),
        ("【《甲》】", "甲"),
        ("甲》", "甲"),
        ('"甲"', "甲"),
        ("", ""),
    ],
)
def test_quotation_marks_go_only_where_they_enclose_the_whole(text, bare):
    assert unquote(text) == bare


def test_a_very_long_subject_is_read_quickly():
    assert read("回复：" * 30_000).words == "none"
    assert read(f"{W}——" + "（" * 30_000).words == "full"
    assert read(f"{W}——" + "第1次" * 30_000).words == "full"


PIECES = st.sampled_from(
    [
        W,
        A,
        "承担单位",
        "——",
        "-",
        "一一",
        "一",
        "Re:",
        "回复：",
        "“",
        "”",
        "（",
        "）",
        "《",
        "【",
        "单位名称",
        " ",
        "\u200b",
        "申报表",
        "20240910",
        "\x00",
        "\ud800",
        "XX",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map("".join))
def test_any_text_is_read_without_an_error(line):
    reading = read(line)
    assert reading.unit_name is None or reading.unit_name.strip()
    assert not reading.exact or line.strip() == real_notice().correct_subject(reading.unit_name)


@given(st.text())
def test_folding_keeps_every_place(text):
    assert len(fold(text)) == len(text)
    assert clean(clean(text)) == clean(text)
    assert len(unquote(text)) <= len(text)
