"""`zlcp check`: config, notice, database, disk, mailbox, mail server, converter, archives, jail; a line each, with the mend for what does not work."""

import shutil
from collections.abc import Callable
from pathlib import Path

import typer

from daemon.documents.archives import archives_state
from daemon.documents.convert import State, converter_state
from daemon.documents.jail import isolation_state
from daemon.mail.errors import MailError
from daemon.mail.mailbox import Mailbox
from daemon.mail.smtp import Sender
from daemon.settings import ConfigError, Settings
from daemon.world import load_notice
from storage.errors import StorageError
from storage.files import Files
from storage.store import Store

LEAST_FREE = 1024**3  # bytes; below it the disk is named before it is full


class Trouble(Exception):  # noqa: N818 - what the reader is told, not an error of ours
    """Something works, but not as it should; the text says how to mend it."""


def check_all(settings: Settings) -> int:
    """Print a line for each part. Returns the exit code: 1 when one fails; a warning is no failure."""
    parts: list[tuple[str, Callable[[Settings], str]]] = [
        ("config", lambda _: "read and valid"),
        ("notice", _notice),
        ("database", _database),
        ("disk", _disk),
        ("mailbox", _mailbox),
        ("mail server", _outgoing),
        ("converter", lambda _: _ready(converter_state())),
        ("archives", lambda _: _ready(archives_state())),
        ("jail", lambda _: _ready(isolation_state())),
    ]
    results = [_line(name, part, settings) for name, part in parts]
    return 0 if all(results) else 1


def _line(name: str, part: Callable[[Settings], str], settings: Settings) -> bool:
    """Print one part's line; True unless it fails."""
    try:
        typer.echo(f"ok       {name}: {part(settings)}")
    except Trouble as trouble:
        typer.echo(f"warning  {name}: {trouble}")
    except (ConfigError, MailError, StorageError) as error:
        typer.echo(f"FAILED   {name}: {error}")
        return False
    return True


def _notice(settings: Settings) -> str:
    notice = load_notice(settings.notice.file)
    return f"{notice.id}, last day {notice.last_day}, {len(notice.fields)} fields"


def _database(settings: Settings) -> str:
    store = Store.open(settings.storage.database)
    try:
        with store.begin() as tx:
            totals = tx.totals()
    finally:
        store.close()
    return f"{totals.mails} mails, {totals.applications} applications"


def _disk(settings: Settings) -> str:
    files = Files(settings.storage.files)
    files.get(files.put(b"zlcp check\n"))
    free = shutil.disk_usage(Path(settings.storage.files)).free
    if free < LEAST_FREE:
        raise Trouble(f"only {free // 1024**2} MB are free where [storage] files lie; make room")
    return f"written and read back, {free // 1024**3} GB free"


def _mailbox(settings: Settings) -> str:
    mailbox = Mailbox(settings.mailbox)
    try:
        view, junk = mailbox.select(), settings.mailbox.junk_folder
        besides = f", {mailbox.select(junk).exists} in the junk folder {junk}" if junk else ""
    finally:
        mailbox.close()
    return f"logged in, {view.exists} mails in {settings.mailbox.folder}{besides}"


def _outgoing(settings: Settings) -> str:
    sender = Sender(settings.outgoing)
    try:
        sender.open()
    finally:
        sender.close()
    return "reached, the login is accepted"


def _ready(state: State) -> str:
    """What converter, archives and jail say of themselves; a warning where one is not as it should be."""
    if not state.ready:
        raise Trouble(state.text)
    return state.text
