"""From an IMAP greeting to a session: STARTTLS (RFC 3501, 6.2.1), the login, and the ID (RFC 2971) that some servers insist on."""

import imaplib
import ssl
from contextlib import suppress
from typing import Protocol

from daemon.mail.connection import Server, tls_context
from daemon.mail.errors import Unencrypted
from daemon.mail.imap_refusals import login_refusal

_IDENTITY = {"name": "zlcp-intake", "version": "1", "vendor": "zlcp-intake"}


class Client(Protocol):
    """What is used of an IMAP connection (imapclient.IMAPClient)."""

    def has_capability(self, capability: str) -> bool:
        """Whether the server offers something."""

    def starttls(self, ssl_context: ssl.SSLContext) -> object:
        """Encrypt from here on."""

    def login(self, username: str, password: str) -> object:
        """LOGIN."""

    def plain_login(self, identity: str, password: str) -> object:
        """AUTHENTICATE PLAIN."""

    def id_(self, parameters: dict[str, str]) -> object:
        """ID."""


def log_in(client: Client, server: Server, name: str) -> None:
    """Encrypt if that is asked for, log in, and say who we are.

    Raises:
        MailError: no encryption, or no login; what the client raises on a lost connection passes through.
    """
    if server.security == "starttls":
        if not client.has_capability("STARTTLS"):
            raise Unencrypted(f"{name} offers no STARTTLS; check [mailbox] security and port")
        client.starttls(tls_context(server, "mailbox"))
    _authenticate(client, server, name)
    if client.has_capability("ID"):
        # 163, 126 and Coremail refuse SELECT without it; a server that refuses the ID itself does no harm.
        with suppress(imaplib.IMAP4.error, ValueError):
            client.id_(_IDENTITY)


def _authenticate(client: Client, server: Server, name: str) -> None:
    username, password = server.username, server.password.get_secret_value()
    by_login = (username + password).isascii() and not client.has_capability("LOGINDISABLED")  # LOGIN can only say ASCII
    try:
        (client.login if by_login else client.plain_login)(username, password)
    except imaplib.IMAP4.error as error:
        if isinstance(error.__context__, imaplib.IMAP4.abort):  # imapclient makes a refusal of a lost connection, too
            raise error.__context__ from error
        raise login_refusal(name, str(error)) from error
