"""The form as LibreOffice prints it to PDF: what was filled in is what is read."""

import io
import zipfile
from pathlib import Path

import pytest

from daemon.documents.pdf import read_pdf
from rules.form import read_form
from rules.submission import Reading
from tests.builders import form_docx, good_values, zlcp
from tests.live.needs import needs_chinese_font, needs_libreoffice
from tests.live.test_convert import by_libreoffice

pytestmark = [needs_libreoffice, needs_chinese_font]

SENTENCE = "中国微电网设备行业协会（CMEA）成立于2001年2月，是专门从事微电网产业研究、技术服务与行业协调的专业机构。"
SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def with_borders(docx: bytes) -> bytes:
    """The form with the lines around its cells that the association's has."""
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in SIDES)
    columns = '<w:gridCol w:w="1800"/>' * 5
    table = f'<w:tblPr><w:tblW w:w="9000" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<w:tblPr/><w:tblGrid/>", table.encode()))
    return out.getvalue()


def printed(values, folder: Path, **quirks) -> bytes:
    return by_libreoffice(with_borders(form_docx(values, **quirks)), "pdf", folder)


def same_as_filled_in(data: bytes, values) -> None:
    reading, form = read_form(read_pdf(data), zlcp())
    assert reading is Reading.FILLED
    assert {key: form.get(key) for key in values} == {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    assert (form.inferred, form.unread) == ((), ())


@pytest.mark.parametrize("ticks", ["sym", "sym2", "letters", "sdt", "check"])
def test_a_form_on_one_page_is_read_as_it_was_filled_in(ticks, tmp_path):
    values = good_values(unit_types=["central_enterprise"])
    same_as_filled_in(printed(values, tmp_path, ticks=ticks), values)


@pytest.mark.parametrize("layout", ["own_cell", "contacts_aside", "plain_cells", "split", "paragraphs"])
def test_a_form_of_another_layout_is_read_as_it_was_filled_in(layout, tmp_path):
    same_as_filled_in(printed(good_values(), tmp_path, layout=layout), good_values())


@pytest.mark.parametrize("paragraphs", [[40], [5] * 9, [3] * 14 + [1]])
def test_an_introduction_over_the_pages_end_is_read_as_it_was_filled_in(paragraphs, tmp_path):
    values = good_values(introduction="\n".join(SENTENCE * times for times in paragraphs))
    data = printed(values, tmp_path)
    assert b"/Count 1" not in data
    same_as_filled_in(data, values)


def test_symbols_for_which_no_font_was_there_are_unread_and_never_taken_for_ticks(tmp_path):
    _, form = read_form(read_pdf(printed(good_values(), tmp_path, ticks="pua")), zlcp())
    assert (form.get("unit_types"), form.unread) == ((), ("unit_types",))
