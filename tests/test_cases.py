"""Every folder of tests/cases is a mail and what must come of it: the facts in expected.toml, the letter in reply.txt.

A key that is not in expected.toml must be null. ZLCP_APPROVE=1 writes reply.txt anew, to be read before it is committed.
"""

import json
import os
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from daemon.documents.jail import InProcess
from daemon.documents.reader import Limits
from daemon.inspect import inspect_one
from daemon.world import load_notice
from tests.live.needs import needs_libreoffice

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/mail.eml"))
NOW = datetime.fromisoformat("2024-09-20T10:00:00+08:00")
CONVERTED = {"02-correct-doc"}


def _case(folder: Path) -> object:
    return pytest.param(folder, id=folder.name, marks=needs_libreoffice if folder.name in CONVERTED else ())


def _findings(folder: Path) -> dict:
    notice = load_notice("zlcp-2024")
    read = InProcess(notice, Limits()).read((folder / "mail.eml").read_bytes())
    return inspect_one("mail.eml", read, notice, None, NOW)


@pytest.mark.parametrize("folder", [_case(folder) for folder in CASES])
def test_a_case_is_decided_as_its_truth_says(folder):
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    found = _findings(folder)
    for key in ("received_at", "subject", "kind", "automatic", "decision", "unit_name", "subject_unit_name"):
        assert found[key] == expected.get(key), key
    assert found["sender"]["address"] == expected["sender"]
    assert sorted(each["code"] + (f":{each['field']}" if each["code"] == "form.field_missing" else "") for each in found["problems"]) == sorted(
        expected["problems"]
    )
    assert found["form"] == expected.get("form")
    assert [{key: each[key] for key in ("name", "within", "role", "status")} for each in found["attachments"]] == expected.get("attachments", [])
    assert (found["reply"] or {}).get("kind") == expected.get("reply")
    assert found["checks"] == expected.get("checks", found["checks"])


@pytest.mark.parametrize("folder", [_case(folder) for folder in CASES])
def test_a_case_is_answered_in_the_approved_words(folder):
    reply = _findings(folder)["reply"]
    approved = folder / "reply.txt"
    text = f"{reply['to']}\n{reply['subject']}\n\n{reply['text']}" if reply else ""
    if os.environ.get("ZLCP_APPROVE"):
        approved.write_text(text, encoding="utf-8")
    assert text == approved.read_text(encoding="utf-8")


def test_findings_are_one_line_of_json_with_every_key_of_the_contract():
    findings = _findings(CASES[0])
    assert "\n" not in json.dumps(findings, ensure_ascii=False)
    keys = "file message_id sender subject received_at kind automatic decision unit_name subject_unit_name problems form attachments reply"
    assert set(keys.split()) <= set(findings)
