"""A form typed in lines, without any table: which lines answer which label."""

from collections.abc import Collection

from rules.labels import Labels, is_long
from rules.notice import Notice
from rules.passage import Passage


def answers_in(passage: Passage, labels: Labels, wanted: Collection[str], notice: Notice) -> list[tuple[str, Passage]]:
    """Field keys and answers, a label each; those above the first unit's name come last, for the notice with contacts of its own may stand there."""
    sought = frozenset(wanted) | {""}  # headings too, for an answer ends where one stands
    places = list(labels.within(passage, sought))
    places += labels.within(passage, sought.difference(place[0] for place in places), loose=True)
    places.sort(key=lambda place: place[1])
    answers: list[tuple[str, Passage]] = []
    for number, (key, _, start, _) in enumerate(places):
        long = bool(key) and is_long(notice.field(key))
        end = next((place for place in places[number + 1 :] if place[3] or not long), None)
        answer = passage.part(start, end[1] if end else None)
        answers.append((key, answer if long else _first_line(answer if end is None or end[3] else without_comma(answer))))
    keys = [key for key, _ in answers]
    first = keys.index(notice.unit_field.key) if notice.unit_field.key in keys else 0
    return [(key, answer) for key, answer in answers[first:] + answers[:first] if key]


def without_comma(answer: Passage) -> Passage:
    """An answer that another label follows, without the comma between them."""
    return answer.part(0, len(answer.text.rstrip(" \t\n\u3000；;，,、。")))


def _first_line(answer: Passage) -> Passage:
    """The first line of an answer that has anything in it."""
    start = len(answer.text) - len(answer.text.lstrip())
    end = answer.text.find("\n", start)
    return answer.part(start, end if end > 0 else None)
