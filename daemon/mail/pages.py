"""What a person sees of a text body: HTML as lines of text, and the addresses that text and HTML link to. Nothing is ever fetched."""

import re
from collections.abc import Iterator

from lxml import etree

_UNSEEN = {"head", "style", "script", "title", "template", "noscript"}
_BLOCKS = {"address", "article", "blockquote", "br", "center", "dd", "div", "dl", "dt", "form", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
           "pre", "section", "table", "tr", "ul"}  # fmt: skip
_CELLS = {"td", "th"}
_LINK = re.compile(r"https?://[^\s<>\"'，。；：、（）《》【】“”\\]{1,2000}", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
MOST_LINKS = 500


def tidy(text: str) -> str:
    """Text with line feeds only, without control characters, blanks at line ends, and blank lines around it."""
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def html_text(page: str) -> tuple[str, list[str]]:
    """The text of an HTML page, a line for each block, and the http(s) addresses of its links, in their order."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, recover=True, huge_tree=True)
    try:
        root = etree.fromstring(page.encode("utf-8", "replace").replace(b"\0", b""), parser)
    except etree.XMLSyntaxError:  # nothing in it
        root = None
    if root is None:
        return "", []
    targets = (element.get("href", "").strip() for element in root.iter("a", "area"))
    links = [target for target in targets if _LINK.match(target)]
    lines = "".join(_seen(root)).split("\n")
    text = "\n".join(" ".join(line.replace("\N{NO-BREAK SPACE}", " ").split()) for line in lines)
    return tidy(re.sub(r"\n{3,}", "\n\n", text)), links


def links_in(text: str) -> Iterator[str]:
    """The http(s) addresses that stand in a text, in their order."""
    return (match[0].rstrip(".,;:!?)]}") for match in _LINK.finditer(text))


def _seen(root: etree._Element) -> Iterator[str]:
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if event == "start":
            hidden += tag in _UNSEEN
            if tag in _BLOCKS:
                yield "\n"
            if element.text and not hidden:
                yield re.sub(r"\s+", " ", element.text)
        else:
            hidden -= tag in _UNSEEN
            if tag in _BLOCKS - {"br"}:
                yield "\n"
            elif tag in _CELLS:
                yield " "
            if element.tail and not hidden:
                yield re.sub(r"\s+", " ", element.tail)
