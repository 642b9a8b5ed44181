"""The way out, against a real SMTP server on loopback (aiosmtpd)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.errors import (
    BadCertificate,
    SenderRefused,
    SendPermanent,
    SendTemporary,
    Unencrypted,
    Unreachable,
)
from daemon.mail.smtp import Sender, _wire
from daemon.settings import OutgoingSettings
from tests.live.certificates import Authority
from tests.live.dovecot import free_port
from tests.live.smtpd import smtp_server

US = "zlcp@ppac.org.cn"
THEM = "wang@unit.cn"
MIME = b"Subject: a\r\n\r\n.\r\n..x\r\nend\r\n"


def sender_for(server, security="plain", **keys):
    given_keys = {"host": "127.0.0.1", "port": server.port, "security": security, "sender": f"中国专利保护协会 <{US}>"}
    secrets = {"username": server.user, "password": server.password, "ca_file": str(server.ca_file), "timeout_seconds": 5}
    return Sender(OutgoingSettings(**given_keys | secrets | keys))


@pytest.fixture(name="server")
def _server():
    with smtp_server() as server:
        yield server


@pytest.fixture(name="sender")
def _sender(server):
    sender = sender_for(server)
    yield sender
    sender.close()


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
@pytest.mark.parametrize("login", [True, False])
def test_a_mail_arrives_as_it_is_over_every_kind_of_connection(security, login):
    with smtp_server(security, login=login) as server:
        sender = sender_for(server, security)
        sender.send([THEM], MIME)
        sender.close()
        [mail] = server.mails
        assert (mail.sender, mail.to, mail.data) == (US, (THEM,), MIME)
        assert mail.encrypted == (security != "plain")
        assert mail.user == server.user or not login


def test_one_session_takes_many_mails(server, sender):
    for number in range(5):
        sender.send([f"a{number}@unit.cn"], MIME)
    assert [mail.to for mail in server.mails] == [(f"a{number}@unit.cn",) for number in range(5)]
    assert len({mail.peer for mail in server.mails}) == 1


def test_a_session_gone_stale_is_made_anew(server, sender):
    sender.send([THEM], MIME)
    server.answers["RSET"] = "421 too long idle"
    sender.send([THEM], MIME)
    assert len({mail.peer for mail in server.mails}) == 2


def test_a_session_goes_on_after_a_refused_mail(server, sender):
    sender.send([THEM], MIME)
    server.answers[THEM] = "550 5.1.1 no such user"
    with pytest.raises(SendPermanent):
        sender.send([THEM], MIME)
    sender.send(["other@unit.cn"], MIME)
    assert [mail.to for mail in server.mails] == [(THEM,), ("other@unit.cn",)]
    assert len({mail.peer for mail in server.mails}) == 1


def test_without_a_password_no_login_is_tried():
    with smtp_server(login=True) as server:
        sender = sender_for(server, username="", password="")
        with pytest.raises(SenderRefused, match=r"check \[outgoing\] username"):
            sender.send([THEM], MIME)
        sender.close()


def test_a_wrong_password_concerns_every_mail_and_is_not_repeated():
    with smtp_server("tls", login=True) as server:
        with pytest.raises(SenderRefused, match="授权码") as refused:
            sender_for(server, "tls", password="not-this-one").send([THEM], MIME)
        assert "not-this-one" not in str(refused.value)
        assert refused.value.wait


def test_a_password_beyond_ascii_works():
    with smtp_server("tls", login=True) as server:
        server.password = "密码"
        sender = sender_for(server, "tls")
        sender.send([THEM], MIME)
        assert server.mails[0].user == server.user
        sender.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_not_trusted(security, tmp_path):
    with smtp_server(security) as server, pytest.raises(BadCertificate):
        sender_for(server, security, ca_file=str(Authority(tmp_path).ca_file)).open()


def test_starttls_that_is_not_offered_is_no_reason_to_talk_in_the_clear(server):
    with pytest.raises(Unencrypted):
        sender_for(server, "starttls").send([THEM], MIME)
    assert server.mails == []


def test_another_machine_is_never_talked_to_in_the_clear():
    config = OutgoingSettings.model_construct(host="192.0.2.1", port=25, security="plain", sender=US)
    with pytest.raises(Unencrypted):
        Sender(config).open()


def test_a_port_where_nobody_listens_is_unreachable(server):
    with pytest.raises(Unreachable, match=r"check \[outgoing\] host and port"):
        sender_for(server, port=free_port()).send([THEM], MIME)


def test_tls_to_a_port_without_tls_says_so(server):
    with pytest.raises(Unreachable, match="does not speak TLS"):
        sender_for(server, "tls").open()


@pytest.mark.parametrize(
    ("stage", "answer", "kind", "wait"),
    [
        (THEM, "450 4.2.0 greylisted", SendTemporary, None),
        (THEM, "452 mailbox full", SendTemporary, None),
        (THEM, "550 5.1.1 no such user", SendPermanent, None),
        (THEM, "530 log in first", SenderRefused, timedelta(minutes=15)),
        (THEM, "550 Ip frequency limited", SendTemporary, timedelta(minutes=15)),
        ("DATA", "451 MI:SFQ 163 smtp1", SendTemporary, timedelta(minutes=15)),
        ("DATA", "550 MI:STC 163 smtp1", SendTemporary, timedelta(days=1)),
        ("DATA", "554 DT:SPM 163 smtp1", SendPermanent, None),
        ("DATA", "421 going down", SendTemporary, None),
        ("MAIL", "553 Mail from must equal authorized user", SenderRefused, timedelta(minutes=15)),
        ("MAIL", "501 Mail from address must be same as authorization user", SenderRefused, timedelta(minutes=15)),
        ("MAIL", "552 too large", SendPermanent, None),
        ("MAIL", "451 later", SendTemporary, None),
        ("MAIL", "550 MI:STC", SendTemporary, timedelta(days=1)),
    ],
)
def test_a_refusal_is_told_by_what_it_means(server, sender, stage, answer, kind, wait):
    server.answers[stage] = answer
    with pytest.raises(kind) as refused:
        sender.send([THEM], MIME)
    assert type(refused.value) is kind
    assert refused.value.wait == wait
    assert answer in str(refused.value)
    assert not getattr(refused.value, "uncertain", False)
    assert server.mails == []


def test_a_refusal_repeats_no_address(server, sender):
    server.answers[THEM] = f"550 5.1.1 <{THEM}>: user unknown"
    with pytest.raises(SendPermanent, match="user unknown") as refused:
        sender.send([THEM], MIME)
    assert THEM not in str(refused.value)


def test_recipients_that_are_refused_keep_no_mail_from_the_others(server, sender):
    server.answers["gone@unit.cn"] = "550 no such user"
    server.answers["later@unit.cn"] = "450 later"
    with pytest.raises(SendPermanent) as refused:
        sender.send(["gone@unit.cn", THEM, "later@unit.cn", "li@unit.cn", THEM], MIME)
    assert refused.value.taken == (THEM, "li@unit.cn")
    assert [mail.to for mail in server.mails] == [(THEM, "li@unit.cn")]


def test_where_one_of_the_refused_may_be_taken_later_all_are_tried_later(server, sender):
    server.answers |= {"gone@unit.cn": "550 no such user", "later@unit.cn": "450 later"}
    with pytest.raises(SendTemporary):
        sender.send(["gone@unit.cn", "later@unit.cn"], MIME)
    assert server.mails == []


def test_a_connection_lost_before_the_mail_was_handed_over_is_certain(server, sender):
    server.breaks_at_rcpt = True
    with pytest.raises(SendTemporary) as lost:
        sender.send([THEM], MIME)
    assert not lost.value.uncertain
    server.breaks_at_rcpt = False
    sender.send([THEM], MIME)
    assert len(server.mails) == 1


def test_a_connection_lost_after_the_last_dot_is_uncertain(server, sender):
    server.breaks_after_data = True
    with pytest.raises(SendTemporary) as lost:
        sender.send([THEM], MIME)
    assert lost.value.uncertain
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.cn\r\nRCPT TO:<c@d.cn>",
        "a@b.cn> NOTIFY=SUCCESS",
        "a b@c.cn",
        "a@b@c.cn",
        "x,a@b.cn",
        "a@[127.0.0.1]",
        "a@b.cn\x00",
        "a\ud800@b.cn",
        "@b.cn",
    ],
)
def test_what_is_no_address_never_reaches_the_server(server, sender, address):
    with pytest.raises(SendPermanent):
        sender.send([THEM, address], MIME)
    assert server.mails == []


def test_a_mail_to_nobody_is_refused(sender):
    with pytest.raises(SendPermanent):
        sender.send([], MIME)


def test_an_address_beyond_ascii_needs_a_server_that_knows_them(server, sender):
    with pytest.raises(SendPermanent, match="ASCII"):
        sender.send(["王@例子.cn"], MIME)
    with smtp_server(enable_SMTPUTF8=True) as modern:
        other = sender_for(modern)
        other.send(["王@例子.cn"], MIME)
        other.send([THEM], MIME)
        other.close()
        assert [("SMTPUTF8" in mail.options, mail.to) for mail in modern.mails] == [(True, ("王@例子.cn",)), (False, (THEM,))]


def test_bytes_beyond_ascii_are_announced(server, sender):
    sender.send([THEM], MIME)
    sender.send([THEM], MIME + b"\xe4\xbd\xa0\r\n")
    assert ["BODY=8BITMIME" in mail.options for mail in server.mails] == [False, True]
    assert server.mails[1].data.endswith(b"\xe4\xbd\xa0\r\n")


def test_the_size_is_announced(server, sender):
    sender.send([THEM], MIME)
    assert f"SIZE={len(MIME)}" in server.mails[0].options


@given(st.binary())
def test_no_bytes_can_end_the_mail_early(mime):
    wire = _wire(mime)
    assert wire.endswith(b"\r\n.\r\n")
    body = wire[: -len(b".\r\n")]
    lines = body.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or line == b"." for line in lines)
    undone = [line.removeprefix(b".") for line in lines]
    assert b"\n".join(undone).rstrip(b"\n") == mime.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
