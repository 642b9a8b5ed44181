"""What a document's styles and lists add to its text (17.7, 17.9): the numbers of automatic lists, as a person sees them, and what a style hides.

Every list is counted by itself, and has no numbers where its numerals are not known here. Bullets are no text: only those that are a box are shown,
for people tick by them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from daemon.documents.controls import attribute, child, is_on, local, number
from daemon.documents.symbols import BOXES, in_font, symbol_font

_LONGEST = 30  # characters of a number with what stands around it
_MOST_BASES = 10  # styles that one style is based on
_DEPTHS = frozenset("012345678")
_HAN = "〇一二三四五六七八九"
_COUNT = re.compile(r"%([1-9])")


def _chinese(count: int) -> str:
    tens, ones = divmod(count, 10)
    return "" if count > 99 else _HAN[count] if count < 10 else f"{_HAN[tens] if tens > 1 else ''}十{_HAN[ones] if ones else ''}"


def _letter(count: int) -> str:
    return chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1) if 0 < count < 100 else ""


def _ring(count: int) -> str:
    return chr(ord("①") + count - 1) if 0 < count <= 20 else str(count)


_NUMERALS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(("decimal", "decimalHalfWidth", "decimalFullWidth", ""), str),
    **dict.fromkeys(("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand", "ideographDigital"), _chinese),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _ring),
    "decimalZero": "{:02d}".format,
    "lowerLetter": _letter,
    "upperLetter": lambda count: _letter(count).upper(),
}


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    numerals: str
    text: str
    font: str


class Lists:
    """The lists of one document, counted in its order.

    Args:
        numbering: root of the part of this name, None where there is none.
        styles: likewise.

    Attributes:
        hidden: ids of styles whose text is not seen.
    """

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        named = {attribute(item, "styleId"): item for item in _children(styles, "style")}
        self.hidden = frozenset(name for name in named if any(is_on(child(each, "rPr", "vanish")) for each in _bases(named, name)))
        lists = ((name, next((found for each in _bases(named, name) if (found := child(each, "pPr", "numPr")) is not None), None)) for name in named)
        self._styles = {name: _place(item, ("", 0)) for name, item in lists if item is not None}
        bases = {attribute(item, "abstractNumId"): dict(_levels(item)) for item in _children(numbering, "abstractNum")}
        self._lists = {attribute(item, "numId"): bases.get(_value(child(item, "abstractNumId")), {}) for item in _children(numbering, "num")}
        self._counts: dict[str, dict[int, int]] = {}

    def number(self, properties: etree._Element | None) -> str:
        """The number of a paragraph with these properties (w:pPr), which counts it; "" for one without a number."""
        style = self._styles.get(_value(child(properties, "pStyle")), ("", 0)) if properties is not None else ("", 0)
        item = child(properties, "numPr") if properties is not None else None
        name, depth = _place(item, style) if item is not None else style
        levels = self._lists.get(name, {})
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(name, {})
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        return _shown(levels, counts, depth)


def _shown(levels: dict[int, _Level], counts: dict[int, int], depth: int) -> str:
    level = levels[depth]
    if level.numerals == "bullet":
        sign = in_font(level.text, level.font, level.font)
        return sign if len(sign) == 1 and sign in BOXES else ""
    pieces = _COUNT.split(level.text[:_LONGEST])
    for place in range(1, len(pieces), 2):
        counted = int(pieces[place]) - 1
        shown = _NUMERALS.get(levels.get(counted, level).numerals)
        if shown is None:
            return ""
        pieces[place] = shown(counts.get(counted, levels.get(counted, level).start))
    return "".join(pieces) if len(pieces) > 1 else ""


def _levels(definition: etree._Element) -> Iterator[tuple[int, _Level]]:
    for item in _children(definition, "lvl"):
        fonts = child(item, "rPr", "rFonts")
        font = "" if fonts is None else symbol_font(attribute(fonts, "ascii"), attribute(fonts, "hAnsi"))
        depth = int(attribute(item, "ilvl")) if attribute(item, "ilvl") in _DEPTHS else 0
        yield depth, _Level(number(child(item, "start"), 1), _value(child(item, "numFmt")), _value(child(item, "lvlText")), font)


def _place(item: etree._Element, default: tuple[str, int]) -> tuple[str, int]:
    """The list and the level that a w:numPr names."""
    return _value(child(item, "numId")) or default[0], number(child(item, "ilvl"), default[1])


def _bases(named: dict[str, etree._Element], name: str) -> Iterator[etree._Element]:
    """A style and what it is based on."""
    for _ in range(_MOST_BASES):
        if name not in named:
            return
        yield named[name]
        name = _value(child(named[name], "basedOn"))


def _children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return (part for part in ([] if element is None else element) if local(part) == name)


def _value(element: etree._Element | None) -> str:
    return "" if element is None else attribute(element, "val")
