"""What both doors have in common: TLS, and errors in words."""

import pytest

from daemon.mail.connection import is_loopback, shown
from daemon.mail.errors import BadCertificate, MailError, Permanent, SendTemporary, Temporary, Unreachable, Withheld
from daemon.mail.mailbox import Mailbox
from daemon.mail.smtp import Sender
from daemon.settings import MailboxSettings, OutgoingSettings

DOORS = {
    "mailbox": lambda **keys: Mailbox(MailboxSettings(username="zlcp", password="s3cret-word", **keys)),
    "outgoing": lambda **keys: Sender(OutgoingSettings(sender="zlcp@ppac.org.cn", username="zlcp", password="s3cret-word", **keys)),
}


@pytest.fixture(params=sorted(DOORS), name="section")
def _section(request):
    return request.param


def test_a_ca_file_that_is_none_is_named(tmp_path, section):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(BadCertificate, match=rf"ca\.pem.*\[{section}\] ca_file"):
        DOORS[section](host="127.0.0.1", ca_file=str(tmp_path / "ca.pem")).open()


@pytest.mark.parametrize("host", ["imap..example.cn", "a" * 70 + ".cn", "a b\x00"])
def test_a_host_that_can_be_no_name_is_unreachable(section, host):
    with pytest.raises(Unreachable, match=rf"\[{section}\]") as refused:
        DOORS[section](host=host).open()
    assert "s3cret-word" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "home"), [("localhost", True), ("127.0.0.1", True), ("::1", True), ("127.9.9.9", True), ("192.0.2.1", False), ("imap.example.cn", False)]
)
def test_only_this_machine_is_loopback(host, home):
    assert is_loopback(host) is home


def test_a_servers_words_are_shown_on_one_short_line_without_addresses():
    said = "550 <wang@unit.cn>:\r\n用户\x00不存在\u202e " + "x" * 500
    assert shown(said.encode()).startswith("550 <(address)>: 用户 不存在 xxx")
    assert len(shown(said)) == 200
    assert shown(b"\xd3\xc3 \xff") == "\ufffd\ufffd \ufffd"


def test_temporary_and_permanent_are_two_kinds_of_one_tree():
    assert issubclass(Temporary, MailError)
    assert issubclass(Permanent, MailError)
    assert not issubclass(Permanent, Temporary)
    assert Withheld("x", uid=7).uid == 7
    assert not SendTemporary("x").uncertain
