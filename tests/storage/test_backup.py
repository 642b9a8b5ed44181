"""Copies of the register: whole while it is written, brought up to date, put back, and never over what is there."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import back_up, restore
from storage.errors import DatabaseBroken, StorageError, Unavailable
from storage.files import Files
from storage.store import Store
from tests.storage.examples import take_in


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "data" / "files")


def numbers(url: str) -> list[str]:
    with closing(Store.open(url)) as store, store.read() as tx:
        return [line.number for line in tx.register()]


def test_a_register_that_is_lost_comes_back_with_every_file(store, url, files, tmp_path):
    take_in(store, 1)
    names = [files.put(b"one"), files.put(b"two", durable=False)]
    assert back_up(url, tmp_path / "data" / "files", tmp_path / "safe") == 2
    assert restore(tmp_path / "safe", f"sqlite:///{tmp_path}/new/zlcp.db", tmp_path / "new" / "files") == 2
    assert numbers(f"sqlite:///{tmp_path}/new/zlcp.db") == ["ZLCP-2024-0001"]
    back = Files(tmp_path / "new" / "files")
    assert [back.get(name) for name in names] == [b"one", b"two"]


def test_a_second_backup_brings_the_first_up_to_date_and_copies_no_file_twice(store, url, files, tmp_path):
    source, safe = tmp_path / "data" / "files", tmp_path / "safe"
    first = files.put(b"one")
    take_in(store, 1)
    back_up(url, source, safe)
    copied = (safe / "files" / first[:2] / first).stat().st_mtime_ns
    files.put(b"two")
    take_in(store, 2, unit="中国乙行业协会")
    assert back_up(url, source, safe) == 2
    assert (safe / "files" / first[:2] / first).stat().st_mtime_ns == copied
    assert numbers(f"sqlite:///{safe}/zlcp.db") == ["ZLCP-2024-0001", "ZLCP-2024-0002"]


def test_a_backup_beside_a_daemon_that_writes_is_whole(store, url, files, tmp_path):
    """Each copy holds a moment: as many versions as applications, none torn."""
    done = threading.Event()

    def write():
        for uid in range(1, 60):
            take_in(store, uid, unit=f"中国第{uid}号行业协会")
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        back_up(url, tmp_path / "data" / "files", tmp_path / "safe")
        with closing(sqlite3.connect(tmp_path / "safe" / "zlcp.db")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            applications, versions, letters = (copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("applications", "versions", "outbox"))
        assert applications == versions == letters
        seen.add(applications)
    writer.join()
    assert len(seen) > 1


@pytest.mark.parametrize("place", ["database", "files"])
def test_nothing_that_is_there_is_overwritten(place, store, url, files, tmp_path):
    take_in(store, 1)
    files.put(b"one")
    back_up(url, tmp_path / "data" / "files", tmp_path / "safe")
    taken = tmp_path / "data"
    database = f"sqlite:///{(taken if place == 'database' else tmp_path / 'new') / 'zlcp.db'}"
    with pytest.raises(StorageError, match="move it away first"):
        restore(tmp_path / "safe", database, (taken if place == "files" else tmp_path / "new") / "files")
    assert numbers(url) == ["ZLCP-2024-0001"]
    assert not (tmp_path / "new").exists()


def test_a_log_that_a_lost_database_left_behind_is_never_replayed_into_the_restored_one(store, url, files, tmp_path):
    back_up(url, tmp_path / "data" / "files", tmp_path / "safe")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "zlcp.db-wal").write_bytes(b"of another life")
    with pytest.raises(StorageError, match="move it away first"):
        restore(tmp_path / "safe", f"sqlite:///{tmp_path}/new/zlcp.db", tmp_path / "new" / "files")


def test_a_folder_without_a_backup_and_a_place_without_a_register_are_told(tmp_path):
    with pytest.raises(Unavailable, match=r"no zlcp\.db"):
        restore(tmp_path, f"sqlite:///{tmp_path}/new.db", tmp_path / "files")
    with pytest.raises(Unavailable, match="no database"):
        back_up(f"sqlite:///{tmp_path}/none.db", tmp_path / "files", tmp_path / "safe")


def test_another_database_is_left_to_its_own_tools(tmp_path):
    with pytest.raises(StorageError, match="pg_dump"):
        back_up("postgresql+psycopg://u@h/zlcp", tmp_path, tmp_path)


def test_what_cannot_be_copied_leaves_no_half_copy(tmp_path):
    source = tmp_path / "zlcp.db"
    source.write_bytes(b"no database at all" * 100)
    with pytest.raises(DatabaseBroken):
        back_up(f"sqlite:///{source}", tmp_path / "files", tmp_path / "safe")
    assert list((tmp_path / "safe").iterdir()) == []


def test_a_full_or_forbidden_place_is_told(store, url, tmp_path):
    (tmp_path / "wall").write_text("a file", encoding="utf-8")
    with pytest.raises(Unavailable):
        back_up(url, tmp_path / "data" / "files", tmp_path / "wall")
    (tmp_path / "safe" / "zlcp.db").mkdir(parents=True)
    (tmp_path / "safe" / "zlcp.db" / "in the way").touch()
    with pytest.raises(Unavailable):
        back_up(url, Path("none"), tmp_path / "safe")
