"""The jail: what a hostile file costs, and what it does not."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from daemon.documents import wire
from daemon.documents.jail import ChildDied, InProcess, Jail, JailUnusable, isolation_state
from daemon.documents.reader import Limits
from daemon.documents.wire import Wire, WireClosed
from rules.submission import Status
from tests.builders import form_docx, good_values, zlcp
from tests.mails import application, mail

ROOT = Path(__file__).parents[2]
NOTICE = (ROOT / "rules" / "notices" / "zlcp-2024.toml").read_text(encoding="utf-8")
FORM = form_docx(good_values())
DYING = (sys.executable, "-m", "tests.daemon.dying_inmate")


@pytest.fixture(scope="module")
def jail():
    jail = Jail(NOTICE, Limits(), workers=2)
    yield jail
    jail.close()


@pytest.fixture(scope="module")
def dying():
    jail = Jail(NOTICE, Limits(), workers=1, command=DYING, seconds=1)
    yield jail
    jail.close()


def with_file(data: bytes, **kwargs) -> bytes:
    return application(FORM, attachments=[("说明.txt", data)], **kwargs)


def test_a_mail_is_read_in_the_jail_as_it_is_outside(jail):
    raw = with_file(b"%PDF-1.4", headers=[("Auto-Submitted", "no")])
    assert jail.read(raw) == InProcess(zlcp(), Limits()).read(raw)


def test_a_bare_form_is_read_in_the_jail_as_it_is_outside(jail):
    assert jail.read_file("申报表.docx", FORM) == InProcess(zlcp(), Limits()).read_file("申报表.docx", FORM)


def test_a_mail_of_any_bytes_is_read(jail):
    for raw in (b"", b"\0" * 1000, bytes(range(256)) * 50, b"Subject: =?utf-8?B?7aCA?=\r\nFrom: \xed\xa0\x80\r\n\r\n\xed\xa0\x80"):
        assert jail.read(raw).attachments == ()


def test_many_threads_share_the_children(jail):
    raws = [mail(f"第{number}封", attachments=[("申报表.docx", FORM)]) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        subjects = [found.letter.subject for found in pool.map(jail.read, raws)]
    assert subjects == [f"第{number}封" for number in range(12)]
    assert len(_children(os.getpid())) <= 3


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        (b"segfault", Status.CONVERTED_FAILED),
        (b"bug", Status.CONVERTED_FAILED),
        (b"hunger", Status.REFUSED),
        (b"sleep", Status.REFUSED),
        (b"spin", Status.REFUSED),
        (b"kill", Status.CONVERTED_FAILED),
        (b"leave", Status.CONVERTED_FAILED),
        (b"nonsense", Status.CONVERTED_FAILED),
    ],
)
def test_a_file_that_ends_its_reader_costs_that_file_a_status_and_nothing_else(dying, deed, status):
    found = dying.read(with_file(deed))
    assert [(each.name, each.status) for each in found.attachments] == [("申报表.docx", Status.OK), ("说明.txt", status)]
    assert found.contents == (FORM, deed)
    assert dying.read(application(FORM)).attachments[0].status is Status.OK


@pytest.mark.parametrize("deed", [b"terminate", b"interrupt"])
def test_a_stop_of_the_whole_service_does_not_end_a_child_in_the_middle_of_a_mail(dying, deed):
    assert [each.status for each in dying.read(with_file(deed)).attachments] == [Status.OK, Status.OK]


def test_a_child_that_somebody_killed_in_the_middle_of_a_file_costs_the_file_nothing():
    jail = Jail(NOTICE, Limits(), workers=1, command=DYING)
    jail.warm()
    child = jail._idle[0]
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(jail.read, with_file(b"nap"))
        time.sleep(0.7)
        os.kill(child._process.pid, signal.SIGKILL)
        assert [each.status for each in reading.result().attachments] == [Status.OK, Status.OK]
    assert child._process.poll() == -signal.SIGKILL
    jail.close()


def test_a_letter_that_ends_its_reader_is_told_and_the_next_one_is_read(dying):
    with pytest.raises(ChildDied, match="SIGSEGV"):
        dying.read(mail(headers=[("X-Deed", "segfault")]))
    assert dying.read(application(FORM)).attachments[0].status is Status.OK


def test_a_mail_with_too_many_deadly_files_is_given_up(dying):
    with pytest.raises(ChildDied):
        dying.read(mail(attachments=[(deed.decode(), deed) for deed in (b"segfault", b"bug", b"leave", b"nonsense")]))


def test_a_child_that_reports_progress_without_end_is_ended(monkeypatch, dying):
    monkeypatch.setattr("daemon.documents.child.SECONDS", -1.5)
    with pytest.raises(ChildDied):
        dying.read(with_file(b"chatter"))


def test_nothing_of_an_error_but_its_place_is_logged(capfd):
    jail = Jail(NOTICE, Limits(), workers=1, command=DYING)
    jail.read(with_file(b"bug"))
    jail.close()
    said = capfd.readouterr().err
    assert "RuntimeError" in said
    assert "dying_inmate.py" in said
    assert "words that nobody may see" not in said


def test_a_child_without_work_ends_and_the_next_mail_gets_a_new_one():
    jail = Jail(NOTICE, Limits(), workers=1, idle=0.2)
    jail.warm()
    [child] = jail._idle
    assert child._process.wait(10) == 0
    assert jail.read(application(FORM)).attachments[0].status is Status.OK
    jail.close()


def test_children_do_not_see_our_environment(monkeypatch):
    monkeypatch.setenv("ZLCP_MAILBOX__PASSWORD", "geheim")
    jail = Jail(NOTICE, Limits(), workers=1)
    jail.warm()
    assert b"geheim" not in Path(f"/proc/{jail._idle[0]._process.pid}/environ").read_bytes()
    jail.close()


def test_closing_leaves_no_child_and_no_folder():
    jail = Jail(NOTICE, Limits(), workers=2)
    jail.warm()
    children = list(jail._idle)
    jail.close()
    assert all(child._process.poll() is not None for child in children)
    assert not any(Path(child._folder.name).exists() for child in children)


def test_folders_of_a_daemon_that_was_killed_are_removed(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("zlcp-jail-999999999-dead", f"zlcp-jail-{os.getpid()}-alive", "zlcp-jail-x-other"):
        (tmp_path / name / "form").mkdir(parents=True)
    Jail(NOTICE, Limits()).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"zlcp-jail-{os.getpid()}-alive", "zlcp-jail-x-other"]


def test_a_jail_whose_children_cannot_start_blames_no_mail():
    for command in (("/nonexistent",), (sys.executable, "-c", "raise SystemExit(3)"), (sys.executable, "-c", "print('hello')")):
        jail = Jail(NOTICE, Limits(), workers=1, command=command)
        with pytest.raises(JailUnusable):
            jail.read(application(FORM))
        jail.close()


@pytest.mark.parametrize("deed", ["sleep", "nothing"])
def test_children_die_with_a_parent_that_was_killed(deed):
    script = f"""
from pathlib import Path
from daemon.documents.jail import Jail
from daemon.documents.reader import Limits
from tests.daemon.test_jail import DYING, NOTICE, with_file
jail = Jail(NOTICE, Limits(), workers=1, command=DYING)
jail.warm()
print(jail._idle[0]._process.pid, flush=True)
jail.read(with_file(b"{deed}"))
import time; time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        assert Path(f"/proc/{child}").exists()
        parent.kill()
    end = time.monotonic() + 5
    while _alive(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_state_is_told_in_a_line():
    state = isolation_state()
    assert state.ready
    assert "child process" in state.text


def test_a_child_has_no_network():
    if "without network" not in isolation_state().text:
        pytest.skip("this machine does not let a process give up the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        shut_in = f"from daemon.documents.inmate import shut_in; shut_in(1 << 31); {connect}"
        assert subprocess.run([sys.executable, "-c", connect], check=False, cwd=ROOT).returncode == 0
        inside = subprocess.run([sys.executable, "-c", shut_in], check=False, cwd=ROOT, capture_output=True)
        assert inside.returncode == 1
        assert b"Error" in inside.stderr


# The wire.


@pytest.fixture
def wires():
    a, b = os.pipe(), os.pipe()
    ours, theirs = Wire(a[0], b[1]), Wire(b[0], a[1])
    yield ours, theirs
    ours.close()
    theirs.close()


def test_frames_of_any_size_arrive_whole(wires):
    ours, theirs = wires
    data = os.urandom(3_000_000)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(ours.send, wire.DATA, data, 5)
        assert theirs.receive(len(data), 5) == (wire.DATA, data)
        sending.result()
    ours.send(wire.DATA, b"")
    assert theirs.receive(0) == (wire.DATA, b"")


def test_waiting_for_a_frame_ends(wires):
    with pytest.raises(TimeoutError):
        wires[0].receive(10, 0.05)
    with pytest.raises(TimeoutError):
        wires[0].send(wire.DATA, bytes(1_000_000), 0.05)


def test_a_frame_larger_than_allowed_is_not_taken(wires):
    wires[0].send(wire.DATA, b"12345")
    with pytest.raises(WireClosed):
        wires[1].receive(4)


def test_the_end_of_the_other_side_is_told():
    a, b = os.pipe(), os.pipe()
    line = Wire(a[0], b[1])
    os.close(a[1])
    os.close(b[0])
    with pytest.raises(WireClosed):
        line.receive(1)
    with pytest.raises(WireClosed):
        line.send(wire.DATA, b"x")
    line.close()


def _children(parent: int) -> list[int]:
    pids = [int(pid) for tasks in Path(f"/proc/{parent}/task").iterdir() for pid in (tasks / "children").read_text().split()]
    return [pid for pid in pids if b"inmate" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
