"""Word files as raw OOXML: `docx(paragraph("a"), table(row("b", "c")))`, and everything odd that a package or a paragraph may hold."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
VML = "urn:schemas-microsoft-com:vml"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MAIN_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "docm": "application/vnd.ms-word.document.macroEnabled.main+xml",
    "dotx": "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    "dotm": "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
}

# Pieces of WordprocessingML, as text.


def run(text: str, *, bold: bool = False, underlined: bool = False, struck: bool = False, font: str = "", more: str = "") -> str:
    """A run; a newline becomes w:br, a tab w:tab. `more` is any further run properties."""
    properties = (f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>' if font else "") + ("<w:b/>" if bold else "")
    properties += ("<w:strike/>" if struck else "") + ('<w:u w:val="single"/>' if underlined else "") + more
    pieces = "".join({"\n": "<w:br/>", "\t": "<w:tab/>"}.get(piece, f'<w:t xml:space="preserve">{escape(piece)}</w:t>') for piece in _split(text))
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{pieces}</w:r>"


def _split(text: str) -> list[str]:
    return [piece for line in text.replace("\t", "\0\t\0").replace("\n", "\0\n\0").split("\0") if (piece := line)]


def paragraph(*runs: str, mark_deleted: bool = False) -> str:
    """A paragraph of runs; a run that is no XML is taken as text."""
    inner = "".join(item if item.startswith("<") else run(item) for item in runs)
    properties = '<w:pPr><w:rPr><w:del w:id="9" w:author="a"/></w:rPr></w:pPr>' if mark_deleted else ""
    return f"<w:p>{properties}{inner}</w:p>"


def lines(text: str) -> str:
    """A paragraph for each line."""
    return "".join(paragraph(line) for line in text.split("\n"))


def cell(content: str = "", *, span: int = 1, merge: str = "") -> str:
    """A cell; `merge` is "restart" or "continue". Content that is no XML is taken as text, a paragraph a line."""
    properties = (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "") + {"restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}.get(merge, "")
    inner = content if content.startswith("<") else lines(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}{'<w:p/>' if inner.endswith('</w:tbl>') else ''}</w:tc>"


def row(*cells: str, more: str = "") -> str:
    """A row; a cell that is no XML is taken as text. `more` is the row's properties."""
    inner = "".join(item if item.startswith(("<w:tc", "<w:sdt")) else cell(item) for item in cells)
    return f"<w:tr>{f'<w:trPr>{more}</w:trPr>' if more else ''}{inner}</w:tr>"


def table(*rows: str) -> str:
    """A table of rows."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def sym(font: str, code: str) -> str:
    """A symbol: font and code as Word writes them, "F0FE" or "FE"."""
    return f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'


def sdt(content: str, properties: str = "") -> str:
    """A content control around runs, paragraphs, cells or rows."""
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def checkbox(*, checked: bool, content: str | None = None) -> str:
    """A check box of Word 2010; its default glyph for ticked is the crossed box."""
    glyph = run("☒" if checked else "☐", font="MS Gothic")
    return sdt(content or glyph, f'<w14:checkbox><w14:checked w14:val="{int(checked)}"/><w14:checkedState w14:val="2612"/></w14:checkbox>')


def field(instruction: str, result: str | None = None, data: str = "") -> str:
    """A complex field, the runs of it; the result is runs, None for a field that has none."""
    begin = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r><w:r><w:instrText xml:space="preserve">{escape(instruction)}</w:instrText></w:r>'
    middle = "" if result is None else f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
    return f'{begin}{middle}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def legacy_checkbox(state: str) -> str:
    """FORMCHECKBOX; state is what stands in w:checkBox: "<w:checked/>"."""
    data = f'<w:ffData><w:name w:val="Check1"/><w:enabled/><w:checkBox><w:sizeAuto/><w:default w:val="0"/>{state}</w:checkBox></w:ffData>'
    return field(" FORMCHECKBOX ", run("☐"), data)


def text_box(content: str, *, drawing: bool = True) -> str:
    """A run with a text box, stored twice as Word does (Choice and Fallback), or as VML alone."""
    box = f"<w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>"
    if not drawing:
        return f"<w:r>{box}</w:r>"
    choice = f'<mc:Choice Requires="wps"><w:drawing><w:txbxContent>{content}</w:txbxContent></w:drawing></mc:Choice>'
    return f"<w:r><mc:AlternateContent>{choice}<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"


# The package around them.


def docx(*blocks: str, kind: str = "docx", strict: bool = False, macros: bool = False, parts: Mapping[str, bytes | str] | None = None) -> bytes:
    """A Word file of these blocks; `parts` adds or replaces members of the package, None as a value leaves one out."""
    space, office = (STRICT, STRICT_OFFICE) if strict else (W, OFFICE)
    names = f'xmlns:w="{space}" xmlns:w14="{W14}" xmlns:mc="{MC}" xmlns:v="{VML}" xmlns:r="{office}"'
    members: dict[str, bytes | str | None] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f'<Override PartName="/word/document.xml" ContentType="{MAIN_TYPES[kind]}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="rId1" Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {names}><w:body>{''.join(blocks)}<w:sectPr/></w:body></w:document>",
    }
    if macros:
        members["word/vbaProject.bin"] = b"\xcc\x61"
    members.update(parts or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            if data is not None:
                text = data if isinstance(data, bytes) else f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{data}'.encode()
                archive.writestr(zipfile.ZipInfo(name, (2024, 9, 5, 10, 30, 0)), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
