import csv
import io
import json
import warnings
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from daemon.register import CUT, LONGEST_CELL, form_object, register_csv, register_json, register_xlsx
from rules.submission import Form
from tests.daemon.papers import form_of, notice, problem, register_line

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", "\t=1", "\r=1", " =1", '=HYPERLINK("http://evil.example")', "＝1+1"]


def sheet_of(data: bytes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(data)).active


def table_of(data: bytes) -> list[dict[str, object]]:
    rows = list(sheet_of(data).values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def csv_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_each_application_is_a_row_with_every_field_under_its_printed_label():
    (row,) = table_of(register_xlsx([register_line(1, version=2)], notice()))
    assert list(row)[:6] == ["编号", "单位名称", "状态", "收到时间", "版本", "发件人"]
    assert {field.label for field in notice().fields} <= set(row)
    assert (row["编号"], row["单位名称"], row["状态"], row["版本"]) == ("ZLCP-2024-0001", "中国示例设备第1协会", "已受理", "2")
    assert (row["收到时间"], row["发件人"]) == ("2024-09-09 09:00:00", "office1@unit.example")
    assert (row["单位性质"], row["意向产业领域"]) == ("全国性行业协会", "微电网设备、新型储能")
    assert row["专利密集型产品评价能力"] == "一支专家队伍。\n一个数据库。"


def test_what_must_still_be_corrected_stands_in_the_last_column():
    open_points = (problem(message="缺通讯地址。"), problem("subject.form", "写法不同。", "note"), problem(message="缺单位性质。"))
    (row,) = table_of(register_xlsx([register_line(1, status="correction", problems=open_points)], notice()))
    assert row["状态"] == "待补正"
    assert row["待补正问题"] == "1. 缺通讯地址。\n2. 缺单位性质。"


def test_an_application_without_a_form_has_a_row_all_the_same():
    line = register_line(1, status="review", form=None)
    (row,) = table_of(register_xlsx([line], notice()))
    assert (row["编号"], row["状态"], row["通讯地址"]) == ("ZLCP-2024-0001", "待人工核对", "")
    assert json.loads(register_json([line], notice()))[0]["form"] is None


def test_an_empty_register_still_shows_its_headings():
    assert next(sheet_of(register_xlsx([], notice())).values)[0] == "编号"
    assert register_csv([], notice()).decode("utf-8-sig").startswith("编号,单位名称")
    assert json.loads(register_json([], notice())) == []


def test_the_header_is_frozen_and_can_be_filtered():
    sheet = sheet_of(register_xlsx([register_line(1), register_line(2)], notice()))
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.auto_filter.ref.endswith("3")
    assert sheet["H2"].alignment.wrap_text


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_the_workbook_is_a_formula_or_a_link(text):
    line = register_line(1, unit_name=text, sender=text, form=form_of(1, introduction=text))
    for row in sheet_of(register_xlsx([line], notice())).iter_rows():
        assert all(cell.data_type in {"s", "n"} and cell.hyperlink is None for cell in row)
        assert all(cell.value is None for cell in row if cell.data_type == "n")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_the_csv_can_be_taken_for_a_formula(text):
    (row,) = csv_of(register_csv([register_line(1, unit_name=text, form=form_of(1, introduction=text))], notice()))
    assert row["单位名称"].startswith("'")
    assert row["单位简介"] == f"'{text}"


def test_csv_opens_in_excel_as_utf_8_and_keeps_line_breaks():
    data = register_csv([register_line(1)], notice())
    assert data.startswith(b"\xef\xbb\xbf")
    (row,) = csv_of(data)
    assert row["专利密集型产品评价能力"] == "一支专家队伍。\n一个数据库。"


@pytest.mark.parametrize("text", ["长" * 40_000, "😀" * 20_000, "a" + "😀" * 20_000])
def test_a_text_too_long_for_a_cell_is_cut_and_says_so(text):
    (row,) = table_of(register_xlsx([register_line(1, form=form_of(1, introduction=text))], notice()))
    cell = str(row["单位简介"])
    assert cell.endswith(CUT)
    assert text.startswith(cell.removesuffix(CUT))
    assert LONGEST_CELL - 1 <= len(cell.encode("utf-16-le")) // 2 <= LONGEST_CELL


def test_a_text_that_just_fits_a_cell_is_whole():
    text = "长" * LONGEST_CELL
    (row,) = table_of(register_xlsx([register_line(1, form=form_of(1, introduction=text))], notice()))
    assert row["单位简介"] == text


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_any_text_makes_a_workbook_that_opens(text):
    line = register_line(1, unit_name=text, sender=text, form=form_of(1, introduction=text))
    assert len(table_of(register_xlsx([line], notice()))) == 1
    assert len(csv_of(register_csv([line], notice()))) == 1
    assert json.loads(register_json([line], notice()))[0]["number"] == line.number


def test_json_has_the_contracts_keys_and_beijing_time():
    (entry,) = json.loads(register_json([register_line(1)], notice()))
    assert {"number", "unit_name", "status", "received_at", "version", "sender", "form"} <= set(entry)
    assert (entry["status"], entry["version"], entry["received_at"]) == ("accepted", 1, "2024-09-09T09:00:00+08:00")
    assert datetime.fromisoformat(entry["updated_at"]).utcoffset() == timedelta(hours=8)


def test_the_form_object_is_flat_with_every_field_of_the_notice():
    flat = form_object(form_of(1), notice())
    assert flat is not None
    assert list(flat) == [field.key for field in notice().fields]
    assert flat["unit_types"] == ["industry_association"]
    assert flat["industries"] == ["微电网设备", "新型储能"]
    assert flat["unit_opinion"] == ""
    assert form_object(Form(), notice()) == {field.key: [] if field.kind in {"choice", "list"} else "" for field in notice().fields}
    assert form_object(None, notice()) is None
