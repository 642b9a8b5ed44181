"""What every mailbox does, the fake of the tests and a real Dovecot alike: else what the fake proves would prove nothing."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from daemon.mail.mailbox import Mailbox
from daemon.settings import MailboxSettings
from tests.fakes import FakeMailbox
from tests.live.dovecot import dovecot


class Fake:
    """The fake, with what the contract does to a server."""

    def __init__(self):
        self.mailbox = FakeMailbox()
        self.deliver = self.mailbox.append
        self.expunge = self.mailbox.expunge


class Real:
    """A Dovecot, likewise."""

    def __init__(self, server, folder):
        self._server, self._folder = server, folder
        self._where = server.folder(folder)
        keys = {"host": server.host, "port": server.port, "security": "plain", "username": server.user, "password": server.password}
        self.mailbox = Mailbox(MailboxSettings(**keys, folder=folder))
        server.folder("archive")

    def deliver(self, raw, received_at):
        self._server.deliver(raw, received_at, self._folder)

    def expunge(self, uid):
        self.mailbox.select()
        sorted((self._where / "cur").iterdir())[uid - 1].unlink()


@pytest.fixture(scope="module", name="servers")
def _servers():
    """Dovecot, started once, and only if it is asked for."""
    with dovecot() as server:
        yield server


@pytest.fixture(params=["fake", "dovecot"], name="side")
def _side(request):
    side = Fake() if request.param == "fake" else Real(request.getfixturevalue("servers"), request.node.originalname)
    yield side
    side.mailbox.close()


ARRIVED = datetime(2024, 9, 18, 23, 59, 59, tzinfo=timezone(timedelta(hours=8)))


def test_an_empty_folder_has_nothing_new(side):
    assert side.mailbox.select().exists == 0
    assert side.mailbox.new_uids(0) == []
    assert list(side.mailbox.fetch([])) == []
    assert list(side.mailbox.fetch([7])) == []


def test_mails_come_once_each_ascending_with_bytes_and_arrival(side):
    for number in range(3):
        side.deliver(b"Subject: %d\r\n\r\n\xff\r\n" % number, ARRIVED + timedelta(seconds=number))
    view = side.mailbox.select()
    assert (view.exists, view.uidvalidity > 0) == (3, True)
    uids = side.mailbox.new_uids(0)
    mails = list(side.mailbox.fetch([*reversed(uids), uids[0]]))
    assert [mail.uid for mail in mails] == uids
    assert [mail.raw for mail in mails] == [b"Subject: %d\r\n\r\n\xff\r\n" % number for number in range(3)]
    assert [mail.received_at for mail in mails] == [ARRIVED + timedelta(seconds=number) for number in range(3)]
    assert {mail.received_at.tzinfo for mail in mails} == {UTC}


def test_only_what_is_above_the_last_uid_is_new(side):
    for number in range(3):
        side.deliver(b"Subject: %d\r\n\r\n" % number, ARRIVED)
    side.mailbox.select()
    uids = side.mailbox.new_uids(0)
    assert [side.mailbox.new_uids(uid) for uid in uids] == [uids[1:], uids[2:], []]
    assert side.mailbox.new_uids(uids[-1] + 1000) == []


def test_a_mail_deleted_meanwhile_is_left_out_of_a_fetch(side):
    for number in range(3):
        side.deliver(b"Subject: %d\r\n\r\n" % number, ARRIVED)
    side.mailbox.select()
    uids = side.mailbox.new_uids(0)
    side.expunge(uids[1])
    assert side.mailbox.select().exists == 2
    assert [mail.uid for mail in side.mailbox.fetch(uids)] == [uids[0], uids[2]]


def test_a_uid_is_never_given_a_second_time(side):
    for number in range(2):
        side.deliver(b"Subject: %d\r\n\r\n" % number, ARRIVED)
    side.mailbox.select()
    last = side.mailbox.new_uids(0)[-1]
    side.expunge(last)
    side.mailbox.select()
    side.deliver(b"Subject: new\r\n\r\n", ARRIVED)
    side.mailbox.select()
    [new] = side.mailbox.new_uids(last)
    assert new > last


def test_courtesies_say_yes_and_a_moved_mail_is_gone(side):
    side.deliver(b"Subject: a\r\n\r\n", ARRIVED)
    side.mailbox.select()
    uids = side.mailbox.new_uids(0)
    assert side.mailbox.mark_seen(uids)
    assert side.mailbox.move(uids, "archive")
    assert side.mailbox.select().exists == 0


def test_a_wait_tells_of_a_mail_and_stays_silent_without_one(side):
    side.mailbox.select()
    stop = threading.Event()
    assert not side.mailbox.wait(0.05, stop)
    side.deliver(b"Subject: a\r\n\r\n", ARRIVED)
    assert side.mailbox.wait(5, stop)
    side.mailbox.select()
    assert not side.mailbox.wait(0.05, stop)


def test_a_wait_ends_when_it_is_told_to_stop(side):
    side.mailbox.select()
    stop = threading.Event()
    stop.set()
    assert not side.mailbox.wait(60, stop)
