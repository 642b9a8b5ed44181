"""The tree of a Word document (ECMA-376, part 1, clause 17) as tables, cells and paragraphs: what a person sees of it, and no more.

Elements are known by their local names, so transitional, strict and Word 2010 documents are read alike.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from daemon.documents.controls import attribute, child, is_on, local, number, shown_by_equation, shown_by_form_field
from daemon.documents.lists import Lists
from daemon.documents.reasons import Unread, Why
from daemon.documents.symbols import in_font, symbol, symbol_font
from rules.submission import Cell, Paragraph, Run, Table

Look = tuple[bool, bool, bool, bool]  # bold, underlined, struck, marked: as in Run
_CHARACTERS = 20  # for each paragraph that is allowed
MOST_DEEP = 100  # elements within elements, as far as they are followed

_UNSEEN = frozenset(("del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "delText", "delInstrText", "rt", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr"))
_SET_OFF = frozenset(("highlight", "shd", "bdr", "em", "color"))
_PLAIN_LOOK = frozenset(("", "auto", "none", "nil", "clear", "000000", "ffffff", "black", "white"))
_PLAIN = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}


class TooMuch(Unread):
    """The document is larger or deeper than the limits allow."""


@dataclass(slots=True)
class Blocks:
    """What stands in a body, a cell or a text box, in order of each kind."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


@dataclass(slots=True)
class _Field:
    """A complex field that is open: its instruction, and whether its result has begun."""

    instruction: str = ""
    result: bool = False
    silent: bool = False  # the result repeats what was already put out


@dataclass(slots=True)
class _Line:
    """A paragraph that is being read: (text, look), and the text boxes anchored in it."""

    runs: list[tuple[str, Look]] = field(default_factory=list)
    boxes: Blocks = field(default_factory=Blocks)

    def put(self, text: str, style: Look) -> None:
        if self.runs and self.runs[-1][1] == style:
            text = self.runs.pop()[0] + text
        self.runs.append((text, style))

    @property
    def empty(self) -> bool:
        return not (self.runs or self.boxes.paragraphs or self.boxes.tables)


@dataclass(frozen=True, slots=True)
class _Style:
    """What the properties of one run say."""

    look: Look = (False, False, False, False)
    hidden: bool = False
    font: str = ""
    letters_font: str = ""


_NO_STYLE = _Style()


class Reader:
    """One reading of one document; counts what it walks through.

    Args:
        lists: the document's.
        most_paragraphs: more of them raise TooMuch, and so do more than twenty times as many characters.
    """

    def __init__(self, lists: Lists, most_paragraphs: int) -> None:
        self._lists = lists
        self._left = most_paragraphs
        self._characters = most_paragraphs * _CHARACTERS
        self._fields: list[_Field] = []
        self._special: dict[str, Callable[[etree._Element, _Line, _Style, int], None]] = {
            "sym": self._symbol,
            "instrText": self._instruction,
            "fldChar": self._field_part,
            "txbxContent": self._text_box,
            "AlternateContent": self._alternatives,
        }

    def blocks(self, element: etree._Element, depth: int = 0) -> Blocks:
        """The paragraphs and tables of a body, a cell or a text box.

        Raises:
            TooMuch: past the limits of paragraphs or depth.
        """
        found, kept = Blocks(), _Line()
        for block in _flatten(element, ("p", "tbl"), depth):
            if local(block) == "tbl":
                found.tables.append(self._table(block, depth + 1))
                continue
            line = self._line(block, kept, depth + 1)
            kept = line if _mark_deleted(block) else _Line()
            if kept is not line:
                _finish(line, found)
        if not kept.empty:
            _finish(kept, found)
        return found

    def _table(self, element: etree._Element, depth: int) -> Table:
        rows = [self._row(row, depth + 1) for row in _flatten(element, ("tr",), depth) if not _is_gone(row)]
        return Table(tuple(row for row in rows if row))

    def _row(self, element: etree._Element, depth: int) -> tuple[Cell, ...]:
        self._count()
        cells: list[Cell] = []
        column = number(child(element, "trPr", "gridBefore"), 0)
        for item in _flatten(element, ("tc",), depth):
            span = number(child(item, "tcPr", "gridSpan"), 1) or 1
            if child(item, "tcPr", "cellDel") is not None:
                continue
            if not cells or not _continues(child(item, "tcPr", "hMerge")):
                content = self.blocks(item, depth + 1)
                continues = _continues(child(item, "tcPr", "vMerge"))
                cells.append(Cell(tuple(content.paragraphs), column, span, continues, tuple(content.tables)))
            column += span
        return tuple(cells)

    def _line(self, element: etree._Element, line: _Line, depth: int) -> _Line:
        self._count()
        begun = len(line.runs)
        for part in element:
            self._part(part, line, _NO_STYLE, depth + 1)
        shown = self._lists.number(child(element, "pPr"))
        if shown and line.runs and not begun:
            self._characters -= len(shown)
            line.runs.insert(0, (shown, _NO_STYLE.look))
        # A field whose instruction never ends must not swallow the rest of the document.
        self._fields = [item for item in self._fields if item.result and not item.silent]
        return line

    def _part(self, element: etree._Element, line: _Line, style: _Style, depth: int) -> None:
        """One element within a paragraph; what is not known is looked through."""
        name = local(element)
        if name in _UNSEEN or not name:
            return
        if depth > MOST_DEEP:
            raise TooMuch(Why.TOO_DEEP)
        if name == "t":
            self._text(in_font((element.text or "").replace("\n", " "), style.font, style.letters_font), line, style)
        elif name in _PLAIN:
            self._text(_PLAIN[name], line, style)
        elif name in self._special:
            self._special[name](element, line, style, depth)
        elif name == "fldSimple" and (shown := shown_by_equation(attribute(element, "instr"))):
            self._text(shown, line, style)
        else:
            within = self._style(element) if name == "r" else style
            for part in element:
                self._part(part, line, within, depth + 1)

    def _text(self, text: str, line: _Line, style: _Style) -> None:
        unfinished = next((item for item in self._fields if not item.result), None)
        self._characters -= len(text)
        if self._characters < 0:
            raise TooMuch(Why.TOO_MUCH_TEXT)
        if unfinished:
            unfinished.instruction += text
        elif text and not style.hidden and not any(item.silent for item in self._fields):
            line.put(text, style.look)

    def _symbol(self, element: etree._Element, line: _Line, style: _Style, _: int) -> None:
        try:
            code = int(attribute(element, "char"), 16)
        except ValueError:
            return
        self._text(symbol(attribute(element, "font"), code), line, style)

    def _instruction(self, element: etree._Element, _: _Line, __: _Style, ___: int) -> None:
        if self._fields and not self._fields[-1].result:
            self._fields[-1].instruction += element.text or ""

    def _field_part(self, element: etree._Element, line: _Line, style: _Style, _: int) -> None:
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            shown = shown_by_form_field(element)
            self._text(shown or "", line, style)
            self._fields.append(_Field(silent=shown is not None))
        elif kind == "separate" and self._fields:
            self._fields[-1].result = True
            self._show_equation(line, style)
        elif kind == "end" and self._fields:
            if not self._fields[-1].result:
                self._show_equation(line, style)
            self._fields.pop()

    def _show_equation(self, line: _Line, style: _Style) -> None:
        """An EQ field is its instruction: what it shows is put out, and its result (there is none, as a rule) is not."""
        ending = self._fields[-1]
        shown = "" if ending.silent else shown_by_equation(ending.instruction)
        if shown:
            self._fields.pop()
            self._text(shown, line, style)
            self._fields.append(_Field(result=True, silent=True))

    def _text_box(self, element: etree._Element, line: _Line, style: _Style, depth: int) -> None:
        """What stands in a text box comes after its paragraph; a single sign, as a tick drawn over a box is, where the text box is anchored."""
        fields, self._fields = self._fields, []
        content = self.blocks(element, depth + 1)
        self._fields = fields
        sign = "".join(paragraph.text.strip() for paragraph in content.paragraphs)
        if len(sign) == 1 and not content.tables:
            self._text(sign, line, style)
            return
        line.boxes.paragraphs += content.paragraphs
        line.boxes.tables += content.tables

    def _alternatives(self, element: etree._Element, line: _Line, style: _Style, depth: int) -> None:
        """The same thing stored twice (mc:Choice, mc:Fallback): the first that shows anything."""
        for choice in element:
            before = (sum(len(text) for text, _ in line.runs), len(line.boxes.paragraphs), len(line.boxes.tables))
            self._part(choice, line, style, depth + 1)
            if before != (sum(len(text) for text, _ in line.runs), len(line.boxes.paragraphs), len(line.boxes.tables)):
                return

    def _style(self, element: etree._Element) -> _Style:
        properties = child(element, "rPr")
        if properties is None:
            return _NO_STYLE
        seen = {local(item): item for item in properties}
        fonts = seen.get("rFonts")
        letters_font = "" if fonts is None else symbol_font(attribute(fonts, "ascii"), attribute(fonts, "hAnsi"))
        font = letters_font or ("" if fonts is None else symbol_font(attribute(fonts, "eastAsia"), attribute(fonts, "cs")))
        bold, underlined = is_on(seen.get("b")), is_on(seen.get("u"))
        struck = is_on(seen.get("strike")) or is_on(seen.get("dstrike"))
        named, vanish = seen.get("rStyle"), seen.get("vanish")
        hidden = is_on(vanish) if vanish is not None else named is not None and attribute(named, "val") in self._lists.hidden
        return _Style((bold, underlined, struck, _is_marked(seen)), hidden, font, letters_font)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooMuch(Why.TOO_MANY_PARAGRAPHS)


def _flatten(element: etree._Element, wanted: tuple[str, ...], depth: int) -> Iterator[etree._Element]:
    """The elements of these names, through content controls, insertions and the like, but not into each other."""
    if depth > MOST_DEEP:
        raise TooMuch(Why.TOO_DEEP)
    for part in element:
        name = local(part)
        if name in wanted:
            yield part
        elif name == "AlternateContent":
            choice = next(iter(part), None)
            if choice is not None:
                yield from _flatten(choice, wanted, depth + 1)
        elif name and name not in _UNSEEN:
            yield from _flatten(part, wanted, depth + 1)


def _finish(line: _Line, found: Blocks) -> None:
    found.paragraphs.append(Paragraph(tuple(Run(text, *style) for text, style in line.runs)))
    found.paragraphs += line.boxes.paragraphs
    found.tables += line.boxes.tables


def _mark_deleted(element: etree._Element) -> bool:
    properties = child(element, "pPr", "rPr")
    return properties is not None and any(child(properties, name) is not None for name in ("del", "moveFrom"))


def _is_marked(properties: dict[str, etree._Element]) -> bool:
    """Whether a run is set off by highlighting, shading, a frame, emphasis marks or a colour other than black (17.3.2)."""
    values = (attribute(item, "fill" if name == "shd" else "val") for name, item in properties.items() if name in _SET_OFF)
    return any(value.lower() not in _PLAIN_LOOK for value in values)


def _is_gone(row: etree._Element) -> bool:
    """Whether a row is deleted, or hidden."""
    return child(row, "trPr", "del") is not None or is_on(child(row, "trPr", "hidden"))


def _continues(element: etree._Element | None) -> bool:
    return element is not None and attribute(element, "val") in {"", "continue"}
