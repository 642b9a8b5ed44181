"""Odd, damaged and hostile packages: read if they can be read, else one of three errors."""

import contextlib
import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.documents.word import BrokenWord, NotWord, TooLarge, WordError, read_word
from rules.form import read_form
from rules.submission import Document, Reading
from tests.builders import form_docx, good_values, zlcp
from tests.ooxml import MAIN_TYPES, RELS, W, cell, docx, paragraph, row, run, sdt, table

GOOD = form_docx(good_values())
PICTURE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"


def repacked(data: bytes, change=lambda name, content: (name, content)) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            changed = change(name, old.read(name))
            if changed:
                info = zipfile.ZipInfo("x")
                info.filename = changed[0]
                new.writestr(info, changed[1])
    return buffer.getvalue()


def with_picture(target: str) -> bytes:
    relations = f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="{PICTURE}" Target="{target}"/></Relationships>'
    return form_docx(good_values(), parts={"word/_rels/document.xml.rels": relations})


def is_read(data: bytes) -> bool:
    reading, form = read_form(read_word(data), zlcp())
    return (
        reading is Reading.FILLED
        and form is not None
        and all(form.get(key) == (tuple(value) if isinstance(value, list) else value) for key, value in good_values().items())
    )


@pytest.mark.parametrize("kind", MAIN_TYPES)
def test_every_kind_of_word_file_is_read(kind):
    assert is_read(form_docx(good_values(), kind=kind))


def test_macros_are_noticed():
    assert read_word(form_docx(good_values(), kind="docm", macros=True)).macros
    assert not read_word(GOOD).macros


def test_strict_open_xml_is_read():
    assert is_read(form_docx(good_values(), strict=True))


@pytest.mark.parametrize(
    "data",
    [
        repacked(GOOD, lambda name, content: (name.replace("/", "\\"), content)),
        repacked(GOOD, lambda name, content: None if name == "_rels/.rels" else (name, content)),
        repacked(GOOD, lambda name, content: None if name == "[Content_Types].xml" else (name, content)),
        repacked(GOOD, lambda name, content: (name.replace("document", "document2"), content.replace(b"document.xml", b"document2.xml"))),
        repacked(GOOD, lambda name, content: (name.replace("document", "document2"), content)),
        repacked(GOOD, lambda name, content: (f"/{name}", content)),
        with_picture("NULL"),
        with_picture("../NULL"),
        form_docx(good_values(), parts={"word/_rels/document.xml.rels": "not xml"}),
        GOOD + b"\0" * 50,
        b"junk" + GOOD,
    ],
    ids=["backslashes", "no relations", "no types", "new name", "false name", "slashes", "NULL", "NULL outside", "broken relations", "tail", "head"],
)
def test_a_package_that_other_programs_wrote_is_read(data):
    assert is_read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"%PDF-1.7",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        repacked(GOOD, lambda name, content: None if "document" in name else (name, content)),
    ],
    ids=["nothing", "text", "pdf", "ole", "no document"],
)
def test_what_is_no_word_file_is_said_to_be_none(data):
    with pytest.raises(NotWord):
        read_word(data)


@pytest.mark.parametrize(
    "data",
    [
        GOOD[: len(GOOD) // 2],
        GOOD[:-30],
        b"PK\x03\x04",
        repacked(GOOD, lambda name, content: (name, content[:-40] if "document" in name else content)),
        GOOD.replace(b"\xad", b"\xae").replace(b"\x8d", b"\x8e"),
    ],
    ids=["half", "no directory", "four bytes", "cut xml", "wrong bytes"],
)
def test_a_damaged_file_is_said_to_be_damaged(data):
    with pytest.raises(BrokenWord):
        read_word(data)


def test_a_damaged_picture_does_not_spoil_the_text():
    data = bytearray(form_docx(good_values(), parts={"word/media/a.png": b"picture" * 50}))
    place = data.find(b"word/media/a.png") + len("word/media/a.png")
    data[place : place + 4] = b"\xff\xff\xff\xff"
    assert is_read(bytes(data))


def test_another_root_is_no_word_file():
    with pytest.raises(NotWord):
        read_word(docx(parts={"word/document.xml": f'<w:styles xmlns:w="{W}"/>'}))


def test_a_package_of_too_many_parts_is_refused():
    with pytest.raises(TooLarge):
        read_word(docx(parts={f"word/{number}.xml": b"" for number in range(5001)}))


def test_a_bomb_is_stopped_by_its_true_size():
    with pytest.raises(TooLarge):
        read_word(docx(parts={"word/media/a.bin": b"\0" * (2 << 20)}), most_bytes=1 << 20)
    with pytest.raises(TooLarge):
        read_word(docx(paragraph(" " * (17 << 20))))


@pytest.mark.parametrize("part", ["word/media/a.bin", "word/document.xml"])
def test_a_header_that_lies_about_the_size_hides_no_bomb(part):
    data = docx(parts={part: b" " * (48 << 20)}) if "document" in part else form_docx(good_values(), parts={part: b" " * (48 << 20)})
    lying = data.replace((48 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != data
    tracemalloc.start()
    try:
        outcome = is_read(lying)
    except BrokenWord:
        outcome = "broken"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome == ("broken" if "document" in part else True)
    assert peak < 8 << 20


def test_too_many_paragraphs_and_too_deep_a_nest_are_refused():
    with pytest.raises(TooLarge):
        read_word(docx("<w:p/>" * 101), most_paragraphs=100)
    with pytest.raises(TooLarge):
        read_word(docx(table("<w:tr/>" * 101)), most_paragraphs=100)
    with pytest.raises(TooLarge):
        read_word(docx(paragraph("字" * 2001)), most_paragraphs=100)
    with pytest.raises(TooLarge):
        read_word(docx(sdt("<w:sdt>" * 120 + "<w:p/>" + "</w:sdt>" * 120)))
    nest = "<w:p/>"
    for _ in range(40):
        nest = table(row(cell(nest)))
    with pytest.raises(TooLarge):
        read_word(docx(nest))
    with pytest.raises(TooLarge):
        read_word(docx(paragraph("<w:ins>" * 120 + run("a") + "</w:ins>" * 120)))


def test_an_entity_is_not_expanded():
    lol = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    body = f'{lol}<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&b;&c;</w:t></w:r></w:p></w:body></w:document>'
    try:
        document = read_word(docx(parts={"word/document.xml": body}))
    except WordError:
        return
    assert "root:" not in "".join(item.text for item in document.paragraphs)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(WordError):
        assert isinstance(read_word(data), Document)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_file_with_changed_bytes_is_read_or_refused(changes):
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    with contextlib.suppress(WordError):
        read_form(read_word(bytes(data)), zlcp())


_MEMBER = {name: zipfile.ZipFile(io.BytesIO(GOOD)).read(name) for name in zipfile.ZipFile(io.BytesIO(GOOD)).namelist()}


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(_MEMBER)), st.data())
def test_a_package_with_changed_xml_is_read_or_refused(name, data):
    content = _MEMBER[name]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    piece = data.draw(
        st.one_of(
            st.just(b""), st.binary(max_size=8), st.sampled_from([b"<w:tbl>", b"</w:tc>", b'w:val="-1"', b'w:val="99999999999"', b"<w:fldChar/>", b"&#0;"])
        )
    )
    changed = content[:start] + piece + content[end:]
    with contextlib.suppress(WordError):
        read_form(read_word(repacked(GOOD, lambda other, old: (other, changed if other == name else old))), zlcp())
