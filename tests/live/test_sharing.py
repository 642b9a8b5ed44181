"""Several daemons share the work of one mailbox through a real PostgreSQL: nothing is lost, nothing is done twice, and each unit's mails keep their order."""

import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import text

from bench.intake import applications
from daemon import intake, jobs, schedule
from daemon.collect import collect
from daemon.deliver import deliver_due
from daemon.intake import take_in_waiting
from daemon.once import run_once
from storage import jobs as engine_jobs
from storage.errors import DatabaseNewer, FileMissing, StorageError, Unavailable
from storage.jobs import Task, defer_take_in
from storage.store import Store
from storage.workers import Handler
from tests.builders import form_docx, good_values
from tests.live.nodes import each_answered_once, site
from tests.live.postgres import postgres
from tests.mails import mail
from tests.test_crashes import post
from tests.waiting import wait_until
from tests.worlds import Outside


@pytest.fixture
def server():
    with postgres() as running:
        yield running


@pytest.fixture
def outside(tmp_path):
    with closing(Outside(tmp_path)) as outside:
        yield outside


def on(server, outside: Outside, **changes: dict):
    return outside.world(storage={"database": server.url, "files": str(outside.folder / "files")}, **changes)


def sql(world, statement: str, **values: object) -> list[tuple]:
    with world.store._engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def count_of(store: Store, table: str) -> int:
    with store._engine.begin() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def waiting_jobs(world) -> list[tuple]:
    return sql(world, "SELECT task_name, (args->>'row')::int FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")


def test_two_daemons_share_the_mails_and_record_them_in_the_order_of_arrival(tmp_path):
    with site(shared=True) as here:
        here.start(2)
        for raw in applications(40):
            here.box.deliver(raw)
        here.wait(40, 60)
        shares = [node.events["mail_taken_in"] for node in here.nodes]
        assert min(shares) >= 8, shares
        assert min(node.events["reply_delivered"] for node in here.nodes) >= 4
        each_answered_once(here, 40, tmp_path)
        assert [node.end(signal.SIGTERM) for node in here.nodes] == [0, 0]


def test_daemons_that_are_killed_and_frozen_at_random_lose_nothing_and_double_nothing(tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - to repeat a run that failed
    chance = random.Random(seed)
    waiting = iter(applications(32))
    with site(shared=True) as here:
        here.start(2)
        for turn in range(4):
            for raw in [next(waiting) for _ in range(8)]:
                here.box.deliver(raw)
            time.sleep(chance.uniform(0.1, 1.5))
            if turn == 2:
                here.freeze_one()
            else:
                here.kill_one()
        here.wait(32, 90)
        each_answered_once(here, 32, tmp_path, deaths=4)


def test_daemons_survive_a_database_that_dies_and_comes_back(tmp_path):
    with site(shared=True) as here:
        here.start(2)
        for raw in applications(16):
            here.box.deliver(raw)
        here.wait(3, 30)
        here.cut_database(2)
        here.wait(16, 90)
        each_answered_once(here, 16, tmp_path)
        assert [node.end(signal.SIGTERM) for node in here.nodes] == [0, 0]


def test_a_unit_whose_two_versions_are_read_by_two_daemons_keeps_their_order(server, outside):
    """The first version's reading is the slow one; the second waits for it."""
    unit = "中国示例行业协会"

    def version(phone: str) -> bytes:
        form = form_docx(good_values(unit_name=unit, email="office@unit.example", contact_phone=phone))
        return mail(f"专利密集型产品认定产业评价中心承担单位——{unit}", sender="office@unit.example", attachments=[("申报表.docx", form)])

    slow, quick = version("010-11111111"), version("010-22222222")
    outside.mailbox.append(slow)
    outside.mailbox.append(quick)
    world = on(server, outside)
    read = outside.reader.read

    def reading(raw):
        if raw == slow:
            time.sleep(1)
        return read(raw)

    outside.reader.read = reading
    collect(world)
    with jobs.workers(world):
        wait_until(lambda: len(outside.sender.deliveries) == 2)
    assert sql(world, "SELECT mail_id, version FROM versions ORDER BY mail_id") == [(1, 1), (2, 2)]


def test_when_the_first_mail_is_free_again_those_that_waited_for_it_follow_without_a_pause(server, outside, monkeypatch):
    """A daemon died over the first mail; meanwhile the others were read, waited, and went back."""
    monkeypatch.setattr(intake, "PATIENCE", 0.5)
    for raw in applications(12):
        outside.mailbox.append(raw)
    world = on(server, outside)
    collect(world)
    sql(world, "INSERT INTO procrastinate_workers DEFAULT VALUES")
    sql(world, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers) WHERE (args->>'row')::int = 1")
    with jobs.workers(world):
        time.sleep(1.5)
        assert outside.sender.deliveries == []
        sql(world, "UPDATE procrastinate_jobs SET worker_id = NULL WHERE (args->>'row')::int = 1")
        jobs.mend(world)
        wait_until(lambda: len(outside.sender.deliveries) == 12, 5)


def test_a_mail_and_its_letter_have_their_jobs_from_the_transaction_that_records_them(server, outside):
    post(outside)
    world = on(server, outside)
    collect(world)
    assert waiting_jobs(world) == [("take_in", n) for n in range(1, 6)]
    take_in_waiting(world)
    assert [job for job in waiting_jobs(world) if job[0] == Task.DELIVER] == [("deliver", n) for n in range(1, 4)]


def test_jobs_of_what_a_single_pass_has_done_are_cleared_away_and_nothing_else(server, outside):
    post(outside)
    world = on(server, outside)
    collect(world)
    jobs.mend(world)
    assert len(waiting_jobs(world)) == 5
    assert run_once(world) == 0
    assert waiting_jobs(world) == []


def test_what_waits_without_a_job_or_with_a_dead_workers_job_gets_a_new_one(server, outside):
    post(outside)
    world = on(server, outside)
    collect(world)
    take_in_waiting(world)
    outside.mailbox.append(applications(1)[0])
    collect(world)
    sql(world, "DELETE FROM procrastinate_jobs")
    jobs.mend(world)
    expected = [("take_in", 6), ("deliver", 1), ("deliver", 2), ("deliver", 3)]
    assert waiting_jobs(world) == expected
    sql(world, "INSERT INTO procrastinate_workers DEFAULT VALUES")
    sql(world, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)")
    jobs.mend(world)
    assert waiting_jobs(world) == [], "the worker lives"
    sql(world, "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => 6)")
    jobs.mend(world)
    assert waiting_jobs(world) == expected


def test_a_letter_that_was_put_off_is_tried_again_when_it_is_due(server, outside):
    outside.mailbox.append(applications(1)[0])
    world = on(server, outside)
    collect(world)
    take_in_waiting(world)
    sql(world, "DELETE FROM procrastinate_jobs")
    later = world.now() + timedelta(hours=1)
    sql(world, "UPDATE outbox SET tries = 1, due_at = :later", later=later)
    jobs.mend(world)
    assert sql(world, "SELECT scheduled_at FROM procrastinate_jobs") == [(later,)]


def test_a_letter_that_left_while_the_database_was_away_is_not_sent_again(server, outside):
    outside.mailbox.append(applications(1)[0])
    world = on(server, outside)
    collect(world)
    send = outside.sender.send
    away = threading.Event()

    def sending(to, mime):
        send(to, mime)
        if not away.is_set():
            server.stop()
            away.set()

    outside.sender.send = sending
    with jobs.workers(world):
        assert away.wait(20)
        time.sleep(0.5)
        server.start()
        wait_until(lambda: sql(world, "SELECT state FROM outbox") == [("sent",)], 30)
        jobs.mend(world)
        time.sleep(1)
    assert len(outside.sender.deliveries) == 1


def test_a_letter_in_the_hands_of_one_process_is_left_alone_by_every_other(server, outside):
    for raw in applications(2):
        outside.mailbox.append(raw)
    one, other = on(server, outside), on(server, outside)
    collect(one)
    take_in_waiting(one)
    with one.store.handing_over(1) as ours:
        assert ours
        assert deliver_due(other) == 1
    assert deliver_due(other) == 1
    with one.store.handing_over(1) as ours:
        assert not ours, "it has been sent"
    readers = [message_from_bytes(each.mime, policy=policy.default)["To"] for each in outside.sender.deliveries]
    assert len(set(readers)) == len(readers) == 2


def test_of_daemons_whose_clocks_strike_at_once_one_queues_the_digest(server, outside):
    outside.clock.now = datetime.fromisoformat("2024-09-10T12:00:00+08:00")
    daemons = [on(server, outside) for _ in range(4)]
    schedule._digest(daemons[0])  # the first day that is owed
    outside.clock.now = datetime.fromisoformat("2024-09-10T17:31:00+08:00")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(schedule._digest, daemons))
    assert sql(daemons[0], "SELECT count(*) FROM outbox WHERE kind = 'digest'") == [(1,)]


def test_a_server_that_is_away_costs_the_workers_a_pause_and_no_letter(server, outside, monkeypatch):
    monkeypatch.setattr(jobs, "PAUSE", 0.1)
    outside.mailbox.append(applications(1)[0])
    world = on(server, outside)
    collect(world)
    outside.sender.faults.plan(jobs.OUTSIDE[0]("no route"))
    with jobs.workers(world):
        wait_until(lambda: outside.sender.faults.calls == 1)
        wait_until(lambda: (jobs.mend(world), outside.sender.deliveries)[1] != [])
    assert len(outside.sender.deliveries) == 1


def test_a_mail_that_no_child_process_can_read_now_waits_for_the_next_job(server, outside, monkeypatch):
    monkeypatch.setattr(jobs, "PAUSE", 0.1)
    outside.mailbox.append(applications(1)[0])
    world = on(server, outside)
    collect(world)
    read, refusals = outside.reader.read, iter([1, 2])

    def reading(raw):
        if next(refusals, None):
            raise jobs.OUTSIDE[2]("no memory")
        return read(raw)

    outside.reader.read = reading
    with jobs.workers(world):
        wait_until(lambda: (jobs.mend(world), outside.sender.deliveries)[1] != [])
    assert sql(world, "SELECT tries FROM mails") == [(0,)]


def test_a_database_that_is_away_is_told_and_ends_no_daemon(server, outside):
    world = on(server, outside)
    server.stop()
    jobs.mend(world)
    with pytest.raises(Unavailable, match="cannot be used now"):
        world.store.work_off(Handler(Task.DELIVER, print), threading.Event())
    with pytest.raises(Unavailable), world.store.begin():
        pass


def test_a_daemon_that_does_not_see_the_others_files_does_not_start(server, outside, tmp_path):
    outside.mailbox.append(applications(1)[0])
    collect(on(server, outside))
    elsewhere = outside.world(storage={"database": server.url, "files": str(tmp_path / "elsewhere")})
    with pytest.raises(FileMissing, match=r"storage\.files, .*elsewhere, is not the folder where the other daemons keep the mails"), jobs.workers(elsewhere):
        pass
    with elsewhere.store.read() as tx:
        assert [mail.tries for mail in tx.waiting_mails(9)] == [0]


def test_workers_that_lose_their_database_say_so(server):
    with closing(Store.open(server.url)) as store, ThreadPoolExecutor(1) as pool:
        working = pool.submit(store.work_off, Handler(Task.DELIVER, print), threading.Event())
        wait_until(lambda: count_of(store, "procrastinate_workers") == 1, 30)
        server.stop()
        with pytest.raises(Unavailable, match=r"the jobs of the database .* cannot be reached"):
            working.result(60)


def test_workers_whose_tables_are_gone_say_so(server):
    with closing(Store.open(server.url)) as store:
        with store._engine.begin() as connection:
            connection.execute(text("DROP TABLE procrastinate_workers CASCADE"))
        with pytest.raises(Unavailable, match="procrastinate_workers"):
            store.work_off(Handler(Task.DELIVER, print), threading.Event())


def test_a_job_that_the_database_does_not_take_undoes_what_it_was_for(server):
    with closing(Store.open(server.url)) as store:
        with suppress(Unavailable), store.begin() as tx:
            tx.last_digest_day()
            server.stop()
            with pytest.raises(Unavailable, match="cannot take a job"):
                defer_take_in(tx._connection, 1)
        server.start()
        with store.read() as tx:
            assert tx.waiting_mails(9) == []


def test_an_engine_of_an_older_version_is_brought_up_to_date(server):
    name = "03.03.00_01_pre_priority_lock_fetch_job.sql"
    with closing(Store.open(server.url)) as store, store._engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_applied WHERE name = :name"), {"name": name})
        connection.execute(text("DROP FUNCTION procrastinate_fetch_job_v2"))
    with closing(Store.open(server.url)) as store, store._engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_proc WHERE proname = 'procrastinate_fetch_job_v2'")).scalar_one() == 1
        assert connection.execute(text("SELECT count(*) FROM procrastinate_applied WHERE name = :name"), {"name": name}).scalar_one() == 1


def test_an_engine_of_a_newer_version_is_refused(server):
    with closing(Store.open(server.url)) as store, store._engine.begin() as connection:
        connection.execute(text("INSERT INTO procrastinate_applied VALUES ('99.00.00_01_what_is_to_come.sql')"))
    with pytest.raises(DatabaseNewer, match=r"newer Procrastinate \(99\.00\.00_01_what_is_to_come\.sql\); install that one"):
        Store.open(server.url)


def test_without_the_engine_a_postgresql_is_refused_with_what_to_install(server, monkeypatch):
    def missing(package):
        raise ModuleNotFoundError(package)

    monkeypatch.setattr(engine_jobs, "files", missing)
    with pytest.raises(StorageError, match=r"pip install 'zlcp-intake\[postgres\]'"):
        Store.open(server.url)
