"""Archives that other programs locked in earnest (tests/packed): the applicant is asked for one without a password, and nothing is lost."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from daemon.documents.jail import InProcess
from daemon.documents.reader import Aids, Limits, read_file
from daemon.inspect import inspect_one
from rules.submission import Status
from tests.builders import form_docx, good_values, zlcp
from tests.live.needs import needs_libarchive
from tests.mails import ARRIVAL, mail

pytestmark = needs_libarchive

PACKED = Path(__file__).parents[1] / "packed"
LOCKED = ("zipcrypto.zip", "aes.zip", "content.7z", "header.7z")
PASSWORD = "123456"
UNIT = good_values()["unit_name"]


def _bytes(name: str) -> bytes:
    return (PACKED / name).read_bytes()


def _sent(*files: tuple[str, bytes]) -> tuple[dict, tuple[bytes, ...]]:
    """What is found of a mail with these files, and the bytes that are kept of them."""
    text = f"您好，附件是我单位的申报材料，解压密码：{PASSWORD}，请查收。"
    read = InProcess(zlcp(), Limits()).read(mail(f"专利密集型产品认定产业评价中心承担单位——{UNIT}", text, attachments=files))
    return inspect_one("mail.eml", read, zlcp(), None, ARRIVAL), read.contents


@pytest.mark.parametrize("name", ["zipcrypto.zip", "aes.zip"])
def test_the_zips_of_these_tests_are_sound_and_open_with_their_password_alone(name):
    import libarchive  # noqa: PLC0415 - the system may lack it

    with libarchive.memory_reader(_bytes(name), passphrase=PASSWORD) as archive:
        assert [b"".join(entry.get_blocks()).decode()[:5] for entry in archive] == ["单位名称："]
    with zipfile.ZipFile(BytesIO(_bytes(name))) as archive, pytest.raises((RuntimeError, NotImplementedError)):
        archive.read(archive.infolist()[0])


@pytest.mark.parametrize("name", LOCKED)
def test_an_applicant_who_locked_the_archive_is_asked_once_for_one_without_a_password(name):
    sent_as = f"申报材料{Path(name).suffix}"
    found, kept = _sent((sent_as, _bytes(name)))
    assert (found["kind"], found["decision"], found["reply"]["kind"]) == ("application", "correction", "correction")
    assert [(each["code"], each["message"]) for each in found["problems"]] == [
        ("attachment.encrypted", f"“{sent_as}”设有密码，无法打开。请取消密码后重新发送。")
    ]
    assert "有 1 处需要补正" in found["reply"]["text"]
    assert found["problems"][0]["message"] in found["reply"]["text"]
    assert [(each["name"], each["status"]) for each in found["attachments"]] == [(sent_as, "encrypted")]
    assert kept == (_bytes(name),)


@pytest.mark.parametrize("name", LOCKED)
def test_a_locked_archive_beside_a_form_is_no_fault_and_the_staff_are_told(name):
    found, kept = _sent(("申报表.docx", form_docx(good_values())), (f"佐证{Path(name).suffix}", _bytes(name)))
    assert (found["decision"], found["problems"], found["reply"]["kind"]) == ("accepted", [], "acknowledgement")
    assert found["checks"] == [f"附件“佐证{Path(name).suffix}”设有密码，内容未看"]
    assert kept[1] == _bytes(name)


def test_one_locked_file_does_not_lock_the_others_of_its_archive():
    found = read_file("材料.7z", _bytes("one-of-two.7z"), zlcp(), Limits(), Aids(lambda data, ending: data)).attachments
    assert [(each.name, each.status) for each in found] == [("材料.7z", Status.OK), ("申报表.docx", Status.OK), ("盖章页.docx", Status.ENCRYPTED)]
