"""An answer that is spread over several cells of its row (申报表第1至8栏): 单位名称 | 中国微电网 | 设备协会.

Only what certainly is one answer is joined. Any other cell may be a matter of its own (邮编, 上级单位): it is left over, and shown (rules/remains.py).
"""

import re
from collections.abc import Sequence

from rules.boxes import STATES
from rules.fields import has_phone, is_email, items_of
from rules.labels import is_hint
from rules.notice import Field, Notice
from rules.passage import Passage, joined, tight
from rules.subject import looks_like_a_unit
from rules.values import value_of

_MOST = 8  # cells

# For tight text.
_COMPANY = re.compile(r"(?:股份|有限|责任)+(?:公司)?(?:\([^()]*\))?")  # goes on even with a name that could be whole: 某集团 | 有限公司
_PLACE = re.compile(r"[省市区县镇乡村路街道巷弄]|大厦|广场|[\d甲乙丙一二三四五六七八九十a-z][号楼层室座栋幢院]")
_DEPARTMENT, _POST = re.compile(r"[部处科室司局院所]$|中心$"), re.compile(r"(?:[长任理管员监师]|秘书|专干|干事|助理|教授)$")
_LATIN = re.compile(r"(?!www\.)(?=.*[a-z]{2})[a-z0-9.,&'()/-]+")
_OTHER_LABEL = re.compile(
    "[所隶]属|所在|上级|主管|挂靠|依托|推荐|备注|注册|(?:单位|部门|机构|名称|简称|[编号代]码|编号|账号|邮编|人|性质|类型|级别|时间|日期|地|地址|电话|传真|网址|资金|资本|范围|人数|情况)$"
)
_NUMBER = re.compile(r"[\d()+-]+")
_AREA_CODE, _MOBILE = re.compile(r"(?:\+?86-?)?0\d{2,3}"), re.compile(r"1\d{10}")
_EXTENSION = re.compile(r"(?:-|转|分机|内线|ext\.?|#)+:?\d{1,6}")
_MOST_DIGITS = 14  # of one telephone number


def says_something(passage: Passage, field: Field, notice: Notice) -> bool:
    """Whether a cell beside a label holds more than a hint: （注：…）, 必填, or the number of an item."""
    number = field.kind == "list" and tight(passage.text).rstrip(".、").isdigit()
    return not number and not is_hint(passage) and bool(value_of(passage, field, notice))


def reach(cells: Sequence[Passage], field: Field, notice: Notice) -> int:
    """How many of the cells beside a label are one answer, the first one among them; as a rule that one alone."""
    texts = [cell.text for cell in cells[:_MOST]]
    fewest = max(2, len(texts)) if field.kind == "list" else 2  # anything may be an item, so all of the row or nothing
    return next((number for number in range(len(texts), fewest - 1, -1) if _are_one(texts[:number], field, notice)), 1)


def together(cells: Sequence[Passage], field: Field) -> Passage:
    """What cells say that are one answer."""
    whole = Passage()
    for cell in cells:
        part = _trimmed(cell)
        whole = joined([whole, part], _between(whole.text, part.text, field)) if whole.text else part
    return whole


def on_one_line(text: str, field: Field, notice: Notice) -> str:
    """A name, a number or an address of e-mail that was broken into lines within its cell, whole again; any other text as it is."""
    lines = [Passage(line, "0" * len(line)) for line in text.split("\n")]
    breaks = field.kind in {"email", "phone"} or field.key == notice.unit_field.key
    return together(lines, field).text if breaks and len(lines) > 1 and reach(lines, field, notice) == len(lines) else text


def _are_one(texts: Sequence[str], field: Field, notice: Notice) -> bool:
    first, *others = (tight(text) for text in texts)
    if field.kind == "text" and field.note:
        return True
    if any(":" in text or _OTHER_LABEL.search(text) or any(char in STATES for char in text) for text in others):
        return False
    whole = together([Passage(text, "0" * len(text)) for text in texts], field).text
    match field.kind:
        case "email":
            one = not is_email(first) and is_email(whole)
        case "phone":
            one = _are_a_number(first, others, whole)
        case "list":
            one = not 0 < field.most < len(items_of(whole))
        case "text":
            one = (_are_a_name if field.key == notice.unit_field.key else _are_one_text)(first, others)
        case _:
            one = False
    return one


def _are_a_number(first: str, others: Sequence[str], whole: str) -> bool:
    """Whether a number is none before its last piece, or has its extension in one more cell."""
    if all(map(str.isdigit, [first, *others])) and _MOBILE.fullmatch("".join([first, *others])):
        return True
    if has_phone(first):
        return len(others) == 1 and _EXTENSION.fullmatch(others[0]) is not None
    return has_phone(whole) and sum(map(str.isdigit, whole)) <= _MOST_DIGITS and all(map(_NUMBER.fullmatch, others))


def _are_a_name(first: str, others: Sequence[str]) -> bool:
    """Whether a name is none before its last piece: a letter to half a name, or to two units, would be worse than the first cell alone."""
    return _COMPANY.fullmatch(others[-1]) is not None or (looks_like_a_unit("".join([first, *others])) and not looks_like_a_unit(first))


def _are_one_text(first: str, others: Sequence[str]) -> bool:
    """Whether every piece goes on with an address, or the last is the post in a department; or all are Latin words."""
    if all(map(_LATIN.fullmatch, [first, *others])) or all(map(_PLACE.search, others)):
        return True
    return len(others) == 1 and bool(_DEPARTMENT.search(first) and _POST.search(others[0]))


def _between(whole: str, part: str, field: Field) -> str:
    """What is put between two pieces of an answer."""
    match field.kind:
        case "list":
            return "、"
        case "email":
            return " " if is_email(part) else ""
        case "phone":
            return "-" if _AREA_CODE.fullmatch(whole) and part[:1].isdigit() else ""
    if field.note:
        return "\n"
    return " " if whole[-1:].isascii() and part[:1].isascii() and part[:1].isalpha() else ""


def _trimmed(passage: Passage) -> Passage:
    start = len(passage.text) - len(passage.text.lstrip())
    return passage.part(start, len(passage.text.rstrip()))
