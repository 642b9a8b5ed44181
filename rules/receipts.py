"""Receipt numbers in a text, found by the notice's own pattern."""

import re
from functools import lru_cache
from string import Formatter

from rules.machines import machine_kind
from rules.notice import Notice
from rules.submission import Submission
from rules.text import MOST, fold


def receipt_numbers(text: str, notice: Notice) -> tuple[str, ...]:
    """Every receipt number in the text, as the notice writes it, in order and without repetition."""
    counts = (int(digits) for digits in _pattern(notice.receipt_pattern).findall(fold(text)))
    return tuple(dict.fromkeys(notice.receipt_number(count) for count in counts))


def returned_numbers(submission: Submission, notice: Notice) -> tuple[str, ...]:
    """The receipt number of the letter that a bounce returns, in its text or as the name of the returned mail; none where it holds several."""
    if machine_kind(submission.letter, frozenset()) != "bounce":
        return ()
    found = receipt_numbers(" ".join((submission.letter.text[:MOST], *(each.name for each in submission.attachments))), notice)
    return found if len(found) == 1 else ()


@lru_cache(maxsize=16)
def _pattern(receipt_pattern: str) -> re.Pattern[str]:
    parts = [(re.escape(fold(literal)), r"([0-9]{1,9})" if slot is not None else "") for literal, slot, _, _ in Formatter().parse(receipt_pattern)]
    return re.compile("".join(literal + slot for literal, slot in parts) + r"(?![0-9])")
