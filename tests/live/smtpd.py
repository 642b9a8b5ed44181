"""A mail server on loopback (aiosmtpd) that keeps what it is given, and refuses or breaks off on demand."""

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.live.certificates import Authority
from tests.live.dovecot import PASSWORD, USER, free_port


@dataclass(frozen=True, slots=True)
class Received:
    """One mail as it came in; `peer` tells one session from another."""

    sender: str
    to: tuple[str, ...]
    data: bytes
    options: tuple[str, ...]
    encrypted: bool
    user: str
    peer: object


class SmtpServer:
    """What came, and how to answer: `answers` maps MAIL, DATA, RSET or an address (its RCPT) to a reply like "451 later"."""

    def __init__(self, port: int, ca_file: Path) -> None:
        self.host, self.port, self.ca_file = "127.0.0.1", port, ca_file
        self.user, self.password = USER, PASSWORD
        self.mails: list[Received] = []
        self.answers: dict[str, str] = {}
        self.breaks_after_data = False
        self.breaks_at_rcpt = False

    # aiosmtpd's handler

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.breaks_at_rcpt:
            server.transport.abort()
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_RSET(self, server, session, envelope):  # noqa: N802
        return self.answers.get("RSET", "250 OK")

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        user = session.auth_data.login.decode() if session.auth_data else ""
        options = tuple(envelope.mail_options)
        encrypted = session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None
        self.mails.append(Received(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content, options, encrypted, user, session.peer))
        if self.breaks_after_data:
            server.transport.abort()
        return "250 taken"

    def check_login(self, server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data == LoginPassword(self.user.encode(), self.password.encode())
        return AuthResult(success=good, handled=False, auth_data=data)


@contextmanager
def smtp_server(security: str = "plain", *, login: bool = False, **options: object) -> Iterator[SmtpServer]:
    """A running server: tls, starttls or plain; with `login` nobody sends without one. `options` are aiosmtpd's."""
    with TemporaryDirectory(prefix="smtpd") as name, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Requiring AUTH")  # it takes no notice of TLS from the start
        authority = Authority(Path(name))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue("127.0.0.1", "localhost"))
        server = SmtpServer(free_port(), authority.ca_file)
        options["authenticator"] = server.check_login
        if login:
            options |= {"auth_required": True, "auth_require_tls": security == "starttls"}
        if security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        controller = Controller(server, server.host, server.port, ssl_context=context if security == "tls" else None, **{"enable_SMTPUTF8": False} | options)
        controller.start()
        try:
            yield server
        finally:
            controller.stop()
