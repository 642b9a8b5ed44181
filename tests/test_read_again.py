"""A .doc that came while LibreOffice was missing: kept, the applicant told so, and read again at the operator's word."""

from dataclasses import replace
from pathlib import Path

import pytest

from daemon.collect import collect
from daemon.deliver import deliver_due
from daemon.documents.jail import InProcess
from daemon.documents.reader import Limits, Read
from daemon.intake import take_in_waiting
from daemon.office import list_queue
from daemon.world import World
from rules.submission import Status
from storage.summary import RegisterLine
from tests.builders import form_docx, good_values
from tests.live.needs import needs_libreoffice
from tests.mails import mail
from tests.test_crashes import Fuse, Killed, dying_world
from tests.worlds import Outside, zlcp

DOC = (Path(__file__).parent / "cases" / "02-correct-doc" / "mail.eml").read_bytes()
SUBJECT = "专利密集型产品认定产业评价中心承担单位——中国甲行业协会"


class Halting:
    """The real reader; while `broken`, no Word file is read, as without LibreOffice."""

    def __init__(self) -> None:
        self.broken, self._inner = True, InProcess(zlcp(), Limits())

    def read(self, raw: bytes) -> Read:
        read = self._inner.read(raw)
        if not self.broken:
            return read
        unread = [replace(each, status=Status.CONVERTED_FAILED, reason="LibreOffice is not installed", form=None) for each in read.attachments]
        return replace(read, attachments=tuple(replace(each, reading="not_read") for each in unread))

    def close(self) -> None:
        pass


@pytest.fixture
def outside(tmp_path):
    found = Outside(tmp_path, reader=Halting())
    yield found
    found.close()


def one_pass(world: World) -> None:
    collect(world)
    take_in_waiting(world)
    deliver_due(world)


def application(unit: str = "中国甲行业协会", **values: str) -> bytes:
    subject = f"专利密集型产品认定产业评价中心承担单位——{unit}"
    return mail(
        subject, sender="office@unit.example", attachments=[("申报表.docx", form_docx(good_values(unit_name=unit, email="office@unit.example", **values)))]
    )


def retry(world: World, queue_id: str) -> bool:
    with world.store.begin() as tx:
        return tx.retry(queue_id)


def register(world: World) -> list[RegisterLine]:
    with world.store.read() as tx:
        return tx.register()


@needs_libreoffice
def test_a_doc_that_came_without_libreoffice_is_read_once_it_is_installed(tmp_path, monkeypatch):
    outside = Outside(tmp_path / "world", reader=InProcess(zlcp(), Limits()))
    outside.mailbox.append(DOC)
    world = outside.world()
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        one_pass(world)
    with world.store.read() as tx:
        (unread,) = tx.unread_mails()
    assert unread.reasons == ("LibreOffice is not installed",)
    assert [line.status for line in register(world)] == ["review"]
    assert retry(world, unread.id)
    one_pass(world)
    (line,) = register(world)
    assert (line.number, line.status, line.version, line.versions) == ("ZLCP-2024-0001", "accepted", 1, 1)
    received, acknowledged = outside.subjects()
    assert "收悉" in received
    assert "受理回执" in acknowledged
    assert "ZLCP-2024-0001" in received
    assert "ZLCP-2024-0001" in acknowledged
    outside.close()


def test_what_is_read_again_keeps_its_number_and_is_answered_by_one_second_letter(outside):
    outside.mailbox.append(application())
    world = outside.world()
    one_pass(world)
    outside.reader.broken = False
    assert retry(world, "m1")
    assert [line.status for line in register(world)] == ["review"]  # until it is read, what was recorded stands
    one_pass(world)
    one_pass(world)
    (line,) = register(world)
    assert (line.number, line.status, line.versions) == ("ZLCP-2024-0001", "accepted", 1)
    with world.store.read() as tx:
        assert tx.unread_mails() == []
        (told,) = tx.mails_unreported(outside.clock())
    assert (told.answer, told.decision, [each.status for each in told.attachments]) == ("acknowledgement", "accepted", ["ok"])
    assert ["收悉" in each or "受理回执" in each for each in outside.subjects()] == [True, True]
    assert not retry(world, "m1")


def test_what_still_cannot_be_read_is_not_told_twice(outside):
    outside.mailbox.append(application())
    world = outside.world()
    one_pass(world)
    assert retry(world, "m1")
    one_pass(world)
    assert len(outside.sender.deliveries) == 1
    assert [line.status for line in register(world)] == ["review"]
    with world.store.read() as tx:
        assert [each.id for each in tx.unread_mails()] == ["m1"]


def test_a_mail_that_failed_before_it_was_taken_in_can_be_read_again_too(outside):
    outside.mailbox.append(application())
    world = outside.world()
    collect(world)
    with world.store.begin() as tx:
        tx.mail_failed(1, "a passing fault", world.now())
    one_pass(world)
    with world.store.read() as tx:
        assert [each.id for each in tx.unread_mails()] == ["m1"]


def test_the_command_lists_it_with_the_reason(outside, capsys):
    outside.mailbox.append(application())
    world = outside.world()
    one_pass(world)
    list_queue(world.settings)
    assert capsys.readouterr().out.splitlines()[-1].split("\t")[:2] == ["m1", "mail not read"]


def test_what_proves_faulty_when_read_again_gets_the_one_letter_with_all_faults(outside):
    outside.mailbox.append(application(postal_address=""))
    world = outside.world()
    one_pass(world)
    outside.reader.broken = False
    assert retry(world, "m1")
    one_pass(world)
    assert "补正通知" in outside.subjects()[-1]
    (line,) = register(world)
    assert [each.code for each in line.problems] == ["form.field_missing"]


def test_a_copy_that_came_meanwhile_silences_nothing(outside):
    for _ in range(2):
        outside.mailbox.append(application())
    world = outside.world()
    one_pass(world)
    outside.reader.broken = False
    assert retry(world, "m1")
    one_pass(world)
    assert [line.status for line in register(world)] == ["accepted"]
    assert len(outside.sender.deliveries) == 2


def test_an_older_version_is_not_read_again_over_a_newer_one(outside):
    outside.mailbox.append(application())
    world = outside.world()
    one_pass(world)
    outside.reader.broken = False
    outside.mailbox.append(application(contact_phone="010-62150001"))
    one_pass(world)
    assert [(line.status, line.version) for line in register(world)] == [("accepted", 2)]
    assert not retry(world, "m1")


def test_a_mail_that_a_person_has_settled_leaves_the_queue(outside):
    outside.mailbox.append(application())
    world = outside.world()
    one_pass(world)
    with world.store.begin() as tx:
        assert tx.discard("m1")
        assert tx.unread_mails() == []
        assert not tx.discard("m1")
    assert not retry(world, "m1")
    assert [line.status for line in register(world)] == ["review"]


def test_an_answer_to_the_first_letter_finds_its_application_all_the_same(outside):
    outside.mailbox.append(application())
    world = outside.world()
    one_pass(world)
    outside.reader.broken = False
    assert retry(world, "m1")
    one_pass(world)
    first = outside.sender.deliveries[0].mime
    message_id = next(line.split(b": ")[1].strip().decode() for line in first.splitlines() if line.lower().startswith(b"message-id"))
    values = good_values(unit_name="中国甲行业协会", email="office@unit.example", contact_phone="010-62150001")
    outside.mailbox.append(
        mail(SUBJECT, sender="new@elsewhere.example", headers=[("In-Reply-To", message_id)], attachments=[("申报表.docx", form_docx(values))])
    )
    one_pass(world)
    assert [(line.status, line.version) for line in register(world)] == [("accepted", 2)]


def test_a_death_at_any_step_of_reading_again_neither_loses_nor_repeats(tmp_path):
    for at in range(1, 100):
        outside = Outside(tmp_path / str(at), reader=Halting())
        outside.mailbox.append(application())
        one_pass(outside.world())
        outside.reader.broken = False
        assert retry(outside.world(), "m1")
        fuse = Fuse(at)
        try:
            one_pass(dying_world(outside, fuse))
            alive = True
        except Killed:
            alive = False
        one_pass(outside.world())
        assert [(line.number, line.status, line.versions) for line in register(outside.world())] == [("ZLCP-2024-0001", "accepted", 1)]
        letters = [each.mime for each in outside.sender.deliveries]
        outside.close()
        assert len(set(letters)) == 2
        if alive:
            assert at > 10
            return
    raise AssertionError("more points than expected")
