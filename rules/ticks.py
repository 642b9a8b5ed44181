"""Which options of a choice are ticked (申报表第5栏): boxes before or behind, typed ticks, and what a person would conclude where there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from rules.notice import Field, Option
from rules.passage import BOLD, STRUCK, UNDERLINED, Passage, tight


class State(IntEnum):
    """What a box shows; of several boxes at one option the highest counts."""

    NONE = 0
    EMPTY = 1
    UNKNOWN = 2
    CROSSED = 3
    FILLED = 4
    TICKED = 5


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
    before: list[State] = field(default_factory=list)
    behind: list[State] = field(default_factory=list)
    state: State = State.NONE


@dataclass(frozen=True, slots=True)
class _Mark:
    state: State
    start: int
    end: int


_FEW = 2  # options, of which nothing is concluded from one that differs
_MOST = 5000  # characters of a choice that are looked at

# For folded text.
_SIGNS = {
    State.TICKED: "√✓✔☑✅🗹🗸\uf0fe\uf0fc\uf052\uf050",
    State.CROSSED: "×✗✘✕✖╳☒❌❎",
    State.FILLED: "■●◉◎⊙⦿◆★▣◼⬛▇█▲",
    State.EMPTY: "□☐○◯〇▢◻⬜◇☆▯△£¨",
    State.UNKNOWN: "\ufffd",
}
_STATES = {sign: state for state, signs in _SIGNS.items() for sign in signs}
# Letters serve as marks only where they stand alone: v and x are typed, the others are symbols that lost their font.
_LETTERS = {
    "v": State.TICKED,
    "x": State.CROSSED,
    "r": State.TICKED,
    "p": State.TICKED,
    "þ": State.TICKED,
    "ü": State.TICKED,
    "o": State.EMPTY,
    "q": State.EMPTY,
}
_ALL = re.escape("".join(_STATES))
_MARK = re.compile(rf"[(\[{{【<]\s*([{_ALL}vx]?)\s*[)\]}}】>]|([{_ALL}])|(?<![a-z0-9.])([vxrpþüoq])(?![a-z0-9.@])")
_JOINTS = re.compile(r"[、,/及和与]")
_OTHER = ("其他", "其它")
_BLANK_LINE = re.compile(r"[\s_\-:.。,;()…]|请?(?:注明|说明|填写|具体)")


def read_ticks(passage: Passage, choice: Field) -> Ticked:
    """Read a choice from the text that holds its options, the field's label and note left out."""
    passage = passage.part(0, _MOST)
    spots = _spots(passage, choice.options)
    if not spots:
        return _named(passage, choice)
    _mark(passage, spots)
    _see_lost_boxes(passage, spots)
    ticked, how = _read(passage, spots)
    if ticked:
        return _result(choice, ticked, how)
    if any(spot.state is State.UNKNOWN for spot in spots):
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
        span = next((span for label in _wordings(option.label) if (span := _place(passage, label, found))), None)
        if span:
            found.append(_Spot(option, passage.places[span[0]], passage.places[span[1] - 1] + 1))
    return sorted(found, key=lambda spot: spot.start)


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
            rank = 0 if before and (before in _STATES or before in "([)]】") else 1 if passage.gap(span[0]) or span[0] == 0 else 2
            if (best is None or rank < best[0]) and (rank < 2 or len(label) > 2 or before in "vxrpþüoq.、;,"):
                best = (rank, span)
        span = passage.find(label, span[1])
    return best[1] if best else None


# Whose box is whose.


def _mark(passage: Passage, spots: list[_Spot]) -> None:
    """Give every mark to the option that it stands at."""
    ends = [0, *(spot.end for spot in spots)]
    starts = [*(spot.start for spot in spots), len(passage.folded)]
    gaps = [_marks(passage.folded, start, end) for start, end in zip(ends, starts, strict=True)]
    layout = "before" if gaps[0] else "behind" if gaps[-1] else "near"
    for number, marks in enumerate(gaps):
        left = spots[number - 1] if number else None
        right = spots[number] if number < len(spots) else None
        for mark, side in _sides(passage.folded, marks, ends[number], starts[number], layout):
            if right is None or (left and side == "left"):
                spots[number - 1].behind.append(mark.state)
            else:
                right.before.append(mark.state)
    for spot in spots:
        own, other = (spot.behind, spot.before) if layout == "behind" else (spot.before, spot.behind)
        spot.state = max(own or other, default=State.NONE)
        if spot.state < State.TICKED and State.TICKED in other:
            spot.state = State.TICKED


def _marks(folded: str, start: int, end: int) -> list[_Mark]:
    found = []
    for match in _MARK.finditer(folded, start, end):
        sign = match.group(1) if match.group(1) is not None else match.group(2) or match.group(3)
        state = _STATES.get(sign, _LETTERS.get(sign, State.EMPTY))
        if match.group(3) and sign not in "vx" and folded[match.end() : end].strip():
            continue  # a letter that lost its font stands right before its option
        found.append(_Mark(state, match.start(), match.end()))
    return found


def _sides(folded: str, marks: list[_Mark], start: int, end: int, layout: str) -> list[tuple[_Mark, str]]:
    """Whether each mark between two options belongs to the left one or to the right one."""
    sides: list[tuple[_Mark, str]] = []
    undecided: list[_Mark] = []
    for mark in marks:
        before, after = folded[start : mark.start], _without_marks(folded[mark.end : end])
        to_left, to_right = "\n" not in before, not after.strip() and "\n" not in after
        if to_left and to_right and not _without_marks(before).strip():
            undecided.append(mark)
        elif to_right:
            sides.append((mark, "right"))
        elif to_left:
            sides.append((mark, "left"))
        elif not after.strip() and layout != "behind":
            sides.append((mark, "right"))
        elif not _without_marks(before).strip():
            sides.append((mark, "left"))
    return sides + _divided(undecided, start, end, layout)


def _divided(marks: list[_Mark], start: int, end: int, layout: str) -> list[tuple[_Mark, str]]:
    """Marks on one line between two options: divided at the widest blank; a single one goes where the form has its boxes."""
    if not marks:
        return []
    widths = [after - before for before, after in zip([start, *(mark.end for mark in marks)], [*(mark.start for mark in marks), end], strict=True)]
    if len(marks) == 1 and layout != "near":
        cut = 0 if layout == "before" else 1
    elif layout == "behind":
        cut = len(widths) - 1 - widths[::-1].index(max(widths))
    else:
        cut = widths.index(max(widths))
    return [(mark, "left" if number < cut else "right") for number, mark in enumerate(marks)]


def _without_marks(text: str) -> str:
    return _MARK.sub("", text)


def _see_lost_boxes(passage: Passage, spots: list[_Spot]) -> None:
    """In a binary .doc a symbol may come out as an opening bracket: one that nothing closes is a box of unknown state."""
    for number, spot in enumerate(spots):
        before = passage.folded[: spot.start].rstrip()
        following = passage.folded[spot.end : spots[number + 1].start if number + 1 < len(spots) else None]
        opened = before.endswith("(") and following.count(")") <= following.rstrip().rstrip("(").count("(")
        if spot.state is State.NONE and opened:
            spot.state = State.UNKNOWN


# What the boxes say.


def _read(passage: Passage, spots: list[_Spot]) -> tuple[list[_Spot], str]:
    ticked = [spot for spot in spots if spot.state is State.TICKED]
    if ticked:
        standing = [spot for spot in ticked if not passage.has_style(spot.start, spot.end, STRUCK)]
        beside = any(State.TICKED not in spot.before and spot.before for spot in ticked)
        return standing or ticked, "勾选标记写在选项之后" if beside else ""
    filled = [spot for spot in spots if spot.state is State.FILLED]
    if filled and (len(filled) < len(spots) or len(spots) == 1):
        return filled, ""
    crossed = [spot for spot in spots if spot.state is State.CROSSED]
    if len(crossed) == len(spots) - 1 and len(spots) > _FEW:
        return [spot for spot in spots if spot not in crossed], "其余各项均已打叉"
    return (crossed, "") if len(crossed) < len(spots) or len(spots) == 1 else ([], "")


def _inferred(passage: Passage, spots: list[_Spot], choice: Field) -> tuple[list[_Spot], str]:
    """What a person would conclude where no box is ticked."""
    if len(spots) == 1 and len(choice.options) > 1 and sum(char in _SIGNS[State.EMPTY] for char in passage.folded) <= 1:
        return spots, "未见勾选标记，按仅保留的选项"
    for style, how in ((BOLD, "加粗"), (UNDERLINED, "下划线")):
        styled = [spot for spot in spots if passage.has_style(spot.start, spot.end, style)]
        if len(styled) == 1 and len(spots) > 1:
            return styled, f"未见勾选标记，按{how}"
    left = [spot for spot in spots if not passage.has_style(spot.start, spot.end, STRUCK)]
    if len(left) == 1 and len(spots) > 1:
        return left, "未见勾选标记，其余各项均已划去"
    bare = [spot for spot in spots if spot.state is State.NONE]
    if len(bare) == 1 and len(spots) > _FEW and all(spot.state is State.EMPTY for spot in spots if spot not in bare):
        return bare, "其余各项均为空框，唯此项没有空框"  # a tick that was drawn, or that the conversion of an old .doc lost
    last = spots[-1]
    written = _BLANK_LINE.sub("", _without_marks(passage.folded[last.end :]))
    if tight(last.option.label) in _OTHER and 2 <= len(written) <= 40:
        return [last], "未见勾选标记，按选项后填写的内容"
    return [], ""


def _named(passage: Passage, choice: Field) -> Ticked:
    """An answer typed in words of its own: 全国性协会, 国家级行业协会."""
    typed = _MARK.sub("", passage.tight).strip("。.;,:、")
    if not 2 <= len(typed) <= 20:
        return Ticked()
    likely = [option for option in choice.options if typed in tight(option.label) or (len(typed) >= 4 and _in_order(typed, tight(option.label)))]
    if len(likely) != 1:
        return Ticked()
    return Ticked((likely[0].key,), inferred=f"{choice.label}：填写的是“{passage.text.strip()}”，推断为“{likely[0].label}”，请核对。")


def _in_order(short: str, whole: str) -> bool:
    left = iter(whole)
    return all(char in left for char in short)
