"""The clock: what it does after trouble, and that the digest is neither skipped nor sent twice."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from daemon import schedule
from daemon.collect import collect
from daemon.intake import take_in_waiting
from daemon.mail.errors import LoginRefused, SenderRefused, SendTemporary, ServerSaid, Unreachable
from daemon.schedule import serve
from tests.builders import form_docx, good_values
from tests.mails import mail
from tests.waiting import wait_until

UNIT = "中国甲行业协会"


def application(sender: str = "office@unit.example") -> bytes:
    subject = f"专利密集型产品认定产业评价中心承担单位——{UNIT}"
    return mail(subject, sender=sender, attachments=[("申报表.docx", form_docx(good_values(unit_name=UNIT, email=sender)))])


@pytest.fixture
def serving(monkeypatch):
    """Runs `serve` in a thread, as signals belong to the main one, and stops it at the end."""
    monkeypatch.setattr(schedule.signal, "signal", lambda *_: None)
    monkeypatch.setattr(schedule, "DELIVERY_SECONDS", 0.2)
    running = []

    def start(world):
        thread = threading.Thread(target=serve, args=[world])
        thread.start()
        running.append((world, thread))
        return world

    yield start
    for world, thread in running:
        world.stop.set()
        thread.join(20)
        assert not thread.is_alive()


def test_what_arrives_is_answered_without_waiting_for_the_next_poll_of_the_outbox(outside, serving):
    serving(outside.world(mailbox={"poll_seconds": 0.05}))
    outside.mailbox.append(application())
    wait_until(lambda: len(outside.sender.deliveries) == 1, 3)


def test_a_lost_mailbox_is_tried_again(outside, serving):
    outside.mailbox.faults.plan(Unreachable("gone"))
    outside.mailbox.append(application())
    serving(outside.world(mailbox={"poll_seconds": 0.05}))
    wait_until(lambda: len(outside.sender.deliveries) == 1, 5)


def test_the_digest_goes_out_at_its_hour_once_and_again_the_next_day(outside, serving, monkeypatch):
    monkeypatch.setattr(schedule, "DIGEST_MINUTES", 0.003)
    outside.clock.now = datetime.fromisoformat("2024-09-10T17:00:00+08:00")
    world = serving(outside.world(mailbox={"poll_seconds": 0.05}))
    digests = lambda: [each for each in outside.sender.deliveries if each.to == ("staff@ppac.example",)]  # noqa: E731
    threading.Event().wait(0.5)
    assert digests() == []
    outside.clock.now = datetime.fromisoformat("2024-09-10T17:30:00+08:00")
    wait_until(lambda: len(digests()) == 1, 8)
    threading.Event().wait(0.5)
    assert len(digests()) == 1
    outside.clock.now += timedelta(days=1)
    wait_until(lambda: len(digests()) == 2, 8)
    assert world.vitals.trouble == ""


def test_a_digest_that_was_missed_while_the_program_was_down_goes_out_at_its_start(outside, serving):
    outside.clock.now = datetime.fromisoformat("2024-09-10T12:00:00+08:00")
    first = outside.world()
    schedule._digest(first)
    outside.clock.now = datetime.fromisoformat("2024-09-11T09:00:00+08:00")
    serving(outside.world(mailbox={"poll_seconds": 0.05}))
    wait_until(lambda: len(outside.sender.deliveries) == 1, 8)
    assert "2024年9月10日" in outside.subjects()[0]


@pytest.mark.parametrize(
    ("error", "failures", "least", "most"),
    [
        (Unreachable("gone"), 1, 45, 75),
        (Unreachable("gone"), 3, 180, 300),
        (Unreachable("gone"), 50, 675, 1125),
        (LoginRefused("no"), 1, 900, 900),
        (ServerSaid("busy", wait=timedelta(minutes=15)), 1, 900, 900),
        (ServerSaid("tomorrow", wait=timedelta(days=1)), 1, 3600, 3600),
    ],
)
def test_the_pause_after_trouble_grows_has_a_limit_and_heeds_what_the_server_asks(error, failures, least, most):
    assert all(least <= schedule._pause(error, failures, 60) <= most for _ in range(50))


@pytest.mark.parametrize(
    ("error", "seconds"), [(SenderRefused("no login"), 900), (SendTemporary("451 MI:SFQ", wait=timedelta(minutes=15)), 900), (Unreachable("gone"), 0)]
)
def test_a_server_that_refuses_our_letters_is_left_alone_for_a_while(outside, error, seconds):
    outside.mailbox.append(application())
    world = outside.world()
    waited = []

    class Stop(threading.Event):
        def wait(self, timeout=None):
            waited.append(timeout)
            return True

    collect(world)
    take_in_waiting(world)
    outside.sender.faults.plan(error)
    schedule._deliver(replace(world, stop=Stop()))
    assert waited == [seconds]
