"""One flat XML file of Word 2007 (pkg:package, ISO/IEC 29500-2 in one file) to the docx it stands for: LibreOffice does not read these."""

import zipfile
from base64 import b64decode
from binascii import Error as NotBase64
from io import BytesIO
from xml.sax.saxutils import quoteattr

from lxml import etree

from daemon.documents.reasons import Why
from daemon.documents.word import BrokenWord

_PKG = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'


def unflatten(data: bytes) -> bytes:
    """The package with its parts as members.

    Raises:
        BrokenWord: it is no sound XML.
    """
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenWord(Why.DAMAGED_XML) from error
    buffer, types = BytesIO(), []
    with zipfile.ZipFile(buffer, "w") as package:
        for part in root.iterchildren(f"{_PKG}part"):
            name = part.get(f"{_PKG}name", "").lstrip("/")
            types.append(f"<Override PartName={quoteattr('/' + name)} ContentType={quoteattr(part.get(f'{_PKG}contentType', ''))}/>")
            package.writestr(name, _content(part))
        package.writestr("[Content_Types].xml", _TYPES.format("".join(types)))
    return buffer.getvalue()


def _content(part: etree._Element) -> bytes:
    for child in part:
        if child.tag == f"{_PKG}xmlData" and len(child):
            return etree.tostring(child[0], encoding="utf-8")
        if child.tag == f"{_PKG}binaryData":
            try:
                return b64decode(child.text or "")
            except NotBase64 as error:
                raise BrokenWord(Why.DAMAGED_PART) from error
    return b""
