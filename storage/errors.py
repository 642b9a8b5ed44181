"""Errors of the storage, each one English line for the operator that says what to do.

    StorageError
    ├── Unavailable       for now: locked, disk full, cannot be opened or reached; the next round tries again
    ├── DatabaseNewer     a newer version of the program made this database
    ├── DatabaseBroken    the file is damaged, or no database of this program
    ├── AlreadyTakenIn    the mail was taken in meanwhile, by another process; nothing was changed
    ├── NotItsTurn        an earlier mail waits, which must be recorded first; nothing was changed
    ├── FileMissing       a kept file is not where it was put
    └── FileDamaged       a kept file has other bytes than were put there

What one row's own content brings out (a violated constraint, a value the database refuses) is a bug of the program and is not wrapped:
intake counts it against that mail alone, while a StorageError ends the round.
"""
# ruff: noqa: N818 - the names say what happened, and are read as that


class StorageError(Exception):
    """Something is wrong with the database or the files; the text is one line that says what to do."""


class Unavailable(StorageError):
    """Database or disk cannot be used now; nothing was changed."""


class DatabaseNewer(StorageError):
    """The database was made by a newer version of the program; nothing was changed."""


class DatabaseBroken(StorageError):
    """The database is damaged, or belongs to another program; nothing was changed."""


class AlreadyTakenIn(StorageError):
    """The mail does not wait any more; nothing was changed."""


class NotItsTurn(StorageError):
    """An earlier mail waits; nothing was changed."""


class FileMissing(StorageError):
    """A kept file is gone."""


class FileDamaged(StorageError):
    """A kept file's bytes have changed."""
