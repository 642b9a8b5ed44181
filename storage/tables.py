"""The tables of the register and the outbox, as SQLModel models; the rest of storage/ reads and writes them by SQLAlchemy Core.

Times are aware UTC. A text never holds NUL or lone surrogates, which PostgreSQL refuses. Migrations follow these models, and a test holds them together.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String, UniqueConstraint, func
from sqlalchemy import Text as PlainText
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# PostgreSQL indexes at most 2,704 bytes of a value; what is looked up by equality is cut, on both sides, to this many characters.
KEY_LENGTH = 255


def clean(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """A text without NUL and lone surrogates; lists, tuples and dicts of them likewise; anything else as it is."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value


class Text(TypeDecorator[str]):
    """Text of any length."""

    impl = PlainText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean the value on its way in."""
        del dialect
        return None if value is None else str(clean(value))


class Key(TypeDecorator[str]):
    """A text that is looked up by equality: cut to KEY_LENGTH characters."""

    impl = String(KEY_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean and cut the value on its way in."""
        del dialect
        return None if value is None else str(clean(value))[:KEY_LENGTH]


class Json(TypeDecorator[Any]):
    """Lists and dicts of texts, as JSON; None is NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401 - whatever JSON can hold
        """Clean the value on its way in."""
        del dialect
        return clean(value)


class FolderRow(SQLModel, table=True):
    """How far a folder of the mailbox was collected."""

    __tablename__ = "folders"

    name: str = Field(primary_key=True, sa_type=Key)
    uidvalidity: int = Field(sa_type=BigInteger)
    last_uid: int = Field(sa_type=BigInteger)


class ApplicationRow(SQLModel, table=True):
    """One unit's application: its receipt number never changes; sequence counts from 1 for each notice, without gaps.

    accepted_version is 0 where none is accepted.
    """

    __tablename__ = "applications"
    __table_args__ = (UniqueConstraint("notice_id", "sequence", name="uq_applications_sequence"), Index("ix_applications_unit", "notice_id", "unit_key"))

    id: int = Field(default=None, primary_key=True)
    notice_id: str = Field(sa_type=Key)
    sequence: int
    number: str = Field(unique=True, sa_type=Key)
    unit_name: str = Field(sa_type=Text)
    unit_key: str = Field(sa_type=Key)
    created_at: datetime
    accepted_version: int


class MailRow(SQLModel, table=True):
    """One mail that the server showed; from message_id on, facts that stand there once it is taken in.

    state: kept, taken_in, set_aside or discarded; in the junk folder, once read, junk, or junk_copy where the mail is taken in from elsewhere, too.
    reason: why it is set aside; of a mail taken in, whether a person has settled what could not be read of it. repeats: receipt number (or "") of
    the mail that this one repeats.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("folder", "uidvalidity", "uid", name="uq_mails_uid"),
        Index("ix_mails_state", "state", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    folder: str = Field(sa_type=Key)
    uidvalidity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    sha256: str = Field(index=True, sa_type=Key)
    size: int = Field(sa_type=BigInteger)
    received_at: datetime = Field(index=True)
    collected_at: datetime
    state: str = Field(sa_type=Key)
    tries: int
    reason: str = Field(sa_type=Text)
    message_id: str = Field(default="", index=True, sa_type=Key)
    fingerprint: str = Field(default="", index=True, sa_type=Key)
    sender_name: str = Field(default="", sa_type=Text)
    sender_address: str = Field(default="", sa_type=Text)
    subject: str = Field(default="", sa_type=Text)
    kind: str = Field(default="", sa_type=Key)
    automatic: str | None = Field(default=None, sa_type=Key)
    decision: str = Field(default="", sa_type=Key)
    unit_name: str | None = Field(default=None, sa_type=Text)
    subject_unit_name: str | None = Field(default=None, sa_type=Text)
    silence: str = Field(default="", sa_type=Text)
    checks: list[str] = Field(default=[], sa_type=Json)
    faults: list[str] = Field(default=[], sa_type=Json)
    application_id: int | None = Field(default=None, index=True, foreign_key="applications.id")
    version: int = 0
    taken_in_at: datetime | None = None
    repeats: str | None = Field(default=None, sa_type=Key)
    digest_day: date | None = Field(default=None, index=True)


class VersionRow(SQLModel, table=True):
    """One version of an application: what one mail brought, and what became of it; form as storage/forms.py writes it."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("application_id", "version", name="uq_versions_version"),)

    id: int = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="applications.id")
    version: int
    mail_id: int = Field(unique=True, foreign_key="mails.id")
    decision: str = Field(sa_type=Key)
    received_at: datetime
    sender: str = Field(sa_type=Text)
    form: dict[str, Any] | None = Field(default=None, sa_type=Json)


class ProblemRow(SQLModel, table=True):
    """One problem of a mail, in the order of id."""

    __tablename__ = "problems"

    id: int = Field(default=None, primary_key=True)
    mail_id: int = Field(index=True, foreign_key="mails.id")
    code: str = Field(sa_type=Key)
    severity: str = Field(sa_type=Key)
    field: str = Field(sa_type=Key)
    message: str = Field(sa_type=Text)
    clause: str = Field(sa_type=Text)


class AttachmentRow(SQLModel, table=True):
    """One file that came with a mail, in the order of id; its bytes are in storage/files.py."""

    __tablename__ = "attachments"

    id: int = Field(default=None, primary_key=True)
    mail_id: int = Field(index=True, foreign_key="mails.id")
    name: str = Field(sa_type=Text)
    within: list[str] = Field(sa_type=Json)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(sa_type=Key)
    media_type: str = Field(sa_type=Text)
    role: str = Field(sa_type=Key)
    status: str = Field(sa_type=Key)
    reason: str = Field(sa_type=Text)


class OutboxRow(SQLModel, table=True):
    """One letter of ours: at most one answers a mail; a digest answers none (mail_id is NULL).

    former_mail_id: the mail that it answered until that mail was read again and answered by another letter; mail_id is NULL then.
    returned_by: the mail (a bounce) that says it did not arrive; the letter was sent, and is failed then.
    state: due, sent, failed or discarded. recipient: first address of `to`; sender: who wrote the mail that is answered; both lower case.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "due_at"),
        Index("ix_outbox_recipient", "recipient", "queued_at"),
        Index("ix_outbox_sender", "sender", "queued_at"),
    )

    id: int = Field(default=None, primary_key=True)
    mail_id: int | None = Field(default=None, unique=True, foreign_key="mails.id")
    former_mail_id: int | None = Field(default=None, index=True)
    returned_by: int | None = None
    kind: str = Field(sa_type=Key)
    to: list[str] = Field(sa_type=Json)
    recipient: str = Field(sa_type=Key)
    sender: str = Field(sa_type=Key)
    subject: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    message_id: str = Field(unique=True, sa_type=Key)
    mime: bytes = Field(sa_type=LargeBinary)
    number: str = Field(sa_type=Key)
    state: str = Field(sa_type=Key)
    tries: int
    queued_at: datetime
    due_at: datetime
    sent_at: datetime | None = Field(default=None, index=True)
    error: str = Field(sa_type=Text)


class DigestRow(SQLModel, table=True):
    """One day's digest; without outbox_id the day before the first one that is owed."""

    __tablename__ = "digests"

    day: date = Field(primary_key=True)
    outbox_id: int | None = Field(default=None, foreign_key="outbox.id")
    queued_at: datetime | None = None


_tables = SQLModel.metadata.tables
FOLDERS = _tables["folders"]
APPLICATIONS = _tables["applications"]
MAILS = _tables["mails"]
VERSIONS = _tables["versions"]
PROBLEMS = _tables["problems"]
ATTACHMENTS = _tables["attachments"]
OUTBOX = _tables["outbox"]
DIGESTS = _tables["digests"]

# The mail that a letter answers, or answered before that mail was read again.
ANSWERED_MAIL = func.coalesce(OUTBOX.c.mail_id, OUTBOX.c.former_mail_id)
