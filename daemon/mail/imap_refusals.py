"""What it means when an IMAP server does not say OK (RFC 5530, and what servers in China say), and what the operator can do about it."""

import imaplib
from collections.abc import Callable

from daemon.mail.connection import shown, system_trouble
from daemon.mail.errors import LOGIN_PAUSE, FolderMissing, LoginRefused, MailError, ServerSaid, Unreachable

_BUSY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "SYSTEM BUSY")


def is_busy(said: str) -> bool:
    """Whether the server itself calls its refusal a passing one."""
    return any(mark in said.upper() for mark in _BUSY)


def login_refusal(name: str, said: str) -> MailError:
    """The login was answered with NO; `name`: of the server, `said`: its words."""
    if is_busy(said):
        return ServerSaid(f"{name} takes no login now: {shown(said)}", wait=LOGIN_PAUSE)
    advice = "check [mailbox] username and password; 163, QQ and the like want an authorisation code (授权码) and IMAP switched on in the web mail"
    return LoginRefused(f"{name} refused the login: {shown(said)}; {advice}")


def folder_refusal(name: str, folder: str, key: str, said: str, is_there: Callable[[], bool]) -> MailError:
    """SELECT was answered with NO; `key`: that names the folder in the config, `is_there`: asks the server whether it has the folder at all."""
    if "UNSAFE LOGIN" in said.upper():  # 163, 126, Coremail
        advice = "use an authorisation code (授权码) as [mailbox] password, and allow mail programs in the web mail's settings or ask the provider to"
        return LoginRefused(f"{name} calls this login unsafe: {shown(said)}; {advice}")
    if not is_busy(said) and not is_there():
        return FolderMissing(f"{name} has no folder {folder}; check [mailbox] {key}")
    return ServerSaid(f"{name} does not open the folder {folder}: {shown(said)}; check [mailbox] {key} if this lasts")


def trouble(name: str, error: Exception) -> MailError:
    """The network or the IMAP library gave up: no connection, or an answer that was not what it expected."""
    if isinstance(error, OSError):
        return system_trouble(error, name, "mailbox")
    if isinstance(error, UnicodeError):
        return Unreachable(f"{name} or its answer is not written as it must be; check [mailbox] host")
    if isinstance(error, imaplib.IMAP4.abort):
        return Unreachable(f"the connection to {name} was lost: {shown(str(error))}")
    return ServerSaid(f"{name} gave an answer that cannot be used: {type(error).__name__}: {shown(str(error))}")
