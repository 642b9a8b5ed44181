"""What can go wrong at the mail servers' doors; every library and system error is wrapped into one of these with `from`.

MailError
├── Temporary           the next round tries again
│   ├── Unreachable     no connection, or it was lost
│   ├── TimedOut        connected, but no answer in time
│   ├── ServerSaid      an answer that is no yes: busy, a limit, an internal error, nonsense
│   │   └── Withheld    one mail (`uid`) that the server lists but does not hand out
│   └── SendTemporary   this mail was not taken now
└── Permanent           a person must act
    ├── BadCertificate  the server's certificate is not trusted, or ca_file cannot be used
    ├── Unencrypted     an encrypted connection cannot be had
    ├── LoginRefused    the mailbox refused the login
    ├── FolderMissing   the mailbox has no such folder
    ├── SenderRefused   the login or our own address was refused for sending: no mail can leave
    └── SendPermanent   this mail was refused

`str(error)` is one English line for the operator: what happened, and which key of the config to look at. It holds no secret and,
of what a server said, no mail address.
"""

from datetime import timedelta

LOGIN_PAUSE = timedelta(minutes=15)  # QQ and others block those who go on trying a wrong password
LONGEST_ASKED = timedelta(hours=1)


class MailError(Exception):
    """A mail server did not do what it was asked.

    Attributes:
        wait: how long it wants to be left alone; None where nothing is known.
    """

    def __init__(self, text: str, *, wait: timedelta | None = None) -> None:
        super().__init__(text)
        self.wait = wait

    @property
    def pause(self) -> timedelta | None:
        """How long to leave the server alone before the next try: as it asks, at most an hour, then it is asked again; None where nothing is known."""
        return None if self.wait is None else min(self.wait, LONGEST_ASKED)


class Temporary(MailError):  # noqa: N818 - named by what it means for the caller
    """It may work the next time; nobody has to act."""


class Unreachable(Temporary):
    """No connection could be made, or it was lost."""


class TimedOut(Temporary):
    """The server did not answer in time."""


class ServerSaid(Temporary):
    """The server answered, but neither yes nor anything a person can mend."""


class Withheld(ServerSaid):
    """The server lists the mail `uid` but does not hand it out; the mails after it can be asked for."""

    def __init__(self, text: str, *, uid: int) -> None:
        super().__init__(text)
        self.uid = uid


class SendTemporary(Temporary):
    """This mail was not taken now. With `wait` it is we who sent too much: no other mail would be taken before, either.

    Attributes:
        uncertain: the whole mail was handed over, then the connection was lost before the answer came: the server may have taken it.
            This is the one window in which a mail can leave twice (RFC 5321, 4.5.3.2.6).
    """

    def __init__(self, text: str, *, wait: timedelta | None = None, uncertain: bool = False) -> None:
        super().__init__(text, wait=wait)
        self.uncertain = uncertain


class Permanent(MailError):  # noqa: N818 - named by what it means for the caller
    """It will not work until a person changes something."""


class BadCertificate(Permanent):
    """The server's certificate is not trusted, or ca_file cannot be used."""


class Unencrypted(Permanent):
    """The server offers no STARTTLS, or plain was asked for beyond this machine."""


class _Locked(Permanent):
    """What a server blocks those for who keep trying."""

    def __init__(self, text: str) -> None:
        super().__init__(text, wait=LOGIN_PAUSE)


class LoginRefused(_Locked):
    """User name, password, or the way of logging in was refused."""


class FolderMissing(Permanent):
    """The mailbox has no folder of that name."""


class SenderRefused(_Locked):
    """The login or our own address was refused by the server that takes our letters: it concerns every mail."""


class SendPermanent(Permanent):
    """This mail, or some of its recipients, was refused.

    Attributes:
        taken: the recipients for whom the mail was taken all the same; they must not get it again.
    """

    def __init__(self, text: str, *, taken: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.taken = taken
