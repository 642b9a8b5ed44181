"""Which options of a choice are ticked (申报表第5栏): boxes before or behind, typed ticks, and what a person would conclude where there is none."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rules.boxes import LETTERS, MARK, SIGNS, STATES, State, set_out, without_marks
from rules.notice import Field, Option
from rules.passage import BOLD, MARKED, STRUCK, UNDERLINED, Passage, tight


@dataclass(frozen=True, slots=True)
class Ticked:
    """What was read: keys of the ticked options in the form's order, whether the boxes' state is unknown, and how it was inferred ("" for read)."""

    keys: tuple[str, ...] = ()
    unread: bool = False
    inferred: str = ""


@dataclass(slots=True)
class _Spot:
    """An option where it stands in the text, and the boxes before and behind it."""

    option: Option
    start: int
    end: int
    reworded: bool = False
    before: list[State] = field(default_factory=list)
    behind: list[State] = field(default_factory=list)
    state: State = State.NONE


@dataclass(frozen=True, slots=True)
class _Mark:
    state: State
    start: int
    end: int
    torn: bool = False  # it may be the other neighbour's as well


_FEW = 2  # options, of which nothing is concluded from one that differs
_MOST = 5000  # characters of a choice that are looked at

_JOINTS = re.compile(r"[、,/及和与]")
_PIECE = re.compile(r"(?:\d{1,2}[.、)]+)?[ \t]*([^\n\t(:;,。 ](?:[^\n\t(:;,。]*[^\n\t(:;,。 ])?)")
_NUMBER = re.compile(r"[ \t(]*(?:\d{1,2}|[一二三四五六七八九十a-f])[.、)]*[ \t]*")
_LEAD = 8  # characters between a box and its option: 本单位为
_OTHER = ("其他", "其它")
_YES = re.compile(r"[ \t:(]*(?:是|yes|y)[ \t)]*")
_TORN = "勾选标记写在两项之间，也可能属于另一项"
_BLANK_LINE = re.compile(r"[\s_\-:.。,;()…]|请?(?:注明|说明|填写|具体)")


def read_ticks(passage: Passage, choice: Field) -> Ticked:
    """Read a choice from the text that holds its options, the field's label and note left out."""
    passage = set_out(passage.part(0, _MOST))
    spots = _spots(passage, choice.options)
    if not spots:
        return _named(passage, choice)
    stray, torn = _mark(passage, spots)
    _see_lost_boxes(passage, spots)
    ticked, how = _read(passage, spots, torn)
    if ticked:
        return _result(choice, ticked, how)
    if stray is State.TICKED or any(spot.state is State.UNKNOWN for spot in spots):
        return Ticked(unread=True)
    ticked, how = _inferred(passage, spots, choice)
    return _result(choice, ticked, how)


def _result(choice: Field, ticked: Sequence[_Spot], how: str) -> Ticked:
    keys = {spot.option.key for spot in ticked}
    names = "、".join(option.label for option in choice.options if option.key in keys)
    inferred = f"{choice.label}：{how}，推断为“{names}”，请核对。" if how and keys else ""
    return Ticked(tuple(option.key for option in choice.options if option.key in keys), inferred=inferred)


# Where the options stand.


def _spots(passage: Passage, options: Sequence[Option]) -> list[_Spot]:
    """The options that stand in the text, in its order; the longest label takes its place first."""
    found: list[_Spot] = []
    for option in sorted(options, key=lambda option: len(option.label), reverse=True):
        place = next(((label, span) for label in _wordings(option.label) if (span := _place(passage, label, found))), None)
        if place:
            label, (first, past) = place
            part = len(label) < len(_JOINTS.sub("", tight(option.label)))
            found.append(_Spot(option, passage.places[first], passage.places[past - 1] + 1, reworded=part))
    return sorted([*found, *_retyped(passage, options, found)], key=lambda spot: spot.start)


def _retyped(passage: Passage, options: Sequence[Option], found: Sequence[_Spot]) -> Iterator[_Spot]:
    """Options in other words, beside a box of their own: 中央企业二级单位 for 中央企业集团公司及二级单位."""
    missing = {tight(option.label): option for option in options if len(option.label) > 2 and option not in [spot.option for spot in found]}
    pieces = MARK.sub(lambda mark: "\n" * len(mark.group()), passage.folded)
    for piece in _PIECE.finditer(pieces):
        start, end = piece.span(1)
        around = passage.folded[:start].rstrip(" \t")[-1:] + passage.folded[end:].lstrip(" \t")[:1]
        boxed = any(char in STATES or char in "])}】>" for char in around)
        if not boxed or any(spot.start < end and start < spot.end for spot in found):
            continue
        words = tight(piece.group(1))
        alike = [label for label in missing if (len(words) >= 4 and _in_order(words, label)) or (len(words) < 2 * len(label) and _in_order(label, words))]
        if len(alike) == 1:
            yield _Spot(missing.pop(alike[0]), start, end, reworded=True)


def _wordings(label: str) -> list[str]:
    """A label and how else it is found: its joints typed otherwise, and one half of it alone where the applicant deleted the other."""
    words = tight(label)
    halves = [half for half in _JOINTS.split(words) if len(half) >= 4]
    others = list(_OTHER) if words in _OTHER else []
    return [words, *(_JOINTS.sub(joint, words) for joint in "、,/及和与"), _JOINTS.sub("", words), *others, *(halves if len(halves) > 1 else [])]


def _place(passage: Passage, label: str, taken: Sequence[_Spot]) -> tuple[int, int] | None:
    """Where a label stands: best behind a box, else where a line or a word begins; a short label nowhere else."""
    best: tuple[int, tuple[int, int]] | None = None
    span = passage.find(label)
    while span:
        start = passage.places[span[0]]
        if not any(spot.start <= start < spot.end for spot in taken):
            before = passage.folded[:start].rstrip()[-1:]
            rank = 0 if before and (before in STATES or before in "([)]】") else 1 if passage.gap(span[0]) or span[0] == 0 else 2
            if (best is None or rank < best[0]) and (rank < 2 or len(label) > 2 or before.isdigit() or before in "vxrpþüoq.、;,"):
                best = (rank, span)
        span = passage.find(label, span[1])
    return best[1] if best else None


# Whose box is whose.


def _mark(passage: Passage, spots: list[_Spot]) -> tuple[State, set[State]]:
    """Give every mark to the option that it stands at; returns what those show that stand at something else (☑高等院校), and those that may be another's."""
    ends = [0, *(spot.end for spot in spots)]
    starts = [*(spot.start for spot in spots), len(passage.folded)]
    gaps = [_marks(passage.folded, start, end) for start, end in zip(ends, starts, strict=True)]
    layout = "before" if gaps[0] else "behind" if gaps[-1] else "near"
    stray, torn = State.NONE, set[State]()
    for number, marks in enumerate(gaps):
        left = spots[number - 1] if number else None
        right = spots[number] if number < len(spots) else None
        for mark, side in _sides(passage.folded, marks, ends[number], starts[number], layout):
            if mark.torn:
                torn.add(mark.state)
            if side == "left" and left:
                left.behind.append(mark.state)
            elif side == "right" and right:
                right.before.append(mark.state)
            else:
                stray = max(stray, mark.state)
    for spot in spots:
        own, other = (spot.behind, spot.before) if layout == "behind" else (spot.before, spot.behind)
        spot.state = max(own or other, default=State.NONE)
        if spot.state < State.TICKED and State.TICKED in other:
            spot.state = State.TICKED
    return stray, torn


def _marks(folded: str, start: int, end: int) -> list[_Mark]:
    found = []
    for match in MARK.finditer(folded, start, end):
        sign = match.group(1) if match.group(1) is not None else match.group(2) or match.group(3)
        state = STATES.get(sign, LETTERS.get(sign, State.EMPTY))
        if match.group(3) and sign not in "vx" and folded[match.end() : end].strip():
            continue  # a letter that lost its font stands right before its option
        found.append(_Mark(state, match.start(), match.end()))
    return found


def _sides(folded: str, marks: list[_Mark], start: int, end: int, layout: str) -> list[tuple[_Mark, str]]:
    """Whether each mark between two options belongs to the left one, to the right one, or to neither ("")."""
    sides: list[tuple[_Mark, str]] = []
    undecided: list[_Mark] = []
    for mark in marks:
        before, between = folded[start : mark.start], folded[mark.end : end]
        after = without_marks(between)
        if _NUMBER.fullmatch(after):
            after = ""
        to_left, to_right = start > 0 and "\n" not in before, end < len(folded) and not after.strip() and "\n" not in after
        if to_left and to_right and not without_marks(before).strip():
            undecided.append(mark)
        else:
            sides.append((mark, "right" if to_right else _side(before, after, layout, leads=after == between and end < len(folded), to_left=to_left)))
    # The last mark is the right option's own box where the form has its boxes before the options, the first one the left option's where it has them behind.
    boxed = any(side == "right" for _, side in sides)
    cuts = range(int(layout == "behind"), len(undecided) + 1 - (layout == "before" and not boxed))
    return sides + (_divided(folded, undecided, (start, end), cuts[::-1] if layout == "behind" else cuts) if undecided else [])


def _side(before: str, after: str, layout: str, *, leads: bool, to_left: bool) -> str:
    """Where a mark belongs that is not right before an option: it stands behind one, on a line of its own, or before other words."""
    words = after.split("\n", maxsplit=1)[0]
    apart = not to_left or (layout == "before" and before[-1:].isspace() and words[:1].isalnum())
    if not apart:
        return "left"
    if words.strip():
        return "right" if leads and "\n" not in after and len(after) <= _LEAD and layout != "behind" else ""
    if leads and not after.strip() and layout != "behind":
        return "right"
    return "" if without_marks(before).strip() else "left"


def _divided(folded: str, marks: list[_Mark], between: tuple[int, int], cuts: Sequence[int]) -> list[tuple[_Mark, str]]:
    """Marks on one line between two options: divided at the widest blank. Where another place would do as well (甲√□乙), those in between are torn.

    Args:
        folded: the choice's text.
        marks: in its order.
        between: where the left option ends, and where the right one starts.
        cuts: how many of the marks can be the left option's, the likeliest first.
    """
    places = [between[0], *(place for mark in marks for place in (mark.start, mark.end)), between[1]]
    gaps = [folded[before:after] for before, after in zip(places[::2], places[1::2], strict=True)]
    blanks = [sum(map(str.isspace, gap)) for gap in gaps]
    cut = max(cuts, key=lambda place: (blanks[place], len(gaps[place])))  # a number parts too: 1.□甲√2.□乙
    rivals = [place for place, blank in enumerate(blanks) if blank > blanks[cut] or (blank == blanks[cut] and place in cuts)]
    torn = range(min(rivals), max(rivals))
    return [(replace(mark, torn=number in torn), "left" if number < cut else "right") for number, mark in enumerate(marks)]


def _see_lost_boxes(passage: Passage, spots: list[_Spot]) -> None:
    """In a binary .doc a symbol may come out as an opening bracket: one that nothing closes is a box of unknown state."""
    for number, spot in enumerate(spots):
        before = passage.folded[: spot.start].rstrip()
        following = passage.folded[spot.end : spots[number + 1].start if number + 1 < len(spots) else None]
        opened = before.endswith("(") and following.count(")") <= following.rstrip().rstrip("(").count("(")
        if spot.state is State.NONE and opened:
            spot.state = State.UNKNOWN


# What the boxes say.


def _read(passage: Passage, spots: list[_Spot], torn: Collection[State]) -> tuple[list[_Spot], str]:
    ticked = [spot for spot in spots if spot.state is State.TICKED]
    if ticked:
        standing = [spot for spot in ticked if not passage.has_style(spot.start, spot.end, STRUCK)]
        beside = any(State.TICKED not in spot.before and spot.before for spot in ticked)
        reworded = any(spot.reworded for spot in standing or ticked)
        if State.TICKED in torn:
            return standing or ticked, _TORN
        return standing or ticked, "勾选标记写在选项之后" if beside else "所勾选项的文字与原表不同" if reworded else ""
    filled = [spot for spot in spots if spot.state is State.FILLED]
    if filled and (len(filled) < len(spots) or len(spots) == 1):
        return filled, _TORN if State.FILLED in torn else ""
    crossed = [spot for spot in spots if spot.state is State.CROSSED]
    if len(crossed) == len(spots) - 1 and len(spots) > _FEW:
        return [spot for spot in spots if spot not in crossed], _TORN if State.CROSSED in torn else "其余各项均已打叉"
    # A drawn ☒ is Word's own tick; a typed × may mean the opposite.
    typed = len(crossed) == 1 and "☒" not in passage.folded
    how = _TORN if State.CROSSED in torn else "仅此项打叉，视为勾选" if typed else ""
    return (crossed, how) if len(crossed) < len(spots) or len(spots) == 1 else ([], "")


def _inferred(passage: Passage, spots: list[_Spot], choice: Field) -> tuple[list[_Spot], str]:
    """What a person would conclude where no box is ticked."""
    if len(spots) == 1 and len(choice.options) > 1 and sum(char in SIGNS[State.EMPTY] for char in passage.folded) <= 1:
        return spots, "未见勾选标记，按仅保留的选项"
    styles = ((BOLD, "加粗"), (UNDERLINED, "下划线"), (MARKED, "突出显示"))
    set_off = {how: [spot for spot in spots if passage.has_style(spot.start, spot.end, style)] for style, how in styles}
    said = [spot for spot in spots if _YES.fullmatch(passage.folded[spot.end :].split("\n", 1)[0])]
    for how, those in {"选项后所写的“是”": said, **set_off}.items():
        if len(those) == 1 and len(spots) > 1:
            return those, f"未见勾选标记，按{how}"
    left = [spot for spot in spots if not passage.has_style(spot.start, spot.end, STRUCK)]
    if len(left) == 1 and len(spots) > 1:
        return left, "未见勾选标记，其余各项均已划去"
    bare = [spot for spot in spots if spot.state is State.NONE]
    if len(bare) == 1 and len(spots) > _FEW and all(spot.state is State.EMPTY for spot in spots if spot not in bare):
        return bare, "其余各项均为空框，唯此项没有空框"  # a tick that was drawn, or that the conversion of an old .doc lost
    last = spots[-1]
    written = _BLANK_LINE.sub("", without_marks(passage.folded[last.end :]))
    if tight(last.option.label) in _OTHER and 2 <= len(written) <= 40:
        return [last], "未见勾选标记，按选项后填写的内容"
    return [], ""


def _named(passage: Passage, choice: Field) -> Ticked:
    """An answer typed in words of its own: 全国性协会, 国家级行业协会."""
    typed = MARK.sub("", passage.tight).strip("。.;,:、")
    if not 2 <= len(typed) <= 20:
        return Ticked()
    likely = [option for option in choice.options if typed in tight(option.label) or (len(typed) >= 4 and _in_order(typed, tight(option.label)))]
    if len(likely) != 1:
        return Ticked()
    return Ticked((likely[0].key,), inferred=f"{choice.label}：填写的是“{passage.text.strip()}”，推断为“{likely[0].label}”，请核对。")


def _in_order(short: str, whole: str) -> bool:
    left = iter(whole)
    return all(char in left for char in short)
