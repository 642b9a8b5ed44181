"""A finished mail from its parts: headers that thread and that no machine answers (RFC 5322, RFC 3834), text and HTML as alternatives.

Built with the older email API on purpose: the newer one turns a long Message-ID into encoded words, and then no answer is threaded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, parseaddr
from hashlib import sha256

from rules.submission import Mailbox
from rules.text import brief

# RFC 5322, 3.6.4, generously: one token in angle brackets, short enough for a line of its own.
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_ADDRESS = re.compile(r"[!#-'*+\-./-9=?A-Z^-~]+@[A-Za-z0-9._-]+")
_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the brackets
_SPECIAL = re.compile(r'["\\<>()\[\]:;,@.]')
_THREAD = 21  # a longer thread is named by its first and its newest mails
_SMTP = compat32.clone(linesep="\r\n", max_line_length=998)  # what we fold, we fold ourselves: a long Message-ID stays on the line of its name


@dataclass(frozen=True, slots=True)
class Heading:
    """What the header of an answer says.

    Attributes:
        sender: "Name <address>".
        to: the display name as it came, and an address of `address_of`.
        date: aware, in the zone it is to be written in.
        answered: Message-ID of the mail that is answered, as it came; `references`: those before it, oldest first.
    """

    sender: str
    to: Mailbox
    subject: str
    message_id: str
    date: datetime
    answered: str = ""
    references: Sequence[str] = ()


def address_of(mailbox: Mailbox) -> str:
    """The address to send to, in ASCII (a domain in Chinese as IDNA); "" where it is none that every mail server takes."""
    local, _, domain = mailbox.address.rpartition("@")
    try:
        address = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return ""
    return address if len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address) else ""


def fixed_message_id(kind: str, key: str, sender: str) -> str:
    """The Message-ID of the one mail of this kind that `key` stands for: however often it is made, it is the same mail. Its domain is the sender's."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{kind}-{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@{domain}>"


def thread_of(answered: str, references: Sequence[str]) -> tuple[str, ...]:
    """The References of an answer: the thread so far and the mail answered, last; malformed ids left out (RFC 5322, 3.6.4)."""
    thread = [each for each in dict.fromkeys((*references, answered)) if each != answered and _MESSAGE_ID.fullmatch(each)]
    if _MESSAGE_ID.fullmatch(answered):
        thread.append(answered)
    return tuple(thread if len(thread) <= _THREAD else [thread[0], *thread[1 - _THREAD :]])


def compose(heading: Heading, text: str, html: str) -> bytes:
    """One answer as bytes, ready for SMTP: ASCII, CRLF, no line over 998 bytes; the same input gives the same bytes."""
    mail = MIMEMultipart("alternative", boundary=f"=_{sha256(heading.message_id.encode()).hexdigest()[:32]}")
    mail["From"] = _address(Mailbox(*parseaddr(heading.sender)))
    mail["To"] = _address(heading.to)
    mail["Subject"] = Header(heading.subject, "utf-8", header_name="Subject").encode()
    mail["Date"] = format_datetime(heading.date)
    mail["Message-ID"] = heading.message_id
    thread = thread_of(heading.answered, heading.references)
    if heading.answered in thread:
        mail["In-Reply-To"] = heading.answered
    if thread:
        mail["References"] = "\n ".join(thread)
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-ZLCP"] = "1"
    mail.attach(MIMEText(text, "plain", "utf-8"))
    mail.attach(MIMEText(html, "html", "utf-8"))
    return mail.as_bytes(policy=_SMTP)


def _address(mailbox: Mailbox) -> str:
    # The specials of RFC 5322 are dropped from a name rather than quoted: quoting within encoded words is what mail servers disagree on.
    name = brief(_SPECIAL.sub(" ", mailbox.name))
    return f"{_encoded(name)} <{mailbox.address}>" if name else mailbox.address


def _encoded(name: str) -> str:
    return Header(name, "us-ascii" if name.isascii() else "utf-8", header_name="From").encode()
