"""Whether two names mean the same unit: equal, one a short form of the other, a slip of the pen, or another unit.

When in doubt they are taken to mean the same, and the staff are told.
"""

import re
from enum import StrEnum

from rules.fields import is_abbreviation, name_key
from rules.text import MOST, unquote

_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_NUMERAL = re.compile(r"[0-9零〇一二三四五六七八九十]+")
_SHORT_FORM = re.compile(r"简称(?:为)?[:：]?\s*[“\"「『《]?([^”\"」』》（）()，,。;；\s]{2,40})")
_PLACE_BEHIND = re.compile(r"(.{2,})\(([^()]{2,4})\)")
_SIDES = frozenset("东西南北中江河湖海山广")  # 北京 and 南京, 华东 and 华中, 湖南 and 河南: one of these for another makes another place
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN = r"[A-Za-z][A-Za-z\s.,&'/-]"
_ADDED = re.compile(
    rf"(?<=[\u3400-\u9fff）)])\s*(?:[（(]\s*(?:{_LATIN}*|(?:以下简称|简称|原|曾用名|又名|英文|缩写)[^（()）]*)[)）]|{_LATIN}{{7,}})\s*$",
)
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
    if a == b or not a or not b or a == name_key(plain_name(official)):
        return Likeness.SAME
    if b in a:
        return Likeness.WITHIN
    if a in b or _foreign(a, b):
        return Likeness.SHORT
    if _numbered_differently(a, b):
        return Likeness.OTHER
    a, b = _in_digits(a), _in_digits(b)
    turned = _place_first(a), _place_first(b)
    if any(one == other or is_abbreviation(one, other) or is_abbreviation(other, one) for one, other in ((a, b), turned)):
        return Likeness.SHORT
    return Likeness.SLIP if _one_slip(a, b) else Likeness.OTHER


def short_names_in(text: str) -> tuple[str, ...]:
    """What a text calls a unit for short: （以下简称“微电网设备协会”）."""
    return tuple(_SHORT_FORM.findall(text[:5000]))


def plain_name(name: str) -> str:
    """A Chinese name without quotation marks, a full stop, and what only goes with it: 某协会（简称某会）, 某协会（China Association）."""
    return _ADDED.sub("", unquote(name[:MOST].strip().rstrip("。.，,；;")))


def stands_apart(name: str, text: str) -> bool:
    """Whether a name stands in a text with no letter right before or after it: 某大学—张三, not 某大学附属医院."""
    where = " ".join(name_key(word) for word in text[:MOST].split())
    found = re.search(r"\s*".join(map(re.escape, name_key(name))), where)
    around = where[max(found.start() - 1, 0) : found.start()] + where[found.end() : found.end() + 1] if found else ""
    return found is not None and not any(char.isalnum() for char in around)


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


def _place_first(name: str) -> str:
    """某中心(大连) is 大连某中心."""
    return _PLACE_BEHIND.sub(r"\2\1", name)


def _value(numeral: str) -> int:
    tens, ten, ones = numeral.rpartition("十")
    if ten:
        return int(_plain(tens) or "1") * 10 + int(_plain(ones) or "0")
    return int(_plain(numeral))


def _plain(numeral: str) -> str:
    return "".join(_DIGITS.get(char, char) for char in numeral if char != "十")[-9:]


def _one_slip(a: str, b: str) -> bool:
    """One character another, one or two missing or too many, or one in another place."""
    if min(len(a), len(b)) < _LEAST_FOR_A_SLIP or abs(len(a) - len(b)) > _MOST_MISSED:
        return False
    out, into = _difference(a, b)
    if _NUMERAL.search(out + into) or (out in _SIDES and into in _SIDES and out != into):
        return False
    return not out or not into or len(out) == len(into) == 1


def _difference(a: str, b: str) -> tuple[str, str]:
    """What stands in the one name between what both begin and end with, and what in the other; for a character that was moved, that character twice."""
    begins = next((at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))
    a, b = a[begins:], b[begins:]
    ends = next((at for at, (one, other) in enumerate(zip(a[::-1], b[::-1], strict=False)) if one != other), min(len(a), len(b)))
    out, into = a[: len(a) - ends], b[: len(b) - ends]
    if out[1:] == into[:-1] and out[:1] == into[-1:]:
        return out[:1], out[:1]
    if out[:-1] == into[1:] and out[-1:] == into[:1]:
        return out[-1:], out[-1:]
    return out, into
