"""The tables of a document as grids of labelled cells: nested ones apart, and a form that was cut in two made whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rules.labels import Label, Labels
from rules.passage import Passage, passage_of
from rules.submission import Cell, Table


@dataclass(eq=False, slots=True)
class Spot:
    """One cell and the label that it holds, if any; `row` and `number` say where it stands in its grid."""

    passage: Passage
    column: int
    span: int
    row: int
    number: int
    continues: bool
    label: Label | None

    @property
    def bare(self) -> bool:
        """Nothing but a label."""
        return self.label is not None and self.label.answer is None

    @property
    def filled(self) -> bool:
        """Something stands in it."""
        return bool(self.passage.tight)


@dataclass(eq=False, slots=True)
class Grid:
    """One table, nested ones apart, and the fields whose labels stand in it."""

    rows: list[list[Spot]] = field(default_factory=list)
    keys: frozenset[str] = frozenset()

    @property
    def weight(self) -> int:
        """How much of the form it holds."""
        return len(self.keys)


def grids_of(tables: Iterable[Table], labels: Labels) -> list[Grid]:
    """Every table, the nested ones after the one they stand in; a table in a cell without labels of its own is that cell's text: a list of experts."""
    return _mended(_grids(tables, labels))


def _grids(tables: Iterable[Table], labels: Labels) -> Iterator[Grid]:
    for table in tables:
        grid = Grid()
        nested: list[Grid] = []
        own = _keys(_spots(table, labels)) if any(cell.tables for row in table.rows for cell in row) else frozenset()
        for number, row in enumerate(table.rows):
            spots: list[Spot] = []
            for cell in row:
                within = [inner for inner in _grids(cell.tables, labels) if inner.keys - own]
                nested += within
                spots.append(_spot(cell, number, len(spots), labels, apart=bool(within)))
            grid.rows.append(spots)
        grid.keys = _keys(spot for row in grid.rows for spot in row)
        yield grid
        yield from nested


def _spots(table: Table, labels: Labels) -> Iterator[Spot]:
    """A table's cells without what is nested in them."""
    return (_spot(cell, 0, 0, labels, apart=True) for row in table.rows for cell in row)


def _keys(spots: Iterable[Spot]) -> frozenset[str]:
    return frozenset(spot.label.key for spot in spots if spot.label and spot.label.key and spot.label.set_off)


def _mended(grids: Iterable[Grid]) -> list[Grid]:
    """A form that was cut between a header and the answers below it is one table again."""
    whole: list[Grid] = []
    for grid in grids:
        above = whole[-1].rows[-1] if whole and whole[-1].rows else []
        heads = bool(above) and all(spot.bare or not spot.filled for spot in above)
        if heads and any(spot.label for spot in above) and grid.rows and not any(spot.label for spot in grid.rows[0]) and _leads_nowhere(above):
            for row in grid.rows:
                for spot in row:
                    spot.row = len(whole[-1].rows)
                whole[-1].rows.append(row)
        else:
            whole.append(grid)
    return whole


def _leads_nowhere(row: list[Spot]) -> bool:
    """Whether no label of a row has a cell of its own beside it."""
    return bool(row) and row[-1].bare


def _spot(cell: Cell, row: int, number: int, labels: Labels, *, apart: bool) -> Spot:
    passage = Passage() if cell.continues else passage_of(cell.paragraphs, () if apart else cell.tables)
    return Spot(passage, cell.column, cell.span, row, number, cell.continues, labels.at_start(passage) if passage.tight else None)


def under(spot: Spot, row: list[Spot], lower: list[Spot]) -> Spot | None:
    """The cell of a lower row that stands under a label: the same one in count where the rows have as many cells, else the one that overlaps it most."""
    if len(row) == len(lower):
        return lower[spot.number]
    overlaps = [(min(spot.column + spot.span, cell.column + cell.span) - max(spot.column, cell.column), cell) for cell in lower]
    widest = max((width for width, _ in overlaps), default=0)
    return next((cell for width, cell in overlaps if width == widest), None) if widest > 0 else None
