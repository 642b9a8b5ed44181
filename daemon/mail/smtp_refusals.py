"""What an SMTP server's no means (RFC 5321, 4.2; and the codes of NetEase, Coremail and QQ): for this mail, or for all of ours."""

import re
from datetime import timedelta
from typing import NamedTuple

from daemon.mail.connection import shown
from daemon.mail.errors import MailError, SenderRefused, SendPermanent, SendTemporary, ServerSaid

# Limits on what we send. Some come with a code that would mean "never": they pass all the same.
_LIMITS = (
    (re.compile(r"MI:SFQ|frequency limited|system busy", re.IGNORECASE), timedelta(minutes=15)),
    (re.compile(r"MI:STC", re.IGNORECASE), timedelta(days=1)),
)
_DONE = range(200, 300)
_NEVER = range(500, 600)
_NEEDS_LOGIN = (530, 535)
_TOO_LARGE = 552  # at MAIL FROM: the size that we announced
_ADVICE = "check [outgoing] username, password (for 163, QQ and the like the authorisation code 授权码) and sender, which must be the login's own address"


class Reply(NamedTuple):
    """A server's answer; the code is -1 where it was no SMTP answer."""

    code: int
    text: bytes

    @property
    def is_yes(self) -> bool:
        """Whether it was done (2xx)."""
        return self.code in _DONE

    def __str__(self) -> str:
        """As it may be logged: one line without addresses."""
        return shown(f"{self.code} {self.text.decode('utf-8', 'replace')}")


def session_refusal(name: str, reply: Reply) -> MailError:
    """Connection or login was refused; `name`: of the server."""
    limit = _limit(reply)
    if reply.code in _NEVER and limit is None:
        return SenderRefused(f"{name} refused us: {reply}; {_ADVICE}")
    return ServerSaid(f"{name} takes no mail now: {reply}", wait=limit)


def mail_refusal(name: str, reply: Reply, *, at_sender: bool = False) -> MailError:
    """A step of handing over one mail was refused; `at_sender`: MAIL FROM, which is the same for every mail."""
    limit = _limit(reply)
    if limit is not None or reply.code not in _NEVER:
        return SendTemporary(f"{name} did not take the mail now: {reply}", wait=limit)
    if reply.code in _NEEDS_LOGIN or (at_sender and reply.code != _TOO_LARGE):
        return SenderRefused(f"{name} refused our address or login: {reply}; {_ADVICE}")
    return SendPermanent(f"{name} refused the mail: {reply}")


def _limit(reply: Reply) -> timedelta | None:
    text = reply.text.decode("utf-8", "replace")
    return next((wait for pattern, wait in _LIMITS if pattern.search(text)), None)
