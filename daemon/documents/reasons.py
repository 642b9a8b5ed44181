"""Why a file was not read: one table of every reason, in English for logs and the register, in Chinese for the staff."""

from dataclasses import replace
from enum import StrEnum
from typing import Self

from rules.submission import Attachment, Status


class Why(StrEnum):
    """A reason; its value is the English of it.

    Attributes:
        chinese: what the staff read.
    """

    chinese: str

    def __new__(cls, english: str, chinese: str) -> Self:
        """A reason in both languages."""
        member = str.__new__(cls, english)
        member._value_, member.chinese = english, chinese
        return member

    # Nothing of ours is wrong: the file, or what it came in.
    LOCKED = "needs a password", "设有密码"
    NOT_WORD = "named like a Word file, but is none that can be opened", "名为word文件，但无法打开"
    NO_BODY = "no document body", "文件中没有正文"
    NO_PART = "no document part", "文件中没有正文部分"
    NO_PAGE = "a web archive without a page", "网页存档中没有网页"
    DAMAGED = "damaged", "文件已损坏"
    DAMAGED_XML = "damaged XML", "文件的XML内容已损坏"
    DAMAGED_PART = "damaged part", "文件的一部分已损坏"
    DAMAGED_ARCHIVE = "not a sound archive", "压缩包已损坏"
    DAMAGED_ZIP = "not a sound zip archive", "zip压缩包已损坏"
    DAMAGED_IN_ARCHIVE = "damaged in its archive", "在压缩包内已损坏"
    DAMAGED_OUTLOOK = "not a sound Outlook file", "Outlook邮件文件已损坏"
    DAMAGED_WINMAIL = "not a sound winmail.dat", "winmail.dat文件已损坏"
    CUT_OFF = "cut off", "压缩包不完整"
    # Over a limit.
    MAIL_TOO_LARGE = "the mail is larger than is allowed", "邮件超过允许的大小"
    TOO_LARGE = "too large when unpacked", "文件展开后过大"
    TOO_MANY_BYTES = "unpacks to more bytes than are allowed", "解压后超过允许的大小"
    BOMB = "an archive bomb", "压缩比异常，疑似压缩炸弹"
    TOO_MANY_FILES = "more files than are allowed", "文件数量超过允许的个数"
    TOO_MANY_ENTRIES = "more entries than are allowed", "压缩包内条目过多"
    TOO_MANY_PARTS = "too many parts", "文件的组成部分过多"
    TOO_MANY_PARAGRAPHS = "too many paragraphs", "文件的段落过多"
    TOO_MUCH_TEXT = "too much text", "文件的文字过多"
    TOO_DEEP = "nested too deeply", "嵌套层次过多"
    TOO_MUCH_MEMORY = "needs more memory than is allowed", "读取所需内存超过限制"
    # It may be sound, and a person has to look.
    SEVERAL_PARTS = "one part of an archive in several parts", "是分卷压缩包中的一卷，本系统不能打开"
    KIND_OF_ARCHIVE = "a kind of archive that is not opened here", "本系统不能打开这种压缩包"
    PACKING = "packed by a method that is not known here", "压缩方法特殊，本系统不能解压"
    NOT_UNPACKED = "nothing of it is missing, but it could not be unpacked", "压缩包完整，但本系统未能解压"
    CHARSET = "names in an unknown charset", "压缩包内文件名的编码无法识别"
    ANOTHER_INSIDE = "it has another document inside that a person must look at", "文件内嵌有另一份文档，须人工查看"
    NO_LIBARCHIVE = "libarchive is not installed", "本机未安装libarchive，不能打开rar、7z、tar压缩包"
    NO_LIBREOFFICE = "LibreOffice is not installed", "本机未安装LibreOffice，不能读取doc、wps等格式"
    NOT_CONVERTED = "LibreOffice could not read it", "LibreOffice未能打开该文件"
    CONVERTED_SLOWLY = "LibreOffice took more seconds than are allowed", "LibreOffice转换该文件超时"
    CONVERTED_BADLY = "what LibreOffice made of it cannot be read", "LibreOffice转换的结果不能读取"
    NO_TIME = "no time was left for it", "该邮件的处理时间已用完，未及读取"
    GIVEN_UP = "reading it was given up", "读取时程序异常中止，已放弃读取"


def in_chinese(reason: str) -> str:
    """A reason as it stands in the register, for the staff; one that an older version of the program wrote stays as it is."""
    return _CHINESE.get(reason, reason)


_CHINESE = {why.value: why.chinese for why in Why}


def not_read(attachment: Attachment, status: Status, why: Why | None) -> Attachment:
    """The attachment, of which nothing was read, with the reason as plain text."""
    return replace(attachment, status=status, reason=why.value if why else "")


class Unread(Exception):  # noqa: N818 - reads as what happened
    """Something was not read; the one way to say so is one of the reasons."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why
