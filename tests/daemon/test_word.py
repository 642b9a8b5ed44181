"""What a person sees of a Word file is what read_word makes of it."""

import pytest

from daemon.documents.word import read_word
from rules.submission import Document
from tests.ooxml import cell, checkbox, docx, field, legacy_checkbox, lines, paragraph, row, run, sdt, sym, table, text_box

INSERTED, DELETED = '<w:ins w:id="1" w:author="a">{}</w:ins>', '<w:del w:id="2" w:author="a">{}</w:del>'


def text(*runs: str) -> str:
    """What one paragraph of these runs reads as."""
    return "\n".join(item.text for item in read_word(docx(paragraph(*runs))).paragraphs)


def texts(document: Document) -> list[list[list[str]]]:
    return [[[item.text for item in cells] for cells in found.rows] for found in document.tables]


SYMBOLS = [("Wingdings", code, "☑") for code in ("FE", "FC")] + [("Wingdings", code, "☒") for code in ("FD", "FB", "78")]
SYMBOLS += [("Wingdings", code, "□") for code in ("A8", "6F", "70", "71", "72")] + [("Wingdings", code, "■") for code in ("6E", "A7")]
SYMBOLS += [("Wingdings 2", code, "☑") for code in ("52", "50")] + [("Wingdings 2", code, "☒") for code in ("53", "54", "51", "4F")]
SYMBOLS += [("Wingdings 2", code, "□") for code in ("A3", "A4")] + [("Wingdings 2", code, "■") for code in ("A0", "A2")]


@pytest.mark.parametrize(("font", "code", "box"), SYMBOLS)
def test_a_symbol_is_known_by_font_and_code_plain_or_private(font, code, box):
    assert text(sym(font, code)) == box
    assert text(sym(font, f"F0{code}")) == box
    assert text(run(chr(0xF000 + int(code, 16)), font=font)) == box
    assert text(run(chr(int(code, 16)), font=font)) == box


def test_a_symbol_in_an_ordinary_font_is_its_character():
    assert text(sym("MS Gothic", "2612"), sym("Segoe UI Symbol", "2611")) == "☒☑"


def test_a_symbol_of_unknown_meaning_is_a_box_of_unknown_state():
    assert text(sym("Wingdings", "F04A")) == "\ufffd"


def test_a_symbol_without_its_font_is_still_a_box():
    assert text(run("\uf052\uf0a3\uf0fe\uf0a8")) == "☑□☑□"


def test_letters_in_an_ordinary_font_stay_letters():
    assert text(run("R£Pþ o"), run("中文 R", font="Wingdings")) == "R£Pþ o中文 R"


@pytest.mark.parametrize("plain", ["☑√□×✓ typed", "a\tb\nc", "  前后有空格  ", "０１０－６２１５", "\ue000", "<&>\"'"])
def test_plain_text_survives_exactly(plain):
    assert text(run(plain)) == plain


@pytest.mark.parametrize(("checked", "box"), [(True, "☑"), (False, "□")])
def test_a_check_box_is_read_by_its_state_and_never_twice(checked, box):
    assert text(checkbox(checked=checked), run("甲")) == f"{box}甲"
    document = read_word(docx(checkbox(checked=checked, content=paragraph("☒")), table(row(checkbox(checked=checked, content=cell("☐")), "乙"))))
    assert document.paragraphs[0].text == box
    assert texts(document) == [[[box, "乙"]]]


@pytest.mark.parametrize(
    ("state", "box"),
    [
        ("<w:checked/>", "☑"),
        ('<w:checked w:val="1"/>', "☑"),
        ('<w:checked w:val="true"/>', "☑"),
        ('<w:checked w:val="0"/>', "□"),
        ("", "□"),
        ('<w:checked w:val="false"/>', "□"),
    ],
)
def test_an_old_check_box_is_read_by_its_state(state, box):
    assert text(legacy_checkbox(state), run("甲")) == f"{box}甲"


def test_an_old_check_box_that_was_never_touched_goes_by_its_default():
    data = "<w:ffData><w:checkBox><w:default/></w:checkBox></w:ffData>"
    assert text(field("FORMCHECKBOX", None, data), run("甲")) == "☑甲"


def test_an_old_list_shows_the_chosen_entry():
    entries = "".join(f'<w:listEntry w:val="{name}"/>' for name in ("请选择", "甲", "乙"))
    assert text(field("FORMDROPDOWN", None, f'<w:ffData><w:ddList><w:result w:val="2"/>{entries}</w:ddList></w:ffData>')) == "乙"
    assert text(field("FORMDROPDOWN", None, f"<w:ffData><w:ddList>{entries}</w:ddList></w:ffData>")) == ""


@pytest.mark.parametrize(
    ("instruction", "shown"),
    [("eq \\o\\ac(□,√)", "☑"), (" EQ \\o(√,□) ", "☑"), ("EQ \\o\\ac(□,×)", "☒"), ("EQ \\* jc2 \\o\\ad(\\s\\up 9(pin),汉)", "汉")],
)
def test_an_equation_that_draws_a_tick_is_a_tick(instruction, shown):
    assert text(field(instruction), run("甲")) == f"{shown}甲"
    assert text(f'<w:fldSimple w:instr="{instruction}"/>', run("甲")) == f"{shown}甲"


def test_an_instruction_is_no_text_but_a_result_is():
    assert text(run("见"), field(" HYPERLINK mailto:a@example.cn ", run("a@example.cn")), run("。")) == "见a@example.cn。"


def test_a_field_that_never_ends_swallows_nothing_after_its_paragraph():
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>'
    document = read_word(docx(paragraph(begin), paragraph("后文")))
    assert document.paragraphs[-1].text == "后文"


def test_tracked_changes_are_read_as_accepted():
    moved = f'<w:moveFrom w:id="3" w:author="a">{run("旧")}</w:moveFrom><w:moveTo w:id="4" w:author="a">{run("新")}</w:moveTo>'
    deleted = DELETED.format("<w:r><w:delText>删</w:delText></w:r>")
    assert text(run("甲"), INSERTED.format(run("乙")), deleted, moved) == "甲乙新"
    document = read_word(docx(table(row("留"), row("去", more='<w:del w:id="5" w:author="a"/>'), row("增", more='<w:ins w:id="6" w:author="a"/>'))))
    assert texts(document) == [[["留"], ["增"]]]


def test_a_paragraph_whose_mark_was_deleted_runs_on_into_the_next():
    document = read_word(docx(paragraph("前半", mark_deleted=True), paragraph("后半"), paragraph("另一段")))
    assert [item.text for item in document.paragraphs] == ["前半后半", "另一段"]


def test_what_wraps_a_run_hides_nothing():
    wrapped = f'<w:smartTag w:element="a">{run("甲")}</w:smartTag><w:hyperlink>{run("乙")}</w:hyperlink><w:fldSimple w:instr="DATE">{run("丙")}</w:fldSimple>'
    assert text(wrapped, sdt(run("丁")), f'<w:customXml w:element="a">{run("戊")}</w:customXml>') == "甲乙丙丁戊"


def test_content_controls_hide_nothing_at_any_level():
    rows = sdt(row("甲", sdt(cell("乙")), "丙"))
    document = read_word(docx(sdt(paragraph("丁") + sdt(table(rows)))))
    assert document.paragraphs[0].text == "丁"
    assert texts(document) == [[["甲", "乙", "丙"]]]
    assert [item.column for item in document.tables[0].rows[0]] == [0, 1, 2]


def test_a_text_box_is_read_once_after_its_paragraph():
    for drawing in (True, False):
        document = read_word(docx(paragraph(run("前"), text_box(paragraph("框内"), drawing=drawing), run("后")), paragraph("下一段")))
        assert [item.text for item in document.paragraphs] == ["前后", "框内", "下一段"]


def test_a_tick_drawn_as_a_text_box_stands_where_it_is_anchored():
    for drawing in (True, False):
        assert text(run("□"), text_box(paragraph("√"), drawing=drawing), run("甲")) == "□√甲"


def test_a_check_box_that_was_drawn_around_its_words_keeps_them():
    assert text(checkbox(checked=True, content=run("☒甲乙")), checkbox(checked=False, content=run("☐") + run("丙丁"))) == "☑甲乙□丙丁"
    assert text(checkbox(checked=True, content=sym("Wingdings 2", "0052") + run("甲乙"))) == "☑甲乙"


def test_hidden_rows_and_deleted_cells_are_not_seen():
    gone = '<w:tc><w:tcPr><w:cellDel w:id="1" w:author="a"/></w:tcPr><w:p><w:r><w:t>旧</w:t></w:r></w:p></w:tc>'
    shown = row("丙", more='<w:hidden w:val="0"/>')
    assert texts(read_word(docx(table(row("藏", more="<w:hidden/>"), row("甲", gone, "乙"), shown)))) == [[["甲", "乙"], ["丙"]]]


@pytest.mark.parametrize(
    ("font", "code", "shown"), [("Wingdings", "F081", "①"), ("Wingdings", "F08D", "❷"), ("Wingdings", "F0E0", "→"), ("Symbol", "F0B3", "≥")]
)
def test_numbers_in_rings_and_arrows_are_text(font, code, shown):
    assert text(sym(font, code), run("甲")) == f"{shown}甲"


@pytest.mark.parametrize(
    ("look", "marked"),
    [
        ('<w:highlight w:val="yellow"/>', True),
        ('<w:color w:val="FF0000"/>', True),
        ('<w:shd w:val="clear" w:color="auto" w:fill="FFFF00"/>', True),
        ('<w:shd w:val="clear" w:color="auto" w:fill="auto"/>', False),
        ('<w:highlight w:val="none"/>', False),
        ('<w:color w:val="auto"/>', False),
        ('<w:color w:val="000000"/>', False),
        ("", False),
    ],
)
def test_a_run_is_marked_by_colour_highlighting_or_shading(look, marked):
    assert read_word(docx(paragraph(run("甲", more=look)))).paragraphs[0].runs[0].marked is marked


def test_what_cannot_be_seen_is_left_out():
    hidden = run("隐藏", more="<w:vanish/>") + run("可见", more='<w:vanish w:val="0"/>')
    ruby = f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('hàn')}</w:rt><w:rubyBase>{run('汉')}</w:rubyBase></w:ruby></w:r>"
    signs = '<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/><w:footnoteReference w:id="1"/></w:r><!-- comment --><?pi x?>'
    assert text(hidden, ruby, signs) == "可见汉a-b"


def test_styles_of_runs_are_kept_and_switches_may_be_off():
    runs = (
        read_word(
            docx(paragraph(run("甲", bold=True), run("乙", underlined=True), run("丙", struck=True), run("丁", more='<w:b w:val="0"/><w:u w:val="none"/>')))
        )
        .paragraphs[0]
        .runs
    )
    assert [(item.text, item.bold, item.underlined, item.struck) for item in runs] == [
        ("甲", True, False, False),
        ("乙", False, True, False),
        ("丙", False, False, True),
        ("丁", False, False, False),
    ]


def test_merged_cells_stand_once_with_their_columns():
    grid = table(
        row(cell("甲", merge="restart"), cell("乙", span=3), "丙"),
        row(cell("藏", merge="continue"), "丁", more='<w:gridBefore w:val="2"/>'),
        row('<w:tc><w:tcPr><w:hMerge w:val="restart"/></w:tcPr><w:p/></w:tc>', "<w:tc><w:tcPr><w:hMerge/></w:tcPr><w:p/></w:tc>", "戊"),
    )
    rows = read_word(docx(grid)).tables[0].rows
    assert [[(item.column, item.span, item.continues) for item in cells] for cells in rows] == [
        [(0, 1, False), (1, 3, False), (4, 1, False)],
        [(2, 1, True), (3, 1, False)],
        [(0, 1, False), (2, 1, False)],
    ]


def test_a_nested_table_is_in_its_cell():
    document = read_word(docx(table(row(cell(lines("甲\n乙") + table(row("丙")))))))
    outer = document.tables[0].rows[0][0]
    assert (outer.text.strip(), outer.tables[0].rows[0][0].text) == ("甲\n乙", "丙")
    assert len(document.tables) == 1


def test_a_line_break_is_a_line_break():
    assert text(run("甲\n乙"), "<w:r><w:cr/><w:t>丙</w:t></w:r>") == "甲\n乙\n丙"


def test_a_deleted_mark_at_the_end_loses_nothing():
    assert [item.text for item in read_word(docx(paragraph("最后", mark_deleted=True))).paragraphs] == ["最后"]


def test_what_is_stored_twice_between_paragraphs_is_read_once():
    twice = f'<mc:AlternateContent><mc:Choice Requires="wps">{paragraph("甲")}</mc:Choice><mc:Fallback>{paragraph("甲")}</mc:Fallback></mc:AlternateContent>'
    assert [item.text for item in read_word(docx(twice, "<mc:AlternateContent/>")).paragraphs] == ["甲"]


def test_a_choice_that_shows_nothing_gives_way_to_its_fallback():
    picture = f'<w:r><mc:AlternateContent><mc:Choice Requires="x"><w:drawing/></mc:Choice><mc:Fallback>{run("乙")}</mc:Fallback></mc:AlternateContent></w:r>'
    nothing = '<w:r><mc:AlternateContent><mc:Choice Requires="x"><w:drawing/></mc:Choice></mc:AlternateContent></w:r>'
    assert text(run("甲"), picture, nothing) == "甲乙"


def test_a_symbol_within_an_equation_is_its_tick():
    symbol = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    begin, instruction = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "<w:r><w:instrText>eq \\o\\ac(□,</w:instrText></w:r>"
    end = '<w:r><w:instrText>)</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert text(begin + instruction + symbol + end, run("甲")) == "☑甲"


@pytest.mark.parametrize(
    "odd",
    [
        '<w:r><w:sym w:font="Wingdings" w:char="zz"/></w:r>',
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        "<w:r><w:instrText>eq</w:instrText></w:r>",
        "<w:sdt><w:sdtPr><w14:checkbox/></w:sdtPr></w:sdt>",
        "<w14:checkbox/>",
    ],
)
def test_pieces_out_of_place_are_passed_over(odd):
    assert text(odd, run("甲")) == "甲"


def test_an_empty_check_box_control_still_shows_its_box():
    assert text(checkbox(checked=True, content="<w:bookmarkStart/>"), run("甲")) == "☑甲"
