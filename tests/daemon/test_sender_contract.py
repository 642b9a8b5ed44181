"""What every sender does, the fake of the tests and a real SMTP session alike."""

import pytest

from daemon.mail.errors import SendPermanent, SendTemporary
from daemon.mail.smtp import Sender
from daemon.settings import OutgoingSettings
from tests.fakes import FakeSender
from tests.live.smtpd import smtp_server

MIME = b"Subject: a\r\n\r\n.\r\n"


@pytest.fixture(name="server")
def _server():
    with smtp_server() as server:
        yield server


class FakeSide:
    def __init__(self):
        self.sender = FakeSender()
        self.close = self.sender.close

    def refuse(self, address, answer):
        self.sender.refuse(address, (SendTemporary if answer.startswith("4") else SendPermanent)(answer))

    def lose_answer(self):
        self.sender.lose_answer()

    def arrived(self):
        return [(delivery.to, delivery.mime) for delivery in self.sender.deliveries]


class RealSide:
    def __init__(self, server):
        self._server = server
        self.sender = Sender(OutgoingSettings(host=server.host, port=server.port, security="plain", sender="zlcp@ppac.org.cn"))
        self.close = self.sender.close

    def refuse(self, address, answer):
        self._server.answers[address] = answer

    def lose_answer(self):
        self._server.breaks_after_data = True

    def arrived(self):
        return [(mail.to, mail.data) for mail in self._server.mails]


@pytest.fixture(params=["fake", "real"], name="side")
def _side(request):
    side = FakeSide() if request.param == "fake" else RealSide(request.getfixturevalue("server"))
    yield side
    side.close()


def test_fake_and_real_take_a_mail_for_several(side):
    side.sender.open()
    side.sender.send(["a@unit.cn", "b@unit.cn"], MIME)
    assert side.arrived() == [(("a@unit.cn", "b@unit.cn"), MIME)]


def test_fake_and_real_refuse_alike_and_go_on(side):
    side.refuse("later@unit.cn", "450 later")
    side.refuse("never@unit.cn", "550 never")
    with pytest.raises(SendTemporary):
        side.sender.send(["later@unit.cn"], MIME)
    with pytest.raises(SendPermanent):
        side.sender.send(["never@unit.cn"], MIME)
    side.sender.send(["a@unit.cn"], MIME)
    assert side.arrived() == [(("a@unit.cn",), MIME)]


def test_fake_and_real_lose_an_answer_alike(side):
    side.lose_answer()
    with pytest.raises(SendTemporary) as lost:
        side.sender.send(["a@unit.cn"], MIME)
    assert lost.value.uncertain
    assert len(side.arrived()) == 1
