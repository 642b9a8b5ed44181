"""The first section of the digest: what a person must do, why, and what is advised. One row for each mail or letter, however many reasons it has."""

from dataclasses import dataclass
from datetime import timedelta

from daemon.digest_facts import Category, Facts, category_of
from daemon.documents.reasons import in_chinese
from rules.notice import Notice
from rules.text import brief
from storage.outbox import Undelivered
from storage.summary import MailLine, RegisterLine

LETTERS = {
    "acknowledgement": "受理回执",
    "update": "更新收件确认",
    "duplicate": "重复收件告知",
    "correction": "补正通知",
    "late": "逾期收件告知",
    "received": "收悉告知",
    "digest": "工作日报",
}
NOTHING = "—"
QUIET = timedelta(hours=1)  # a mail not read for so long is out of order
_LONGEST = 120  # characters of a technical reason, or of a subject


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to be done."""

    number: str
    unit: str
    reasons: tuple[str, ...]
    advice: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """编号, 单位, 原因, 建议."""
        return (self.number or NOTHING, self.unit or NOTHING, "\n".join(self.reasons), "\n".join(self.advice))


def matters_of(facts: Facts) -> tuple[Matter, ...]:
    """Everything that waits for a person: troubles of the daemon first, they touch all mails; then mails, then letters that did not arrive."""
    lines = {line.number: line for line in facts.register}
    found = [Matter("", "本系统", (reason,), (advice,)) for reason, advice in _troubles(facts)]
    found += [Matter(each.id, NOTHING, *_aside(facts.moment(each.received_at), each.reason)) for each in facts.earlier_aside]
    returning = {letter.returned_by for letter in facts.undelivered}  # their letters are named below
    for mail in (mail for mail in facts.told if mail.id not in returning):
        found += _of_mail(mail, facts, lines.get(mail.number))
    found += [_junk(mail, facts) for mail in facts.still_junk if mail.kind == "application"]
    return (*found, *(_undelivered(letter, facts.notice, lines.get(letter.number)) for letter in facts.undelivered))


def _aside(when: str, reason: str) -> tuple[tuple[str], tuple[str]]:
    return (f"{when}收到的邮件，程序未能读取（{shortened(reason)}）。",), ("原邮件仍在邮箱中，请人工查看办理，并将此编号告知系统维护人员。",)


def _of_mail(mail: MailLine, facts: Facts, line: RegisterLine | None) -> list[Matter]:
    """What one mail asks of a person: nothing, or one matter with all its reasons."""
    if category_of(mail) is Category.SET_ASIDE:
        return [Matter(f"m{mail.id}", NOTHING, *_aside(facts.moment(mail.received_at), mail.reason))]
    reasons = _reasons(mail, facts, line)
    if not reasons:
        return []
    number = line.number if line is not None else mail.number
    return [Matter(number, whose(mail, line), tuple(why for why, _ in reasons), tuple(dict.fromkeys(advice for _, advice in reasons)))]


def _junk(mail: MailLine, facts: Facts) -> Matter:
    reason = f"{facts.moment(mail.received_at)}的来信在垃圾邮件箱中，疑似申报，未登记、未答复。"
    return Matter("", whose(mail), (reason,), ("请在网页邮箱核对；确为申报的，请移入收件箱，程序随即照常办理并答复。",))


def whose(mail: MailLine, line: RegisterLine | None = None) -> str:
    """The unit; where none is known, who wrote, since nothing else tells the staff which mail is meant."""
    name = mail.unit_name or (line.unit_name if line is not None else "")
    return shortened(name or " ".join(part for part in (mail.sender_name, f"<{mail.sender_address}>" if mail.sender_address else "") if part))


def checks_of(mail: MailLine) -> tuple[str, ...]:
    """What the staff are to check, without the reason for silence, which has its own place."""
    return tuple(check for check in mail.checks if not mail.silence or mail.silence not in check)


def telephone(line: RegisterLine | None, notice: Notice) -> str:
    """The numbers of the form, "" where there are none."""
    if line is None or line.form is None:
        return ""
    return shortened("、".join(dict.fromkeys(number for field in notice.of_kind("phone") if (number := line.form.values.get(field.key, "")))))


def _call(line: RegisterLine | None, notice: Notice, purpose: str) -> str:
    number = telephone(line, notice)
    return f"请电话联系（{number}），{purpose}。" if number else f"请设法与其联系，{purpose}。"


def shortened(text: str) -> str:
    """What came from outside, as one short line without characters that cannot be seen."""
    return brief(text, _LONGEST)


def _reasons(mail: MailLine, facts: Facts, line: RegisterLine | None) -> list[tuple[str, str]]:
    """Why this mail needs a person, each with what is advised."""
    when = facts.moment(mail.received_at)
    match category_of(mail):
        case Category.WAITING if facts.now - mail.collected_at > QUIET:
            return [(f"{when}收到的邮件仍未处理。", "请系统维护人员检查程序。")]
        case Category.INQUIRY:
            found = [(f"{when}来信咨询：{shortened(mail.subject) or '（无主题）'}", "请查看原邮件并答复。")]
        case Category.LATE:
            found = [(f"{when}收到，已逾截止日期。", "请研究是否接收，并另行告知该单位。")]
        case Category.REVIEW:
            found = [_review(mail, facts.notice, line)]
        case Category.AUTOMATIC if mail.automatic == "bounce":
            what = "；".join((shortened(mail.subject), *checks_of(mail)))
            return [(f"{when}收到退信：{what}", _call(line, facts.notice, "核对邮箱地址，并告知信中事项"))]
        case Category.ACCEPTED | Category.CORRECTION:
            found = []
        case _:
            return []
    return found + _silent(mail, facts.notice, line)


def _review(mail: MailLine, notice: Notice, line: RegisterLine | None) -> tuple[str, str]:
    why = "；".join(checks_of(mail))
    unread = {each.name: each.reason for each in mail.attachments if each.status == "converted_failed"}
    if unread:
        because = shortened("；".join(dict.fromkeys(in_chinese(reason) for reason in unread.values() if reason)))
        reason = (why or f"附件因我方原因未能读取：{shortened('、'.join(unread))}") + (f"（技术原因：{because}）" if because else "")
        again = f"系统维护人员排除原因后，也可执行 zlcp queue retry m{mail.id} 由程序重新读取。"
        return reason, f"请打开原邮件的附件人工审核，并将结果告知该单位；无须请其重新发送。{again}"
    held = "；核实之前，原有效版本继续有效" if line is not None and line.status == "accepted" else ""
    return (why or "需人工核对。", _call(line, notice, f"核实来信是否为其本意{held}"))


def _silent(mail: MailLine, notice: Notice, line: RegisterLine | None) -> list[tuple[str, str]]:
    """A person wrote and no letter went out: somebody has to tell them."""
    if mail.answer and not mail.silence:
        return []
    purpose = {Category.ACCEPTED: "告知已受理", Category.CORRECTION: "告知需补正的事项"}.get(category_of(mail), "告知来信已收到")
    return [(f"未自动回复：{mail.silence or '来信没有可用的回信地址'}", _call(line, notice, purpose))]


def _undelivered(letter: Undelivered, notice: Notice, line: RegisterLine | None) -> Matter:
    what = LETTERS.get(letter.kind, "回复")
    why = "邮件被退回" if letter.returned_by is not None else shortened(letter.error)
    if letter.kind == "digest":
        reason, advice = f"{what}未送达：{why}", "请系统维护人员核对日报收件人的地址。"
    else:
        reason = f"{what}未送达（发往{shortened('、'.join(letter.to))}）：{why}。该单位视为尚未收到通知"
        advice = _call(line, notice, f"告知{what}的内容，并核对邮箱地址")
    settle = f"办妥后，请系统维护人员执行 zlcp queue discard {letter.id}，不再列出。"
    return Matter(letter.number, shortened(letter.unit_name or "、".join(letter.to)), (reason,), (advice, settle))


def _troubles(facts: Facts) -> list[tuple[str, str]]:
    health, recorded = facts.health, facts.recorded
    found = []
    if health.trouble:
        found.append((f"连接异常：{shortened(health.trouble)}", "请系统维护人员检查；恢复后未收的邮件会自动补收。"))
    if health.round_at is not None and health.overdue:
        found.append((f"自{facts.moment(health.round_at)}起未能检查邮箱。", "请系统维护人员检查邮箱连接；急件请直接查看邮箱。"))
    if health.junk_trouble:
        found.append((f"垃圾邮件箱未能读取：{shortened(health.junk_trouble)}", "请系统维护人员核对垃圾邮件箱的文件夹名称；在此之前请自行查看。"))
    if health.in_mailbox is not None and health.in_mailbox > recorded:
        found.append((f"邮箱现有 {health.in_mailbox} 封，只登记了 {recorded} 封。", "请系统维护人员检查；急件请直接查看邮箱。"))
    return found
