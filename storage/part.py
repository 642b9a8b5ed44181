"""Part: what the parts of a transaction share, the database connection that it runs on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, insert

MOST_CLUES = 50  # of one kind that a mail gives (Message-IDs, addresses): an honest mail has fewer, and a statement takes only so many values


class Part:
    """One subject's share of Transaction (storage/store.py), which is all of them together."""

    def __init__(self, connection: Connection) -> None:
        """Work on this connection, whose transaction has begun."""
        self._connection = connection


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row; returns its id."""
    key: Any = connection.execute(insert(table), values).inserted_primary_key
    return int(key[0])


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, but by no index: SQLite knows no numbers and takes the one of states for as good as that of hashes, and then reads all mails."""
    return func.coalesce(column, column)
