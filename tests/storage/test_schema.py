"""The database's version: created, migrated, or refused; and the scripts are what the models say."""

import fcntl
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlmodel import SQLModel

from storage import schema
from storage.engine import make_engine, writing
from storage.errors import DatabaseNewer
from storage.store import Store
from tests.storage.examples import NOW, take_in

ROOT = Path(__file__).parents[2]


def _schema_of(url):
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    indexes = {
        (row[0], row[1]): (row[2], tuple(column[2] for column in connection.execute(f"PRAGMA index_info('{row[1]}')")))
        for table in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for row in ((table[0], index[1], index[2]) for index in connection.execute(f"PRAGMA index_list('{table[0]}')").fetchall())
    }
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    columns = {name: sorted(row[1:4] + row[5:] for row in connection.execute(f"PRAGMA table_info('{name}')")) for name in tables}
    keys = {name: sorted(row[2:] for row in connection.execute(f"PRAGMA foreign_key_list('{name}')")) for name in tables}
    connection.close()
    return columns, keys, indexes


@pytest.fixture
def migrated(tmp_path):
    """The address of a database that the scripts made, from the first to the last."""
    url = f"sqlite:///{tmp_path}/migrated.db"
    engine = make_engine(make_url(url))
    with writing(engine).begin() as connection:
        schema._upgrade(connection)
    engine.dispose()
    return url


def test_the_scripts_and_the_models_do_not_drift_apart(migrated):
    engine = make_engine(make_url(migrated))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_a_new_database_is_the_same_as_a_migrated_one(store, url, migrated):
    assert _schema_of(url) == _schema_of(migrated)


def test_the_known_revisions_are_those_of_the_scripts():
    config = Config()
    config.set_main_option("script_location", str(schema.SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == schema.REVISIONS


def test_a_migrated_database_is_opened_as_it_is(migrated):
    before = _schema_of(migrated)
    Store.open(migrated).close()
    assert _schema_of(migrated) == before


def test_a_database_of_an_older_program_is_migrated_and_keeps_what_it_holds(store, url, migrated):
    take_in(store, 1)
    store.close()
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.executescript(
        "DROP INDEX ix_outbox_former_mail_id; ALTER TABLE outbox DROP COLUMN former_mail_id; "
        "ALTER TABLE outbox DROP COLUMN returned_by; UPDATE alembic_version SET version_num = '0001'"
    )
    connection.close()
    opened = Store.open(url)
    with opened.read() as tx:
        assert [line.number for line in tx.register()] == ["ZLCP-2024-0001"]
        assert len(tx.due_replies(NOW, 9)) == 1
    opened.close()
    assert _schema_of(url) == _schema_of(migrated)
    with closing(sqlite3.connect(f"{url.removeprefix('sqlite:///')}.revision-0001")) as copy:
        assert copy.execute("SELECT version_num, (SELECT count(*) FROM outbox) FROM alembic_version").fetchall() == [("0001", 1)]


def test_a_migration_that_fails_changes_nothing(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/zlcp.db"

    def create_and_die(connection):
        connection.exec_driver_sql("CREATE TABLE half (done INTEGER)")
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "_create", create_and_die)
    with pytest.raises(KeyboardInterrupt):
        Store.open(url)
    assert _schema_of(url)[0] == {}
    monkeypatch.undo()
    Store.open(url).close()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(store, url):
    store.close()
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseNewer, match="0999"):
        Store.open(url)
    with pytest.raises(DatabaseNewer):
        Store.open(url)


def test_a_second_process_waits_until_the_first_has_opened_the_database(url):
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    opening = threading.Thread(target=lambda: Store.open(url).close())
    with path.with_name("zlcp.db.lock").open("ab") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        opening.start()
        opening.join(0.3)
        assert opening.is_alive()
        assert not path.exists()
    opening.join(10)
    assert path.exists()


def test_opening_loads_no_migration_tool(url):
    script = "import sys\nfrom storage.store import Store\nStore.open(sys.argv[1]).close()\nsys.exit('alembic' in sys.modules)\n"
    for _ in ("new", "known"):
        assert subprocess.run([sys.executable, "-c", script, url], cwd=ROOT, check=False).returncode == 0
