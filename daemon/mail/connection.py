"""What the IMAP and the SMTP door have in common: how a server is described, its TLS, and the system's errors put into words."""

import ipaddress
import re
import socket
import ssl
from typing import Protocol

from daemon.mail.errors import BadCertificate, MailError, TimedOut, Unencrypted, Unreachable

_ADDRESS = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")
_LONGEST = 200  # characters of a server's words that are worth repeating


class Secret(Protocol):
    """A text that does not print itself (pydantic.SecretStr)."""

    def get_secret_value(self) -> str:
        """The text itself."""


class Server(Protocol):
    """How a server is reached: the keys that [mailbox] and [outgoing] have in common."""

    @property
    def host(self) -> str:
        """Name or address."""

    @property
    def port(self) -> int:
        """TCP port."""

    @property
    def security(self) -> str:
        """tls, starttls or plain."""

    @property
    def username(self) -> str:
        """Login name."""

    @property
    def password(self) -> Secret:
        """Password or authorisation code."""

    @property
    def ca_file(self) -> str:
        """PEM file of a private CA; "" for the system's CAs."""

    @property
    def timeout_seconds(self) -> float:
        """For each answer of the server."""


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine; only there may a connection be plain."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(server: Server, section: str) -> ssl.SSLContext:
    """TLS that checks the certificate and the host name.

    Raises:
        BadCertificate: ca_file cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=server.ca_file or None)
    except OSError as error:
        raise BadCertificate(f"the CA file {server.ca_file} cannot be used: {error}; check [{section}] ca_file") from error


def check_plain(server: Server, name: str, section: str) -> None:
    """Refuse to talk in the clear to another machine.

    Raises:
        Unencrypted: security is plain and the host is not loopback.
    """
    if server.security == "plain" and not is_loopback(server.host):
        raise Unencrypted(f"{name} is not on this machine and must not be talked to in the clear; set [{section}] security to tls or starttls")


def system_trouble(error: OSError, name: str, section: str) -> MailError:
    """Put an error of the network or of TLS into words.

    Args:
        error: as the library or the system raised it.
        name: of the server, with its port, as the message shall call it.
        section: of the config, for the advice.
    """
    match error:
        case ssl.SSLCertVerificationError():
            return BadCertificate(
                f"the certificate of {name} is not trusted: {error.verify_message}; check [{section}] host, or name the server's own CA in ca_file"
            )
        case TimeoutError():
            return TimedOut(f"{name} did not answer in time; it is tried again, check [{section}] host, port and security if this lasts")
        case socket.gaierror():
            return Unreachable(f"{name} cannot be found: {error.strerror}; check [{section}] host and the name server of this machine")
        case ssl.SSLError() if error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}:
            return Unreachable(f"{name} does not speak TLS there; check [{section}] port and security")
        case _:
            return Unreachable(f"{name} cannot be reached: {error.strerror or shown(str(error))}; check [{section}] host and port, and the network")


def shown(said: bytes | str) -> str:
    """A server's words as they may be logged and shown: one line, not long, without mail addresses."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return _ADDRESS.sub("(address)", line)[:_LONGEST]
