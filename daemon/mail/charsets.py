"""Bytes to text whatever their label says: Chinese labels stand for GB 18030, wrong and missing ones are found out."""

import codecs
import re
from functools import lru_cache

# Senders write any of the old Chinese names over the larger set; Python's own gb2312 also turns the bytes of — into ―.
_CHINESE = re.compile(r"(x-|cs)?(gb|cp936|ms936|936|windows-936|euc-?cn|hz-gb|iso-ir-58|chinese)")
_ALIASES = {"big5": "big5hkscs", "x-big5": "big5hkscs", "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-utf-8": "utf-8"}
# Labels that programs write by default over anything at all, and that no bytes contradict.
_DEFAULTS = {"ascii", "iso8859-1", "iso8859-15", "cp1252"}
# Codecs that are no charsets of mail, or that take quadratic time on hostile input.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "mbcs", "oem"}
_SURROGATES = re.compile("[\ud800-\udfff]")
_OTHERS = ("big5hkscs", "cp949", "cp932", "euc_jp", "cp1251", "koi8_r", "cp1252")
_TOO_SHORT_TO_GUESS, _ENOUGH_TO_GUESS = 32, 4096  # bytes
# A text cut in mid-character is no wrong label: this part of what is not ASCII may be broken.
_BROKEN = 0.1
_SOUND = 3  # characters


def decode(data: bytes, label: str = "") -> str:
    """The text of these bytes; never fails, and holds no lone surrogates.

    Args:
        data: any bytes.
        label: the charset as the sender named it, in any spelling; "" for none.
    """
    codec = codec_of(label)
    if data.isascii() and codec in {"", "utf-8", "gb18030", *_DEFAULTS}:
        return data.decode("ascii")
    text = _unlabelled(data, codec) if codec in {"", *_DEFAULTS} else _labelled(data, codec)
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


@lru_cache(maxsize=256)
def codec_of(label: str) -> str:
    """Python's codec for a charset label; "" where there is none worth trusting."""
    name = label.strip().strip("\"'").lower()
    if not re.fullmatch(r"[a-z0-9._:-]{2,40}", name):
        return ""
    if _CHINESE.match(name):
        return "hz" if name.startswith("hz") else "gb18030"
    try:
        info = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError):
        return ""
    is_text = getattr(info, "_is_text_encoding", True)  # what bytes.decode asks as well: zlib, rot13 and their like are none
    return info.name if is_text and info.name not in _REFUSED else ""


def _labelled(data: bytes, codec: str) -> str:
    if codec == "gb18030":  # the most frequent wrong label: utf-8 bytes that also happen to be valid GB 18030
        text = _strict(data, "utf-8")
        if text is not None and _has_wide(text):
            return text
    text = _strict(data, codec)
    return text if text is not None else _unlabelled(data, codec)


def _unlabelled(data: bytes, codec: str) -> str:
    text = _strict(data, "utf-8")
    if text is not None and (_has_wide(text) or _strict(data, "gb2312") is None):
        return text
    if (cut := _mostly(data, "utf-8", 1 if codec == "utf-8" else _SOUND)) is not None:
        return cut
    # Under a Latin label only everyday Chinese is believed: two letters with accents are a valid, rare character.
    if _strict(data, "gb2312" if codec in _DEFAULTS else "gb18030") is not None:
        return data.decode("gb18030", "replace")
    if codec in _DEFAULTS:
        return data.decode("cp1252", "replace")
    text = _mostly(data, "gb18030", _SOUND)
    return text if text is not None else _guessed(data)


def _has_wide(text: str) -> bool:
    # Three bytes and more in utf-8: chance hits of Chinese bytes stay below.
    return any(char >= "\u0800" for char in text)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _mostly(data: bytes, codec: str, least: int) -> str | None:
    text = data.decode(codec, "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    sound = sum(char >= "\u0800" for char in text) - broken
    return text if sound >= least and broken <= max(1, sound * _BROKEN) else None


def _guessed(data: bytes) -> str:
    if len(data) < _TOO_SHORT_TO_GUESS:
        return data.decode("gb18030", "replace")
    from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to import, seldom needed

    best = from_bytes(data[:_ENOUGH_TO_GUESS], cp_isolation=list(_OTHERS)).best()
    return data.decode(best.encoding if best else "cp1252", "replace")
