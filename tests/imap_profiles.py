"""The servers that Chinese organisations have their mail with, as settings of tests/fake_imapd.py.

Each has the quirks that were observed with that provider: the ID that 163 wants before SELECT, QQ's IDLE that never pushes and its mails that show late,
Aliyun's refusal of any CHARSET, Exchange's BADCHARSET and its wrong RFC822.SIZE; and what they say in their own words.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.fake_imapd import Manners, imap_server

PASSWORD = "sqm-word-1"
WRONG = "wrong-word-2"
SYSTEM_FLAGS = r"\Answered \Flagged \Deleted \Seen \Draft"


@dataclass(frozen=True)
class Profile:
    """One provider. `junk`: its junk folder as people write the name; `manners`: how its server behaves."""

    name: str
    junk: str
    manners: dict


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "coremail_163",
            "垃圾邮件",
            {
                "greeting": "* OK Coremail System IMap Server Ready(163com[10774b260cc7a37d26d71b52404dcf5c])",
                "capabilities": "IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ STARTTLS SASL-IR",  # neither IDLE nor MOVE nor UIDPLUS
                "wants_id": True,
                "search_text": "empty",
                "login_refusal": "NO LOGIN Login error or password error",
                "extras": (f"* FLAGS ({SYSTEM_FLAGS})", f"* OK [PERMANENTFLAGS ({SYSTEM_FLAGS})] Limited"),  # no UIDNEXT
                "others": {"&g0l6P3ux-": {}, "&XfJT0ZAB-": {}, "&V4NXPpCuTvY-": {}},
            },
        ),
        Profile(
            "qq_exmail",
            "Junk",
            {
                "greeting": "* OK [CAPABILITY IMAP4 IMAP4rev1 ID AUTH=PLAIN AUTH=LOGIN NAMESPACE] QQMail XMIMAPServer server ready",
                "capabilities": "IMAP4 IMAP4rev1 XLIST MOVE IDLE XAPPLEPUSHSERVICE NAMESPACE CHILDREN ID UIDPLUS",
                "late_by": 1,
                "ascending_only": True,
                "search_text": "deaf",
                "login_refusal": "NO Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy.",
                "extras": (f"* FLAGS ({SYSTEM_FLAGS})", f"* OK [PERMANENTFLAGS ({SYSTEM_FLAGS})] Permanent flags", "* OK [UIDNEXT 9999] Predicted next UID"),
                "others": {"Sent Messages": {}, "Drafts": {}, "Deleted Messages": {}, "Junk": {}},
            },
        ),
        Profile(
            "aliyun",
            "垃圾邮件",
            {
                "greeting": "* OK AliYun IMAP Server Ready(10.147.40.83)",
                "capabilities": "IMAP4rev1 IDLE XLIST UIDPLUS ID SASL-IR AUTH=XOAUTH",
                "search_charset": "BAD invalid command or parameters",
                "search_text": "refused",
                "login_refusal": "NO [AUTHENTICATIONFAILED] LOGIN failed",
                "extras": (f"* FLAGS ({SYSTEM_FLAGS})", f"* OK [PERMANENTFLAGS ({SYSTEM_FLAGS})] Limited", "* 0 RECENT"),
                "others": {"&XfJT0ZABkK5O9g-": {}, "&V4NXPpCuTvY-": {}},
            },
        ),
        Profile(
            "exchange",
            "Junk Email",
            {
                "greeting": "* OK The Microsoft Exchange IMAP4 service is ready.",
                "capabilities": "IMAP4 IMAP4rev1 AUTH=NTLM AUTH=PLAIN STARTTLS UIDPLUS MOVE CHILDREN IDLE NAMESPACE LITERAL+",  # no ID
                "search_charset": "NO [BADCHARSET (US-ASCII)] The specified charset is not supported.",
                "size_error": -3,
                "login_refusal": "NO LOGIN failed.",
                "extras": (
                    f"* FLAGS ({SYSTEM_FLAGS} $MDNSent)",
                    f"* OK [PERMANENTFLAGS ({SYSTEM_FLAGS} $MDNSent)] Permanent flags",
                    "* OK [UIDNEXT 9999] next",
                ),
                "others": {"Sent Items": {}, "Junk Email": {}, "Deleted Items": {}},
            },
        ),
    )
}


@contextmanager
def provider(profile: Profile, **changes: object) -> Iterator[Manners]:
    """A running server of this provider, with mailboxes of its own."""
    fresh = {"password": PASSWORD, **profile.manners, "others": {name: {} for name in profile.manners["others"]}, "mails": {}}
    with imap_server(**fresh | changes) as server:
        yield server
