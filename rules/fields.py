"""What single answers of a form mean: names for comparison, telephone numbers, e-mail addresses, lists (申报表第1至7栏).

Lenient by design: a value that a person would call a number or an address is one. No value is ever judged by whether it exists.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from rules.text import DASHES, fold, simplified

_HALF_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("＠"): "@", ord("．"): ".", ord("｡"): "."}
_SHORT_FORM = re.compile(r"(?:以下简称|简称|又称|英文缩写|缩写)为?[:：]?[\s”“\"'「《]*([^”“\"'」》()（）,，。;；:：]{2,40})")
_WIDE_LETTERS = re.compile("[０-９Ａ-Ｚａ-ｚ＠．－＿＋]")
_PAIRS = "（）［］【】〔〕｛｝〈〉《》「」[]{}<>"
_BRACKETS = str.maketrans(_PAIRS, "()" * (len(_PAIRS) // 2))
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+&'*/=?^`{|}~!#$-]*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_FOREIGN_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_EXTENSION = re.compile(r"(?:转|分机|内线|ext\.?|#)\D{0,3}\d{1,6}", re.IGNORECASE)
_DIGITS = re.compile(r"\d(?:[\s().+-]*\d){5,}")

_PLAIN_NUMBER = r"(?:\d{1,2}[.．、)）](?!\d)|[一二三四五六七八九十]{1,2}、|[•●◆·])"
_CLEAR_NUMBER = r"(?:[（(](?:\d{1,2}|[一二三四五六七八九十]{1,2})[）)]|[①-⑳])"
_NUMBERED = re.compile(rf"(?:(?:^|(?<=[\s;；。，,、])){_PLAIN_NUMBER}|{_CLEAR_NUMBER})\s*", re.MULTILINE)
_ITEM_NAME = re.compile(r"^(?:重点)?(?:细分)?(?:产业)?(?:领域|方向|产业)[一二三四五六七八九十\d]{1,2}[:：]\s*")
_SEPARATORS = "、，,；;\n"
_OPENING, _CLOSING = "（([【〔《“「", "）)]】〕》”」"
_BLANKS = re.compile(r"\s{2,}|\u3000|\t")
_CHINESE_WORDS = re.compile(r"[\u4e00-\u9fff]{3,}(?: [\u4e00-\u9fff]{3,})+")
# Commas that part no items: in the name of a class of 国民经济行业分类 (计算机、通信和其他电子设备制造业), and in what an item comprises.
_WHOLE = re.compile(
    r"(?:[\u4e00-\u9fff]{1,6}、){1,5}[\u4e00-\u9fff]{1,8}[和及]其[\u4e00-\u9fff]{1,12}业|[,，]\s*(?:具体|主要|其中)?(?:包括|包含|涵盖)[^;；\n。]*"
)
_HIDDEN = {ord("、"): "\ue000", ord("，"): "\ue001", ord(","): "\ue002"}
_SHOWN = {ord(hidden): chr(sign) for sign, hidden in _HIDDEN.items()}
_SLASH = re.compile(r"(?<=[\u4e00-\u9fff]{2})\s*[/／]\s*(?=[\u4e00-\u9fff]{2})")


def name_key(name: str) -> str:
    """A unit's name for comparison: NFKC, lower case, simplified, without blanks or marks that cannot be seen, every bracket round, every dash a hyphen."""
    wide = simplified(unicodedata.normalize("NFKC", name.translate(_BRACKETS))).translate(_BRACKETS).casefold()
    seen = "".join(char for char in wide if not char.isspace() and unicodedata.category(char) not in {"Cf", "Cc", "Cs"})
    return "".join("-" if char in DASHES else char for char in unicodedata.normalize("NFKC", seen))


def plain_phone(text: str) -> str:
    """Full-width digits, @ and dots half-width; all else as typed."""
    return text.translate(_HALF_WIDTH)


def plain_email(text: str) -> str:
    """An e-mail field half-width, without what cannot be part of an address at its end; 。between two parts of an address is a dot."""
    wide = _WIDE_LETTERS.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    wide = re.sub(r"(?<=[A-Za-z0-9])[。｡．](?=[A-Za-z0-9])", ".", wide)
    wide = re.sub(r"^mailto:\s*", "", wide.strip(), flags=re.IGNORECASE)
    return wide.rstrip(" \t\n\u3000。｡．.，,;；、") if "@" in wide else wide.strip()


def emails_in(text: str) -> tuple[str, ...]:
    """Every e-mail address in a text, in its order, as typed but for width."""
    wide = re.sub(r"(?<=[A-Za-z0-9])[。｡](?=[A-Za-z0-9])", ".", unicodedata.normalize("NFKC", text[:2000]))
    tight = re.sub(r"\s*@\s*", "@", wide)
    return tuple(dict.fromkeys(match.group() for match in _ADDRESS.finditer(tight)))


def is_email(text: str) -> bool:
    """Whether a text holds at least one e-mail address, an internationalised one (RFC 6531) too."""
    return bool(emails_in(text)) or bool(_FOREIGN_ADDRESS.search(fold(text[:2000])))


def has_phone(text: str) -> bool:
    """Whether a text holds a telephone number: seven digits or more (six with an extension), however they are set out."""
    folded = fold(text[:2000])
    short = _EXTENSION.sub(" ", folded)
    least = 7 if short == folded else 6
    return any(sum(char.isdigit() for char in match.group()) >= least for match in _DIGITS.finditer(short))


def count_characters(text: str) -> int:
    """Characters that are no blanks, as 字数 is counted."""
    return len("".join(text.split()))


def is_abbreviation(short: str, full: str) -> bool:
    """Whether a name is a short form of another: its characters stand in the other in their order.

    微电网设备协会 is one of 中国微电网设备行业协会, 兵器集团 of 中国兵器工业集团有限公司; a name is none of itself, and one character is none of anything.
    """
    key, whole = name_key(short), name_key(full)
    if len(key) < 2 or len(key) >= len(whole):
        return False
    left = iter(whole)
    return all(char in left for char in key)


def short_names_in(text: str) -> tuple[str, ...]:
    """What a text calls a unit for short: （以下简称“微电网设备协会”）."""
    return tuple(match.group(1).strip() for match in _SHORT_FORM.finditer(text[:5000]))


def items_of(text: str) -> tuple[str, ...]:
    """The items of a list as people write it: by numbers, lines, commas or wide blanks; never split within brackets."""
    pieces: Iterable[str] = _NUMBERED.split(text)
    if len(_NUMBERED.findall(text)) < 2:
        begun = _NUMBERED.match(text.lstrip())
        pieces = _by_separators(text.lstrip()[begun.end() :] if begun else text)
    stripped = (piece.strip(" \t\n\u3000、，,；;。.．") for piece in pieces)
    cleaned = dict.fromkeys(item for piece in stripped if (item := _ITEM_NAME.sub("", piece)))
    return tuple(item for item in cleaned if item[-1] not in ":：") or tuple(cleaned)  # 我单位意向领域为：


def _by_separators(text: str) -> Iterator[str]:
    pieces = [piece.translate(_SHOWN) for piece in _outside_brackets(_WHOLE.sub(lambda found: found.group().translate(_HIDDEN), text))]
    if len(pieces) == 1 and _CHINESE_WORDS.fullmatch(text.strip()):
        pieces = text.split()
    for piece in pieces:
        for part in _BLANKS.split(piece.strip()):
            yield from _SLASH.split(part)


def _outside_brackets(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for place, char in enumerate(text):
        depth = max(0, depth + (char in _OPENING) - (char in _CLOSING))
        if char in _SEPARATORS and (depth == 0 or char == "\n"):
            yield text[start:place]
            start, depth = place + 1, 0
    yield text[start:]
