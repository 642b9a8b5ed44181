"""Where the answers of a form stand: beside their label, below it, behind it in the same cell, or in lines without any table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

from rules.grid import Grid, Spot, grids_of, under
from rules.labels import Labels, is_long
from rules.lines import answers_in, without_comma
from rules.notice import Field, Notice
from rules.passage import Passage, joined, passage_of
from rules.remains import repeated, stand_twice, unexplained
from rules.spread import reach, says_something, together
from rules.submission import Document
from rules.tabbed import table_of
from rules.ticks import read_ticks
from rules.values import value_of, without_hints

_LEAST = 3  # labels in a table that may hold the form
_MOST_PLACES = 20  # of one label in one table


@dataclass(slots=True)
class Found:
    """What was found: field key -> its text; which were taken for what, for the staff; and whether no table held them.

    left_over: texts that no field explains. units: what each form says in the notice's field for the unit, where the document holds several forms.
    """

    answers: dict[str, Passage] = field(default_factory=dict)
    guesses: list[tuple[str, str]] = field(default_factory=list)
    without_table: bool = False
    left_over: tuple[str, ...] = ()
    units: tuple[Passage, ...] = ()


class Layout:
    """One document's search for the answers."""

    def __init__(self, document: Document, notice: Notice, labels: Labels) -> None:
        self._document, self._notice, self._labels = document, notice, labels
        self.grids = grids_of(document.tables, labels)
        self._found = Found()
        if not any(grid.weight >= _LEAST for grid in self.grids) and any("\t" in paragraph.text for paragraph in document.paragraphs):
            self.grids += grids_of([table_of(document.paragraphs, labels)], labels)
            self._found.without_table = True
        self._fields = {item.key: item for item in notice.fields}
        self._bare = {spot.label.key for spot in self._spots() if spot.label and spot.bare}
        self._used: set[Spot] = set()
        self._mute: set[str] = set()  # fields whose answer says nothing

    def find(self) -> Found:
        """Look for every field: first beside and below labels, then within cells, then by likeness, then in lines without a table."""
        for item in self._notice.fields:
            self._take_best(item)
        unit = self._notice.unit_field
        places = repeated(self.grids, unit.key)
        self._found.units = tuple(self._at(grid, spot, unit) for grid, spot in places)
        self._mute = {key for key, answer in self._found.answers.items() if not self._says_something(answer, key)}
        for spot in self._spots():
            if spot not in self._used and not spot.bare:
                self._take_within(spot)
        self._take_likely()
        if len(self._found.answers) < _LEAST:
            self._take_lines()
        self._found.left_over = () if places else unexplained(self.grids, self._used, self._notice)
        return self._found

    def _at(self, grid: Grid, spot: Spot, item: Field) -> Passage:
        """The answer at one place of a label: in its own cell, or in those beside it."""
        inside = None if spot.label is None else spot.label.answer
        return self._answer(grid, spot, item)[1] if inside is None else spot.passage.part(inside)

    def spots(self) -> Iterator[Spot]:
        """Every cell."""
        return self._spots()

    def _spots(self) -> Iterator[Spot]:
        return (spot for grid in self.grids for row in grid.rows for spot in row)

    @property
    def _missing(self) -> frozenset[str]:
        return frozenset(self._fields) - frozenset(self._found.answers)

    def _keep(self, key: str, answer: Passage) -> None:
        """Keep an answer that is the first one, or says something where the first does not: it stands in a blank form beside the filled one."""
        says = self._says_something(answer, key)
        if key not in self._found.answers or (says and key in self._mute):
            self._found.answers[key] = answer
            (self._mute.discard if says else self._mute.add)(key)

    # Beside a label, or below it.

    def _take_best(self, item: Field) -> None:
        """Of all places where the label stands, the one in the fullest table, with an answer, with the label as printed, that comes first."""
        best: tuple[tuple[int, bool, bool], list[Spot], Passage, list[str]] | None = None
        for grid in self.grids:
            for spot in islice((spot for row in grid.rows for spot in row if spot.bare and spot.label and spot.label.key == item.key), _MOST_PLACES):
                spots, answer, guesses = self._answer(grid, spot, item)
                rank = (-grid.weight, not self._says_something(answer, item.key), not (spot.label and spot.label.primary))
                if best is None or rank < best[0]:
                    best = (rank, spots, answer, guesses)
        if best:
            self._used.update(best[1])
            self._found.answers[item.key] = best[2]
            self._found.guesses += [(item.key, f"{item.title}：{guess}") for guess in best[3]]

    def _says_something(self, answer: Passage, key: str) -> bool:
        """Whether more than what is printed stands in an answer."""
        item = self._fields[key]
        if item.kind == "choice":
            return bool(read_ticks(without_hints(answer, self._notice), item).keys)
        return bool(value_of(answer, item, self._notice))

    def _answer(self, grid: Grid, spot: Spot, item: Field) -> tuple[list[Spot], Passage, list[str]]:
        """The cells that answer a bare label, their text, and what was guessed in choosing them."""
        row = grid.rows[spot.row]
        right = self._until_label(row[spot.number + 1 :])
        filled = [other for other in right if other.filled]
        if self._heads_columns(row) and (rows := self._rows_below_header(grid, row)):
            chosen = [cell for lower in rows if (cell := under(spot, row, lower))]
            guesses = ["表中填写了多人，已一并登记"] if len(chosen) > 1 else []
            return chosen, joined([cell.passage for cell in chosen if cell.filled], "、"), guesses
        if right:
            chosen, mute = (filled, []) if item.kind == "choice" else self._spread(row, filled, item)
            more, guesses = self._continued(grid, spot, item, chosen)
            if item.kind != "choice":
                guesses = [*_told(chosen), *guesses]
            if not chosen and not more:
                below = self._rows_below(grid, spot.row)[:1]
                chosen = [cell for lower in below if (cell := under(spot, row, lower)) and cell.filled]
            return [*chosen, *mute, *more], self._text(grid, [*chosen, *more], item), guesses
        chosen = [cell for below in self._rows_below(grid, spot.row) for cell in below if cell.filled]
        return chosen, self._text(grid, chosen, item), [] if self._is_long(item.key) else _told(chosen)

    def _spread(self, row: list[Spot], filled: list[Spot], item: Field) -> tuple[list[Spot], list[Spot]]:
        """Of the filled cells beside a label those that are its answer, and those that add nothing to it.

        The latter hold a hint, or repeat the answer: a conversion may write a merged cell once for each of its columns.
        """
        saying = [cell for cell in filled if says_something(cell.passage, item, self._notice)] or filled[:1]
        firsts: dict[str, Spot] = {}
        for cell in saying:
            firsts.setdefault(cell.passage.tight, cell)
        answer = list(firsts.values())
        pairs = any(self._stops(cell) and cell.label and cell.label.key not in {"", item.key} for cell in row)
        chosen = answer[: 1 if pairs else reach([cell.passage for cell in answer], item, self._notice)]
        said = {cell.passage.tight for cell in chosen}
        return chosen, [cell for cell in filled if cell not in chosen and (cell not in saying or cell.passage.tight in said)]

    def _text(self, grid: Grid, cells: list[Spot], item: Field) -> Passage:
        """What cells say, a row a line; those of a choice as they stand, with a tab between cells, for a box may have a cell of its own."""
        numbers = sorted({cell.row for cell in cells})
        if item.kind != "choice":
            parts = ([self._said(cell, item) for cell in cells if cell.row == number] for number in numbers)
            return joined(together(row, item) if reach(row, item, self._notice) == len(row) else joined(row) for row in parts)
        left = min((cell.column for cell in cells), default=0)
        rows = [grid.rows[number] for number in numbers]
        return joined(joined((cell.passage for cell in row if cell in cells or (cell.column >= left and not cell.filled)), "\t") for row in rows)

    def _said(self, cell: Spot, item: Field) -> Passage:
        """A cell's text; where a short answer repeats its own label, what comes after it."""
        label = cell.label
        repeats = label is not None and label.key == item.key and label.set_off and not self._is_long(item.key)
        return cell.passage.part(label.answer) if label is not None and label.answer is not None and repeats else cell.passage

    def _stops(self, spot: Spot) -> bool:
        """A cell that belongs to another field: its label, or its label and answer in one."""
        return spot.label is not None and (spot.bare or (spot.label.set_off and spot.label.key not in self._bare))

    def _until_label(self, cells: Iterable[Spot]) -> list[Spot]:
        kept: list[Spot] = []
        for cell in cells:
            if self._stops(cell):
                break
            kept.append(cell)
        return kept

    def _heads_columns(self, row: list[Spot]) -> bool:
        """Whether labels stand side by side, with nothing between them: their answers are below."""
        keys = [spot.label.key if spot.label and spot.bare else "" for spot in row]
        return any(one and other and one != other for one, other in pairwise(keys))

    def _rows_below(self, grid: Grid, row: int) -> list[list[Spot]]:
        """The rows down to the next one that belongs to another field."""
        rows: list[list[Spot]] = []
        for below in grid.rows[row + 1 :]:
            labelled = [spot for spot in below if self._stops(spot)]
            first = next((spot for spot in below if spot.filled and not spot.passage.tight.isdigit()), None)
            if len(labelled) > 1 or (labelled and labelled[0] is first):
                break
            rows.append(below)
        return rows

    def _rows_below_header(self, grid: Grid, header: list[Spot]) -> list[list[Spot]]:
        """The first row that is filled in under a header, and every later one that is filled in as such a row is: a further person."""
        labels = [spot for spot in header if spot.bare and spot.label and spot.label.key]
        rows = [(below, {cell for spot in labels if (cell := under(spot, header, below)) and cell.filled}) for below in self._rows_below(grid, header[0].row)]
        filled = [(below, cells) for below, cells in rows if cells]
        further = [below for below, cells in filled[1:] if len(cells) >= min(3, len(labels)) and not any(cell.passage.tight.endswith(":") for cell in cells)]
        return [below for below, _ in filled[:1]] + further or [below for below, _ in rows[:1]]

    def _continued(self, grid: Grid, spot: Spot, item: Field, chosen: list[Spot]) -> tuple[list[Spot], list[str]]:
        """An answer that goes on in the rows below: the label's cell is merged with theirs, or is empty there (a row that was split at a page's end)."""
        cells: list[Spot] = []
        guesses: list[str] = []
        for below in self._rows_below(grid, spot.row):
            left = [cell for cell in below if cell.column < spot.column + spot.span]
            if not left or any(cell.filled and not cell.continues for cell in left):
                break
            merged = any(cell.continues and cell.column == spot.column for cell in left)
            more = [cell for cell in below if cell not in left and cell.filled]
            if not (merged or is_long(item) or self._are_one([*chosen, *cells, *more], item)):
                break
            cells += more
            if more and not merged:
                guesses = ["内容分写在两行表格中，已合并登记"]
        return cells, guesses

    def _are_one(self, cells: list[Spot], item: Field) -> bool:
        return len(cells) > 1 and reach([cell.passage for cell in cells], item, self._notice) == len(cells)

    # Behind the label in the same cell.

    def _take_within(self, spot: Spot) -> None:
        wanted = self._missing | (self._mute if self._found.units else set())
        places = list(self._labels.within(spot.passage, wanted))
        label = spot.label
        if label and label.answer is not None and label.key in wanted and (not places or places[0][2] > label.answer):
            places = [(label.key, 0, label.answer, True), *(place for place in places if place[1] >= label.answer)]
        if places and self._is_long(places[0][0]):
            places = places[:1]
        for number, (key, _, start, _) in enumerate(places):
            following = places[number + 1] if number + 1 < len(places) else None
            answer = spot.passage.part(start, following[1] if following else None)
            self._keep(key, without_comma(answer) if following and not following[3] else answer)
        # What stands before the first label may be an answer of its own: 联系人及电话 | 魏慧敏 电话：…
        if places and not spot.passage.part(0, places[0][1]).tight:
            self._used.add(spot)

    def _is_long(self, key: str) -> bool:
        return is_long(self._fields[key])

    # By likeness.

    def _take_likely(self) -> None:
        for grid in self.grids:
            for spot in (spot for row in grid.rows for spot in row):
                if spot in self._used or spot.label or not self._missing:
                    continue
                key = self._labels.likely(spot.passage, self._missing)
                spots, answer, guesses = self._answer(grid, spot, self._fields[key]) if key else ([], Passage(), [])
                if key and answer.tight and not self._used.intersection(spots):
                    self._used.update([spot, *spots])
                    self._found.answers[key] = answer
                    guesses = [f"取自“{' '.join(spot.passage.text.split())}”一栏", *guesses]
                    self._found.guesses += [(key, f"{self._fields[key].title}：{guess}") for guess in guesses]

    # Without a table.

    def _take_lines(self) -> None:
        answers = answers_in(passage_of(self._document.paragraphs), self._labels, self._missing, self._notice)
        several = stand_twice(key for key, _ in answers)
        for key, answer in answers:
            if several and key == self._notice.unit_field.key:
                self._found.units += (answer,)
            before = self._found.answers.get(key, Passage()).tight
            if before and answer.tight not in {"", before} and not several and not self._is_long(key):
                self._found.guesses.append((key, f"{self._fields[key].title}：不止一处填写，内容不同，取其一"))
            self._keep(key, answer)
            self._found.without_table = True


def _told(chosen: list[Spot]) -> list[str]:
    """What the staff are told where several cells of one row are one answer."""
    rows = [cell.row for cell in chosen]
    return ["内容分写在同一行的几个单元格中，已合并登记"] if len(rows) > len(set(rows)) else []
