"""What bench/promise.py counts, for the faults that tests/test_crashes.py does not try; and that its counting finds planted faults."""

from contextlib import closing
from dataclasses import replace

import pytest

from bench.promise import FAULTS, Row, count, every_instant, power_cut
from storage import engine
from storage.files import Files
from tests.test_crashes import STEPS, post, run
from tests.worlds import Outside

QUICK = [fault for fault in FAULTS if "step" not in fault]


@pytest.mark.parametrize("fault", QUICK)
def test_nothing_is_lost_or_doubled_by(fault, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    row = every_instant(fault, FAULTS[fault])
    assert (row.lost, row.doubled) == (0, 0)
    assert row.instants >= 3
    assert row.repeated == (row.instants if "server's yes" in fault else 0)


@pytest.mark.parametrize("at", range(2, 70, 4))
def test_nothing_is_lost_or_doubled_by_a_power_cut(at, tmp_path):
    row = Row("power cut")
    with closing(Outside(tmp_path)) as outside:
        mails = post(outside)
        assert power_cut(outside, at)
        run(outside.world(), STEPS)
        count(row, outside, mails)
    assert (row.lost, row.doubled) == (0, 0)
    assert row.repeated <= 1


def test_files_that_are_not_forced_to_the_disk_are_found_lost(tmp_path, monkeypatch):
    put = Files.put
    monkeypatch.setattr(Files, "put", lambda self, data, *, durable=True: put(self, data, durable=False))
    row = Row("planted")
    with closing(Outside(tmp_path)) as outside:
        mails = post(outside)
        assert power_cut(outside, 20)
        run(outside.world(), STEPS)
        count(row, outside, mails)
    assert row.lost > 0


def test_a_letter_that_goes_out_twice_is_found(tmp_path):
    row = Row("planted")
    with closing(Outside(tmp_path)) as outside:
        mails = post(outside)
        world = outside.world()
        run(world, STEPS)
        with world.store.begin() as tx:
            tx.retry("r1")
        again = replace(outside.sender.deliveries[0], mime=outside.sender.deliveries[0].mime.replace(b"Message-ID: <", b"Message-ID: <another."))
        outside.sender.deliveries.append(again)
        count(row, outside, mails)
    assert row.doubled == 1
