"""The whole way with real servers and the real command: Dovecot, an SMTP server, `zlcp run --once` as a process."""

import json
import os
import signal
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from bench.intake import applications, sink, write_config
from tests.live.dovecot import dovecot
from tests.live.smtpd import smtp_server
from tests.mails import auto_reply, bounce, mail
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


def zlcp(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "daemon", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **options)


def register(config: Path, folder: Path) -> list[dict]:
    out = folder / "register.json"
    assert zlcp("register", "--config", str(config), "--out", str(out)).returncode == 0
    return json.loads(out.read_text(encoding="utf-8"))


def test_two_hundred_applications_in_one_pass_are_each_recorded_once_and_answered_once(tmp_path):
    mails = applications(200)
    with dovecot() as server, sink(tmp_path / "sink.log") as port:
        for raw in mails:
            server.deliver(raw)
        config = write_config(tmp_path, server, port)
        first = zlcp("run", "--once", "--config", str(config))
        assert first.returncode == 0, first.stderr
        lines = register(config, tmp_path)
        assert [line["number"] for line in lines] == [f"ZLCP-2024-{n:04d}" for n in range(1, 201)]
        assert {line["status"] for line in lines} == {"accepted"}
        assert len({line["unit_name"] for line in lines}) == 200
        assert all(line["version"] == 1 for line in lines)
        second = zlcp("run", "--once", "--config", str(config))
        assert second.returncode == 0, second.stderr
        assert json.loads(second.stderr.splitlines()[-1])["taken_in"] == 0
        assert register(config, tmp_path) == lines
    answers = [line.split() for line in (tmp_path / "sink.log").read_text(encoding="utf-8").splitlines()]
    assert len(answers) == 200
    assert len({message_id for message_id, _ in answers}) == 200
    assert {to for _, to in answers} == {f"office{n}@unit{n}.example" for n in range(200)}


def test_two_programs_on_one_register_share_the_work_and_answer_each_mail_once(tmp_path):
    mails = applications(60)
    with dovecot() as server, sink(tmp_path / "sink.log") as port:
        for raw in mails:
            server.deliver(raw)
        config = write_config(tmp_path, server, port)
        command = [sys.executable, "-m", "daemon", "run", "--once", "--config", str(config)]
        both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(2)]
        assert [process.wait(60) for process in both] == [0, 0]
        assert zlcp("run", "--once", "--config", str(config)).returncode == 0
        assert [line["version"] for line in register(config, tmp_path)] == [1] * 60
    answers = (tmp_path / "sink.log").read_text(encoding="utf-8").splitlines()
    assert len(answers) == len(set(answers)) == 60


def test_an_applicant_gets_one_letter_in_the_thread_and_a_machine_gets_none(tmp_path):
    wrong = mail("申报材料", sender="wrong@unit.example", attachments=[("申报表.pdf", b"%PDF-1.4\n%%EOF")], message_id="<first@unit.example>")
    with dovecot() as server, smtp_server() as out:
        for raw in (wrong, auto_reply(), bounce()):
            server.deliver(raw)
        config = write_config(tmp_path, server, out.port)
        assert zlcp("run", "--once", "--config", str(config)).returncode == 0
        (answer,) = out.mails
    assert answer.to == ("wrong@unit.example",)
    message = message_from_bytes(answer.data, policy=policy.default)
    assert message["In-Reply-To"] == "<first@unit.example>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert "Precedence" not in message
    text = message.get_body(("plain",)).get_content()
    assert "专利密集型产品认定产业评价中心承担单位——" in text


@pytest.fixture
def daemon_process(tmp_path):
    started = []

    def start(config: Path) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "daemon", "run", "--config", str(config)], cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


def test_the_daemon_answers_what_arrives_while_it_runs_and_stops_at_sigterm(tmp_path, daemon_process):
    first, second = applications(2)
    with dovecot() as server, smtp_server() as out:
        process = daemon_process(write_config(tmp_path, server, out.port))
        server.deliver(first)
        wait_until(lambda: len(out.mails) == 1)
        server.deliver(second)
        wait_until(lambda: len(out.mails) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (("password = ", 'password = "wrong" # '), 1, "[mailbox] username and password"),
        (("host = ", 'host = "127.0.0.3" # '), 1, "[mailbox] host and port"),
        (("port = ", "prot = 1 # "), 2, "mailbox.prot is not known"),
    ],
)
def test_trouble_is_one_line_that_says_what_to_do(tmp_path, change, code, says):
    with dovecot() as server, smtp_server() as out:
        config = write_config(tmp_path, server, out.port)
        config.write_text(config.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
        ended = zlcp("run", "--once", "--config", str(config))
    told = [line for line in ended.stderr.splitlines() if line.startswith("zlcp: ")]
    assert ended.returncode == code
    assert len(told) == 1, ended.stderr
    assert says in told[0]
    assert "Traceback" not in ended.stderr


def test_an_unreachable_mail_server_leaves_the_letters_due_and_the_next_pass_delivers_them(tmp_path):
    with dovecot() as server:
        server.deliver(applications(1)[0])
        config = write_config(tmp_path, server, 1)
        ended = zlcp("run", "--once", "--config", str(config))
        assert ended.returncode == 1
        assert "[outgoing]" in ended.stderr
        with smtp_server() as out:
            config.write_text(config.read_text(encoding="utf-8").replace("port = 1\n", f"port = {out.port}\n"), encoding="utf-8")
            assert zlcp("run", "--once", "--config", str(config)).returncode == 0
            assert len(out.mails) == 1
