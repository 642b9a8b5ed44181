"""What Outlook makes of a mail: winmail.dat, and .msg files."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.documents.reader import Aids, Limits, read_file
from daemon.documents.sniff import sniff
from daemon.documents.unpack import Budget, Damaged, OverLimit, UnpackError, unpack
from rules.submission import Role, Status
from tests.archives import outlook_file, winmail
from tests.builders import form_docx, good_values, zlcp
from tests.containers import JUNK

BIG = JUNK * 5
FILES = (("专利密集型产品申报表.docx", BIG), ("盖章页.pdf", BIG + b"22"))
WRITERS = {
    "winmail.dat": winmail,
    "winmail.dat with long names": lambda *files: winmail(*files, long_names=True),
    "winmail.dat of another codepage": lambda *files: winmail(*files, codepage=1252),
    "msg": outlook_file,
    "msg in ansi": lambda *files: outlook_file(*files, ansi=True),
}
every_writer = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def opened(packed: bytes, limits: Limits | None = None):
    return unpack(packed, Budget(limits or Limits()), sniff(packed, "winmail.dat")[1])


@every_writer
def test_files_come_with_their_names_and_every_byte(write):
    assert [(member.name, member.data, member.status) for member in opened(write(*FILES))] == [(name, data, Status.OK) for name, data in FILES]


@every_writer
def test_a_form_in_it_is_read(write):
    found = read_file("winmail.dat", write(("申报表.docx", form_docx(good_values()))), zlcp(), Limits(), Aids(lambda data, ending: data)).attachments
    assert [(*each.within, each.name, each.role) for each in found] == [("winmail.dat", Role.ARCHIVE), ("winmail.dat", "申报表.docx", Role.FORM)]
    assert found[1].form.get("unit_name") == good_values()["unit_name"]


def test_a_logo_in_the_text_is_no_scan():
    for inline, role in ((True, Role.OTHER), (False, Role.SCAN)):
        packed = winmail(("image001.png", b"\x89PNG\r\n\x1a\nlogo"), inline=inline)
        assert read_file("winmail.dat", packed, zlcp(), Limits(), Aids(lambda data, ending: data)).attachments[1].role is role


def test_files_of_a_mail_attached_to_the_mail_are_found_too():
    found = read_file("winmail.dat", winmail(embedded=winmail(*FILES)), zlcp(), Limits(), Aids(lambda data, ending: data)).attachments
    assert [len(each.within) for each in found] == [0, 1, 2, 2]
    assert [member.name for member in opened(outlook_file(FILES[0], inner=(FILES[1],)))] == [name for name, _ in FILES]


@every_writer
def test_the_limits_hold(write):
    for limits in (Limits(files=1), Limits(file_bytes=len(BIG)), Limits(total_bytes=2 * len(BIG))):
        with pytest.raises(OverLimit):
            opened(write(*FILES), limits)


def test_what_is_damaged_says_so():
    with pytest.raises(Damaged):
        opened(winmail(FILES[0])[:2000])
    with pytest.raises(Damaged):
        unpack(outlook_file(*FILES)[:3000], Budget(Limits()), "application/vnd.ms-outlook")


def test_what_came_before_the_damage_is_kept():
    assert [member.name for member in opened(winmail(*FILES)[:-500])] == [FILES[0][0]]


def test_a_mail_without_files_is_sound():
    assert opened(winmail()) == opened(outlook_file()) == ()


@given(st.sampled_from([write(*FILES) for write in WRITERS.values()]), st.integers(0, 30_000), st.binary(min_size=1, max_size=8))
def test_no_bytes_raise_anything_but_what_is_promised(seed, at, noise):
    damaged = seed[:at] + noise + seed[at + len(noise) :]
    for media_type in ("application/vnd.ms-tnef", "application/vnd.ms-outlook"):
        with suppress(UnpackError):
            unpack(damaged, Budget(Limits()), media_type)
