"""The digest in time: which mails it tells of, when it is owed, and that it leaves exactly once, on a real database."""

import email
import email.policy
import io
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

import daemon.digest
from daemon.digest import Digest, digest_due, digest_of, digest_text, queue_digest_now, queue_due_digest
from daemon.settings import load
from daemon.world import Vitals, World
from rules.problems import Decision, Kind, Verdict
from rules.submission import Clues, Letter, Mailbox, Submission
from storage.outbox import Reply
from storage.store import Store
from tests.daemon.papers import BEIJING, at, form_of, notice, unit

CONFIG = Path(__file__).parents[2] / "config.example.toml"
ACCEPTED = Verdict(Kind.APPLICATION, Decision.ACCEPTED, version=1)
INQUIRY = Verdict(Kind.INQUIRY, Decision.NONE)


@pytest.fixture
def store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'register.db'}")
    yield store
    store.close()


def world_of(store: Store, *, recipients=("staff@example.cn",), vitals: Vitals | None = None) -> World:
    settings = load(CONFIG)
    settings = settings.model_copy(update={"digest": settings.digest.model_copy(update={"recipients": recipients})})
    return World(settings, notice(), store, files=None, mailbox=None, sender=None, reader=None, now=None, vitals=vitals or Vitals())


def collect(store: Store, number: int, received: datetime) -> int:
    with store.begin() as tx:
        return tx.keep_mail(folder="INBOX", uidvalidity=1, uid=number, sha256=f"{number:064x}", size=9, received_at=received, now=received)


def take_in(store: Store, number: int, received: datetime, verdict: Verdict = ACCEPTED, *, failed: bool = False) -> int:
    """One mail's way into the register, with an answer sent, or refused for good."""
    mail = collect(store, number, received)
    letter = Letter(f"<{number}@unit.example>", Mailbox("", f"office{number}@unit.example"), subject=notice().correct_subject(unit(number)))
    applies = verdict.kind is Kind.APPLICATION
    verdict = replace(verdict, unit_name=unit(number), form=form_of(number)) if applies else verdict
    reply = Reply("acknowledgement", (letter.sender.address,), "受理回执", "您好！", f"<reply-{number}@ours.example>", b"mail")
    with store.begin() as tx:
        tx.standing(Clues(unit_key=unit(number) if applies else "", message_id=letter.message_id, sha256=f"{number:064x}", mail_id=mail), notice(), received)
        recorded = tx.keep(mail, Submission(letter, (), received), verdict, reply, received)
        if failed:
            tx.reply_failed(recorded.reply_id, "550 user unknown", received)
        else:
            tx.reply_sent(recorded.reply_id, received)
    return mail


def digest_on(store: Store, day: date, now: datetime, *, carried: bool = True) -> Digest:
    with store.read() as tx:
        return digest_of(tx, day, notice(), now, carried=carried)


def digests_in(store: Store) -> list[str]:
    """Subjects of the digests in the outbox, in order."""
    with store.read() as tx:
        due = tx.due_replies(at(30, 23), 99)
    assert all(letter.kind == "digest" for letter in due)
    return [letter.message_id for letter in due]


@pytest.mark.parametrize(
    ("now", "last", "owed"),
    [
        (at(10, 17, 29), date(2024, 9, 9), None),
        (at(10, 17, 30), date(2024, 9, 9), date(2024, 9, 10)),
        (at(10, 23, 59), date(2024, 9, 10), None),
        (at(11, 0, 0), date(2024, 9, 10), None),
        (at(11, 9), date(2024, 9, 9), date(2024, 9, 10)),
        (at(20, 9), date(2024, 9, 9), date(2024, 9, 19)),
        (at(20, 18), date(2024, 9, 9), date(2024, 9, 20)),
        (at(20, 9), date(2024, 9, 25), None),
        (at(10, 9), None, date(2024, 9, 9)),
    ],
)
def test_of_the_digests_missed_only_the_latest_is_owed(now, last, owed):
    assert digest_due(now, time(17, 30), BEIJING, last) == owed


def test_the_hour_is_meant_in_the_digests_zone():
    utc_evening = datetime.fromisoformat("2024-09-10T09:30:00+00:00")
    assert digest_due(utc_evening, time(17, 30), BEIJING, date(2024, 9, 9)) == date(2024, 9, 10)


def test_a_day_begins_and_ends_at_midnight_in_beijing(store):
    for number, received in enumerate([at(9, 23, 59), at(10, 0, 0), at(10, 23, 59), at(11, 0, 0)], 1):
        take_in(store, number, received)
    assert digest_on(store, date(2024, 9, 10), at(11, 9), carried=False).received == 2


def test_a_digest_leaves_once_however_often_its_hour_strikes(store):
    world = world_of(store)
    assert queue_due_digest(world, at(10, 17, 30))
    assert not queue_due_digest(world, at(10, 17, 30))
    assert not queue_due_digest(world, at(10, 23, 0))
    assert not queue_due_digest(world, at(11, 17, 29))
    assert len(digests_in(store)) == 1
    assert queue_due_digest(world, at(11, 17, 30))
    assert len(digests_in(store)) == 2


def test_days_before_the_first_start_owe_no_digest(store):
    world = world_of(store)
    assert not queue_due_digest(world, at(10, 9))
    assert queue_due_digest(world, at(10, 17, 30))


def test_what_was_missed_while_the_program_was_down_is_made_up_for(store):
    world = world_of(store)
    queue_due_digest(world, at(10, 17, 30))
    take_in(store, 1, at(11, 9))
    take_in(store, 2, at(12, 9))
    assert queue_due_digest(world, at(13, 8))
    with store.read() as tx:
        assert tx.last_digest_day() == date(2024, 9, 12)
        assert tx.mails_unreported(at(30, 0)) == []


def test_without_recipients_nothing_is_queued_and_nothing_counts_as_told(store):
    take_in(store, 1, at(10, 9))
    assert not queue_due_digest(world_of(store, recipients=()), at(10, 18))
    assert digests_in(store) == []
    with store.read() as tx:
        assert len(tx.mails_unreported(at(30, 0))) == 1


def test_mails_that_came_after_the_days_digest_are_told_of_in_the_next_one_and_once(store):
    world = world_of(store)
    take_in(store, 1, at(10, 9))
    queue_due_digest(world, at(10, 17, 30))
    take_in(store, 2, at(10, 20))
    take_in(store, 3, at(11, 9))
    digest = digest_on(store, date(2024, 9, 11), at(11, 17, 30))
    assert digest.received == 1
    assert "共 1 封（受理 1），不计入当日收件数。" in digest_text(digest)
    queue_due_digest(world, at(11, 17, 30))
    assert "此前日报未列" not in digest_text(digest_on(store, date(2024, 9, 12), at(12, 17, 30)))


def test_a_mail_that_waited_when_the_digest_left_is_told_of_again(store):
    world = world_of(store)
    collect(store, 1, at(10, 9))
    queue_due_digest(world, at(10, 17, 30))
    take_in(store, 1, at(10, 9))
    assert "共 1 封（受理 1）" in digest_text(digest_on(store, date(2024, 9, 11), at(11, 17, 30)))


def test_a_mail_that_was_set_aside_and_then_read_after_all_is_told_of_again(store):
    world = world_of(store)
    mail = collect(store, 1, at(10, 9))
    with store.begin() as tx:
        tx.mail_failed(mail, "KeyError", at(10, 9), tries_allowed=1)
    queue_due_digest(world, at(10, 17, 30))
    assert [matter.number for matter in digest_on(store, date(2024, 9, 11), at(11, 17, 30)).matters] == [f"m{mail}"]
    with store.begin() as tx:
        assert tx.retry(f"m{mail}")
    take_in(store, 1, at(10, 9))
    digest = digest_on(store, date(2024, 9, 11), at(11, 17, 30))
    assert digest.matters == ()
    assert "共 1 封（受理 1）" in digest_text(digest)


def test_a_mail_dated_far_ahead_is_told_of_at_once_and_not_lost(store):
    world = world_of(store)
    take_in(store, 1, at(10, 9) + timedelta(days=3650))
    assert "共 1 封（受理 1）" in digest_text(digest_on(store, date(2024, 9, 10), at(10, 17, 30)))
    queue_due_digest(world, at(10, 17, 30))
    with store.read() as tx:
        assert [mail.digest_day for mail in tx.mails_reported(date(2024, 9, 10))] == [date(2024, 9, 10)]


def test_a_digest_of_yesterday_sent_today_leaves_todays_mails_to_today(store):
    world = world_of(store)
    queue_due_digest(world, at(8, 17, 30))
    take_in(store, 1, at(9, 9))
    take_in(store, 2, at(10, 8))
    queue_due_digest(world, at(10, 9))
    with store.read() as tx:
        assert len(tx.mails_reported(date(2024, 9, 9))) == 1
    assert digest_on(store, date(2024, 9, 10), at(10, 17, 30)).received == 1


def test_a_past_digest_can_be_made_again_with_what_it_carried(store):
    world = world_of(store)
    queue_due_digest(world, at(8, 17, 30))
    take_in(store, 1, at(8, 20))
    take_in(store, 2, at(9, 9))
    queue_due_digest(world, at(9, 17, 30))
    take_in(store, 3, at(9, 20), failed=True)
    again = digest_on(store, date(2024, 9, 9), at(20, 9), carried=False)
    assert again.received == 2
    assert "共 1 封（受理 1），不计入当日收件数。" in digest_text(again)
    assert again.matters == ()


def test_a_letter_that_failed_is_named_every_day_until_somebody_deals_with_it(store):
    world = world_of(store)
    take_in(store, 1, at(10, 9), failed=True)
    queue_due_digest(world, at(10, 17, 30))
    for day in (11, 12):
        (matter,) = digest_on(store, date(2024, 9, day), at(day, 17, 30)).matters
        assert "受理回执未送达" in matter.reasons[0]
        assert "010-62150001" in matter.advice[0]
    with store.begin() as tx:
        assert tx.discard(tx.undelivered()[0].id)
    assert digest_on(store, date(2024, 9, 13), at(13, 17, 30)).matters == ()


def test_a_failure_on_the_way_leaves_the_digest_owed_and_no_mail_told(store, monkeypatch):
    world = world_of(store)
    take_in(store, 1, at(10, 9))

    def fail(*_):
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(daemon.digest, "register_xlsx", fail)
        with pytest.raises(MemoryError):
            queue_due_digest(world, at(10, 17, 30))
    assert digests_in(store) == []
    with store.read() as tx:
        assert len(tx.mails_unreported(at(30, 0))) == 1
    assert queue_due_digest(world, at(10, 17, 31))
    assert len(digests_in(store)) == 1


def test_a_digest_asked_for_by_hand_stands_for_the_one_of_its_hour(store):
    world = world_of(store)
    assert queue_digest_now(world, date(2024, 9, 10), at(10, 12))
    assert not queue_digest_now(world, date(2024, 9, 10), at(10, 13))
    assert not queue_due_digest(world, at(10, 17, 30))
    assert queue_due_digest(world, at(11, 17, 30))


def test_no_digest_leaves_before_its_day_since_it_would_hide_those_between(store):
    world = world_of(store)
    assert not queue_digest_now(world, date(2024, 9, 12), at(10, 12))
    assert queue_due_digest(world, at(10, 17, 30))


def test_the_digest_that_leaves_tells_how_the_daemon_is_doing(store):
    assert queue_due_digest(world_of(store, vitals=Vitals(at(10, 12), 7, "the login was refused")), at(10, 17, 30))
    letter, mail = sent_digest(store)
    text = mail.get_body(("plain",)).get_content()
    assert (letter.kind, letter.to) == ("digest", ("staff@example.cn",))
    assert "连接异常：the login was refused" in text
    assert "邮箱现有 7 封，只登记了 0 封" in text


def test_the_register_goes_with_the_digest(store):
    take_in(store, 1, at(10, 9))
    take_in(store, 2, at(10, 10), INQUIRY)
    queue_due_digest(world_of(store), at(10, 17, 30))
    _, mail = sent_digest(store)
    assert mail["Subject"].endswith("（收2 受理1 补正0 待人工1）")
    (workbook,) = mail.iter_attachments()
    rows = list(load_workbook(io.BytesIO(workbook.get_content())).active.values)
    assert [row[1] for row in rows] == ["单位名称", unit(1)]


def sent_digest(store: Store):
    with store.read() as tx:
        (letter,) = tx.due_replies(at(30, 23), 9)
    return letter, email.message_from_bytes(letter.mime, policy=email.policy.default)
