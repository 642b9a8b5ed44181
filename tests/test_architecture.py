"""The architecture as tests: what import-linter cannot say."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    *("collections", "dataclasses", "datetime", "difflib", "enum", "functools", "hashlib", "itertools", "re"),
    *("string", "tomllib", "types", "typing", "unicodedata", "zoneinfo", "rules"),
}
DOORS = {
    "imapclient": {"daemon/mail/mailbox.py"},
    "mailparser": {"daemon/mail/letter.py"},
    "docx": {"daemon/documents/word.py"},
    "pdfplumber": {"daemon/documents/pdf.py"},
    "libarchive": {"daemon/documents/archives.py"},
    "apscheduler": {"daemon/schedule.py"},
    "smtplib": {"daemon/mail/smtp.py"},
}


def _modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", _modules("rules"), ids=lambda path: path.stem)
def test_rules_import_only_pure_modules(path):
    assert {name.partition(".")[0] for name in _imports(path)} <= ALLOWED


@pytest.mark.parametrize(("library", "doors"), DOORS.items(), ids=str)
def test_a_library_of_the_outside_has_one_door(library, doors):
    users = {
        str(path.relative_to(ROOT))
        for folder in ("daemon", "storage")
        for path in _modules(folder)
        if library in {name.partition(".")[0] for name in _imports(path)}
    }
    assert users == doors


def test_there_is_one_broad_except_and_it_is_in_intake():
    broad = [
        str(path.relative_to(ROOT))
        for path in _modules("daemon") + _modules("rules") + _modules("storage")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert broad == ["daemon/intake.py"]


@pytest.mark.parametrize("path", _modules("daemon") + _modules("rules") + _modules("storage"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_and_fits_a_screenful_or_five(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module docstring is missing"
    assert len(text.splitlines()) <= 300


@pytest.mark.parametrize("path", _modules("daemon") + _modules("rules") + _modules("storage"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_is_no_longer_than_fifty_lines(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name


def test_the_standard_library_names_are_what_this_test_thinks():
    assert (ALLOWED - {"rules"}) <= set(sys.stdlib_module_names)
