"""Zip archives within limits."""

import struct
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.documents.unpack import Budget, Damaged, Limits, Locked, OverLimit, UnpackError, Unreadable, unpack
from rules.submission import Status
from tests.containers import JUNK, lying, with_flag, zipped

MEGA = 1024 * 1024
SMALL = Limits(file_bytes=MEGA, total_bytes=2 * MEGA, files=3)


def _names(packed: bytes) -> list[str]:
    return [member.name for member in unpack(packed, Budget(Limits()))]


def test_members_come_in_their_order_with_their_bytes():
    members = unpack(zipped(("b.docx", b"1"), ("a.pdf", b"22")), Budget(Limits()))
    assert [(member.name, member.data, member.status) for member in members] == [("b.docx", b"1", Status.OK), ("a.pdf", b"22", Status.OK)]


@pytest.mark.parametrize("charset", ["gb18030", "utf-8"])
def test_names_without_a_flag_are_read_as_chinese_windows_and_macs_write_them(charset):
    assert _names(zipped(("申报材料/专利密集型产品申报表.docx", b"x"), raw_names=charset)) == ["专利密集型产品申报表.docx"]


def test_each_name_of_an_archive_that_two_programs_wrote_into_is_read_by_itself():
    names = ("申报表.docx", "盖章页.pdf", "说明.txt", "附件一.docx")
    packed = zipped(*((name, b"x") for name in names), raw_names=("gb18030", "", "utf-8", "gb18030"))
    assert _names(packed) == list(names)


def test_flagged_names_are_utf_8():
    assert _names(zipped(("申报表.docx", b"x"))) == ["申报表.docx"]


def test_the_unicode_extra_field_beats_the_raw_name():
    raw, name = "申报表.docx".encode("big5", "replace"), "申报表.docx".encode()
    extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, zlib.crc32(raw)) + name
    assert _names(_raw_zip(raw, b"x", extra=extra)) == ["申报表.docx"]


def test_a_name_that_differs_between_directory_and_member_is_forgiven():
    packed = zipped(("form.docx", b"x"))
    assert _names(packed.replace(b"form.docx", b"FORM.DOCX", 1)) == ["form.docx"]


def test_what_systems_add_is_skipped():
    kept = zipped(
        ("材料/", b""), ("__MACOSX/._a.docx", b"x"), (".DS_Store", b"x"), ("材料/Thumbs.db", b"x"), ("~$申报表.docx", b"x"), ("材料/申报表.docx", b"x")
    )
    assert _names(kept) == ["申报表.docx"]


@pytest.mark.parametrize("name", ["../../etc/申报表.docx", "/etc/申报表.docx", "C:\\temp\\申报表.docx", "a/../申报表.docx", "\u202e申报表.docx"])
def test_an_unsafe_path_leaves_nothing_but_a_name(name):
    assert _names(zipped((name, b"x"))) == ["申报表.docx"]


def test_a_name_of_nothing_gets_a_number():
    assert _names(zipped(("a.txt", b"x"), ("..", b"x"))) == ["a.txt", "2"]


def test_a_password_is_told():
    with pytest.raises(Locked):
        unpack(with_flag(zipped(("申报表.docx", b"x")), 1), Budget(Limits()))


def test_members_that_cannot_be_read_stand_beside_those_that_can():
    packed = bytearray(zipped(("a.docx", JUNK), ("b.docx", b"good"), store=True))
    packed[60] ^= 0xFF
    found = unpack(bytes(packed), Budget(Limits()))
    assert [(member.name, member.data, member.status) for member in found] == [("a.docx", b"", Status.CORRUPT), ("b.docx", b"good", Status.OK)]


def test_one_locked_member_does_not_lock_the_others():
    packed = bytearray(zipped(("a.docx", b"secret"), ("b.docx", b"good")))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert [member.status for member in unpack(bytes(packed), Budget(Limits()))] == [Status.ENCRYPTED, Status.OK]


@pytest.mark.parametrize("packed", [b"PK\x03\x04", b"PK\x03\x04" + JUNK, zipped(("申报表.docx", JUNK))[:-30]])
def test_a_damaged_archive_is_told(packed):
    with pytest.raises(Damaged):
        unpack(packed, Budget(Limits()))


def test_an_archive_with_no_sound_file_is_damaged():
    packed = bytearray(zipped(("a.docx", JUNK), store=True))
    packed[60] ^= 0xFF
    with pytest.raises(Damaged):
        unpack(bytes(packed), Budget(Limits()))


def test_a_compression_that_is_not_known_here_is_not_called_damage():
    packed = bytearray(zipped(("a.docx", b"x")))
    struct.pack_into("<H", packed, 8, 9)
    struct.pack_into("<H", packed, packed.index(b"PK\x01\x02") + 10, 9)  # Deflate64, as Windows packs what is large
    with pytest.raises(Unreadable):
        unpack(bytes(packed), Budget(Limits()))


def test_a_name_that_is_not_what_its_flag_says_is_not_called_damage():
    with pytest.raises(Unreadable):
        unpack(with_flag(zipped(("申报表.docx", b"x"), raw_names="gb18030"), 0x800), Budget(Limits()))


def test_a_member_over_the_limit_is_refused():
    with pytest.raises(OverLimit):
        unpack(zipped(("a", b"x" * (MEGA + 1))), Budget(SMALL))
    assert len(unpack(zipped(("a", b"x" * MEGA)), Budget(SMALL))) == 1


def test_members_over_the_limit_together_are_refused():
    with pytest.raises(OverLimit):
        unpack(zipped(("a", b"x" * MEGA), ("b", b"x" * MEGA), ("c", b"x")), Budget(SMALL))


def test_a_header_that_lies_about_the_size_is_noticed():
    for size in (10, 0):
        with pytest.raises(UnpackError):
            unpack(lying(zipped(("a", b"x" * (3 * MEGA))), size), Budget(SMALL))


def test_what_is_packed_too_well_to_be_true_is_refused():
    with pytest.raises(OverLimit):
        unpack(zipped(("a", b"\0" * (11 * MEGA))), Budget(Limits()))
    assert unpack(zipped(("a", b"\0" * (9 * MEGA))), Budget(Limits()))


def test_too_many_files_are_refused():
    with pytest.raises(OverLimit):
        unpack(zipped(*((f"{number}.txt", b"x") for number in range(4))), Budget(SMALL))


def test_archives_of_one_mail_share_its_limits_and_a_refused_one_takes_nothing_of_them():
    budget = Budget(SMALL)
    with pytest.raises(OverLimit):
        unpack(zipped(*((f"{number}.txt", b"x") for number in range(4))), budget)
    unpack(zipped(("a", b"x"), ("b", b"x")), budget)
    with pytest.raises(OverLimit):
        unpack(zipped(("a", b"x"), ("b", b"x")), budget)
    unpack(zipped(("a", b"x")), budget)


def test_an_empty_archive_is_sound():
    assert unpack(zipped(), Budget(Limits())) == ()


SEEDS = [zipped(("申报表.docx", JUNK), ("b", b"c")), zipped(("申报表.docx", JUNK), raw_names="gb18030", store=True)]


@given(st.sampled_from(SEEDS), st.integers(0, 2200), st.binary(min_size=1, max_size=8))
def test_no_bytes_raise_anything_but_what_is_promised(seed, at, noise):
    with suppress(UnpackError):
        unpack(seed[:at] + noise + seed[at + len(noise) :], Budget(SMALL))


def _raw_zip(name: bytes, data: bytes, *, extra: bytes) -> bytes:
    common = struct.pack("<HHHHHIIIHH", 20, 0, zipfile.ZIP_STORED, 0, 0, zlib.crc32(data), len(data), len(data), len(name), len(extra))
    local = b"PK\x03\x04" + common + name + extra + data
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name + extra
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
