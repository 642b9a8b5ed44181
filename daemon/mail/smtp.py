"""The way out: an SMTP session (RFC 5321) that hands over one mail after another. It queues nothing and tries nothing twice."""

import base64
import re
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from typing import Protocol

from daemon.mail.connection import Server, check_plain, shown, system_trouble, tls_context
from daemon.mail.errors import MailError, SenderRefused, SendPermanent, SendTemporary, Unencrypted, Unreachable
from daemon.mail.smtp_refusals import Reply, mail_refusal, session_refusal

FINAL_ANSWER_SECONDS = 600.0  # RFC 5321, 4.5.3.2.6: a client that gives up earlier will send the mail a second time
_OUR_NAME = "[127.0.0.1]"  # for EHLO: the machine's own name would cost a DNS query, and is nobody's business
_DONE, _READY, _LOGGED_IN, _GO_AHEAD = 250, 220, 235, 354
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Config(Server, Protocol):
    """The keys of [outgoing] that are used here."""

    @property
    def sender(self) -> str:
        """Our own address, with or without a name."""


class Sender:
    """A session with the server that takes our letters: made when it is needed, kept between mails, made anew when it went stale."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._name = f"SMTP server {config.host}:{config.port}"
        self._address = parseaddr(config.sender)[1]
        self._client: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect and log in, unless a session is there and alive.

        Raises:
            MailError: no mail can be handed over now: Unreachable, TimedOut, ServerSaid, BadCertificate, Unencrypted or SenderRefused.
        """
        if self._client is not None and not _is_alive(self._client):
            self._drop()
        if self._client is None:
            check_plain(self._config, self._name, "outgoing")
            with self._connecting():
                self._client = self._connect()
                self._secure(self._client)
                self._log_in(self._client)

    def send(self, to: Sequence[str], mime: bytes) -> None:
        """Hand over one mail, from our own address to each of these addresses (local@domain), in one transaction.

        Raises:
            SendTemporary: not taken now; nobody has it (but see `uncertain`).
            SendPermanent: refused, by the server or for an address that cannot be one; those in `taken` have it all the same.
            MailError: as `open` does; the mail was not handed over.
        """
        recipients = list(dict.fromkeys(to))
        if not recipients or not all(address.isprintable() and _ADDRESS.fullmatch(address) for address in recipients):
            raise SendPermanent("the mail has no recipient, or one that is no mail address")
        self.open()
        client = self._session()
        with self._transaction():
            self._begin(client, recipients, mime)
            refused = self._name_recipients(client, recipients)
            self._hand_over(client, mime)
        if refused:
            taken = tuple(address for address in recipients if address not in refused)
            raise SendPermanent(f"{self._name} refused some recipients: {'; '.join(map(str, refused.values()))}", taken=taken)

    def close(self) -> None:
        """End the session, if there is one. Never raises."""
        if self._client is not None:
            with suppress(OSError, ValueError):
                _set_timeout(self._client, 2)
                self._client.quit()
        self._drop()

    def _session(self) -> smtplib.SMTP:
        if self._client is None:
            raise Unreachable(f"there is no connection to {self._name}")
        return self._client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @contextmanager
    def _connecting(self) -> Iterator[None]:
        """Whatever goes wrong before a mail is begun concerns every mail."""
        try:
            yield
        except MailError:
            self._drop()
            raise
        except smtplib.SMTPResponseException as error:
            self._drop()
            raise session_refusal(self._name, _reply(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPServerDisconnected as error:
            self._drop()
            raise Unreachable(f"the connection to {self._name} was lost: {shown(str(error))}") from error
        except smtplib.SMTPException as error:  # no way of logging in that both sides know
            self._drop()
            raise SenderRefused(f"{self._name} takes no login that is known here: {shown(str(error))}") from error
        except OSError as error:
            self._drop()
            raise system_trouble(error, self._name, "outgoing") from error
        except ValueError as error:  # an answer that is no SMTP; its text could hold what we sent
            self._drop()
            raise Unreachable(f"{self._name} does not speak SMTP as it should; check [outgoing] host, port and security") from error

    def _connect(self) -> smtplib.SMTP:
        config = self._config
        if config.security == "tls":
            context = tls_context(config, "outgoing")
            return smtplib.SMTP_SSL(config.host, config.port, local_hostname=_OUR_NAME, timeout=config.timeout_seconds, context=context)
        return smtplib.SMTP(config.host, config.port, local_hostname=_OUR_NAME, timeout=config.timeout_seconds)

    def _secure(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if self._config.security == "starttls":
            if not client.has_extn("starttls"):
                raise Unencrypted(f"{self._name} offers no STARTTLS; check [outgoing] security and port")
            code, text = client.starttls(context=tls_context(self._config, "outgoing"))
            if code != _READY:
                raise smtplib.SMTPResponseException(code, text)
            client.ehlo_or_helo_if_needed()

    def _log_in(self, client: smtplib.SMTP) -> None:
        """Log in where the server offers it; a server that wants a login and does not offer it refuses the first mail."""
        username, password = self._config.username, self._config.password.get_secret_value()
        if not username or not password or not client.has_extn("auth"):
            return
        if (username + password).isascii():
            client.login(username, password)
        else:  # smtplib can only say ASCII
            code, text = client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{username}\0{password}".encode()).decode("ascii"))
            if code != _LOGGED_IN:
                raise smtplib.SMTPAuthenticationError(code, text)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """A connection that breaks before the mail was handed over whole: nobody has it."""
        try:
            yield
        except (OSError, ValueError) as error:
            self._drop()
            raise SendTemporary(f"the connection to {self._name} was lost: {shown(str(error))}") from error

    def _begin(self, client: smtplib.SMTP, recipients: list[str], mime: bytes) -> None:
        options = [f"SIZE={len(mime)}"] if client.has_extn("size") else []
        if not mime.isascii() and client.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        if not all(address.isascii() for address in (self._address, *recipients)):
            if not client.has_extn("smtputf8"):
                raise SendPermanent(f"{self._name} takes no mail for addresses that are not ASCII (RFC 6531)")
            options.append("SMTPUTF8")
        reply = _reply(*client.mail(self._address, options))
        if not reply.is_yes:
            raise self._refusal(reply, at_sender=True)

    def _name_recipients(self, client: smtplib.SMTP, recipients: list[str]) -> dict[str, Reply]:
        """Those who were refused, where at least one was taken."""
        replies = {address: _reply(*client.rcpt(address)) for address in recipients}
        refused = {address: reply for address, reply in replies.items() if not reply.is_yes}
        if len(refused) == len(recipients):
            raise self._refusal(min(refused.values()))  # the mildest: 4xx before 5xx
        return refused

    def _hand_over(self, client: smtplib.SMTP, mime: bytes) -> None:
        reply = _reply(*client.docmd("DATA"))
        if reply.code != _GO_AHEAD:
            raise self._refusal(reply)
        client.send(_wire(mime))
        _set_timeout(client, FINAL_ANSWER_SECONDS)
        try:
            reply = _reply(*client.getreply())
        except OSError as error:
            reply = Reply(-1, str(error).encode())
        if reply.code < 0:
            self._drop()
            raise SendTemporary(f"{self._name} was given the whole mail, but did not say whether it took it: {reply}", uncertain=True)
        _set_timeout(client, self._config.timeout_seconds)
        if not reply.is_yes:
            raise self._refusal(reply)

    def _refusal(self, reply: Reply, *, at_sender: bool = False) -> MailError:
        if reply.code < 0:  # who speaks now is anybody's guess
            self._drop()
        return mail_refusal(self._name, reply, at_sender=at_sender)


def _is_alive(client: smtplib.SMTP) -> bool:
    """RSET also ends a transaction that was broken off."""
    try:
        return client.rset()[0] == _DONE
    except (OSError, ValueError):
        return False


def _set_timeout(client: smtplib.SMTP, seconds: float) -> None:
    if client.sock is not None:
        client.sock.settimeout(seconds)


def _reply(code: int, text: bytes | str) -> Reply:
    return Reply(code, text if isinstance(text, bytes) else text.encode())


def _wire(mime: bytes) -> bytes:
    """The mail as DATA wants it (RFC 5321, 4.5.2): every line ends with CRLF, a dot that begins one is doubled, a single dot ends all."""
    lines = _LINE_END.sub(b"\r\n", mime)
    return re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n") + b"\r\n.\r\n"
