"""Files: what was put is there, whole, under its hash; what is not whole is never handed out."""

import errno
import os
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import FileDamaged, FileMissing, Unavailable
from storage.files import INCOMING, STALE_SECONDS, Files

DATA = b"Subject: \xd6\xd0\r\n\r\n\0"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "data" / "files"


@pytest.fixture
def files(root):
    return Files(root)


def path_of(root, name):
    return root / name[:2] / name


@given(st.binary(max_size=200))
def test_any_bytes_come_back_as_they_were_put(tmp_path_factory, data):
    files = Files(tmp_path_factory.getbasetemp() / "any-bytes")
    name = files.put(data)
    assert (name, files.get(name)) == (sha256(data).hexdigest(), data)


def test_a_file_stands_under_its_hash_in_a_folder_of_its_first_digits(files, root):
    name = files.put(DATA)
    assert path_of(root, name).read_bytes() == DATA
    assert list((root / INCOMING).iterdir()) == []


def test_the_same_bytes_are_written_once(files, root):
    name = files.put(DATA)
    before = path_of(root, name).stat()
    assert files.put(DATA, durable=False) == files.put(DATA) == name
    after = path_of(root, name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("left", [b"", DATA[:-1], b"\0" * len(DATA)], ids=["empty", "short", "zeros"])
def test_what_a_power_cut_left_damaged_is_written_anew(files, root, left):
    name = files.put(DATA)
    path_of(root, name).write_bytes(left)
    with pytest.raises(FileDamaged, match="backup"):
        files.get(name)
    files.put(DATA)
    assert files.get(name) == DATA


def test_a_file_that_is_not_there_is_missing(files):
    with pytest.raises(FileMissing, match="backup"):
        files.get("0" * 64)


def test_a_full_disk_leaves_nothing_half_written(files, root, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        files.put(DATA)
    monkeypatch.undo()
    assert list((root / INCOMING).iterdir()) == []
    with pytest.raises(FileMissing):
        files.get(sha256(DATA).hexdigest())
    assert files.get(files.put(DATA)) == DATA


def test_a_durable_file_and_its_folders_reach_the_disk_before_put_returns(files, root, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(Path(f"/proc/self/fd/{descriptor}").readlink()), real(descriptor)))
    name = files.put(DATA)
    assert [path.parent if path.parent.name == INCOMING else path for path in synced] == [root / INCOMING, root / name[:2], root]
    synced.clear()
    files.put(b"in passing", durable=False)
    assert synced == []
    name = files.put(b"in passing")
    assert synced == [path_of(root, name), root / name[:2], root]


def test_what_a_crash_left_half_written_is_cleared_at_the_next_start_but_not_what_is_under_way(files, root):
    stale, fresh = root / INCOMING / "stale", root / INCOMING / "fresh"
    for path in (stale, fresh):
        path.write_bytes(b"half")
    long_ago = fresh.stat().st_mtime - STALE_SECONDS - 60
    os.utime(stale, (long_ago, long_ago))
    Files(root)
    assert list((root / INCOMING).iterdir()) == [fresh]


def test_a_folder_that_cannot_be_written_is_unavailable():
    with pytest.raises(Unavailable, match="permissions"):
        Files("/proc/zlcp-files")


def test_a_file_that_cannot_be_read_now_is_unavailable(files, root):
    name = files.put(DATA)
    path_of(root, name).unlink()
    path_of(root, name).mkdir()
    with pytest.raises(Unavailable):
        files.get(name)


def test_many_threads_may_put_the_same_bytes(files):
    names = []
    threads = [threading.Thread(target=lambda: names.extend(files.put(bytes([n]) * 1000) for n in range(20))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 80
    assert {files.get(name) for name in names} == {bytes([n]) * 1000 for n in range(20)}
