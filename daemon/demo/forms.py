"""The form of a notice as a Word file, filled in with invented answers. For the demo only: what applicants really send is in tests/builders.py."""

import io
import zipfile
from collections.abc import Mapping
from itertools import groupby
from xml.sax.saxutils import escape

from rules.notice import Field, Notice

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
)


def filled_form(notice: Notice, answers: Mapping[str, str], ticked: str) -> bytes:
    """The notice's form as .docx: a row for each field, the fields of one heading side by side.

    Args:
        notice: whose form it is.
        answers: field key -> text; a field without an answer is left empty.
        ticked: key of the ticked option, "" for none.
    """
    rows: list[str] = []
    for heading, group in groupby(notice.fields, key=lambda field: field.group):
        fields = list(group)
        if heading:
            rows.append(_row([heading, *(field.label for field in fields)]))
            rows.append(_row(["", *(answers.get(field.key, "") for field in fields)]))
        else:
            rows += [_row([field.label, _answer(field, answers, ticked)]) for field in fields]
    body = _paragraph(notice.form_title) + f"<w:tbl>{''.join(rows)}</w:tbl><w:p/>"
    return _package(f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>')


def _answer(field: Field, answers: Mapping[str, str], ticked: str) -> str:
    if field.options:
        return "\n".join(("☑" if option.key == ticked else "□") + option.label for option in field.options)
    printed = [*field.printed, field.note] if field.note else list(field.printed)
    return "\n".join([*printed, answers[field.key]] if answers.get(field.key) else printed)


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _row(cells: list[str]) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{''.join(_paragraph(line) for line in cell.split(chr(10)))}</w:tc>" for cell in cells) + "</w:tr>"


def _package(document: str) -> bytes:
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": document,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}')
    return buffer.getvalue()
