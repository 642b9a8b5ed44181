"""Which box is ticked, however it is stored or typed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.documents.word import read_word
from rules.form import read_form
from rules.notice import Option
from rules.passage import Passage
from rules.ticks import Ticked, read_ticks
from tests.builders import TICKS, form_blocks, form_docx, good_values, zlcp
from tests.ooxml import cell, docx, paragraph, row, run, table

CHOICE = zlcp().field("unit_types")
KEYS = [option.key for option in CHOICE.options]
LABELS = {option.key: option.label for option in CHOICE.options}
INFERRED = {"bold", "underlined", "struck", "only", "named", "crossed"}
A, B, C, D, E, F = LABELS.values()


def read(text: str) -> Ticked:
    return read_ticks(Passage(text, "0" * len(text)), CHOICE)


def ticked(text: str) -> list[str]:
    """The letters of the ticked options: the first is A."""
    return ["ABCDEF"[KEYS.index(key)] for key in read(text).keys]


def form_of(*content: str):
    blocks = form_blocks(good_values(), leave_out=["unit_types"], more_rows=[row("单位性质", cell("".join(content), span=4))])
    form = read_form(read_word(docx(*blocks)), zlcp())[1]
    assert form is not None
    return form


@pytest.mark.parametrize("ticks", [ticks for ticks in TICKS if ticks != "unknown"])
@pytest.mark.parametrize("joined", ["\n", "        ", " ", ""], ids=["lines", "wide", "narrow", "close"])
@pytest.mark.parametrize("key", KEYS)
def test_the_ticked_option_is_found_in_every_way_of_storing_it(ticks, joined, key):
    form = read_form(read_word(form_docx(good_values(unit_types=[key]), ticks=ticks, joined=joined)), zlcp())[1]
    assert form is not None
    assert form.choices["unit_types"] == (key,)
    torn = ticks == "before_box" and joined == "" and key != KEYS[0]  # 甲√□乙 may mean either: that is told
    assert bool(form.inferred) is (ticks in INFERRED or torn)
    assert form.unread == ()


@pytest.mark.parametrize("ticks", [ticks for ticks in TICKS if ticks not in INFERRED | {"unknown"}])
@pytest.mark.parametrize("keys", [[], KEYS[1:3], [KEYS[0], KEYS[5]], KEYS[3:]], ids=len)
def test_none_and_several_are_read_as_such(ticks, keys):
    form = read_form(read_word(form_docx(good_values(unit_types=keys), ticks=ticks)), zlcp())[1]
    assert form is not None
    assert list(form.choices["unit_types"]) == keys


def test_boxes_that_became_brackets_are_unread_not_empty():
    form = read_form(read_word(form_docx(good_values(), ticks="unknown")), zlcp())[1]
    assert form is not None
    assert (form.choices["unit_types"], form.unread) == ((), ("unit_types",))


def test_a_tick_among_boxes_that_became_brackets_is_read():
    assert read(f"({A}\n√{B}\n({C}\n({D}\n({E}\n({F}") == Ticked((KEYS[1],))


def test_an_option_in_brackets_of_its_own_is_no_lost_box():
    assert read(f"（{A}）\n{B}\n□{C}") == Ticked()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"□{A} □{B}√ □{C} □{D}", "B"),  # typed behind, blanks on both sides
        (f"□{A}√        □{B}", "A"),
        (f"□{A}        √□{B}", "B"),
        (f"□{A}\n□{B} √\n□{C}", "B"),
        (f"{A}□ {B}☑ {C}□ {D}□", "B"),
        (f"{A}（ ）{B}（√）{C}（ ）", "B"),
        (f"{A}( ) {B}(√) {C}( )", "B"),
        (f"[ ] {A}\n[x] {B}\n[ ] {C}", "B"),
        (f"[ ] {A}\n[√] {B}\n[x] {C}", "B"),
        (f"○{A} ●{B} ○{C}", "B"),
        (f"◯{A} ⊙{B} ◯{C}", "B"),
        (f"V{A}\n□{B}\n□{C}", "A"),
        (f"□{A}\n□v{B}\n□{C}", "B"),
        (f"□{A}\nⅤ{B}\n□{C}", "B"),
        (f"R{A}\n£{B}\n£{C}", "A"),
        (f"□{A}\n□{B}\n□{C}√", "C"),
        (f"□\n{A}\n☑\n{B}\n□\n{C}", "B"),
        (f"□{A}\n✅{B}\n□{C}", "B"),
        (f"□ 全 国 性 行 业 协 会\n√ 国 家 技 术 创 新 中 心\n□{C}", "B"),
        (f"1.□{A}\n2.√{B}\n3.□{C}", "B"),
        (f"□{A}；√{B}；□{C}；□{D}。", "B"),
        (f"{A} √{B} {C} {D}", "B"),
        (f"{A}√ {B} {C} {D}", "A"),
        (f"{A} {B}√ {C} {D}", "B"),
        (f"√\t{A}\n\t{B}\n\t{C}", "A"),
        (f"{A}\t√\n{B}\t\n{C}\t", "A"),
        (f"□{A}\n√其它\n□{B}", "F"),
        (f"□{A}\n√其他（请注明）：高等学校\n□{B}", "F"),
        (f"□{A}\n√国家实验室/全国重点实验室\n□{B}", "E"),
        (f"□{A}\n√全国重点实验室\n□{B}", "E"),
        (f"□{A}\n√中央企业集团公司\n□{B}", "D"),
        (f"×{A}\n√{B}\n×{C}", "B"),
        (f"□{A}\n×{B}\n□{C}", "B"),
        (f"☒{A}\n☐{B}\n☐{C}", "A"),
        (f"☒{A}\n☑{B}\n☐{C}", "B"),
        (f"■{A}\n□{B}\n□{C}", "A"),
        (f"■{A}\n■{B}\n■{C}", ""),
        (f"●{A}\n●{B}√\n●{C}", "B"),
        (f"□{A}\n□{B}\n□{C}\n□{D}\n□{E}\n□{F}", ""),
        (f"{A}\n{B}\n{C}\n{D}\n{E}\n{F}", ""),
        ("", ""),
        ("□\n□", ""),
    ],
)
def test_typed_boxes_are_read_as_a_person_reads_them(text, expected):
    assert "".join(ticked(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"□{A}", "A"),
        (A, "A"),
        ("全国性协会", "A"),
        ("行业协会", "A"),
        ("中央企业二级单位", "D"),
        ("其他：高等学校", "F"),
        (f"□{A}\n□{B}\n□其他   高等学校   ", "F"),
        (f"×{A}\n×{B}\n□{C}", "C"),
        (f"{A}：否\n{B}：是\n{C}：否", "B"),
        (f"□{A}（是）\n□{B}\n□{C}", "A"),
        (f"□{A}\n{B}\n□{C}\n□{D}\n□{E}\n□{F}", "B"),
    ],
)
def test_what_is_concluded_without_a_tick_is_shown_to_the_staff(text, expected):
    assert "".join(ticked(text)) == expected
    assert read(text).inferred


@pytest.mark.parametrize(
    ("place", "words"),
    [
        *((3, words) for words in ("中央企业二级单位", "中央企业集团公司", "央企二级单位", "中央企业集团公司及所属二级单位", "央企集团公司")),
        *((4, words) for words in ("国家重点实验室", "全国重点实验室", "国家实验室/全国重点实验室")),
        *((0, words) for words in ("全国行业协会", "全国性的行业协会")),
        (1, "国家级技术创新中心"),
        (2, "知识产权运营中心"),
    ],
)
@pytest.mark.parametrize("joined", ["\n", "  "])
def test_an_option_in_other_words_keeps_its_box(place, words, joined):
    names = [A, B, C, D, E, F]
    names[place] = words
    for number, letter in enumerate("ABCDEF"):
        assert ticked(joined.join(f"{'☑' if number == other else '□'}{name}" for other, name in enumerate(names))) == [letter]


def test_an_option_in_other_words_is_shown_to_the_staff():
    assert "与原表不同" in read(f"□{A}\n☑中央企业二级单位").inferred


def test_words_that_may_be_either_of_two_options_are_neither():
    assert read(f"□{C}\n□{D}\n☑国家中心实验室创新\n□{F}") == Ticked(unread=True)


@pytest.mark.parametrize("joined", ["\n", "  "])
def test_a_tick_at_words_that_are_no_option_is_unread_and_given_to_no_other_option(joined):
    for names in ([A, B, C, "高等院校", E, F], [A, B, C, D, E, "高等院校"], ["高等院校", B, C, D, E, F]):
        text = joined.join(f"{'☑' if name == '高等院校' else '□'}{name}" for name in names)
        assert read(text) == Ticked(unread=True)


@pytest.mark.parametrize("number", [lambda place: f"{place}.", lambda place: f"（{place}）", lambda place: "①②③④⑤⑥"[place - 1]])
@pytest.mark.parametrize("joined", ["\n", "  "])
def test_a_number_may_stand_between_a_box_and_its_option(number, joined):
    for ticked_place, letter in enumerate("ABCDEF", 1):
        names = enumerate([A, B, C, D, E, F], 1)
        assert ticked(joined.join(f"{'√' if place == ticked_place else '□'}{number(place)}{name}" for place, name in names)) == [letter]


@pytest.mark.parametrize("joined", ["\n", "  "])
def test_a_short_word_may_stand_between_a_box_and_its_option(joined):
    for letter in "ABCDE":
        assert ticked(joined.join(f"{'√' if other == letter else '□'}本单位为{name}" for other, name in zip("ABCDE", [A, B, C, D, E], strict=True))) == [letter]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{A}√{B}", "B"),
        (f"{A} √ {B} {C}", "B"),
        (f"□{A}√□{B}□{C}", "B"),
        (f"□{A} √ □{B} □{C}", "B"),
        (f"□{A}×□{B}□{C}", "B"),
        (f"☐{A}☒☐{B}☐{C}", "B"),
        (f"□{A}■□{B}□{C}", "B"),
        (f"×□{A}×□{B}□{C}", "C"),
        (f"{A}□{B}□√{C}□", "B"),
        (f"1.□{A}√2.□{B}3.□{C}", "A"),
        (f"1、{A}√2、{B}3、{C}", "A"),
        (f"□{A}□√ {B} □{C}", "B"),  # the last sign before an option is its box, whatever the blanks say
        (f"□{A}√ {B} □{C}", "B"),
    ],
)
def test_a_tick_that_may_be_either_neighbours_is_shown_to_the_staff(text, expected):
    assert "".join(ticked(text)) == expected
    assert "也可能属于另一项" in read(text).inferred


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"□{A} √□{B} □{C}", "B"),
        (f"□{A}□√{B}□{C}", "B"),
        (f"□{A}√{B}□{C}", "B"),
        (f"□ {A} √ {B} □ {C}", "B"),
        (f"□ {A} □ √ {B} □ {C}", "B"),
        (f"{A}□{B}√{C}□", "B"),
        (f"{A}□{B}√□{C}□", "B"),
        (f"1.□{A}2.√□{B}3.□{C}", "B"),
        (f"1.□{A} √2.□{B} 3.□{C}", "B"),
        (f"□1.{A}√2.{B}□3.{C}", "B"),
        (f"□{A}√   □{B}   □{C}", "A"),
        (f"1.□{A}√ 2.□{B} 3.□{C}", "A"),
    ],
)
def test_boxes_blanks_and_numbers_tell_whose_a_tick_between_two_options_is(text, expected):
    assert "".join(ticked(text)) == expected
    assert "也可能属于另一项" not in read(text).inferred


def test_a_tick_on_a_line_of_its_own_belongs_to_the_option_after_it_or_to_the_last_one():
    assert ticked(f"{A}\n{B}\n{C}\n{D}\n{E}\n√\n{F}") == ["F"]
    assert ticked(f"{A}\n{B}\n{C}\n{D}\n{E}\n{F}\n√") == ["F"]


@pytest.mark.parametrize(
    "look",
    [
        '<w:highlight w:val="yellow"/>',
        '<w:color w:val="FF0000"/>',
        '<w:shd w:val="clear" w:color="auto" w:fill="FFFF00"/>',
        '<w:bdr w:val="single" w:sz="4"/>',
        '<w:em w:val="dot"/>',
    ],
)
def test_one_option_set_off_from_the_others_is_inferred(look):
    form = form_of(*(paragraph(run("□"), run(name, more=look if name == B else "")) for name in (A, B, C, D, E, F)))
    assert form.choices["unit_types"] == (KEYS[1],)
    assert "突出显示" in form.inferred[0][1]
    form = form_of(*(paragraph(run("□"), run(name, more=look)) for name in (A, B, C, D, E, F)))
    assert (form.choices["unit_types"], form.unread) == ((), ())


def test_the_words_please_specify_are_no_answer():
    assert read(f"□{A}\n□{B}\n□其他（请注明：        ）") == Ticked()


def test_a_name_that_fits_several_options_or_none_is_not_guessed():
    assert read("中心") == Ticked()
    assert read("民营企业") == Ticked()


def test_a_struck_tick_gives_way_to_the_one_that_stands():
    form = form_of(paragraph(run("√" + A, struck=True)), paragraph(run("√" + B)), paragraph(run("□" + C)))
    assert form.choices["unit_types"] == (KEYS[1],)


def test_two_bold_options_are_not_guessed():
    form = form_of(paragraph(run("□"), run(A, bold=True)), paragraph(run("□"), run(B, bold=True)), paragraph(run("□" + C)))
    assert form.choices["unit_types"] == ()


def test_all_options_in_bold_are_as_printed():
    form = form_of(*(paragraph(run(f"□{label}", bold=True)) for label in LABELS.values()))
    assert form.choices["unit_types"] == ()


def test_options_in_a_nested_table_are_read():
    form = form_of(table(row("□" + A, "□" + B), row("√" + C, "□" + D), row("□" + E, "□" + F)))
    assert form.choices["unit_types"] == (KEYS[2],)


def test_boxes_in_a_column_of_their_own_are_read():
    form = form_of(table(row("□", A), row("☑", B), row("□", C)))
    assert form.choices["unit_types"] == (KEYS[1],)


def test_options_in_several_cells_of_the_row_are_read():
    more = row("单位性质", "□" + A, "√" + B, "□" + C, "□" + D + "\n□" + E + "\n□" + F)
    form = read_form(read_word(docx(*form_blocks(good_values(), leave_out=["unit_types"], more_rows=[more]))), zlcp())[1]
    assert form is not None
    assert form.choices["unit_types"] == (KEYS[1],)


def test_options_are_found_where_their_label_is_gone():
    more = row(cell("".join(paragraph(("√" if label == B else "□") + label) for label in LABELS.values()), span=5))
    form = read_form(read_word(docx(*form_blocks(good_values(), leave_out=["unit_types"], more_rows=[more]))), zlcp())[1]
    assert form is not None
    assert form.choices["unit_types"] == (KEYS[1],)


def test_an_option_is_not_found_within_a_longer_one():
    choice = replace(CHOICE, options=(Option("a", "中心"), Option("b", "创新中心")))
    text = "√创新中心\n□中心"
    assert read_ticks(Passage(text, "0" * len(text)), choice) == Ticked(("b",))


def test_the_printed_hint_within_the_cell_is_no_option():
    choice = replace(CHOICE, note="（注：其他须由省级知识产权局推荐，全国性行业协会不需要）")
    notice = replace(zlcp(), fields=tuple(choice if item.key == CHOICE.key else item for item in zlcp().fields))
    form = read_form(read_word(form_docx(good_values(unit_types=["ip_operation_center"]), notice=notice)), notice)[1]
    assert form is not None
    assert form.choices["unit_types"] == ("ip_operation_center",)
    more = row("单位性质", cell(f"{choice.note}\n{C}", span=4))
    form = read_form(read_word(docx(*form_blocks(good_values(), leave_out=["unit_types"], more_rows=[more]))), notice)[1]
    assert form is not None
    assert form.choices["unit_types"] == ("ip_operation_center",)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from([*LABELS.values(), "其它", "\n", "\t", "  "]), st.text("□☑√×■●○vxR£()（）[]、其他 \n\ufffd", max_size=4)), max_size=16
    ).map("".join)
)
def test_any_text_is_read_without_an_error_and_names_only_options(text):
    result = read(text)
    assert set(result.keys) <= set(KEYS)
    assert not (result.keys and result.unread)
