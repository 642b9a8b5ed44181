"""Step one: what the mailbox has and the store has not is written to disk, then to the register. Only then is a mail ours.

Nothing is parsed here, so nothing in a mail can stop the collecting; nothing is deleted in the mailbox.
"""

from collections.abc import Iterator

import structlog

from daemon.health import show_life
from daemon.mail.errors import Withheld
from daemon.mail.mailbox import Fetched
from daemon.world import World

log = structlog.get_logger()

PATIENCE = 3  # rounds that a mail may be listed without being handed out


def collect(world: World) -> int:
    """Fetch and keep every mail above the last UID that was kept.

    Returns:
        How many mails were kept.

    Raises:
        MailError: the mailbox cannot be used now; what was kept so far stays kept.
        StorageError: the disk or the database cannot be written; the mail stays in the mailbox and comes again.
    """
    view = world.mailbox.select()
    after = _last_uid(world, world.settings.mailbox.folder, view.uidvalidity)
    kept = 0
    for mail in _arrivals(world, view.uidvalidity, after):
        _keep(world, view.uidvalidity, mail)
        _courtesies(world, mail.uid)
        show_life(world)
        kept += 1
    world.vitals.in_mailbox = view.exists
    if kept:
        log.info("mails_collected", count=kept)
    return kept


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


def _arrivals(world: World, uidvalidity: int, after: int) -> Iterator[Fetched]:
    """The mails above this UID. One that the server lists but does not hand out holds up those after it for a few rounds, then it is passed over."""
    wanted = world.mailbox.new_uids(after)
    while wanted:
        try:
            yield from world.mailbox.fetch(wanted)
        except Withheld as error:
            refusals = world.vitals.withheld
            refusals[error.uid] = refusals.get(error.uid, 0) + 1
            if refusals[error.uid] < PATIENCE:
                raise
            _name_withheld(world, uidvalidity, error)
            wanted = [uid for uid in wanted if uid > error.uid]
        else:
            return


def _keep(world: World, uidvalidity: int, mail: Fetched) -> int:
    sha256 = world.files.put(mail.raw)
    folder, size, now = world.settings.mailbox.folder, len(mail.raw), world.now()
    with world.store.begin() as tx:
        return tx.keep_mail(folder=folder, uidvalidity=uidvalidity, uid=mail.uid, sha256=sha256, size=size, received_at=mail.received_at, now=now)


def _name_withheld(world: World, uidvalidity: int, error: Withheld) -> None:
    """The mail gets a row without bytes, set aside at once, so that the digest names it and the staff look at it in the mailbox."""
    now = world.now()
    mail_id = _keep(world, uidvalidity, Fetched(error.uid, b"", now))
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
