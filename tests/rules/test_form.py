"""The form's answers are found wherever applicants put them."""

import pytest

from daemon.documents.word import read_word
from rules.form import read_form
from rules.submission import Form, Reading
from tests.builders import form_blocks, form_docx, good_values, zlcp
from tests.ooxml import cell, docx, field, lines, paragraph, row, run, sdt, table, text_box

LAYOUTS = ("table", "own_cell", "above", "paragraphs", "nested", "split", "reversed", "extra_column", "contacts_aside", "plain_cells")
LABELS = {
    "blanks and a colon": lambda text: " ".join(text) + "：",
    "a number": lambda text: f"1.{text}",
    "a Chinese number": lambda text: f"一、{text}",
    "a star before": lambda text: f"*{text}",
    "a star behind": lambda text: f"{text}＊",
    "a hint in brackets": lambda text: f"{text}（请如实填写）",
    "English behind": lambda text: f"{text} Name of Unit",
    "English behind a stroke": lambda text: f"{text}/Name",
    "a full-width blank": lambda text: f"{text}\u3000",
}


def read(data: bytes) -> tuple[Reading, Form | None]:
    return read_form(read_word(data), zlcp())


def answers(form: Form | None) -> dict:
    assert form is not None
    got = {item.key: form.get(item.key) for item in zlcp().fields}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in got.items()}


def filled(data: bytes) -> dict:
    reading, form = read(data)
    assert reading is Reading.FILLED
    return answers(form)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("notes", ["before", "after", "inside", "none"])
def test_every_field_is_read_exactly_in_every_layout(layout, notes):
    reading, form = read(form_docx(good_values(), layout=layout, notes=notes))
    assert (reading, answers(form)) == (Reading.FILLED, good_values())
    assert form is not None
    assert form.inferred == ()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_labels_are_recognised_as_people_retype_them(layout, label):
    assert filled(form_docx(good_values(), layout=layout, label=label)) == good_values()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_untouched_form_is_blank_and_has_no_values(layout):
    reading, form = read(form_docx({}, layout=layout))
    assert reading is Reading.BLANK
    assert not any(answers(form).values())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "key", ["unit_name", "postal_address", "contact_name", "contact_phone", "email", "industries", "introduction", "evaluation_capability"]
)
def test_a_field_left_empty_is_empty_and_takes_nothing_from_its_neighbours(layout, key):
    empty = good_values(**{key: [] if key == "industries" else ""})
    assert filled(form_docx(empty, layout=layout)) == empty


def test_a_label_broken_over_two_lines_is_one_label():
    assert filled(form_docx(good_values(), label=lambda text: f"{text[:2]}\n{text[2:]}")) == good_values()


def test_a_typed_date_over_the_printed_one_is_no_value():
    for date in ("2024年9月14日", "2024 年 9 月 14 日", "二〇二四年九月十四日", "2024.9.14", "日期：2024-09-14", "2024年  月  日"):
        assert filled(form_docx(good_values(), date=date)) == good_values(), date


def test_what_was_added_to_a_statement_is_its_value():
    values = good_values(unit_opinion="同意申报，情况属实。", recommendation="同意推荐。")
    assert filled(form_docx(values)) == values


def test_a_date_within_an_added_sentence_stays():
    values = good_values(unit_opinion="我单位于2024年9月1日经理事会研究同意申报。")
    assert filled(form_docx(values)) == values


def test_a_form_inside_a_cell_wrapped_in_content_controls_is_read():
    blocks = form_blocks(good_values(), layout="nested")
    assert filled(docx(*(sdt(block) if block.startswith("<w:tbl") else block for block in blocks))) == good_values()


def test_a_form_in_a_text_box_is_read():
    title, *rest = form_blocks(good_values())
    assert filled(docx(title, paragraph(text_box("".join(rest))))) == good_values()


def test_a_cover_page_before_the_form_does_not_displace_its_answers():
    cover = table(row("申报单位", "另一个名称"), row("联系电话", "010-11111111"))
    assert filled(docx(cover, "<w:p/>", *form_blocks(good_values()))) == good_values()


def test_a_blank_form_before_the_filled_one_does_not_hide_it():
    assert filled(docx(*form_blocks({}), *form_blocks(good_values()))) == good_values()


def test_an_empty_field_is_not_filled_from_a_list_of_experts_behind_the_form():
    experts = table(row("序号", "姓名", "部门及职务", "电话"), row("1", "专家甲", "教授", "010-22222222"), row("2", "专家乙", "教授", "010-33333333"))
    values = good_values(contact_name="", contact_phone="")
    assert filled(docx(*form_blocks(values), experts)) == values


def test_added_rows_disturb_nothing():
    more = [row("传真", cell("010-44444444", span=4)), row("邮政编码", cell("100053", span=4)), row("", cell("", span=4))]
    assert filled(form_docx(good_values(), more_rows=more)) == good_values()


def test_an_answer_split_over_two_rows_at_a_page_end_is_joined_and_shown_to_the_staff():
    rows = [row("单位简介", cell("第一段。", span=4)), row("", cell("第二段。", span=4))]
    blocks = form_blocks(good_values(), leave_out=["introduction"])
    data = docx(*(block.replace("</w:tbl>", f"{''.join(rows)}</w:tbl>") if block.startswith("<w:tbl") else block for block in blocks))
    reading, form = read(data)
    assert reading is Reading.FILLED
    assert form is not None
    assert form.values["introduction"] == "第一段。\n第二段。"
    assert any(key == "introduction" for key, _ in form.inferred)


def test_a_row_without_a_label_below_a_short_answer_is_no_part_of_it():
    rows = [row("电子邮箱", cell("weihm@mgrid.example.cn", span=4)), row("", cell("（以下由申报单位填写）", span=4))]
    blocks = form_blocks(good_values(), leave_out=["email"])
    data = docx(*(block.replace("</w:tbl>", f"{''.join(rows)}</w:tbl>") if block.startswith("<w:tbl") else block for block in blocks))
    assert filled(data) == good_values()


def test_of_lines_without_a_table_the_first_that_says_something_counts():
    blocks = form_blocks(good_values(), layout="paragraphs")
    assert filled(docx(*blocks[:3], paragraph("电子邮箱："), *blocks[3:], paragraph("电子邮箱：other@example.cn"))) == good_values()


def test_a_heading_between_lines_without_a_table_is_no_answer():
    values = good_values(postal_address="")
    blocks = form_blocks(values, layout="paragraphs")
    assert filled(docx(*blocks[:5], paragraph("联系人信息"), *blocks[5:])) == values


def test_an_answer_in_the_rows_of_a_merged_label_is_joined():
    rows = [row(cell("单位简介", merge="restart"), cell("第一段。", span=4)), row(cell("", merge="continue"), cell("第二段。", span=4))]
    blocks = form_blocks(good_values(), leave_out=["introduction"])
    data = docx(*(block.replace("</w:tbl>", f"{''.join(rows)}</w:tbl>") if block.startswith("<w:tbl") else block for block in blocks))
    assert filled(data)["introduction"] == "第一段。\n第二段。"


def test_labels_typed_within_an_answer_are_part_of_it():
    text = "本会简介如下。\n通讯地址：北京市西城区。\n联系电话：010-55555555\n电子邮箱：other@example.cn"
    for layout in LAYOUTS[:3]:
        values = good_values(introduction=text)
        assert filled(form_docx(values, layout=layout)) == values, layout


def test_labels_of_an_older_edition_are_read_and_shown_to_the_staff():
    changed = {"单位名称": "申请单位名称", "通讯地址": "单位通讯地址（邮编）", "单位简介": "本单位简介"}
    reading, form = read(form_docx(good_values(), label=lambda text: changed.get(text, text)))
    assert (reading, answers(form)) == (Reading.FILLED, good_values())
    assert form is not None
    assert {key for key, _ in form.inferred} == {"unit_name", "postal_address", "introduction"}


def test_a_short_answer_that_repeats_its_label_is_read_without_it():
    values = good_values(unit_name="单位名称：中国微电网设备行业协会", email="邮箱: weihm@mgrid.example.cn")
    assert filled(form_docx(values)) == good_values()


def test_a_blank_form_whose_boxes_became_brackets_is_blank():
    assert read(form_docx({}, ticks="unknown"))[0] is Reading.BLANK


def test_an_answer_behind_its_label_and_only_a_blank_is_read():
    blocks = form_blocks(good_values(), leave_out=["email"], more_rows=[row(cell("电子邮箱  weihm@mgrid.example.cn", span=5))])
    assert filled(docx(*blocks)) == good_values()


def test_an_edition_without_one_field_is_still_the_form():
    reading, form = read(form_docx(good_values(), leave_out=["evaluation_capability"], title=False))
    assert reading is Reading.FILLED
    assert form is not None
    assert form.values["evaluation_capability"] == ""
    assert [key for key, _ in form.inferred] == ["evaluation_capability"]


def test_the_notice_with_its_blank_form_is_the_form_left_blank():
    letter = [paragraph("联系人：黄  莹 010（62153721）"), paragraph("联系邮箱：zlcp@ppac.org.cn"), paragraph("联系地址：北京市海淀区花园路7号")]
    reading, form = read(docx(*letter, *form_blocks({})))
    assert reading is Reading.BLANK
    assert not any(answers(form).values())


@pytest.mark.parametrize(
    "blocks",
    [
        [paragraph("会议纪要"), paragraph("单位名称：某协会")],
        [
            paragraph("专利导航服务基地申报表"),
            table(*(row(label, "x") for label in ("单位名称", "通讯地址", "联系人", "联系电话", "手机", "电子邮箱", "单位简介"))),
        ],
        [
            paragraph("推荐函"),
            *(paragraph(text) for text in ("现报送《专利密集型产品认定产业评价中心承担单位申报表》。", "单位名称：某协会", "联系人：张三", "电话：010-1")),
        ],
        [table(*(row(label, "") for label in ("姓名", "电话", "手机", "电子邮箱")))],
        [],
    ],
    ids=["minutes", "another form", "covering letter", "list of names", "empty"],
)
def test_another_document_is_not_the_form(blocks):
    assert read(docx(*blocks)) == (Reading.ANOTHER, None)


def test_a_hidden_prompt_is_no_answer_and_a_kept_flag_does_not_lose_one():
    def named(text: str, properties: str) -> bytes:
        rows = [row("单位名称", cell(sdt(paragraph(text), properties), span=4))]
        blocks = form_blocks(good_values(), leave_out=["unit_name"])
        return docx(*(block.replace("</w:tbl>", f"{''.join(rows)}</w:tbl>") if block.startswith("<w:tbl") else block for block in blocks))

    assert filled(named("单击或点击此处输入文字。", "<w:showingPlcHdr/>"))["unit_name"] == ""
    assert filled(named("中国微电网设备行业协会", "<w:showingPlcHdr/>"))["unit_name"] == "中国微电网设备行业协会"


def test_a_text_form_field_and_a_hyperlink_are_read():
    blocks = form_blocks(good_values(), leave_out=["email", "unit_name"])
    link = '<w:hyperlink r:id="rId9">' + run("weihm@mgrid.example.cn") + "</w:hyperlink>"
    rows = [row("单位名称", cell(paragraph(field(" FORMTEXT ", run("中国微电网设备行业协会"))), span=4)), row("电子邮箱", cell(paragraph(link), span=4))]
    assert filled(docx(*(block.replace("</w:tbl>", f"{''.join(rows)}</w:tbl>") if block.startswith("<w:tbl") else block for block in blocks))) == good_values()


def test_a_list_of_experts_within_an_answer_is_a_part_of_it():
    experts = table(row("序号", "姓名", "职务", "电话"), row("1", "李四", "教授", "010-99999999"))
    answer = row("专利密集型产品评价能力", cell(lines("组建了专家库：") + experts, span=4))
    got = filled(docx(*form_blocks(good_values(), leave_out=["evaluation_capability"], more_rows=[answer])))
    assert got == good_values(evaluation_capability="组建了专家库：\n序号\t姓名\t职务\t电话\n1\t李四\t教授\t010-99999999")


def test_an_answer_keeps_its_full_stop_before_the_next_label():
    values = good_values(introduction="成立于2001年。", evaluation_capability="组建了专家库。")
    assert filled(docx(table(row(cell("".join(form_blocks(values, layout="paragraphs"))))))) == values


def test_an_answer_below_its_label_may_begin_with_latin_letters_or_with_brackets():
    values = good_values(evaluation_capability="（一）组建了专家库。", unit_types=["other"])
    keys = [item.key for item in zlcp().fields if item.kind not in {"choice", "statement"}]
    texts = [text for key in keys for text in (zlcp().field(key).label, "、".join(values[key]) if key == "industries" else values[key])]
    assert (
        filled(docx(paragraph(zlcp().form_title), *(lines(text) for text in texts), *(paragraph(text) for text in ("单位性质", "□全国性行业协会", "☑其他"))))
        == values
    )


@pytest.mark.parametrize("parted", ["{} ", "{}\u3000\u3000", "{}——", "{}|", "【{}】", "[{}]：", "{}： "])
def test_a_form_in_lines_is_read_whatever_parts_its_labels_from_their_answers(parted):
    values = good_values(industries="微电网设备")
    values["unit_types"] = "\n".join(f"{'☑' if number == 0 else '□'}{option.label}" for number, option in enumerate(zlcp().field("unit_types").options))
    text = "\n".join(parted.format(item.label) + values[item.key] for item in zlcp().fields)
    assert filled(docx(paragraph(zlcp().form_title), lines(text))) == good_values()


def test_answers_side_by_side_on_a_line_end_before_the_comma():
    rest = form_blocks(good_values(), layout="paragraphs", leave_out=["contact_name", "contact_position", "contact_phone", "contact_mobile"])
    contact = paragraph("姓名：魏慧敏，部门及职务：科技发展部 部长，电话：010-51860913；手机：13500909960")
    assert filled(docx(*rest[:5], contact, *rest[5:])) == good_values()
