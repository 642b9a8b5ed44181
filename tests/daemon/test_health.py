"""Signs of life: what the health file says, and what the service manager hears."""

import json
import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from daemon import schedule
from daemon.health import PATIENCE, notify, show_life, state_of, tell_health
from daemon.mail.errors import Unreachable
from daemon.schedule import serve
from daemon.world import clock
from tests.waiting import wait_until


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A service manager's socket; `heard` gives what came since the last call."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(address)
        door.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", address)

        def heard() -> list[str]:
            found = []
            while True:
                try:
                    found.append(door.recv(100).decode())
                except BlockingIOError:
                    return found

        yield heard


def test_each_state_has_its_word(outside):
    world = outside.world(mailbox={"poll_seconds": 60})
    vitals, now = world.vitals, outside.clock.now
    assert state_of(world, now) == "starting"
    vitals.round_at = now
    assert state_of(world, now + timedelta(minutes=3)) == "ok"
    assert state_of(world, now + timedelta(minutes=3, seconds=1)) == "overdue"
    vitals.trouble = "the login was refused"
    assert state_of(world, now) == "trouble"
    show_life(world, pause=900)
    assert state_of(world, now + timedelta(seconds=900)) == "trouble"
    assert state_of(world, now + timedelta(seconds=902) + PATIENCE) == "hangs"


def test_the_watchdog_hears_of_a_daemon_that_lives_and_nothing_of_one_that_hangs(outside, manager):
    world = outside.world()
    show_life(world)
    tell_health(world)
    assert manager() == ["WATCHDOG=1"]
    outside.clock.now += timedelta(days=1)
    tell_health(world)
    assert manager() == []


def test_without_a_manager_or_with_a_deaf_one_nothing_happens(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "@zlcp-test-nobody")
    notify("READY=1")


def test_the_file_tells_of_trouble_and_of_its_end_and_the_manager_of_start_and_stop(outside, manager, monkeypatch, tmp_path):
    monkeypatch.setattr(schedule.signal, "signal", lambda *_: None)
    monkeypatch.setattr(schedule, "DELIVERY_SECONDS", 0.05)
    path = tmp_path / "health.json"
    world = replace(outside.world(mailbox={"poll_seconds": 0.5}, health={"file": str(path)}), now=clock)
    outside.mailbox.faults.plan(Unreachable("gone"))
    thread = threading.Thread(target=serve, args=[world])
    thread.start()
    states, heard = set(), []

    def seen(state: str) -> bool:
        heard.extend(manager())
        if path.exists():
            states.add(json.loads(path.read_text(encoding="utf-8"))["state"])
        return state in states

    try:
        wait_until(lambda: seen("trouble"), 10)
        wait_until(lambda: seen("ok"), 10)
    finally:
        world.stop.set()
        thread.join(20)
    heard += manager()
    assert {"READY=1", "WATCHDOG=1", "STOPPING=1"} == set(heard)


def test_a_manager_that_reads_nothing_holds_nothing_up(manager):
    started = time.monotonic()
    for _ in range(20):  # the system keeps about ten
        notify("WATCHDOG=1")
        if time.monotonic() - started > 1:
            break
    assert time.monotonic() - started < 5


def test_a_file_that_cannot_be_written_stops_nothing(outside, tmp_path):
    world = outside.world(health={"file": str(tmp_path / "none" / "health.json")})
    tell_health(world)
    assert not (tmp_path / "none").exists()


def test_no_file_is_written_where_none_is_named(outside):
    before = set(outside.folder.iterdir())
    tell_health(outside.world(health={"file": ""}))
    assert {path.name for path in set(outside.folder.iterdir()) - before} <= {"zlcp.db", "zlcp.db-wal", "zlcp.db-shm", "zlcp.db.lock", "files"}
