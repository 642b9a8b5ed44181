"""The last day (notice, 五（一）; Electronic Signature Law, art. 11)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadline import deadline_problem
from tests.rules.examples import real_notice, second_notice

BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        (datetime(2024, 9, 18, 0, 0, tzinfo=BEIJING), False),
        (datetime(2024, 9, 18, 23, 59, 59, 999999, tzinfo=BEIJING), False),
        (datetime(2024, 9, 19, 0, 0, tzinfo=BEIJING), True),
        (datetime(2024, 9, 18, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2024, 9, 18, 16, 0, tzinfo=UTC), True),
        (datetime(2024, 9, 18, 23, 0, tzinfo=UTC), True),
        (datetime(2024, 9, 19, 3, 0, tzinfo=timezone(timedelta(hours=12))), False),
    ],
)
def test_the_whole_last_day_counts_in_beijing_time(moment, late):
    assert (deadline_problem(moment, real_notice()) is not None) == late


def test_the_message_names_both_times():
    found = deadline_problem(datetime(2024, 9, 18, 16, 1, tzinfo=UTC), real_notice())
    assert "北京时间2024年9月19日00:01" in found.message
    assert "2024年9月18日" in found.message
    assert "电子签名法" in found.clause


def test_another_notice_has_its_own_day_and_zone():
    assert deadline_problem(datetime(2025, 3, 31, 17, 59, tzinfo=UTC), second_notice()) is None
    found = deadline_problem(datetime(2025, 3, 31, 18, 0, tzinfo=UTC), second_notice())
    assert "Asia/Urumqi时间2025年4月1日00:00" in found.message


@given(st.datetimes(timezones=st.timezones()))
def test_any_moment_is_in_time_or_late(moment):
    assert (deadline_problem(moment, real_notice()) is None) == (moment < real_notice().deadline)
