"""Whether two names mean the same unit: equal, one a short form of the other, a slip of the pen, or another unit.

When in doubt they are taken to mean the same, and the staff are told.
"""

import re
from difflib import SequenceMatcher
from enum import StrEnum

from rules.fields import is_abbreviation, name_key
from rules.text import MOST

_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_NUMERAL = re.compile(r"[0-9零〇一二三四五六七八九十]+")
_SHORT_FORM = re.compile(r"简称(?:为)?[:：]?\s*[“\"「『《]?([^”\"」』》（）()，,。;；\s]{2,40})")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MOST_MISSED = 2  # characters
_LEAST_FOR_A_SLIP = 6  # characters: in a shorter name, one other character makes another name


class Likeness(StrEnum):
    """How a name that somebody typed is to the official one."""

    SAME = "same"
    WITHIN = "within"  # what was typed holds the whole official name
    SHORT = "short"
    SLIP = "slip"
    OTHER = "other"


def likeness(typed: str, official: str) -> Likeness:
    """Compare two names of units; an empty one is like any other."""
    a, b = name_key(typed[:MOST]), name_key(official[:MOST])
    if a == b or not a or not b:
        return Likeness.SAME
    if b in a:
        return Likeness.WITHIN
    if a in b or _foreign(a, b):
        return Likeness.SHORT
    if _numbered_differently(a, b):
        return Likeness.OTHER
    a, b = _in_digits(a), _in_digits(b)
    if a == b or is_abbreviation(a, b) or is_abbreviation(b, a):
        return Likeness.SHORT
    return Likeness.SLIP if _one_slip(a, b) else Likeness.OTHER


def short_names_in(text: str) -> tuple[str, ...]:
    """What a text calls a unit for short: （以下简称“微电网设备协会”）."""
    return tuple(_SHORT_FORM.findall(text[:5000]))


def stands_apart(name: str, text: str) -> bool:
    """Whether a name stands in a text with no letter right before or after it: 某大学—张三, not 某大学附属医院."""
    wanted, where = name_key(name), name_key(text[:MOST])
    at = where.find(wanted)
    around = where[max(at - 1, 0) : at] + where[at + len(wanted) : at + len(wanted) + 1]
    return at >= 0 and not any(char.isalnum() for char in around)


def _foreign(a: str, b: str) -> bool:
    """One name has Chinese characters and the other none: an acronym or a translation, which cannot be compared."""
    return bool(_CHINESE.search(a)) != bool(_CHINESE.search(b))


def _numbered_differently(a: str, b: str) -> bool:
    """第十二研究所 and 第十三研究所 differ by one character and are two units; 第12研究所 is the first of them."""
    ours, theirs = _numbers(a), _numbers(b)
    return bool(ours and theirs) and not (ours <= theirs or theirs <= ours)


def _numbers(name: str) -> set[int]:
    return {_value(numeral) for numeral in _NUMERAL.findall(name)}


def _in_digits(name: str) -> str:
    return _NUMERAL.sub(lambda numeral: str(_value(numeral.group())), name)


def _value(numeral: str) -> int:
    tens, ten, ones = numeral.rpartition("十")
    if ten:
        return int(_plain(tens) or "1") * 10 + int(_plain(ones) or "0")
    return int(_plain(numeral))


def _plain(numeral: str) -> str:
    return "".join(_DIGITS.get(char, char) for char in numeral if char != "十")[-9:]


def _one_slip(a: str, b: str) -> bool:
    """One character another, one or two missing or too many, or two neighbours exchanged."""
    if min(len(a), len(b)) < _LEAST_FOR_A_SLIP or abs(len(a) - len(b)) > _MOST_MISSED:
        return False
    steps = [step for step in SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if step[0] != "equal"]
    out = "".join(a[i:j] for _, i, j, _, _ in steps)
    into = "".join(b[i:j] for _, _, _, i, j in steps)
    if _NUMERAL.search(out + into):
        return False
    if len(steps) == 1:
        return not out or not into or len(out) == len(into) == 1
    return len(out) == 1 and out == into
