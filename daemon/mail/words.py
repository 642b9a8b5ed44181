"""Encoded words (RFC 2047) read in linear time, wherever they stand and however they were cut."""

import re
from base64 import b64encode
from binascii import a2b_qp
from collections.abc import Callable
from itertools import groupby

from daemon.mail.charsets import codec_of, decode
from daemon.mail.transfer import from_base64

# Possessive, without "?" inside base64 and with few inside Q, so that no start of a word makes the rest of the header be read again.
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?(?:([bB])\?([^?]*+)|([qQ])\?((?:[^?]++|\?(?!=)){0,50}+))(?:\?=|\Z)")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def plain(text: str) -> str:
    """A header's text as a person sees it: encoded words decoded, on one line, without control characters."""
    return _CONTROLS.sub(" ", decode_words(text)).strip()


def decode_words(text: str) -> str:
    """The text with its encoded words replaced by what they say.

    Adjacent words of one charset are joined as bytes first: many programs cut in mid-character.
    """
    return _replaced(text, str) if "=?" in text else text


def utf8_words(text: str) -> str:
    """The text with each run of encoded words as one well-made word in UTF-8, for a reader that knows no others."""
    return _replaced(text, lambda decoded: f"=?utf-8?B?{b64encode(decoded.encode()).decode()}?=") if "=?" in text else text


def _replaced(text: str, render: Callable[[str], str]) -> str:
    out: list[str] = []
    position = 0
    for words in _stretches(text):
        said = "".join(_decoded(list(run)) for _, run in groupby(words, key=lambda word: codec_of(word[1])))
        out += [text[position : words[0].start()], render(said)]
        position = words[-1].end()
    return "".join([*out, text[position:]])


def _stretches(text: str) -> list[list[re.Match[str]]]:
    """The encoded words of a text; those with only blanks between them are one stretch, and the blanks are not meant (RFC 2047, 6.2)."""
    stretches: list[list[re.Match[str]]] = []
    for word in _WORD.finditer(text):
        if stretches and not text[stretches[-1][-1].end() : word.start()].strip():
            stretches[-1].append(word)
        else:
            stretches.append([word])
    return stretches


def _decoded(run: list[re.Match[str]]) -> str:
    label = run[0][1]
    if all(match[2] for match in run) and any(len(match[3].rstrip("= ")) % 4 and not match[3].endswith("=") for match in run[:-1]):
        # The base64 itself was cut, not the text: no word but the last can be read alone.
        return decode(from_base64("".join(match[3] for match in run).encode("ascii", "ignore")), label)
    return decode(b"".join(_bytes(match) for match in run), label)


def _bytes(match: re.Match[str]) -> bytes:
    if match[2]:
        return from_base64(match[3].encode("ascii", "ignore"))
    return a2b_qp(match[5].encode(codec_of(match[1]) or "utf-8", "replace"), header=True)
