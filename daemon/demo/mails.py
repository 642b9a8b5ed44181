"""Invented mails of every kind, as Chinese senders write them. No person, unit or address in them exists."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_string
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from daemon.demo.forms import filled_form
from rules.notice import Notice

DOCX = "vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class DemoMail:
    """One mail: what it shows, who sends it when, and its bytes. `late`: it arrives after the last day."""

    about: str
    sender: str
    sent_at: datetime
    raw: bytes
    late: bool = False


@dataclass(frozen=True, slots=True)
class _Unit:
    name: str
    address: str
    kind: str
    industry: str


_ASSOCIATION = _Unit("中国柔性传感器行业协会", "office@flexsensor.example", "industry_association", "柔性传感器")
_CENTER = _Unit("国家高温陶瓷技术创新中心", "apply@ceramics.example", "technology_innovation_center", "高温结构陶瓷")
_LABORATORY = _Unit("极地冰芯全国重点实验室", "lab@icecore.example", "national_laboratory", "极地钻探装备")
_OPERATOR = _Unit("冷链装备产业知识产权运营中心（烟台）", "ip@coldchain.example", "ip_operation_center", "冷链装备")
_UNIVERSITY = _Unit("东海工业大学", "keyan@ehu.example", "other", "工业软件")
_ENTERPRISE = _Unit("中国北辰重工集团有限公司第三研究院", "yan3@beichen.example", "central_enterprise", "大型盾构机")
_MAKERS = _Unit("中国电子纸显示行业协会", "mishu@epaper.example", "industry_association", "电子纸显示模组")


def demo_mails(notice: Notice, first: datetime) -> Iterator[DemoMail]:
    """The mails in the order of their arrival, a few minutes apart, the first one at `first` (aware)."""
    moments = (first + timedelta(minutes=7 * n) for n in range(100))
    to = notice.email

    def mail(about: str, unit: _Unit, message: Message, *, late: bool = False) -> DemoMail:
        at = next(moments)
        message["To"], message["Date"] = to, format_datetime(at)
        message["From"] = formataddr((unit.name, unit.address))
        message["Message-ID"] = f"<{at:%H%M%S}.{abs(hash_of(about))}@{unit.address.partition('@')[2]}>"
        return DemoMail(about, unit.address, at, message.as_bytes(), late)

    def application(unit: _Unit, subject: str = "", **changes: str) -> Message:
        return _letter(subject or notice.correct_subject(unit.name), [(f"{notice.form_word}-{unit.name}.docx", _form(notice, unit, **changes))])

    yield mail("填写齐全的申报", _ASSOCIATION, application(_ASSOCIATION))
    yield mail("附件为压缩包，文件名为GBK编码", _CENTER, _letter(notice.correct_subject(_CENTER.name), [("申报材料.zip", _zipped(_form(notice, _CENTER)))]))
    yield mail("邮件主题不符合要求", _LABORATORY, application(_LABORATORY, "申报材料"))
    yield mail("主题中未填单位名称", _UNIVERSITY, application(_UNIVERSITY, notice.correct_subject(notice.subject_placeholder)))
    yield mail("缺通讯地址、单位简介，未勾选单位性质", _MAKERS, application(_MAKERS, postal_address="", introduction="", ticked=""))
    yield mail(
        "只有扫描件",
        _ENTERPRISE,
        _letter(notice.correct_subject(_ENTERPRISE.name), [("申报表盖章扫描件.pdf", b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n")]),
    )
    yield mail("主题为GBK原始字节", _OPERATOR, _raw_gbk(application(_OPERATOR), notice.correct_subject(_OPERATOR.name)))
    yield mail(
        "咨询", _Unit("海州科技服务中心", "wen@haizhou.example", "", ""), _letter("咨询申报事宜", [], "您好，请问高校是否可以申报？需要哪些材料？谢谢。")
    )
    yield mail("自动答复", _ASSOCIATION, _automatic())
    yield mail("退信", _Unit("Mail Delivery System", "mailer-daemon@ceramics.example", "", ""), _bounce())
    yield mail("订阅邮件", _Unit("每周资讯", "news@weekly.example", "", ""), _newsletter())
    yield mail("再次发送同一申报表", _ASSOCIATION, application(_ASSOCIATION))
    yield mail(
        "更新联系电话", _CENTER, _letter(notice.correct_subject(_CENTER.name), [("申报表（更新）.docx", _form(notice, _CENTER, contact_phone="010-55550199"))])
    )
    yield mail("按补正通知更正主题后重发", _LABORATORY, application(_LABORATORY))
    yield mail("以附件形式转发的申报邮件", _UNIVERSITY, _forwarded(notice, application(_UNIVERSITY)))
    yield mail(
        "只给出网盘链接", _MAKERS, _letter(notice.correct_subject(_MAKERS.name), [], "申报表见超大附件：https://mail.qq.com/cgi-bin/ftnExs_download?k=1")
    )
    yield mail("截止日次日零时到达", _Unit("中国竹缠绕复合材料行业协会", "zhu@bamboo.example", "industry_association", "竹缠绕复合管"),
               application(_Unit("中国竹缠绕复合材料行业协会", "zhu@bamboo.example", "industry_association", "竹缠绕复合管")), late=True)  # fmt: skip


def hash_of(text: str) -> int:
    """A number for a Message-ID that is the same in every run."""
    return int.from_bytes(text.encode()[-6:])


def _form(notice: Notice, unit: _Unit, ticked: str | None = None, **changes: str) -> bytes:
    answers = {
        "unit_name": unit.name,
        "postal_address": "示例市示例区示例路1号",
        "contact_name": "示例联系人",
        "contact_position": "办公室主任",
        "contact_phone": "010-55550100",
        "contact_mobile": "",
        "email": unit.address,
        "industries": unit.industry,
        "introduction": f"{unit.name}长期从事{unit.industry}领域的技术服务与行业协调工作，"
        + "持续开展产业研究、标准制定、专利导航与成果推广，" * 13
        + "具有较好的行业基础。",
        "evaluation_capability": f"（一）熟悉{unit.industry}领域的专利与产品。\n（二）建有技术专家库和专职团队，能够按季度完成产业评价。",
    }
    return filled_form(notice, answers | changes, unit.kind if ticked is None else ticked)


def _letter(subject: str, files: list[tuple[str, bytes]], text: str = "老师您好：\n申报表见附件，请查收。\n谢谢！") -> Message:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    for name, data in files:
        kind = {"zip": "zip", "pdf": "pdf"}.get(name.rpartition(".")[2], DOCX)
        message.add_attachment(data, maintype="application", subtype=kind, filename=name)
    return message


def _zipped(form: bytes) -> bytes:
    """A zip as a Chinese Windows makes it: names in GBK, without the UTF-8 flag. The stand-in of the same length is patched afterwards."""
    name = "申报表-终稿.docx".encode("gbk")
    stand_in = b"x" * len(name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(stand_in.decode(), form)
    return buffer.getvalue().replace(stand_in, name)


class _Bytes(Message):
    """A message whose bytes are given."""

    def __init__(self, inner: Message, subject: bytes) -> None:
        super().__init__()
        self._inner, self._subject = inner, subject

    def as_bytes(self, unixfrom: bool = False, policy: object = None) -> bytes:  # noqa: FBT001, FBT002 - the library's signature
        del unixfrom, policy
        del self._inner["Subject"]
        for name, value in self.items():
            self._inner[name] = value
        return b"Subject: " + self._subject + b"\n" + self._inner.as_bytes()


def _raw_gbk(message: Message, subject: str) -> Message:
    return _Bytes(message, subject.encode("gbk"))


def _automatic() -> Message:
    message = _letter("自动答复: 受理回执", [], "我正在休假，9月22日后回复。")
    message["Auto-Submitted"] = "auto-replied"
    return message


def _bounce() -> Message:
    return message_from_string(
        "Subject: Undelivered Mail Returned to Sender\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\n\nThe mail could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; ceramics.example\n\nFinal-Recipient: rfc822; nobody@ceramics.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )


def _newsletter() -> Message:
    message = _letter("本周行业资讯", [], "本周要闻……")
    message["List-Unsubscribe"] = "<mailto:off@weekly.example>"
    message["Precedence"] = "bulk"
    return message


def _forwarded(notice: Notice, inner: Message) -> Message:
    message = MIMEMultipart()
    message["Subject"] = f"转发：{notice.correct_subject(_UNIVERSITY.name)}"
    message.attach(MIMEText("请查收。"))
    message.attach(MIMEMessage(inner))
    return message
