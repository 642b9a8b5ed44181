"""The converter with the real LibreOffice: what it reads, and what a hostile file cannot do."""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

from daemon.documents import convert as converting
from daemon.documents.convert import ConversionFailed, ConverterMissing, convert, converter_state
from daemon.documents.jail import Jail
from daemon.documents.reader import Limits
from daemon.inspect import inspect_one
from daemon.mail.letter import read_letter
from rules.submission import Reading, Role, Status
from tests.builders import form_docx, good_values, zlcp
from tests.live.needs import needs_bubblewrap, needs_libreoffice
from tests.mails import ARRIVAL, mail
from tests.vba import with_macros

pytestmark = needs_libreoffice

NOTICE = (Path(converting.__file__).parents[2] / "rules" / "notices" / "zlcp-2024.toml").read_text(encoding="utf-8")
KEYS = ("unit_name", "postal_address", "email", "introduction", "evaluation_capability")
LABELS = ("单位名称", "通讯地址", "电子邮箱", "单位简介", "专利密集型产品评价能力")
VALUES = ("中国微电网设备行业协会", "北京市西城区甲12号", "a@b.example", "成立于2001年。", "有专家60名。")
ROWS = (("专利密集型产品认定产业评价中心承担单位申报表", ""), *zip(LABELS, VALUES, strict=True))


def word_2003(rows) -> bytes:
    def cell(text: str) -> str:
        return f'<w:tc><w:tcPr><w:tcW w:w="4500" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>'

    table = "".join(f"<w:tr>{''.join(cell(text) for text in row)}</w:tr>" for row in rows)
    grid = '<w:tblPr><w:tblW w:w="9000" w:type="dxa"/></w:tblPr><w:tblGrid><w:gridCol w:w="4500"/><w:gridCol w:w="4500"/></w:tblGrid>'
    space = 'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"'
    head = f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument {space}>'
    return f"{head}<w:body><w:tbl>{grid}{table}</w:tbl><w:p/></w:body></w:wordDocument>".encode()


def rich_text(rows) -> bytes:
    def words(text: str) -> str:
        return "".join(char if ord(char) < 128 else f"\\u{ord(char)}?" for char in text)

    lines = "".join(f"\\trowd\\cellx3000\\cellx9000\\intbl {words(a)}\\cell {words(b)}\\cell\\row " for a, b in rows)
    return f"{{\\rtf1\\ansi {lines}\\pard\\par}}".encode()


def web_page(rows) -> bytes:
    cells = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in rows)
    return f"<html><head><title>申报表</title></head><body><table>{cells}</table></body></html>".encode("gb18030")


@pytest.fixture(scope="module")
def jail():
    jail = Jail(NOTICE, Limits(), workers=1)
    yield jail
    jail.close()


def by_libreoffice(docx: bytes, ending: str, folder: Path) -> bytes:
    """The form in an old format, as Word would have saved it."""
    (folder / "form.docx").write_bytes(docx)
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        ending,
        "--outdir",
        str(folder),
        str(folder / "form.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return (folder / f"form.{ending}").read_bytes()


@pytest.mark.parametrize("ending", ["doc", "odt"])
def test_a_form_in_an_old_format_is_read_like_its_docx(jail, tmp_path, ending):
    values = good_values()
    [found] = jail.read(mail(attachments=[("申报表.wps", by_libreoffice(form_docx(values, ticks="sym"), ending, tmp_path))])).attachments
    assert (found.role, found.status, found.reading) == (Role.FORM, Status.OK, Reading.FILLED)
    assert found.form.get("unit_types") == tuple(values["unit_types"])
    for key in ("unit_name", "postal_address", "contact_name", "contact_mobile", "email", "introduction", "evaluation_capability"):
        assert found.form.get(key) == values[key]


def by_word(*symbols: int) -> bytes:
    """The form as Word itself saved it, with these codes of Wingdings 2 for its boxes, in the order the file keeps them ([MS-DOC] sprmCSymbol)."""
    _, parts = read_letter((Path(__file__).parents[1] / "cases" / "02-correct-doc" / "mail.eml").read_bytes())
    places = iter(symbols)
    return re.sub(rb"(\x09\x6a..).\xf0", lambda found: found.group(1) + bytes([next(places), 0xF0]), parts[0].data, flags=re.DOTALL)


def test_boxes_that_word_itself_saved_as_symbols_are_read_as_they_were_ticked(jail):
    read = []
    for place, tick in ((0, 0x52), (2, 0x50), (5, 0x52)):
        boxes = [0xA3] * 6
        boxes[place] = tick
        [found] = jail.read(mail(attachments=[("申报表.doc", by_word(*boxes))])).attachments
        assert (found.form.unread, found.form.inferred) == ((), ())
        read.append(found.form.get("unit_types"))
    assert len({key for [key] in read}) == 3


def test_a_symbol_that_is_no_box_is_unread_and_never_empty(jail):
    [found] = jail.read(mail(attachments=[("申报表.doc", by_word(0x41, *[0xA3] * 5))])).attachments
    assert (found.form.get("unit_types"), found.form.unread) == ((), ("unit_types",))


@pytest.mark.parametrize("data", [word_2003(ROWS), rich_text(ROWS), web_page(ROWS)], ids=["word 2003 xml", "rtf", "html in gbk"])
def test_what_is_named_doc_and_is_something_else_is_read(jail, data):
    [found] = jail.read(mail(attachments=[("申报表.doc", data)])).attachments
    assert (found.role, found.status) == (Role.FORM, Status.OK), found.reason
    assert tuple(found.form.get(key) for key in KEYS) == VALUES


def test_a_doc_with_macros_is_read_accepted_and_answered_with_a_hint_that_asks_for_nothing(jail, tmp_path):
    values = good_values()
    doc = with_macros(by_libreoffice(form_docx(values), "doc", tmp_path), "Sub Document_Open()\n  MsgBox 1\nEnd Sub\n")
    read = jail.read(mail(f"专利密集型产品认定产业评价中心承担单位——{values['unit_name']}", attachments=[("申报表.doc", doc)]))
    [form] = read.attachments
    assert (form.reading, form.macros) == (Reading.FILLED, True)
    assert (form.form.get("unit_types"), form.form.get("introduction")) == (tuple(values["unit_types"]), values["introduction"])
    found = inspect_one("mail.eml", read, zlcp(), None, ARRIVAL)
    assert (found["decision"], [(each["code"], each["severity"]) for each in found["problems"]]) == ("accepted", [("attachment.macro", "warning")])
    _, _, hints = found["reply"]["text"].partition("提示（仅供参考，不影响本次登记，无需因此重新发送）：")
    assert hints.strip().startswith(f"1. {found['problems'][0]['message']}")
    assert "无需为此重新发送" in hints


def test_what_libreoffice_cannot_read_is_told():
    with pytest.raises(ConversionFailed, match="could not read"):
        convert(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "doc")


def test_a_conversion_that_takes_too_long_ends_with_all_its_processes(monkeypatch):
    monkeypatch.setattr(converting, "SECONDS", 0.3)
    with pytest.raises(ConversionFailed, match="seconds"):
        convert(rich_text(ROWS), "rtf")
    time.sleep(0.2)
    assert not _running(b"zlcp-convert-")


@needs_bubblewrap
def test_a_document_cannot_fetch_anything_or_read_our_files(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.png"
        assert b"geheim" not in _text(
            convert(f'<html><body><img src="{address}"><iframe src="file://{secret}"></iframe><p>x</p></body></html>'.encode(), "html")
        )
        with pytest.raises(TimeoutError):
            server.accept()


def test_without_libreoffice_it_is_told_and_how_to_mend_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConverterMissing):
        convert(b"x", "doc")
    assert not converter_state().ready
    assert "install" in converter_state().text


@needs_bubblewrap
def test_the_state_is_told_in_a_line_and_nothing_stays_in_the_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    state = converter_state()
    assert (state.ready, state.text) == (True, "LibreOffice works, in a sandbox without network")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become another user")
def test_it_works_for_a_user_without_rights(tmp_path):
    script = "from daemon.documents.convert import converter_state; state = converter_state(); print(state.text); raise SystemExit(not state.ready)"
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", sys.executable, "-c", script]
    ran = subprocess.run(
        nobody, check=False, capture_output=True, cwd=Path(converting.__file__).parents[2], env={"PATH": os.environ["PATH"], "TMPDIR": tempfile.gettempdir()}
    )
    if b"Permission denied" in ran.stderr or b"shared libraries" in ran.stderr:
        pytest.skip("another user cannot run this Python")
    assert ran.returncode == 0, ran.stdout


def _running(words: bytes) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if words in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def _text(docx: bytes) -> bytes:

    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return b"".join(package.read(name) for name in package.namelist())


@pytest.mark.parametrize(("ending", "name"), [("rtf", "申报表.rtf"), ("html", "申报表.doc")])
def test_a_tick_whose_state_the_applicants_program_did_not_save_is_unread_and_never_empty(ending, name, jail, tmp_path):
    saved = by_libreoffice(form_docx(good_values(), ticks="legacy"), ending, tmp_path)
    (attachment,) = jail.read_file(name, saved).attachments
    assert attachment.form is not None
    assert attachment.form.unread == ("unit_types",)


def test_a_converter_without_limits_is_told(monkeypatch):
    monkeypatch.setattr(converting, "_limited", tuple)
    assert "install util-linux" in converter_state().text
