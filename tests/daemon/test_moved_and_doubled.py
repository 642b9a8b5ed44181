"""Mails that people move and delete while the program works, and mails that come twice: each is answered once, and none is missed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.collect import collect
from daemon.mail.mailbox import Mailbox
from daemon.rounds import run_round
from tests.builders import form_docx, good_values
from tests.fake_imapd import imap_server
from tests.fakes import FakeMailbox
from tests.mails import mail
from tests.worlds import Outside


def application(unit: str = "中国甲行业协会", **values) -> bytes:
    form = form_docx(good_values(unit_name=unit, email="office@unit.example", **values))
    return mail(f"专利密集型产品认定产业评价中心承担单位——{unit}", sender="office@unit.example", attachments=[("申报表.docx", form)])


def with_id(raw: bytes, identity: bytes = b"<1@unit.example>") -> bytes:
    """The mail with this Message-ID."""
    head, separator, body = raw.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"message-id:")]
    return b"\r\n".join([b"Message-ID: " + identity, *lines]) + separator + body


def answers(outside: Outside) -> list[str]:
    """The kinds of letter that went out, by the words of their subjects."""
    return [next((word for word in ("受理回执", "补正通知", "更新", "重复") if word in subject), subject) for subject in outside.subjects()]


def register(world):
    with world.store.read() as tx:
        return [(line.number, line.versions) for line in tx.register()]


@pytest.fixture(name="drawer")
def _drawer(outside):
    """Another folder, of which the program knows nothing."""
    outside.mailbox.folders["待办"] = FakeMailbox(uidvalidity=5)
    return outside.mailbox.folders["待办"]


# ---- moved and removed


def test_a_mail_moved_away_before_it_was_collected_is_answered_when_it_is_moved_back(outside, drawer):
    uid = drawer.move_here(outside.mailbox.append(application()), outside.mailbox)
    world = outside.world()
    assert run_round(world).collected == 0
    outside.mailbox.move_here(uid, drawer)
    run_round(world)
    assert (answers(outside), register(world)) == (["受理回执"], [("ZLCP-2024-0001", 1)])


def test_a_mail_that_was_answered_can_be_moved_away_and_back_any_number_of_times(outside, drawer):
    uid = outside.mailbox.append(application())
    world = outside.world()
    run_round(world)
    for _ in range(2):
        uid = outside.mailbox.move_here(drawer.move_here(uid, outside.mailbox), drawer)
        run_round(world)
    assert (answers(outside), register(world)) == (["受理回执"], [("ZLCP-2024-0001", 1)])


def test_a_mail_moved_away_and_back_while_the_server_renumbered_is_not_answered_again(outside, drawer):
    uid = outside.mailbox.append(application())
    world = outside.world()
    run_round(world)
    kept = drawer.move_here(uid, outside.mailbox)
    outside.mailbox.renumber()
    run_round(world)
    outside.mailbox.move_here(kept, drawer)
    outside.mailbox.append(application("中国乙行业协会"))
    run_round(world)
    assert answers(outside) == ["受理回执", "受理回执"]
    assert register(world) == [("ZLCP-2024-0001", 1), ("ZLCP-2024-0002", 1)]


def test_a_mail_that_is_ours_is_answered_though_it_was_deleted_in_the_mailbox_meanwhile(outside):
    outside.mailbox.append(application())
    world = outside.world()
    outside.reader.breaks_on = b"Subject"
    run_round(world)
    outside.mailbox.expunge(1)
    outside.reader.breaks_on = None
    run_round(world)
    assert answers(outside) == ["受理回执"]


@pytest.mark.parametrize(
    "moment", ["UID SEARCH", "UID FETCH 1,2,3 (RFC822.SIZE)", "UID FETCH 1,2,3 (RFC822.SIZE INTERNALDATE"], ids=["search", "sizes", "bodies"]
)
@pytest.mark.parametrize("uid", [1, 2, 3])
def test_a_mail_that_goes_at_any_moment_of_a_fetch_takes_no_other_with_it(outside, moment, uid):
    mails = {number: b"Subject: %d\r\n\r\n" % number for number in (1, 2, 3)}
    with imap_server(mails=dict(mails), vanishing={moment: uid}) as server:
        world = outside.world(mailbox={"host": "127.0.0.1", "port": server.port, "security": "plain"})
        world = replace(world, mailbox=Mailbox(world.settings.mailbox))
        assert collect(world) == 2
        server.mails[4] = mails[uid]  # moved back
        assert collect(world) == 1
        with world.store.read() as tx:
            kept = [world.files.get(each.sha256) for each in tx.waiting_mails(9)]
        assert kept == [raw for number, raw in mails.items() if number != uid] + [mails[uid]]
        world.mailbox.close()


# ---- twice


@pytest.mark.parametrize("apart", [False, True], ids=["in one round", "in two rounds"])
def test_the_same_bytes_twice_are_answered_once(outside, apart):
    world = outside.world()
    for _ in range(2):
        outside.mailbox.append(application())
        if apart:
            outside.clock.now += timedelta(days=1)
            run_round(world)
    run_round(world)
    assert (answers(outside), register(world)) == (["受理回执"], [("ZLCP-2024-0001", 1)])


def test_one_mail_that_came_by_two_ways_is_answered_once(outside):
    raw = with_id(application())
    outside.mailbox.append(b"Received: from a.example by mx1.example; Tue, 10 Sep 2024 09:12:30 +0800\r\n" + raw)
    outside.mailbox.append(b"Received: from b.example by mx2.example; Tue, 10 Sep 2024 09:12:31 +0800\r\n" + raw)
    world = outside.world()
    run_round(world)
    assert (answers(outside), register(world)) == (["受理回执"], [("ZLCP-2024-0001", 1)])


def test_another_mail_under_a_message_id_that_came_before_is_another_mail(outside):
    """Some programs give every mail the same one; what its form says must not be lost."""
    outside.mailbox.append(with_id(application()))
    outside.mailbox.append(with_id(application(contact_phone="010-62150000")))
    world = outside.world()
    run_round(world)
    assert register(world) == [("ZLCP-2024-0001", 2)]
    assert len(answers(outside)) == 2


def test_mails_of_two_units_under_one_message_id_are_two_applications(outside):
    outside.mailbox.append(with_id(application()))
    outside.mailbox.append(with_id(application("中国乙行业协会")))
    world = outside.world()
    run_round(world)
    assert answers(outside) == ["受理回执", "受理回执"]
    assert register(world) == [("ZLCP-2024-0001", 1), ("ZLCP-2024-0002", 1)]
