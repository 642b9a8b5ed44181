"""What a form holds beside the answers that were found: text that no field explains, and the form of a second unit.

Text that is left over means doubt: what seems to be missing may stand there under a label of the applicant's own, and is not asked for again.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from rules.grid import Grid, Spot
from rules.notice import Notice
from rules.passage import tight
from rules.values import value_of

_LEAST = 2  # characters of a text that could be an answer, or its label
_ROW_NUMBER = re.compile(r"\d{1,3}[.、]*")  # a longer one is a telephone or a postcode


def unexplained(grids: Sequence[Grid], used: Collection[Spot], notice: Notice) -> tuple[str, ...]:
    """The texts of cells that are neither a label nor an answer, from the first table with an answer to the last; row numbers and what is printed left out."""
    title = tight(notice.form_title)
    statements = [field for field in notice.fields if field.kind == "statement"]
    holding = [number for number, grid in enumerate(grids) if any(spot in used for spot in _cells(grid))]
    return tuple(
        " ".join(spot.passage.text.split())
        for grid in (grids[holding[0] : holding[-1] + 1] if holding else ())
        for spot in _cells(grid)
        if spot not in used and spot.label is None and len(spot.passage.tight) >= _LEAST and not _ROW_NUMBER.fullmatch(spot.passage.tight)
        if title not in spot.passage.tight or len(spot.passage.tight) > 2 * len(title)  # with its 附件：
        if all(value_of(spot.passage, field, notice) for field in statements)  # a page's end may part （公章） 年 月 日 from its row
    )


def repeated(grids: Sequence[Grid], key: str) -> tuple[tuple[Grid, Spot], ...]:
    """Where the label of a field stands, if the document holds the whole form several times; nothing where it holds it once."""
    places = [(grid, spot, spot.label.key) for grid in grids for spot in _cells(grid) if spot.label and spot.label.key and (spot.bare or spot.label.set_off)]
    return tuple((grid, spot) for grid, spot, found in places if found == key) if stand_twice(found for _, _, found in places) else ()


def stand_twice(keys: Iterable[str]) -> bool:
    """Whether labels, by the keys of their fields, are those of several forms; some stand twice in one form too: 姓名 and 电话 of two persons."""
    counts = Counter(keys)
    return sum(count > 1 for count in counts.values()) * 2 > len(counts)


def needed(notice: Notice) -> frozenset[str]:
    """The keys of the fields that are asked for, and of those that serve instead."""
    required = [field for field in notice.fields if field.required]
    return frozenset(field.key for field in required) | frozenset(field.alternative for field in required if field.alternative)


def _cells(grid: Grid) -> Iterator[Spot]:
    return (spot for row in grid.rows for spot in row)
