"""What a subject says: the words that the notice prescribes, and the unit that it names (notice, 五（一）).

Reads what a person could read; whether the unit is the form's is judged in rules/judge.py.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from rules.notice import Notice
from rules.receipts import receipt_numbers
from rules.text import clean, fold, unquote


@dataclass(frozen=True, slots=True)
class SubjectReading:
    """What was read from a subject.

    Attributes:
        words: "full", "short" (only the least that must be there) or "none".
        unit_name: as typed, without quotes and additions; None where none is named.
        exact: letter for letter as the notice prescribes it for this unit.
        placeholder: the notice's own placeholder, or the like, stands where the name belongs.
        dash: something separates the words from what follows.
        ours: it answers a letter of ours, which has a receipt number in its subject.
        text: the whole subject on one line, without Re: and the like; `rest` is what is left of it without the words and the unit.
    """

    words: str
    unit_name: str | None = None
    exact: bool = False
    placeholder: bool = False
    dash: bool = False
    ours: bool = False
    text: str = ""
    rest: str = ""


# All patterns are for folded text (rules/text.py): every dash is "-", brackets and colons are half-width.
_REPLY = r"(?:re|aw|sv|fwd?|wg|tr|回复|答复|回覆|答覆|转发|转寄)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*:"
_MARK = r"外部|外网|外来|垃圾|可疑|广告|提醒|注意|重要|紧急|急件|加急|未读|external|spam|ext\b|suspicious|caution|warning|urgent|virus|bulk"
_BANNER = rf"(?:\*+\s*(?:{_MARK})[^*]{{0,20}}\*+|[\[【<({{]+\s*(?:请|此|来自|本)?(?:{_MARK})[^\]】>)}}]{{0,20}}[\]】>)}}]+)\s*:?"
_FRONT = re.compile(rf"\s*(?:{_REPLY}|{_BANNER}|\[\d{{1,2}}\])")
_OURS = re.compile(r"\s*(?:受理回执|补正通知|逾期收件告知|更新收件确认|重复收件告知|收悉告知|收悉待核)\s*\([^()]{0,40}\)\s*:?")

_BREAK = r"[-:|/\\,.;·•・>=+、。→…\s]"
_CLOSED = r"[\s”\"’'」』》〉】〕\])]*"
_MATERIAL = (
    r"申报表|申报书|申报材料|申报文件|申请表|申请书|申请材料|报名表|申报|申请|报送|材料|征集|单位名称|单位全称|申报单位|申请单位|单位|电子版|word版|word|的"
)
_LEAD = re.compile(rf"[\s《〈【\[“\"(]*(?:(?:{_MATERIAL})*{_CLOSED}(?:{_BREAK}+|$)|(?:{_MATERIAL})+{_CLOSED}(?=[《〈【\[“\"(]))")
_NUMERALS = re.compile(r"\s*一一")

_AGAIN = r"第\s*[一二三四五六七八九十\d]+\s*[次版稿](?:修改|修订|提交|报送|发送|申报)?"
_STATE = r"(?:最终|最新|终|定|修改|修订|更新|更正|补正|补充|补交|重新|再次|重发|重报|盖章|已盖章|签章|电子|word|pdf|扫描|正式|提交|报送|发送|版|稿|件|后|材料)+"
_DATE = r"20\d{2}\s*[-./年]?\s*\d{1,2}\s*[-./月]?\s*\d{1,2}\s*日?|\d{1,2}\s*月\s*\d{1,2}\s*日?|(?:0[1-9]|1[0-2])[0-3]\d"
_WITH = r"(?:及|和|含|\+)?(?:相关|全部)?(?:附件|附表|证明材料|佐证材料)(?:材料)?\d*|请(?:查收|审阅|查阅)|\d{1,2}"
_CONTACT = r"(?:联系人|联系电话|电话|手机)\s*[-:]?.{0,30}|[\u4e00-\u9fff]{0,4}\s*1\d{10}"
_FORMS = r"(?:的)?(?:项目)?(?:(?:申报|申请|报名|推荐|登记|报送)(?:表|书|材料|文件)|申报|报名)(?:及(?:附件|推荐(?:意见|函|表|材料))|(?:word|电子|盖章)版)?"
_BEHIND = r"(?:word|电子|盖章)版|(?:盖章)?扫描件|及(?:附件|相关材料)|关于(?:申报|报送|提交|推荐)[^-]{0,40}(?:函|报告|请示)"
_POLITE = (
    r"(?:敬请|请|烦请|麻烦|盼|收到)[^()]{0,12}(?:查收|审阅|查阅|回复|回执|收到|确认|知悉)|[^()]{0,6}(?:是否|有没有|有无)收到\??|盼复|谢谢"
    r"|推荐单位[-:][^()]{0,30}"
)
_EXTRA = rf"(?:{_POLITE}|{_AGAIN}|{_STATE}|{_DATE}|{_WITH}|{_CONTACT}|{_FORMS})"
_TAIL = re.compile(rf"(?:\s*\(\s*{_EXTRA}\s*\)|{_BREAK}+{_EXTRA}|{_FORMS}|{_BEHIND}|20\d{{6}}|(?<=[\u4e00-\u9fff])v\d[\d.]*|\.(?:docx?|wps|pdf|zip|rar))$")
_ONLY_EXTRA = re.compile(_EXTRA)
_DOTS = re.compile(rf"(?:{_BREAK}|!)+$")

_SCHOOLS = "协会|学会|商会|联合会|促进会|联盟|基金会|委员会|公司|集团|企业|中心|大学|学院|学校|研究院|研究所|设计院|科学院|实验室|工作站|服务站|研究会|合作社"
_UNIT = re.compile(rf"(?:{_SCHOOLS}|院|厂|所|局|社|馆|部|处|站|园|办公室|ltd\.?|inc\.?|corp\.?|llc|company|university|institute|association)(?:\([^()]*\))*$")
_SHORTEST = 3  # characters of a name that is known by its ending alone
_PIECE = 4  # characters: so much of the prescribed words is no name of a unit
_NO_NAME = re.compile(
    r"x{2,}(?:单位|公司|企业|协会|机构|中心)?|[某*#?×○◯〇□█]{2,}|(?:x|[某*#?×○◯〇□█]+)?(?:单位|公司|企业|机构)?(?:名称|全称)?|(?:贵|本|我|你|该|你的|我的|申报|申请)(?:单位|公司|协会)(?:名称|全称)?"
    r"|(?:请|待)?填写?(?:单位名称|单位)?|待填|待定|null|none|无|单位(?:名称|全称)\((?:请|待|此处)[^()]*\)"
)


def read_subject(subject: str, notice: Notice) -> SubjectReading:
    """Read a decoded subject of any length and content; never raises."""
    text, ours = _without_front(clean(subject), notice)
    words, before, after = _split(text, notice)
    if words == "none":
        unit = _unit_without_words(text, notice)
        return SubjectReading(words, unit, ours=ours, text=text, rest=text.replace(unit or "\0", ""))
    unit, dash, placeholder = _unit_after(after, notice)
    if unit is None and not placeholder:
        unit = _unit_before(before, words)
    exact = unit is not None and subject.strip() == notice.correct_subject(unit)
    rest = f"{before} {after}".replace(unit or "\0", "").strip()
    return SubjectReading(words, unit, exact, placeholder, dash, ours, text, rest)


def looks_like_a_unit(name: str) -> bool:
    """Whether a text ends like the name of an organisation."""
    return len(name) >= _SHORTEST and bool(_UNIT.search(fold(name)))


def shares_words(text: str, words: str, least: int = 5) -> bool:
    """Whether a run of so many characters of the prescribed words stands in a text."""
    folded, wanted = fold(text).replace(" ", ""), fold(words)
    return any(wanted[at : at + least] in folded for at in range(max(1, len(wanted) - least + 1)))


def _without_front(text: str, notice: Notice) -> tuple[str, bool]:
    """Without reply marks, banners and our own letters' titles, however many; and whether one of our letters was among them."""
    ours = False
    while True:
        folded = fold(text)
        letter = _OURS.match(folded)
        found = letter or _FRONT.match(folded)
        if not found or not found.end():
            return unquote(text), ours
        ours = ours or (letter is not None and bool(receipt_numbers(letter.group(), notice)))
        text = text[found.end() :].lstrip()


@lru_cache(maxsize=16)
def _spaced(words: str) -> re.Pattern[str]:
    """The words with blanks between any two characters."""
    return re.compile(r"\s*".join(re.escape(char) for char in fold(words) if not char.isspace()))


def _split(text: str, notice: Notice) -> tuple[str, str, str]:
    """Which of the words stand in the text, what stands before, and what after."""
    folded = fold(text)
    for name, words in (("full", notice.subject_words), ("short", notice.subject_short)):
        found = _spaced(words).search(folded)
        if found:
            return name, text[: found.start()], text[found.end() :]
    return "none", text, ""


def _unit_after(text: str, notice: Notice) -> tuple[str | None, bool, bool]:
    """The unit named after the words; whether anything but blanks separates it; whether a placeholder stands in its place."""
    whole = text
    text, dash = _without_lead(whole)
    unit = _tidy(text)
    if not unit:
        return None, dash, fold(notice.subject_placeholder) in fold(whole)
    if _is_placeholder(unit, notice):
        return None, dash, True
    if not dash and fold(text)[:1] not in '《【[(“"「':
        unit = _without_form_word(_after_any_dash(unit))
        return (unit if looks_like_a_unit(unit) else None), False, False
    return _without_label(unit, notice), True, False


def _without_lead(text: str) -> tuple[str, bool]:
    """Without the separators after the words, and without words like 申报表 that stand between them."""
    dash = False
    while text:
        folded = fold(text)
        found = _LEAD.match(folded)
        if (not found or not found.end()) and not dash:
            # The numeral is typed for the dash, but names begin with it too: two of them, and only where nothing else separates.
            found = _NUMERALS.match(folded)
            dash = bool(found)
        if not found or not found.end():
            break
        dash = dash or bool(re.search(r"[^\s]", re.sub(rf"{_MATERIAL}|[《〈【\[“\"(”’'」』》〉】〕\])]", "", found.group())))
        text = text[found.end() :]
    return text, dash


def _tidy(text: str) -> str:
    """A unit's name without quotation marks around it and without additions behind it: 申报表, （第二次）, a date."""
    while True:
        before = text
        text = unquote(text)
        folded = fold(text)
        found = _DOTS.search(folded) or _TAIL.search(folded)
        if found:
            text = text[: found.start()]
        elif folded.endswith(")") and "(" not in folded:
            text = text[:-1]
        if text == before:
            return "" if _ONLY_EXTRA.fullmatch(fold(text)) else text


def _is_placeholder(unit: str, notice: Notice) -> bool:
    bare = re.sub(r"[\s_\-]", "", fold(unquote(unit)))
    return bare == fold(notice.subject_placeholder) or bool(_NO_NAME.fullmatch(bare))


def _without_label(unit: str, notice: Notice) -> str:
    """单位名称（某协会） and 单位名称某协会 name 某协会."""
    if fold(unit).startswith(fold(notice.subject_placeholder)):
        rest = unquote(unit[len(notice.subject_placeholder) :])
        if looks_like_a_unit(rest):
            return rest
    return unit


def _after_any_dash(text: str) -> str:
    """What follows the first dash, where what stands before it is no name of a unit; else the whole."""
    found = re.search(rf"{_BREAK}*-{_BREAK}*", fold(text))
    if not found or looks_like_a_unit(text[: found.start()]):
        return text
    return _tidy(text[found.end() :])


def _without_form_word(unit: str) -> str:
    """申报表某协会, with nothing between: 某协会."""
    found = re.match(r"(?:申报|申请|报名)[表书]", fold(unit))
    return unit[found.end() :] if found and looks_like_a_unit(unit[found.end() :]) else unit


def _unit_before(text: str, words: str) -> str | None:
    """The unit named before the words. A shortened form of the words may stand between, so there it must be set off."""
    folded = fold(text)
    if words == "short":
        breaks = list(re.finditer(rf"{_BREAK}+", folded))
        if not breaks:
            return None
        text = text[: breaks[-1].start()]
    unit = _tidy(re.sub(r"(?:关于|申报|申请|报送|提交|作为|承担|推荐|的|《|“|\")+$", "", re.sub(r"^(?:关于|报送|提交|现)+", "", text.strip())))
    return unit if looks_like_a_unit(unit) else None


def _unit_without_words(text: str, notice: Notice) -> str | None:
    """A unit named in a subject that lacks the words: only what ends like a name, and is no piece of the words themselves."""
    unit = _after_any_dash(_tidy(_without_lead(text)[0]))
    if not looks_like_a_unit(unit) or re.search(r"咨询|请问|通知|关于", unit):
        return None
    words, folded = fold(notice.subject_words), fold(unit)
    longest = SequenceMatcher(None, words, folded, autojunk=False).find_longest_match()
    return None if longest.size >= _PIECE else unit
