"""The last day of the notice (五（一）): received is what entered our mail server by its end, in the notice's time zone (Electronic Signature Law, art. 11)."""

from datetime import datetime

from rules.messages import problem
from rules.notice import Notice
from rules.problems import Problem

_BEIJING = "Asia/Shanghai"


def deadline_problem(received_at: datetime, notice: Notice) -> Problem | None:
    """`deadline.passed`, or None for a mail that came in time.

    Args:
        received_at: aware; when the mail entered our server, whatever its Date header says.
        notice: the call, with its last day and time zone.
    """
    if received_at < notice.deadline:
        return None
    clause = f"{notice.deadline_clause}；《电子签名法》第十一条"
    return problem("deadline.passed", notice, clause=clause, received=spoken_time(received_at, notice), last_day=spoken_day(notice))


def spoken_time(moment: datetime, notice: Notice) -> str:
    """A moment to the minute, in the notice's time zone: 北京时间2024年9月19日00:01."""
    try:
        local = moment.astimezone(notice.timezone)
    except OverflowError:  # a Received header may name the last day of the year 9999
        local = moment
    zone = "北京时间" if notice.timezone.key == _BEIJING else f"{notice.timezone.key}时间"
    return f"{zone}{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def spoken_day(notice: Notice) -> str:
    """The last day: 2024年9月18日."""
    return f"{notice.last_day.year}年{notice.last_day.month}月{notice.last_day.day}日"
