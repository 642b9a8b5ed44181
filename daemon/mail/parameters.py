"""Parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231), and the name of an attached file."""

import re
from html import unescape
from unicodedata import category
from urllib.parse import quote, unquote_to_bytes

from daemon.mail.charsets import decode
from daemon.mail.words import decode_words

_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^;]*+)', re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")
_EXTENDED = re.compile(r"([A-Za-z0-9._:-]*)'[^']*'(.*)", re.DOTALL)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2}")
_LONGEST = 200_000  # characters of one header
_LONGEST_NAME = 200  # characters
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def parameters(value: str) -> dict[str, str]:
    """The parameters of a field's value by lower-case name, decoded; RFC 2231 sections joined under their plain name.

    An extended value (`name*`) beats a plain one, unless it cannot be decoded. The first of several is taken.
    """
    found: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for key, written in _PARAMETER.findall(_with_semicolon(value[:_LONGEST])):
        match = _SECTION.fullmatch(key.lower())
        if match and (match[2] or match[3]):
            sections.setdefault(match[1], {}).setdefault(int(match[2] or 0), (_unquoted(written), bool(match[3])))
        else:
            found.setdefault(key.lower(), decode_words(_unquoted(written)))
    for name, pieces in sections.items():
        joined = _joined([pieces[number] for number in sorted(pieces)])
        if joined and (_UNKNOWN not in joined or name not in found):
            found[name] = joined
    return found


def file_name(disposition: dict[str, str], content_type: dict[str, str]) -> str:
    """The name a part's parameters give its file, cleaned; "" where they give none."""
    written = (disposition.get("filename", ""), content_type.get("name", ""), disposition.get("name", ""), content_type.get("filename", ""))
    names = [name for name in map(clean_name, map(_without_escapes, written)) if name]
    return next((name for name in names if _UNKNOWN not in name and "??" not in name), names[0] if names else "")


def clean_name(name: str) -> str:
    """A file's name as data for people: its last path component, no control, format or surrogate characters, at most 200 characters.

    The end of an overlong name, with its extension, is kept. "" where nothing is left.
    """
    visible = "".join(" " if char in "\t\r\n" else char for char in name if char in "\t\r\n" or category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    last = re.split(r"[/\\]", visible.strip(" /\\"))[-1].strip(" \"'")
    last = "" if not last.strip(". ") else last
    if len(last) <= _LONGEST_NAME:
        return last
    stem, dot, extension = last.rpartition(".")
    kept = _LONGEST_NAME - len(dot + extension) - 1
    return f"{stem[:kept]}…{dot}{extension}" if kept > 0 else last[:_LONGEST_NAME]


def _without_escapes(name: str) -> str:
    """A name with percent escapes decoded where they stand for more than ASCII, and with HTML's numbers of characters."""
    if "&#" in name:
        name = unescape(name)
    if not (name.isascii() and _PERCENT.search(name)):
        return name
    decoded = decode(unquote_to_bytes(name))
    return name if decoded.isascii() or _UNKNOWN in decoded else decoded


def _with_semicolon(value: str) -> str:
    # multipart/mixed boundary=x; filename=x.docx and nothing before it
    first, equals, rest = value.partition("=")
    return f";{first.split()[-1]}={rest}" if equals and ";" not in first and first.strip() else value


def _unquoted(written: str) -> str:
    if written.startswith('"'):
        return re.sub(r'\\(["\\])', r"\1", written[1:-1] if written.endswith('"') and len(written) > 1 else written[1:])
    return written.strip()


def _joined(pieces: list[tuple[str, bool]]) -> str:
    if not any(extended for _, extended in pieces):
        return decode_words("".join(text for text, _ in pieces))
    label = ""
    first, extended = pieces[0]
    if extended and (match := _EXTENDED.fullmatch(first)):
        label, first = match[1], match[2]
    # Joined before the escapes are undone: they are cut in mid-escape as well as in mid-character.
    escaped = "".join(text if coded else quote(text, safe="") for text, coded in [(first, extended), *pieces[1:]])
    return decode_words(decode(unquote_to_bytes(escaped), label))
