"""Copies of the register: beside the database before a migration; with all files into a folder, while the program runs; and back from there.

For SQLite. PostgreSQL has its own tools (pg_dump), and the folder of files is copied beside what they make.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from storage.errors import DatabaseBroken, StorageError, Unavailable
from storage.files import INCOMING, disk_trouble, sync_file, sync_folder

DATABASE, FILES = "zlcp.db", "files"


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of a SQLite database that may be in use, by SQLite's backup interface; it stands under its name only when it is whole.

    Raises:
        Unavailable: it cannot be written; no half copy is left.
        DatabaseBroken: the source cannot be read as a database.
    """
    half = target.with_name(f"{target.name}.half")
    try:
        with disk_trouble(target):
            half.unlink(missing_ok=True)
            with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as given, closing(sqlite3.connect(half)) as copy:
                given.backup(copy)
            sync_file(half)
            half.replace(target)
            sync_folder(target.parent)
    except sqlite3.DatabaseError as error:
        kind = Unavailable if isinstance(error, sqlite3.OperationalError) else DatabaseBroken
        raise kind(f"the database {source} could not be copied to {target} ({error}); free disk space, or check both") from error
    finally:
        half.unlink(missing_ok=True)


def back_up(url: str, files: Path, folder: Path) -> int:
    """Copy the register and every kept file into a folder; what an earlier backup left there already is not copied again.

    The database comes first: a file is on the disk before a row names it, so every mail of the copy has its bytes beside it.

    Args:
        url: of the database.
        files: the folder of kept files.
        folder: where the copy goes; made where it is not there.

    Returns:
        How many files the copy holds.

    Raises:
        StorageError: not SQLite, no such database, or the disk failed; run it again.
    """
    database = _path(url)
    if not database.is_file():
        raise Unavailable(f"there is no database {database} to back up; check [storage] database")
    with disk_trouble(folder):
        folder.mkdir(parents=True, exist_ok=True)
    copy_database(database, folder / DATABASE)
    return _copy_files(files, folder / FILES)


def restore(folder: Path, url: str, files: Path) -> int:
    """Put a backup where the config says the register is. The database comes last: without it nothing looks restored.

    Returns:
        How many files came back.

    Raises:
        StorageError: there is no backup, something stands in its place already, or the disk failed; nothing that was there is changed.
    """
    database = _path(url)
    if not (folder / DATABASE).is_file():
        raise Unavailable(f"{folder} holds no backup: there is no {DATABASE} in it")
    # A log that was left behind would be replayed into the database that is put beside it.
    for place in (database, database.with_name(f"{database.name}-wal"), files):
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise StorageError(f"{place} is there already; stop the daemon and move it away first, nothing is ever overwritten")
    with disk_trouble(database):
        database.parent.mkdir(parents=True, exist_ok=True)
    count = _copy_files(folder / FILES, files)
    copy_database(folder / DATABASE, database)
    return count


def _path(url: str) -> Path:
    given = make_url(url)
    if given.get_backend_name() != "sqlite":
        raise StorageError("only a SQLite database is copied by this program; use pg_dump, and copy the folder of [storage] files")
    return Path(given.database or "")


def _copy_files(source: Path, target: Path) -> int:
    """Every kept file, each under its name only when it is whole."""
    count = 0
    for folder in sorted(source.iterdir()) if source.is_dir() else ():
        if folder.name == INCOMING or not folder.is_dir():
            continue
        with disk_trouble(target):
            (target / folder.name).mkdir(parents=True, exist_ok=True)
            for file in folder.iterdir():
                _copy_file(file, target / folder.name / file.name)
                count += 1
            sync_folder(target / folder.name)
    return count


def _copy_file(source: Path, target: Path) -> None:
    if target.exists() and target.stat().st_size == source.stat().st_size:
        return
    half = target.with_name(f"{target.name}.half")
    shutil.copyfile(source, half)
    sync_file(half)
    half.replace(target)
