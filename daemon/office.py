"""`zlcp digest`, `zlcp register` and `zlcp queue`: what the staff and the operator ask of the register."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import typer

from daemon.digest import digest_of, digest_text, queue_digest_now, write_files
from daemon.register import register_csv, register_json, register_xlsx
from daemon.settings import Settings
from daemon.world import clock, load_notice, real_world
from storage.backup import back_up, restore
from storage.store import Store


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings.storage.database)
    try:
        yield store
    finally:
        store.close()


def make_digest(settings: Settings, day: date | None, out: Path | None, *, send: bool) -> int:
    """The digest of one day as files, as text on stdout, or as a mail to the staff. Returns the exit code.

    Raises:
        StorageError, MailError: register or mail server cannot be used.
    """
    notice, now = load_notice(settings.notice.file), clock()
    today = now.astimezone(settings.digest.timezone).date()
    asked = day or today
    with _store(settings) as store, store.read() as tx:
        lines = tx.register()
        digest = digest_of(tx, asked, notice, now, zone=settings.digest.timezone, carried=asked >= today)
    if out is not None:
        for path in write_files(digest, register_xlsx(lines, notice), out):
            typer.echo(str(path))
    elif not send:
        typer.echo(digest_text(digest))
    return _send(settings, asked) if send else 0


def _send(settings: Settings, day: date) -> int:
    from daemon.deliver import deliver_due  # noqa: PLC0415 - only to send

    if not settings.digest.recipients:
        typer.echo("zlcp: digest.recipients must name somebody to send the digest to", err=True)
        return 2
    with real_world(settings) as world:
        if day > world.now().astimezone(settings.digest.timezone).date():
            typer.echo(f"zlcp: {day} is still to come; its digest cannot be sent yet", err=True)
            return 2
        if not queue_digest_now(world, day, world.now()):
            typer.echo(f"zlcp: the digest of {day} was sent before; it is sent once", err=True)
        deliver_due(world)
    return 0


def write_register(settings: Settings, out: Path | None) -> None:
    """The register as a file, or as a table on stdout.

    Raises:
        StorageError: the register cannot be read.
    """
    notice = load_notice(settings.notice.file)
    with _store(settings) as store, store.read() as tx:
        lines = tx.register()
    if out is None:
        for line in lines:
            typer.echo(f"{line.number}\t{line.status}\t{line.received_at.astimezone(notice.timezone):%Y-%m-%d %H:%M}\t{line.unit_name}")
        return
    make = {".xlsx": register_xlsx, ".csv": register_csv, ".json": register_json}[out.suffix.lower()]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(make(lines, notice))
    typer.echo(str(out))


def list_queue(settings: Settings) -> None:
    """Mails set aside or read only in part and replies not delivered, a line each, with the reason."""
    with _store(settings) as store, store.read() as tx:
        lines = [f"{mail.id}\tmail set aside\t{mail.received_at.isoformat()}\t{mail.reason}" for mail in tx.set_aside()]
        lines += [f"{mail.id}\tmail not read\t{mail.received_at.isoformat()}\t{'; '.join(mail.reasons)}" for mail in tx.unread_mails()]
        lines += [f"{reply.id}\t{reply.kind} {reply.state}\t{reply.tries} tries\t{reply.error}" for reply in tx.undelivered()]
    typer.echo("\n".join(lines) or "nothing is set aside, every reply is delivered")


def back_up_to(settings: Settings, folder: Path) -> None:
    """Copy the register and every kept file into a folder; the daemon may go on meanwhile.

    Raises:
        StorageError: it could not be done.
    """
    count = back_up(settings.storage.database, settings.storage.files, folder)
    typer.echo(f"{folder}: the register and {count} files")


def restore_from(settings: Settings, folder: Path) -> None:
    """Put a backup where the config says the register is.

    Raises:
        StorageError: it could not be done; nothing that was there is changed.
    """
    count = restore(folder, settings.storage.database, settings.storage.files)
    typer.echo(f"{settings.storage.database}: the register and {count} files are back")


def change_queue(settings: Settings, action: str, item: str) -> bool:
    """Retry or discard one entry of the queue. Returns whether there is one with this ID."""
    with _store(settings) as store, store.begin() as tx:
        return tx.retry(item) if action == "retry" else tx.discard(item)
