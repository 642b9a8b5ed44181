"""A field's value from the text of its cell: without the form's printed hints and sentences, and as its kind asks for.

Answers stay as they were typed: only blanks around lines go, and in telephones and e-mail addresses full-width characters.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from rules.fields import items_of, plain_email, plain_phone
from rules.notice import Field, Notice
from rules.passage import Passage, tight

_CUT = "\0"
_AROUND = " \t\r\n\f\v\u00a0\u2002\u2003\u3000\u200b\u200e\u200f\u2060\ufeff"
_RULES = re.compile(r"^[ \t\u3000]*[_＿]{2,}|(?<![_＿])[_＿]{2,}[ \t\u3000]*$", re.MULTILINE)  # the line that an answer was typed on
_SEAL = re.compile(r"[（(](?:请?加?盖)?(?:单位|本单位)?(?:公章|盖章|印章|章)[)）]$")  # where a stamp goes: no part of a name
_OWN_HINT = re.compile(r"[（(]注[:：][^（）()]*[)）]")
_DATE = "年月日"
_NUMERAL = r"[\d〇零○一二三四五六七八九十xX*_/]{0,6}"
_DATE_NAME = "(?:日期|时间|签字日期|盖章日期):?"
_DATE_WORDS = rf"(?:{_NUMERAL}年{_NUMERAL}月{_NUMERAL}日?|\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}})"
_DATE_LINE = re.compile(rf"(?:(?:{_DATE_NAME})?{_DATE_WORDS}?[.。]?){{1,3}}")  # several where several units sign side by side


def value_of(passage: Passage, field: Field, notice: Notice) -> str:
    """The text that the applicant put into a field."""
    words = [*_hints(notice), *(printed for printed in field.printed if printed != _DATE)]
    lines = _lines(passage, words)
    if field.kind == "statement":
        lines = [line for line in lines if line and not (_DATE in field.printed and _DATE_LINE.fullmatch(tight(line)))]
    text = _RULES.sub("", "\n".join(lines)).strip(_AROUND)
    if field.kind == "text" and not field.note:
        text = _SEAL.sub("", text).rstrip(_AROUND)
    if field.kind == "phone":
        return plain_phone(text)
    return plain_email(text) if field.kind == "email" else text


def items_in(passage: Passage, field: Field, notice: Notice) -> tuple[str, ...]:
    """The items of a field of kind list, without the form's hint in words of the applicant's own."""
    text = value_of(passage, field, notice)
    return items_of(_OWN_HINT.sub("", text)) or items_of(text)


def without_hints(passage: Passage, notice: Notice) -> Passage:
    """The passage with the printed hints cut out, its styles kept."""
    kept, start = Passage(), 0
    for first, past in _spans(passage, _hints(notice)):
        part = passage.part(start, first)
        kept = Passage(f"{kept.text}{part.text}\n", f"{kept.styles}{part.styles}0")
        start = past
    rest = passage.part(start)
    return Passage(kept.text + rest.text, kept.styles + rest.styles)


def has_printed(passage: Passage, field: Field) -> bool:
    """Whether the printed hint of a field, or a sentence printed in it, stands in a text."""
    return any(_core(words) in passage.tight for words in (field.note, *field.printed) if len(_core(words)) >= 12)


@lru_cache(maxsize=8)
def _hints(notice: Notice) -> tuple[str, ...]:
    return tuple(field.note for field in notice.fields if field.note)


@lru_cache(maxsize=64)
def _core(words: str) -> str:
    """Printed words without the brackets around them and the full stop at their end, which people lose."""
    return tight(words).strip("()。")


def _lines(passage: Passage, words: Iterable[str]) -> list[str]:
    """The lines of a text without printed words; a line that held nothing else is gone."""
    text, start = "", 0
    for first, past in _spans(passage, words):
        text += passage.text[start:first] + _CUT
        start = past
    text = (text + passage.text[start:]).replace("\ufffd", "")
    lines = ((line, line.replace(_CUT, "").strip(_AROUND)) for line in text.split("\n"))
    return [kept for line, kept in lines if kept or _CUT not in line]


def _spans(passage: Passage, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where printed words stand in the text, in its order, without overlap."""
    spans: list[tuple[int, int]] = []
    for printed in words:
        found = passage.find(_core(printed))
        while found:
            spans += _with_brackets(passage, found, tight(printed))
            found = passage.find(_core(printed), found[1])
    ordered: list[tuple[int, int]] = []
    for span in sorted(spans):
        if not ordered or span[0] >= ordered[-1][1]:
            ordered.append(span)
    return ordered


def _with_brackets(passage: Passage, found: tuple[int, int], printed: str) -> list[tuple[int, int]]:
    """The place in the text of words found in its tight form, with their brackets and full stop where those are there.

    An answer typed before the closing bracket leaves that bracket at the end of the text: it goes too.
    """
    first, past = found
    signs = passage.tight
    opened = printed.startswith("(") and first > 0 and signs[first - 1] == "("
    first -= opened
    closed = signs[past : past + 1] in {")", "。"} and signs[past : past + 1] == printed[-1]
    past += closed or (opened and signs[past : past + 1] == ":")
    spans = [(passage.places[first], passage.places[past - 1] + 1)]
    rest = signs[past:]
    if opened and not closed and rest.endswith(")") and rest.count(")") > rest.count("("):
        spans.append((passage.places[-1], passage.places[-1] + 1))
    return spans
