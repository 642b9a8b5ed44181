"""IDLE against clients that misbehave in ways no real server can be made to."""

import threading
import time

import pytest

from daemon.mail import idle as module
from daemon.mail.idle import idle


class Client:
    """Answers each idle_check with the next of `answers` (at once, as a dead connection does), then with nothing."""

    def __init__(self, *answers, rest=()):
        self.answers, self.rest, self.checks, self.begun, self.idling = list(answers), rest, 0, 0, False

    def idle(self):
        assert not self.idling
        self.begun, self.idling = self.begun + 1, True

    def idle_check(self, timeout=None):
        assert self.idling
        self.checks += 1
        return self.answers.pop(0) if self.answers else []

    def idle_done(self):
        self.idling = False
        return b"done", self.rest


def run(client, seconds=0.2, stop=None):
    return idle(client, time.monotonic() + seconds, stop or threading.Event())


def test_a_mail_that_is_told_of_ends_the_idling():
    client = Client([(5, b"EXISTS")])
    assert run(client, 30)
    assert not client.idling


def test_a_mail_told_of_at_the_very_end_counts():
    assert run(Client(rest=[(5, b"EXISTS")]), 0.05)


@pytest.mark.parametrize("answer", [(b"OK", b"Still here"), (3, b"EXPUNGE"), (1, b"FETCH", (b"FLAGS", ())), (b"BYE", b"EXISTS no more")])
def test_other_words_are_no_mail(answer):
    assert not run(Client([answer]))


def test_a_client_that_answers_at_once_with_nothing_is_asked_seldom(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.05)
    client = Client()
    assert not run(client, 0.3)
    assert client.checks < 12


def test_a_long_idling_is_renewed(monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 0.05)
    client = Client()
    assert not run(client, 0.2)
    assert 2 < client.begun < 8


def test_nothing_is_begun_after_the_end_or_a_stop():
    client, stop = Client(), threading.Event()
    assert not run(client, -1)
    stop.set()
    assert not run(client, 10, stop)
    assert client.begun == 0
