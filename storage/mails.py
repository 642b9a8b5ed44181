"""The mails: what the mailbox showed, how far each folder was collected, and which mails wait or were set aside."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select, update

from storage.errors import NotItsTurn
from storage.jobs import defer_take_in
from storage.part import Part, insert_row, unindexed
from storage.tables import FOLDERS, MAILS

JUNK = "junk:"  # before the name of the junk folder: what was collected as junk stays junk, whatever the config says later


@dataclass(frozen=True, slots=True)
class FolderState:
    """How far a folder was collected (RFC 9051, 2.3.1.1)."""

    uidvalidity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that waits to be taken in; its bytes are under `sha256` in Files. `size` in bytes, `received_at` aware UTC."""

    id: int
    sha256: str
    received_at: datetime
    tries: int
    size: int
    folder: str

    @property
    def junk(self) -> bool:
        """Whether it lay in the junk folder: it is never answered."""
        return self.folder.startswith(JUNK)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A mail that could not be taken in; `id` as `zlcp queue` shows it, "m12"."""

    id: str
    received_at: datetime
    reason: str
    tries: int
    sha256: str
    size: int


class Mails(Part):
    """The mails' share of a transaction."""

    def folder(self, name: str) -> FolderState | None:
        """How far this folder was collected; None where it never was."""
        row = self._connection.execute(select(FOLDERS.c.uidvalidity, FOLDERS.c.last_uid).where(FOLDERS.c.name == name)).first()
        return None if row is None else FolderState(row.uidvalidity, row.last_uid)

    def reset_folder(self, folder: str, uidvalidity: int) -> None:
        """The folder is new, or the server renumbered it: collect it from its first UID."""
        values = {"uidvalidity": uidvalidity, "last_uid": 0}
        if not self._connection.execute(update(FOLDERS).where(FOLDERS.c.name == folder).values(**values)).rowcount:
            self._connection.execute(insert(FOLDERS).values(name=folder, **values))

    def skip_uid(self, folder: str, uidvalidity: int, uid: int) -> None:
        """A mail vanished before it could be fetched: go on after it."""
        state = self.folder(folder)
        if state is None:
            self._connection.execute(insert(FOLDERS).values(name=folder, uidvalidity=uidvalidity, last_uid=uid))
        elif state.uidvalidity == uidvalidity and state.last_uid < uid:
            # A folder that stands at another UIDVALIDITY stays as it is: its next collection starts over, and finds this mail recorded.
            self._connection.execute(update(FOLDERS).where(FOLDERS.c.name == folder).values(last_uid=uid))

    def keep_mail(  # noqa: PLR0913 - the facts of one mail, all by keyword
        self, *, folder: str, uidvalidity: int, uid: int, sha256: str, size: int, received_at: datetime, now: datetime
    ) -> int:
        """Record a mail whose bytes are in Files, and that the folder was collected up to it.

        A mail that is recorded already stays as it is. After the server renumbered the folder, the same bytes with the same arrival
        are the mail that was recorded under its old number.

        Returns:
            The mail's row.
        """
        self.skip_uid(folder, uidvalidity, uid)
        known = self._known(folder, uidvalidity, uid, sha256, received_at)
        if known is not None:
            self._connection.execute(update(MAILS).where(MAILS.c.id == known).values(uidvalidity=uidvalidity, uid=uid))
            return known
        values = {
            "folder": folder,
            "uidvalidity": uidvalidity,
            "uid": uid,
            "sha256": sha256,
            "size": size,
            "received_at": received_at,
            "collected_at": now,
            "state": "kept",
            "tries": 0,
            "reason": "",
        }
        mail_id = insert_row(self._connection, MAILS, values)
        defer_take_in(self._connection, mail_id)
        return mail_id

    def _known(self, folder: str, uidvalidity: int, uid: int, sha256: str, received_at: datetime) -> int | None:
        same_uid = select(MAILS.c.id).where(MAILS.c.folder == folder, MAILS.c.uidvalidity == uidvalidity, MAILS.c.uid == uid)
        found: int | None = self._connection.execute(same_uid).scalar()
        if found is not None:
            return found
        same_mail = select(MAILS.c.id).where(
            MAILS.c.folder == folder, MAILS.c.uidvalidity != uidvalidity, MAILS.c.sha256 == sha256, unindexed(MAILS.c.received_at) == received_at
        )
        return self._connection.execute(same_mail.order_by(MAILS.c.id).limit(1)).scalar()

    def waiting_mails(self, limit: int, after: int = 0) -> list[KeptMail]:
        """Mails that wait to be taken in, in the order they were recorded, from the one after this row on."""
        return self._waiting(MAILS.c.id > after, limit)

    def waiting_mail(self, mail_id: int) -> KeptMail | None:
        """This mail, as long as it waits."""
        return next(iter(self._waiting(MAILS.c.id == mail_id, 1)), None)

    def _waiting(self, which: ColumnElement[bool], limit: int) -> list[KeptMail]:
        """One that lay in the junk folder first was received when it arrived there: some servers give a mail that is moved a new date."""
        copies = MAILS.alias()
        junk = select(func.min(copies.c.received_at)).where(copies.c.sha256 == MAILS.c.sha256, copies.c.folder.startswith(JUNK)).scalar_subquery()
        columns = select(MAILS.c.id, MAILS.c.sha256, MAILS.c.received_at, MAILS.c.tries, MAILS.c.size, MAILS.c.folder, junk.label("junk_at"))
        rows = self._connection.execute(columns.where(which, MAILS.c.state == "kept").order_by(MAILS.c.id).limit(limit))
        return [KeptMail(row.id, row.sha256, min(row.received_at, row.junk_at or row.received_at), row.tries, row.size, row.folder) for row in rows]

    def newest_file(self) -> str | None:
        """The name in Files of the mail that was recorded last; None where there is none yet."""
        found: str | None = self._connection.execute(select(MAILS.c.sha256).order_by(MAILS.c.id.desc()).limit(1)).scalar()
        return found

    def earlier_ones(self, mail_id: int) -> int:
        """How many earlier mails wait: a unit's later version must not be recorded before its earlier one. One that failed has lost its place."""
        earlier = (MAILS.c.state == "kept") & (MAILS.c.id < mail_id) & (MAILS.c.tries == 0) & ~MAILS.c.folder.startswith(JUNK)
        return self._connection.execute(select(func.count()).select_from(MAILS).where(earlier)).scalar_one()

    def check_turn(self, mail_id: int) -> None:
        """The guard of the order of arrival, for the transaction that takes a mail in.

        Raises:
            NotItsTurn: an earlier mail waits.
        """
        if self.earlier_ones(mail_id):
            raise NotItsTurn(f"an earlier mail than {mail_id} waits; that one comes first")

    def mail_failed(self, mail_id: int, reason: str, now: datetime, *, tries_allowed: int = 3) -> bool:
        """Count a failed try of a mail that waits, and set it aside after the last one that is allowed.

        Returns:
            Whether the mail was set aside.
        """
        del now
        tries = self._connection.execute(select(MAILS.c.tries).where(MAILS.c.id == mail_id, MAILS.c.state == "kept")).scalar()
        if tries is None:
            return False
        set_aside = tries + 1 >= tries_allowed
        state = "set_aside" if set_aside else "kept"
        self._connection.execute(update(MAILS).where(MAILS.c.id == mail_id).values(tries=tries + 1, reason=reason, state=state))
        return bool(set_aside)

    def set_aside(self) -> list[SetAside]:
        """Mails that could not be taken in, the oldest first."""
        rows = self._connection.execute(select(MAILS).where(MAILS.c.state == "set_aside").order_by(MAILS.c.id))
        return [SetAside(f"m{row.id}", row.received_at, row.reason, row.tries, row.sha256, row.size) for row in rows]
