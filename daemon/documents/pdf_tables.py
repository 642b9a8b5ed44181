"""The tables of a PDF's pages as the tables they were before the pages were made: merged cells, and rows that a page's end cut in two."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from daemon.documents.printed import Box, Char, Line, inside, join, lines_of, paragraphs_of, runs_on
from rules.submission import Cell, Paragraph, Run, Table

_NEAR = 3.0  # points: edges that are nearer are one


@dataclass(slots=True)
class _Printed:
    """One cell as printed; `continues`: the lower part of a merged one."""

    box: Box
    lines: list[Line] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    continues: bool = False


@dataclass(slots=True)
class Part:
    """A table's share of one page."""

    box: Box
    rows: list[list[_Printed]]

    @property
    def sides(self) -> tuple[float, float]:
        """Its left and right edge."""
        return self.box[0], self.box[2]


def part_of(box: Box, cells: Sequence[Box], tops: Sequence[float], chars: Sequence[Char]) -> Part:
    """A table as found on a page.

    Args:
        box: of the whole table.
        cells: their boxes, a merged cell once.
        tops: of its rows, points, in their order.
        chars: those that stand in it.
    """
    read: dict[Box, _Printed] = {}
    for cell in cells:
        lines = lines_of(char for char in chars if inside(char, cell))
        read[cell] = _Printed(cell, lines, paragraphs_of(lines, cell[0], cell[2]))
    rows = []
    for top in tops:
        crossed = sorted(cell for cell in cells if cell[1] < top + _NEAR < cell[3])
        rows.append([read[cell] if cell[1] > top - _NEAR else _Printed(cell, continues=True) for cell in crossed])
    return Part(box, rows)


def tables_of(pages: Sequence[Sequence[Part]]) -> tuple[Table, ...]:
    """The tables of all pages, in order; one that goes on at the head of the next page is one."""
    whole: list[list[Part]] = []
    for parts in pages:
        for number, part in enumerate(sorted(parts, key=lambda part: part.box[1])):
            above = whole[-1][-1] if whole and number == 0 else None
            if above is not None and all(abs(a - b) < _NEAR for a, b in zip(above.sides, part.sides, strict=True)):
                _mend(above, part)
                whole[-1].append(part)
            else:
                whole.append([part])
    return tuple(_table(parts) for parts in whole)


def _mend(above: Part, part: Part) -> None:
    """Where a page's end cut a row in two, make it one again, or at least mark its lower half as such."""
    if not above.rows or not part.rows:
        return
    upper, lower = above.rows[-1], part.rows[0]
    if len(upper) != len(lower) or any(abs(a.box[0] - b.box[0]) > _NEAR for a, b in zip(upper, lower, strict=True)):
        return
    more = [(a, b) for a, b in zip(upper, lower, strict=True) if b.lines]
    if more and all(a.lines and runs_on(a.lines[-1], b.lines[0], a.box[0], a.box[2]) for a, b in more):
        for a, b in more:
            a.texts[-1:] = [join(a.texts[-1], b.texts[0]), *b.texts[1:]]
            a.lines = b.lines
        del part.rows[0]
        return
    for cell in lower:
        if cell.lines:
            break
        cell.continues = True


def _table(parts: Sequence[Part]) -> Table:
    edges: list[float] = []
    for x in sorted(x for part in parts for row in part.rows for cell in row for x in (cell.box[0], cell.box[2])):
        if not edges or x - edges[-1] > _NEAR:
            edges.append(x)
    return Table(tuple(tuple(_cell(cell, edges) for cell in row) for part in parts for row in part.rows))


def _cell(cell: _Printed, edges: Sequence[float]) -> Cell:
    column = bisect_left(edges, cell.box[0] - _NEAR)
    span = max(1, bisect_left(edges, cell.box[2] - _NEAR) - column)
    return Cell(tuple(Paragraph((Run(text),)) for text in cell.texts), column, span, cell.continues)
