"""Numbers of automatic lists and hidden styles: what a person sees of a document beyond its stored text."""

import pytest

from daemon.documents.word import read_word
from rules.submission import Document
from tests.ooxml import W, docx, paragraph, run

LISTS = "word/numbering.xml"
STYLES = "word/styles.xml"


def level(numerals: str, text: str, *, depth: int = 0, start: int = 1, font: str = "") -> str:
    fonts = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr>' if font else ""
    return f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{numerals}"/><w:lvlText w:val="{text}"/>{fonts}</w:lvl>'


def numbering(*levels: str) -> str:
    """Two lists, 1 and 2, of one definition."""
    lists = "".join(f'<w:num w:numId="{name}"><w:abstractNumId w:val="7"/></w:num>' for name in (1, 2))
    return f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="7">{"".join(levels)}</w:abstractNum>{lists}</w:numbering>'


def item(text: str, *, depth: int = 0, name: int = 1) -> str:
    return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{name}"/></w:numPr></w:pPr>{run(text) if text else ""}</w:p>'


def texts(document: Document) -> list[str]:
    return [each.text for each in document.paragraphs]


@pytest.mark.parametrize(
    ("numerals", "text", "shown"),
    [
        ("decimal", "%1.", ["1.", "2.", "3."]),
        ("chineseCounting", "（%1）", ["（一）", "（二）", "（三）"]),
        ("chineseCountingThousand", "%1、", ["一、", "二、", "三、"]),
        ("japaneseCounting", "第%1条", ["第一条", "第二条", "第三条"]),
        ("decimalEnclosedCircleChinese", "%1", ["①", "②", "③"]),
        ("decimalZero", "%1", ["01", "02", "03"]),
        ("lowerLetter", "%1)", ["a)", "b)", "c)"]),
        ("upperLetter", "%1.", ["A.", "B.", "C."]),
        ("bullet", "●", ["", "", ""]),
        ("none", "", ["", "", ""]),
        ("hebrew1", "%1.", ["", "", ""]),
    ],
)
def test_the_numbers_of_a_list_are_text(numerals, text, shown):
    document = read_word(docx(*(item(name) for name in "甲乙丙"), parts={LISTS: numbering(level(numerals, text))}))
    assert texts(document) == [f"{number}{name}" for number, name in zip(shown, "甲乙丙", strict=True)]


def test_numbers_go_on_past_ten_and_begin_where_the_list_says():
    document = read_word(docx(*(item("甲") for _ in range(15)), parts={LISTS: numbering(level("chineseCounting", "%1、", start=8))}))
    assert [text[:-2] for text in texts(document)] == [
        "八",
        "九",
        "十",
        "十一",
        "十二",
        "十三",
        "十四",
        "十五",
        "十六",
        "十七",
        "十八",
        "十九",
        "二十",
        "二十一",
        "二十二",
    ]


def test_a_deeper_level_begins_anew_under_each_number():
    levels = [level("decimal", "%1."), level("decimal", "%1.%2", depth=1)]
    blocks = [item("甲"), item("子", depth=1), item("丑", depth=1), item("乙"), item("寅", depth=1)]
    assert texts(read_word(docx(*blocks, parts={LISTS: numbering(*levels)}))) == ["1.甲", "1.1子", "1.2丑", "2.乙", "2.1寅"]


def test_each_list_counts_for_itself_and_an_empty_item_is_no_text():
    blocks = [item("甲"), item(""), item("乙"), item("丙", name=2), paragraph("丁")]
    assert texts(read_word(docx(*blocks, parts={LISTS: numbering(level("decimal", "%1."))}))) == ["1.甲", "", "3.乙", "1.丙", "丁"]


@pytest.mark.parametrize(("code", "box"), [("\uf0a8", "□"), ("\uf0fe", "☑"), ("\uf06c", "")])
def test_a_bullet_that_is_a_box_is_one(code, box):
    parts = {LISTS: numbering(level("bullet", code, font="Wingdings"))}
    assert texts(read_word(docx(item("全国性行业协会"), parts=parts))) == [f"{box}全国性行业协会"]


def test_a_style_may_bring_its_list():
    style = (
        '<w:style w:styleId="Base"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style><w:style w:styleId="Own"><w:basedOn w:val="Base"/></w:style>'
    )
    parts = {LISTS: numbering(level("decimal", "%1.")), STYLES: f'<w:styles xmlns:w="{W}">{style}</w:styles>'}
    styled = "<w:p><w:pPr><w:pStyle w:val='Own'/>{}</w:pPr><w:r><w:t>甲</w:t></w:r></w:p>"
    without = styled.format('<w:numPr><w:numId w:val="0"/></w:numPr>')
    assert texts(read_word(docx(styled.format(""), without, styled.format(""), parts=parts))) == ["1.甲", "甲", "2.甲"]


def test_what_a_style_hides_is_not_seen():
    style = '<w:style w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId="Own"><w:basedOn w:val="Base"/></w:style>'
    runs = [run("见"), run("隐", more='<w:rStyle w:val="Own"/>'), run("显", more='<w:rStyle w:val="Own"/><w:vanish w:val="0"/>')]
    assert texts(read_word(docx(paragraph(*runs), parts={STYLES: f'<w:styles xmlns:w="{W}">{style}</w:styles>'}))) == ["见显"]


def test_styles_based_on_each_other_and_damaged_parts_are_no_obstacle():
    ring = '<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style><w:style w:styleId="B"><w:basedOn w:val="A"/></w:style>'
    assert texts(read_word(docx(item("甲"), parts={STYLES: f'<w:styles xmlns:w="{W}">{ring}</w:styles>'}))) == ["甲"]
    assert texts(read_word(docx(item("甲"), parts={LISTS: "<w:numbering", STYLES: b"\x00"}))) == ["甲"]
