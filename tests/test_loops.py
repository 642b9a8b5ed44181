"""Loops and floods: two daemons that write to each other, and a thousand senders that do not exist."""

from datetime import timedelta

import pytest

from daemon.collect import collect
from daemon.deliver import deliver_due
from daemon.intake import take_in_waiting
from tests.builders import form_docx, good_values
from tests.mails import mail
from tests.worlds import Outside

SUBJECT = "专利密集型产品认定产业评价中心承担单位——"
OTHER = "intake@other-association.example"
FLOOD, HOURLY = 60, 10


@pytest.fixture
def both(tmp_path):
    ours, theirs = Outside(tmp_path / "ours"), Outside(tmp_path / "theirs")
    for each in (ours, theirs):
        each.folder.mkdir()
    yield ours, theirs
    ours.close()
    theirs.close()


def one_pass(outside: Outside, **changes: dict) -> list[bytes]:
    """A round; returns what was delivered in it."""
    world, before = outside.world(**changes), len(outside.sender.deliveries)
    collect(world)
    take_in_waiting(world)
    deliver_due(world)
    return [each.mime for each in outside.sender.deliveries[before:]]


@pytest.mark.parametrize(
    "first",
    [
        mail(SUBJECT + "中国甲行业协会", sender=OTHER, attachments=[("申报表.docx", form_docx(good_values(unit_name="中国甲行业协会", email=OTHER)))]),
        mail("申报材料", sender=OTHER, attachments=[("申报表.docx", form_docx(good_values(unit_name="中国甲行业协会", email=OTHER)))]),
        mail("请问", "请问何时公布结果？", sender=OTHER),
    ],
    ids=["acknowledgement", "correction", "received"],
)
def test_two_daemons_that_write_to_each_other_fall_silent_after_the_first_letter(both, first):
    ours, theirs = both
    named = {"mailbox": {"host": "localhost", "security": "plain", "username": OTHER}}
    named |= {"outgoing": {"host": "localhost", "security": "plain", "sender": OTHER, "pause_seconds": 0}}
    ours.mailbox.append(first)
    (letter,) = one_pass(ours)
    theirs.mailbox.append(letter)
    assert one_pass(theirs, **named) == []
    assert one_pass(ours) == []


def test_a_flood_of_forged_senders_is_answered_at_the_hours_rate_and_no_faster(both):
    ours, _ = both
    for n in range(FLOOD):
        ours.mailbox.append(mail(f"咨询{n}", f"请问第{n}项何时公布？", sender=f"nobody{n}@forged{n}.example"))
    capped = {"outgoing": {"host": "localhost", "security": "plain", "sender": "zlcp@ppac.org.cn", "pause_seconds": 0, "per_hour": HOURLY}}
    assert len(one_pass(ours, **capped)) == HOURLY
    assert one_pass(ours, **capped) == []
    ours.clock.now += timedelta(hours=1)
    assert len(one_pass(ours, **capped)) == HOURLY
    with ours.world().store.read() as tx:
        assert tx.totals().mails == FLOOD  # every one is recorded, and the staff see it


def test_an_applicant_does_not_wait_behind_a_flood(both):
    ours, _ = both
    for n in range(FLOOD):
        ours.mailbox.append(mail(f"咨询{n}", f"请问第{n}项何时公布？", sender=f"nobody{n}@forged{n}.example"))
    form = form_docx(good_values(unit_name="中国甲行业协会", email="office@unit.example"))
    ours.mailbox.append(mail(SUBJECT + "中国甲行业协会", sender="office@unit.example", attachments=[("申报表.docx", form)]))
    capped = {"outgoing": {"host": "localhost", "security": "plain", "sender": "zlcp@ppac.org.cn", "pause_seconds": 0, "per_hour": HOURLY}}
    assert len(one_pass(ours, **capped)) == HOURLY
    assert ours.sender.deliveries[0].to == ("office@unit.example",)


def test_one_sender_who_writes_again_and_again_gets_the_days_number_of_letters(both):
    ours, _ = both
    for n in range(20):
        ours.mailbox.append(mail(f"咨询{n}", f"请问第{n}项？", sender="eager@unit.example"))
    assert len(one_pass(ours)) == 6
