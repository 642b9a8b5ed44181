"""The way out against servers that answer otherwise than they should: scripted, line by line."""

import socket
import threading

import pytest

from daemon.mail.errors import MailError, SenderRefused, SendTemporary, ServerSaid, Temporary, TimedOut, Unreachable
from daemon.mail.smtp import Sender
from daemon.settings import OutgoingSettings

US = "zlcp@ppac.org.cn"
THEM = "wang@unit.cn"
MIME = b"Subject: a\r\n\r\n.\r\n..x\r\nend\r\n"


def answering(*replies):
    """A server that says these lines, one for each line it is told, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk():
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as lines:
            for reply in replies:
                peer.sendall(reply)
                lines.readline()

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    return listener, thread


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ([b"421 too busy\r\n"], ServerSaid),
        ([b"554 your address is blocked\r\n"], SenderRefused),
        ([b"* OK IMAP ready\r\n"], MailError),
        ([b""], Temporary),
        ([b"220 hi\r\n"], Unreachable),
        ([b"220 hi\r\n", b"500 what\r\n", b"421 no\r\n"], ServerSaid),
        ([b"220 hi\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", b"454 temporary failure\r\n"], ServerSaid),
        ([b"220 hi\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", b"535 system busy\r\n"], ServerSaid),
        ([b"220 hi\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", b"535 no\r\n"], SenderRefused),
        ([b"220 hi\r\n", b"250-x\r\n250 AUTH GSSAPI\r\n"], SenderRefused),
        ([b"220 hi\r\n", b"250 x\r\n", b"nonsense\r\n"], SendTemporary),
        ([b"220 hi\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 no data\r\n"], SendTemporary),
    ],
)
def test_a_server_that_answers_otherwise_is_an_error_of_the_door(replies, kind):
    listener, thread = answering(*replies)
    config = OutgoingSettings(host="127.0.0.1", port=listener.getsockname()[1], security="plain", sender=US, username="u", password="s3cret", timeout_seconds=1)
    sender = Sender(config)
    with listener, pytest.raises(kind) as refused:
        sender.send([THEM], MIME)
    sender.close()
    thread.join()
    assert "s3cret" not in str(refused.value)


def test_garbage_after_the_last_dot_is_uncertain():
    yes = b"250 ok\r\n"
    listener, thread = answering(b"220 hi\r\n", yes, yes, yes, b"354 go\r\n", b"", b"", b"what\r\n")
    sender = Sender(OutgoingSettings(host="127.0.0.1", port=listener.getsockname()[1], security="plain", sender=US, timeout_seconds=1))
    with listener, pytest.raises(SendTemporary) as lost:
        sender.send([THEM], b"a\r\nb\r\n")
    sender.close()
    thread.join()
    assert lost.value.uncertain


def test_a_server_that_says_nothing_times_out():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = OutgoingSettings(host="127.0.0.1", port=listener.getsockname()[1], security="plain", sender=US, timeout_seconds=0.2)
        with pytest.raises((TimedOut, Unreachable)):
            Sender(config).open()
