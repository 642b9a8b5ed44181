"""Why a file was not read: every reason has its Chinese, and there is no other way to give one."""

import ast
import re
from pathlib import Path

import pytest

import daemon.documents
from daemon.documents.convert import ConvertError
from daemon.documents.members import UnpackError
from daemon.documents.ooxml import TooMuch
from daemon.documents.reasons import Unread, Why
from daemon.documents.word import WordError

SOURCES = {path.name: path.read_text(encoding="utf-8") for path in Path(daemon.documents.__file__).parent.glob("*.py")}
NAMES_OF_PROGRAMS = {"LibreOffice", "libarchive", "Outlook", "winmail", "dat", "zip", "rar", "7z", "tar", "doc", "wps", "word", "XML"}


@pytest.mark.parametrize("why", Why, ids=str)
def test_a_reason_is_english_for_the_log_and_chinese_for_the_staff(why):
    assert why.value.isascii()
    assert re.search("[一-鿿]{3}", why.chinese)
    assert set(re.findall(r"[A-Za-z0-9]+", why.chinese)) <= NAMES_OF_PROGRAMS


def test_no_two_reasons_read_alike():
    assert len({why.value for why in Why}) == len({why.chinese for why in Why}) == len(Why)


@pytest.mark.parametrize("why", Why, ids=str)
def test_there_is_no_reason_that_nothing_gives(why):
    assert any(re.search(rf"\bWhy\.{why.name}\b", text) for text in SOURCES.values())


def _kinds(base: type) -> set[str]:
    return {base.__name__}.union(*(_kinds(each) for each in base.__subclasses__()))


def test_whatever_says_that_a_file_was_not_read_says_it_by_a_reason_of_the_table():
    kinds = _kinds(Unread)
    assert {each.__name__ for each in (ConvertError, TooMuch, UnpackError, WordError)} < kinds
    calls = [(name, node) for name, text in SOURCES.items() for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    given = [(name, node.args[0]) for name, node in calls if isinstance(node.func, ast.Name) and node.func.id in kinds and node.args]
    assert len(given) > 20
    assert [(name, ast.unparse(why)) for name, why in given if isinstance(why, ast.Constant | ast.JoinedStr)] == []
    assert [name for name, node in calls for word in node.keywords if word.arg == "reason"] == ["reasons.py"]
