"""What the staff read is all there, counted once, and quick to fetch."""

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from rules.problems import Decision, Kind, Verdict
from rules.submission import Form
from tests.storage.examples import FORM, MISSING, NOW, SENDER, UNIT, attachment, clues, keep_mail, notice, reply, submission, take_in

DAY = timedelta(days=1)


def test_a_day_holds_its_first_instant_and_not_its_last(store):
    with store.begin() as tx:
        for uid, at in enumerate((NOW - timedelta(microseconds=1), NOW, NOW + DAY - timedelta(microseconds=1), NOW + DAY), 1):
            keep_mail(tx, uid, at=at)
        assert [line.id for line in tx.mails_received(NOW, NOW + DAY)] == [2, 3]
        assert [line.id for line in tx.mails_unreported(NOW)] == [1]


def test_mails_stand_in_the_order_of_arrival(store):
    with store.begin() as tx:
        for uid, hours in ((1, 3), (2, 1), (3, 2), (4, 1)):
            keep_mail(tx, uid, at=NOW + timedelta(hours=hours))
        assert [line.id for line in tx.mails_received(NOW, NOW + DAY)] == [2, 4, 3, 1]


def test_a_mail_that_waits_is_a_line_with_nothing_known(store):
    with store.begin() as tx:
        keep_mail(tx, 1)
        tx.mail_failed(1, "KeyError", NOW)
        (line,) = tx.mails_received(NOW, NOW + DAY)
    assert (line.state, line.tries, line.reason, line.kind, line.decision, line.number, line.taken_in_at) == ("kept", 1, "KeyError", "", "", "", None)
    assert (line.problems, line.attachments, line.checks, line.faults, line.repeats) == ((), (), (), (), False)


def test_what_became_of_the_letter_stands_in_the_line(store):
    letter = take_in(store, 1).reply_id
    with store.begin() as tx:
        tx.reply_failed(letter, "550 no such user", NOW)
        (line,) = tx.mails_received(NOW, NOW + DAY)
    assert (line.answer, line.reply_state, line.reply_error) == ("acknowledgement", "failed", "550 no such user")


def test_the_register_shows_each_application_once_by_number(store):
    for uid, decision in enumerate((Decision.ACCEPTED, Decision.CORRECTION, Decision.LATE, Decision.REVIEW), 1):
        take_in(store, uid, decision, unit=f"单位{uid}", problems=(MISSING,) if decision is Decision.CORRECTION else ())
    take_in(store, 9, Decision.CORRECTION, unit="单位2", form=None, at=NOW + DAY)
    with store.read() as tx:
        lines = tx.register()
        totals = tx.totals()
    assert [(line.number[-4:], line.status, line.version, line.versions) for line in lines] == [
        ("0001", "accepted", 1, 1), ("0002", "correction", 2, 2), ("0003", "late", 1, 1), ("0004", "review", 1, 1),
    ]  # fmt: skip
    twice = lines[1]
    assert (twice.received_at, twice.updated_at, twice.form, twice.problems, twice.sender) == (NOW, NOW + DAY, None, (), SENDER)
    assert (totals.applications, totals.accepted, totals.waiting_correction, totals.late, totals.review) == (4, 1, 1, 1, 1)


def test_problems_of_the_register_are_those_of_the_newest_version(store):
    take_in(store, 1)
    take_in(store, 2, Decision.CORRECTION, problems=(MISSING,), form=Form())
    with store.read() as tx:
        (line,) = tx.register()
    assert [problem.code for problem in line.problems] == ["form.field_missing"]
    assert (line.form, line.checks) == (FORM, ("请核对",))


def test_totals_add_up(store):
    take_in(store, 1)
    sent = take_in(store, 2, unit="乙").reply_id
    failed = take_in(store, 3, unit="丙").reply_id
    with store.begin() as tx:
        mail = keep_mail(tx, 4)
        tx.standing(clues(4, ""), notice(), NOW)
        tx.keep(mail, submission(4), Verdict(Kind.AUTOMATIC, Decision.NONE, "bounce"), None, NOW)
        keep_mail(tx, 5)
        tx.mail_failed(keep_mail(tx, 6), "no", NOW, tries_allowed=1)
        tx.reply_sent(sent, NOW)
        tx.reply_failed(failed, "550", NOW)
        totals = tx.totals()
    assert (totals.mails, totals.states) == (6, {"taken_in": 4, "kept": 1, "set_aside": 1})
    assert (totals.kinds, totals.decisions) == ({"application": 3, "automatic": 1}, {"accepted": 3, "none": 1})
    assert (totals.replies_due, totals.replies_sent, totals.replies_failed) == (1, 1, 1)


def test_an_empty_register_has_empty_papers(store):
    with store.read() as tx:
        totals = tx.totals()
        assert (tx.register(), tx.mails_received(NOW, NOW + DAY), tx.mails_reported(date(2024, 9, 10)), tx.last_mail_at()) == ([], [], [], None)
    assert (totals.mails, totals.applications, totals.replies_due, totals.replies_sent, totals.replies_failed) == (0, 0, 0, 0, 0)


def test_the_last_mail_is_the_newest_to_arrive(store):
    with store.begin() as tx:
        keep_mail(tx, 1, at=NOW + DAY)
        keep_mail(tx, 2)
        assert tx.last_mail_at() == NOW + DAY


@pytest.fixture
def busy(store):
    """A register of 250 applications, two versions each, all of one day."""
    with store.begin() as tx:
        for uid in range(1, 501):
            mail = keep_mail(tx, uid)
            known = tx.standing(clues(uid, f"单位{uid % 250}"), notice(), NOW).application
            verdict = Verdict(
                Kind.APPLICATION, Decision.CORRECTION, unit_name=UNIT, problems=(MISSING,), form=FORM,
                application=known.id if known else None, version=known.versions + 1 if known else 1,
            )  # fmt: skip
            tx.keep(mail, submission(uid, attachments=(attachment(), attachment())), verdict, reply(uid), NOW)
    return store


def test_lines_are_fetched_with_a_few_statements_and_quickly(busy):
    statements = []
    event.listen(busy._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    started = time.perf_counter()
    with busy.read() as tx:
        lines, register = tx.mails_received(NOW, NOW + DAY), tx.register()
    elapsed = time.perf_counter() - started
    assert (len(lines), len(register)) == (500, 250)
    assert {len(line.attachments) for line in lines} == {2}
    assert {(line.versions, len(line.problems)) for line in register} == {(2, 1)}
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 5
    assert elapsed < 5, "a second at most on a quiet machine"
