"""What the mailbox and its collecting do with each provider's server (tests/imap_profiles.py), whatever quirks it has."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from imapclient.imap_utf7 import encode

from daemon import schedule
from daemon.collect import PATIENCE, collect
from daemon.digest import digest_of, digest_text
from daemon.digest_facts import Health
from daemon.mail.errors import LoginRefused, TimedOut, Unreachable, Withheld
from daemon.mail.mailbox import DEADLY, Mailbox
from daemon.rounds import run_round
from tests.builders import form_docx, good_values
from tests.imap_profiles import PASSWORD, PROFILES, WRONG, provider
from tests.mails import mail

RAWS = [b"Subject: %d\r\n\r\n\xd6\xd0\xb9\xfa \x80\xff )\r\n* 1 FETCH {3}\r\n" % number + bytes(range(1, 256)) * number for number in range(5)]


def application(unit: str = "中国甲行业协会", sender: str = "office@unit.example", **headers) -> bytes:
    form = form_docx(good_values(unit_name=unit, email=sender))
    return mail(f"专利密集型产品认定产业评价中心承担单位——{unit}", sender=sender, attachments=[("申报表.docx", form)], **headers)


@pytest.fixture(params=PROFILES, name="profile")
def _profile(request):
    return PROFILES[request.param]


@pytest.fixture(name="server")
def _server(profile):
    with provider(profile) as server:
        yield server


@pytest.fixture(name="start")
def _start(outside, server):
    """Starts the program anew with the real mailbox on that server."""
    boxes = []

    def start(**keys):
        given = {"host": "127.0.0.1", "port": server.port, "security": "plain", "username": "zlcp@ppac.org.cn", "password": PASSWORD, "timeout_seconds": 1}
        world = outside.world(mailbox=given | keys)
        boxes.append(Mailbox(world.settings.mailbox))
        return replace(world, mailbox=boxes[-1])

    yield start
    for each in boxes:
        each.close()


def kept(world):
    """The bytes of every mail that was recorded, in the order of recording."""
    with world.store.read() as tx:
        return [world.files.get(each.sha256) for each in tx.waiting_mails(1000)]


def collect_shown(world, rounds=3):
    """Enough rounds for a server that shows a mail late."""
    return [collect(world) for _ in range(rounds)]


def test_every_mail_is_collected_once_byte_for_byte_and_a_restart_finds_nothing(server, start):
    for raw in RAWS:
        server.deliver(raw)
    world = start()
    assert sum(collect_shown(world)) == len(RAWS)
    assert kept(world) == RAWS
    assert collect(start()) == 0


def test_a_mail_that_comes_between_two_polls_is_found_by_the_next_select_though_nothing_was_pushed(server, start):
    server.deliver(RAWS[0])
    world = start()
    collect_shown(world)
    world.mailbox.wait(0.1, threading.Event())
    server.deliver(RAWS[1])
    assert sum(collect_shown(world)) == 1
    assert kept(world) == RAWS[:2]


def test_a_connection_cut_in_the_middle_of_a_mail_goes_on_where_it_was_and_keeps_no_half_mail(server, start):
    for raw in RAWS:
        server.deliver(raw)
    server.cut_after = len(RAWS[0]) + len(RAWS[1]) + 20
    world = start()
    with pytest.raises(Unreachable):
        collect_shown(world)
    server.cut_after = -1
    collect_shown(world)
    assert kept(world) == RAWS
    assert collect(world) == 0


def test_a_line_that_breaks_again_and_again_in_the_middle_of_a_batch_is_still_got_through(server, start):
    for raw in RAWS:
        server.deliver(raw)
    server.cut_after = max(map(len, RAWS)) + 1  # no connection lives for more than one of the large mails
    world = start()
    for _ in range(2 * len(RAWS)):
        try:
            collect(world)
        except Unreachable:
            continue
    assert kept(world) == RAWS


def test_a_mail_that_ends_the_connection_each_time_is_named_at_last_and_the_others_come(server, start):
    for raw in RAWS:
        server.deliver(raw)
    server.deadly = {2}
    world = start()
    for _ in range(DEADLY + PATIENCE + 3):
        try:
            collect(world)
        except (Unreachable, Withheld):
            continue
    assert kept(world) == [raw for number, raw in enumerate(RAWS, 1) if number != 2]
    with world.store.read() as tx:
        (aside,) = tx.set_aside()
    assert "UID 2" in aside.reason


@pytest.mark.parametrize("command", ["SELECT", "UID FETCH"])
def test_a_goodbye_at_any_step_costs_one_round_at_most(server, start, command):
    server.deliver(RAWS[0])
    world = start()
    world.mailbox.open()
    server.bye_at = command
    for _ in range(4):
        try:
            collect(world)
        except Unreachable:
            continue
    assert server.bye_at == ""
    assert kept(world) == RAWS[:1]


def test_a_half_open_connection_times_out_and_is_made_anew(server, start):
    server.deliver(RAWS[0])
    world = start(timeout_seconds=0.1)
    world.mailbox.open()
    server.silent_at = "UID FETCH"
    with pytest.raises(TimedOut):
        collect_shown(world)
    server.silent_at = ""
    collect_shown(world)
    assert kept(world) == RAWS[:1]


def test_after_the_server_renumbered_nothing_is_answered_twice_and_nothing_is_missed(outside, server, start):
    server.deliver(application())
    server.deliver(application("中国乙行业协会", "b@unit.example"))
    world = start()
    for _ in range(3):
        run_round(world)
    assert len(outside.sender.deliveries) == 2
    server.uidvalidity += 1
    server.mails = {20 + number: raw for number, raw in enumerate([application("中国丙行业协会", "c@unit.example"), *server.mails.values()])}
    for _ in range(3):
        run_round(world)
    assert sorted(each.to[0] for each in outside.sender.deliveries) == ["b@unit.example", "c@unit.example", "office@unit.example"]
    with world.store.read() as tx:
        assert (tx.totals().mails, tx.folder("INBOX").uidvalidity, tx.folder("INBOX").last_uid) == (3, server.uidvalidity, 22)


def test_a_rebuild_that_also_changed_the_times_of_arrival_answers_nobody_again(outside, server, start):
    server.deliver(application())
    world = start()
    for _ in range(3):
        run_round(world)
    server.uidvalidity, server.date = server.uidvalidity + 1, "11-Sep-2024 03:00:00 +0800"
    run_round(world)
    assert len(outside.sender.deliveries) == 1


def test_a_wrong_password_is_tried_once_a_round_and_asks_for_a_quarter_of_an_hour(server, start):
    world = start(password=WRONG)
    with pytest.raises(LoginRefused, match="授权码") as refused:
        collect(world)
    assert refused.value.wait == timedelta(minutes=15)
    assert WRONG not in str(refused.value)
    assert len(server.asked("LOGIN")) == 1


def test_after_a_refused_login_the_server_is_left_alone_for_a_quarter_of_an_hour_and_the_staff_are_told(server, start):
    class Ends(threading.Event):
        """Ends the watch at the first pause, and remembers how long it would have been."""

        def wait(self, timeout=None):
            self.paused = timeout
            self.set()
            return True

    world = replace(start(password=WRONG), stop=Ends())
    schedule._watch(world, scheduler=None)
    assert (world.stop.paused, len(server.asked("LOGIN"))) == (900, 1)
    now = world.now()
    with world.store.read() as tx:
        made = digest_of(tx, now.date(), world.notice, now, carried=True, health=Health(trouble=world.vitals.trouble))
    assert "连接异常" in made.matters[0].reasons[0]
    assert WRONG not in digest_text(made)


def test_only_questions_are_asked_that_this_server_understands(server, start):
    server.deliver(RAWS[0])
    collect_shown(start())
    for command in server.asked("UID SEARCH"):
        assert command.upper().startswith(("UID SEARCH UID ", "UID SEARCH ALL"))
    assert ("ID" in server.capabilities.split()) == bool(server.asked("ID "))
    assert not any(server.asked(verb) for verb in ("UID MOVE", "UID STORE", "STATUS", "EXPUNGE", "UID EXPUNGE", "APPEND"))


def test_a_courtesy_that_the_server_does_not_have_changes_nothing(profile, server, start):
    server.deliver(RAWS[0])
    world = start(move_to=profile.junk)
    collect_shown(world)
    assert kept(world) == RAWS[:1]
    moved = " MOVE" in server.capabilities
    assert len(server.mails) == (0 if moved else 1)


def test_the_junk_folder_is_read_over_the_same_connection_by_the_name_that_people_know(profile, server, start):
    server.deliver(RAWS[0])
    server.others[encode(profile.junk).decode()][7] = RAWS[1]
    world = start(junk_folder=profile.junk)
    collect_shown(world)
    assert sorted(kept(world)) == sorted(RAWS[:2])
    assert len(server.asked("LOGIN")) == 1
    assert world.vitals.junk_trouble == ""


def test_after_the_junk_folder_it_is_the_inbox_that_is_waited_for(profile, server, start):
    world = start(junk_folder=profile.junk)
    collect_shown(world)
    assert not world.mailbox.wait(0.1, threading.Event())
    world.mailbox.select(profile.junk)
    server.mails[1] = RAWS[0]
    assert world.mailbox.wait(0.1, threading.Event()) == ("IDLE" in server.capabilities.split())
