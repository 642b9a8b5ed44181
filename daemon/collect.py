"""Step one: what the mailbox has and the store has not is written to disk, then to the register. Only then is a mail ours.

Nothing is parsed here, so nothing in a mail can stop the collecting; nothing is deleted in the mailbox.
"""

from collections.abc import Iterator

import structlog

from daemon.health import show_life
from daemon.mail.errors import FolderMissing, Temporary, Withheld
from daemon.mail.mailbox import Fetched
from daemon.world import World
from storage.mails import JUNK

log = structlog.get_logger()

PATIENCE = 3  # rounds that a mail may be listed without being handed out
TURN_SECONDS = 1  # where another daemon collects: it may die over it, and the server will not push again what it has pushed
JUNK_AT_ONCE = 20  # mails of the junk folder in one round: a thousand of them must not keep an applicant waiting


def collect(world: World) -> int:
    """Fetch and keep every mail above the last UID that was kept; then, where the config names a junk folder, some of those there.

    Returns:
        How many mails were kept.

    Raises:
        MailError: the mailbox cannot be used now; what was kept so far stays kept.
        StorageError: the disk or the database cannot be written; the mail stays in the mailbox and comes again.
    """
    while not world.stop.is_set():
        with world.store.working("collect") as ours:
            if ours:
                return _collect(world)
        show_life(world)
        world.stop.wait(TURN_SECONDS)
    return 0


def _collect(world: World) -> int:
    kept = 0
    view = world.mailbox.select()
    for mail in _new(world, world.settings.mailbox.folder, view.uidvalidity):
        _courtesies(world, mail.uid)
        kept += 1
    world.vitals.in_mailbox = view.exists
    kept += _collect_junk(world)
    if kept:
        log.info("mails_collected", count=kept)
    return kept


def _collect_junk(world: World) -> int:
    """What the provider took for junk. A junk folder that cannot be read is told of, and stops nothing."""
    folder = world.settings.mailbox.junk_folder
    if not folder:
        return 0
    kept = 0
    try:
        for _ in _new(world, JUNK + folder, world.mailbox.select(folder).uidvalidity, most=JUNK_AT_ONCE):
            kept += 1
    except (FolderMissing, Temporary) as error:
        if error.wait is not None:
            raise
        world.vitals.junk_trouble = str(error)
        log.warning("junk_folder_trouble", problem=str(error))
    else:
        world.vitals.junk_trouble = ""
    return kept


def _new(world: World, folder: str, uidvalidity: int, most: int | None = None) -> Iterator[Fetched]:
    """The new mails of the selected folder, each kept before it is yielded; `folder`: its name in the store, `most`: how many, None for all."""
    after = _last_uid(world, folder, uidvalidity)
    for mail in _arrivals(world, folder, uidvalidity, world.mailbox.new_uids(after)[:most]):
        _keep(world, folder, uidvalidity, mail)
        show_life(world)
        yield mail


def _last_uid(world: World, folder: str, uidvalidity: int) -> int:
    """The last UID kept of this folder; 0 after the server renumbered it (RFC 9051, 2.3.1.1): the store knows the old mails by their hash."""
    with world.store.begin() as tx:
        state = tx.folder(folder)
        if state is not None and state.uidvalidity == uidvalidity:
            return state.last_uid
        tx.reset_folder(folder, uidvalidity)
    if state is not None:
        log.warning("mailbox_renumbered", old=state.uidvalidity, new=uidvalidity)
    return 0


def _arrivals(world: World, folder: str, uidvalidity: int, wanted: list[int]) -> Iterator[Fetched]:
    """The mails with these UIDs. One that the server lists but does not hand out holds up those after it for a few rounds, then it is passed over."""
    while wanted:
        try:
            yield from world.mailbox.fetch(wanted)
        except Withheld as error:
            refusals, which = world.vitals.withheld, (folder, error.uid)
            refusals[which] = refusals.get(which, 0) + 1
            if refusals[which] < PATIENCE:
                raise
            _name_withheld(world, folder, uidvalidity, error)
            wanted = [uid for uid in wanted if uid > error.uid]
        else:
            return


def _keep(world: World, folder: str, uidvalidity: int, mail: Fetched) -> int:
    sha256 = world.files.put(mail.raw)
    size, now = len(mail.raw), world.now()
    with world.store.begin() as tx:
        return tx.keep_mail(folder=folder, uidvalidity=uidvalidity, uid=mail.uid, sha256=sha256, size=size, received_at=mail.received_at, now=now)


def _name_withheld(world: World, folder: str, uidvalidity: int, error: Withheld) -> None:
    """The mail gets a row without bytes, set aside at once, so that the digest names it and the staff look at it in the mailbox."""
    now = world.now()
    mail_id = _keep(world, folder, uidvalidity, Fetched(error.uid, b"", now))
    with world.store.begin() as tx:
        tx.mail_failed(mail_id, str(error), now, tries_allowed=1)
    log.error("mail_withheld", mail=mail_id, uid=error.uid)


def _courtesies(world: World, uid: int) -> None:
    """What the config asks for once a mail is ours; a refusal changes nothing and is only told."""
    given = world.settings.mailbox
    if given.mark_seen and not world.mailbox.mark_seen([uid]):
        log.warning("mail_not_marked_seen", uid=uid)
    if given.move_to and not world.mailbox.move([uid], given.move_to):
        log.warning("mail_not_moved", uid=uid)
