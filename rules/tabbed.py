"""A form whose columns are tabs, as Word makes it of a table that is turned into text: its lines as a table again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rules.labels import Labels
from rules.passage import passage_of
from rules.submission import Cell, Paragraph, Run, Table


def table_of(paragraphs: Iterable[Paragraph], labels: Labels) -> Table:
    """A row for each line with tabs, or with a label; any other line goes on in the last cell of the row above. Several tabs are one."""
    rows: list[list[list[Paragraph]]] = []
    for paragraph in paragraphs:
        columns = [column for number, column in enumerate(_columns(paragraph)) if number == 0 or column.text.strip()]
        if rows and len(columns) == 1 and labels.at_start(passage_of(columns)) is None:
            rows[-1][-1] += columns
        else:
            rows.append([[column] for column in columns])
    return Table(tuple(tuple(Cell(tuple(content), number) for number, content in enumerate(row)) for row in rows))


def _columns(paragraph: Paragraph) -> Iterator[Paragraph]:
    runs: list[Run] = []
    for run in paragraph.runs:
        first, *others = run.text.split("\t")
        runs.append(replace(run, text=first))
        for text in others:
            yield Paragraph(tuple(runs))
            runs = [replace(run, text=text)]
    yield Paragraph(tuple(runs))
