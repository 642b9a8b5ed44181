"""Boxes that stand apart from their options, and signs that only say how to tick."""

import pytest

from daemon.documents.word import read_word
from rules.boxes import set_out
from rules.form import read_form
from rules.passage import Passage
from rules.ticks import read_ticks
from tests.builders import form_blocks, good_values, zlcp
from tests.ooxml import cell, docx, row, table

CHOICE = zlcp().field("unit_types")
NAMES = [option.label for option in CHOICE.options]
PLACES = range(len(NAMES))


def passage(text: str) -> Passage:
    return Passage(text, "0" * len(text))


def boxes(ticked: int, empty: str = "□") -> list[str]:
    return ["√" if number == ticked else empty for number in PLACES]


def read_form_with(*rows: str) -> tuple[str, ...]:
    blocks = form_blocks(good_values(), leave_out=["unit_types"], more_rows=rows)
    form = read_form(read_word(docx(*blocks)), zlcp())[1]
    assert form is not None
    return form.choices["unit_types"]


@pytest.mark.parametrize("words", ["请在□内打“√”", "（请在相应□打√）", "注：在对应的□中划√，单选", "请打“√”选择"])
def test_how_to_tick_is_no_tick(words):
    untouched = "\n".join(f"□{name}" for name in NAMES)
    assert read_ticks(passage(f"{words}\n{untouched}"), CHOICE).keys == ()
    for number, option in enumerate(CHOICE.options):
        ticked = untouched.replace(f"□{option.label}", f"☑{option.label}")
        for text in (f"{words}\n{ticked}", f"{ticked}\n{words}"):
            assert read_ticks(passage(text), CHOICE).keys == (CHOICE.options[number].key,)


@pytest.mark.parametrize("ticked", PLACES)
@pytest.mark.parametrize("empty", ["□", ""])
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_a_row_of_boxes_belongs_to_the_options_above_or_below_it(ticked, empty, above):
    rows = [row(*boxes(ticked, empty)), row(*NAMES)]
    nested = row("单位性质", cell(table(*(rows if above else rows[::-1])), span=4))
    assert read_form_with(nested) == (CHOICE.options[ticked].key,)
    contents = [boxes(ticked, empty), NAMES] if above else [NAMES, boxes(ticked, empty)]
    apart = [row(cell("单位性质", merge="restart"), *contents[0]), row(cell("", merge="continue"), *contents[1])]
    assert read_form_with(*apart) == (CHOICE.options[ticked].key,)


@pytest.mark.parametrize("ticked", PLACES)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_rows_of_boxes_and_options_in_turn_are_paired_in_their_order(ticked, above):
    rows = [row(*(boxes(ticked)[:3])), row(*NAMES[:3]), row(*(boxes(ticked)[3:])), row(*NAMES[3:])]
    if not above:
        rows = [rows[1], rows[0], rows[3], rows[2]]
    assert read_form_with(row("单位性质", cell(table(*rows), span=4))) == (CHOICE.options[ticked].key,)


@pytest.mark.parametrize("ticked", PLACES)
def test_a_column_of_boxes_is_read_on_either_side_of_the_options(ticked):
    for empty in ("□", ""):
        sides = list(zip(NAMES, boxes(ticked, empty), strict=True))
        for cells in ([(cell(name, span=3), box) for name, box in sides], [(box, cell(name, span=3)) for name, box in sides]):
            rows = [row(cell("单位性质" if not number else "", merge="continue" if number else "restart"), *pair) for number, pair in enumerate(cells)]
            assert read_form_with(*rows) == (CHOICE.options[ticked].key,)


@pytest.mark.parametrize("ticked", PLACES)
@pytest.mark.parametrize("signs", ["口√", "口☑", "囗√"])
@pytest.mark.parametrize("joined", ["\n", "  "])
def test_a_character_that_looks_like_a_box_is_one_before_an_option(ticked, signs, joined):
    text = joined.join(f"{signs[number == ticked]}{name}" for number, name in enumerate(NAMES))
    assert read_ticks(passage(text), CHOICE).keys == (CHOICE.options[ticked].key,)
    beside = joined.join(f"{'√' if number == ticked else ''}{signs[0]}{name}" for number, name in enumerate(NAMES))
    assert read_ticks(passage(beside), CHOICE).keys == (CHOICE.options[ticked].key,)


@pytest.mark.parametrize("sign", ["√\u20de", "☑\ufe0f"])
def test_a_frame_laid_over_a_sign_does_not_part_it_from_its_option(sign):
    for option in CHOICE.options:
        text = "\n".join(f"{sign if other == option else '□'}{other.label}" for other in CHOICE.options)
        assert read_ticks(passage(text), CHOICE).keys == (option.key,)


def test_other_text_is_left_as_it_was_typed():
    text = "☑全国性行业协会（进出口、Ａ级）\t□其他：口腔医学会\n第二行\t"
    assert set_out(passage(text)) == passage(text)
    assert set_out(passage("√\t\n甲\t乙\t丙")).text == "√\t\n甲\t乙\t丙"
