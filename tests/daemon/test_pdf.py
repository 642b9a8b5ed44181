"""A PDF made from the form: its text for the staff, and nothing else of it; what runs away in one costs nothing but that text."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rules
from daemon.documents.jail import Jail
from daemon.documents.pdf import MOST_CHARS, MOST_PAGES, PdfUnread, read_pdf
from daemon.documents.pdf_process import MOST_BYTES, read_apart
from daemon.documents.printed import lines_of
from daemon.documents.reader import PDFS_MOST, Aids, Limits, Read, read_file, read_mail
from rules.form import read_form
from rules.submission import Document, Reading, Role, Status
from tests import pdfs
from tests.builders import form_docx, good_values, zlcp
from tests.mails import mail
from tests.pdfs import pdf, printed, text

NOTICE = (Path(rules.__file__).parent / "notices" / "zlcp-2024.toml").read_text(encoding="utf-8")
TITLE = "专利密集型产品认定产业评价中心承担单位申报表"
UNIT = "中国微电网设备行业协会"
ROWS = (
    ("单位名称", UNIT),
    ("通讯地址", "北京市西城区广安门南街甲12号"),
    ("电子邮箱", "a@b.example"),
    ("单位性质", "□√全国性行业协会\n□国家技术创新中心\n□其他"),
    ("意向产业领域", "微电网设备"),
    ("单位简介", "成立于2001年。\n有专家60名。"),
    ("评价能力", "强。"),
)
FORM = pdf(printed(*ROWS, title=TITLE))


def no_converter(data: bytes, ending: str) -> bytes:
    raise AssertionError


def read(*files: tuple[str, bytes], **aids) -> Read:
    return read_mail(mail(attachments=files), zlcp(), Limits(), Aids(no_converter, **aids))


def rows_of(document: Document) -> list[list[list[str]]]:
    return [[[cell.text for cell in row] for row in table.rows] for table in document.tables]


# -- the text


def test_the_cells_of_a_printed_form_are_read_and_the_title_stands_outside():
    document = read_pdf(FORM)
    assert rows_of(document) == [[list(row) for row in ROWS]]
    assert [paragraph.text for paragraph in document.paragraphs] == [TITLE]


def test_a_printed_form_is_read_as_the_form():
    reading, form = read_form(read_pdf(FORM), zlcp())
    assert reading is Reading.FILLED
    assert form.get("unit_types") == ("industry_association",)
    assert [form.get(key) for key in ("unit_name", "email", "introduction")] == [UNIT, "a@b.example", "成立于2001年。\n有专家60名。"]


def test_a_line_that_ran_full_goes_on_in_the_next_and_one_that_did_not_ends_a_paragraph():
    full = "一" * 32  # of 12 points, between 155 and 545
    assert rows_of(read_pdf(pdf(printed(("简介", f"{full}\n二。\n三。"))))) == [[["简介", f"{full}二。\n三。"]]]


def test_a_sign_that_may_not_begin_a_line_drags_the_character_before_it_along():
    assert rows_of(read_pdf(pdf(printed(("简介", "一" * 31 + "\n二，三"))))) == [[["简介", "一" * 31 + "二，三"]]]
    assert rows_of(read_pdf(pdf(printed(("简介", "一" * 31 + "\n（二）"))))) == [[["简介", "一" * 31 + "（二）"]]]


def test_between_two_words_of_broken_lines_stands_a_blank_and_within_a_broken_number_none():
    lines = "a b " + "c" * 28 + "\nnext", "0" * 32 + "\n1234", "a" * 20 + " " + "b" * 11 + "\n@c.example"
    found = rows_of(read_pdf(pdf(printed(*(("", line) for line in lines)))))
    assert [row[1] for row in found[0]] == [lines[0].replace("\n", " "), "0" * 32 + "1234", lines[2].replace("\n", "")]


def test_merged_cells_stand_once_with_their_columns():
    high = b"50 600 100 60 re S 150 630 200 30 re S 350 630 200 30 re S 150 600 400 30 re S\n"
    [table] = read_pdf(pdf(high + text("组", 60, 640) + text("甲", 160, 640) + text("乙", 360, 640) + text("丙", 160, 610))).tables
    assert [[(cell.text, cell.column, cell.span, cell.continues) for cell in row] for row in table.rows] == [
        [("组", 0, 1, False), ("甲", 1, 1, False), ("乙", 2, 1, False)],
        [("", 0, 1, True), ("丙", 1, 2, False)],
    ]


def test_a_row_that_a_pages_end_cut_in_mid_sentence_is_one():
    full = "一" * 32
    document = read_pdf(pdf(printed(("名称", "甲"), ("简介", full)), printed(("", "二。\n三。"), ("能力", "强。"))))
    assert rows_of(document) == [[["名称", "甲"], ["简介", f"{full}二。\n三。"], ["能力", "强。"]]]


def test_a_row_that_a_pages_end_cut_between_paragraphs_continues_its_label():
    [table] = read_pdf(pdf(printed(("简介", "一。")), printed(("", "二。")))).tables
    assert [(row[0].continues, row[1].text) for row in table.rows] == [(False, "一。"), (True, "二。")]


def test_tables_of_other_width_or_shape_on_the_next_page_stay_apart():
    document = read_pdf(pdf(printed(("简介", "一。")), printed(("", "二。"), widths=(100, 300))))
    assert len(document.tables) == 2
    [table] = read_pdf(pdf(printed(("简介", "一。")), printed(("二。",), ("甲", "乙")))).tables
    assert [[cell.continues for cell in row] for row in table.rows] == [[False, False], [False], [False, False]]


def test_a_drawn_tick_box_is_no_table():
    assert read_pdf(pdf(b"100 100 10 10 re S\n" + text("全国性行业协会", 120, 100))).tables == ()


def test_letters_printed_twice_to_look_bold_are_read_once():
    assert read_pdf(pdf(text("单位", 50, 700) + text("单位", 50.3, 700))).paragraphs[0].text == "单位"


def test_words_that_stand_apart_have_a_blank_between_them():
    assert read_pdf(pdf(text("年", 50, 700) + text("月", 90, 700))).paragraphs[0].text == "年 月"


@pytest.mark.parametrize(
    ("font", "code", "shown"),
    [
        ("ABCDEF+Wingdings2", "R", "☑"),
        ("Wingdings-Regular", "\xa8", "□"),
        ("OpenSymbol", "\uf0fe", "☑"),
        ("DejaVuSans", "\uf052", "\ufffd"),
        ("SimSun", "(cid:7)", "\ufffd"),
        ("SimSun", "R", "R"),
    ],
)
def test_a_box_is_read_by_its_font_and_is_unknown_where_no_font_tells(font, code, shown):
    [line] = lines_of([{"text": code, "fontname": font, "x0": 0.0, "x1": 9.0, "top": 0.0, "bottom": 12.0}])
    assert line.text == shown


# -- what cannot be read


LOCKED = pdf(printed(*ROWS), trailer=b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"11" * 32, b"22" * 32))


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"%PDF-1.4", b"%PDF-1.4\n" + bytes(5000), FORM[:600], LOCKED, pdf(b"")),
        pdf(text("多" * 200, 0, 0) * (MOST_CHARS // 200 + 1)),
        pdf(text("线", 0, 0) + b"0 0 m 9 900 l S\n" * 3000),
        pdfs.objects(b"<</Type/Catalog/Pages 1 0 R>>"),
        pdfs.a_loop_of_tables(),
    ],
    ids=["empty", "head alone", "zeros", "cut off", "password", "no text", "characters", "lines", "no pages", "loop"],
)
def test_what_cannot_be_read_is_said_to_be_unread(data, caplog):
    with pytest.raises(PdfUnread):
        read_pdf(data)
    assert not caplog.records


def test_pages_beyond_the_first_few_are_not_looked_at():
    document = read_pdf(pdf(*(text(f"第{number}页", 50, 700) for number in range(MOST_PAGES + 5))))
    assert len(document.paragraphs) == MOST_PAGES


def test_a_damaged_file_is_read_or_unread_and_nothing_else():
    chance = random.Random(7)
    for _ in range(150):
        data = bytearray(FORM)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_pdf(bytes(data))
        except PdfUnread:
            continue


# -- apart


def test_the_process_apart_hands_back_what_was_read():
    assert read_apart(FORM) == read_pdf(FORM)
    assert read_apart(LOCKED) is None
    assert read_apart(bytes(MOST_BYTES + 1)) is None


@pytest.mark.parametrize("runaway", pdfs.RUNAWAYS)
def test_a_file_that_runs_away_is_given_up(runaway):
    data, started = runaway(), time.monotonic()
    assert read_apart(data, seconds=1) is None
    assert time.monotonic() - started < 10


def test_the_reader_of_mails_does_not_load_the_parser_of_pdfs():
    script = "import sys, daemon.documents.inmate, daemon.documents.reader; sys.exit('pdfplumber' in sys.modules or 'pdfminer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# -- as an attachment


def test_a_printed_form_stays_a_scan_and_carries_what_it_says():
    [found] = read(("申报表.pdf", FORM)).attachments
    assert (found.role, found.status, found.reading, found.media_type) == (Role.SCAN, Status.OK, Reading.NOT_READ, "application/pdf")
    assert found.form.get("unit_name") == UNIT


def test_a_printed_form_comes_through_the_jail():
    jail = Jail(NOTICE, Limits(), workers=1)
    try:
        [found] = jail.read_file("申报表.pdf", FORM).attachments
        [runaway] = jail.read_file("申报表.pdf", pdfs.forms_within_forms()).attachments
    finally:
        jail.close()
    assert found.form.get("unit_name") == UNIT
    assert (runaway.role, runaway.status, runaway.form) == (Role.SCAN, Status.OK, None)


@pytest.mark.parametrize("data", [pdf(printed(("单位名称", ""), *(row for row in ROWS[3:4]))), pdf(text("介绍信", 50, 700)), LOCKED, b"%PDF-1.4 ..."])
def test_any_other_pdf_is_a_scan_and_no_more(data):
    [found] = read(("盖章页.pdf", data)).attachments
    assert (found.role, found.status, found.reading, found.form) == (Role.SCAN, Status.OK, Reading.NOT_READ, None)


def test_beside_a_filled_in_word_form_no_pdf_is_read_whichever_comes_first():
    def never(data: bytes) -> Document | None:
        raise AssertionError

    found = read(("盖章.pdf", FORM), ("申报表.docx", form_docx(good_values())), read_pdf=never)
    assert [(each.role, each.form is not None) for each in found.attachments] == [(Role.SCAN, False), (Role.FORM, True)]


def test_only_a_few_pdfs_of_a_mail_are_read_and_none_when_the_time_is_used_up(monkeypatch):
    seen: list[bytes] = []

    def reading(data: bytes) -> Document | None:
        seen.append(data)
        return None

    files = [(f"{number}.pdf", FORM + b"%d" % number) for number in range(PDFS_MOST + 2)]
    read(*files, read_pdf=reading)
    assert len(seen) == PDFS_MOST
    monkeypatch.setattr("daemon.documents.reader.SECONDS", -1.0)
    read(*files, read_pdf=reading)
    assert len(seen) == PDFS_MOST


def test_a_printed_form_in_a_bare_file_is_read_too():
    [found] = read_file("申报表.pdf", FORM, zlcp(), Limits(), Aids(no_converter)).attachments
    assert found.form is not None
