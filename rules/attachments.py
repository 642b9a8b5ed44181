"""Which of a mail's files is the form, and what is wrong where none is (notice, 五（一）: the form as a Word file, by mail).

What cannot be read beside a form that was read is no error of the applicant's; the staff are told.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rules.messages import problem, quoted
from rules.notice import Notice
from rules.pdf_forms import pdf_checks, pdf_unit
from rules.problems import Problem
from rules.submission import Attachment, Form, Reading, Role, Status
from rules.text import fold
from rules.units import Likeness, likeness


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of the attachments.

    Attributes:
        chosen: the filled-in form that counts; None where none was read.
        attachments: all of them, with their final roles.
        review: the form is likely in a file that we failed to read for a reason of our own.
        checks: Chinese lines for the staff.
        pdf_unit: the unit that the form names, where it came as a PDF alone; "" else.
    """

    chosen: Attachment | None
    attachments: tuple[Attachment, ...]
    problems: tuple[Problem, ...] = ()
    checks: tuple[str, ...] = ()
    review: bool = False
    pdf_unit: str = ""


_FAILURES: Mapping[Status, str] = {
    Status.ENCRYPTED: "attachment.encrypted",
    Status.CORRUPT: "attachment.corrupt",
    Status.REFUSED: "attachment.refused",
}
_WHY: Mapping[Status, str] = {
    Status.ENCRYPTED: "设有密码",
    Status.CORRUPT: "已损坏",
    Status.REFUSED: "出于安全考虑未打开",
    Status.CONVERTED_FAILED: "本系统未能读取",
}
# What mail programs add by themselves: nobody sends a form as one of these.
_BY_THE_WAY = re.compile(r"text/(?:plain|html|calendar|x?-?vcard|directory)|application/(?:pgp-\w+|x?-?pkcs7-\w+|ics)|message/.*|image/.*|multipart/.*")
_WORD_WITH_STEM = 3  # characters: 申报表 is known by 申报 alone, 表格 is not known by 表
_FINAL = re.compile(r"终稿|最终|定稿|终版|最新|修改|修订|更新|更正|补正|盖章|final|(?:^|[^a-z])v\d")
_DATE = re.compile(r"20\d{2}[-.年]?\d{1,2}[-.月]?\d{1,2}|\d{1,2}月\d{1,2}|\d{1,2}\.\d{1,2}")


def choose_form(attachments: tuple[Attachment, ...], notice: Notice, subject_unit: str | None = None, *, linked: bool = False) -> Choice:
    """Choose the form among the attachments, or say what is wrong with them.

    Args:
        attachments: in reading order.
        notice: the call, which says what the form is called.
        subject_unit: the unit that the subject names, which decides among forms of several units.
        linked: the letter has a link to a file on a cloud drive.
    """
    filled = [each for each in attachments if each.reading is Reading.FILLED and each.form is not None]
    if not filled:
        return _without_form(attachments, notice, linked=linked)
    groups = _by_unit(filled, notice)
    group = _group_meant(groups, notice, subject_unit)
    chosen = max(enumerate(group), key=lambda pair: (*_rank(pair[1]), pair[0]))[1]
    final = tuple(_final_role(each, filled) for each in attachments)
    problems = []
    units = tuple(unit_of(each[0], notice) for each in groups) + _other_units(chosen, groups, notice)
    if len(units) > 1:
        problems.append(problem("attachment.several_forms", notice, names=quoted(units)))
    if chosen.macros:
        problems.append(problem("attachment.macro", notice, names=quoted((chosen.name,))))
    return Choice(
        replace(chosen, role=Role.FORM),
        final,
        tuple(problems),
        (*_version_checks(chosen, group, notice), *_alike_checks(chosen, units, notice), *_failure_checks(attachments)),
    )


def _other_units(chosen: Attachment, groups: list[list[Attachment]], notice: Notice) -> tuple[str, ...]:
    """Units that further forms in the very file name; a slip in a name, or a short one, makes no second unit."""
    known = [unit_of(each[0], notice) for each in groups]
    others = chosen.form.others if chosen.form else ()
    return tuple(name for name in others if all(likeness(name, unit) is Likeness.OTHER for unit in known))


def unit_of(attachment: Attachment, notice: Notice) -> str:
    """The unit that a form names, "" where it names none."""
    return str(attachment.form.get(notice.unit_field.key)).strip() if attachment.form else ""


def could_matter(attachment: Attachment, notice: Notice) -> bool:
    """Whether a person attached it: no signature, card or small picture that a mail program adds."""
    if attachment.role is not Role.OTHER or attachment.status is not Status.OK:
        return True
    return not _BY_THE_WAY.match(attachment.media_type) or called_a_form(attachment.name, notice)


def called_a_form(name: str, notice: Notice) -> bool:
    """Whether a file is named as people name this form: 申报表, 申报材料."""
    folded, word = fold(name), fold(notice.form_word)
    return word in folded or (len(word) >= _WORD_WITH_STEM and word[:-1] in folded)


def _without_form(attachments: tuple[Attachment, ...], notice: Notice, *, linked: bool) -> Choice:
    """No filled-in form was read: why not, in the order of what most likely was meant as the form."""
    could_be = [each for each in attachments if each.role is not Role.SCAN and could_matter(each, notice)]
    if any(each.status is Status.CONVERTED_FAILED for each in could_be):
        return Choice(None, attachments, (), tuple(_failure_checks(attachments)), review=True)
    broken = [each for each in could_be if each.status in _FAILURES]
    word = [each for each in broken if each.role is Role.FORM] or broken
    if word:
        codes = dict.fromkeys(_FAILURES[each.status] for each in word)
        found = tuple(problem(code, notice, names=quoted(tuple(each.name for each in word if _FAILURES[each.status] == code))) for code in codes)
        return Choice(None, attachments, found)
    nearest = _nearest(attachments, notice, linked=linked)
    if nearest.code != "attachment.not_word":
        return Choice(None, attachments, (nearest,))
    return Choice(None, attachments, (nearest,), pdf_checks(attachments, notice), pdf_unit=pdf_unit(attachments, notice))


def _nearest(attachments: tuple[Attachment, ...], notice: Notice, *, linked: bool) -> Problem:
    """The one problem where every file could be opened, and none is a filled-in form."""
    blank = _names(each for each in attachments if each.reading is Reading.BLANK)
    if blank:
        return problem("form.blank", notice, clause=notice.form_clause, names=quoted(blank))
    others = _names(each for each in attachments if each.reading is Reading.ANOTHER)
    scans = _names(each for each in attachments if each.reading is Reading.NOT_READ and each.role is not Role.ARCHIVE and could_matter(each, notice))
    wrong = ("form.wrong_template", notice.form_clause, others)
    picture = ("attachment.not_word", "", scans)
    link = ("attachment.cloud_link", "", ("",) if linked else ())
    # What is named like the form comes first: a letter of recommendation in Word may go with a form in PDF.
    for code, clause, names in (wrong, picture):
        named = tuple(name for name in names if called_a_form(name, notice))
        if named:
            return problem(code, notice, clause=clause, names=quoted(named))
    for code, clause, names in (wrong, link, picture):
        if names:
            return problem(code, notice, clause=clause, names=quoted(names))
    return problem("attachment.missing", notice)


def _names(attachments: Iterable[Attachment]) -> tuple[str, ...]:
    return tuple(each.name for each in attachments)


def _by_unit(filled: list[Attachment], notice: Notice) -> list[list[Attachment]]:
    """The forms by the unit they are of; versions of one form belong together even where the unit's name was mended."""
    groups: list[list[Attachment]] = []
    for each in filled:
        home = next((group for group in groups if any(_of_one_unit(each, other, notice) for other in group)), None)
        if home is None:
            groups.append([each])
        else:
            home.append(each)
    return groups


def _of_one_unit(a: Attachment, b: Attachment, notice: Notice) -> bool:
    """Whether two forms are versions of one: a short name and a full one are of one unit only where most else is the same, as 集团 and its 研究所 are two."""
    kind = likeness(unit_of(a, notice), unit_of(b, notice))
    if kind in {Likeness.SAME, Likeness.OTHER} or a.form is None or b.form is None:
        return kind is not Likeness.OTHER
    mine, its = _filled_values(a.form), _filled_values(b.form)
    common = [key for key in mine if key in its and key != notice.unit_field.key]
    return bool(common) and sum(mine[key] == its[key] for key in common) * 2 > len(common)


def _group_meant(groups: list[list[Attachment]], notice: Notice, subject_unit: str | None) -> list[Attachment]:
    if subject_unit:
        for wanted in (Likeness.SAME, Likeness.WITHIN, Likeness.SHORT, Likeness.SLIP):
            for group in groups:
                if any(unit_of(each, notice) and likeness(subject_unit, unit_of(each, notice)) is wanted for each in group):
                    return group
    return groups[0]


def _filled_values(form: Form) -> dict[str, object]:
    keys = (*form.values, *form.choices, *form.lists)
    return {key: form.get(key) for key in keys if form.get(key)}


def _rank(attachment: Attachment) -> tuple[int, bool, str]:
    """The fuller of two versions counts, then the one named as final, then the later date in the name."""
    filled = len(_filled_values(attachment.form)) if attachment.form else 0
    name = fold(attachment.name)
    dates = ["".join(f"{int(part):02d}" for part in re.findall(r"\d+", date)) for date in _DATE.findall(name)]
    return filled, bool(_FINAL.search(name)), max(dates, default="")


def _final_role(attachment: Attachment, filled: list[Attachment]) -> Attachment:
    """Beside a filled-in form, blank copies and Word files that were not read are no forms."""
    if any(attachment is each for each in filled):
        return replace(attachment, role=Role.FORM)
    return replace(attachment, role=Role.OTHER) if attachment.role is Role.FORM else attachment


def _version_checks(chosen: Attachment, group: list[Attachment], notice: Notice) -> list[str]:
    others = tuple(_path(each) for each in group if each.form != chosen.form)
    if not others:
        return []
    return [f"一封邮件中有内容不同的几份{notice.form_word}，以{quoted((_path(chosen),))}为准，未采用{quoted(others)}"]


def _path(attachment: Attachment) -> str:
    """Its name with the archives or mails it came in: versions are often called alike."""
    return "/".join((*attachment.within, attachment.name))


def _alike_checks(chosen: Attachment, units: tuple[str, ...], notice: Notice) -> list[str]:
    """A further form in the very file whose unit is called alike: a slip of the pen as a rule, but it may be of a branch."""
    alike = tuple(name for name in (chosen.form.others if chosen.form else ()) if name not in units)
    return [f"文件中另有单位名称为{quoted(alike)}的{notice.form_word}，名称相近，视为同一单位，未另行登记，请核对"] if alike else []


def _failure_checks(attachments: tuple[Attachment, ...]) -> list[str]:
    """A line for each kind of failure, however many files it was: a mail may bring hundreds."""
    unread: dict[Status, list[str]] = {}
    for each in attachments:
        if each.status is not Status.OK:
            unread.setdefault(each.status, []).append(each.name)
    return [f"附件{quoted(tuple(names))}{_WHY[status]}，内容未看" for status, names in unread.items()]
