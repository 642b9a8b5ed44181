"""The junk folder ([mailbox] junk_folder): its mails are read and shown to the staff, never answered, and no application comes of them.

A provider's filter errs. A mail that a person moves from there to the folder proper arrives there, is taken in as any other, and is answered once.
"""

from dataclasses import replace

import structlog

from daemon.documents.reader import Read
from daemon.world import World
from rules.judge import clues_of, judge
from rules.problems import Decision
from rules.submission import Submission
from storage.mails import KeptMail

log = structlog.get_logger()

SILENCE = "邮件在垃圾邮件箱中"


def note_junk(mail: KeptMail, read: Read, world: World) -> None:
    """Record what a mail of the junk folder seems to be; its attachments are not kept, and nothing is queued.

    Raises:
        AlreadyTakenIn: another process was faster; nothing was changed.
        StorageError: nothing was changed, the mail is still waiting.
    """
    now = world.now()
    submission = Submission(read.letter, read.attachments, mail.received_at, mail.sha256, read.fingerprint)
    clues = replace(clues_of(submission, world.notice), mail_id=mail.id)
    with world.store.begin() as tx:
        standing = tx.standing(clues, world.notice, now)
        verdict = judge(submission, standing, world.notice, own=world.settings.own_addresses, authserv_id=world.settings.mailbox.authserv_id)
        seen = replace(verdict, decision=Decision.NONE, answer=None, silence=SILENCE, problems=(), attachments=(), checks=(), version=0)
        tx.keep_junk(mail.id, replace(submission, attachments=()), seen, now)
    log.info("junk_noted", mail=mail.id, kind=verdict.kind.value)
