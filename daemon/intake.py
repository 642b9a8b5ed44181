"""Step two, and the heart: one kept mail is read, judged, recorded and answered, in one transaction."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import cpu_count

import structlog

from daemon.documents.reader import Read
from daemon.health import show_life
from daemon.junk import note_junk
from daemon.logs import where
from daemon.mail.replies import write_reply
from daemon.world import OUTSIDE, World
from rules.judge import clues_of, judge
from rules.submission import Submission
from storage.errors import AlreadyTakenIn, FileDamaged, FileMissing, NotItsTurn
from storage.mails import KeptMail

log = structlog.get_logger()

# Reading is side by side on the cores, recording in the order of arrival: a unit's later version must not be recorded before its earlier one.
READERS = cpu_count() or 1
AHEAD = READERS * 2
BATCH = 100
PATIENCE = 5.0  # seconds that a mail which is read waits for the earlier ones; then it goes back, or no thread might be free to read those
TURN_SECONDS = 0.02  # about as long as one mail takes
NO_ADDRESS = "来信没有可以回复的地址"


def take_in(mail: KeptMail, read: Read, world: World) -> None:
    """One kept mail's way into the register, and its answer's into the outbox.

    Raises:
        AlreadyTakenIn: another process was faster; nothing was changed.
        NotItsTurn: an earlier mail waits; nothing was changed.
        StorageError: nothing was changed, the mail is still waiting.
    """
    started = time.perf_counter()
    now = world.now()
    submission = Submission(read.letter, read.attachments, mail.received_at, mail.sha256, read.fingerprint)
    clues = replace(clues_of(submission, world.notice), mail_id=mail.id)
    for content in read.contents:
        world.files.put(content, durable=False)  # the raw mail is safe, and holds them
    with world.store.begin() as tx:
        tx.check_turn(mail.id)
        standing = tx.standing(clues, world.notice, now)
        verdict = judge(
            submission,
            standing,
            world.notice,
            own=world.settings.own_addresses,
            cap=world.settings.outgoing.per_address_per_day,
            authserv_id=world.settings.mailbox.authserv_id,
        )
        number = verdict.known_as or (standing.next_number if verdict.version else "")
        identity = f"{mail.sha256}:{mail.id}{standing.told}"  # a mail that is read again may get a second letter, which is another one
        reply = write_reply(submission, verdict, standing, number, world.notice, world.settings.outgoing.sender, now, identity)
        if verdict.answer and reply is None:
            verdict = replace(verdict, answer=None, silence=NO_ADDRESS)
        tx.keep(mail.id, submission, verdict, reply, now)
    log.info(
        "mail_taken_in",
        mail=mail.id,
        kind=verdict.kind.value,
        decision=verdict.decision.value,
        number=number,
        version=verdict.version,
        problems=[problem.code for problem in verdict.problems],
        answer=reply.kind if reply else None,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
    )


def take_in_waiting(world: World) -> int:
    """Take in every mail that waits, the oldest first.

    Returns:
        How many mails left the state of waiting: taken in, or set aside; 0 where another machine is at it.

    Raises:
        StorageError, JailUnusable: disk, database or child processes failed; what was not taken in still waits.
    """
    with world.store.working("intake") as ours:
        return _take_in_all(world) if ours else 0


def _take_in_all(world: World) -> int:
    done = 0
    with ThreadPoolExecutor(READERS, thread_name_prefix="reader") as pool:
        for mail, reading in _read_ahead(world, pool):
            try:
                done += _try_one(mail, reading, world)
            except NotItsTurn:  # an earlier one has come to wait since the list was made (`zlcp queue retry`)
                return done + _take_in_all(world)
            show_life(world)
            if world.stop.is_set():
                break
    return done


def _read_ahead(world: World, pool: ThreadPoolExecutor) -> Iterator[tuple[KeptMail, Callable[[], Read]]]:
    """The waiting mails in their order, each with what yields its reading, some of which goes on meanwhile."""
    waiting = _waiting(world)
    under_way: deque[tuple[KeptMail, Callable[[], Read]]] = deque()
    while True:
        while len(under_way) < AHEAD and not world.stop.is_set() and (mail := next(waiting, None)):
            under_way.append((mail, pool.submit(_read, mail, world).result))
        if not under_way:
            return
        yield under_way.popleft()


def _waiting(world: World) -> Iterator[KeptMail]:
    """Every mail that waits, in the order of arrival, those that come meanwhile too; one that fails is not tried again at once."""
    last = 0
    while True:
        with world.store.read() as tx:
            some = tx.waiting_mails(BATCH, after=last)
        if not some:
            return
        yield from some
        last = some[-1].id


def take_in_one(mail_id: int, world: World) -> None:
    """Take one mail in, as a job asks for it (daemon/jobs.py); where it does not wait, or gets no turn for a while, nothing is done.

    Raises:
        StorageError, JailUnusable: as for `take_in_waiting`.
    """
    with world.store.read() as tx:
        mail = tx.waiting_mail(mail_id)
    if mail is None:
        return
    try:
        _try_one(mail, lambda: _read_until_its_turn(mail, world), world)
    except NotItsTurn:
        with world.store.begin() as tx:
            tx.give_back(mail.id)


def _read_until_its_turn(mail: KeptMail, world: World) -> Read:
    """The reading, and some patience with the earlier mails that others read meanwhile; not for ever, or none would be free to read those."""
    read = _read(mail, world)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with world.store.read() as tx:
            earlier = tx.earlier_ones(mail.id)
        if not earlier or world.stop.wait(min(earlier * TURN_SECONDS, 1)):
            break
    return read


def _read(mail: KeptMail, world: World) -> Read:
    return world.reader.read(world.files.get(mail.sha256))


def _try_one(mail: KeptMail, reading: Callable[[], Read], world: World) -> int:
    """Take one mail in; what goes wrong with it stays with it. Returns 1 when the mail no longer waits, else 0."""
    try:
        (note_junk if mail.junk else take_in)(mail, reading(), world)
    except AlreadyTakenIn:
        return 1
    except (FileMissing, FileDamaged) as error:
        return _count_failure(mail, error, world)
    except OUTSIDE:
        raise
    except Exception as error:  # noqa: BLE001 - the one broad except: a bug that one mail brings out must not stop the others
        return _count_failure(mail, error, world)
    return 1


def _count_failure(mail: KeptMail, error: Exception, world: World) -> int:
    """Count the try; after the third the mail is set aside with the reason, and the digest names it."""
    reason = f"{type(error).__name__}: {error}"
    with world.store.begin() as tx:
        set_aside = tx.mail_failed(mail.id, reason, world.now())
    if set_aside:
        log.error("mail_set_aside", mail=mail.id, reason=type(error).__name__, where=where(error))
    else:
        log.warning("mail_failed", mail=mail.id, tries=mail.tries + 1, reason=type(error).__name__, where=where(error))
    return int(set_aside)
