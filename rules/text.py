"""Text as people type it, folded for comparison one character for one character, so that a place found in the fold is the same place in the original.

NFKC alone knows neither the dashes nor the quotation marks that people type; both are classes of our own here.
"""

import unicodedata
from functools import lru_cache

DASHES = "—⸺⸻─━–―ー‐‑‒−﹘﹣－_~〜～＿ㄧ"
QUOTES = {
    "“": "”",
    '"': '"',
    "‘": "’",
    "'": "'",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "【": "】",
    "〔": "〕",
    "[": "]",
    "<": ">",
    "(": ")",
}  # as folded
MOST = 1000  # characters of a subject or a name that are looked at


def clean(text: str) -> str:
    """The text on one line, without what cannot be seen (zero-width, direction marks, variation selectors); at most MOST characters."""
    kept = (_visible(char) for char in unicodedata.normalize("NFC", text[:MOST]))
    return " ".join("".join(kept).split())


def fold(text: str) -> str:
    """The same number of characters: half-width, lower case, every dash a hyphen."""
    return "".join(_fold_one(char) for char in text)


def unquote(text: str) -> str:
    """Without quotation marks or brackets around the whole, and without a quotation mark that lost its partner."""
    while True:
        text = text.strip()
        folded = fold(text)
        if _wrapped(folded):
            text = text[1:-1]
        elif folded[:1] in QUOTES and folded[:1] != "(" and QUOTES[folded[0]] not in folded[1:]:
            text = text[1:]
        elif folded[-1:] in _CLOSERS and folded[-1:] != ")" and _CLOSERS[folded[-1]] not in folded[:-1]:
            text = text[:-1]
        else:
            return text


def brief(text: str, most: int = 60) -> str:
    """The text on one line, cut where it is long, for quoting in a letter."""
    line = clean(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


_CLOSERS = {closer: opener for opener, closer in QUOTES.items()}


def _wrapped(folded: str) -> bool:
    """Whether the first mark opens and the last one closes it: true for (a), not for (a)b(c)."""
    if not folded[1:] or QUOTES.get(folded[0]) != folded[-1]:
        return False
    opener, closer = folded[0], folded[-1]
    if opener == closer:
        return opener not in folded[1:-1]
    depth = 0
    for place, char in enumerate(folded):
        depth += (char == opener) - (char == closer)
        if depth == 0:
            return place == len(folded) - 1
    return False


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc" or char.isspace():
        return " "
    return "" if category in {"Cf", "Cs", "Cn"} or "\ufe00" <= char <= "\ufe0f" else char


@lru_cache(maxsize=4096)
def _fold_one(char: str) -> str:
    if char in DASHES:
        return "-"
    wide = unicodedata.normalize("NFKC", char)
    folded = wide.lower() if len(wide) == 1 else char
    return "-" if folded in DASHES else folded if len(folded) == 1 else char
