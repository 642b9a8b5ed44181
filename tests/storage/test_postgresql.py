"""What is different where the database is PostgreSQL; the server itself is not needed here."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlmodel import SQLModel

from storage import engine as engine_module
from storage import locks, schema
from storage import store as store_module
from storage.engine import WRITE_LOCK, make_engine, reading, writing
from storage.store import Store

DRIVER = SimpleNamespace(paramstyle="format", __version__="1.31.0", Error=Exception)


@pytest.fixture
def engine(monkeypatch, tmp_path):
    """An engine for PostgreSQL that never connects."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine_module, "create_engine", lambda url, **options: create_engine(url, module=DRIVER, max_overflow=options["max_overflow"]))
    return make_engine(create_engine("postgresql+pg8000://db.example/zlcp", module=DRIVER).url)


def test_a_transaction_that_writes_takes_the_common_lock_first_and_one_that_reads_does_not():
    taken = []
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda connection, _: connection.create_function("pg_advisory_xact_lock", 1, taken.append))
    event.listen(engine, "begin", engine_module._begin_other)
    with engine.begin():
        assert taken == []
    with writing(engine).begin():
        assert taken == [WRITE_LOCK]
    engine.dispose()


def test_a_reader_sees_one_moment(engine):
    assert reading(engine).get_execution_options()["isolation_level"] == "REPEATABLE READ"


@pytest.mark.parametrize(("free", "wait", "ours"), [(1, False, True), (0, False, False), (0, True, True)])
def test_a_lock_is_asked_for_held_and_given_back_under_one_key(free, wait, ours):
    said = []
    engine = create_engine("sqlite://")

    def functions(connection, _):
        for name, answer in (("pg_try_advisory_lock", free), ("pg_advisory_lock", None), ("pg_advisory_unlock", 1)):
            connection.create_function(name, 1, lambda key, name=name, answer=answer: said.append((name, key)) or answer)

    event.listen(engine, "connect", functions)
    with locks._session(engine, "delivery-", wait=wait) as held:
        assert held is ours
        assert [name for name, _ in said] == ["pg_advisory_lock" if wait else "pg_try_advisory_lock"]
    assert ("pg_advisory_unlock" in [name for name, _ in said]) is ours
    assert len({key for _, key in said}) == 1
    engine.dispose()


def test_what_one_machine_is_doing_no_other_does_as_well(engine, monkeypatch):
    asked = []

    @contextmanager
    def taken(engine, purpose, *, wait):
        asked.append((purpose, wait))
        yield False

    monkeypatch.setattr(store_module, "locked", taken)
    with Store(engine).working("intake") as ours:
        assert not ours
    assert asked == [("intake-", False)]


def test_no_folder_is_made(engine, tmp_path):
    assert engine.dialect.name == "postgresql"
    assert list(tmp_path.iterdir()) == []


def test_no_copy_is_made_before_a_migration(engine, tmp_path):
    schema._keep_copy(engine, "0001")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("table", SQLModel.metadata.sorted_tables, ids=str)
def test_the_tables_use_no_type_that_postgresql_does_not_know(table):
    assert f"CREATE TABLE {table.name}" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
