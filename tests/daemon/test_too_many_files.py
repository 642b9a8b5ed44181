"""More files than one mail may hold: the form is found where its name says that it may be one, nothing is lost, and everybody is told what was not opened."""

from datetime import UTC, datetime

import pytest

from daemon.documents.jail import InProcess
from daemon.documents.reader import Limits
from daemon.inspect import inspect_one
from tests.archives import rar_4, rar_5, seven_zip, tarred
from tests.builders import form_docx, good_values, zlcp
from tests.containers import zipped
from tests.live.needs import needs_libarchive
from tests.mails import forwarded, mail

NOW = datetime(2024, 9, 10, tzinfo=UTC)
MOST = 5
FORM = ("申报表.docx", form_docx(good_values()))
PHOTOS = tuple((f"照片{number}.jpg", b"\xff\xd8\xff" + bytes([number]) * 90) for number in range(8))
SUBJECT = f"专利密集型产品认定产业评价中心承担单位——{good_values()['unit_name']}"
WRITERS = {"zip": zipped, "rar": rar_4, "5.rar": rar_5, "7z": seven_zip, "tar": tarred}
every_writer = pytest.mark.parametrize(("ending", "write"), WRITERS.items(), ids=WRITERS)


def found_in(*files: tuple[str, bytes], raw: bytes = b"") -> tuple[dict, tuple[bytes, ...]]:
    """What is found of a mail, and the bytes that are kept of its files."""
    read = InProcess(zlcp(), Limits(files=MOST)).read(raw or mail(SUBJECT, attachments=files))
    return inspect_one("mail.eml", read, zlcp(), None, NOW), read.contents


def statuses(found: dict) -> dict[str, str]:
    return {each["name"]: each["status"] for each in found["attachments"]}


@pytest.mark.parametrize("place", [0, 4, 8])
def test_the_form_is_read_wherever_it_stands_among_too_many_files(place):
    files = [*PHOTOS[:place], FORM, *PHOTOS[place:]]
    found, kept = found_in(*files)
    assert (found["decision"], found["problems"], found["reply"]["kind"]) == ("accepted", [], "acknowledgement")
    assert [each["name"] for each in found["attachments"]] == [name for name, _ in files]
    assert kept == tuple(data for _, data in files)
    assert statuses(found) == {FORM[0]: "ok"} | {name: "ok" if number < MOST - 1 else "refused" for number, (name, _) in enumerate(PHOTOS)}


def test_the_same_holds_in_a_mail_that_was_forwarded():
    found, _ = found_in(raw=forwarded(mail(SUBJECT, attachments=[*PHOTOS, FORM]), subject=SUBJECT))
    assert (found["decision"], statuses(found)[FORM[0]]) == ("accepted", "ok")


def test_the_staff_are_told_in_one_line_of_all_the_files_that_were_not_opened():
    found, _ = found_in(FORM, *PHOTOS)
    assert found["checks"] == ["附件“照片4.jpg”、“照片5.jpg”、“照片6.jpg”等4个出于安全考虑未打开，内容未看"]


@needs_libarchive
@every_writer
def test_an_archive_with_too_many_files_is_opened_as_far_as_its_names_say_word_or_archive(ending, write):
    packed = write(*PHOTOS, FORM)
    found, kept = found_in((f"材料.{ending}", packed))
    assert (found["decision"], found["problems"], found["reply"]["kind"]) == ("accepted", [], "acknowledgement")
    assert statuses(found) == {f"材料.{ending}": "ok", FORM[0]: "ok", "其余8个文件": "refused"}
    assert kept == (packed, FORM[1], b"")
    assert f"材料.{ending}（内含：申报表.docx、其余8个文件）" in found["reply"]["text"]
    assert found["checks"] == ["附件“其余8个文件”出于安全考虑未打开，内容未看"]


@needs_libarchive
@every_writer
def test_the_files_that_are_left_out_are_not_taken_for_one_large_file(ending, write):
    packed = write(*((name, data * 40) for name, data in PHOTOS), FORM)
    limits = Limits(files=MOST, file_bytes=20_000)
    assert len(FORM[1]) < limits.file_bytes < sum(len(data) * 40 for _, data in PHOTOS)
    found = InProcess(zlcp(), limits).read(mail(SUBJECT, attachments=[(f"材料.{ending}", packed)])).attachments
    assert [each.status for each in found] == ["ok", "ok", "refused"]


def test_so_is_an_archive_with_the_form_in_another_archive():
    found, _ = found_in(("材料.zip", zipped(*PHOTOS, ("表.zip", zipped(FORM)))))
    assert (found["decision"], statuses(found)[FORM[0]]) == ("accepted", "ok")


@needs_libarchive
@every_writer
def test_an_archive_with_too_many_files_and_none_named_like_a_form_is_kept_and_the_reason_is_said(ending, write):
    packed = write(*PHOTOS)
    found, kept = found_in((f"材料.{ending}", packed))
    assert (found["decision"], [each["code"] for each in found["problems"]]) == ("correction", ["attachment.refused"])
    assert f"“材料.{ending}”过大、文件过多、" in found["reply"]["text"]
    assert "请将word版申报表不经压缩，直接作为附件重新发送。" in found["reply"]["text"]
    assert kept == (packed,)


def test_more_files_named_like_word_than_are_allowed_are_refused_and_kept():
    forms = tuple((f"{number}.docx", FORM[1]) for number in range(MOST + 1))
    found, kept = found_in(("材料.zip", zipped(*forms)))
    assert (found["decision"], statuses(found), len(kept)) == ("correction", {"材料.zip": "refused"}, 1)
    found, kept = found_in(*forms)
    assert (found["decision"], statuses(found)["5.docx"], len(kept)) == ("accepted", "refused", MOST + 1)
