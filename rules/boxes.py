"""The boxes of a choice as characters: what each of them shows, and a text set out so that every box stands beside its option."""

import re
from collections.abc import Iterator
from enum import IntEnum

from rules.passage import Passage, joined


class State(IntEnum):
    """What a box shows; of several boxes at one option the highest counts."""

    NONE = 0
    EMPTY = 1
    UNKNOWN = 2
    CROSSED = 3
    FILLED = 4
    TICKED = 5


# For folded text.
SIGNS = {
    State.TICKED: "√✓✔☑✅🗹🗸\uf0fe\uf0fc\uf052\uf050",
    State.CROSSED: "×✗✘✕✖╳☒❌❎",
    State.FILLED: "■●◉◎⊙⦿◆★▣◼⬛▇█▲",
    State.EMPTY: "□☐○◯〇▢◻⬜◇☆▯△£¨",
    State.UNKNOWN: "\ufffd",
}
STATES = {sign: state for state, signs in SIGNS.items() for sign in signs}
# Letters serve as marks only where they stand alone: v and x are typed, the others are symbols that lost their font.
LETTERS = {
    "v": State.TICKED,
    "x": State.CROSSED,
    "r": State.TICKED,
    "p": State.TICKED,
    "þ": State.TICKED,
    "ü": State.TICKED,
    "o": State.EMPTY,
    "q": State.EMPTY,
}
_ALL = re.escape("".join(STATES))
MARK = re.compile(rf"[(\[{{【<]\s*([{_ALL}vx]?)\s*[)\]}}】>]|([{_ALL}])|(?<![a-z0-9.])([vxrpþüoq])(?![a-z0-9.@])")

# 请在□内打“√”: neither sign is an answer.
_QUOTES = "[“”\"'‘’「」()]{0,2}"
_EMPTY = re.escape(SIGNS[State.EMPTY])
_TICKING = "[打划画填涂标]"
_INSTRUCTION = re.compile(
    rf"在[^\n{_EMPTY}]{{0,6}}[{_EMPTY}][ \t]*(?:[内中里上处]|(?={_TICKING}))|{_TICKING}[ \t]*{_QUOTES}[{SIGNS[State.TICKED]}v](?![a-z]){_QUOTES}"
)

# What stands for a box, or around one, without being its sign: 口 typed for □, a ring or frame that is laid over the sign before it.
_TYPED_BOX = re.compile(rf"(?<![^\s{SIGNS[State.TICKED]}])[口囗ロ]")
_OVERLAID = re.compile("[\u20dd-\u20e4\ufe00-\ufe0f]")


def set_out(passage: Passage) -> Passage:
    """The text of a choice without the signs that only say how to tick, and with boxes that fill a row of a table put beside the options of the next."""
    text = _TYPED_BOX.sub("□", _OVERLAID.sub(" ", passage.folded))
    text = _INSTRUCTION.sub(lambda found: " " * len(found.group()), text)
    changed = zip(text, passage.folded, passage.text, strict=True)
    return _by_column(Passage("".join(char if new == old else new for new, old, char in changed), passage.styles))


def without_marks(text: str) -> str:
    """A folded text without its boxes."""
    return MARK.sub("", text)


def _by_column(passage: Passage) -> Passage:
    """A row of cells that hold boxes alone, and the row of options above or below it: each box beside its option, a line each."""
    if "\t" not in passage.text:
        return passage
    done: list[list[Passage]] = []
    rows = [list(_pieces(line, "\t")) for line in _pieces(passage, "\n")]
    loose = False  # whether the row above holds options that have no boxes yet
    while rows:
        row = rows.pop(0)
        boxes = len(row) > 1 and any(cell.tight for cell in row) and not any(without_marks(cell.folded).strip() for cell in row)
        if boxes and loose and len(done[-1]) == len(row):
            done[-1:] = _paired(row, done[-1])
            loose = False
        elif boxes and rows and len(rows[0]) == len(row):
            done += _paired(row, rows.pop(0))
            loose = False
        else:
            done.append(row)
            loose = not any(MARK.search(cell.folded) for cell in row)
    return joined(joined(row, "\t") for row in done)


def _paired(boxes: list[Passage], options: list[Passage]) -> list[list[Passage]]:
    return [[box, option] for box, option in zip(boxes, options, strict=True)]


def _pieces(passage: Passage, sign: str) -> Iterator[Passage]:
    start = 0
    for piece in passage.text.split(sign):
        yield passage.part(start, start + len(piece))
        start += len(piece) + 1
