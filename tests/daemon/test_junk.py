"""The junk folder: read, shown to the staff, never answered; and what a person moves out of it is an application like any other."""

from datetime import timedelta

import pytest

from daemon.check import _mailbox
from daemon.collect import JUNK_AT_ONCE, PATIENCE, collect
from daemon.digest import digest_of, digest_text, queue_digest_now
from daemon.digest_facts import Health
from daemon.mail.errors import FolderMissing, LoginRefused, ServerSaid, Unreachable, Withheld
from daemon.rounds import run_round
from tests.builders import form_docx, good_values
from tests.fake_imapd import imap_server
from tests.fakes import ARRIVED, FakeMailbox
from tests.mails import auto_reply, mail
from tests.worlds import settings

JUNK = "垃圾邮件"
UNIT = "中国甲行业协会"


def application(unit: str = UNIT, sender: str = "office@unit.example") -> bytes:
    form = form_docx(good_values(unit_name=unit, email=sender))
    return mail(f"专利密集型产品认定产业评价中心承担单位——{unit}", sender=sender, attachments=[("申报表.docx", form)])


@pytest.fixture(name="junk")
def _junk(outside):
    outside.mailbox.folders[JUNK] = FakeMailbox(uidvalidity=9)
    return outside.mailbox.folders[JUNK]


@pytest.fixture(name="world")
def _world(outside):
    return outside.world(mailbox={"junk_folder": JUNK})


def digest(world, health=None):
    now = ARRIVED + timedelta(hours=6)
    with world.store.read() as tx:
        return digest_of(tx, now.date(), world.notice, now, carried=True, health=health)


def section(made, title):
    return next((each for each in made.sections if each.title.startswith(title)), None)


def applications(world):
    with world.store.read() as tx:
        return [(line.number, line.versions) for line in tx.register()]


def test_mails_of_the_junk_folder_are_reported_and_neither_answered_nor_registered(outside, junk, world):
    junk.append(application())
    junk.append(mail("发票代开", "低价", sender="spam@unit.example"))
    junk.append(auto_reply("office@unit.example"))
    tally = run_round(world)
    assert (tally.collected, tally.taken_in, tally.delivered, tally.troubles) == (3, 3, 0, ())
    assert (outside.sender.deliveries, applications(world)) == ([], [])
    made = digest(world)
    assert [(row[1], row[3]) for row in section(made, "垃圾邮件箱（3 封）").rows] == [
        ("office@unit.example", "申报"),
        ("spam@unit.example", "其他"),
        ("office@unit.example", "自动回复"),
    ]
    assert "移入收件箱" in digest_text(made)


def test_what_looks_like_an_application_there_is_a_matter_for_a_person(junk, world):
    junk.append(application())
    junk.append(mail("发票代开", "低价", sender="spam@unit.example"))
    run_round(world)
    (matter,) = digest(world).matters
    assert matter.unit == UNIT
    assert "疑似申报" in matter.reasons[0]


def test_junk_is_no_mail_received(outside, junk, world):
    outside.mailbox.append(application())
    junk.append(mail("发票代开", "低价"))
    run_round(world)
    made = digest(world, Health(in_mailbox=1))
    assert made.received == 1
    assert "收件 1 封" in section(made, "当日收件").lines[1]
    assert dict(section(made, "系统运行情况").rows)["邮箱与登记"] == "已登记 1 封，邮箱现有 1 封"
    assert made.matters == ()


def test_junk_is_told_of_in_one_digest_only(outside, junk, world):
    junk.append(mail("发票代开", "低价"))
    run_round(world)
    assert section(digest(world), "垃圾邮件箱") is not None
    assert queue_digest_now(world, ARRIVED.date(), ARRIVED + timedelta(hours=8))
    with world.store.read() as tx:
        made = digest_of(tx, ARRIVED.date() + timedelta(days=1), world.notice, ARRIVED + timedelta(days=1, hours=8), carried=True)
    assert section(made, "垃圾邮件箱") is None


def test_without_junk_the_digest_has_no_section_of_it(outside, junk, world):
    outside.mailbox.append(application())
    run_round(world)
    assert section(digest(world), "垃圾邮件箱") is None


def test_a_mail_that_a_person_moves_to_the_inbox_is_registered_and_answered_once(outside, junk, world):
    uid = junk.append(application())
    run_round(world)
    outside.mailbox.move_here(uid, junk)
    for _ in range(2):
        run_round(world)
    assert [each.to for each in outside.sender.deliveries] == [("office@unit.example",)]
    assert applications(world) == [("ZLCP-2024-0001", 1)]
    made = digest(world)
    assert (section(made, "垃圾邮件箱"), made.matters, made.received) == (None, (), 1)


def test_it_counts_as_received_when_it_first_arrived(outside, junk, world):
    uid = junk.append(application(), ARRIVED.replace(day=17))
    run_round(world)
    outside.clock.now = ARRIVED.replace(day=25)
    outside.mailbox.move_here(uid, junk)
    run_round(world)
    with world.store.read() as tx:
        assert [line.status for line in tx.register()] == ["accepted"]


def test_a_mail_that_came_in_time_is_not_late_because_a_server_gave_it_a_new_date_when_it_was_moved(outside, junk, world):
    deadline = world.notice.deadline
    uid = junk.append(application(), deadline - timedelta(hours=2))
    run_round(world)
    junk.expunge(uid)
    outside.mailbox.append(application(), deadline + timedelta(days=1))
    run_round(world)
    with world.store.read() as tx:
        (line,) = tx.register()
    assert (line.status, line.received_at) == ("accepted", deadline - timedelta(hours=2))


def test_an_answered_mail_that_is_moved_to_the_junk_folder_and_back_is_not_answered_again(outside, junk, world):
    uid = outside.mailbox.append(application())
    run_round(world)
    uid = junk.move_here(uid, outside.mailbox)
    run_round(world)
    assert section(digest(world), "垃圾邮件箱") is None
    outside.mailbox.move_here(uid, junk)
    run_round(world)
    assert len(outside.sender.deliveries) == 1
    assert applications(world) == [("ZLCP-2024-0001", 1)]


def test_what_was_collected_as_junk_is_not_answered_when_the_config_names_no_junk_folder_any_more(outside, junk, world):
    junk.append(application())
    collect(world)
    assert run_round(outside.world()).delivered == 0
    assert applications(world) == []


def test_the_courtesies_are_not_for_junk(outside, junk):
    uid = junk.append(application())
    run_round(outside.world(mailbox={"junk_folder": JUNK, "mark_seen": True, "move_to": "已登记"}))
    assert (list(junk.mails), junk.seen, outside.mailbox.seen) == ([uid], set(), set())


def test_a_renumbered_junk_folder_is_not_reported_anew(junk, world):
    junk.append(mail("发票代开", "低价"))
    run_round(world)
    junk.renumber()
    assert run_round(world).taken_in == 0


def test_a_flood_of_junk_does_not_keep_an_applicant_waiting(outside, junk, world):
    for number in range(JUNK_AT_ONCE + 5):
        junk.append(mail("发票代开", f"第 {number} 封"))
    outside.mailbox.append(application())
    assert collect(world) == JUNK_AT_ONCE + 1
    assert collect(world) == 5


def test_a_junk_folder_that_is_not_there_is_named_to_the_staff_and_stops_nothing(outside, world):
    outside.mailbox.append(application())
    tally = run_round(world)
    assert (tally.delivered, tally.troubles) == (1, ())
    assert JUNK in world.vitals.junk_trouble
    (matter,) = digest(world, Health(junk_trouble=world.vitals.junk_trouble)).matters
    assert "垃圾邮件箱未能读取" in matter.reasons[0]
    outside.mailbox.folders[JUNK] = FakeMailbox()
    run_round(world)
    assert world.vitals.junk_trouble == ""


def test_a_connection_lost_over_junk_costs_the_applicants_nothing(outside, junk, world):
    junk.append(mail("发票代开", "低价"))
    outside.mailbox.append(application())
    outside.mailbox.faults.plan(Unreachable("the connection was lost"), 6)  # INBOX: select, new_uids, a mail; then select, new_uids, this
    tally = run_round(world)
    assert (tally.delivered, tally.troubles) == (1, ())
    assert run_round(world).troubles == ()
    assert section(digest(world), "垃圾邮件箱") is not None


@pytest.mark.parametrize("error", [LoginRefused("no"), ServerSaid("no", wait=timedelta(minutes=15))], ids=["login", "busy"])
def test_a_server_that_wants_to_be_left_alone_is_heard_over_the_junk_folder_too(outside, junk, world, error):
    outside.mailbox.faults.plan(error, 3)
    with pytest.raises(type(error)):
        collect(world)


def test_the_check_says_whether_the_junk_folder_is_there(outside):
    with imap_server(others={"Junk": {1: b"a", 2: b"b"}}) as server:
        given = {"host": "127.0.0.1", "port": server.port, "security": "plain"}
        assert _mailbox(settings(outside.folder, mailbox=given | {"junk_folder": "Junk"})).endswith("2 in the junk folder Junk")
        with pytest.raises(FolderMissing, match="junk_folder"):
            _mailbox(settings(outside.folder, mailbox=given | {"junk_folder": "Jnuk"}))


def test_a_junk_mail_that_is_never_handed_out_is_passed_over(outside, junk, world, monkeypatch):
    bad = junk.append(mail("发票代开", "低价"))
    junk.append(mail("发票代开", "再次"))
    plain_fetch = outside.mailbox.fetch

    def fetch(uids):
        if bad in uids:
            raise Withheld("the server does not hand out UID 1", uid=bad)
        return plain_fetch(uids)

    monkeypatch.setattr(outside.mailbox, "fetch", fetch)
    assert [collect(world) for _ in range(PATIENCE)] == [0, 0, 1]
