"""The mailbox door between two polls, and when a server talks nonsense, against tests/fake_imapd.py."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from daemon.mail.errors import MailError, TimedOut
from daemon.mail.mailbox import Mailbox
from daemon.settings import MailboxSettings
from tests.daemon.test_mailbox_refusing_servers import MAILS, box, take_all
from tests.fake_imapd import imap_server


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 IDLE"])
@pytest.mark.parametrize("idle", ["+ idling", "* BAD no idle here"])
def test_the_wait_lasts_its_time_where_nothing_is_pushed(capabilities, idle):
    with imap_server(mails=MAILS, capabilities=capabilities, idle=idle) as server:
        mailbox = box(server)
        mailbox.select()
        begun = time.monotonic()
        assert not mailbox.wait(0.4, threading.Event())
        assert 0.35 < time.monotonic() - begun < 1.5
        assert mailbox.select().exists == 3
        mailbox.close()


def test_without_a_connection_the_wait_is_a_plain_sleep():
    with imap_server() as server:
        begun = time.monotonic()
        assert not box(server).wait(0.2, threading.Event())
        assert 0.15 < time.monotonic() - begun < 1
        assert server.commands == []


def test_idle_is_not_used_where_the_config_says_no():
    with imap_server(mails=MAILS, capabilities="IMAP4rev1 IDLE") as server:
        mailbox = box(server, idle=False)
        mailbox.select()
        mailbox.wait(0.05, threading.Event())
        assert not any(command.startswith("IDLE") for command in server.commands)
        mailbox.close()


@pytest.mark.parametrize("manners", [{"silent_at": "IDLE"}, {"silent_at": "SELECT"}, {"breaks_at": "IDLE"}, {"bye_at": "IDLE"}], ids=str)
def test_a_connection_that_is_dead_when_the_waiting_begins_or_ends_costs_no_mail_and_is_made_anew(manners):
    with imap_server(mails=dict(MAILS), capabilities="IMAP4rev1 IDLE") as server:
        mailbox = box(server, timeout_seconds=0.2)
        mailbox.select()
        for name, value in manners.items():
            setattr(server, name, value)
        begun = time.monotonic()
        assert not mailbox.wait(0.3, threading.Event())
        assert 0.25 < time.monotonic() - begun < 1.5
        server.silent_at = server.breaks_at = ""
        server.mails[12] = b"twelve"
        assert take_all(mailbox) == MAILS | {12: b"twelve"}
        mailbox.close()


def test_a_push_that_comes_in_pieces_is_heard_at_once_and_costs_a_new_connection():
    with imap_server(mails=dict(MAILS), capabilities="IMAP4rev1 IDLE") as server:
        mailbox = box(server)
        mailbox.select()
        server.half_push, pushed = b"* 4 FET", time.monotonic()
        assert mailbox.wait(10, threading.Event())
        assert time.monotonic() - pushed < 2
        server.mails[12] = b"twelve"
        assert take_all(mailbox) == MAILS | {12: b"twelve"}
        assert len(server.asked("LOGIN")) == 2
        assert not mailbox.wait(0.2, threading.Event())
        mailbox.close()


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_port_that_takes_the_connection_and_never_says_a_word_times_out(security):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        config = {"host": "127.0.0.1", "port": deaf.getsockname()[1], "security": security, "username": "zlcp", "timeout_seconds": 0.2}
        begun = time.monotonic()
        with pytest.raises(TimedOut):
            Mailbox(MailboxSettings(**config)).select()
        assert time.monotonic() - begun < 2


def test_closing_a_dead_connection_is_quick_and_silent():
    with imap_server(mails=MAILS, breaks_at="LOGOUT") as server:
        mailbox = box(server)
        mailbox.close()
        mailbox.select()
        mailbox.close()
        mailbox.close()


@pytest.mark.parametrize("line", [6, 8, 10, 12])
@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\xff\xfe\x00",
        b"* 99999999999999999999 EXISTS",
        b"* BYE",
        b"* SEARCH x",
        b"* 1 FETCH (UID 3 RFC822.SIZE (1) INTERNALDATE NIL BODY[] NIL)",
        b"* 1 FETCH (UID 3 BODY[] {99999999999}",
        b"* x FETCH )(",
    ],
)
def test_whatever_a_server_says_only_errors_of_the_mailbox_get_out(line, nonsense):
    with imap_server(mails=MAILS, capabilities="IMAP4rev1 IDLE MOVE", instead={line: nonsense}) as server:
        mailbox = box(server, timeout_seconds=0.1)
        with suppress(MailError):
            take_all(mailbox)
        mailbox.wait(0.01, threading.Event())
        mailbox.mark_seen([3])
        mailbox.move([3], "x")
        assert server.said > line
        assert take_all(mailbox) == MAILS
        mailbox.close()
