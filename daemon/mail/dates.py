"""Dates of mail headers (RFC 5322, 3.3 and 4.3), and what Chinese and Java servers write in their stead."""

import re
from datetime import datetime, timedelta, timezone

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?"
_ZONE = r"(?:\s*(?P<zone>[+-]\d{2}:?\d{2}\b|[A-Z]{1,5}\b))?"
_FORMS = (
    re.compile(rf"(?P<day>\d{{1,2}})[\s-]+(?P<month>[A-Z]{{3}})[A-Z]{{0,6}}\.?,?[\s-]+(?P<year>\d{{2,4}}),?\s+{_TIME}{_ZONE}", re.IGNORECASE),
    re.compile(rf"(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})[\sT]+{_TIME}{_ZONE}", re.IGNORECASE),
    re.compile(rf"(?P<month>[A-Z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_TIME}{_ZONE}\s+(?P<year>\d{{4}})", re.IGNORECASE),
)
# CST is China's in the mails that come here; mail programs elsewhere write numbers.
_ZONES = {"cst": 480, "edt": -240, "est": -300, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "jst": 540, "hkt": 480, "sgt": 480}
_BEIJING = 480  # minutes
_EARLIEST, _TURN = 1970, 70
_HOUR = 60  # minutes
_WIDEST = 14 * _HOUR
_LONGEST = 300  # characters


def read_date(text: str) -> datetime | None:
    """The date that a header's value holds, aware, in the zone it names; None where there is none.

    A date without a zone is taken for Beijing time; an unknown zone, as RFC 5322 (4.3) has it, for UTC.
    """
    text = text[-_LONGEST:]
    for form in _FORMS:
        if match := form.search(text):
            return _moment(match)
    return None


def _moment(match: re.Match[str]) -> datetime | None:
    year = int(match["year"])
    if len(match["year"]) < len("2024"):  # RFC 5322, 4.3; a program that counts from 1900 writes three digits
        year += 2000 if year < _TURN else 1900
    month = match["month"].lower()
    offset = _offset((match["zone"] or "").lower())
    if year < _EARLIEST or offset is None or not (month.isdigit() or month in _MONTHS):
        return None
    try:
        zone = timezone(timedelta(minutes=offset))
        number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
        return datetime(year, number, int(match["day"]), int(match["hour"]), int(match["minute"]), min(int(match["second"] or 0), 59), tzinfo=zone)
    except ValueError:
        return None


def _offset(zone: str) -> int | None:
    """Minutes east of Greenwich; None for an impossible zone."""
    if not zone:
        return _BEIJING
    if zone[0] not in "+-":
        return _ZONES.get(zone, 0)
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    offset = hours * _HOUR + minutes
    if minutes >= _HOUR or offset > _WIDEST:
        return None
    return -offset if zone[0] == "-" else offset
