"""The heart of the rules: judge one mail by the notice. Values in, a Verdict out; it never raises, whatever came.

Read it from top to bottom: who wrote, does it mean to apply, what is wrong, what becomes of it, what is answered.
"""

from dataclasses import dataclass, replace

from rules.attachments import Choice, choose_form, unit_of
from rules.completeness import form_problems
from rules.deadline import deadline_problem
from rules.fields import name_key
from rules.history import changed_labels
from rules.intent import answers_application, means_to_apply
from rules.links import cloud_links
from rules.machines import failed_recipients, machine_kind, may_answer, sender_unverified
from rules.messages import WORDING, column, problem
from rules.notice import Notice
from rules.problems import Answer, Decision, Kind, Problem, Severity, Verdict
from rules.receipts import receipt_numbers, returned_numbers
from rules.subject import SubjectReading, read_subject
from rules.submission import Application, Clues, Form, Letter, Role, Standing, Submission
from rules.text import brief, clean
from rules.units import Likeness, likeness, plain_name, short_names_in, stands_apart


@dataclass(frozen=True, slots=True)
class _Case:
    """What was read of one mail, for the steps below to hand on."""

    submission: Submission
    standing: Standing
    notice: Notice
    reading: SubjectReading
    choice: Choice
    unverified: bool

    @property
    def form(self) -> Form | None:
        """The form that counts."""
        return self.choice.chosen.form if self.choice.chosen else None

    @property
    def form_unit(self) -> str:
        """The unit that the form names, or ""."""
        return unit_of(self.choice.chosen, self.notice) if self.choice.chosen else ""

    @property
    def unit_name(self) -> str | None:
        """The unit as far as it is known: the form's, else the subject's, else that of a form in PDF."""
        return self.form_unit or self.reading.unit_name or self.choice.pdf_unit or None


def judge(  # noqa: PLR0913 - the last three are settings with defaults
    submission: Submission, standing: Standing, notice: Notice, *, own: frozenset[str] = frozenset(), cap: int = 6, authserv_id: str = ""
) -> Verdict:
    """Judge one mail.

    Args:
        submission: the mail, as it was read.
        standing: what the register holds for `clues_of(submission, notice)`.
        notice: the call that it is judged by.
        own: our own addresses besides the notice's, lower case.
        cap: how many automatic letters one address may get in 24 hours; 0 for any number.
        authserv_id: the name under which our server signs its Authentication-Results; "" for any.
    """
    letter = submission.letter
    own |= {notice.email.lower()}
    case = _read(submission, standing, notice, unverified=sender_unverified(letter, authserv_id))
    applies = means_to_apply(submission, case.reading, standing, notice)
    has_form = applies and any(each.role is Role.FORM for each in submission.attachments)
    automatic = machine_kind(letter, own, has_form=has_form)
    if automatic:
        return _machine(automatic, case)
    return _hold_back(_application(case) if applies else _inquiry(case), case, own, cap)


def clues_of(submission: Submission, notice: Notice) -> Clues:
    """What the register is to be asked before this mail is judged."""
    letter = submission.letter
    case = _read(submission, Standing(), notice)
    numbers = receipt_numbers(clean(letter.subject), notice) or returned_numbers(submission, notice)
    # A slip in what was read of a PDF must not part a mail from the application that it answers.
    unit = case.form_unit or case.reading.unit_name if letter.references or numbers else case.unit_name
    return Clues(
        unit_key=name_key(unit or ""),
        references=letter.references,
        numbers=numbers,
        sender=letter.sender.address.lower(),
        message_id=letter.message_id,
        fingerprint=submission.fingerprint,
        sha256=submission.sha256,
        recipients=tuple(each.lower() for each in failed_recipients(letter)),
    )


def _read(submission: Submission, standing: Standing, notice: Notice, *, unverified: bool = False) -> _Case:
    reading = read_subject(submission.letter.subject, notice)
    choice = choose_form(submission.attachments, notice, reading.unit_name, linked=bool(cloud_links(submission.letter)))
    case = _Case(submission, standing, notice, reading, choice, unverified)
    return replace(case, reading=_name_by_form(reading, case.form_unit))


def _name_by_form(reading: SubjectReading, unit: str) -> SubjectReading:
    """Where the whole name of the form's unit stands in the subject, that is the unit which the subject names."""
    typed = reading.unit_name
    if not name_key(unit):
        return reading
    if typed is None and name_key(unit) not in name_key(reading.text):
        return reading
    if typed is not None and not _named_whole(unit, typed, reading.text):
        return reading
    return replace(reading, unit_name=unit, exact=False, placeholder=False, rest=reading.rest.replace(unit, ""))


def _named_whole(unit: str, typed: str, line: str) -> bool:
    """Whether a subject names the unit whole, with something behind what was taken for its name, or with something of it cut off."""
    kind = likeness(typed, unit)
    return stands_apart(unit, typed) if kind is Likeness.WITHIN else kind is Likeness.SHORT and name_key(unit) in name_key(line)


def _machine(automatic: str, case: _Case) -> Verdict:
    """A machine wrote. A bounce is shown with the application whose letter did not arrive, so that the staff can telephone."""
    verdict = Verdict(Kind.AUTOMATIC, Decision.NONE, automatic, attachments=case.submission.attachments)
    if automatic != "bounce":
        return verdict
    known, failed = case.standing.application, failed_recipients(case.submission.letter)
    if failed:
        verdict = replace(verdict, checks=(f"发往{'、'.join(brief(each) for each in failed[:_MOST_NAMED])}的邮件未能送达",))
    if known and (known.how != "unit" or known.addresses & {each.lower() for each in failed}):
        return replace(verdict, application=known.id, known_as=known.number)
    return verdict


_MOST_NAMED = 3


def _inquiry(case: _Case) -> Verdict:
    """A person wrote, but not to apply: kept for the staff, and the sender is told so."""
    known = case.standing.application
    if known and not answers_application(case.reading, case.standing) and case.submission.letter.sender.address.lower() not in known.addresses:
        known = None
    return Verdict(
        Kind.INQUIRY,
        Decision.NONE,
        unit_name=case.unit_name,
        subject_unit_name=case.reading.unit_name,
        problems=_sender_problems(case),
        attachments=case.choice.attachments,
        answer=Answer.RECEIVED,
        checks=_checks(case),
        application=known.id if known else None,
        known_as=known.number if known else "",
    )


def _application(case: _Case) -> Verdict:
    known = case.standing.application
    problems = _problems(case)
    decision = _decide(problems, case.choice)
    verdict = Verdict(
        Kind.APPLICATION,
        decision,
        unit_name=case.unit_name,
        subject_unit_name=case.reading.unit_name,
        problems=problems,
        form=case.form,
        attachments=case.choice.attachments,
        answer=_ANSWERS[decision],
        checks=_checks(case),
        application=known.id if known else None,
        version=known.versions + 1 if known else 1,
        known_as=known.number if known else "",
    )
    if known and known.accepted and case.form and decision is Decision.ACCEPTED:
        return _again(verdict, known, case.form, case)
    return verdict


_ANSWERS = {
    Decision.ACCEPTED: Answer.ACKNOWLEDGEMENT,
    Decision.CORRECTION: Answer.CORRECTION,
    Decision.LATE: Answer.LATE,
    Decision.REVIEW: Answer.RECEIVED,
}


def _decide(problems: tuple[Problem, ...], choice: Choice) -> Decision:
    codes = {each.code for each in problems if each.severity is Severity.ERROR}
    if "deadline.passed" in codes:
        return Decision.LATE
    if choice.review:
        return Decision.REVIEW
    return Decision.CORRECTION if codes else Decision.ACCEPTED


def _again(verdict: Verdict, known: Application, form: Form, case: _Case) -> Verdict:
    """A faultless form for an application that has an accepted version: the same once more, an update, or one to be held."""
    changes = changed_labels(known.form, form, case.notice)
    if not changes:
        return replace(verdict, answer=Answer.DUPLICATE, version=0)
    sender = case.submission.letter.sender.address.lower()
    if (sender in known.addresses or known.vouched) and not case.unverified:
        return replace(verdict, answer=Answer.UPDATE, changes=changes)
    why = f"来自未登记的地址{sender}" if not case.unverified else "来信地址未通过验证"
    check = f"更新待核：{known.number}已有有效版本，本次更新{why}，未替换原版本，请与原联系人核实（变动：{'、'.join(changes)}）"
    return replace(verdict, decision=Decision.REVIEW, answer=Answer.RECEIVED, changes=changes, checks=(*verdict.checks, check))


def _hold_back(verdict: Verdict, case: _Case, own: frozenset[str], cap: int) -> Verdict:
    """The verdict without its letter where none may go out, and without anything to record where the mail is a repeat."""
    if case.standing.repeats is not None:
        silence = "同一邮件重复到达，此前已处理"
        return replace(verdict, decision=Decision.NONE, answer=None, silence=silence, version=0, changes=())
    silence = may_answer(case.submission.letter, own)
    if not silence and verdict.answer and verdict.answer.value == case.standing.told:
        return replace(verdict, answer=None)  # the mail was read again, and what it was told still holds
    if not silence and 0 < cap <= case.standing.answered:
        silence = f"24小时内已向该地址自动回复{case.standing.answered}次，达到上限"
    if not silence:
        return verdict
    return replace(verdict, answer=None, silence=silence, checks=(*verdict.checks, f"未自动回复：{silence}"))


def _problems(case: _Case) -> tuple[Problem, ...]:
    """Everything, once, in the contract's order: subject, attachments, form, deadline, sender."""
    late = deadline_problem(case.submission.received_at, case.notice)
    found = (
        *_subject_problems(case),
        *case.choice.problems,
        *(form_problems(case.form, case.notice) if case.form else ()),
        *((late,) if late else ()),
        *_sender_problems(case),
    )
    return tuple(sorted(found, key=lambda each: _ORDER[each.code]))


_ORDER = {code: place for place, code in enumerate(WORDING)}


def _subject_problems(case: _Case) -> tuple[Problem, ...]:
    reading, notice, unit = case.reading, case.notice, case.form_unit
    if _bare(case.submission.letter):
        return ()
    if reading.words == "none":
        return (problem("subject.prefix", notice, unit=unit or reading.unit_name or ""),)
    if reading.unit_name is None and not (reading.ours and unit):
        return (problem("subject.unit_missing", notice, unit=unit),)
    return (*_unit_problems(case), *(() if reading.exact else (problem("subject.form", notice, unit=unit or reading.unit_name or ""),)))


def _bare(letter: Letter) -> bool:
    """A form that came without any mail (`zlcp inspect FORM.docx`) has no subject to be judged."""
    return not (letter.subject or letter.message_id or letter.sender.address or letter.headers)


def _unit_problems(case: _Case) -> tuple[Problem, ...]:
    """The subject's unit against the form's; between forms of several units nothing is compared."""
    typed, unit, notice = case.reading.unit_name, case.form_unit, case.notice
    if not typed or not unit or any(each.code == "attachment.several_forms" for each in case.choice.problems):
        return ()
    kind = likeness(typed, unit)
    if kind is Likeness.SHORT or (kind is Likeness.OTHER and _calls_itself(typed, case.form)):
        return (problem("subject.unit_abbreviated", notice, unit=unit, typed=brief(typed)),)
    if kind is Likeness.OTHER:
        label, clause = notice.unit_field.title, f"{notice.subject_clause}、{notice.unit_field.clause}"
        return (problem("subject.unit_mismatch", notice, unit=unit, clause=clause, typed=brief(typed), unit_label=label),)
    typed_otherwise = typed not in {unit, "".join(unit.split()), plain_name(unit)}
    if case.reading.exact and (kind in {Likeness.SLIP, Likeness.WITHIN} or typed_otherwise):
        return (problem("subject.form", notice, unit=unit),)
    return ()


def _calls_itself(name: str, form: Form | None) -> bool:
    """Whether the form's own text gives this name as the short one: （以下简称“微电网协会”）."""
    texts = form.values.values() if form else ()
    return any(name_key(name) == name_key(short) for text in texts for short in short_names_in(text))


def _sender_problems(case: _Case) -> tuple[Problem, ...]:
    return (problem("sender.unverified", case.notice, clause="RFC 8601"),) if case.unverified else ()


def _checks(case: _Case) -> tuple[str, ...]:
    """Lines for the staff: what was concluded rather than read, and what they should look at."""
    lines = list(case.choice.checks)
    if case.form:
        lines += [text for _, text in case.form.inferred]
        told = {key for key, _ in case.form.inferred}
        unread = [field for field in case.notice.fields if field.key in case.form.unread and field.key not in told]
        lines += [f"{column(field)}{'的勾选状态无法识别' if field.options else '未能读到'}，请查看原件" for field in unread]
    typed, unit = case.reading.unit_name, case.form_unit
    if typed and unit and likeness(typed, unit) is not Likeness.SAME:
        lines.append(f"单位名称：主题为“{brief(typed)}”，{case.notice.form_word}为“{brief(unit)}”")
    if case.unverified:
        lines.append("来信地址未通过发件域验证（SPF或DMARC），请留意")
    return tuple(dict.fromkeys(lines))
