"""An answer in several cells of its row: read whole where it certainly is one, and never without a word to the staff."""

import pytest

from daemon.documents.word import read_word
from rules.form import read_form
from rules.judge import judge
from rules.problems import Decision
from rules.submission import Form, Standing
from tests.builders import form_blocks, form_docx, good_values, zlcp
from tests.ooxml import cell, docx, lines, row
from tests.rules.examples import submission, word
from tests.rules.test_form import LAYOUTS, answers

JOINED = "内容分写在同一行的几个单元格中，已合并登记"


def read(key: str, *rows: str) -> Form:
    """A faultless form, but for the rows of one field."""
    form = read_form(read_word(docx(*form_blocks(good_values(), leave_out=[key], more_rows=rows))), zlcp())[1]
    assert form is not None
    return form


def spread_over(key: str, *cells: str) -> Form:
    return read(key, row(zlcp().field(key).label, *cells))


def told(form: Form, key: str) -> list[str]:
    return [text.removeprefix(f"{zlcp().field(key).title}：") for field, text in form.inferred if field == key]


@pytest.mark.parametrize(
    ("key", "cells", "value"),
    [
        ("unit_name", ("中国微电网设备", "行业协会"), "中国微电网设备行业协会"),
        ("unit_name", ("中国微电网 ", " 设备\n", "协会"), "中国微电网设备协会"),
        ("unit_name", ("中国微电网", "", "设备协会"), "中国微电网设备协会"),
        ("unit_name", ("中国微电网设备", "研究院（北京）"), "中国微电网设备研究院（北京）"),
        ("unit_name", ("中国微电网设备集团", "有限公司"), "中国微电网设备集团有限公司"),
        ("unit_name", ("Microgrid", "Association"), "Microgrid Association"),
        ("postal_address", ("北京市西城区", "广安门南街甲12号"), "北京市西城区广安门南街甲12号"),
        ("postal_address", ("北京", "西城区", "广安门南街12号", "2层"), "北京西城区广安门南街12号2层"),
        ("postal_address", ("Room 2,", "Guang'an Street"), "Room 2, Guang'an Street"),
        ("contact_position", ("科技发展部", "部长"), "科技发展部部长"),
        ("email", ("weihm", "@", "mgrid.example.cn"), "weihm@mgrid.example.cn"),
        ("email", ("无", "weihm@mgrid.example.cn"), "无 weihm@mgrid.example.cn"),
        ("contact_phone", ("010", "51860913"), "010-51860913"),
        ("contact_phone", ("+86", "13500909960"), "+8613500909960"),
        ("contact_phone", ("（010）", "51860913"), "（010）51860913"),
        ("contact_phone", ("010", "—", "51860913"), "010—51860913"),
        ("contact_phone", ("010-51860913", "转802"), "010-51860913转802"),
        ("industries", ("微电网设备", "新型储能"), ("微电网设备", "新型储能")),
        ("industries", ("1", "微电网设备", "2", "新型储能"), ("微电网设备", "新型储能")),
        ("introduction", ("第一段。", "", "第二段：说明。"), "第一段。\n第二段：说明。"),
        ("evaluation_capability", ("一、专家库", "组建了专家库。"), "一、专家库\n组建了专家库。"),
    ],
)
def test_an_answer_in_several_cells_of_its_row_is_read_whole_and_told_to_the_staff(key, cells, value):
    form = spread_over(key, *cells)
    assert form.get(key) == value
    assert told(form, key) == [JOINED]


@pytest.mark.parametrize(
    ("key", "answer", "others"),
    [
        ("unit_name", "中国微电网设备行业协会", ("（与公章一致）",)),
        ("unit_name", "中国微电网设备行业协会", ("专家委员会",)),
        ("unit_name", "中国微电网设备行业协会", ("中国光伏组件行业协会",)),
        ("unit_name", "中国微电网设备行业协会", ("统一社会信用代码", "91110000100000000X")),
        ("unit_name", "国网能源", ("主管单位", "国家电网公司")),
        ("unit_name", "国网能源", ("隶属", "国家电网公司")),
        ("unit_name", "国网能源", ("□国家技术创新中心",)),
        ("unit_name", "国网能源", ("简称：国网中心",)),
        ("contact_name", "魏慧敏", ("李文军",)),
        ("contact_phone", "010-51860913", ("传真", "010-44444444")),
        ("contact_phone", "010-51860913", ("工作日接听",)),
        ("email", "weihm@mgrid.example.cn", ("www.mgrid.example.cn",)),
        ("postal_address", "北京市西城区广安门南街甲12号", ("邮编：100053",)),
        ("postal_address", "北京市西城区广安门南街甲12号", ("邮政编码", "100053")),
        ("postal_address", "北京市西城区广安门南街甲12号", ("注册地", "上海市")),
        ("contact_position", "科技发展部", ("张三",)),
        ("industries", ("微电网设备",), ("新型储能", "光伏组件")),
    ],
)
def test_what_may_be_another_matter_is_left_out_and_shown_to_the_staff(key, answer, others):
    form = spread_over(key, *(answer if isinstance(answer, tuple) else (answer,)), *others)
    assert form.get(key) == answer
    assert told(form, key) == []
    assert any(all(f"“{other}”" in how for other in others) for _, how in form.inferred)


def test_what_follows_the_pieces_of_an_answer_is_shown_to_the_staff_beside_them():
    form = spread_over("postal_address", "北京市西城区", "广安门南街甲12号", "邮政编码", "100053")
    assert form.get("postal_address") == "北京市西城区广安门南街甲12号"
    assert told(form, "postal_address") == [JOINED]
    assert any("“邮政编码”" in how for _, how in form.inferred)


def test_nothing_is_joined_in_a_row_of_two_fields():
    form = read("contact_phone", row("电话", "010", "51860913", "手机", "13500909960"))
    assert form.get("contact_phone") == "010"
    assert any("“51860913”" in how for _, how in form.inferred)
    assert judge(submission(word(form)), Standing(), zlcp()).decision is Decision.ACCEPTED


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("unit_name", "中国微电网设备\n行业协会", "中国微电网设备行业协会"),
        ("email", "weihm@mgrid.\nexample.cn", "weihm@mgrid.example.cn"),
        ("contact_phone", "010-51860913\n转802", "010-51860913转802"),
        ("contact_phone", "1350090\n9960", "13500909960"),
        ("unit_name", "中国微电网设备行业协会\n中国光伏组件行业协会", "中国微电网设备行业协会\n中国光伏组件行业协会"),
        ("email", "weihm@mgrid.example.cn\noffice@mgrid.example.cn", "weihm@mgrid.example.cn\noffice@mgrid.example.cn"),
        ("contact_phone", "010-51860913\n010-51860914", "010-51860913\n010-51860914"),
        ("postal_address", "北京市西城区\n广安门南街甲12号", "北京市西城区\n广安门南街甲12号"),
    ],
)
def test_a_name_or_number_broken_into_lines_within_its_cell_is_whole_again(key, typed, value):
    form = read(key, row(zlcp().field(key).label, cell(lines(typed), span=4)))
    assert form.get(key) == value
    assert form.inferred == ()


@pytest.mark.parametrize("hint", [zlcp().field("introduction").note, "300-500字", "（可附页）"])
@pytest.mark.parametrize("order", [1, -1])
def test_an_answer_beside_a_hint_in_a_cell_of_its_own_is_read_alone(hint, order):
    form = spread_over("introduction", *[hint, "本会成立于2001年。"][::order])
    assert form.get("introduction") == "本会成立于2001年。"
    assert form.inferred == ()


def test_an_answer_that_a_conversion_repeated_in_each_column_is_read_once():
    form = spread_over("unit_name", *["中国微电网设备行业协会"] * 4)
    assert form.get("unit_name") == "中国微电网设备行业协会"
    assert form.inferred == ()


def test_a_merged_cell_is_one_piece():
    form = read("unit_name", row("单位名称", cell("中国微电网", span=2), cell("设备协会", span=2)))
    assert form.get("unit_name") == "中国微电网设备协会"


def test_an_answer_in_two_cells_below_its_label_is_read_whole():
    form = read("unit_name", row(cell("单位名称", span=5)), row(cell("中国微电网设备", span=2), cell("行业协会", span=3)))
    assert form.get("unit_name") == "中国微电网设备行业协会"
    assert told(form, "unit_name") == [JOINED]


def test_a_name_whose_row_was_split_at_a_pages_end_is_whole_again_and_told_to_the_staff():
    form = read("unit_name", row("单位名称", cell("中国微电网设备", span=4)), row("", cell("行业协会", span=4)))
    assert form.get("unit_name") == "中国微电网设备行业协会"
    assert told(form, "unit_name") == ["内容分写在两行表格中，已合并登记"]
    form = read("unit_name", row("单位名称", cell("中国微电网设备行业协会", span=4)), row("", cell("成立于2001年", span=4)))
    assert form.get("unit_name") == "中国微电网设备行业协会"
    assert any("“成立于2001年”" in how for _, how in form.inferred)


def test_cells_below_a_label_that_are_no_one_answer_stay_a_line_each():
    form = read("contact_name", row(cell("联系人", span=5)), row(cell("魏慧敏", span=2), cell("李文军", span=3)))
    assert form.get("contact_name") == "魏慧敏\n李文军"


def test_a_label_of_an_older_edition_is_named_beside_the_cells_that_were_joined():
    form = read("unit_name", row("申请单位名称", "中国微电网设备", "行业协会"))
    assert form.get("unit_name") == "中国微电网设备行业协会"
    assert told(form, "unit_name") == ["取自“申请单位名称”一栏", JOINED]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_form_in_which_nothing_is_spread_is_read_without_a_word_to_the_staff(layout):
    form = read_form(read_word(form_docx(good_values(), layout=layout)), zlcp())[1]
    assert (answers(form), form and form.inferred) == (good_values(), ())
