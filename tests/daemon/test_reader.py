"""A raw mail to its letter and its files, with LibreOffice replaced by a function."""

import io
import zipfile

import pytest

from daemon.documents import reader
from daemon.documents.convert import ConversionFailed, ConverterMissing
from daemon.documents.reader import Aids, Limits, Read, read_file, read_mail
from daemon.documents.reasons import Why
from rules.submission import Letter, Reading, Role, Status
from tests.builders import MAIN_TYPES, docx, form_docx, good_values, paragraph, zlcp
from tests.containers import JUNK, ole, with_flag, word_97, zipped
from tests.mails import application, forwarded, mail

FORM = form_docx(good_values())
LETTER_OF_INTRODUCTION = docx(paragraph("介绍信"), paragraph("兹介绍我单位同志前往贵会办理有关事宜。"))
PNG = b"\x89PNG\r\n\x1a\n"


def converter_that_works(data: bytes, ending: str) -> bytes:
    return FORM


def read(raw: bytes, limits: Limits | None = None, convert=converter_that_works, **aids) -> Read:
    return read_mail(raw, zlcp(), limits or Limits(), Aids(convert, **aids))


def attached(*files, **kwargs) -> Read:
    return read(mail(attachments=files), **kwargs)


def outline(found: Read) -> list[tuple]:
    return [(*each.within, each.name, each.role, each.status) for each in found.attachments]


def test_a_form_is_read_and_its_bytes_are_handed_on():
    found = read(application(FORM, file_name="申报表.docx"))
    assert outline(found) == [("申报表.docx", Role.FORM, Status.OK)]
    [form] = found.attachments
    assert form.reading is Reading.FILLED
    assert form.form.get("unit_name") == good_values()["unit_name"]
    assert (form.size, found.contents) == (len(FORM), (FORM,))
    assert form.media_type.endswith("wordprocessingml.document")


def test_a_mail_without_files_is_a_letter_alone():
    found = read(mail("请问截止日期", "老师好，请问截止日期是哪天？"))
    assert found.attachments == found.contents == ()
    assert "截止日期" in found.letter.text


def test_an_archive_stands_before_its_members_each_in_its_place():
    inner = zipped(("盖章页.pdf", b"%PDF-1.4"), raw_names="gb18030")
    found = attached(("材料.zip", zipped(("申报表.docx", FORM), ("附件.zip", inner), raw_names="gb18030")))
    assert outline(found) == [
        ("材料.zip", Role.ARCHIVE, Status.OK),
        ("材料.zip", "申报表.docx", Role.FORM, Status.OK),
        ("材料.zip", "附件.zip", Role.ARCHIVE, Status.OK),
        ("材料.zip", "附件.zip", "盖章页.pdf", Role.SCAN, Status.OK),
    ]


@pytest.mark.parametrize("transfer", ["", "base64"])
def test_a_forwarded_mail_is_opened_like_an_archive(transfer):
    found = read(forwarded(application(zipped(("申报表.docx", FORM)), file_name="材料.zip"), "转发的邮件.eml", transfer=transfer))
    assert outline(found) == [
        ("转发的邮件.eml", Role.ARCHIVE, Status.OK),
        ("转发的邮件.eml", "材料.zip", Role.ARCHIVE, Status.OK),
        ("转发的邮件.eml", "材料.zip", "申报表.docx", Role.FORM, Status.OK),
    ]


def test_a_mail_saved_to_a_file_is_opened_too():
    assert outline(attached(("报名.eml", application(FORM), "application/octet-stream")))[1][:3] == ("报名.eml", "申报表.docx", Role.FORM)


def test_another_word_file_is_no_form_and_a_blank_one_is():
    found = attached(("介绍信.docx", LETTER_OF_INTRODUCTION), ("申报表.docx", form_docx()))
    assert [(each.role, each.reading) for each in found.attachments] == [(Role.OTHER, Reading.ANOTHER), (Role.FORM, Reading.BLANK)]


def test_scans_and_decorations_are_told_apart():
    big = PNG + bytes(60_000)
    found = read(
        mail(html='<p>见附件<img src="cid:logo"></p>', inline=[("logo.png", PNG + b"logo")], attachments=[("盖章页.png", PNG + b"page"), ("申报表.jpg", big)])
    )
    assert {each.name: each.role for each in found.attachments} == {"logo.png": Role.OTHER, "盖章页.png": Role.SCAN, "申报表.jpg": Role.SCAN}


@pytest.mark.parametrize(
    ("name", "data", "role", "status"),
    [
        ("申报表.docx", ole(EncryptedPackage=b"x"), Role.FORM, Status.ENCRYPTED),
        ("申报表.doc", word_97(locked=True), Role.FORM, Status.ENCRYPTED),
        ("申报材料.zip", with_flag(zipped(("申报表.docx", FORM)), 1), Role.ARCHIVE, Status.ENCRYPTED),
        ("申报表.docx", FORM[:1000], Role.FORM, Status.CORRUPT),
        ("申报表.doc", JUNK, Role.FORM, Status.CORRUPT),
        ("申报表.docx", b"", Role.FORM, Status.CORRUPT),
        ("申报材料.zip", zipped(("申报表.docx", FORM))[:200], Role.ARCHIVE, Status.CORRUPT),
        ("申报材料.zip", zipped(("申报表.docx", bytes(20_000_000))), Role.ARCHIVE, Status.REFUSED),
        ("申报材料.cab", b"MSCF\x00" + JUNK, Role.ARCHIVE, Status.CONVERTED_FAILED),
        ("预算.xlsx", zipped(("xl/workbook.xml", b"x")), Role.OTHER, Status.OK),
        ("说明.txt", "见附件".encode("gb18030"), Role.OTHER, Status.OK),
        ("unknown.bin", JUNK, Role.OTHER, Status.OK),
    ],
)
def test_what_cannot_be_read_says_why_and_has_nothing_inside(name, data, role, status):
    found = attached((name, data))
    assert outline(found) == [(name, role, status)]
    assert found.contents == (data,)
    assert (found.attachments[0].reason in list(Why)) == (status is not Status.OK)


@pytest.mark.parametrize(
    ("name", "data"), [("申报表.doc", word_97()), ("申报表.wps", word_97()), ("申报表.doc", b"{\\rtf1 x}"), ("申报表.doc", b"<html><table/></html>")]
)
def test_old_formats_are_read_by_way_of_the_converter(name, data):
    assert attached((name, data)).attachments[0].reading is Reading.FILLED


@pytest.mark.parametrize("field", ["\x13 eq \\o\\ac(□,√)\x15", "\x13EQ \\o\\ac(○,√)\x14\x15", '\x13 SYMBOL 0xFE \\f "Wingdings"\x15'])
@pytest.mark.parametrize("charset", ["utf-16-le", "gb18030"])
def test_boxes_that_the_converter_drops_are_unread_and_never_empty(field, charset):
    def convert(data, ending):
        return form_docx(good_values() | {"unit_types": []})

    rich = b"{\\rtf1{\\field{\\*\\fldinst {\\f1 eq \\\\o\\\\ac(\\u9633?,\\u8730?)}}{\\fldrslt }}}"
    for data, unread in ((word_97(Text=("单位性质" + field).encode(charset)), ("unit_types",)), (rich, ("unit_types",)), (word_97(), ()), (b"{\\rtf1 eq}", ())):
        [form] = attached(("申报表.doc", data), convert=convert).attachments
        assert (form.form.get("unit_types"), form.form.unread) == ((), unread)
    [form] = attached(("申报表.doc", word_97(Text=field.encode(charset)))).attachments
    assert (form.form.get("unit_types"), form.form.unread) == (tuple(good_values()["unit_types"]), ())


@pytest.mark.parametrize("error", [ConverterMissing(Why.NO_LIBREOFFICE), ConversionFailed(Why.CONVERTED_SLOWLY)])
def test_a_converter_that_fails_is_no_fault_of_the_file(error):
    def convert(data, ending):
        raise error

    [form] = attached(("申报表.doc", word_97()), convert=convert).attachments
    assert (form.role, form.status, form.reason) == (Role.FORM, Status.CONVERTED_FAILED, str(error))


def test_nonsense_from_the_converter_is_no_fault_of_the_file():
    [form] = attached(("申报表.doc", word_97()), convert=lambda data, ending: JUNK).attachments
    assert form.status is Status.CONVERTED_FAILED


def test_html_reaches_the_converter_in_utf_8_without_a_wrong_word_about_it():
    seen = []

    def convert(data, ending):
        seen.append((data, ending))
        return FORM

    attached(("申报表.doc", '<html><meta charset="utf-8"><table>单位名称</table></html>'.encode("gb18030")), convert=convert)
    assert seen == [("<html><table>单位名称</table></html>".encode("utf-8-sig"), "html")]


def test_the_page_of_a_web_archive_reaches_the_converter():
    seen = []

    def convert(data, ending):
        seen.append((data.decode("utf-8-sig"), ending))
        return FORM

    page = b"<html><body><table></table></body></html>"
    archive = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=gb2312\r\n\r\n"
        + page
        + b"\r\n--b--\r\n"
    )
    [form] = attached(("申报表.doc", archive), convert=convert).attachments
    assert (form.role, form.reading, seen) == (Role.FORM, Reading.FILLED, [(page.decode(), "html")])
    assert attached(("申报表.doc", archive.replace(b"text/html", b"image/png"))).attachments[0].status is Status.CORRUPT


def test_a_form_typed_as_plain_text_and_named_doc_is_looked_into():
    assert attached(("申报表.doc", "会议通知\n请参加。".encode("gb18030"))).attachments[0].reading is Reading.ANOTHER


@pytest.mark.parametrize(("boxes", "unread"), [("□□□□□□", ()), ("□  □□□", ("unit_types",)), ("      ", ("unit_types",))])
def test_in_plain_text_a_choice_is_empty_where_every_box_is_seen_and_unread_where_one_is_lost(boxes, unread):
    options = [option.label for field in zlcp().of_kind("choice") for option in field.options]
    choice = "\n".join(f"{box.strip()}{label}" for box, label in zip(boxes, options, strict=True))
    text = f"{zlcp().form_title}\n单位名称：示例协会\n通讯地址：北京市\n电子邮箱：a@b.example\n单位性质：\n{choice}\n单位简介：成立于2001年。\n"
    [form] = attached(("申报表.doc", text.encode("gb18030"))).attachments
    assert (form.reading, form.form.get("unit_name"), form.form.get("unit_types")) == (Reading.FILLED, "示例协会", ())
    assert form.form.unread == unread


def test_a_docx_in_one_flat_xml_file_is_read_and_a_damaged_one_is_told():
    parts = {"word/document.xml": MAIN_TYPES["docx"], "_rels/.rels": "application/vnd.openxmlformats-package.relationships+xml"}
    with zipfile.ZipFile(io.BytesIO(FORM)) as package:
        xml = {name: package.read(name).decode().partition("?>")[2] for name in parts}
    pieces = "".join(f'<pkg:part pkg:name="/{name}" pkg:contentType="{kind}"><pkg:xmlData>{xml[name]}</pkg:xmlData></pkg:part>' for name, kind in parts.items())
    flat = f'<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">{pieces}</pkg:package>'.encode()
    [form] = attached(("申报表.doc", flat)).attachments
    assert form.form.get("unit_name") == good_values()["unit_name"]
    assert attached(("申报表.doc", flat[:-50])).attachments[0].status is Status.CORRUPT


def test_a_document_that_is_kept_whole_inside_another_is_converted_or_left_to_a_person():
    chunk = docx('<w:altChunk r:id="rId9"/>')

    def resolved(data: bytes, ending: str) -> bytes:
        assert (data, ending) == (chunk, "docx")
        return form_docx(good_values())

    def attachment(convert):
        return read_file("申报表.docx", chunk, zlcp(), Limits(), Aids(convert)).attachments[0]

    assert (attachment(resolved).status, attachment(resolved).reading) == (Status.OK, Reading.FILLED)
    assert attachment(lambda data, ending: chunk).status is Status.CONVERTED_FAILED
    assert attachment(lambda data, ending: chunk).role is Role.FORM


def test_macros_are_told():
    assert attached(("申报表.docm", form_docx(good_values(), kind="docm", macros=True))).attachments[0].macros
    assert attached(("申报表.doc", word_97(_VBA_PROJECT=b"x"))).attachments[0].macros


def test_archives_nested_too_deeply_are_refused_and_the_rest_is_read():
    packed = zipped(("申报表.docx", FORM))
    for _ in range(3):
        packed = zipped(("a.zip", packed))
    found = attached(("a.zip", packed), ("申报表.docx", FORM), limits=Limits(depth=3))
    assert [each.status for each in found.attachments] == [Status.OK] * 3 + [Status.REFUSED, Status.OK]


def test_mails_nested_too_deeply_are_refused():
    inner = application(FORM)
    for _ in range(4):
        inner = forwarded(inner, transfer="base64")
    found = read(inner, Limits(mails=2))
    assert [each.status for each in found.attachments] == [Status.OK, Status.OK, Status.REFUSED]


def test_more_files_than_are_allowed_are_kept_but_not_looked_into():
    found = attached(*((f"{number}.docx", FORM) for number in range(5)), limits=Limits(files=3))
    assert [each.status for each in found.attachments] == [Status.OK] * 3 + [Status.REFUSED] * 2
    assert found.contents == (FORM,) * 5


def test_an_archive_does_not_use_up_what_the_form_beside_it_needs():
    many = zipped(*((f"{number}.txt", b"x") for number in range(4)))
    found = attached(("a.zip", many), ("b.zip", zipped(("c.txt", b"x"))), ("申报表.docx", FORM), limits=Limits(files=5))
    assert [each.status for each in found.attachments] == [Status.REFUSED, Status.OK, Status.OK, Status.OK]


def test_a_mail_over_the_limit_is_known_by_its_header_alone():
    raw = application(FORM, unit="示例协会")
    found = read(raw, Limits(mail_bytes=1000))
    assert found.letter.subject.endswith("——示例协会")
    assert found.letter.text == ""
    assert "mail.too_large" in found.letter.faults
    [whole] = found.attachments
    assert (whole.status, whole.size, found.contents) == (Status.REFUSED, len(raw), (raw,))


def test_the_reader_tells_what_it_looks_into_and_leaves_out_what_it_is_told():
    seen = []
    found = attached(("申报表.docx", FORM), ("介绍信.docx", LETTER_OF_INTRODUCTION), watch=seen.append)
    assert seen == ["", *(each.sha256 for each in found.attachments)]
    again = attached(("申报表.docx", FORM), ("介绍信.docx", LETTER_OF_INTRODUCTION), skip={seen[2]: Status.REFUSED})
    assert outline(again) == [("申报表.docx", Role.FORM, Status.OK), ("介绍信.docx", Role.FORM, Status.REFUSED)]
    assert again.contents == found.contents


def test_a_reader_out_of_memory_refuses_that_file_only():
    def convert(data, ending):
        raise MemoryError

    found = attached(("申报表.doc", word_97()), ("申报表.docx", FORM), convert=convert)
    assert [each.status for each in found.attachments] == [Status.REFUSED, Status.OK]


def test_what_no_time_is_left_for_waits_for_a_person(monkeypatch):
    monkeypatch.setattr(reader, "SECONDS", -1)
    [form] = attached(("申报表.docx", FORM)).attachments
    assert (form.role, form.status) == (Role.FORM, Status.CONVERTED_FAILED)


def test_two_copies_of_a_mail_have_one_fingerprint_and_another_mail_has_another():
    raw = application(FORM)
    one = read(raw).fingerprint
    assert read(b"Received: from elsewhere\r\n" + raw).fingerprint == one
    assert read(application(FORM, unit="另一协会")).fingerprint != one
    assert read(application(FORM, attachments=[("x.txt", b"x")], message_id="<a@b>")).fingerprint != read(application(FORM, message_id="<a@b>")).fingerprint


def test_a_mail_with_nothing_to_tell_it_by_has_no_fingerprint():
    assert read(b"").fingerprint == ""


def test_a_bare_file_is_read_like_the_only_attachment():
    found = read_file("dir/申报表.docx", FORM, zlcp(), Limits(), Aids(converter_that_works))
    assert outline(found) == [("申报表.docx", Role.FORM, Status.OK)]
    assert found.letter == Letter()
