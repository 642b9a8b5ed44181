"""The six letters we write to those who wrote to us: a verdict in, a finished mail out.

What is said stands in daemon/templates, a folder for each letter, once: the HTML part is made of the lines of the text part.
Facts come from the notice, the verdict and the register only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from daemon.mail.compose import Heading, address_of, compose, fixed_message_id
from rules.notice import Notice, Option
from rules.problems import Decision, Kind, Problem, Severity, Verdict
from rules.subject import read_subject
from rules.submission import Attachment, Form, Mailbox, Standing, Submission
from rules.text import brief
from storage.outbox import Reply

if TYPE_CHECKING:
    from jinja2 import Environment

_NUMBERED = re.compile(r"\d+\. ")
_LONGEST = 1000  # characters of one problem's message
_NAMES = 10  # of files, in one list


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a letter that belong together; shape: "text", "list" (numbered), "copy" (to be copied as it stands) or "sign" (the signature)."""

    shape: str
    lines: tuple[str, ...]


def write_reply(  # noqa: PLR0913, PLR0917 - everything that a letter may speak of
    submission: Submission, verdict: Verdict, standing: Standing, number: str, notice: Notice, sender: str, now: datetime, mail_key: str
) -> Reply | None:
    """The letter that answers one mail; None where none is due, or where the mail names no address that one could be sent to.

    Args:
        submission: the mail that is answered.
        verdict: what was found, and which letter answers it.
        standing: what the register knew before.
        number: the receipt number that the letter names; "" for none.
        notice: the call.
        sender: "Name <address>", who writes.
        now: aware; the date of the letter.
        mail_key: stands for the mail: the letter's Message-ID is made of it, so that a letter written again is the same letter.
    """
    letter = submission.letter
    correspondent = letter.reply_to if address_of(letter.reply_to) else letter.sender
    address = address_of(correspondent)
    if verdict.answer is None or not address:
        return None
    kind = verdict.answer.value
    facts = _facts(submission, verdict, standing, number, notice, now)
    subject = brief(_render(f"{kind}/subject.txt", facts), 300)
    text = _tidy(_render(f"{kind}/body.txt", facts))
    html = _render("_layout/letter.html", {"subject": subject, "blocks": blocks_of(text, str(facts["correct_subject"]))})
    identity = fixed_message_id(kind, mail_key, sender)
    date = now.astimezone(notice.timezone)
    heading = Heading(sender, Mailbox(correspondent.name, address), subject, identity, date, letter.message_id, letter.references)
    return Reply(kind=kind, to=(address,), subject=subject, text=text, message_id=identity, mime=compose(heading, text, html))


def blocks_of(text: str, to_copy: str) -> tuple[Block, ...]:
    """The blocks of a letter's text, which blank lines divide: where every line begins with a number it is a list, and the last is the signature."""
    blocks = [tuple(block.split("\n")) for block in text.strip().split("\n\n")]
    shaped = [Block(_shape(lines, to_copy), tuple(_NUMBERED.sub("", line, count=1) for line in lines) if _is_list(lines) else lines) for lines in blocks]
    return (*shaped[:-1], Block("sign", blocks[-1]))


def _is_list(lines: tuple[str, ...]) -> bool:
    return all(_NUMBERED.match(line) for line in lines)


def _shape(lines: tuple[str, ...], to_copy: str) -> str:
    if lines == (to_copy,):
        return "copy"
    return "list" if _is_list(lines) else "text"


@cache
def _templates() -> "Environment":
    # Not needed before the first letter, and a tenth of a second to import.
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # noqa: PLC0415

    return Environment(
        loader=PackageLoader("daemon", "templates"), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, auto_reload=False,
    )  # fmt: skip


def _render(template: str, facts: dict[str, object]) -> str:
    return _templates().get_template(template).render(facts)


def _tidy(text: str) -> str:
    """One blank line at most between blocks: a template need not think of what its neighbours left out."""
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text).strip() + "\n"


def _facts(  # noqa: PLR0913, PLR0917 - as above
    submission: Submission, verdict: Verdict, standing: Standing, number: str, notice: Notice, now: datetime
) -> dict[str, object]:
    """Everything that a template may name, in words; what came from outside is made one harmless line."""
    unit = brief(verdict.unit_name or "", 200)
    received = submission.received_at.astimezone(notice.timezone)
    accepted = standing.application.accepted if standing.application else 0
    advice = _paper_advice(verdict.form, notice)
    return {
        "notice": notice,
        "verdict": verdict,
        "number": number,
        "mark": f"（{number.strip('（）')}）" if number else "",
        "unit": unit,
        "salutation": unit or "尊敬的申报单位",
        "about": _about(submission, verdict, notice, unit),
        "correct_subject": notice.correct_subject(unit or notice.subject_placeholder),
        "received": f"{_day(received)} {received:%H:%M}",
        "clock": _clock(received),
        "deadline": f"{_day(notice.last_day)}24时",
        "open": now < notice.deadline,
        "today": _day(now.astimezone(notice.timezone)),
        "contacts": "、".join(f"{contact.name} {contact.phone}" for contact in notice.contacts),
        "files": _files(verdict.attachments),
        "answers": _answers(verdict.form, notice),
        "advice": advice,
        "accepted": accepted,
        "held": verdict.decision is Decision.REVIEW and verdict.form is not None and accepted > 0,
        "changes": [brief(change) for change in verdict.changes],
        "errors": [_words(problem) for problem in verdict.errors if problem.code != "deadline.passed"],
        "hints": _hints(verdict, advice),
    }


def _about(submission: Submission, verdict: Verdict, notice: Notice, unit: str) -> str:
    """What the letter is about, for its subject: the prescribed subject where a unit applies, else the subject that was asked under."""
    if verdict.kind is Kind.APPLICATION:
        return notice.correct_subject(unit) if unit else notice.subject_words
    return brief(read_subject(submission.letter.subject, notice).text, 40) or notice.subject_words


def _words(problem: Problem) -> str:
    basis = f"依据：{problem.clause}。" if problem.clause else ""
    return brief(problem.message, _LONGEST) + basis


def _hints(verdict: Verdict, advice: list[str]) -> list[str]:
    """The warnings, as hints; that a recommendation is needed is said once, and the letters that speak of the paper copy say it there."""
    said = {"form.recommendation_needed"} if advice and verdict.decision is Decision.ACCEPTED else set()
    warnings = [problem for problem in verdict.problems if problem.severity is Severity.WARNING and problem.code not in said]
    return [brief(problem.message, _LONGEST) for problem in warnings]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _clock(moment: datetime) -> str:
    """What a clock of the notice's zone is called."""
    offset = moment.utcoffset()
    return "北京时间" if offset == timedelta(hours=8) else f"UTC{moment:%z}"


def _list(names: Iterable[str]) -> str:
    names = list(names)
    more = f"等 {len(names)} 个" if len(names) > _NAMES else ""
    return "、".join(names[:_NAMES]) + more


def _files(attachments: Iterable[Attachment]) -> str:
    """The names of the files that came, each archive or forwarded mail with what was in it."""
    inside: dict[str, list[str]] = {}
    for attachment in attachments:
        name = brief(attachment.name, 100) or "（未命名）"
        if attachment.within:
            inside.setdefault(brief(attachment.within[0], 100), []).append(name)
        else:
            inside.setdefault(name, [])
    return _list(f"{outer}（内含：{_list(names)}）" if names else outer for outer, names in inside.items())


def _ticked(form: Form, notice: Notice) -> list[Option]:
    return [option for field in notice.of_kind("choice") for option in field.options if option.key in form.choices.get(field.key, ())]


def _answers(form: Form | None, notice: Notice) -> list[tuple[str, str]]:
    """(label, answer) of the choices and lists of the form: what the applicant should see that we understood."""
    if form is None:
        return []
    answers = []
    for field in notice.of_kind("choice", "list"):
        ticked = [option.label for option in field.options if option.key in form.choices.get(field.key, ())]
        items = ticked or [brief(item, 100) for item in form.lists.get(field.key, ())]
        answers.append((field.label, _list(items)))
    return [(label, answer) for label, answer in answers if answer]


def _paper_advice(form: Form | None, notice: Notice) -> list[str]:
    """What the paper copy needs of a unit of the ticked type; of every type, where none or several are ticked."""
    ticked = _ticked(form, notice) if form else []
    if len(ticked) == 1:
        stamps = [notice.paper_unrecommended if ticked[0].nominates_itself else notice.paper_recommended]
    else:
        ticked = [option for field in notice.of_kind("choice") for option in field.options]
        stamps = [notice.paper_unrecommended, notice.paper_recommended]
    return list(dict.fromkeys(advice for advice in (*stamps, *(option.paper for option in ticked)) if advice))
