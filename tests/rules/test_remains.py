"""What a form holds beside what was read: a row under another label, a second cell, a second unit's form."""

import pytest

from daemon.documents.word import read_word
from rules.form import read_form
from rules.judge import judge
from rules.problems import Decision, Verdict
from rules.submission import Form, Reading, Standing
from storage.forms import form_from_json, form_to_json
from tests.builders import form_blocks, form_docx, good_values, zlcp
from tests.ooxml import cell, docx, paragraph, row
from tests.rules.examples import submission, word

OTHER_UNIT = "中国光伏组件行业协会"
LAYOUTS = ("table", "own_cell", "split", "plain_cells", "extra_column")
WITHOUT_TABLE = "paragraphs"


def read(data: bytes) -> Form:
    reading, form = read_form(read_word(data), zlcp())
    assert reading is Reading.FILLED
    assert form is not None
    return form


def judged(form: Form) -> Verdict:
    return judge(submission(word(form)), Standing(), zlcp())


def codes(verdict: Verdict) -> list[str]:
    return [each.code for each in verdict.problems]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("key", ["industries", "evaluation_capability", "unit_types", "introduction", "postal_address"])
def test_a_row_under_a_label_of_the_applicants_own_is_not_asked_for_but_shown_to_the_staff(key, layout):
    renamed = row(cell(paragraph("我单位自拟的栏目")), cell(paragraph("此处是申报单位填写的内容，见第三方证明材料")))
    form = read(form_docx(good_values(), layout=layout, leave_out=[key], more_rows=[renamed]))
    verdict = judged(form)
    assert (verdict.decision, codes(verdict)) == (Decision.ACCEPTED, [])
    assert any("此处是申报单位填写的内容" in check for check in verdict.checks)
    assert len([check for check in verdict.checks if "未找到此栏" in check or "未能读到" in check or "无法识别" in check]) == 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("key", ["industries", "evaluation_capability", "unit_types"])
def test_a_row_that_was_deleted_is_asked_for_and_the_staff_see_that_it_was_not_there(key, layout):
    verdict = judged(read(form_docx(good_values(), layout=layout, leave_out=[key])))
    assert verdict.decision is Decision.CORRECTION
    assert codes(verdict) == ["form.unit_type_missing" if key == "unit_types" else "form.field_missing"]
    assert any("未找到此栏" in check for check in verdict.checks)


def test_one_of_two_telephone_rows_that_may_stand_under_another_label_is_not_asked_for():
    renamed = row(cell(paragraph("手提")), cell(paragraph("一三五〇〇九〇九九六〇")))
    values = good_values(contact_phone="")
    form = read(form_docx(values, leave_out=["contact_mobile"], more_rows=[renamed]))
    assert codes(judged(form)) == []


def test_a_number_that_no_field_explains_is_shown_to_the_staff():
    form = read(form_docx(good_values(), layout="extra_column", more_rows=[row(cell(paragraph("传真号")), cell(paragraph("51860914")))]))
    assert any("“传真号”、“51860914”" in how for _, how in form.inferred)


def test_what_is_printed_for_stamp_and_date_is_no_text_of_the_applicant():
    parted = row(cell(paragraph("")), cell(paragraph("（公章） 年 月 日")))
    assert read(docx(*form_blocks(good_values(), layout="split", more_rows=[parted]))).inferred == ()


def test_row_numbers_and_a_faultless_form_leave_nothing_over():
    assert read(form_docx(good_values(), layout="extra_column")).inferred == ()


@pytest.mark.parametrize("layout", [*LAYOUTS, WITHOUT_TABLE])
@pytest.mark.parametrize("between", [paragraph("附件："), ""], ids=["apart", "tables side by side"])
def test_forms_of_two_units_in_one_file_are_asked_for_one_by_one(layout, between):
    blocks = [*form_blocks(good_values(), layout=layout), between, *form_blocks(good_values(unit_name=OTHER_UNIT), layout=layout, title=False)]
    form = read(docx(*blocks))
    assert form.get("unit_name") == good_values()["unit_name"]
    assert form.others == (OTHER_UNIT,)
    verdict = judged(form)
    assert codes(verdict) == ["attachment.several_forms"]
    assert OTHER_UNIT in verdict.problems[0].message


def test_forms_of_two_units_one_under_the_other_in_one_table_are_two():
    whole = "".join(form_blocks(good_values(), title=False) + form_blocks(good_values(unit_name=OTHER_UNIT), title=False)[:1])
    one_table = whole.replace("</w:tbl><w:p/><w:tbl>", "", 1)
    assert read(docx(one_table)).others == (OTHER_UNIT,)


@pytest.mark.parametrize("layout", [*LAYOUTS, WITHOUT_TABLE])
def test_the_same_form_twice_in_one_file_is_one(layout):
    form = read(docx(*form_blocks(good_values(), layout=layout), *form_blocks(good_values(), layout=layout)))
    assert (form.others, codes(judged(form))) == ((), [])


@pytest.mark.parametrize("layout", [*LAYOUTS, WITHOUT_TABLE])
@pytest.mark.parametrize("order", [1, -1], ids=["filled first", "blank first"])
def test_a_blank_form_beside_the_filled_one_changes_nothing(layout, order):
    both = [form_blocks(good_values(), layout=layout), form_blocks({}, layout=layout)][::order]
    form = read(docx(*both[0], *both[1]))
    assert (form.others, form.inferred, codes(judged(form))) == ((), (), [])
    assert form.get("introduction") == good_values()["introduction"]


@pytest.mark.parametrize("layout", [*LAYOUTS, WITHOUT_TABLE])
@pytest.mark.parametrize(
    ("heading", "unit"), [("填写示例", OTHER_UNIT), ("附：申报表（样表）", OTHER_UNIT), ("", "某某行业协会"), ("", "××行业协会"), ("", "XX公司")]
)
def test_an_example_of_how_to_fill_in_the_form_is_no_second_unit_but_told_to_the_staff(layout, heading, unit):
    example = form_blocks(good_values(unit_name=unit), layout=layout)
    form = read(docx(*form_blocks(good_values(), layout=layout), paragraph(heading), *example))
    assert (form.get("unit_name"), form.others) == (good_values()["unit_name"], ())
    verdict = judged(form)
    assert codes(verdict) == []
    assert any(unit in check and "示例" in check for check in verdict.checks)


def test_instructions_on_how_to_fill_in_the_form_make_no_example_of_a_second_units():
    both = [*form_blocks(good_values()), paragraph("填表说明"), *form_blocks(good_values(unit_name=OTHER_UNIT))]
    assert codes(judged(read(docx(*both)))) == ["attachment.several_forms"]


def test_what_a_form_in_lines_says_again_within_its_texts_makes_no_second_unit():
    again = "单位名称：中国光伏组件行业协会\n通讯地址：上海市\n电话：021-51860913\n本会与上述单位共建评价中心。"
    form = read(form_docx(good_values(introduction=again), layout=WITHOUT_TABLE))
    assert form.others == ()


def test_a_title_repeated_before_each_part_of_a_form_in_lines_makes_no_second_form():
    blocks = form_blocks(good_values(), layout=WITHOUT_TABLE)
    form = read(docx(*blocks[:8], paragraph(zlcp().form_title), *blocks[8:]))
    assert (form.others, form.inferred) == ((), ())


def test_the_notices_own_contacts_above_a_form_in_lines_are_not_the_applicants():
    above = ["联系人：黄莹、董庆伟", "电话：010-62153721", "电子邮箱：zlcp@ppac.org.cn", "通讯地址：北京市海淀区花园路7号"]
    form = read(docx(*map(paragraph, above), *form_blocks(good_values(), layout=WITHOUT_TABLE)))
    assert (form.get("contact_name"), form.get("email")) == (good_values()["contact_name"], good_values()["email"])
    assert any(key == "email" and "不止一处" in how for key, how in form.inferred)


def test_a_slip_in_the_second_copys_name_makes_no_second_unit():
    verdict = judged(read(docx(*form_blocks(good_values()), *form_blocks(good_values(unit_name="中国微电网设备业协会")))))
    assert codes(verdict) == []
    assert ["“中国微电网设备业协会”" in check for check in verdict.checks] == [True]


def test_what_was_found_of_further_forms_is_kept_with_the_version():
    form = read(docx(*form_blocks(good_values()), *form_blocks(good_values(unit_name=OTHER_UNIT))))
    assert form_from_json(form_to_json(form)) == form
    older = {key: value for key, value in form_to_json(form).items() if key != "others"}
    assert form_from_json(older).others == ()
