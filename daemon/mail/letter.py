"""A mail's bytes to a Letter and its Parts (RFC 5322, RFC 2045 to 2049); never fails, whatever the bytes.

mail-parser reads who wrote (its reader of addresses never takes part of a display name for an address). Its other readings lose or garble what
Chinese senders write, so bytes, words, names and parts are read by the modules beside this one, and it is handed a header that is whole.
A mail inside the mail is not opened here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from unicodedata import normalize

from mailparser import MailParser

from daemon.mail.charsets import decode
from daemon.mail.dates import read_date
from daemon.mail.headers import Head
from daemon.mail.mime import Entity, Mail
from daemon.mail.pages import MOST_LINKS, html_text, links_in, tidy
from daemon.mail.parameters import clean_name, file_name
from daemon.mail.words import decode_words, plain, utf8_words
from rules.machines import HEADERS
from rules.submission import Letter, Mailbox

_MAILS = {"message/rfc822", "message/global"}
_STATUS = {"message/delivery-status", "message/global-delivery-status"}
# Parts that machines write for machines: no attachment, whatever their name.
_REPORTS = {*_STATUS, "message/disposition-notification", "message/feedback-report", "text/rfc822-headers", "message/global-headers"}
_UNSEEN = {"text/calendar", "text/x-amp-html", "text/watch-html", "text/enriched"}
_BODIES = {"text/plain", "text/html"}
# Files that came labelled as text: zip and docx, OLE, PDF, rar, 7z; RTF too is no text that a person reads.
_FILE_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")
_EXTENSIONS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-word.document.macroenabled.12": ".docm",
    "application/msword": ".doc",
    "application/wps-office.wps": ".wps",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/x-rar-compressed": ".rar",
    "application/x-7z-compressed": ".7z",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "text/plain": ".txt",
    "text/html": ".html",
    "message/rfc822": ".eml",
}
_KNOWN = ("from", "to", "subject", "date", "message-id", "received", "return-path", "content-type", "mime-version", "sender", "reply-to", "delivered-to")
_ID = re.compile(r"<([^<>]{1,990})>")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", re.ASCII)
_CONTROLS = re.compile("[\x00-\x1f\x7f]+")
_UNSEEN_CHARACTERS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_MOST_TEXT = 1_000_000  # bytes of one body part
_LONGEST_SUBJECT = 1000  # characters
_LONGEST_NAME = 200
_LONGEST_VALUE = 10_000  # of any other header
_MOST_REFERENCES = 200
_MOST_HEADERS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a mail.

    Attributes:
        name: decoded and cleaned, never ""; made up from the place and the type where the mail gives none.
        media_type: as the mail declares it, lower case.
        inline: shown in the text rather than attached, as a picture of a signature is.
        mail: a whole mail (message/rfc822); `data` is then its bytes as they were sent.
    """

    name: str
    data: bytes
    media_type: str
    inline: bool = False
    mail: bool = False


def read_letter(raw: bytes) -> tuple[Letter, tuple[Part, ...]]:
    """The letter, and its files in their order; never raises.

    Bytes that are no mail at all give an empty letter with the fault "bytes.unreadable".
    """
    mail = Mail(raw)
    if not any(mail.head.first(name) for name in _KNOWN):
        return Letter(faults=("bytes.unreadable",)), ()
    contents = _Contents()
    for entity in mail.entities():
        contents.add(entity)
    text = contents.text()
    sender, reply_to = _people(mail.head)
    letter = Letter(
        message_id=_message_id(mail.head),
        sender=sender,
        reply_to=reply_to,
        references=_references(mail.head),
        subject=plain(mail.head.first("subject"))[:_LONGEST_SUBJECT],
        written_at=read_date(mail.head.first("date")),
        received_at=_received_at(mail.head),
        text=text,
        links=tuple(dict.fromkeys(contents.links))[:MOST_LINKS],
        content_type=mail.media_type,
        headers=tuple((key, value[:_LONGEST_VALUE]) for key, value in mail.head.items(HEADERS))[:_MOST_HEADERS],
        report="\n\n".join(contents.reports),
        faults=tuple(dict.fromkeys([*mail.faults, *contents.faults])),
        part_types=tuple(contents.types),
    )
    return letter, tuple(contents.parts)


@dataclass
class _Contents:
    parts: list[Part] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _bodies: list[tuple[int, str, str]] = field(default_factory=list)  # (alternative, media type, text)

    def add(self, entity: Entity) -> None:
        """Take one part of the mail for what it is: body, report, mail or file."""
        kind = entity.media_type
        name = file_name(entity.disposition_parameters, entity.type_parameters)
        data, fault = entity.decoded
        self.faults += [fault] if fault else []
        method = entity.type_parameters.get("method", "")
        self.types.append(f"{kind}; method={method.lower()}" if method else kind)
        if kind in _REPORTS:
            self.reports += [tidy(decode(data[:_MOST_TEXT]))] if kind in _STATUS else []
        elif kind in _BODIES and not name and entity.disposition != "attachment" and not data[:100].lstrip().startswith(_FILE_STARTS):
            self._add_body(entity, data)
        elif name or kind not in _UNSEEN:
            shown = entity.disposition == "inline" or (entity.disposition != "attachment" and bool(entity.head.first("content-id")))
            is_mail = kind in _MAILS
            self.parts.append(Part(name or self._made_up_name(kind, data), data, kind, inline=shown and not is_mail, mail=is_mail))

    def text(self) -> str:
        """What a person sees: of each alternative the plain text, or the HTML where that is blank."""
        plain_ones = {group for group, kind, text in self._bodies if kind == "text/plain" and text}
        seen = (text for group, kind, text in self._bodies if text and (not group or (kind == "text/plain") == (group in plain_ones)))
        return "\n".join(seen)

    def _add_body(self, entity: Entity, data: bytes) -> None:
        text = decode(data[:_MOST_TEXT], entity.type_parameters.get("charset", ""))
        links: list[str] = []
        if entity.media_type == "text/html":
            text, links = html_text(text)
        else:
            text = tidy(text)
        self.links += [*links, *links_in(text)]
        self._bodies.append((entity.alternative, entity.media_type, text))

    def _made_up_name(self, kind: str, data: bytes) -> str:
        if kind in _MAILS:
            subject = plain(Mail(data).head.first("subject")).replace("/", "／").replace("\\", "＼")
            if name := clean_name(subject):
                return clean_name(f"{name}.eml")
        return f"附件{len(self.parts) + 1}{_EXTENSIONS.get(kind, '')}"


def _people(head: Head) -> tuple[Mailbox, Mailbox]:
    """The sender, and the address an answer goes to."""
    sender = _mailbox(head.first("from"))
    if not sender.address:
        returned = _ADDRESS.search(head.first("return-path")[:_LONGEST_VALUE])
        instead = _mailbox(head.first("sender"))
        sender = Mailbox(sender.name or instead.name, instead.address or (returned[0] if returned else ""))
    answered = _mailbox(head.first("reply-to"))
    return sender, answered if answered.address else sender


def _mailbox(value: str) -> Mailbox:
    """The first mailbox of a header that can be written to; what stands there as its name alone where there is none."""
    if not value:
        return Mailbox()
    message = Message()
    message["From"] = utf8_words(_CONTROLS.sub(" ", value[:_LONGEST_VALUE]))
    for name, address in MailParser(message).from_:
        if _ADDRESS.fullmatch(address):
            return Mailbox(plain(name).strip("'\" ")[:_LONGEST_NAME], address)
    # Full-width signs, brackets too many: taken only where nothing else could be meant.
    text = normalize("NFKC", plain(value[:_LONGEST_VALUE]))
    found = set(_ADDRESS.findall(text))
    address = found.pop() if len(found) == 1 else ""
    name = text.partition(address)[0] if address else text
    return Mailbox("" if found else name.strip(" <>\"'(")[:_LONGEST_NAME], address)


def _message_id(head: Head) -> str:
    for value in head.every("message-id"):
        if match := _ID.search(value):
            return f"<{_UNSEEN_CHARACTERS.sub('', match[1])}>"
        bare = value.strip("<> ")
        if bare and not _UNSEEN_CHARACTERS.search(bare):
            return f"<{bare[:990]}>"
    return ""


def _references(head: Head) -> tuple[str, ...]:
    found: Iterator[str] = (
        _UNSEEN_CHARACTERS.sub("", match[0]) for name in ("references", "in-reply-to") for value in head.every(name) for match in _ID.finditer(value)
    )
    return tuple(dict.fromkeys(found))[-_MOST_REFERENCES:]


def _received_at(head: Head) -> datetime | None:
    dates = (read_date(decode_words(value).rpartition(";")[2]) for value in head.every("received"))
    return next((date for date in dates if date), None)
