"""What files are, by their content."""

import io
import struct

import olefile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.documents.sniff import Kind, by_name, has_macros, sniff
from tests.builders import docx, form_docx, good_values
from tests.containers import END, JUNK, ole, word_97, zipped
from tests.mails import mail

ODT = "application/vnd.oasis.opendocument.text"
HTML = b'<html xmlns:w="urn:schemas-microsoft-com:office:word"><body><table></table></body></html>'


def test_the_builder_of_ole_files_makes_what_olefile_reads():
    with olefile.OleFileIO(io.BytesIO(ole(WordDocument=b"abc", Other=b"def"))) as found:
        assert found.listdir() == [["Other"], ["WordDocument"]]
        assert found.openstream("Other").read(3) == b"def"


@pytest.mark.parametrize("name", ["申报表.docx", "申报表.doc", "申报表.wps", "申报表.zip", "申报表", "扫描件.pdf"])
def test_a_docx_is_one_whatever_its_name(name):
    assert sniff(form_docx(good_values()), name)[0] is Kind.DOCX


@pytest.mark.parametrize("kind", ["docx", "docm", "dotx", "dotm"])
def test_templates_and_files_with_macros_are_read_like_docx(kind):
    assert sniff(docx(kind=kind), f"申报表.{kind}")[0] is Kind.DOCX


def test_a_docx_with_backslashes_in_its_names_is_one():
    assert sniff(zipped(("word\\document.xml", b"<x/>")), "申报表.docx")[0] is Kind.DOCX


def test_a_docx_whose_main_part_has_another_name_is_known_by_its_types():
    types = b'<Override PartName="/doc.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    assert sniff(zipped(("[Content_Types].xml", types), ("doc.xml", b"<x/>")), "申报表.docx")[0] is Kind.DOCX


@pytest.mark.parametrize(
    ("member", "kind", "media_type"),
    [
        ("xl/workbook.xml", Kind.OTHER, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ppt/presentation.xml", Kind.OTHER, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("OFD.xml", Kind.SCAN, "application/ofd"),
        ("Index/Document.iwa", Kind.OTHER, "application/vnd.apple.pages"),
        ("申报表.docx", Kind.ZIP, "application/zip"),
    ],
)
def test_a_package_is_known_by_its_members(member, kind, media_type):
    assert sniff(zipped((member, b"x")), "申报材料.zip") == (kind, media_type)


def test_an_open_document_is_known_by_its_mimetype_and_its_lock_by_the_manifest():
    assert sniff(zipped(("mimetype", ODT.encode()), ("content.xml", b"x")), "申报表.odt") == (Kind.ODT, ODT)
    locked = zipped(("mimetype", ODT.encode()), ("META-INF/manifest.xml", b"<manifest:encryption-data/>"))
    assert sniff(locked, "申报表.odt") == (Kind.LOCKED_WORD, ODT)
    assert sniff(zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")), "表.ods")[0] is Kind.OTHER


@pytest.mark.parametrize("name", ["申报表.doc", "申报表.wps", "申报表.docx", "申报表"])
def test_a_binary_word_file_is_one_whatever_its_name(name):
    assert sniff(word_97(), name) == (Kind.DOC, "application/msword")


def test_a_binary_word_file_whose_last_sector_is_short_is_one():
    assert sniff(word_97()[:-100], "申报表.doc")[0] is Kind.DOC


def test_a_stream_longer_than_its_file_is_damage_and_is_not_read_in_circles():
    circle = word_97().replace(struct.pack("<2I", 7, END), struct.pack("<2I", 7, 0))
    lying = circle.replace(struct.pack("<IQ", 0, 4096), struct.pack("<IQ", 0, 0x8000000))
    assert lying != circle != word_97()
    assert sniff(lying, "申报表.doc")[0] is Kind.BROKEN_WORD


def test_a_password_is_seen_in_both_generations_of_word_files():
    assert sniff(word_97(locked=True), "申报表.doc")[0] is Kind.LOCKED_WORD
    assert sniff(ole(EncryptedPackage=b"x", EncryptionInfo=b"y"), "申报表.docx")[0] is Kind.LOCKED_WORD
    assert sniff(ole(EncryptedPackage=b"x", EncryptionInfo=b"y"), "预算.xlsx")[0] is Kind.OTHER


def test_what_a_document_guard_wrapped_is_locked():
    assert sniff(b"b\x14#e\x01\x00E-SafeNet\x00LOCK" + JUNK, "申报表.docx")[0] is Kind.LOCKED_WORD


def test_other_ole_files_are_told_apart():
    assert sniff(ole(Workbook=b"x"), "预算.xls") == (Kind.OTHER, "application/vnd.ms-excel")
    assert sniff(ole(**{"PowerPoint Document": b"x"}), "介绍.ppt") == (Kind.OTHER, "application/vnd.ms-powerpoint")
    assert sniff(ole(**{"__properties_version1.0": b"x"}), "转发.msg") == (Kind.ARCHIVE, "application/vnd.ms-outlook")
    assert sniff(ole(Thumbs=b"x"), "Thumbs.db")[0] is Kind.OTHER


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (rb"{\rtf1\ansi", Kind.RTF),
        (b"\xef\xbb\xbf{\\rtf1", Kind.RTF),
        (b'<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">', Kind.WORD_XML),
        (b'<?xml version="1.0"?><office:document office:mimetype="application/vnd.oasis.opendocument.text">', Kind.FLAT_ODT),
        (b'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">', Kind.FLAT_DOCX),
        (HTML, Kind.WORD_HTML),
        (HTML.decode().encode("utf-16"), Kind.WORD_HTML),
        ("<table><tr><td>单位名称</td></tr></table>".encode("gb18030"), Kind.WORD_HTML),
        ("单位名称：示例协会\n".encode("gb18030") * 500, Kind.WORD_TEXT),
        ("单位名称：示例协会\n".encode() * 500, Kind.WORD_TEXT),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", Kind.WEB_ARCHIVE),
        (b"", Kind.BROKEN_WORD),
        (JUNK, Kind.BROKEN_WORD),
        (b"\0" * 30_000, Kind.BROKEN_WORD),
        (form_docx(good_values())[:1500], Kind.BROKEN_WORD),
        (word_97()[:700], Kind.BROKEN_WORD),
        (ole(Other=b"x"), Kind.BROKEN_WORD),
        (b"%PDF-1.7 ...", Kind.SCAN),
        (b"\xff\xd8\xff\xe0", Kind.SCAN),
    ],
)
def test_what_is_named_doc_is_known_by_its_content(data, kind):
    assert sniff(data, "申报表.doc")[0] is kind


def test_a_docx_that_was_cut_off_is_known_without_its_name():
    assert sniff(form_docx(good_values())[:1500], "附件1")[0] is Kind.BROKEN_WORD
    assert sniff(zipped(("申报表.docx", JUNK))[:60], "材料.zip")[0] is Kind.ZIP


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\x00\x00%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"II*\x00....", "image/tiff"),
        (b"BM" + b"\0" * 12 + b"\x28\0\0\0" + b"\0" * 40, "image/bmp"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
    ],
)
def test_scans_are_known_by_their_first_bytes(data, media_type):
    assert sniff(data, "盖章页.docx") == (Kind.SCAN, media_type)


@pytest.mark.parametrize("data", [b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"\0" * 257 + b"ustar", b"\x78\x9f\x3e\x22"])
def test_archives_that_are_not_opened_here_are_known(data):
    assert sniff(data.ljust(600, b"\x01"), "申报材料")[0] is Kind.ARCHIVE


def test_a_mail_is_known_and_text_that_begins_like_one_is_not():
    assert sniff(mail(), "附件1") == (Kind.MAIL, "message/rfc822")
    assert sniff(b"Subject: x\n\ntext", "a.eml")[0] is Kind.MAIL
    assert sniff("To: 协会\nFrom here on: nothing\n".encode(), "readme.txt") == (Kind.OTHER, "text/plain")


def test_a_web_page_is_no_word_file_unless_word_wrote_it_or_its_name_says_so():
    assert sniff(b"<html><body>x</body></html>", "page.html") == (Kind.OTHER, "text/html")
    assert sniff(HTML, "page.html")[0] is Kind.WORD_HTML


def test_macros_of_a_binary_word_file_are_seen():
    assert has_macros(word_97(_VBA_PROJECT=b"x"))
    assert not has_macros(word_97())


def test_a_file_that_must_not_be_looked_at_is_what_its_name_says():
    assert [by_name(name)[0] for name in ("a.DOCX", "b.pdf", "c.zip", "d.xyz")] == [Kind.BROKEN_WORD, Kind.SCAN, Kind.ARCHIVE, Kind.OTHER]


SEEDS = [form_docx(good_values()), word_97(), zipped(("a", b"b")), mail(), HTML, b"%PDF-", b"{\\rtf1"]


@given(st.sampled_from(SEEDS), st.integers(0, 4000), st.binary(max_size=40), st.sampled_from(["a.doc", "a.zip", "a", "a.eml"]))
def test_no_bytes_make_it_raise(seed, at, noise, name):
    sniff(seed[:at] + noise + seed[at + len(noise) :], name)
