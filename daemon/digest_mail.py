"""The daily digest set in type: the same sections as HTML and as text, as one mail with the register attached (RFC 2046), and as files."""

from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP, compat32
from email.utils import format_datetime, getaddresses
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.digest_sections import Digest
from daemon.mail.compose import fixed_message_id
from rules.notice import Notice
from storage.outbox import Reply

if TYPE_CHECKING:
    from jinja2 import Environment

XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ORDINALS = "一二三四五六七八九十"
# The older email policy, as in daemon/mail/compose.py: the newer one would rewrite the attachment's name as it thinks best.
_POLICY = compat32.clone(linesep="\r\n", max_line_length=SMTP.max_line_length)


def digest_text(digest: Digest) -> str:
    """The digest as plain text, a line break at each end of a thought, for terminals and for mail programs without HTML."""
    return _templates().get_template("digest.txt").render(digest=digest, ordinals=ORDINALS)


def digest_html(digest: Digest) -> str:
    """The digest as one HTML page with its styles inline, since mail programs drop style sheets; no image, script or link."""
    from css_inline import CSSInliner  # noqa: PLC0415 - needed once a day

    page = _templates().get_template("digest.html").render(digest=digest, ordinals=ORDINALS)
    return CSSInliner(load_remote_stylesheets=False).inline(page)


def write_digest(  # noqa: PLR0913, PLR0917 - everything that makes the mail
    digest: Digest, register_xlsx: bytes, notice: Notice, sender: str, recipients: Sequence[str], now: datetime
) -> Reply:
    """The digest as a finished mail to the staff, with the register attached.

    Args:
        digest: what it says.
        register_xlsx: the workbook that register.register_xlsx made.
        notice: the call; its id and the day make the mail's fixed Message-ID.
        sender: "Name <address>".
        recipients: addresses, with or without names.
        now: aware; the mail's Date, written in the digest's zone.
    """
    text = digest_text(digest)
    identity = fixed_message_id("digest", f"{notice.id} {digest.day.isoformat()}", sender)
    mail = MIMEMultipart("mixed", boundary=_boundary(identity, "mixed"))
    mail["From"] = _addresses([sender], "From").encode()
    mail["To"] = _addresses(recipients, "To").encode()
    mail["Subject"] = Header(digest.subject, "utf-8", header_name="Subject").encode()
    mail["Date"] = format_datetime(now.astimezone(digest.made_at.tzinfo))
    mail["Message-ID"] = identity
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-ZLCP"] = "1"
    body = MIMEMultipart("alternative", boundary=_boundary(identity, "alternative"))
    body.attach(MIMEText(text, "plain", "utf-8"))
    body.attach(MIMEText(digest_html(digest), "html", "utf-8"))
    mail.attach(body)
    mail.attach(_attachment(register_xlsx, f"申报台账{digest.day:%Y%m%d}.xlsx"))
    addresses = tuple(address for _, address in getaddresses(list(recipients)) if address)
    return Reply(kind="digest", to=addresses, subject=digest.subject, text=text, message_id=identity, mime=mail.as_bytes(policy=_POLICY))


def write_files(digest: Digest, register_xlsx: bytes, out_dir: Path) -> list[Path]:
    """Write digest.html, digest.txt and register.xlsx into a folder, which is made where it is missing; returns their paths.

    Raises:
        OSError: the folder cannot be written.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    contents = {"digest.html": digest_html(digest).encode(), "digest.txt": digest_text(digest).encode(), "register.xlsx": register_xlsx}
    for name, content in contents.items():
        (out_dir / name).write_bytes(content)
    return [out_dir / name for name in contents]


def _attachment(data: bytes, name: str) -> MIMEApplication:
    """An attachment whose name both kinds of mail program read: RFC 2231 in the disposition, RFC 2047 in the type, as Outlook and QQ want it."""
    part = MIMEApplication(data, XLSX, name=Header(name, "utf-8").encode())
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
    return part


def _addresses(people: Sequence[str], header_name: str) -> Header:
    """Addresses as a header; names of other than ASCII letters are encoded (RFC 2047)."""
    header = Header(header_name=header_name)
    pairs = [(name, address) for name, address in getaddresses(list(people)) if address]
    for position, (name, address) in enumerate(pairs, 1):
        if name:
            header.append(" ".join(name.split()), "us-ascii" if name.isascii() and name.replace(" ", "").isalnum() else "utf-8")
        header.append(f"<{address}>" + ("," if position < len(pairs) else ""), "us-ascii")
    return header


def _boundary(identity: str, level: str) -> str:
    return f"=_{sha256(f'{level} {identity}'.encode()).hexdigest()[:32]}"


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - needed once a day

    return Environment(
        loader=PackageLoader("daemon", "templates/digest"), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, auto_reload=False,
    )  # fmt: skip
