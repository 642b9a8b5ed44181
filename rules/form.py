"""The form (通知附件，申报表): read_form finds a notice's fields in a document, whatever the applicant made of its tables.

It says what was filled in and what it had to conclude; whether that is enough is judged in rules/completeness.py.
"""

import re
from collections.abc import Mapping

from rules.contacts import told_apart
from rules.labels import Labels, is_telling
from rules.layout import Found, Layout
from rules.notice import Field, Notice
from rules.passage import Passage, passage_of, tight
from rules.remains import needed
from rules.spread import on_one_line
from rules.submission import Document, Form, Reading
from rules.text import brief
from rules.ticks import Ticked, read_ticks
from rules.values import has_printed, items_in, value_of, without_hints

_LEAST_LABELS = 3
_LEAST_SIGNS = 2  # of this very form, for other forms ask for a name, an address and a telephone too
_TITLE_SIGNS = 2
_MOST_LEFT = 3  # texts that are shown to the staff
_PLACEHOLDER = re.compile(r"某|[×*○#]{2,}|(?<![a-z])x{2,}")
_EXAMPLE = re.compile("示例|样例|范例|范本|样表")
_HEADING = 30  # characters


def read_form(document: Document, notice: Notice) -> tuple[Reading, Form | None]:
    """Read a document as the notice's form.

    Returns:
        (FILLED, form) or (BLANK, form); (ANOTHER, None) for a document that is not this form. Never raises.
    """
    layout = Layout(document, notice, Labels(notice))
    found = layout.find()
    texts = [passage_of(document.paragraphs), *(spot.passage for spot in layout.spots())]
    if not _is_this_form(found, texts, notice):
        return Reading.ANOTHER, None
    form = _form(found, texts, notice)
    filled = any(form.get(field.key) for field in notice.fields if field.kind != "statement")
    return (Reading.FILLED if filled else Reading.BLANK), form


def _is_this_form(found: Found, texts: list[Passage], notice: Notice) -> bool:
    title = tight(notice.form_title)
    signs = _TITLE_SIGNS * any(title in text.tight for text in texts)
    signs += sum(_is_signed(field, found, texts) for field in notice.fields)
    # A covering letter names the form and a telephone too, so lines without a table must say more.
    return len(found.answers) >= _LEAST_LABELS + found.without_table and signs >= _LEAST_SIGNS + found.without_table


def _is_signed(field: Field, found: Found, texts: list[Passage]) -> bool:
    """Whether something stands in the document that is printed in this form alone."""
    if field.key in found.answers and is_telling(field):
        return True
    if sum(any(tight(option.label) in text.tight for text in texts) for option in field.options if len(option.label) > 2) >= 2:
        return True
    return any(has_printed(text, field) for text in texts)


def _form(found: Found, texts: list[Passage], notice: Notice) -> Form:
    answers = found.answers
    ticks = {field.key: _ticks(field, answers, texts, notice) for field in notice.of_kind("choice")}
    lists = {field.key: items_in(answers.get(field.key, Passage()), field, notice) for field in notice.of_kind("list")}
    texts_of = {field.key: _text(answers.get(field.key, Passage()), field, notice) for field in notice.fields if field.kind not in {"choice", "list"}}
    apart = told_apart(texts_of, notice)
    texts_of |= apart
    guesses = [(key, f"{notice.field(key).title}：与其他联系信息写在一起，已分开登记") for key in apart]
    guesses += [guess for guess in found.guesses if guess[0] not in texts_of or texts_of[guess[0]]]
    guesses += [(key, ticked.inferred) for key, ticked in ticks.items() if ticked.inferred]
    wanted = needed(notice)
    found_keys = {*answers, *apart, *(key for key, ticked in ticks.items() if ticked.keys or ticked.unread)}
    absent = [field for field in notice.fields if field.key in wanted and field.key not in found_keys]
    guesses += [(field.key, f"{field.title}：{notice.form_word}中未找到此栏") for field in absent if field.required]
    if found.left_over:
        texts_left = "、".join(f"“{brief(text)}”" for text in found.left_over[:_MOST_LEFT])
        guesses.append(("", f"{notice.form_word}中有内容未能归入任何一栏（{texts_left}），未登记，请查看原件"))
    doubtful = [key for key, ticked in ticks.items() if ticked.unread] + [field.key for field in absent if found.left_over]
    others = [unit for unit in _units(found, notice) if unit != texts_of.get(notice.unit_field.key)]
    examples = _examples(others, texts)
    if examples:
        names = "、".join(f"“{brief(unit)}”" for unit in examples[:_MOST_LEFT])
        guesses.append(("", f"文件中另有单位名称为{names}的{notice.form_word}，似为填写示例，未登记，请查看原件"))
    return Form(
        values=texts_of,
        choices={key: ticked.keys for key, ticked in ticks.items()},
        lists=lists,
        unread=tuple(doubtful),
        inferred=tuple(guesses),
        others=tuple(unit for unit in others if unit not in examples),
    )


def _units(found: Found, notice: Notice) -> list[str]:
    """The units that the forms of a document name, each once."""
    return list(dict.fromkeys(name for unit in found.units if (name := _text(unit, notice.unit_field, notice))))


def _text(answer: Passage, field: Field, notice: Notice) -> str:
    return on_one_line(value_of(answer, field, notice), field, notice)


def _examples(units: list[str], texts: list[Passage]) -> list[str]:
    """The units of further forms that only show how to fill one in: 某某协会, ××公司; all of them where a heading says so (填写示例)."""
    headings = (tight(line) for text in texts for line in text.text.split("\n") if units)
    if any(len(line) <= _HEADING and _EXAMPLE.search(line) for line in headings):
        return units
    return [unit for unit in units if _PLACEHOLDER.search(tight(unit))]


def _ticks(field: Field, answers: Mapping[str, Passage], texts: list[Passage], notice: Notice) -> Ticked:
    """A choice from its own cell; where its label was not found, from the text that holds most of its options."""
    if field.key in answers:
        return read_ticks(without_hints(answers[field.key], notice), field)
    counts = [sum(tight(option.label) in text.tight for option in field.options) for text in texts]
    most = max(counts, default=0)
    return read_ticks(texts[counts.index(most)], field) if most >= len(field.options) / 2 else Ticked()
