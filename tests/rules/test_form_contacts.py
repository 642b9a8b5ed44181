"""The contact's four answers, in every shape that the block takes."""

import pytest

from rules.submission import Reading
from tests.builders import form_blocks, good_values, zlcp
from tests.ooxml import cell, docx, lines, row
from tests.rules.test_form import answers, filled, read

CONTACT = [item.key for item in zlcp().fields if item.group]


def test_a_row_added_under_the_contact_is_no_second_contact():
    contact = [
        row(cell("联系人信息", merge="restart"), "姓名", "部门及职务", "电话", "手机"),
        row(cell("", merge="continue"), "魏慧敏", "科技发展部 部长", "010-51860913", "13500909960"),
        row(cell("", merge="continue"), "传真", cell("010-44444444", span=3)),
    ]
    assert _with_contact(contact) == good_values()


def test_a_second_contact_is_kept_and_shown_to_the_staff():
    contact = [
        row(cell("联系人信息", merge="restart"), "姓名", "部门及职务", "电话", "手机"),
        row(cell("", merge="continue"), "", "", "", ""),
        row(cell("", merge="continue"), "魏慧敏", "部长", "010-51860913", "13500909960"),
        row(cell("", merge="continue"), "张三", "职员", "010-51860914", ""),
    ]
    reading, form = read(docx(*_form_with_contact(contact)))
    assert reading is Reading.FILLED
    got = answers(form)
    assert (got["contact_name"], got["contact_phone"], got["contact_mobile"]) == ("魏慧敏、张三", "010-51860913、010-51860914", "13500909960")
    assert form is not None
    assert any(key == "contact_name" for key, _ in form.inferred)


def test_contacts_in_one_cell_are_told_apart():
    contact = [row("联系人信息", cell("姓名：魏慧敏  部门及职务：科技发展部 部长\n电话：010-51860913；手机：13500909960", span=4))]
    assert _with_contact(contact) == good_values()


def test_contacts_with_label_and_value_side_by_side_are_read():
    contact = [
        row(cell("联系人信息", merge="restart"), "姓名", "魏慧敏", "部门及职务", "科技发展部 部长"),
        row(cell("", merge="continue"), "电话", "010-51860913", "手机", "13500909960"),
    ]
    assert _with_contact(contact) == good_values()


def test_a_value_row_with_other_merges_than_its_header_goes_by_columns():
    contact = [
        row(cell("联系人信息", merge="restart"), "姓名", cell("部门及职务", span=2), "电话", "手机"),
        row(cell("", merge="continue"), "魏慧敏", "科技发展部 部长", "", "010-51860913", "13500909960"),
    ]
    assert _with_contact(contact) == good_values()


def test_a_person_whose_position_is_a_word_of_the_form_is_read():
    contact = [
        row(cell("联系人信息", merge="restart"), "姓名", "部门及职务", "电话", "手机"),
        row(cell("", merge="continue"), "魏慧敏", "联系人", "010-51860913", "13500909960"),
    ]
    assert _with_contact(contact) == good_values(contact_position="联系人")


def _form_with_contact(rows: list[str]) -> list[str]:
    blocks = form_blocks(good_values(), leave_out=CONTACT)
    return [block.replace("</w:tbl>", f"{''.join(rows)}</w:tbl>") if block.startswith("<w:tbl") else block for block in blocks]


def _with_contact(rows: list[str]) -> dict:
    return filled(docx(*_form_with_contact(rows)))


@pytest.mark.parametrize(
    ("typed", "name", "number"),
    [
        ("魏慧敏 13500909960", "魏慧敏", "13500909960"),
        ("魏慧敏（010-51860913转802）", "魏慧敏", "010-51860913转802"),
        ("魏慧敏 电话：010-51860913", "魏慧敏", "010-51860913"),
        ("魏慧敏 13500909960、李文军 13500909961", "魏慧敏、李文军", "13500909960、13500909961"),
    ],
)
def test_a_number_beside_the_name_is_the_telephone_where_that_is_missing(typed, name, number):
    reading, form = read(docx(*_form_with_contact([row("联系人及电话", cell(typed, span=4))])))
    assert (reading, answers(form)) == (Reading.FILLED, good_values(contact_name=name, contact_position="", contact_phone=number, contact_mobile=""))
    assert form is not None
    assert any(key == "contact_name" and "已分开登记" in how for key, how in form.inferred)
    assert not any("未找到" in how for _, how in form.inferred)


def test_a_number_beside_the_name_stays_where_the_telephone_is_given():
    contact = [row("姓名", "魏慧敏 13500909960", "电话", "010-51860913")]
    got = _with_contact(contact)
    assert (got["contact_name"], got["contact_phone"]) == ("魏慧敏 13500909960", "010-51860913")


@pytest.mark.parametrize("typed", ["", "同上", "见联系人信息"])
@pytest.mark.parametrize("mobile", ["13500909960\nweihm@mgrid.example.cn", "13500909960 邮箱：weihm@mgrid.example.cn", "13500909960/weihm@mgrid.example.cn"])
def test_an_address_among_the_contacts_answers_is_the_one_that_its_own_field_lacks(typed, mobile):
    contact = [row("姓名", "魏慧敏", "电话", "010-51860913", "手机", cell(lines(mobile))), row("电子邮箱", cell(typed, span=5))]
    form = read(docx(*form_blocks(good_values(), leave_out=[*CONTACT, "email"], more_rows=contact)))[1]
    assert form is not None
    assert (form.get("email"), form.get("contact_mobile")) == ("weihm@mgrid.example.cn", "13500909960")
    assert any(key == "email" and "已分开登记" in how for key, how in form.inferred)


def test_an_address_that_was_given_is_not_replaced_by_another_one():
    contact = [row("姓名", "魏慧敏", "电话", "010-51860913 a@b.example"), row("电子邮箱", cell("weihm#mgrid", span=3))]
    form = read(docx(*form_blocks(good_values(), leave_out=[*CONTACT, "email"], more_rows=contact)))[1]
    assert form is not None
    assert (form.get("email"), form.get("contact_phone")) == ("weihm#mgrid", "010-51860913 a@b.example")
