"""Run the demo: invented mails go through the embedded servers and the real daemon; what came of them is put in a folder and in a table."""

import re
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from daemon import logs
from daemon.demo.mails import DemoMail, demo_mails
from daemon.demo.servers import HOST, PASSWORD, DemoServers, demo_servers
from daemon.digest import digest_of, queue_digest_now, write_files
from daemon.mail.smtp import Sender
from daemon.register import register_xlsx
from daemon.rounds import run_round
from daemon.settings import OutgoingSettings, Settings
from daemon.world import World, clock, notice_text, real_world
from rules.notice import Notice
from rules.notice_file import read_notice
from storage.summary import MailLine

WIDTH = 132  # columns, where the output goes to a file
_DECISIONS = {"accepted": "受理", "correction": "补正", "late": "逾期", "review": "待人工", "none": "—"}
_KINDS = {"application": "申报", "inquiry": "咨询", "automatic": "自动邮件", "staff": "工作人员"}
_ANSWERS = {
    "acknowledgement": "受理回执",
    "update": "更新确认",
    "duplicate": "重复告知",
    "correction": "补正通知",
    "late": "逾期告知",
    "received": "收悉告知",
    "": "不回复",
}


@dataclass(slots=True)
class _Clock:
    """The demo's time: the notice's last day, whatever day it is."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def show(folder: Path) -> int:
    """Run the demo into this folder. Returns the exit code.

    Raises:
        MailError, StorageError: never in good health; the embedded servers and a temporary database are used.
    """
    logs.set_up(quiet=True)
    folder.mkdir(parents=True, exist_ok=True)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    with tempfile.TemporaryDirectory(prefix="zlcp-demo-") as place:
        text, notice = _todays_notice()
        notice_file = Path(place) / "notice.toml"
        notice_file.write_text(text, encoding="utf-8")
        now = _Clock(datetime.combine(notice.last_day, time(9), notice.timezone))
        with demo_servers(notice.email, now) as servers, real_world(_settings(servers, notice, notice_file, Path(place))) as real:
            world = replace(real, now=now)
            mails = list(demo_mails(notice, now.now))
            troubles = _play(world, now, mails, folder)
            _write_replies(servers.delivered, folder / "replies")
            with world.store.read() as tx:
                lines = tx.mails_received(now.now - timedelta(days=2), now.now + timedelta(days=1))
    console.print(_table(mails, lines))
    console.print(f"{len(lines)} 封来信，{len(servers.delivered)} 封发出（含日报）。")
    for what, name in (("回复", "replies"), ("台账", "register.xlsx"), ("日报", "digest.html")):
        console.print(f"{what}：{folder / name}", soft_wrap=True)
    for trouble in troubles:
        console.print(f"[red]{trouble}[/red]")
    return 1 if troubles or len(lines) != len(mails) else 0


def _todays_notice() -> tuple[str, Notice]:
    """The shipped notice with yesterday as its last day, so that a late mail is late on any day."""
    text = notice_text("zlcp-2024")
    zone = read_notice(text).timezone
    last = clock().astimezone(zone).date() - timedelta(days=1)
    text = re.sub(r"(?m)^last_day = \S+", f"last_day = {last}", text)
    text = re.sub(r"(?m)^published = \S+", f"published = {last - timedelta(days=16)}", text)
    return text, read_notice(text)


def _settings(servers: DemoServers, notice: Notice, notice_file: Path, place: Path) -> Settings:
    login = {"host": HOST, "security": "plain", "username": notice.email, "password": PASSWORD}
    return Settings.model_validate({
        "mailbox": login | {"port": servers.imap_port},
        "outgoing": {
            "host": HOST, "port": servers.smtp_port, "security": "plain", "sender": f"{notice.association} <{notice.email}>", "pause_seconds": 0, "per_hour": 0
        },
        "storage": {"database": f"sqlite:///{place / 'zlcp.db'}", "files": str(place / "files")},
        "digest": {"recipients": ["staff@ppac.example"]},
        "notice": {"file": str(notice_file)},
    })  # fmt: skip


def _play(world: World, now: _Clock, mails: list[DemoMail], folder: Path) -> list[str]:
    """The last day: mails come, the daemon's round, the digest at its hour. Then what comes a minute after midnight, and another round."""
    troubles: list[str] = []
    for mail in (mail for mail in mails if not mail.late):
        now.now = mail.sent_at
        _send(world, mail)
    troubles += run_round(world).troubles
    day = world.notice.last_day
    now.now = datetime.combine(day, time(17, 30), world.notice.timezone)
    with world.store.read() as tx:
        digest = digest_of(tx, day, world.notice, now.now, zone=world.notice.timezone, carried=True)
    queue_digest_now(world, day, now.now)
    now.now = datetime.combine(day + timedelta(days=1), time(0, 1), world.notice.timezone)
    for mail in (mail for mail in mails if mail.late):
        _send(world, mail)
    troubles += run_round(world).troubles
    with world.store.read() as tx:
        write_files(digest, register_xlsx(tx.register(), world.notice), folder)
    return troubles


def _send(world: World, mail: DemoMail) -> None:
    """As the applicant's mail program does it: to the mail server, over SMTP."""
    given = world.settings.outgoing
    applicant = Sender(OutgoingSettings(host=given.host, port=given.port, security="plain", sender=mail.sender, pause_seconds=0))
    applicant.send((world.notice.email,), mail.raw)
    applicant.close()


def _write_replies(delivered: list[tuple[list[str], bytes]], folder: Path) -> None:
    """Each letter as .eml and as the text that its reader sees."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9].*"):  # of an earlier run; nothing else in the folder is ours
        old.unlink()
    for number, (to, raw) in enumerate(delivered, 1):
        message = message_from_bytes(raw, policy=policy.default)
        body = message.get_body(("plain",))
        text = f"收件人：{'、'.join(to)}\n主题：{message['Subject']}\n\n{body.get_content() if body else ''}"
        (folder / f"{number:02d}.eml").write_bytes(raw)
        (folder / f"{number:02d}.txt").write_text(text, encoding="utf-8")


def _table(mails: list[DemoMail], lines: list[MailLine]) -> Table:
    columns = [Column(name, overflow="fold") for name in ("来信", "种类", "结论", "编号", "回复", "问题")]
    table = Table(*columns, title="zlcp demo")
    for mail, line in zip(mails, sorted(lines, key=lambda each: each.id), strict=False):
        problems = "、".join(problem.code for problem in line.problems)
        table.add_row(
            mail.about,
            _KINDS.get(line.kind, line.kind),
            _DECISIONS.get(line.decision, line.decision),
            line.number,
            _ANSWERS.get(line.answer, line.answer),
            problems,
        )
    return table
