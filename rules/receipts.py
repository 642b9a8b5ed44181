"""Receipt numbers in a text, found by the notice's own pattern."""

import re
from functools import lru_cache
from string import Formatter

from rules.notice import Notice
from rules.text import fold


def receipt_numbers(text: str, notice: Notice) -> tuple[str, ...]:
    """Every receipt number in the text, as the notice writes it, in order and without repetition."""
    counts = (int(digits) for digits in _pattern(notice.receipt_pattern).findall(fold(text)))
    return tuple(dict.fromkeys(notice.receipt_number(count) for count in counts))


@lru_cache(maxsize=16)
def _pattern(receipt_pattern: str) -> re.Pattern[str]:
    parts = [(re.escape(fold(literal)), r"([0-9]{1,9})" if slot is not None else "") for literal, slot, _, _ in Formatter().parse(receipt_pattern)]
    return re.compile("".join(literal + slot for literal, slot in parts) + r"(?![0-9])")
