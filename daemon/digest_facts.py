"""What one daily digest is made of: the mails of its day, what earlier digests left out, the register, and how the daemon is doing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.notice import Notice
from storage.mails import SetAside
from storage.outbox import Undelivered
from storage.summary import MailLine, RegisterLine, Totals


class Category(StrEnum):
    """What became of a mail, in the staff's words: each mail is in exactly one."""

    ACCEPTED = "受理"
    CORRECTION = "补正"
    LATE = "逾期"
    REVIEW = "待人工核对"
    INQUIRY = "咨询"
    SET_ASIDE = "未能读取"
    WAITING = "尚未处理"
    REPEAT = "重复来信"
    AUTOMATIC = "自动邮件"
    STAFF = "工作人员来信"
    DISCARDED = "已由人工处置"


JUNK_STATES = ("junk", "junk_copy")  # what lies in the junk folder is no mail received: it has a section of its own

_STATES = {"kept": Category.WAITING, "set_aside": Category.SET_ASIDE, "discarded": Category.DISCARDED}
_KINDS = {"automatic": Category.AUTOMATIC, "staff": Category.STAFF}
_DECISIONS = {"accepted": Category.ACCEPTED, "correction": Category.CORRECTION, "late": Category.LATE, "review": Category.REVIEW}


def category_of(mail: MailLine) -> Category:
    """The one category of a mail. What is recorded as no version, though an application, came before: a repeat."""
    if mail.state in _STATES:
        return _STATES[mail.state]
    if mail.kind in _KINDS:
        return _KINDS[mail.kind]
    if mail.repeats:
        return Category.REPEAT
    if mail.kind == "inquiry":
        return Category.INQUIRY
    if mail.decision == "accepted" and not mail.version:
        return Category.REPEAT
    return _DECISIONS.get(mail.decision, Category.REVIEW)


def count(mails: Iterable[MailLine]) -> Mapping[Category, int]:
    """How many of these mails are in each category; 0 where none is."""
    return Counter(category_of(mail) for mail in mails)


@dataclass(frozen=True, slots=True)
class Health:
    """How the daemon is doing.

    Attributes:
        in_mailbox: mails the mailbox holds; None where it was not asked.
        round_at: when it was last asked, aware; None where it was not.
        trouble: what is wrong with it now, one line for the operator; "" for nothing.
        junk_trouble: why the junk folder cannot be read, likewise.
        overdue: whether it was not asked for three polls (daemon/health.py).
    """

    in_mailbox: int | None = None
    round_at: datetime | None = None
    trouble: str = ""
    junk_trouble: str = ""
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one digest is made of, as read in one transaction.

    Attributes:
        mails: received on the day, in the order of arrival.
        carried: received at another time, and first told of in this digest.
        junk: what lies in the junk folder, first told of in this digest.
        earlier_aside: not of these, but set aside before and still so; empty in the digest of a day long past.
        undelivered: letters that were given up; empty there as well.
    """

    day: date
    zone: ZoneInfo
    now: datetime
    notice: Notice
    mails: tuple[MailLine, ...]
    carried: tuple[MailLine, ...]
    register: tuple[RegisterLine, ...]
    totals: Totals
    junk: tuple[MailLine, ...] = ()
    earlier_aside: tuple[SetAside, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    last_mail_at: datetime | None = None
    health: Health = Health()

    @property
    def told(self) -> tuple[MailLine, ...]:
        """Every mail that this digest tells of."""
        return self.carried + self.mails

    @property
    def still_junk(self) -> tuple[MailLine, ...]:
        """What lies in the junk folder alone; a copy of what was taken in elsewhere needs no mention."""
        return tuple(mail for mail in self.junk if mail.state == "junk")

    @property
    def recorded(self) -> int:
        """All mails that were recorded, but for those in the junk folder."""
        return self.totals.mails - sum(self.totals.states.get(state, 0) for state in JUNK_STATES)

    @property
    def days_left(self) -> int:
        """Days to the last day of the call: 0 on it, negative after it."""
        return (self.notice.last_day - self.day).days

    def moment(self, when: datetime) -> str:
        """A time as the staff read it, to the minute, with the year where it is another."""
        local = when.astimezone(self.zone)
        year = f"{local.year}年" if local.year != self.day.year else ""
        return f"{year}{local.month}月{local.day}日 {local:%H:%M}"

    def days_since(self, when: datetime) -> int:
        """Whole calendar days from then to the digest's day, never below 0."""
        return max((self.day - when.astimezone(self.zone).date()).days, 0)


def chinese_day(day: date) -> str:
    """2024年9月10日."""
    return f"{day.year}年{day.month}月{day.day}日"
