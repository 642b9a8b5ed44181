"""Every code about attachments by real files: what the applicant sent, what is found, and that the one letter names the file and says what to do."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from daemon.documents.jail import InProcess
from daemon.documents.reader import Limits
from daemon.inspect import inspect_one
from rules.messages import WORDING
from tests.archives import rar_5, seven_zip
from tests.builders import docx, form_docx, good_values, paragraph, zlcp
from tests.containers import ole, with_flag, word_97, zipped
from tests.live.needs import needs_libarchive
from tests.mails import mail
from tests.ooxml import row, table

NOW = datetime(2024, 9, 10, tzinfo=UTC)
UNIT = "中国微电网设备行业协会"
FORM = form_docx(good_values())
OTHER_UNIT = form_docx(good_values(unit_name="中国光伏设备行业协会", email="a@pv.example"))
BLANK = form_docx({})
OTHER_BLANK = form_docx({}, ticks="sdt", notes="after")
REPORT = docx(*(paragraph(f"第{n}段，本年度工作情况。") for n in range(20)))
CONTRACT = docx(paragraph("技术服务合同登记表"), table(row("合同名称", "微电网测试"), row("甲方", UNIT), row("金额", "10万元")))
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + Random(1).randbytes(90_000)

File = tuple[str, bytes]
Sent = tuple[Sequence[File], str]


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("申报表.docx", bytes(60 * 1024 * 1024))
    return buffer.getvalue()


def _nested(times: int) -> bytes:
    packed = FORM
    for _ in range(times):
        packed = zipped(("内.zip" if packed is not FORM else "申报表.docx", packed))
    return packed


def _files(*files: File) -> Sent:
    return files, "您好，附件是我单位的申报材料，请查收。"


def _words(text: str) -> Sent:
    return (), text


CASES: dict[str, tuple[Sent, ...]] = {
    "attachment.missing": (_words("您好，附件是我单位的申报表，请查收。"), _files(("名片.vcf", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nEND:VCARD\r\n"))),
    "attachment.not_word": (_files(("申报表.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF")), _files(("申报表照片.jpg", PICTURE))),
    "attachment.cloud_link": (
        _words("申报表见链接：https://pan.baidu.com/s/1abcdefg 提取码 x1y2"),
        _words("请下载申报表 https://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=exs_ftn_download&code=2"),
    ),
    "attachment.encrypted": (
        _files(("申报材料.zip", with_flag(zipped(("申报表.docx", FORM)), 1))),
        _files(("申报表.docx", ole(EncryptionInfo=b"x", EncryptedPackage=b"x"))),
        _files(("申报表.doc", word_97(locked=True))),
        _files(("申报材料.rar", rar_5(("申报表.docx", FORM), locked=True))),
    ),
    "attachment.corrupt": (
        _files(("申报表.docx", FORM[: len(FORM) // 2])),
        _files(("申报材料.zip", zipped(("申报表.docx", FORM))[:300])),
        _files(("申报表.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))),
        _files(("申报材料.7z", seven_zip(("申报表.docx", FORM))[:-20])),
    ),
    "attachment.refused": (_files(("申报材料.zip", _bomb())), _files(("申报材料.zip", _nested(8)))),
    "attachment.macro": (
        _files(("申报表.docm", form_docx(good_values(), kind="docm", macros=True))),
        _files(("申报表.docx", form_docx(good_values(), macros=True))),
    ),
    "attachment.several_forms": (_files(("甲.docx", FORM), ("乙.docx", OTHER_UNIT)), _files(("材料.zip", zipped(("甲.docx", FORM), ("乙.docx", OTHER_UNIT))))),
    "form.wrong_template": (_files(("申报表.docx", REPORT)), _files(("申报表.docx", CONTRACT))),
    "form.blank": (_files(("申报表.docx", BLANK)), _files(("材料.zip", zipped(("申报表.docx", BLANK))))),
}
NAMELESS = {"attachment.missing", "attachment.cloud_link", "attachment.several_forms"}  # their letter tells of no single file
SENT = [pytest.param(code, sent, id=f"{code} {number}", marks=needs_libarchive) for code, all_sent in CASES.items() for number, sent in enumerate(all_sent, 1)]


def findings(sent: Sent) -> dict:
    files, text = sent
    raw = mail(f"专利密集型产品认定产业评价中心承担单位——{UNIT}", text, attachments=files)
    return inspect_one("mail.eml", InProcess(zlcp(), Limits()).read(raw), zlcp(), None, NOW)


@pytest.mark.parametrize(("code", "sent"), SENT)
def test_what_is_wrong_with_the_files_is_found_and_said_once_with_the_mend(code, sent):
    found = findings(sent)
    assert found["kind"] == "application"
    assert [each["code"] for each in found["problems"]] == [code]
    (problem,) = found["problems"]
    letter = found["reply"]["text"]
    if problem["severity"] != "error":
        assert (found["decision"], found["reply"]["kind"]) == ("accepted", "acknowledgement")
        hints = letter.partition("提示（仅供参考，不影响本次登记，无需因此重新发送）：")[2]
        assert hints.count(problem["message"]) == letter.count(problem["message"]) == 1
        return
    assert (found["decision"], found["reply"]["kind"]) == ("correction", "correction")
    assert "有1处需要补正" in "".join(letter.split())
    assert problem["message"] in letter
    assert "。请" in problem["message"]
    if code not in NAMELESS:
        assert sent[0][0][0] in letter


@pytest.mark.parametrize("turned", [False, True], ids=["in the order of the mail", "the other way round"])
def test_two_units_one_bare_and_one_in_an_archive_are_seen_and_both_named(turned):
    bare, packed = (OTHER_UNIT, FORM) if turned else (FORM, OTHER_UNIT)
    found = findings(_files(("甲.docx", bare), ("材料.zip", zipped(("乙.docx", packed)))))
    (problem,) = found["problems"]
    assert (found["decision"], problem["code"]) == ("correction", "attachment.several_forms")
    assert all(f"“{unit}”" in problem["message"] for unit in (UNIT, "中国光伏设备行业协会"))
    assert found["unit_name"] == UNIT  # the subject's


def test_two_blank_forms_saved_by_different_programs_are_one_problem_that_names_both():
    found = findings(_files(("申报表.docx", BLANK), ("材料.zip", zipped(("空表.docx", OTHER_BLANK)))))
    assert [(each["code"], each["message"]) for each in found["problems"]] == [
        ("form.blank", "“申报表.docx”、“空表.docx”是尚未填写的申报表。请填写各栏后重新发送。")
    ]


@pytest.mark.parametrize(
    "files", [(("空.docx", BLANK), ("材料.zip", zipped(("表.docx", FORM)))), (("表.docx", FORM), ("材料.zip", zipped(("空.docx", OTHER_BLANK))))]
)
def test_a_blank_form_beside_a_filled_one_is_no_fault_wherever_either_lies(files):
    found = findings(_files(*files))
    assert (found["decision"], found["problems"], found["checks"]) == ("accepted", [], [])
    assert {each["name"]: each["role"] for each in found["attachments"]} == {"空.docx": "other", "表.docx": "form", "材料.zip": "archive"}


def test_of_two_versions_of_one_form_the_fuller_counts_and_the_staff_can_tell_them_apart():
    found = findings(_files(("表.docx", form_docx(good_values(contact_mobile=""))), ("材料.zip", zipped(("表.docx", FORM)))))
    assert (found["decision"], found["form"]["contact_mobile"]) == ("accepted", good_values()["contact_mobile"])
    assert found["checks"] == ["一封邮件中有内容不同的几份申报表，以“材料.zip/表.docx”为准，未采用“表.docx”"]


def test_the_same_answers_saved_by_another_program_are_no_second_version():
    found = findings(_files(("表.docx", FORM), ("材料.zip", zipped(("表.docx", form_docx(good_values(), ticks="sdt", notes="after"))))))
    assert (found["decision"], found["problems"], found["checks"]) == ("accepted", [], [])


def test_every_code_about_attachments_is_here_by_two_files():
    assert {code for code in WORDING if code.startswith("attachment.")} | {"form.wrong_template", "form.blank"} == set(CASES)
    assert all(len(sent) >= 2 for sent in CASES.values())
