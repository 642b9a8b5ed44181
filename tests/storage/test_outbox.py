"""Letters leave in their order, once, and a day has one digest."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from rules.problems import Decision
from tests.storage.examples import NOW, SENDER, UNIT, clues, keep_mail, notice, reply, take_in

DAY = date(2024, 9, 10)
LATER = NOW + timedelta(hours=1)


def due(store, now=LATER):
    with store.read() as tx:
        return tx.due_replies(now, 10)


def test_a_letter_is_due_at_once_and_comes_out_as_it_went_in(store):
    recorded = take_in(store, 1)
    (outgoing,) = due(store, NOW)
    letter = reply(1)
    assert (outgoing.id, outgoing.message_id, outgoing.to, outgoing.mime) == (recorded.reply_id, letter.message_id, (SENDER,), letter.mime)
    assert (outgoing.tries, outgoing.kind) == (0, "acknowledgement")


def test_the_letter_that_is_due_longest_goes_first(store):
    for uid in (1, 2, 3):
        take_in(store, uid, unit=f"单位{uid}", at=NOW - timedelta(minutes=uid))
    assert [letter.message_id for letter in due(store)] == [reply(uid).message_id for uid in (3, 2, 1)]
    with store.read() as tx:
        assert len(tx.due_replies(LATER, 2)) == 2


def test_a_letter_that_was_sent_is_not_due_again(store):
    sent = take_in(store, 1).reply_id
    with store.begin() as tx:
        tx.reply_sent(sent, NOW)
        tx.reply_failed(sent, "too late", NOW)
        assert tx.retry(f"r{sent}") is False
    assert due(store) == []
    with store.read() as tx:
        assert tx.undelivered() == []
        assert (tx.sent_since(NOW - timedelta(seconds=1)), tx.sent_since(NOW)) == (1, 0)


def test_a_letter_put_off_waits_until_then_and_counts_its_tries(store):
    letter = take_in(store, 1).reply_id
    with store.begin() as tx:
        tx.reply_put_off(letter, "451 try later", LATER, NOW)
    assert due(store, LATER - timedelta(seconds=1)) == []
    (outgoing,) = due(store, LATER)
    assert outgoing.tries == 1
    with store.read() as tx:
        (waiting,) = tx.undelivered()
    assert (waiting.state, waiting.error, waiting.due_at) == ("due", "451 try later", LATER)


def test_a_letter_refused_for_good_is_named_with_its_application(store):
    recorded = take_in(store, 1)
    with store.begin() as tx:
        tx.reply_failed(recorded.reply_id, "550 no such user", NOW)
        (failed,) = tx.undelivered()
    assert due(store) == []
    assert (failed.id, failed.state, failed.error, failed.tries) == (f"r{recorded.reply_id}", "failed", "550 no such user", 1)
    assert (failed.number, failed.unit_name, failed.to, failed.mail_id) == (recorded.number, UNIT, (SENDER,), 1)
    with store.begin() as tx:
        assert tx.retry(failed.id) is True
    assert [(each.id, each.tries) for each in due(store, NOW)] == [(recorded.reply_id, 0)]


def test_a_discarded_letter_never_leaves(store):
    letter = take_in(store, 1).reply_id
    with store.begin() as tx:
        assert tx.discard(f"r{letter}") is True
        tx.reply_sent(letter, NOW)
        assert (tx.due_replies(LATER, 9), tx.undelivered(), tx.sent_since(NOW - timedelta(days=1))) == ([], [], 0)


def test_the_database_itself_refuses_a_second_letter_with_the_same_message_id(store):
    take_in(store, 1)
    with pytest.raises(IntegrityError):
        take_in(store, 2, answer=reply(1))
    with store.read() as tx:
        assert [mail.id for mail in tx.waiting_mails(9)] == [2]


def test_a_day_has_one_digest(store):
    with store.begin() as tx:
        assert tx.queue_digest(DAY, reply(1, "digest"), NOW) is True
    with store.begin() as tx:
        assert tx.queue_digest(DAY, reply(2, "digest"), NOW) is False
        assert tx.last_digest_day() == DAY
    assert [letter.kind for letter in due(store)] == ["digest"]


def test_a_digest_marks_the_mails_it_names_and_they_keep_their_day(store):
    with store.begin() as tx:
        first, second, third = (keep_mail(tx, uid) for uid in (1, 2, 3))
        tx.queue_digest(DAY, reply(1, "digest"), NOW, [first])
        tx.queue_digest(DAY + timedelta(days=1), reply(2, "digest"), NOW, [first, second])
        assert [mail.id for mail in tx.mails_reported(DAY)] == [first]
        assert [mail.id for mail in tx.mails_reported(DAY + timedelta(days=1))] == [second]
        assert [mail.id for mail in tx.mails_unreported(LATER)] == [third]


def test_a_digest_names_any_number_of_mails(store):
    with store.begin() as tx:
        ids = [keep_mail(tx, uid) for uid in range(1, 1002)]
        tx.queue_digest(DAY, reply(1, "digest"), NOW, iter(ids))
        assert tx.mails_unreported(LATER) == []


def test_a_mail_tried_again_is_news_for_the_next_digest(store):
    with store.begin() as tx:
        mail = keep_mail(tx, 1)
        tx.mail_failed(mail, "no", NOW, tries_allowed=1)
        tx.queue_digest(DAY, reply(1, "digest"), NOW, [mail])
        tx.retry(f"m{mail}")
        assert [each.id for each in tx.mails_unreported(LATER)] == [mail]


def test_the_first_start_owes_the_digest_of_its_own_day_and_none_before(store):
    with store.begin() as tx:
        assert tx.last_digest_day() is None
        tx.mark_digest_start(DAY)
        tx.mark_digest_start(DAY + timedelta(days=5))
        assert tx.last_digest_day() == DAY - timedelta(days=1)
        assert tx.queue_digest(DAY - timedelta(days=1), reply(1, "digest"), NOW) is True
        assert tx.queue_digest(DAY - timedelta(days=1), reply(2, "digest"), NOW) is False


def test_answers_of_the_last_day_are_counted_by_recipient_and_by_sender(store):
    take_in(store, 1, unit="甲", at=NOW - timedelta(hours=25))
    take_in(store, 2, unit="乙", at=NOW - timedelta(hours=23))
    take_in(store, 3, unit="丙", answer=reply(3, to="Other@elsewhere.example"))
    take_in(store, 4, Decision.LATE, unit="丁", silent=True)
    with store.begin() as tx:
        tx.queue_digest(DAY, reply(5, "digest"), NOW)
        assert tx.standing(clues(9), notice(), NOW).answered == 2
        assert tx.standing(clues(9, sender="other@elsewhere.example"), notice(), NOW).answered == 1
        assert tx.standing(clues(9, sender=""), notice(), NOW).answered == 0
