"""The register on a real PostgreSQL: the same promise, also for two daemons that share one mailbox, and when either, or the database, dies."""

import random
import subprocess
import sys
from contextlib import closing

import pytest

from bench.intake import ROOT, applications
from bench.promise import Row, count
from daemon.collect import collect
from daemon.deliver import deliver_due
from daemon.intake import take_in_waiting
from storage.errors import Unavailable
from storage.store import Store
from tests.live.deaths import kill_after
from tests.live.nodes import each_answered_once, site
from tests.live.postgres import postgres
from tests.live.test_whole_way import zlcp
from tests.test_crashes import STEPS, post, run
from tests.worlds import Outside

MAILS, LIVES = 30, 5


@pytest.fixture
def server():
    with postgres() as running:
        yield running


def on(server, outside: Outside):
    return outside.world(storage={"database": server.url, "files": str(outside.folder / "files")})


def test_the_whole_way_of_five_mails_on_postgresql(server, tmp_path):
    row = Row("none")
    with closing(Outside(tmp_path)) as outside:
        mails = post(outside)
        world = on(server, outside)
        assert (collect(world), take_in_waiting(world), deliver_due(world)) == (5, 5, 3)
        assert (collect(world), take_in_waiting(world), deliver_due(world)) == (0, 0, 0)
        count(row, outside, mails, world)
    assert (row.lost, row.doubled, row.repeated) == (0, 0, 0)


def test_a_database_that_restarts_ends_the_round_and_the_next_one_goes_on(server, tmp_path):
    row = Row("restart")
    with closing(Outside(tmp_path)) as outside:
        mails = post(outside)
        world = on(server, outside)
        collect(world)
        server.stop()
        with pytest.raises(Unavailable):
            take_in_waiting(world)
        server.start()
        run(world, STEPS)
        count(row, outside, mails, world)
    assert (row.lost, row.doubled, row.repeated) == (0, 0, 0)


def test_one_process_of_all_machines_delivers_and_its_death_frees_the_next(server):
    with closing(Store.open(server.url)) as one, closing(Store.open(server.url)) as other:
        with one.delivering() as first:
            with other.delivering() as second:
                assert (first, second) == (True, False)
            with one.begin():  # the right to deliver holds up no transaction
                pass
        with other.delivering() as second:
            assert second
    hold = f"from storage.store import Store\nwith Store.open({server.url!r}).delivering():\n    print('held', flush=True)\n    input()"
    with subprocess.Popen([sys.executable, "-c", hold], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.kill()
        process.wait()
    with closing(Store.open(server.url)) as other, other.delivering() as ours:
        assert ours


def test_two_nodes_that_start_on_an_empty_database_at_once_both_come_up(server):
    command = [sys.executable, "-c", f"from storage.store import Store; Store.open({server.url!r}).close()"]
    nodes = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [node.wait(60) for node in nodes] == [0] * 4


def test_two_daemons_on_one_mailbox_that_are_killed_again_and_again_lose_nothing_and_double_nothing(tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - to repeat a run that failed
    chance = random.Random(seed)
    with site(shared=True) as here:
        command = [sys.executable, "-m", "daemon", "run", "--once", "--config", str(here.config)]
        waiting = iter(applications(MAILS))
        for _ in range(LIVES):
            for raw in [next(waiting) for _ in range(MAILS // LIVES)]:
                here.box.deliver(raw)
            nodes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True) for _ in range(2)]
            kill_after(nodes[0], chance.uniform(0.5, 2.5))
            assert nodes[1].wait(60) == 0
        ended = zlcp("run", "--once", "--config", str(here.config))
        assert ended.returncode == 0, ended.stderr
        each_answered_once(here, MAILS, tmp_path, deaths=LIVES)
