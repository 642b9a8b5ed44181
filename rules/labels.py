"""The form's printed labels, recognised as people retype them: 单 位 名 称：, 1.单位名称, *单位名称（全称）, 单位名称 Name of Unit, Name（姓名）."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.notice import Field, Notice
from rules.passage import Passage, tight

# For tight text (rules/passage.py): no blanks, colons and brackets half-width, Latin letters small.
_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3}|\([一二三四五六七八九十\d]{1,2}\))"
_LATIN = r"[a-z][a-z.,&'/-]*"
_BEFORE = re.compile(rf"(?:[*★☆#●■◆•]|{_NUMBER}[.、):]?)?[*★【\[]?(?:{_LATIN}[(/|]?)?")
_AFTER = re.compile(rf"[)】\]]?[*★]?(?:[/|]?{_LATIN})?(?:\([^()]*(?:\([^()]*\)[^()]*)*\))*[*★]?")
_HINT = re.compile(r"\d+[-~至]\d+字(?:左右|以内)?|(?:不超过|限)?\d+字(?:以内|左右|以下)?|必填|选填|可?多选|单选|请勾选|请打[勾√]|盖章|可?另?附页|如有")
_DASHES = re.compile("[-|]*")
_MOST = 400  # characters of a label with its hint
_LEAD = 60  # characters, blanks as a rule, before a label on its line


@dataclass(frozen=True, slots=True)
class Label:
    """A label that a cell consists of, or begins with.

    Attributes:
        key: of the field, "" for the heading of a group.
        primary: the label as printed, not one of `also`.
        answer: where in the cell's text the answer begins; None where nothing but a hint follows the label.
        set_off: a colon or a line break stands before the answer, not only a blank.
    """

    key: str
    primary: bool
    answer: int | None = None
    set_off: bool = True


class Labels:
    """All labels of one notice's form, longest first, so that 联系电话 is not taken for 电话."""

    def __init__(self, notice: Notice) -> None:
        labels = [(tight(label), field.key, label == field.label) for field in notice.fields for label in (field.label, *field.also)]
        labels += [(tight(group), "", True) for group in dict.fromkeys(field.group for field in notice.fields) if group]
        self._labels = sorted(labels, key=lambda item: len(item[0]), reverse=True)

    def at_start(self, passage: Passage) -> Label | None:
        """The label that a cell consists of, or begins with; None for any other cell."""
        begun = _BEFORE.match(passage.tight)
        for start in dict.fromkeys((begun.end() if begun else 0, 0)):
            for words, key, primary in self._labels:
                if passage.tight.startswith(words, start):
                    label = _label(passage, start + len(words), key, primary=primary)
                    if label:
                        return label
        return None

    def within(self, passage: Passage, wanted: frozenset[str], *, loose: bool = False) -> Iterator[tuple[str, int, int, bool]]:
        """Labels with a colon, or alone on a line: (field key, where it begins in the text, where its answer begins, whether it begins a line).

        `loose`: at the beginning of a line also those that a blank, a dash or a bracket parts from their answer.
        """
        found: dict[int, tuple[str, int, int, bool]] = {}
        taken = 0
        for words, key, _ in self._labels:
            span = passage.find(words) if key in wanted else None
            while span:
                place = _inline(passage, span, key, loose=loose)
                if place and not any(start <= place[1] < end or place[1] <= start < place[2] for _, start, end, _ in found.values()):
                    found[place[1]] = place
                taken += 1
                span = passage.find(words, span[1]) if taken < 1000 else None
        yield from (found[place] for place in sorted(found))

    def likely(self, passage: Passage, wanted: frozenset[str]) -> str | None:
        """The field whose label a short cell contains, as older editions print it: 申请单位名称; None where there is none."""
        short = passage.tight.rstrip(":")
        if not 2 <= len(short) <= 20 or any(char in short for char in "。;@"):
            return None
        found = next(((words, key) for words, key, _ in self._labels if key and words in short), None)
        if found is None or found[1] not in wanted:
            return None
        return found[1] if len(found[0]) >= 4 or len(short) <= len(found[0]) + 4 else None


def is_hint(passage: Passage) -> bool:
    """Whether a cell holds only what is printed for whoever fills in: 必填, （300-500字）."""
    return _HINT.fullmatch(passage.tight.strip("()")) is not None


def is_long(field: Field) -> bool:
    """Whether a field's answer may go on over lines, and hold what looks like another label."""
    return bool(field.note or field.printed or field.options)


def is_telling(field: Field) -> bool:
    """Whether hardly any other form has this label: name, address and telephone are on every form."""
    return len(tight(field.label)) >= 6


def _label(passage: Passage, end: int, key: str, *, primary: bool) -> Label | None:
    """What follows a label that ends at a place of the tight text: nothing, a hint, or an answer that is set off."""
    hint = _AFTER.match(passage.tight, end, end + _MOST)
    for past in (hint.end() if hint else end, end):
        place = past + _colons(passage, past)
        gap = passage.gap(past)
        if place == len(passage.tight) or ((place > past or gap) and _HINT.fullmatch(passage.tight, place)):
            return Label(key, primary)
        if place > past or gap:
            return Label(key, primary, passage.places[place], place > past or "\n" in gap)
    return None


def _inline(passage: Passage, span: tuple[int, int], key: str, *, loose: bool) -> tuple[str, int, int, bool] | None:
    """A label within a text: with a colon, at a line's beginning or behind a blank or a comma; or alone on its line."""
    start, end = span
    line = passage.text.rfind("\n", 0, passage.places[start]) + 1
    lead = passage.text[line : passage.places[start]]
    at_line = len(lead) < _LEAD and _BEFORE.fullmatch(tight(lead)) is not None
    hint = _AFTER.match(passage.tight, end, end + _MOST)
    apart = at_line or bool(passage.gap(start)) or passage.tight[start - 1] in ";,。、)"
    closed = end + passage.tight.startswith(("】", "]"), end)
    for place in (hint.end() if hint else end, closed, end):
        colons = _colons(passage, place)
        alone = at_line and (place == len(passage.tight) or "\n" in passage.gap(place))
        dashes = _DASHES.match(passage.tight, place) if loose and at_line else None
        parted = dashes and (dashes.group() or passage.gap(place) or passage.tight[place - 1] in "】]")
        if alone or (colons and apart) or parted:
            past = max(place + colons, dashes.end() if dashes else 0)
            return key, line if at_line else passage.places[start], passage.places[past - 1] + 1, at_line
    return None


def _colons(passage: Passage, place: int) -> int:
    """How many colons stand there; two are a slip."""
    following = passage.tight[place : place + 3]
    return len(following) - len(following.lstrip(":"))
