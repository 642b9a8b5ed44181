"""Is this mail from a machine, and may it be answered (RFC 3834, 2; what Chinese mail systems do besides).

Nothing that a person sent may be taken for a machine's, and no machine may be answered: hence two questions. A mail that carries the form is
recorded as the application it is even where a header speaks of a machine, but it is not answered then.
"""

import re

from rules.submission import Letter

# The headers a Letter keeps for these rules (daemon/mail/letter.py).
HEADERS = frozenset(
    {
        "auto-submitted", "precedence", "list-id", "list-unsubscribe", "list-post", "return-path", "x-autoreply", "x-autorespond", "x-autoreply-from",
        "x-qq-holidayreply", "x-qq-auto-reply", "x-auto-response-suppress", "x-failed-recipients", "authentication-results", "content-type", "x-loop", "x-zlcp",
    }
)  # fmt: skip

_AUTO_REPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-qq-holidayreply", "x-qq-auto-reply")
_LIST_HEADERS = ("list-id", "list-unsubscribe", "list-post")
_LIST_PRECEDENCE = {"bulk", "junk", "list"}
_MAILERS = {"mailer-daemon", "postmaster", "mail-daemon", "mdaemon"}
_NO_REPLY = re.compile(r"(do[-_.]?)?no[t]?[-_.]?reply([-_.+\d].*)?")
# Banners that servers put before a subject.
_BANNER = r"(?:\s*[\[【(（*]{1,3}(?:外部邮件|外部|external|spam|垃圾邮件)[\]】)）*]{1,3})*\s*"
_AUTO_WORDS = (
    r"(?:(?:假期|休假|外出|qq邮箱)?自[动動][回答][复覆復]|外出[回答][复覆復]|不在[办辦]公室|automatic(?:ally)? (?:reply|response)|auto[- ]?(?:reply|response)"
    r"|(?:auto: ?)?out[- ]of[- ](?:the[- ])?office(?:[- ](?:auto[- ]?)?(?:reply|response|message))?)"
)
# Without a colon a person may write so, unless our own letter's title follows.
_AUTO_END = r"\s*(?:[:：]|$)|[\s—–-]+(?:re[:：]|回复[:：]|受理回执|补正通知|逾期收件|更新收件|重复收件|收悉)"
_AUTO_SUBJECT = re.compile(rf"{_BANNER}(?:[\[【(（]\s*{_AUTO_WORDS}\s*[\]】)）]|{_AUTO_WORDS}(?:{_AUTO_END}))", re.IGNORECASE)
# What only a mail server writes, and what a person may write as well.
_BOUNCE_SUBJECT = re.compile(
    _BANNER + r"(?:来自[\w.@-]{1,60}的退信\s*$|系统退信\s*(?:$|[/:：])|undeliverable\s*[:：]|undelivered mail returned|delivery status notification"
    r"|mail delivery (?:failed|failure|system)|returned mail\s*:|failure notice\s*$)",
    re.IGNORECASE,
)
_BOUNCE_LIKE_SUBJECT = re.compile(
    _BANNER
    + r"(?:来自.{1,60}的退信|系统退信|退信|邮件退回|邮件(?:投递|发送)失败|投递失败|未送达|无法(?:投递|送达)|邮件(?:无法|未能)(?:投递|送达)|undeliver(?:ed|able)"
    r"|nondeliverable|delivery (?:failure|has failed|report|delayed)|returned mail|mail system error|message (?:delivery failure|undeliverable)"
    r"|warning: could not send)",
    re.IGNORECASE,
)
_RECEIPT_SUBJECT = re.compile(
    _BANNER + r"(?:已读|已讀|未读|已读回执|阅读回执|邮件回执|收条|read|not read|read receipt|return receipt(?: \(displayed\))?)\s*[:：]", re.IGNORECASE
)
_RECEIPT_TEXT = re.compile(
    r"(?:邮件|信件|消息|message).{0,200}?(?:已[于被经]?.{0,40}(?:阅读|打开|读取|查看)|已读|was read|has been (?:read|displayed|opened))"
    r"|(?:邮件)?(?:收条|已读回执|阅读回执)|return receipt",
    re.IGNORECASE | re.DOTALL,
)
# At the beginning of a line, and not in what an answer quotes below its own text.
_QQ_HOLIDAY = re.compile(r"(?:(?!.*(?:原始邮件|发件人|写道|from:|wrote:)).*\n)*?\s*这是来自QQ邮箱的假期自动回复邮件", re.IGNORECASE)
_BEGINNING = 500  # characters of a text in which a machine says what it is
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_RECIPIENT = re.compile(r"^(final|original)-recipient\s*:\s*(?:[a-z0-9-]+\s*;)?\s*<?([^\s<>;]+@[^\s<>;]+)", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^action\s*:\s*([a-z]+)", re.IGNORECASE | re.MULTILINE)


def machine_kind(letter: Letter, own: frozenset[str], *, has_form: bool = False) -> str | None:
    """Which machine wrote this mail (contract, `automatic`); None where a person may have.

    Args:
        letter: the mail.
        own: our own addresses, lower case.
        has_form: the mail carries the form: only what no application can be is then called a machine's.
    """
    maybe = not has_form
    kinds = (
        ("own", letter.sender.address.lower() in own or letter.header("x-zlcp") is not None),
        ("receipt", _is_receipt(letter)),
        ("bounce", _is_bounce(letter, has_form=has_form)),
        ("auto_reply", _answers_by_itself(letter)),
        ("calendar", maybe and _is_calendar(letter)),
        ("auto_reply", maybe and _says_it_is_automatic(letter)),
        ("list", maybe and _is_list(letter)),
        ("auto_reply", maybe and _auto_submitted(letter) != ""),
        ("auto_reply", maybe and not _carries_files(letter) and (_no_way_back(letter) or _is_no_reply(letter.sender.address))),
    )
    return next((kind for kind, applies in kinds if applies), None)


def may_answer(letter: Letter, own: frozenset[str] = frozenset()) -> str:
    """Why no answer may go out, a short Chinese phrase for the staff; "" where one may.

    Meant for mails that `machine_kind` took for a person's: the headers are looked at all the same.
    """
    addresses = {letter.sender.address.lower(), letter.reply_to.address.lower()}
    suppress = {word.strip().lower() for word in ",".join(_values(letter, "x-auto-response-suppress")).split(",")}
    reasons = (
        (not _ADDRESS.fullmatch(letter.reply_to.address), "没有可用的回复地址"),
        (letter.reply_to.address.lower() in own, "回复地址是本邮箱"),
        (bool(suppress & {"all", "autoreply"}), "发件方要求不自动答复（X-Auto-Response-Suppress）"),
        (_auto_submitted(letter) != "" or _has_any(letter, _AUTO_REPLY_HEADERS) or "auto_reply" in _precedence(letter), "邮件头标明为自动发出"),
        (_is_list(letter), "邮件头标明为群发邮件"),
        (_no_way_back(letter), "退信地址为空（Return-Path: <>）"),
        (any(_local_part(address) in _MAILERS or _is_no_reply(address) for address in addresses), "发件地址不接收回复"),
        (_says_it_is_automatic(letter), "主题或正文标明为自动回复"),
        (_BOUNCE_SUBJECT.match(letter.subject) is not None, "主题标明为退信"),
    )
    return next((reason for applies, reason in reasons if applies), "")


def sender_unverified(letter: Letter, authserv_id: str = "") -> bool:
    """Whether our server's own check found that the sender's domain failed DMARC or SPF (RFC 8601).

    Args:
        letter: the mail.
        authserv_id: the name our server signs its results with; "" to believe the topmost header. Those further down anybody can write.
    """
    for value in _values(letter, "authentication-results"):
        results = [" ".join(part.split()) for part in _without_comments(value).split(";")]
        if authserv_id and results[0].partition(" ")[0].lower() != authserv_id.lower():
            continue
        return any(re.match(r"(?:dmarc|spf) ?= ?(?:hard)?fail\b", result, re.IGNORECASE) for result in results)
    return False


def failed_recipients(letter: Letter) -> tuple[str, ...]:
    """The addresses that a bounce says could not be reached (RFC 3464, 2.3), each once; delays are no failures.

    As we wrote them where the bounce tells (Original-Recipient), else where the mail went in the end.
    """
    found: list[str] = []
    for block in re.split(r"\n[ \t]*\n", letter.report):
        action = _ACTION.search(block)
        if not action or action[1].lower() == "failed":
            named = {kind.lower(): address for kind, address in _RECIPIENT.findall(block)}
            found += [named.get("original", "") or named.get("final", "")]
    found += [address.strip("<> ") for value in _values(letter, "x-failed-recipients") for address in value.split(",")]
    return tuple(dict.fromkeys(address for address in found if "@" in address))


def _is_receipt(letter: Letter) -> bool:
    if "message/disposition-notification" in letter.part_types or "disposition-notification" in _report_type(letter):
        return True
    return not _carries_files(letter) and bool(_RECEIPT_SUBJECT.match(letter.subject) and _RECEIPT_TEXT.search(letter.text[:_BEGINNING]))


def _is_bounce(letter: Letter, *, has_form: bool) -> bool:
    if letter.content_type == "multipart/report" or letter.header("x-failed-recipients") is not None or (letter.report and not has_form):
        return True
    from_mailer = _local_part(letter.sender.address) in _MAILERS
    sure = _BOUNCE_SUBJECT.match(letter.subject) is not None
    if (sure or _BOUNCE_LIKE_SUBJECT.match(letter.subject)) and (from_mailer or _no_way_back(letter) or _auto_submitted(letter)):
        return True
    return (from_mailer or sure) and not has_form and not _carries_files(letter)


def _answers_by_itself(letter: Letter) -> bool:
    return _auto_submitted(letter).startswith("auto-replied") or _has_any(letter, _AUTO_REPLY_HEADERS) or "auto_reply" in _precedence(letter)


def _says_it_is_automatic(letter: Letter) -> bool:
    return _AUTO_SUBJECT.match(letter.subject) is not None or _QQ_HOLIDAY.match(letter.text[:_BEGINNING]) is not None


def _is_calendar(letter: Letter) -> bool:
    return letter.content_type == "text/calendar" or any(kind.startswith("text/calendar; method=") for kind in letter.part_types)


def _is_list(letter: Letter) -> bool:
    return _has_any(letter, _LIST_HEADERS) or bool(_precedence(letter) & _LIST_PRECEDENCE)


def _auto_submitted(letter: Letter) -> str:
    """The keyword of Auto-Submitted (RFC 3834, 5), "" where it is missing or "no"."""
    keywords = (_without_comments(value).partition(";")[0].strip().lower() for value in _values(letter, "auto-submitted"))
    return next((word for word in keywords if word not in {"no", ""}), "")


def _precedence(letter: Letter) -> set[str]:
    return {value.strip().lower().replace("-", "_") for value in _values(letter, "precedence")}


def _report_type(letter: Letter) -> str:
    return (letter.header("content-type") or "").lower() if letter.content_type == "multipart/report" else ""


def _no_way_back(letter: Letter) -> bool:
    return any(value.replace(" ", "") == "<>" for value in _values(letter, "return-path")[:1])


def _carries_files(letter: Letter) -> bool:
    return any(not kind.startswith("text/") and kind not in {"message/rfc822", "message/delivery-status"} for kind in letter.part_types)


def _is_no_reply(address: str) -> bool:
    return bool(_NO_REPLY.fullmatch(_local_part(address)))


def _local_part(address: str) -> str:
    return address.rpartition("@")[0].lower()


def _has_any(letter: Letter, names: tuple[str, ...]) -> bool:
    return any(letter.header(name) is not None for name in names)


def _values(letter: Letter, name: str) -> list[str]:
    return [value for key, value in letter.headers if key == name]


def _without_comments(value: str) -> str:
    kept: list[str] = []
    depth = 0
    for char in value:
        depth = max(0, depth + (char == "(") - (char == ")"))
        if not depth and char != ")":
            kept.append(char)
    return "".join(kept)
