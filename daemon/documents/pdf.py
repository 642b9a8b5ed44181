"""A PDF that was printed from a document, to a Document: its tables by pdfplumber, and the lines outside them. No pictures, no OCR, no form fields.

What runs away in here (a small file can keep a parser busy for minutes) is ended by daemon/documents/pdf_process.py.
"""

import io
import logging
import struct
import zlib
from typing import TYPE_CHECKING

from daemon.documents.pdf_tables import Part, part_of, tables_of
from daemon.documents.printed import Char, inside, lines_of, paragraphs_of
from rules.submission import Document, Paragraph, Run

if TYPE_CHECKING:
    from pdfplumber.page import Page
    from pdfplumber.pdf import PDF

MOST_PAGES = 20  # what comes after is not looked at
MOST_CHARS = 40_000  # all in all
MOST_CELLS = 2_000  # of one table
MOST_LINES = 2_000  # drawn on one page; the search for tables grows faster than their number
_BOX_LEAST, _BOX_MOST = 3, 18  # points: a rectangle of this width and height is a tick box, and no cell

# What pdfplumber and pdfminer raise on damaged files, beside their own errors.
_DAMAGE = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError, EOFError, RuntimeError, TypeError, ValueError),
    *(zlib.error, struct.error),
)


class PdfUnread(Exception):  # noqa: N818 - reads as what happened
    """Nothing can be read of it: damaged, locked, over a limit, or without text; the text is a short English reason."""


def read_pdf(data: bytes) -> Document:
    """Read the text of a PDF.

    Args:
        data: the whole file, bytes.

    Raises:
        PdfUnread: there is nothing that could be read.
    """
    # It takes 0.2 s, and few mails need it.
    import pdfplumber  # noqa: PLC0415
    from pdfminer.psexceptions import PSException  # noqa: PLC0415
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException  # noqa: PLC0415

    for name in ("pdfminer", "pdfplumber"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # their warnings quote the file
    try:
        with pdfplumber.open(io.BytesIO(data), pages=list(range(1, MOST_PAGES + 1))) as pdf:
            return _document(pdf)
    except (*_DAMAGE, PSException, PdfminerException, MalformedPDFException) as error:
        raise PdfUnread(type(error).__name__) from error


def _document(pdf: "PDF") -> Document:
    pages: list[list[Part]] = []
    outside: list[str] = []
    left = MOST_CHARS
    for page in pdf.pages:
        chars: list[Char] = [char for char in page.chars if char["upright"]]
        left -= len(chars)
        if left < 0 or len(page.edges) > MOST_LINES:
            raise PdfUnread("too much on its pages")
        parts, rest = _parts(page, chars)
        pages.append(parts)
        lines = lines_of(rest)
        margin = min((line.x0 for line in lines), default=0.0)
        right = max([float(page.width) - margin, *(line.x1 for line in lines)])
        outside += paragraphs_of(lines, margin, right)
        page.close()
    if left == MOST_CHARS:
        raise PdfUnread("no text")
    return Document(tables_of(pages), tuple(Paragraph((Run(text),)) for text in outside))


def _parts(page: "Page", chars: list[Char]) -> tuple[list[Part], list[Char]]:
    """The tables of a page, and the characters outside all of them."""
    parts: list[Part] = []
    for table in page.filter(_could_be_a_cell).find_tables():
        if len(table.cells) > MOST_CELLS:
            raise PdfUnread("too many cells")
        within = [char for char in chars if inside(char, table.bbox)]
        chars = [char for char in chars if not inside(char, table.bbox)]
        parts.append(part_of(table.bbox, table.cells, [row.bbox[1] for row in table.rows], within))
    return parts, chars


def _could_be_a_cell(item: Char) -> bool:
    return item["object_type"] == "char" or not all(_BOX_LEAST < item[side] < _BOX_MOST for side in ("width", "height"))
