"""`zlcp inspect`: what would be stored and answered for a mail or a bare form; nothing is written."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from daemon.documents.jail import Jail
from daemon.documents.reader import Limits, Read
from daemon.documents.sniff import Kind, sniff
from daemon.mail.replies import write_reply
from daemon.register import form_object
from daemon.world import clock, load_notice, notice_text
from rules.judge import clues_of, judge
from rules.notice import Notice
from rules.problems import REPLY_KINDS, Answer, Verdict
from rules.submission import Attachment, Standing, Submission
from storage.outbox import Reply

# Stands where the register would put the number; nothing is registered here.
NO_NUMBER = "（登记时编定）"
UNREADABLE = 2


def inspect_files(paths: Sequence[Path], *, as_json: bool, received_at: datetime | None, notice_name: str) -> int:
    """Print one answer for each file. Returns the exit code: 2 when a file cannot be opened.

    Args:
        paths: mails (.eml) or forms.
        as_json: one JSON object a line, else lines for people.
        notice_name: the notice to judge by, a name or a path.
        received_at: when it reached the server; without a zone, the notice's.

    Raises:
        ConfigError: the notice is wrong.
    """
    notice = load_notice(notice_name)
    if received_at is not None and received_at.tzinfo is None:
        received_at = received_at.replace(tzinfo=notice.timezone)
    code = 0
    jail = Jail(notice_text(notice_name), Limits(), workers=1)
    try:
        for path in paths:
            try:
                raw = path.read_bytes()
            except OSError as error:
                typer.echo(f"zlcp: {path}: {error.strerror or error}", err=True)
                code = UNREADABLE
                continue
            read = jail.read(raw) if _is_mail(path, raw) else jail.read_file(path.name, raw)
            findings = inspect_one(path.name, read, notice, received_at, clock())
            sys.stdout.write(json.dumps(findings, ensure_ascii=False) + "\n" if as_json else _for_people(findings))
            sys.stdout.flush()
    finally:
        jail.close()
    return code


def _is_mail(path: Path, raw: bytes) -> bool:
    """By its name, else by its content; bytes that are nothing known are read as a mail, which any bytes can be."""
    return path.suffix.lower() == ".eml" or sniff(raw, path.name)[0] in {Kind.MAIL, Kind.OTHER}


def inspect_one(name: str, read: Read, notice: Notice, received_at: datetime | None, now: datetime) -> dict[str, Any]:
    """The contract's JSON object for one file; the answer is written as at the moment of receipt.

    A bare form bears no moment, so it is not judged by the deadline.
    """
    letter = read.letter
    known = received_at or letter.received_at or letter.written_at
    moment = (known or min(now, notice.deadline - timedelta(seconds=1))).astimezone(notice.timezone)
    submission = Submission(letter, read.attachments, moment, fingerprint=read.fingerprint)
    standing = Standing(next_number=NO_NUMBER)
    clues_of(submission, notice)
    verdict = judge(submission, standing, notice)
    number = NO_NUMBER if verdict.version else ""
    reply = write_reply(submission, verdict, standing, number, notice, f"{notice.association} <{notice.email}>", moment, name)
    return {
        "file": name,
        "message_id": letter.message_id,
        "sender": {"name": letter.sender.name, "address": letter.sender.address},
        "subject": letter.subject,
        "received_at": moment.isoformat(timespec="seconds") if known else None,
        "kind": verdict.kind.value,
        "automatic": verdict.automatic,
        "decision": verdict.decision.value,
        "unit_name": verdict.unit_name,
        "subject_unit_name": verdict.subject_unit_name,
        "problems": [
            {"code": each.code, "severity": each.severity.value, "field": each.field or None, "message": each.message, "clause": each.clause}
            for each in verdict.problems
        ],
        "form": form_object(verdict.form, notice),
        "attachments": [_attachment(each) for each in verdict.attachments],
        "reply": _reply(reply, verdict),
        "checks": list(verdict.checks),
        "faults": list(letter.faults),
    }


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "name": attachment.name,
        "within": list(attachment.within),
        "size": attachment.size,
        "sha256": attachment.sha256,
        "media_type": attachment.media_type,
        "role": attachment.role.value,
        "status": attachment.status.value,
    }


def _reply(reply: Reply | None, verdict: Verdict) -> dict[str, Any] | None:
    if reply is None:
        return None
    answer = verdict.answer or Answer(reply.kind)
    return {"kind": REPLY_KINDS[answer], "to": ", ".join(reply.to), "subject": reply.subject, "text": reply.text}


def _for_people(findings: dict[str, Any]) -> str:
    """The findings as lines to read on a terminal."""
    lines = [
        f"== {findings['file']}",
        f"主题：{findings['subject']}",
        f"收到：{findings['received_at'] or '（未知）'}",
        f"种类：{findings['kind']}" + (f"（{findings['automatic']}）" if findings["automatic"] else ""),
        f"结论：{findings['decision']}",
        f"单位：{findings['unit_name'] or '（未知）'}",
    ]
    lines += [f"附件：{'/'.join([*each['within'], each['name']])}（{each['role']}，{each['status']}）" for each in findings["attachments"]]
    lines += [f"问题：{each['code']}（{each['severity']}）{each['message']}" for each in findings["problems"]]
    lines += [f"请核对：{each}" for each in findings["checks"]]
    reply = findings["reply"]
    lines += ["不予回复。"] if reply is None else [f"回复：{reply['subject']}", "", reply["text"].rstrip()]
    return "\n".join(lines) + "\n\n"
