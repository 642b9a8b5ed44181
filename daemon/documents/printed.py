"""Characters placed on a page, as a PDF has them, to the lines and paragraphs that they were typed as: a line that only ran full goes on in the next."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.documents.symbols import SYMBOLS, UNKNOWN, in_font

# A character as pdfplumber has it: text, fontname, x0, x1, top, bottom (points, from the upper left corner).
Char = Mapping[str, Any]
Box = tuple[float, float, float, float]  # x0, top, x1, bottom

_GAP_LATIN, _GAP = 0.25, 0.6  # of a character's height: what is farther from its neighbour has a blank between
_AUTOMATIC = 0.25  # of a character's height: what Word puts between a Chinese character and a Latin one
_SLACK = 1.0  # points: programs round
_PADDING = 6.0  # points between a cell's border and its text, at most
# What a line is broken before: a word or one character, with the signs before it that may not end a line, and those behind it that may not begin one.
_PIECE = re.compile(r"[（《「『【“‘]*(?:[!-~]+|.)[，。、；：？！）》」』】”’…,.;:?!)]*", re.DOTALL)
_WORD_END, _WORD_START = re.compile(r"[A-Za-z0-9]$"), re.compile(r"[A-Za-z0-9]")
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_NO_CODE = re.compile(r"\(cid:\d+\)")
# As the names of fonts stand in a PDF -> in symbols.py; "" for one that holds the symbols of several.
_SYMBOL_FONTS = {"wingdings": "wingdings", "wingdings2": "wingdings 2", "wingdings3": "wingdings 3", "webdings": "webdings", "opensymbol": ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line.

    Attributes:
        text: without blanks before it; one behind it is kept, for it says how the next line goes on.
        x0, x1: where it begins and ends, points.
        first: the room that its first word would have needed at the end of the line before, points.
    """

    text: str
    x0: float
    x1: float
    first: float


def lines_of(chars: Iterable[Char]) -> list[Line]:
    """The characters of one cell or page as lines, from top to bottom."""
    rows: list[list[Char]] = []
    middle = 0.0
    for char in sorted(chars, key=_middle):
        if rows and _middle(char) - middle < _height(char) / 2:
            rows[-1].append(char)
        else:
            rows.append([char])
            middle = _middle(char)
    return [_line(row) for row in rows if any(not char["text"].isspace() for char in row)]


def paragraphs_of(lines: Sequence[Line], left: float, right: float) -> list[str]:
    """Lines as paragraphs.

    Args:
        lines: from top to bottom.
        left: where they could begin, points; the margin inside of it is the same on both sides.
        right: where they had to end, points.
    """
    texts: list[str] = []
    above: Line | None = None
    for line in lines:
        if above and runs_on(above, line, left, right):
            texts[-1] = join(texts[-1], line.text)
        else:
            texts.append(line.text)
        above = line
    return [text.strip() for text in texts]


def runs_on(above: Line, line: Line, left: float, right: float) -> bool:
    """Whether a line was ended only because what comes next found no room in it."""
    margin = min(max(above.x0 - left, 0.0), max(line.x0 - left, 0.0), _PADDING)
    return above.x1 + line.first > right - margin - _SLACK


def join(above: str, text: str) -> str:
    """Two lines as one, with a blank between two words; an address or a number that is longer than a line has none."""
    words = above.rsplit(None, 1)
    broken = not above[-1:].isspace() and (len(words) == 1 or "@" in words[-1] + text.split(None, 1)[0])
    blank = above[-1:].isspace() or (not broken and _WORD_END.search(above) and _WORD_START.match(text))
    return f"{above.rstrip()} {text}" if blank else above + text


def inside(char: Char, box: Box) -> bool:
    """Whether the middle of a character lies in a box."""
    return bool(box[0] <= (char["x0"] + char["x1"]) / 2 < box[2] and box[1] <= _middle(char) < box[3])


def _line(chars: Sequence[Char]) -> Line:
    """One line of characters, in any order, of which one at least can be seen."""
    text, ends = "", list[float]()
    before: Char | None = None
    for char in sorted(chars, key=lambda char: float(char["x0"])):
        piece = _text(char)
        if (not text and piece.isspace()) or (before and _printed_twice(before, char)):
            continue
        if before and not text.endswith(" ") and not piece.isspace() and _apart(before, char):
            text, ends = text + " ", [*ends, char["x0"]]
        text, ends = text + piece, ends + [char["x1"]] * len(piece)
        before = char
    start = min(float(char["x0"]) for char in chars if not char["text"].isspace())
    end, height = ends[len(text.rstrip()) - 1], _height(chars[0])
    word = _PIECE.match(text)
    room = ends[word.end() - 1] - start if word else 0.0
    room += _AUTOMATIC * height if text[:1].isascii() else 0.0
    return Line(text, start, min(ends[-1], end + height), room)


def _middle(char: Char) -> float:
    return float(char["top"] + char["bottom"]) / 2


def _height(char: Char) -> float:
    return float(char["bottom"] - char["top"])


def _printed_twice(before: Char, char: Char) -> bool:
    """To look bold."""
    return bool(char["text"] == before["text"] and abs(char["x0"] - before["x0"]) < 1)


def _apart(before: Char, char: Char) -> bool:
    latin = before["text"].isascii() and char["text"].isascii()
    return bool(char["x0"] - before["x1"] > _height(char) * (_GAP_LATIN if latin else _GAP))


def _text(char: Char) -> str:
    """A character, with boxes as boxes; what no font says the look of may be a box in any state."""
    text = "".join(" " if sign == "\xa0" else sign for sign in str(char["text"]) if sign >= " ")
    font = re.sub("[ ,-]|regular$", "", _SUBSET.sub("", str(char["fontname"])).lower())
    known = _SYMBOL_FONTS.get(font)
    if _NO_CODE.fullmatch(text) or (known is None and SYMBOLS.search(text)):
        return UNKNOWN
    return in_font(text, known or "", known or "")
