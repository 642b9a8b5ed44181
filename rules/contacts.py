"""A telephone number or e-mail address that stands with another answer about the contact (申报表第3、4栏): 联系人及电话 | 魏慧敏 13500909960."""

import re
from collections.abc import Mapping

from rules.fields import emails_in, has_phone
from rules.notice import Notice

_MOST = 300  # characters of an answer that are looked at
_NUMBER = re.compile(r"(?:[(（](?=\d{3,4}[)）])|[+＋])?\d[\d\s()（）+-]{5,}\d(?:转\d{1,6})?")
_AROUND = " \t\n\u3000,，、;；:：/()（）"
_CALLED = re.compile(r"(?:联系)?(?:电话|手机|方式|邮箱|邮件)(?:号码?)?$")
_SAYS = re.compile("[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]")


def told_apart(values: Mapping[str, str], notice: Notice) -> dict[str, str]:
    """The answers that change where each goes into its own field."""
    changed = _addresses_apart(values, notice)
    return changed | _numbers_apart({**values, **changed}, notice)


def _addresses_apart(values: Mapping[str, str], notice: Notice) -> dict[str, str]:
    """The e-mail address of a field that has none (同上), out of the answers about the contact; what is left of those."""
    contact = [field for field in notice.fields if field.group and field.key in values]
    changed: dict[str, str] = {}
    for email in notice.of_kind("email"):
        held = {field.key: emails_in(values[field.key][:_MOST].replace("/", " ")) for field in contact if field is not email}
        found = list(dict.fromkeys(address for addresses in held.values() for address in addresses))
        if found and not _SAYS.search(values[email.key]):
            changed[email.key] = "、".join(found)
            changed |= {key: _without(values[key], addresses) for key, addresses in held.items() if addresses}
    return changed


def _without(text: str, addresses: tuple[str, ...]) -> str:
    for address in addresses:
        text = text.replace(address, "")
    return _CALLED.sub("", text.strip(_AROUND)).strip(_AROUND)


def _numbers_apart(values: Mapping[str, str], notice: Notice) -> dict[str, str]:
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
