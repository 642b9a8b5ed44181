"""The daily digest as plain values: a subject and sections of lines and one table each. daemon/digest_mail.py sets them in type."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from daemon.digest_facts import Category, Facts, category_of, chinese_day, count
from daemon.digest_matters import NOTHING, Matter, checks_of, matters_of, shortened, telephone, whose
from rules.submission import Form
from storage.summary import MailLine, RegisterLine

NONE = "无。"
BEIJING = timedelta(hours=8)
PATIENCE = 3  # days a unit may take for its correction before a call is advised
HURRY = 2  # days before the end of the call when a call is advised at once
MOST_ROWS = 200  # of a table nobody has to act on; a mail of a thousand rows is refused by mail servers

# Understood and accepted, and nothing for the staff to look into: only counted.
TRIFLES = frozenset({"subject.form", "form.introduction_length"})

MACHINES = {"auto_reply": "自动回复", "bounce": "退信", "receipt": "阅读回执", "list": "群发邮件", "calendar": "日程邀请", "own": "本系统邮件"}


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands under it: lines, then a table, whose first column names each row; a cell's lines are parted by newlines."""

    title: str
    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's digest.

    Attributes:
        made_at: aware, in the digest's time zone.
        counts: the day's mails by category; they add up to `received`.
        matters: what a person must do.
        settled: ids of the mails that need no mention in a later digest; a mail that still waits is told of again.
    """

    day: date
    made_at: datetime
    subject: str
    sections: tuple[Section, ...]
    received: int
    counts: Mapping[Category, int]
    matters: tuple[Matter, ...]
    settled: tuple[int, ...]

    @property
    def made(self) -> str:
        """When it was made, by which clock: 2024年9月10日 17:30（北京时间）."""
        clock = "北京时间" if self.made_at.utcoffset() == BEIJING else f"UTC{self.made_at:%z}"
        return f"{chinese_day(self.made_at.date())} {self.made_at:%H:%M}（{clock}）"


def compose(facts: Facts) -> Digest:
    """Make the digest of what was read from the register."""
    counts, matters = count(facts.mails), matters_of(facts)
    sections = [
        _to_do(facts, matters),
        _figures(facts, counts),
        _accepted(facts),
        _waiting(facts),
        _to_check(facts),
        _carried(facts),
        _paper(facts),
        _unanswered(facts),
        _junk(facts),
        _health(facts, counts),
    ]
    figures = f"收{len(facts.mails)} 受理{counts[Category.ACCEPTED]} 补正{counts[Category.CORRECTION]} 待人工{len(matters)}"
    return Digest(
        day=facts.day,
        made_at=facts.now.astimezone(facts.zone),
        subject=f"【工作日报】{facts.notice.topic} {chinese_day(facts.day)}（{figures}）",
        sections=tuple(section for section in sections if section is not None),
        received=len(facts.mails),
        counts=counts,
        matters=matters,
        settled=tuple(mail.id for mail in facts.told if category_of(mail) is not Category.WAITING) + tuple(mail.id for mail in facts.junk),
    )


def _to_do(facts: Facts, matters: tuple[Matter, ...]) -> Section:
    """What must be done; what a person was asked to look at before, and nothing newer has come of, is only recalled: it may have been done."""
    told = {mail.number for mail in facts.told}
    before = [line.number for line in facts.register if line.newest_decision == "review" and line.number not in told]
    recalled = (f"此前日报已列、尚无新来信的待人工核对事项：{'、'.join(before)}（已办理的请忽略）。",) if before else ()
    lines = recalled if matters or recalled else (NONE,)
    return Section(f"需要人工处理（{len(matters)} 项）", lines, ("编号", "单位", "原因", "建议"), tuple(matter.cells for matter in matters))


def _figures(facts: Facts, counts: Mapping[Category, int]) -> Section:
    rows = [("收件合计", str(len(facts.mails)))]
    rows += [(category.value, str(counts[category])) for category in Category if counts[category] or category in _ALWAYS]
    return Section("当日收件与累计", (_until(facts), _in_all(facts)), ("当日收件", "封数"), tuple(rows))


_ALWAYS = (Category.ACCEPTED, Category.CORRECTION, Category.LATE, Category.REVIEW)


def _until(facts: Facts) -> str:
    last, left = chinese_day(facts.notice.last_day), facts.days_left
    if left > 0:
        return f"距申报截止日（{last}）还有 {left} 天。"
    return f"今日为申报截止日（{last}），24时截止。" if left == 0 else f"申报已于{last}截止，已过 {-left} 天。"


def _in_all(facts: Facts) -> str:
    by = Counter(line.status for line in facts.register)
    parts = [f"已受理 {by['accepted']} 家", f"待补正 {by['correction']} 家", f"逾期 {by['late']} 家", f"待人工核对 {by['review']} 家"]
    return f"累计（截至{facts.moment(facts.now)}）：收件 {facts.recorded} 封，申报单位 {len(facts.register)} 家，其中{'，'.join(parts)}。"


def _accepted(facts: Facts) -> Section:
    mails = [mail for mail in facts.mails if category_of(mail) is Category.ACCEPTED]
    forms = {line.number: line.form for line in facts.register}
    rows = tuple((mail.number, whose(mail), *_what_it_is(forms.get(mail.number), facts), _version(mail), facts.moment(mail.received_at)) for mail in mails)
    return _listed(f"当日受理（{len(mails)} 件）", ("编号", "单位", "单位性质", "意向产业领域", "版本", "收到时间"), rows)


def _listed(title: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], lines: tuple[str, ...] = ()) -> Section:
    """A section whose table is cut where it grows beyond what a mail can hold; that it was cut is said."""
    if len(rows) > MOST_ROWS:
        lines = (*lines, f"共 {len(rows)} 行，此处列出前 {MOST_ROWS} 行，其余请见所附台账或邮箱。")
    return Section(title, lines or (() if rows else (NONE,)), columns, rows[:MOST_ROWS])


def _version(mail: MailLine) -> str:
    return "首次受理" if mail.version <= 1 else f"第 {mail.version} 版"


def _what_it_is(form: Form | None, facts: Facts) -> tuple[str, str]:
    """The ticked options and the listed items of a form, as the staff sort applicants by."""
    if form is None:
        return NOTHING, NOTHING
    labels = {option.key: option.label for field in facts.notice.of_kind("choice") for option in field.options}
    ticked = [labels.get(key, key) for keys in form.choices.values() for key in keys]
    items = [item for each in form.lists.values() for item in each]
    return "、".join(ticked) or NOTHING, shortened("、".join(items)) or NOTHING


def _waiting(facts: Facts) -> Section:
    lines = sorted((line for line in facts.register if line.status == "correction"), key=lambda line: (line.updated_at, line.number))
    rows = tuple(
        (line.number, shortened(line.unit_name or line.sender), f"{facts.days_since(line.updated_at)} 天", _open_points(line), _reminder(line, facts))
        for line in lines
    )
    return _listed(f"等待补正（{len(lines)} 家）", ("编号", "单位", "已等待", "待补正", "建议"), rows)


def _open_points(line: RegisterLine) -> str:
    errors = [problem.message for problem in line.problems if problem.severity == "error"]
    return "\n".join(f"{n}. {message}" for n, message in enumerate(errors, 1)) or NOTHING


def _reminder(line: RegisterLine, facts: Facts) -> str:
    number = telephone(line, facts.notice)
    if facts.days_left < 0:
        return "已过截止日期，请研究是否继续接收补正。"
    if facts.days_since(line.updated_at) < PATIENCE and facts.days_left > HURRY:
        return NOTHING
    return f"请电话提醒（{number}）。" if number else "请设法提醒。"


def _to_check(facts: Facts) -> Section:
    """What was concluded rather than read, and what was accepted though noteworthy. What a person must act on stands in the first section.

    One row for each application: a clerk checks a unit once, however many mails it sent.
    """
    lines = {line.number: line for line in facts.register}
    found: dict[str, list[tuple[MailLine, tuple[str, ...]]]] = {}
    trifles = 0
    for mail in facts.told:
        if category_of(mail) not in {Category.ACCEPTED, Category.CORRECTION, Category.LATE}:
            continue
        soft = [problem for problem in mail.problems if problem.severity != "error"]
        trifles += any(problem.code in TRIFLES for problem in soft)
        notes = (*checks_of(mail), *_kept_version(mail, lines.get(mail.number)), *(problem.message for problem in soft if problem.code not in TRIFLES))
        found.setdefault(mail.number or f"m{mail.id}", []).append((mail, notes))
    told = ((group[-1][0], _hints(group)) for group in found.values())
    rows = [(mail.number or NOTHING, whose(mail), "\n".join(hints)) for mail, hints in told if hints]
    passing = (f"另有 {trifles} 封的邮件主题写法或简介字数与通知略有出入，不影响受理，无须处理。",) if trifles else ()
    return _listed(f"请核对（{len(rows)} 件）", ("编号", "单位", "事项"), tuple(rows), passing)


def _hints(group: list[tuple[MailLine, tuple[str, ...]]]) -> tuple[str, ...]:
    """The hints of one application's mails, each once: those of the newest mail, then what only an earlier one gave, with its version."""
    newest = dict.fromkeys(group[-1][1])
    earlier = {note: mail.version for mail, notes in group[:-1] for note in notes if note not in newest}
    latest_first = sorted(earlier.items(), key=lambda item: item[1], reverse=True)
    return (*newest, *(f"{note}（见第 {version} 版）" if version else note for note, version in latest_first))


def _kept_version(mail: MailLine, line: RegisterLine | None) -> tuple[str, ...]:
    """A failed update never displaces the valid version: said, so that nobody takes the unit for one without."""
    if category_of(mail) is not Category.CORRECTION or line is None or line.status != "accepted" or mail.version < line.version:
        return ()
    return (f"本次更新需补正，此前有效版本（第 {line.version} 版）仍然有效。",)


def _carried(facts: Facts) -> Section | None:
    if not facts.carried:
        return None
    counts = count(facts.carried)
    sums = "，".join(f"{category.value} {counts[category]}" for category in Category if counts[category])
    shown = [mail for mail in facts.carried if category_of(mail) not in _IN_PASSING]
    rows = tuple((mail.number or NOTHING, whose(mail), facts.moment(mail.received_at), category_of(mail).value) for mail in shown)
    lines = (f"共 {len(facts.carried)} 封（{sums}），不计入当日收件数。",)
    return _listed("此前收到、此前日报未列", ("编号", "单位", "收到时间", "办理结果"), rows, lines)


_IN_PASSING = (Category.AUTOMATIC, Category.REPEAT)


def _paper(facts: Facts) -> Section | None:
    if not facts.notice.paper:
        return None
    accepted = sum(line.status == "accepted" for line in facts.register)
    due = f"已受理的 {accepted} 家须寄送盖章纸质版。" if accepted else "尚无已受理的单位。"
    return Section("纸质版待收", (f"{due}本系统不登记纸质版的收取情况，收到后请自行记录。",))


def _unanswered(facts: Facts) -> Section:
    """Every mail that was met with silence has its line, so that a person mistaken for a machine is found."""
    mails = [mail for mail in facts.told if category_of(mail) in _IN_PASSING]
    rows = tuple((facts.moment(mail.received_at), _from(mail), shortened(mail.subject) or "（无主题）", _as_what(mail)) for mail in mails)
    return _listed(f"自动邮件和重复来信（{len(mails)} 封）", ("收到时间", "来信人", "主题", "判定"), rows)


def _from(mail: MailLine) -> str:
    return shortened(mail.sender_address or mail.sender_name) or NOTHING


def _as_what(mail: MailLine) -> str:
    if category_of(mail) is Category.AUTOMATIC:
        return MACHINES.get(mail.automatic or "", "自动邮件")
    return f"与 {mail.number} 重复" if mail.number else "重复来信"


def _junk(facts: Facts) -> Section | None:
    mails = facts.still_junk
    if not mails:
        return None
    rows = tuple((facts.moment(mail.received_at), _from(mail), shortened(mail.subject) or "（无主题）", _looks_like(mail)) for mail in mails)
    lines = ("垃圾邮件箱中的邮件一律不答复、不登记为申报。如有误判，请在网页邮箱将其移入收件箱，程序随即照常办理并答复。",)
    return _listed(f"垃圾邮件箱（{len(mails)} 封）", ("收到时间", "来信人", "主题", "疑似"), rows, lines)


def _looks_like(mail: MailLine) -> str:
    if mail.kind == "application":
        return "申报"
    return MACHINES.get(mail.automatic or "", "自动邮件") if mail.kind == "automatic" else "其他"


def _health(facts: Facts, counts: Mapping[Category, int]) -> Section:
    health, totals = facts.health, facts.totals
    rows = [
        ("最近来信", facts.moment(facts.last_mail_at) if facts.last_mail_at else "尚无来信"),
        ("最近检查邮箱", facts.moment(health.round_at) if health.round_at else "（生成本报时未连接邮箱）"),
        ("邮箱与登记", f"已登记 {facts.recorded} 封" + (f"，邮箱现有 {health.in_mailbox} 封" if health.in_mailbox is not None else "")),
        ("处理", f"待处理 {totals.states.get('kept', 0)} 封，未能读取 {totals.states.get('set_aside', 0)} 封"),
        ("发信", f"已发 {totals.replies_sent} 封，待发 {totals.replies_due} 封，未能送达 {totals.replies_failed} 封"),
        ("连接", f"异常：{shortened(health.trouble)}" if health.trouble else "正常"),
    ]
    if sum(counts.values()) != len({mail.id for mail in facts.mails}):
        rows.append(("统计", f"异常：当日收件 {len(facts.mails)} 封，分类合计 {sum(counts.values())} 封，请告知系统维护人员。"))
    return Section("系统运行情况", (), ("项目", "情况"), tuple(rows))
