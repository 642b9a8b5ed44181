"""The wording of every problem: one table of code, severity and what the applicant reads. The codes are the contract's.

A message says what is wrong, where, and how to mend it. Names that came in a mail are quoted, cut short, on one line.
"""

from rules.notice import Field, Notice
from rules.problems import Problem, Severity
from rules.text import brief

_NAME = 200  # characters of a unit's name in a letter
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

WORDING: dict[str, tuple[Severity, str]] = {
    "subject.prefix": (ERROR, "邮件主题中没有“{words}”字样。请将邮件主题写为{correct}后重新发送。"),
    "subject.unit_missing": (ERROR, "邮件主题中没有写明单位名称。请在“{words}{dash}”之后写上本单位全称，即{correct}，然后重新发送。"),
    "subject.form": (NOTE, "邮件主题可以识别，但与通知规定的写法略有出入，不影响受理，无需重新发送；再次来信时，主题请写为{correct}。"),
    "subject.unit_abbreviated": (
        WARNING,
        "邮件主题中的单位名称“{typed}”与{form_word}中的“{unit}”不完全一致，以{form_word}为准，无需重新发送；再次来信时，请写单位全称。",
    ),
    "subject.unit_mismatch": (
        ERROR,
        "邮件主题中的单位是“{typed}”，{form_word}“{unit_label}”栏填写的是“{unit}”，两者不是同一单位。请核对，使两处写同一单位的全称后重新发送。",
    ),
    "attachment.missing": (ERROR, "邮件中没有找到{form_word}。请将填写好的《{form_title}》（word版）作为附件，添加到邮件中重新发送。"),
    "attachment.not_word": (
        ERROR,
        "收到的{names}是PDF、图片等文件，或者是仅有图片的word文件，没有文字可读的word版{form_word}。请将填写好的word版《{form_title}》（.docx或.doc文件）作为附件重新发送；扫描件可以一并附上，但不能代替word版。",
    ),
    "attachment.cloud_link": (
        ERROR,
        "{form_word}是以网盘或超大附件链接的形式发来的，{itself}无法接收。请将word版{form_word}作为普通附件，直接添加到邮件中重新发送。",
    ),
    "attachment.encrypted": (ERROR, "{names}设有密码，无法打开。请取消密码后重新发送。"),
    "attachment.corrupt": (ERROR, "{names}无法打开，可能在保存或发送时损坏。请在本机确认文件能够正常打开后重新发送。"),
    "attachment.refused": (
        ERROR,
        "{names}过大、文件过多、压缩层次过多或者内容异常，出于安全考虑未予打开。请将word版{form_word}不经压缩，直接作为附件重新发送。",
    ),
    "attachment.macro": (
        WARNING,
        "{names}中带有宏（文件内附的程序）。宏没有被运行，文件内容已正常读取，不影响受理，无需为此重新发送；如因其他原因再次来信，建议另存为不带宏的.docx文件。",
    ),
    "attachment.several_forms": (ERROR, "一封邮件中有不同单位的{form_word}（{names}）。请每个单位各发一封邮件，邮件主题写明该单位全称。"),
    "form.wrong_template": (ERROR, "{names}不是本次征集的{form_word}。请下载通知所附的《{form_title}》，填写后作为附件重新发送。"),
    "form.blank": (ERROR, "{names}是尚未填写的{form_word}。请填写各栏后重新发送。"),
    "form.field_missing": (ERROR, "{form_word}{label}未填写。请补充填写后重新发送。"),
    "form.email_invalid": (ERROR, "{form_word}{label}填写的“{value}”不是有效的电子邮箱地址。请改为完整的地址（形如 name@example.cn）后重新发送。"),
    "form.phone_invalid": (WARNING, "{form_word}{label}中没有可以拨打的号码。不影响受理，请核对并告知正确的号码。"),
    "form.unit_type_missing": (ERROR, "{form_word}{label}没有勾选。请按本单位情况勾选一项后重新发送。"),
    "form.unit_type_several": (ERROR, "{form_word}{label}勾选了{count}项（{names}）。请只保留最符合本单位情况的一项后重新发送。"),
    "form.industry_count": (WARNING, "{form_word}{label}填写了{count}项，该栏要求填写1-{most}项。不影响受理，请斟酌是否需要取舍。"),
    "form.introduction_length": (NOTE, "{form_word}{label}约{count}字，建议{least}-{most}字。字数仅为建议，无需修改。"),
    "form.recommendation_needed": (WARNING, "{form_word}{label}勾选了“{value}”。{recommended}，电子版不需要重新发送。"),
    "deadline.passed": (ERROR, "邮件于{received}到达{itself}邮件系统，已超过截止日期（{last_day}）。到达时间以{itself}邮件系统记录为准。"),
    "sender.unverified": (NOTE, "{itself}的邮件服务器未能验证来信地址确由其所属单位发出，{itself}将另行核实，无需处理。"),
}


def problem(code: str, notice: Notice, *, field: str = "", clause: str = "", unit: str = "", **details: str) -> Problem:
    """A problem with its wording.

    Args:
        code: of the contract.
        notice: the call whose words the message uses.
        field: key of the form's field, for form.field_missing alone: the others say in their code what they are about.
        clause: where it is asked for; without it, the clause on what is to be mailed and how.
        unit: the unit's name for the correct subject; the placeholder stands in where it is not known.
        details: what else the wording of this code names.
    """
    severity, wording = WORDING[code]
    message = wording.format(
        words=notice.subject_words,
        dash=notice.subject_dash,
        correct=_correct_subject(unit, notice),
        unit=brief(unit, _NAME),
        form_word=notice.form_word,
        form_title=notice.form_title,
        itself=notice.itself,
        **details,
    )
    return Problem(code, severity, message, field, clause or notice.subject_clause)


def _correct_subject(unit: str, notice: Notice) -> str:
    """The subject to be copied, in quotation marks; where the unit is not known, with a word on what to write for it."""
    if unit:
        return f"“{notice.correct_subject(brief(unit, _NAME))}”"
    return f"“{notice.correct_subject(notice.subject_placeholder)}”（“{notice.subject_placeholder}”处请写本单位全称）"


def quoted(names: tuple[str, ...], most: int = 3) -> str:
    """The first few names in quotation marks: “甲”、“乙”等5个."""
    shown = "、".join(f"“{brief(name)}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown}等{len(names)}个"


def column(field: Field) -> str:
    """A field as a letter names it: “联系人信息：姓名”栏."""
    return f"“{field.title}”栏"
