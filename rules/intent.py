"""Whether a person's mail means to apply, well or badly done, or is an inquiry, which only a person can answer."""

import re
from collections.abc import Iterable

from rules.attachments import called_a_form, could_matter
from rules.links import cloud_links
from rules.notice import Notice
from rules.subject import SubjectReading, shares_words
from rules.submission import Attachment, Reading, Role, Standing, Status, Submission
from rules.text import MOST, fold

_ASKS = re.compile(r"咨询|请问|询问|请教|疑问|问询|如何|怎么|怎样|是否|能否|可否|什么|吗|(?<!\?)\?(?!\?)|求助")
_ABOUT = re.compile(r"的通知$|通知$|会议|培训|邀请|代理|报价|发票|推广|优惠|招聘|讲座|论坛|开票|周报|日报")
_CLAUSE = re.compile(r"[,.;!?。、\n]+")  # as folded
_SENDS = re.compile(r"附件|见附|报送|提交|发送|呈报|随信|随邮件")
_RECEIVE = re.compile(r"查收|查阅|审阅")
# Of an earlier mail or of the paper copy, or to take back or change what was sent: nothing that this mail forgot.
_EARLIER = re.compile(r"已经?[于在]|(?:发送|提交|报送|[发寄交])[过的]|(?<!日)之前|此前|(?<!\d)日前|前几?天|昨[天日]|上周|上次|刚才|刚刚")
_SENT = re.compile(r"已.{0,12}(?:发送|发出|发至|发到|提交|报送|寄)")
_RECEIVED = re.compile(r"(?:是否|有没有|有无)已?经?收到|收到(?:了?[吗没]|与否)\??")
_BESIDES = re.compile(
    r"(?:纸质|书面|原件|盖章).{0,30}(?:寄|邮|快递|顺丰|送达)|快递|顺丰|\bems\b|单号|密码|撤回|撤销|不再申报|放弃申报|退出申报|变更|更换|更改为"
)


def means_to_apply(submission: Submission, reading: SubjectReading, standing: Standing, notice: Notice) -> bool:
    """Decide by what came with the mail, then by what its subject says, then by its text.

    A filled-in form always applies. A mail that asks something and brings nothing is an inquiry even under the prescribed words.
    """
    files = tuple(each for each in submission.attachments if could_matter(each, notice))
    if any(each.reading is Reading.FILLED for each in files):
        return True
    brings = bool(files) or bool(cloud_links(submission.letter))
    rest = fold(reading.rest)
    # Who brings a file and asks whether it arrived is only polite.
    asks = bool(_ASKS.search(_RECEIVED.sub("", rest) if brings else rest))
    if brings and not _worth_judging(files, standing, notice, linked=not files):
        return False
    if _answers_us(reading, standing):
        return brings and not asks
    if any(each.reading is Reading.BLANK for each in files):
        return reading.unit_name is not None or not (asks or _ABOUT.search(reading.rest))
    if brings:
        return not asks and _of_the_call(files, reading, submission, notice)
    return not asks and _applies_without_files(submission, reading, standing)


def answers_application(reading: SubjectReading, standing: Standing) -> bool:
    """Whether a mail is tied to an application by more than the unit that it names."""
    known = standing.application
    return known is not None and (reading.ours or known.how in {"mail", "references", "number"})


def _answers_us(reading: SubjectReading, standing: Standing) -> bool:
    return reading.ours or answers_application(reading, standing)


def _worth_judging(files: Iterable[Attachment], standing: Standing, notice: Notice, *, linked: bool) -> bool:
    """Whether what came can be a new version. A scan or a letter of recommendation for an accepted application is no attempt to apply again."""
    known = standing.application
    if known is None or not known.accepted:
        return True
    return linked or any(_could_be_a_version(each, notice) for each in files)


def _could_be_a_version(file: Attachment, notice: Notice) -> bool:
    if file.reading is Reading.NOT_READ:
        return file.role in {Role.FORM, Role.ARCHIVE} and file.status is not Status.OK
    return file.reading is not Reading.ANOTHER or called_a_form(file.name, notice)


def _of_the_call(files: Iterable[Attachment], reading: SubjectReading, submission: Submission, notice: Notice) -> bool:
    """Whether a mail with files belongs to this call: by its subject, by a file's name, or by its text."""
    if reading.words == "full":
        return not _ABOUT.search(reading.rest) or reading.unit_name is not None
    if _ABOUT.search(reading.text):
        return False
    if reading.words == "short" or any(_names_the_call(each.name, notice) for each in files):
        return True
    return _names_the_call(reading.text, notice) or _names_the_call(submission.letter.text[:MOST], notice)


def _names_the_call(text: str, notice: Notice) -> bool:
    return called_a_form(text, notice) or shares_words(text, notice.subject_words)


def _applies_without_files(submission: Submission, reading: SubjectReading, standing: Standing) -> bool:
    """Whether a mail that brings nothing still means to apply: it forgot the file, rather than asks or adds something."""
    if reading.words == "none" or _ABOUT.search(reading.rest):
        return False
    text = fold(submission.letter.text[:MOST])
    asks = bool(_ASKS.search(text))
    if _sends_now(text) and (reading.unit_name or not asks):
        return True
    if asks or _EARLIER.search(text) or _BESIDES.search(text + fold(reading.rest)) or (standing.application is not None and standing.application.accepted):
        return False
    return reading.unit_name is not None or reading.placeholder or reading.words == "full" or reading.dash


def _sends_now(text: str) -> bool:
    """Whether a text says that something comes with this very mail, rather than came before or comes on paper."""
    others = [_EARLIER, _BESIDES, *([_SENT] if _RECEIVED.search(text) else [])]
    clauses = _CLAUSE.split(text)
    now = [clause for clause in clauses if not any(other.search(clause) for other in others)]
    return any(_SENDS.search(clause) for clause in now) or (len(now) == len(clauses) and bool(_RECEIVE.search(text)))
