"""The schema's version: a database is created or migrated before it is used, by one process at a time.

A new database gets its tables straight from storage/tables.py, which a test holds to the scripts; alembic, which is slow to load, runs only for an old one.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlmodel import SQLModel

from storage.backup import copy_database
from storage.engine import writing
from storage.errors import DatabaseNewer
from storage.jobs import install
from storage.locks import locked

# Every revision in storage/migrations/versions, the oldest first; a test holds this list to the scripts.
REVISIONS = ("0001", "0002", "0003")
SCRIPTS = Path(__file__).parent / "migrations"


def bring_up_to_date(engine: Engine) -> None:
    """Create or migrate the tables where they are not those of this program; all or nothing.

    Raises:
        DatabaseNewer: the database has a revision that this program does not know.
        Unavailable: the lock file beside the database, or the copy of an older one, cannot be written.
        StorageError: the packages that a PostgreSQL needs are not installed.
    """
    # SQLite's first change to WAL cannot wait for a lock of the database's own.
    with locked(engine, "", wait=True):
        _bring_tables_up_to_date(engine)
        if engine.dialect.name != "sqlite":
            install(engine)


def _bring_tables_up_to_date(engine: Engine) -> None:
    with writing(engine).begin() as connection:
        revision = _revision(connection)
        if revision == REVISIONS[-1]:
            return
        if revision is not None and revision not in REVISIONS:
            raise DatabaseNewer(
                f"the database {engine.url.render_as_string()} was made by a newer version of this program (revision {revision}); install that version"
            )
        if revision is None:
            _create(connection)
        else:
            _keep_copy(engine, revision)
            _upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _keep_copy(engine: Engine, revision: str) -> None:
    """The SQLite file as the older program left it, beside it: for the one who wants to go back."""
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "")
        copy_database(path, path.with_name(f"{path.name}.revision-{revision}"))


def _create(connection: Connection) -> None:
    SQLModel.metadata.create_all(connection, checkfirst=False)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - costs a quarter of a second, and is hardly ever needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
