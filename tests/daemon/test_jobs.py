"""What a job does: the steps for one mail and for one letter, called as an engine's workers call them; the engine itself is in tests/live/test_sharing.py."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from daemon import deliver, intake
from daemon.collect import collect
from daemon.deliver import deliver_due, deliver_one
from daemon.intake import take_in_one, take_in_waiting
from tests.daemon.test_steps import application, lines
from tests.worlds import Outside


@pytest.fixture
def outside(tmp_path):
    with closing(Outside(tmp_path)) as outside:
        yield outside


@pytest.fixture
def kept(outside):
    """A world with three applications that wait; their rows are 1, 2 and 3."""
    for n in range(1, 4):
        outside.mailbox.append(application(f"中国第{n}行业协会", f"n{n}@unit.example"))
    world = outside.world()
    collect(world)
    return world


def states(world) -> list[str]:
    return [line.state for line in lines(world)]


def test_one_mail_is_taken_in_once_however_often_it_is_asked_for(kept):
    for _ in range(3):
        take_in_one(1, kept)
    assert states(kept) == ["taken_in", "kept", "kept"]
    take_in_one(77, kept)
    assert states(kept) == ["taken_in", "kept", "kept"]


def test_a_mail_whose_turn_it_is_not_is_given_back_after_a_while_and_counts_no_try(kept, monkeypatch):
    monkeypatch.setattr(intake, "PATIENCE", 0.1)
    take_in_one(2, kept)
    assert states(kept) == ["kept"] * 3
    take_in_one(1, kept)
    take_in_one(2, kept)
    assert states(kept) == ["taken_in", "taken_in", "kept"]
    assert [line.tries for line in lines(kept)] == [0, 0, 0]


def test_a_mail_waits_for_the_earlier_one_that_another_reads(kept):
    other = threading.Timer(0.3, take_in_one, [1, kept])
    other.start()
    take_in_one(2, kept)
    other.join()
    assert states(kept) == ["taken_in", "taken_in", "kept"]


def test_a_mail_that_failed_has_lost_its_place_and_holds_up_nobody(outside, kept):
    outside.reader.breaks_on = b"n1@unit.example"
    take_in_one(1, kept)
    take_in_one(2, kept)
    assert [(line.state, line.tries) for line in lines(kept)] == [("kept", 1), ("taken_in", 0), ("kept", 0)]


def test_a_daemon_that_is_told_to_stop_gives_back_what_has_no_turn(kept):
    kept.stop.set()
    take_in_one(3, kept)
    assert states(kept) == ["kept"] * 3


def test_an_earlier_mail_that_comes_to_wait_in_the_middle_of_a_batch_goes_first(outside, kept):
    """`zlcp queue retry` of a mail that was set aside, while the daemon works at later ones."""
    with kept.store.begin() as tx:
        tx.mail_failed(1, "a bug", kept.now(), tries_allowed=1)
    read = outside.reader.read

    def reading(raw):
        if b"n2@unit.example" in raw:
            with kept.store.begin() as tx:
                tx.retry("m1")
        return read(raw)

    world = replace(kept, reader=type("Reader", (), {"read": staticmethod(reading)})())
    assert take_in_waiting(world) == 3
    assert [line.number for line in lines(kept)] == ["ZLCP-2024-0001", "ZLCP-2024-0002", "ZLCP-2024-0003"]


def test_one_letter_is_delivered_once_however_often_it_is_asked_for(outside, kept):
    take_in_waiting(kept)
    for _ in range(3):
        deliver_one(2, kept)
    assert len(outside.sender.deliveries) == 1
    assert [line.reply_state for line in lines(kept)] == ["due", "sent", "due"]


def test_a_letter_that_is_due_later_is_left_alone(outside, kept):
    take_in_waiting(kept)
    with kept.store.begin() as tx:
        tx.reply_put_off(1, "451 later", kept.now() + timedelta(hours=1), kept.now())
    deliver_one(1, kept)
    assert outside.sender.deliveries == []


def test_a_letter_over_the_cap_of_the_hour_waits_in_hand_until_the_hour_has_room(outside, monkeypatch):
    monkeypatch.setattr(deliver, "FULL_SECONDS", 0.01)
    for n in range(2):
        outside.mailbox.append(application(f"中国第{n}行业协会", f"n{n}@unit.example"))
    world = outside.world(outgoing={"per_hour": 1})
    collect(world)
    take_in_waiting(world)
    started = outside.clock.now
    deliver_one(1, world)
    outside.clock.now += timedelta(minutes=59)
    deliver_one(2, world)  # the clock goes on by a second with each look
    assert len(outside.sender.deliveries) == 2
    assert outside.clock.now - started > timedelta(hours=1)


def test_a_letter_over_the_cap_stays_due_where_the_daemon_stops(outside, monkeypatch):
    for n in range(2):
        outside.mailbox.append(application(f"中国第{n}行业协会", f"n{n}@unit.example"))
    world = outside.world(outgoing={"per_hour": 1})
    collect(world)
    take_in_waiting(world)
    deliver_one(1, world)
    world.stop.set()
    deliver_one(2, world)
    world.stop.clear()
    assert len(outside.sender.deliveries) == 1
    outside.clock.now += timedelta(hours=1)
    assert deliver_due(world) == 1
