"""The command line as a user meets it: exit codes, one line for each trouble, files that can be opened."""

import csv
import io
import json
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from daemon.__main__ import main
from daemon.cli import app
from daemon.mail.errors import SendPermanent
from daemon.rounds import run_round
from storage.store import Store
from tests.builders import form_docx, good_values
from tests.mails import mail
from tests.test_cases import CASES

UNIT = "中国甲行业协会"


@pytest.fixture
def config(outside):
    """A config whose register holds an accepted application, a mail set aside and a letter that was refused."""
    subject = f"专利密集型产品认定产业评价中心承担单位——{UNIT}"
    good = form_docx(good_values(unit_name=UNIT, email="office@unit.example"))
    outside.mailbox.append(mail(subject, sender="office@unit.example", attachments=[("申报表.docx", good)]))
    outside.mailbox.append(mail("申报材料", sender="gone@unit.example", attachments=[("a.docx", form_docx(good_values(unit_name="中国乙行业协会")))]))
    outside.mailbox.append(mail("POISON", "x"))
    outside.reader.breaks_on = b"POISON"
    outside.sender.refuse("gone@unit.example", SendPermanent("550 no such user"))
    world = outside.world()
    for _ in range(3):
        run_round(world)
    path = outside.folder / "config.toml"
    path.write_text(
        f"""
[mailbox]
host = "127.0.0.1"
port = 1
security = "plain"
username = "zlcp@ppac.org.cn"
[outgoing]
host = "127.0.0.1"
port = 1
security = "plain"
sender = "zlcp@ppac.org.cn"
[storage]
database = "sqlite:///{outside.folder}/zlcp.db"
files = "{outside.folder}/files"
[digest]
recipients = ["staff@ppac.example"]
""",
        encoding="utf-8",
    )
    return path


def zlcp(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_register_as_json_has_what_the_contract_promises(config, tmp_path):
    out = tmp_path / "out" / "register.json"
    assert zlcp("register", "--config", config, "--out", out).exit_code == 0
    first, second = json.loads(out.read_text(encoding="utf-8"))
    assert {"number", "unit_name", "status", "received_at", "version", "sender", "form"} <= set(first)
    assert (first["number"], first["unit_name"], first["status"], first["version"], first["sender"]) == (
        "ZLCP-2024-0001",
        UNIT,
        "accepted",
        1,
        "office@unit.example",
    )
    assert datetime.fromisoformat(first["received_at"]) == datetime(2024, 9, 10, 1, 12, 33, tzinfo=UTC)
    assert first["form"]["unit_types"] == list(good_values()["unit_types"])
    assert second["status"] == "correction"


def test_the_register_as_a_workbook_and_as_csv_hold_the_same_units(config, tmp_path):
    for name in ("register.xlsx", "register.csv"):
        assert zlcp("register", "--config", config, "--out", tmp_path / name).exit_code == 0
    sheet = openpyxl.load_workbook(tmp_path / "register.xlsx").active
    rows = list(csv.reader(io.StringIO((tmp_path / "register.csv").read_text(encoding="utf-8-sig"))))
    assert [str(row[1].value) for row in sheet.iter_rows(min_row=2)] == [row[1] for row in rows[1:]] == [UNIT, "中国乙行业协会"]


def test_without_a_file_the_register_is_printed(config):
    printed = zlcp("register", "--config", config)
    assert printed.stdout.splitlines()[0].split("\t") == ["ZLCP-2024-0001", "accepted", "2024-09-10 09:12", UNIT]


def test_another_ending_is_wrong_usage(config, tmp_path):
    ended = zlcp("register", "--config", config, "--out", tmp_path / "register.ods")
    assert (ended.exit_code, "must end in" in ended.stderr) == (2, True)


def test_the_digest_of_a_day_is_three_files(config, tmp_path):
    ended = zlcp("digest", "--config", config, "--date", "2024-09-10", "--out", tmp_path / "out")
    assert ended.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["digest.html", "digest.txt", "register.xlsx"]
    assert "2024年9月10日（收3 受理1 补正1" in (tmp_path / "out" / "digest.txt").read_text(encoding="utf-8")


def test_without_a_folder_the_digest_is_printed(config):
    assert "【工作日报】" in zlcp("digest", "--config", config, "--date", "2024-09-10").stdout


@pytest.mark.parametrize("day", ["tomorrow", "2024-13-01"])
def test_a_day_that_is_none_is_wrong_usage(config, day):
    ended = zlcp("digest", "--config", config, "--date", day)
    assert (ended.exit_code, ended.stderr) == (2, "zlcp: --date must be a day, like 2024-09-10\n")


def test_a_digest_that_cannot_be_sent_now_is_queued_and_the_server_is_named(config):
    ended = zlcp("digest", "--config", config, "--send")
    assert ended.exit_code == 1
    assert "[outgoing]" in ended.stderr
    assert "sent before" in zlcp("digest", "--config", config, "--send").stderr


def test_the_digest_of_a_day_to_come_is_not_sent(config):
    ended = zlcp("digest", "--config", config, "--send", "--date", "2999-01-01")
    assert (ended.exit_code, "still to come" in ended.stderr) == (2, True)


def test_the_queue_lists_what_was_set_aside_and_what_was_not_delivered_with_the_reason(config):
    lines = zlcp("queue", "--config", config).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["m3", "r2"]
    assert "a bug that this mail brings out" in lines[0]
    assert "550 no such user" in lines[1]


def test_an_entry_of_the_queue_can_be_retried_or_discarded(config, tmp_path):
    assert zlcp("queue", "retry", "m3", "--config", config).exit_code == 0
    assert zlcp("queue", "discard", "r2", "--config", config).exit_code == 0
    store = Store.open(f"sqlite:///{tmp_path}/zlcp.db")
    with store.read() as tx:
        assert [each.id for each in tx.waiting_mails(9)] == [3]
    store.close()
    assert zlcp("queue", "--config", config).stdout == "nothing is set aside, every reply is delivered\n"


@pytest.mark.parametrize("arguments", [("retry",), ("discard",), ("drop", "m1"), ("retry", "m99")])
def test_a_wrong_call_of_the_queue_says_how_it_goes(config, arguments):
    ended = zlcp("queue", *arguments, "--config", config)
    assert ended.exit_code == 2
    assert "zlcp queue" in ended.stderr


def test_check_names_what_works_and_how_to_mend_what_does_not(config):
    ended = zlcp("check", "--config", config)
    assert ended.exit_code == 1
    found = {line.split(":")[0].split(maxsplit=1)[1]: line for line in ended.stdout.splitlines()}
    assert list(found) == ["config", "notice", "database", "disk", "mailbox", "mail server", "converter", "archives", "jail"]
    assert all(found[part].startswith("ok") for part in ("config", "notice", "database", "disk"))
    assert found["mailbox"].startswith("FAILED")
    assert "[mailbox] host and port" in found["mailbox"]
    assert found["mail server"].startswith("FAILED")


def test_a_database_of_a_newer_program_is_refused_in_one_line(config, tmp_path):
    base = sqlite3.connect(tmp_path / "zlcp.db")
    with base:
        base.execute("UPDATE alembic_version SET version_num = '9999'")
    base.close()
    ended = zlcp("register", "--config", config)
    assert ended.exit_code == 1
    assert re.fullmatch(r"zlcp: .*newer.*\n", ended.stderr)


def test_a_notice_that_is_none_is_a_fault_of_the_config(config):
    config.write_text(config.read_text(encoding="utf-8") + '[notice]\nfile = "zlcp-1999"\n', encoding="utf-8")
    ended = zlcp("register", "--config", config)
    assert ended.exit_code == 2
    assert "notice.file must be" in ended.stderr


def test_a_missing_config_is_named(tmp_path):
    ended = zlcp("run", "--once", "--config", tmp_path / "none.toml")
    assert ended.exit_code == 2
    assert "copy config.example.toml" in ended.stderr


def test_inspect_says_of_each_file_what_would_be_done_and_goes_on_after_one_that_cannot_be_opened(tmp_path):
    form = tmp_path / "申报表.docx"
    form.write_bytes(form_docx(good_values(unit_name=UNIT)))
    garbage = tmp_path / "garbage.eml"
    garbage.write_bytes(b"\xff\x00garbage")
    ended = zlcp("inspect", tmp_path / "none.eml", CASES[0] / "mail.eml", form, garbage, "--json")
    assert ended.exit_code == 2
    first, bare, broken = (json.loads(line) for line in ended.stdout.splitlines())
    assert (first["decision"], first["reply"]["kind"]) == ("accepted", "acknowledgement")
    assert (bare["unit_name"], bare["received_at"], bare["decision"], bare["reply"]) == (UNIT, None, "accepted", None)
    assert broken["form"] is None
    assert "none.eml" in ended.stderr


def test_inspect_takes_the_time_of_receipt_from_its_option(tmp_path):
    mail_file = tmp_path / "a.eml"
    shutil.copyfile(CASES[0] / "mail.eml", mail_file)
    late = json.loads(zlcp("inspect", mail_file, "--json", "--received-at", "2024-09-19T00:00:00+08:00").stdout)
    assert (late["received_at"], late["decision"], late["reply"]["kind"]) == ("2024-09-19T00:00:00+08:00", "late", "late")
    local = json.loads(zlcp("inspect", mail_file, "--json", "--received-at", "2024-09-18T23:59:59").stdout)
    assert (local["received_at"], local["decision"]) == ("2024-09-18T23:59:59+08:00", "accepted")
    assert zlcp("inspect", mail_file, "--received-at", "noon").exit_code == 2


def test_inspect_tells_people_in_words(tmp_path):
    told = zlcp("inspect", CASES[6] / "mail.eml").stdout
    assert "问题：form.field_missing（error）申报表“通讯地址”栏未填写" in told
    assert "回复：补正通知" in told


def test_the_demo_shows_every_kind_of_answer_and_leaves_its_files(tmp_path):
    ended = zlcp("demo", "--dir", tmp_path / "demo")
    assert ended.exit_code == 0, ended.output
    for words in ("受理回执", "补正通知", "逾期告知", "更新确认", "重复告知", "收悉告知", "不回复"):
        assert words in ended.stdout
    assert {"digest.html", "register.xlsx", "replies"} <= {path.name for path in (tmp_path / "demo").iterdir()}
    letters = [path.read_text(encoding="utf-8") for path in Path(tmp_path / "demo" / "replies").glob("*.txt")]
    assert len(letters) == 15
    assert any("【工作日报】" in letter for letter in letters)


@pytest.mark.parametrize("arguments", [["run", "--foo"], ["nope"], ["inspect"]])
def test_wrong_usage_is_one_line_too(arguments, capsys):
    assert main(arguments) == 2
    assert re.fullmatch(r"zlcp: .*\n", capsys.readouterr().err)


def test_without_a_command_the_help_is_shown(capsys):
    assert main([]) == 0
    assert "register" in capsys.readouterr().out


def test_the_exit_code_of_a_command_is_the_programs(tmp_path, capsys):
    assert main(["register", "--config", str(tmp_path / "none.toml")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_register_can_be_copied_and_put_back(config, tmp_path):
    assert zlcp("backup", str(tmp_path / "safe"), "--config", config).exit_code == 0
    refused = zlcp("restore", str(tmp_path / "safe"), "--config", config)
    assert refused.exit_code == 1
    assert "move it away first" in refused.stderr
    kept = {path.name for path in (tmp_path / "files").rglob("*") if path.is_file()}
    (tmp_path / "lost").mkdir()
    for path in [*tmp_path.glob("zlcp.db*"), tmp_path / "files"]:
        path.rename(tmp_path / "lost" / path.name)
    assert zlcp("restore", str(tmp_path / "safe"), "--config", config).exit_code == 0
    assert {path.name for path in (tmp_path / "files").rglob("*") if path.is_file()} == kept
    assert UNIT in zlcp("register", "--config", config).stdout
