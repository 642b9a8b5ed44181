"""A telephone number that stands with a person's name (申报表第3栏): 联系人及电话 | 魏慧敏 13500909960."""

import re
from collections.abc import Mapping

from rules.fields import has_phone
from rules.notice import Notice

_MOST = 300  # characters of a name that are looked at
_NUMBER = re.compile(r"(?:[(（](?=\d{3,4}[)）])|[+＋])?\d[\d\s()（）+-]{5,}\d(?:转\d{1,6})?")
_AROUND = " \t\n\u3000,，、;；:：/()（）"
_CALLED = re.compile(r"(?:联系)?(?:电话|手机|方式)(?:号码?)?$")


def numbers_apart(values: Mapping[str, str], notice: Notice) -> dict[str, str]:
    """The name alone, and the number in its own field, where a name has the number behind it that is missing there, or repeats the one that is there."""
    changed: dict[str, str] = {}
    for person in notice.of_kind("person"):
        fields = [field for field in notice.of_kind("phone") if field.group == person.group]
        given = [values[field.key] for field in fields if values[field.key]]
        text = values[person.key][:_MOST]
        numbers = [number for number in _NUMBER.findall(text) if has_phone(number)]
        if numbers and fields and all(value in numbers for value in given):
            names = (_CALLED.sub("", piece.strip(_AROUND)).strip(_AROUND) for piece in _NUMBER.split(text))
            changed[person.key] = "、".join(name for name in names if name)
            changed |= {} if given else {fields[0].key: "、".join(numbers)}
    return changed
