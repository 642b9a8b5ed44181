"""A letter of ours comes back: its reader counts as not informed until a person has settled it, and the digest says whom to telephone."""

from datetime import date
from email import message_from_bytes

import pytest

from daemon.collect import collect
from daemon.deliver import deliver_due
from daemon.digest import digest_of
from daemon.intake import take_in_waiting
from daemon.world import World
from storage.outbox import Undelivered
from tests.builders import form_docx, good_values
from tests.mails import bounce, coremail_bounce, mail, qq_bounce
from tests.worlds import Outside

OFFICE = "office@unit.example"
UNIT = "中国甲行业协会"
SUBJECT = "专利密集型产品认定产业评价中心承担单位——"


@pytest.fixture
def outside(tmp_path):
    found = Outside(tmp_path)
    yield found
    found.close()


def application(unit: str = UNIT, sender: str = OFFICE) -> bytes:
    return mail(SUBJECT + unit, sender=sender, attachments=[("申报表.docx", form_docx(good_values(unit_name=unit, email=sender)))])


def arrive(outside: Outside, *mails: bytes) -> World:
    world = outside.world()
    for raw in mails:
        outside.mailbox.append(raw)
        collect(world)
        take_in_waiting(world)
        deliver_due(world)
    return world


def undelivered(world: World) -> list[Undelivered]:
    with world.store.read() as tx:
        return tx.undelivered()


@pytest.mark.parametrize("made", [bounce, coremail_bounce])
def test_a_bounce_marks_the_letter_it_returns_and_the_digest_asks_to_telephone(outside, made):
    world = arrive(outside, application(), made(OFFICE))
    (letter,) = undelivered(world)
    assert (letter.kind, letter.state, letter.number, letter.unit_name, letter.returned_by) == ("acknowledgement", "failed", "ZLCP-2024-0001", UNIT, 2)
    with world.store.read() as tx:
        digest = digest_of(tx, date(2024, 9, 10), world.notice, world.now(), carried=True)
    (matter,) = digest.matters
    assert "受理回执未送达" in matter.reasons[0]
    assert f"请电话联系（{good_values()['contact_phone']}" in matter.advice[0]
    assert len(outside.sender.deliveries) == 1  # the bounce itself is answered by nothing


def test_a_bounce_by_the_letters_message_id_marks_that_letter_and_no_newer_one(outside):
    world = arrive(outside, application(), application("中国乙行业协会", "other@unit.example"))
    first = message_from_bytes(outside.sender.deliveries[0].mime)["Message-ID"]
    arrive(outside, bounce("elsewhere@unit.example", headers=[("In-Reply-To", first)]))
    assert [(each.number, each.returned_by) for each in undelivered(world)] == [("ZLCP-2024-0001", 3)]


def test_a_qq_bounce_which_has_no_report_is_tied_by_the_receipt_number_in_its_text(outside):
    world = arrive(outside, application(), qq_bounce("无法发送：受理回执（ZLCP-2024-0001）"))
    assert [(each.number, each.returned_by) for each in undelivered(world)] == [("ZLCP-2024-0001", 2)]


def test_a_qq_bounce_that_names_nothing_of_ours_marks_no_letter(outside):
    world = arrive(outside, application(), qq_bounce("stranger@else.example"))
    assert undelivered(world) == []


def test_a_second_bounce_and_a_bounce_of_a_stranger_change_nothing(outside):
    world = arrive(outside, application(), bounce(OFFICE), bounce(OFFICE, subject="Undelivered Mail again"), bounce("stranger@else.example"))
    assert [each.returned_by for each in undelivered(world)] == [2]


def test_a_returned_letter_that_a_person_settled_is_not_listed_again(outside):
    world = arrive(outside, application(), bounce(OFFICE))
    with world.store.begin() as tx:
        assert tx.discard("r1")
    assert undelivered(world) == []


def test_a_delay_is_no_failure(outside):
    world = arrive(outside, application(), bounce(OFFICE).replace(b"Action: failed", b"Action: delayed"))
    assert undelivered(world) == []


def test_a_returned_answer_to_an_inquiry_is_shown_with_its_address(outside):
    world = arrive(outside, mail("请问何时公布结果", "您好，请问何时公布结果？", sender="ask@unit.example"), bounce("ask@unit.example"))
    (letter,) = undelivered(world)
    assert (letter.kind, letter.to, letter.number) == ("received", ("ask@unit.example",), "")
