"""Boxes and ticks as Word stores them in symbol fonts, where a character's code means nothing without its font."""

import re

TICKED, CROSSED, EMPTY, FILLED, UNKNOWN = "☑", "☒", "□", "■", "\ufffd"
BOXES = TICKED + CROSSED + EMPTY + FILLED
SYMBOLS = re.compile("[\uf020-\uf0ff]")  # where Word keeps the characters of symbol fonts; LibreOffice writes them so as text

_FONTS: dict[str, dict[str, tuple[int, ...]]] = {
    "wingdings": {TICKED: (0xFE, 0xFC), CROSSED: (0xFD, 0xFB, 0x78), EMPTY: (0xA8, 0x6F, 0x70, 0x71, 0x72), FILLED: (0x6E, 0xA7), "●": (0x6C,), "○": (0xA1,)},
    "wingdings 2": {TICKED: (0x52, 0x50), CROSSED: (0x53, 0x54, 0x51, 0x4F), EMPTY: (0xA3, 0xA4), FILLED: (0xA0, 0xA2)},
    "webdings": {TICKED: (0x61,), CROSSED: (0x72,), EMPTY: (0x63,), FILLED: (0x67,)},
    "symbol": {"√": (0xD6,), "×": (0xB4,), "•": (0xB7,), "→": (0xAE,), "≥": (0xB3,), "≤": (0xA3,), "±": (0xB1,)},
    "wingdings 3": {},
}
# What else people put into running text: numbers in rings, arrows.
_WORDS = (
    {0x81 + place: char for place, char in enumerate("①②③④⑤⑥⑦⑧⑨⑩")} | {0x8C + place: char for place, char in enumerate("❶❷❸❹❺❻❼❽❾❿")} | {0xE0: "→", 0xD8: "➢"}
)
_CHARS = {font: {code: char for char, codes in table.items() for code in codes} for font, table in _FONTS.items()}
_NO_FONT = _CHARS["wingdings 2"] | _CHARS["wingdings"]  # the two have no code in common
_CHARS["wingdings"] |= _WORDS


def symbol_font(*names: str | None) -> str:
    """The first of these font names that is a symbol font, lower case; "" for none."""
    return next((name.strip().lower() for name in names if name and name.strip().lower() in _CHARS), "")


def symbol(font: str | None, code: int) -> str:
    """What a w:sym shows; UNKNOWN for a code of a symbol font that is no box."""
    known = symbol_font(font)
    if known or 0xF020 <= code <= 0xF0FF:
        return _CHARS.get(known, _NO_FONT).get(code & 0xFF, UNKNOWN)
    return chr(code) if 0x20 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else UNKNOWN


def in_font(text: str, font: str, letters_font: str) -> str:
    """A run's text with its symbols as boxes.

    Args:
        text: as stored.
        font: any symbol font that the run names ("" for none): U+F0xx and letters above U+0080 are of it.
        letters_font: the symbol font named for plain letters, which are of it only then.
    """
    if not font and not SYMBOLS.search(text):
        return text
    return "".join(_in_font(char, font, letters_font) for char in text)


def _in_font(char: str, font: str, letters_font: str) -> str:
    code = ord(char)
    if 0xF020 <= code <= 0xF0FF:
        # Without a symbol font it may be a character of the applicant's own: only a box is taken for one.
        return _CHARS.get(font, _NO_FONT).get(code & 0xFF, UNKNOWN if font else char)
    used = letters_font if code < 0x80 else font if code <= 0xFF else ""
    return _CHARS.get(used, {}).get(code, char)
