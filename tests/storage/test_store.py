"""The one door: what was committed is there, what failed is not, and trouble of the outside world has a name."""
# ruff: noqa: PT012 - a transaction is several statements

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.exc import IntegrityError

from storage import engine as engine_module
from storage.errors import DatabaseBroken, StorageError, Unavailable
from storage.store import Store
from tests.storage.examples import keep_mail, take_in

ROOT = Path(__file__).parents[2]


def file_of(url):
    return Path(url.removeprefix("sqlite:///"))


def recorded(store):
    with store.read() as tx:
        return tx.totals().mails


def test_a_new_database_is_created_with_its_folder(store, url):
    assert file_of(url).is_file()
    assert recorded(store) == 0


def test_what_was_committed_is_there_after_reopening(store, url):
    take_in(store, 1)
    store.close()
    again = Store.open(url)
    assert recorded(again) == 1
    again.close()


def test_a_relative_path_is_relative_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Store.open("sqlite:///data/zlcp.db").close()
    assert (tmp_path / "data" / "zlcp.db").is_file()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_interrupts_a_transaction_takes_it_back(store, error):
    with pytest.raises(error), store.begin() as tx:
        keep_mail(tx, 1)
        raise error
    assert recorded(store) == 0


def test_the_database_is_as_durable_as_it_can_be(store, url):
    with store.read() as tx:
        pragmas = {name: tx._connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_kill_in_the_middle_of_a_transaction_leaves_no_trace(store, url):
    script = (
        "import os, signal, sys\nfrom storage.store import Store\nfrom tests.storage.examples import keep_mail\n"
        "with Store.open(sys.argv[1]).begin() as tx:\n    keep_mail(tx, 1)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, url], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert recorded(store) == 0
    with store.begin() as tx:
        keep_mail(tx, 2)
    assert recorded(store) == 1


def test_readers_do_not_wait_for_a_writer(store):
    with store.begin() as tx:
        keep_mail(tx, 1)
        assert recorded(store) == 0
    assert recorded(store) == 1


def test_a_reader_sees_one_moment(store):
    with store.read() as tx:
        before = tx.totals().mails
        with store.begin() as writer:
            keep_mail(writer, 1)
        assert tx.totals().mails == before


def test_a_locked_database_is_unavailable_and_nothing_is_changed(url, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0)
    store = Store.open(url)
    other = sqlite3.connect(file_of(url))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"), store.begin() as tx:
        keep_mail(tx, 1)
    other.rollback()
    other.close()
    assert recorded(store) == 0
    store.close()


def test_a_full_disk_is_unavailable_and_nothing_is_changed(store):
    with pytest.raises(Unavailable, match="full"), store.begin() as tx:
        tx._connection.exec_driver_sql("PRAGMA max_page_count = 1")
        for uid in range(1, 2000):
            keep_mail(tx, uid)
    assert recorded(store) == 0


def test_a_damaged_database_is_named_as_such(tmp_path):
    path = tmp_path / "zlcp.db"
    path.write_bytes(b"this is no database, but a text of more than sixteen bytes" * 100)
    with pytest.raises(DatabaseBroken, match="restore"):
        Store.open(f"sqlite:///{path}")


def test_damage_that_is_met_on_the_way_is_named_as_such(store, url):
    take_in(store, 1)
    store.close()
    damaged = bytearray(file_of(url).read_bytes())
    damaged[4096:] = os.urandom(len(damaged) - 4096)
    file_of(url).write_bytes(damaged)
    with pytest.raises(DatabaseBroken), Store.open(url).begin() as tx:
        tx.register()


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "zlcp.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE mails (body TEXT)")
    other.close()
    with pytest.raises(DatabaseBroken, match="another program"):
        Store.open(f"sqlite:///{path}")
    other = sqlite3.connect(path)
    assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["mails"]
    other.close()


@pytest.mark.parametrize("path", ["/proc/zlcp/zlcp.db", "/proc/zlcp.db"])
def test_a_folder_that_cannot_be_written_is_unavailable(path):
    with pytest.raises(Unavailable, match="permissions"):
        Store.open(f"sqlite:///{path}")


def test_a_folder_in_the_place_of_the_database_is_unavailable(tmp_path):
    (tmp_path / "zlcp.db").mkdir()
    with pytest.raises(Unavailable):
        Store.open(f"sqlite:///{tmp_path}/zlcp.db")


def test_what_one_row_brings_out_is_no_trouble_of_the_outside_world(store):
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx._connection.exec_driver_sql("INSERT INTO problems (mail_id, code, severity, field, message, clause) VALUES (77, '', '', '', '', '')")


def test_a_missing_driver_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StorageError, match="pip install psycopg"):
        Store.open("postgresql+psycopg://zlcp:secret@db.example/zlcp")  # is not reached: the driver is asked for first


def test_an_error_shows_no_password():
    engine = sqlalchemy.create_engine("sqlite://")
    engine.url = engine.url.set(username="zlcp", password="secret", host="db.example")
    lost = sqlalchemy.exc.OperationalError("SELECT 1", {}, ConnectionError("connection refused"))
    with pytest.raises(Unavailable) as caught, engine_module.wrapped(engine):
        raise lost
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is lost


def test_errors_are_one_line(tmp_path):
    (tmp_path / "zlcp.db").write_bytes(b"x" * 5000)
    with pytest.raises(StorageError) as caught:
        Store.open(f"sqlite:///{tmp_path}/zlcp.db")
    assert "\n" not in str(caught.value)


def test_on_sqlite_there_are_no_jobs(store):
    assert not store.shared
    with store.begin() as tx:
        assert tx.mend_jobs() == 0
