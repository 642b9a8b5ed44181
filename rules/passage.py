"""A stretch of a form's text with its styles, in which printed words are found whatever blanks and widths they were typed with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.submission import Paragraph, Run, Table
from rules.text import fold

BOLD, UNDERLINED, STRUCK, MARKED = 1, 2, 4, 8
_UNSEEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


@dataclass(frozen=True)  # without slots, for the cached properties
class Passage:
    """Text, and for each of its characters the sum of BOLD, UNDERLINED, STRUCK and MARKED as a hexadecimal digit."""

    text: str = ""
    styles: str = ""

    @cached_property
    def folded(self) -> str:
        """The text folded (rules/text.py), character for character."""
        return fold(self.text)

    @cached_property
    def places(self) -> list[int]:
        """Where in the text each character of `tight` stands."""
        return [place for place, char in enumerate(self.folded) if not char.isspace() and char not in _UNSEEN]

    @cached_property
    def tight(self) -> str:
        """The folded text without blanks, line breaks and characters that cannot be seen."""
        folded = self.folded
        return "".join([folded[place] for place in self.places])

    def find(self, words: str, start: int = 0) -> tuple[int, int] | None:
        """Where words that are tight themselves stand in the text, from a place in `tight` on: (first, past the last) of `tight`."""
        found = self.tight.find(words, start) if words else -1
        return None if found < 0 else (found, found + len(words))

    def part(self, start: int, end: int | None = None) -> "Passage":
        """From one place in the text to another."""
        return Passage(self.text[start:end], self.styles[start:end])

    def gap(self, place: int) -> str:
        """The blanks that stand in the text before a character of `tight`, or at the end of the text."""
        start = self.places[place - 1] + 1 if place else 0
        return self.text[start : self.places[place]] if place < len(self.places) else self.text[start:]

    def has_style(self, start: int, end: int, style: int) -> bool:
        """Whether a part of the text has a style throughout, its blanks aside."""
        return all(int(mark, 16) & style for char, mark in zip(self.text[start:end], self.styles[start:end], strict=True) if not char.isspace())


def passage_of(paragraphs: Iterable[Paragraph], tables: Sequence[Table] = ()) -> Passage:
    """Paragraphs, a line each; then the rows of the tables, a line each, with a tab between cells."""
    runs = _cell(paragraphs, tables)
    styles = (f"{run.bold * BOLD + run.underlined * UNDERLINED + run.struck * STRUCK + run.marked * MARKED:x}" * len(run.text) for run in runs)
    return Passage("".join(run.text for run in runs), "".join(styles))


def joined(passages: Iterable[Passage], by: str = "\n") -> Passage:
    """Several passages as one."""
    parts = list(passages)
    return Passage(by.join(part.text for part in parts), ("0" * len(by)).join(part.styles for part in parts))


def tight(words: str) -> str:
    """Printed words as `Passage.tight` has them."""
    return Passage(words).tight


def _cell(paragraphs: Iterable[Paragraph], tables: Sequence[Table]) -> list[Run]:
    lines = [paragraph.runs for paragraph in paragraphs]
    if tables and lines and not lines[-1]:
        lines.pop()  # Word has an empty paragraph after a table that ends a cell
    text = _runs(lines, "\n")
    pieces = [_table(table) for table in tables]
    return _runs([text, *pieces] if text else pieces, "\n")


def _table(table: Table) -> list[Run]:
    return _runs([_runs([_cell(cell.paragraphs, cell.tables) for cell in row if not cell.continues], "\t") for row in table.rows], "\n")


def _runs(pieces: Sequence[Sequence[Run]], by: str) -> list[Run]:
    runs: list[Run] = []
    for number, piece in enumerate(pieces):
        runs += [Run(by), *piece] if number else piece
    return runs
