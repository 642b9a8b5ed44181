"""RAR, 7z, tar and files packed alone: through libarchive, within the limits that hold for zip."""

import bz2
import gzip
import lzma
import random
import struct
import time
from contextlib import suppress
from ctypes.util import find_library

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.documents import archives
from daemon.documents.archives import archives_state
from daemon.documents.reader import Aids, read_file
from daemon.documents.sniff import sniff
from daemon.documents.unpack import Budget, Damaged, Limits, Locked, OverLimit, UnpackError, Unreadable, unpack
from rules.submission import Status
from tests.archives import AES, rar_4, rar_5, seven_zip, seven_zip_compressed, tarred, tarred_by_libarchive
from tests.builders import form_docx, good_values, zlcp
from tests.containers import JUNK, zipped
from tests.live.needs import needs_libarchive

pytestmark = needs_libarchive

MEGA = 1024 * 1024
SMALL = Limits(file_bytes=MEGA, total_bytes=2 * MEGA, files=3)
FILES = (("申报材料/申报表.docx", JUNK), ("../../etc/盖章页.pdf", b"22"))
WRITERS = {
    "7z": seven_zip,
    "7z in lzma1": lambda *files: seven_zip_compressed(*files, method="lzma1"),
    "7z in lzma2": seven_zip_compressed,
    "7z in ppmd": lambda *files: seven_zip_compressed(*files, method="ppmd"),
    "rar 4": rar_4,
    "rar 5": rar_5,
    "tar": tarred,
    "tar in gbk": lambda *files: tarred(*files, encoding="gb18030"),
    "tar.gz": lambda *files: tarred(*files, mode="w:gz"),
    "tar.bz2": lambda *files: tarred(*files, mode="w:bz2"),
    "tar.xz": lambda *files: tarred(*files, mode="w:xz"),
    "tar.zst": lambda *files: tarred_by_libarchive(*files, packed="zstd"),
    "tar.lz4": lambda *files: tarred_by_libarchive(*files, packed="lz4"),
    "tar.Z": lambda *files: tarred_by_libarchive(*files, packed="compress"),
}
every_writer = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def opened(packed: bytes, limits: Limits | None = None, name: str = "a"):
    return unpack(packed, Budget(limits or Limits()), sniff(packed, name)[1], name)


@every_writer
def test_members_come_in_their_order_with_their_bytes_and_nothing_of_their_paths(write):
    found = [(member.name, member.data, member.status) for member in opened(write(*FILES))]
    assert found == [("申报表.docx", JUNK, Status.OK), ("盖章页.pdf", b"22", Status.OK)]


@every_writer
def test_what_systems_add_is_skipped(write):
    assert [member.name for member in opened(write(("__MACOSX/._a.docx", b"x"), (".DS_Store", b"x"), ("~$a.docx", b"x"), ("a.docx", b"x")))] == ["a.docx"]


@every_writer
def test_too_many_files_or_bytes_are_refused_and_take_nothing_of_the_limits(write):
    budget = Budget(SMALL)
    for files in ([("a", b"x" * (MEGA + 1))], [(name, b"x" * MEGA) for name in "abc"], [(name, b"x") for name in "abcd"]):
        packed = write(*files)
        with pytest.raises(OverLimit):
            unpack(packed, budget, sniff(packed, "")[1])
    assert (budget.bytes_left, budget.files_left) == (2 * MEGA, 3)
    assert len(opened(write(("a", b"x" * MEGA)), SMALL)) == 1


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("in_tar", [False, True])
def test_what_is_packed_too_well_to_be_true_is_refused_at_once(pack, in_tar):
    bomb = b"x" * (40 * MEGA)
    packed = pack(tarred(("a", bomb)) if in_tar else bomb)
    started = time.process_time()
    with pytest.raises(OverLimit):
        opened(packed)
    assert time.process_time() - started < 1


@every_writer
def test_an_archive_that_is_cut_off_is_damaged(write):
    packed = write(("申报表.docx", random.Random(1).randbytes(30_000)))
    with pytest.raises(Damaged):
        opened(packed[: len(packed) // 2])


@pytest.mark.parametrize("magic", [b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00"])
def test_rubbish_that_begins_like_an_archive_is_damaged(magic):
    with pytest.raises(Damaged):
        opened(magic + JUNK)


def test_what_came_before_the_damage_is_kept_and_the_damage_is_told():
    packed = tarred(("申报表.docx", JUNK), ("盖章页.pdf", JUNK), mode="w")
    assert [(member.name, member.status) for member in opened(packed[:4000])] == [("申报表.docx", Status.OK), ("盖章页.pdf", Status.CORRUPT)]


@pytest.mark.parametrize(
    "packed",
    [seven_zip(*FILES, codec=AES), rar_4(*FILES, locked=True), rar_5(*FILES, locked=True), rar_5(*FILES, names_locked=True)],
    ids=["7z", "rar 4", "rar 5", "rar 5 with its names"],
)
def test_a_password_is_told(packed):
    with pytest.raises(Locked):
        opened(packed)


@pytest.mark.parametrize("packed", [rar_4(*FILES, volume=True), rar_5(*FILES, volume=True), seven_zip(*FILES, codec=b"\x04\xf7\x11\x01")])
def test_what_is_sound_and_cannot_be_opened_here_is_not_called_damage(packed):
    with pytest.raises(Unreadable):
        opened(packed)


@pytest.mark.parametrize("write", [seven_zip, rar_4, zipped])
def test_a_part_of_an_archive_in_several_parts_is_not_called_damaged(write):
    packed = write(("申报表.docx", JUNK * 4))
    with pytest.raises(Unreadable):
        opened(packed[: len(packed) // 2], name="申报材料.7z.001")


def test_a_kind_of_archive_that_is_not_opened_here_is_not_called_damaged():
    with pytest.raises(Unreadable):
        opened(b"MSCF\x00\x00\x00\x00" + JUNK)


@pytest.mark.parametrize("packed", [rar_4(*FILES, method=0x33), rar_5(*FILES, method=3 << 7)])
def test_a_rar_of_which_nothing_is_missing_is_not_called_damaged(packed):
    with pytest.raises(Unreadable):  # its content cannot be unpacked; but the library fails on sound ones, too
        opened(packed)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_file_packed_alone_is_called_by_its_archive(pack):
    ending = {gzip.compress: ".gz", bz2.compress: ".bz2", lzma.compress: ".XZ"}[pack]
    assert [(member.name, member.data) for member in opened(pack(JUNK), name="申报表.doc" + ending)] == [("申报表.doc", JUNK)]


def test_a_link_in_a_tar_is_no_file():
    packed = bytearray(tarred(("a.docx", b"x"), ("b", b"")))
    packed[1024 + 156] = ord("2")  # a symbolic link
    packed[1024 + 157 : 1024 + 163] = b"/etc/x"
    struct.pack_into("8s", packed, 1024 + 148, b"%06o\0 " % (sum(packed[1024:1172]) + sum(packed[1180:1536]) + 8 * 32))
    assert [member.name for member in opened(bytes(packed))] == ["a.docx"]


@pytest.mark.parametrize("write", [rar_5, tarred])
def test_an_archive_in_it_is_opened_in_its_turn(write):
    form = form_docx(good_values())
    packed = write(("材料.7z", seven_zip(("申报表.docx.gz", gzip.compress(form)))))
    found = read_file("申报.bin", packed, zlcp(), Limits(), Aids(lambda data, ending: data)).attachments
    assert [(*each.within, each.name) for each in found][-1] == ("申报.bin", "材料.7z", "申报表.docx.gz", "申报表.docx")
    assert found[-1].form.get("unit_name") == good_values()["unit_name"]
    shallow = read_file("申报.bin", packed, zlcp(), Limits(depth=2), Aids(lambda data, ending: data)).attachments
    assert [each.status for each in shallow] == [Status.OK, Status.OK, Status.REFUSED]


def test_without_the_system_library_it_waits_for_a_person_and_check_says_what_to_install(monkeypatch):
    monkeypatch.setattr(archives, "_library", lambda: None)
    with pytest.raises(Unreadable):
        opened(seven_zip(*FILES))
    assert not archives_state().ready
    assert "libarchive13" in archives_state().text


def test_with_it_check_says_so():
    assert find_library("archive")
    assert archives_state().ready


@given(st.sampled_from([write(*FILES) for write in WRITERS.values()]), st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_no_bytes_raise_anything_but_what_is_promised(seed, at, noise):
    with suppress(UnpackError):
        opened(seed[:at] + noise + seed[at + len(noise) :], SMALL)
