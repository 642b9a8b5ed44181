"""Mails and verdicts for the register, made of plain values."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from rules.notice import Notice
from rules.notice_file import read_notice
from rules.problems import Decision, Kind, Problem, Severity, Verdict
from rules.submission import Attachment, Clues, Form, Letter, Mailbox, Role, Submission
from storage.outbox import Reply
from storage.records import Recorded
from storage.store import Store, Transaction

NOW = datetime(2024, 9, 10, 1, 12, 33, 250_000, tzinfo=UTC)
UNIT = "中国微电网设备行业协会"
SENDER = "liwj@microgrid.example"
FORM = Form({"unit_name": UNIT, "email": "office@microgrid.example"}, {"unit_types": ("industry_association",)}, {"industries": ("微电网设备",)})
MISSING = Problem("form.field_missing", Severity.ERROR, "请填写“通讯地址”栏。", "postal_address", "申报表第2栏")


@cache
def notice() -> Notice:
    return read_notice((Path(__file__).parents[2] / "rules" / "notices" / "zlcp-2024.toml").read_text(encoding="utf-8"))


def keep_mail(tx: Transaction, uid: int, *, folder: str = "INBOX", uidvalidity: int = 7, sha256: str = "", at: datetime = NOW) -> int:
    hashed = sha256 or f"{uid:064x}"
    return tx.keep_mail(folder=folder, uidvalidity=uidvalidity, uid=uid, sha256=hashed, size=100, received_at=at, now=at + timedelta(seconds=5))


def reply(uid: int, kind: str = "acknowledgement", to: str = SENDER) -> Reply:
    return Reply(kind, (to,), "受理回执", "您好！", f"<{kind}-{uid}@ppac.org.cn>", b"Subject: =?utf-8?b?5Y+X?=\r\n\r\n\xff")


def clues(uid: int, unit: str = UNIT, **more: object) -> Clues:
    given: dict[str, object] = {"sender": SENDER, "message_id": f"<in-{uid}@microgrid.example>", "fingerprint": f"f{uid}", "sha256": f"{uid:064x}", **more}
    return Clues(unit_key=unit.casefold(), **given)  # type: ignore[arg-type]


def submission(uid: int, *, at: datetime = NOW, attachments: tuple[Attachment, ...] = (), **letter: object) -> Submission:
    given: dict[str, object] = {"message_id": f"<in-{uid}@microgrid.example>", "sender": Mailbox("李文静", SENDER), "subject": "申报", **letter}
    return Submission(Letter(**given), attachments, at, f"{uid:064x}", f"f{uid}")  # type: ignore[arg-type]


def attachment(name: str = "申报表.docx", within: tuple[str, ...] = ("材料.zip",)) -> Attachment:
    return Attachment(name, 31245, "ab" * 32, "application/msword", within, Role.FORM)


def take_in(  # one mail's whole way, as intake goes it
    store: Store,
    uid: int,
    decision: Decision = Decision.ACCEPTED,
    *,
    unit: str = UNIT,
    form: Form | None = FORM,
    asked: Mapping[str, object] | None = None,
    letter: Mapping[str, object] | None = None,
    problems: tuple[Problem, ...] = (),
    answer: Reply | None = None,
    silent: bool = False,
    at: datetime = NOW,
    sha256: str = "",
) -> Recorded:
    """Collect and record one application mail; `asked` goes to the clues, `letter` to the letter."""
    with store.begin() as tx:
        mail_id = keep_mail(tx, uid, at=at, sha256=sha256)
    with store.begin() as tx:
        standing = tx.standing(clues(uid, unit, **{"mail_id": mail_id, **(asked or {})}), notice(), at)
        known = standing.application
        verdict = Verdict(
            Kind.APPLICATION, decision, unit_name=unit or None, subject_unit_name=unit or None, problems=problems, form=form, checks=("请核对",),
            application=known.id if known else None, version=known.versions + 1 if known else 1,
        )  # fmt: skip
        letter_out = None if silent else answer or reply(uid)
        return tx.keep(mail_id, submission(uid, at=at, attachments=(attachment(),), **(letter or {})), verdict, letter_out, at)
