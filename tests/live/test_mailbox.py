"""The mailbox door against a real Dovecot."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from daemon.mail.errors import BadCertificate, FolderMissing, LoginRefused, Temporary, Unreachable
from daemon.mail.mailbox import Mailbox
from daemon.settings import MailboxSettings
from tests.live.certificates import Authority
from tests.live.dovecot import dovecot, free_port


@pytest.fixture(name="box")
def _box(imap):
    """Makes mailboxes for the server, and closes them."""
    boxes = []

    def make(**keys):
        given = {"host": imap.host, "port": imap.port, "security": "plain", "username": imap.user, "password": imap.password}
        boxes.append(Mailbox(MailboxSettings(**given | {"ca_file": str(imap.ca_file), "timeout_seconds": 5} | keys)))
        return boxes[-1]

    yield make
    for box in boxes:
        box.close()


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_mail_comes_byte_for_byte_with_its_arrival_over_every_kind_of_connection(imap, box, security):
    imap.folder(f"over-{security}")
    raw = b"Subject: \xc9\xea\xb1\xa8\r\nX: \x80\xff\r\n\r\n.\r\n)\r\n" + bytes(range(1, 256)) + b"\r\n"
    arrived = datetime(2024, 9, 19, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    imap.deliver(raw, arrived, f"over-{security}")
    mailbox = box(security=security, port=imap.tls_port if security == "tls" else imap.port, folder=f"over-{security}")
    assert mailbox.select().exists == 1
    [mail] = mailbox.fetch(mailbox.new_uids(0))
    assert mail.raw.replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n")
    assert mail.received_at == arrived
    assert mail.received_at.tzinfo is UTC


def test_the_name_of_the_host_is_checked_too(imap, box):
    box(security="tls", port=imap.tls_port, host="localhost").open()
    with pytest.raises(BadCertificate, match=r"127\.0\.0\.2"):
        box(security="tls", port=imap.tls_port, host="127.0.0.2").open()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_not_trusted(imap, box, tmp_path, security):
    mailbox = box(security=security, port=imap.tls_port if security == "tls" else imap.port, ca_file=str(Authority(tmp_path).ca_file))
    with pytest.raises(BadCertificate, match="ca_file"):
        mailbox.select()


def test_tls_to_a_port_without_tls_says_so(imap, box):
    with pytest.raises(Unreachable, match="does not speak TLS"):
        box(security="tls").select()


def test_a_wrong_password_is_refused_with_advice_and_without_the_password(imap, box):
    with pytest.raises(LoginRefused, match="check \\[mailbox\\] username and password") as refused:
        box(password="not-this-one").select()
    assert "not-this-one" not in str(refused.value)
    assert refused.value.wait


def test_a_password_beyond_ascii_works():
    with dovecot(password="密码é") as server:
        keys = {"host": server.host, "port": server.port, "security": "plain", "username": server.user}
        mailbox = Mailbox(MailboxSettings(**keys, password="密码é"))
        assert mailbox.select().exists == 0
        mailbox.close()
        with pytest.raises(LoginRefused):
            Mailbox(MailboxSettings(**keys, password="密码e\u0301")).select()


def test_a_port_where_nobody_listens_is_unreachable(box):
    with pytest.raises(Unreachable, match="check \\[mailbox\\] host and port"):
        box(port=free_port()).select()


def test_a_missing_folder_is_named(box):
    with pytest.raises(FolderMissing, match="没有的夹"):
        box(folder="没有的夹").select()


def test_a_folder_with_a_chinese_name_is_read(imap, box):
    imap.folder("申报邮件")
    imap.deliver(b"Subject: a\r\n\r\n", folder="申报邮件")
    assert box(folder="申报邮件").select().exists == 1


def test_uids_after_the_last_one_are_none(imap, box):
    imap.folder("range")
    mailbox = box(folder="range")
    assert mailbox.select().exists == 0
    assert mailbox.new_uids(0) == []
    for number in range(3):
        imap.deliver(b"Subject: %d\r\n\r\n" % number, folder="range")
    mailbox.select()
    assert mailbox.new_uids(0) == [1, 2, 3]
    assert mailbox.new_uids(2) == [3]
    assert mailbox.new_uids(3) == []
    assert [mail.raw for mail in mailbox.fetch([3, 1])] == [b"Subject: 0\r\n\r\n", b"Subject: 2\r\n\r\n"]


def test_a_mail_that_vanished_is_passed_over(imap, box):
    where = imap.folder("vanish")
    for number in range(3):
        imap.deliver(b"Subject: %d\r\n\r\n" % number, folder="vanish")
    mailbox = box(folder="vanish")
    mailbox.select()
    uids = mailbox.new_uids(0)
    other = box(folder="vanish")
    other.select()
    sorted(where.glob("cur/*"))[1].unlink()
    other.select()
    assert [mail.uid for mail in mailbox.fetch(uids)] == [1, 3]


def test_many_mails_and_large_ones_come_in_order_in_small_batches(imap, box):
    imap.folder("many")
    sizes = [100] * 150 + [5_000_000, 5_000_000, 20_000_000] + [100] * 50
    for number, size in enumerate(sizes):
        imap.deliver(b"Subject: %d\r\n\r\n" % number + b"x" * size, folder="many")
    mailbox = box(folder="many")
    mailbox.select()
    got = [
        (mail.uid, int(mail.raw[9 : mail.raw.index(b"\r\n")]), len(mail.raw) > size)
        for mail, size in zip(mailbox.fetch(mailbox.new_uids(0)), sizes, strict=True)
    ]
    assert got == [(number + 1, number, True) for number in range(len(sizes))]


def test_reading_leaves_no_mark_and_courtesies_do(imap, box):
    where = imap.folder("courtesy")
    imap.folder("done")
    imap.deliver(b"Subject: a\r\n\r\n", folder="courtesy")
    mailbox = box(folder="courtesy")
    mailbox.select()
    list(mailbox.fetch(mailbox.new_uids(0)))
    assert not list(where.glob("cur/*:2,*S*"))
    assert mailbox.mark_seen([1])
    assert list(where.glob("cur/*:2,*S*"))
    assert mailbox.move([1], "done")
    assert mailbox.select().exists == 0
    assert box(folder="done").select().exists == 1


def test_a_courtesy_that_fails_is_only_told(imap, box):
    imap.folder("rude")
    imap.deliver(b"Subject: a\r\n\r\n", folder="rude")
    mailbox = box(folder="rude")
    assert not mailbox.mark_seen([1])
    mailbox.select()
    assert not mailbox.move([1], "no such folder")
    assert mailbox.select().exists == 1


def test_a_new_mail_is_pushed_within_two_seconds(imap, box):
    imap.folder("push")
    mailbox = box(folder="push")
    mailbox.select()
    timer = threading.Timer(0.3, imap.deliver, (b"Subject: a\r\n\r\n",), {"folder": "push"})
    timer.start()
    begun = time.monotonic()
    assert mailbox.wait(10, threading.Event())
    assert 0.2 < time.monotonic() - begun < 2.3
    timer.join()
    assert mailbox.select().exists == 1
    assert not mailbox.wait(0.1, threading.Event())


def test_a_mail_that_came_between_poll_and_wait_is_not_waited_for(imap, box):
    imap.folder("between")
    mailbox = box(folder="between")
    mailbox.select()
    imap.deliver(b"Subject: a\r\n\r\n", folder="between")
    begun = time.monotonic()
    assert mailbox.wait(10, threading.Event())
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("idle", [True, False])
def test_stop_ends_the_wait_within_a_second(box, idle):
    mailbox, stop = box(idle=idle), threading.Event()
    mailbox.select()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    begun = time.monotonic()
    assert not mailbox.wait(30, stop)
    assert time.monotonic() - begun < 1.5
    timer.join()


def test_a_server_that_restarts_costs_one_round_at_most():
    with dovecot() as server:
        server.deliver(b"Subject: a\r\n\r\n")
        mailbox = Mailbox(MailboxSettings(host=server.host, port=server.port, security="plain", username=server.user, password=server.password))
        view = mailbox.select()
        server.stop()
        with pytest.raises(Temporary):
            mailbox.new_uids(0)
        with pytest.raises(Temporary):
            mailbox.select()
        server.start()
        assert mailbox.select() == view
        assert mailbox.new_uids(0) == [1]
        server.restart()
        assert mailbox.select() == view  # a connection gone stale between two polls is made anew at once
        mailbox.close()


def test_a_connection_that_dies_during_the_wait_is_slept_out_not_spun_on():
    with dovecot() as server:
        mailbox = Mailbox(MailboxSettings(host=server.host, port=server.port, security="plain", username=server.user, password=server.password))
        mailbox.select()
        timer = threading.Timer(0.2, server.stop)
        timer.start()
        begun, used = time.monotonic(), time.thread_time()
        assert not mailbox.wait(2, threading.Event())
        assert 1.9 < time.monotonic() - begun < 3
        assert time.thread_time() - used < 0.2
        timer.join()
        mailbox.close()
