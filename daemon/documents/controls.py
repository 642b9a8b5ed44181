"""What a document's controls and fields show: content controls, old form fields (FORMCHECKBOX), and ticks drawn by an EQ field."""

import re

from lxml import etree

from daemon.documents.symbols import CROSSED, EMPTY, FILLED, TICKED

_OFF = frozenset(("0", "false", "off", "none"))
_PROMPT = re.compile(r"单击|点击|此处|请输入|请选择|请填|选择一项|输入文字|输入日期|click|choose|enter|select", re.IGNORECASE)
_EQ = re.compile(r"\s*eq\b", re.IGNORECASE)
_GLYPH = re.compile("^\\s*[☐☑☒□■√✓✔×✗✘○●\uf020-\uf0ff]")
_TICK_SIGNS, _CROSS_SIGNS, _BOX_SIGNS = re.compile("[√✓✔☑]"), re.compile("[×✗✘☒]"), re.compile("[□☐○■☑☒]")


def settle_controls(root: etree._Element) -> None:
    """Change the tree so that every content control shows what it holds: its box as it is ticked, and no prompt where nothing was filled in."""
    for mark in list(root.iter("{*}checkbox")):
        parent = mark.getparent()
        if parent is not None and local(parent) == "sdtPr":
            _settle_box(parent, mark)
    for prompt in list(root.iter("{*}showingPlcHdr")):
        parent = prompt.getparent()
        content = None if parent is None or not is_on(prompt) or child(parent, "checkbox") is not None else _content(parent)
        if content is not None and _is_prompt(content):
            _silence(content)


def shown_by_equation(instruction: str) -> str:
    r"""What an EQ field shows: a tick in a box for `\o\ac(□,√)`, else its last argument; "" for any other field."""
    if not _EQ.match(instruction):
        return ""
    if _BOX_SIGNS.search(instruction):
        return TICKED if _TICK_SIGNS.search(instruction) else CROSSED if _CROSS_SIGNS.search(instruction) else FILLED if "■" in instruction else EMPTY
    return re.split(r"[,，;]", instruction)[-1].rpartition("(")[2].rstrip(") ）\t")


def shown_by_form_field(element: etree._Element) -> str | None:
    """What an old form field shows of itself (w:ffData): a box, or the chosen entry of a list; None for any other field."""
    box, entries = child(element, "ffData", "checkBox"), child(element, "ffData", "ddList")
    if box is not None:
        checked = child(box, "checked")
        return TICKED if is_on(checked if checked is not None else child(box, "default")) else EMPTY
    if entries is None:
        return None
    names = [attribute(item, "val") for item in entries if local(item) == "listEntry"]
    chosen = child(entries, "result") if child(entries, "result") is not None else child(entries, "default")
    name = names[number(chosen, 0)] if number(chosen, 0) < len(names) else ""
    return "" if _PROMPT.search(name) else name


def _content(properties: etree._Element) -> etree._Element | None:
    control = properties.getparent()
    return None if control is None else child(control, "sdtContent")


def _settle_box(properties: etree._Element, mark: etree._Element) -> None:
    """The control's glyph as its state says; words that were drawn into the control stay behind it."""
    content = _content(properties)
    if content is None:
        return
    checked = child(mark, "checked")
    glyph = TICKED if checked is not None and is_on(checked) else EMPTY
    words = _GLYPH.sub("", "".join(str(item.text or "") for item in content.iter("{*}t")))
    _silence(content)
    home = next(content.iter("{*}r"), None)
    home = home if home is not None else next(content.iter("{*}p"), content)
    etree.SubElement(home, "t").text = glyph + (words if len(words) > 1 else "")


def _is_prompt(content: etree._Element) -> bool:
    """Whether a control shows its prompt: some programs leave the flag where an answer was typed, so its words or its own style must say so too."""
    text = "".join(str(item.text or "") for item in content.iter("{*}t"))
    return not text.strip() or bool(_PROMPT.search(text)) or next(content.iter("{*}rStyle"), None) is not None


def _silence(content: etree._Element) -> None:
    for item in list(content.iter("{*}t", "{*}sym")):
        item.text = ""
        item.tag = "t"


def local(element: etree._Element) -> str:
    """An element's name without its namespace; "" for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: etree._Element, *path: str) -> etree._Element | None:
    """The first child of this name, and so on down the path; None where there is none."""
    found: etree._Element | None = element
    for name in path:
        found = None if found is None else next((part for part in found if local(part) == name), None)
    return found


def attribute(element: etree._Element, name: str) -> str:
    """An attribute by its local name; "" where it is not there."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def is_on(element: etree._Element | None) -> bool:
    """A switch (17.17.4): there without a value is on."""
    return element is not None and attribute(element, "val").lower() not in _OFF


def number(element: etree._Element | None, default: int) -> int:
    """An element's whole number, at most 1000; the default where there is none."""
    value = "" if element is None else attribute(element, "val")
    return min(int(value), 1000) if value.isascii() and value.isdigit() else default
