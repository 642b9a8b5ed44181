"""Hypothesis strategies for the values that are judged: any Submission and any Standing, likely and unlikely ones."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from rules.notice import Notice
from rules.submission import Application, Attachment, Form, Letter, Mailbox, Reading, Role, Standing, Status, Submission

_NAMES = st.sampled_from(["申报表.docx", "申报表-终稿20240910.doc", "材料.zip", "image001.png", "", "{0}", "a\nb.pdf"])
_TYPES = st.sampled_from(["application/msword", "application/pdf", "image/png", "text/plain", "application/zip", "application/octet-stream", ""])
_ADDRESSES = st.sampled_from(["a@unit.example", "B@Unit.Example", "noreply@unit.example", "", "no address"])
_TEXT = st.text(max_size=30)


def forms(notice: Notice) -> st.SearchStrategy[Form]:
    """Forms of a notice: fields missing, empty, likely or arbitrary; several boxes; unknown keys."""
    keys = {kind: [field.key for field in notice.of_kind(kind)] for kind in ("list", "choice")}
    options = [option.key for field in notice.of_kind("choice") for option in field.options]
    others = [field.key for field in notice.fields if field.kind not in keys]
    words = st.one_of(st.just(""), st.sampled_from(["中国微电网设备行业协会", "010-62153721", "a@unit.example", "无", "  \n", "{x}"]), _TEXT)
    several = st.lists(st.sampled_from([*options, "unknown"]), max_size=3).map(tuple)
    return st.builds(
        Form,
        values=st.dictionaries(st.sampled_from([*others, "unknown"]), words),
        choices=st.dictionaries(st.sampled_from(keys["choice"]), several),
        lists=st.dictionaries(st.sampled_from(keys["list"]), st.lists(words, max_size=4).map(tuple)),
        unread=st.lists(st.sampled_from(keys["choice"]), max_size=1).map(tuple),
        inferred=st.lists(st.tuples(_TEXT, _TEXT), max_size=2).map(tuple),
    )


def attachments(notice: Notice) -> st.SearchStrategy[Attachment]:
    """Attachments whose parts need not agree with one another."""
    return st.builds(
        Attachment,
        name=st.one_of(_NAMES, _TEXT),
        size=st.integers(0, 10**9),
        sha256=st.just("0" * 64),
        media_type=_TYPES,
        within=st.lists(_NAMES, max_size=2).map(tuple),
        role=st.sampled_from(Role),
        status=st.sampled_from(Status),
        reading=st.sampled_from(Reading),
        form=st.one_of(st.none(), forms(notice)),
        macros=st.booleans(),
    )


def letters(notice: Notice) -> st.SearchStrategy[Letter]:
    """Letters of applicants, of people who ask, and of machines."""
    words = [notice.subject_words, notice.subject_short, notice.subject_dash, "一一", "中国微电网设备行业协会", "单位名称", "回复：", "请问", "申报材料"]
    number = f"补正通知（{notice.receipt_number(3)}）："
    subjects = st.lists(st.one_of(st.sampled_from([*words, number]), st.text(max_size=6)), max_size=6).map("".join)
    headers = st.sampled_from([("auto-submitted", "auto-replied"), ("authentication-results", "mx; dmarc=fail"), ("list-id", "x"), ("return-path", "<>")])
    return st.builds(
        Letter,
        message_id=st.sampled_from(["", "<1@unit.example>"]),
        sender=st.builds(Mailbox, _TEXT, _ADDRESSES),
        reply_to=st.builds(Mailbox, _TEXT, _ADDRESSES),
        references=st.lists(st.just("<0@unit.example>"), max_size=1).map(tuple),
        subject=st.one_of(subjects, _TEXT),
        text=st.one_of(st.sampled_from(["见附件", "请问怎么填？", ""]), _TEXT),
        links=st.lists(st.one_of(st.sampled_from(["https://pan.baidu.com/s/1", "https://unit.example/"]), _TEXT), max_size=2).map(tuple),
        content_type=st.sampled_from(["multipart/mixed", "multipart/report", ""]),
        part_types=st.lists(st.sampled_from(["application/msword", "text/plain", "text/calendar; method=REQUEST"]), max_size=2).map(tuple),
        headers=st.lists(headers, max_size=2).map(tuple),
    )


def submissions(notice: Notice) -> st.SearchStrategy[Submission]:
    """Mails as they are judged, at any moment."""
    near = st.timedeltas(timedelta(days=-30), timedelta(days=30)).map(lambda delta: notice.deadline + delta)
    moments = st.one_of(near, st.datetimes(timezones=st.just(UTC)), st.just(datetime.max.replace(tzinfo=UTC)))
    files = st.lists(attachments(notice), max_size=4).map(tuple)
    return st.builds(Submission, letters(notice), files, moments, st.just("a" * 64), st.just("b" * 64))


def standings(notice: Notice) -> st.SearchStrategy[Standing]:
    """What a register may hold."""
    applications = st.builds(
        Application,
        id=st.integers(1, 9),
        number=st.just(notice.receipt_number(3)),
        unit_name=_TEXT,
        versions=st.integers(0, 5),
        accepted=st.integers(0, 5),
        decision=st.sampled_from(["accepted", "correction", ""]),
        form=st.one_of(st.none(), forms(notice)),
        addresses=st.frozensets(st.sampled_from(["a@unit.example", "b@unit.example"])),
        how=st.sampled_from(["references", "number", "unit"]),
        vouched=st.booleans(),
    )
    return st.builds(
        Standing,
        application=st.one_of(st.none(), applications),
        repeats=st.sampled_from([None, None, "", notice.receipt_number(3)]),
        answered=st.integers(0, 9),
        next_number=st.just(notice.receipt_number(4)),
    )
