"""What the register finds for a mail: the right application, and never another unit's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.problems import Decision
from rules.submission import Form
from storage.applications import MOST_CLUES
from tests.storage.examples import FORM, NOW, SENDER, UNIT, clues, keep_mail, notice, reply, take_in

OTHER = "中国轴承工业协会"


def standing(store, uid=99, unit=UNIT, **more):
    with store.read() as tx:
        return tx.standing(clues(uid, unit, **more), notice(), NOW)


def found(store, **more):
    application = standing(store, **more).application
    return application and (application.number, application.how)


def test_an_empty_register_knows_nothing(store):
    answer = standing(store)
    assert (answer.application, answer.repeats, answer.answered, answer.next_number) == (None, None, 0, "ZLCP-2024-0001")


def test_a_unit_is_found_by_its_name(store):
    take_in(store, 1)
    assert found(store) == ("ZLCP-2024-0001", "unit")
    assert found(store, unit=OTHER) is None
    assert found(store, unit="") is None
    assert standing(store).next_number == "ZLCP-2024-0002"


def test_a_mail_that_answers_our_letter_belongs_to_that_application(store):
    take_in(store, 1, Decision.CORRECTION)
    assert found(store, unit="", references=("<x@y>", reply(1).message_id)) == ("ZLCP-2024-0001", "references")


def test_a_mail_that_answers_the_applicants_own_earlier_mail_belongs_to_that_application(store):
    take_in(store, 1, Decision.CORRECTION)
    assert found(store, unit="", references=("<in-1@microgrid.example>",)) == ("ZLCP-2024-0001", "references")


def test_of_several_threads_the_newest_counts(store):
    take_in(store, 1, Decision.CORRECTION)
    take_in(store, 2, Decision.CORRECTION, unit=OTHER)
    assert found(store, unit="", references=(reply(2).message_id, "<in-1@microgrid.example>")) == ("ZLCP-2024-0002", "references")


def test_a_very_long_thread_is_looked_up_by_both_its_ends(store):
    take_in(store, 1)
    thread = tuple(f"<{n}@x>" for n in range(100_000))
    assert found(store, unit="", references=(*thread, reply(1).message_id)) == ("ZLCP-2024-0001", "references")
    assert found(store, unit="", references=(reply(1).message_id, *thread)) == ("ZLCP-2024-0001", "references")
    assert found(store, unit="", references=(*thread[:MOST_CLUES], reply(1).message_id, *thread)) is None


def test_a_receipt_number_leads_to_its_application(store):
    take_in(store, 1)
    assert found(store, unit="", numbers=("ZLCP-2024-0001",)) == ("ZLCP-2024-0001", "number")
    assert found(store, numbers=("ZLCP-2024-0009", "ZLCP-2024-0001")) == ("ZLCP-2024-0001", "number")
    assert found(store, unit="", numbers=("ZLCP-2024-0009",)) is None


def test_a_bounce_belongs_to_the_newest_letter_to_the_address_that_it_names(store):
    take_in(store, 1)
    assert found(store, unit="", recipients=(SENDER,)) == ("ZLCP-2024-0001", "recipient")
    take_in(store, 2, unit=OTHER)
    assert found(store, unit="", recipients=("nobody@x.example", SENDER)) == ("ZLCP-2024-0002", "recipient")
    assert found(store, unit="", recipients=("nobody@x.example",)) is None
    assert found(store, unit="", recipients=(SENDER,), numbers=("ZLCP-2024-0001",)) == ("ZLCP-2024-0001", "number")


def test_a_number_with_a_slip_does_not_lead_to_another_units_record(store):
    take_in(store, 1)
    take_in(store, 2, unit=OTHER)
    assert found(store, numbers=("ZLCP-2024-0002",)) == ("ZLCP-2024-0001", "unit")
    assert found(store, unit="第三单位", numbers=("ZLCP-2024-0002",)) is None


@pytest.mark.parametrize("decision", [Decision.ACCEPTED, Decision.CORRECTION, Decision.REVIEW])
def test_a_number_alone_never_gives_a_unit_another_units_application(store, decision):
    take_in(store, 1, decision)
    assert found(store, unit=OTHER, numbers=("ZLCP-2024-0001",)) is None


def test_a_number_of_a_nameless_application_leads_to_it(store):
    take_in(store, 1, Decision.CORRECTION, unit="", form=None)
    assert found(store, numbers=("ZLCP-2024-0001",)) == ("ZLCP-2024-0001", "number")


def test_a_reply_with_another_units_form_belongs_to_that_unit(store):
    take_in(store, 1)
    take_in(store, 2, unit=OTHER)
    assert found(store, references=(reply(2).message_id,)) == ("ZLCP-2024-0001", "unit")


def test_a_reply_with_a_new_units_form_does_not_overwrite_an_accepted_application(store):
    take_in(store, 1)
    assert found(store, unit=OTHER, references=(reply(1).message_id,)) is None


def test_a_corrected_unit_name_stays_with_the_application_that_was_to_be_corrected(store):
    take_in(store, 1, Decision.CORRECTION)
    assert found(store, unit=OTHER, references=(reply(1).message_id,)) == ("ZLCP-2024-0001", "references")
    take_in(store, 2, unit=OTHER, asked={"references": (reply(1).message_id,)})
    with store.read() as tx:
        assert [(line.number, line.unit_name, line.status) for line in tx.register()] == [("ZLCP-2024-0001", OTHER, "accepted")]
    assert found(store, unit=OTHER) == ("ZLCP-2024-0001", "unit")


def test_the_name_of_an_accepted_application_stays(store):
    take_in(store, 1, unit="ABC协会")
    take_in(store, 2, unit="", asked={"references": (reply(1).message_id,)})
    take_in(store, 3, Decision.CORRECTION, unit="abc协会")
    with store.read() as tx:
        assert [(line.unit_name, line.versions) for line in tx.register()] == [("ABC协会", 3)]
    assert found(store, unit="Abc协会") == ("ZLCP-2024-0001", "unit")


def test_another_notices_applications_are_not_this_ones(store):
    take_in(store, 1)
    other = replace(notice(), id="other", receipt_pattern="X-{}")
    with store.read() as tx:
        answer = tx.standing(clues(9, numbers=("ZLCP-2024-0001",), references=(reply(1).message_id,)), other, NOW)
    assert (answer.application, answer.next_number) == (None, "X-1")


def test_what_is_known_of_an_application_is_complete(store):
    take_in(store, 1, Decision.CORRECTION, form=None, unit=UNIT)
    take_in(store, 2, form=FORM)
    newer = Form({"unit_name": UNIT, "email": "New@microgrid.example、second@microgrid.example"})
    take_in(store, 3, Decision.CORRECTION, form=newer)
    application = standing(store).application
    assert (application.unit_name, application.versions, application.accepted, application.decision) == (UNIT, 3, 2, "correction")
    assert application.form == FORM
    assert application.addresses == {SENDER, "office@microgrid.example"}


def test_every_address_of_an_accepted_form_is_known(store):
    take_in(store, 1, form=Form({"unit_name": UNIT, "email": "New@microgrid.example、second@microgrid.example"}))
    assert standing(store).application.addresses == {SENDER, "new@microgrid.example", "second@microgrid.example"}


def test_what_fails_after_acceptance_makes_nobody_known_and_its_answer_vouches_for_nobody(store):
    take_in(store, 1, form=FORM)
    take_in(store, 2, Decision.CORRECTION, form=Form({"unit_name": UNIT, "email": "thief@else.example"}))
    with store.read() as tx:
        applicant, thief = (tx.standing(clues(9, references=(reply(n).message_id,)), notice(), NOW).application for n in (1, 2))
    assert applicant.vouched
    assert not thief.vouched
    assert "thief@else.example" not in thief.addresses


def test_without_an_accepted_version_the_newest_form_counts(store):
    take_in(store, 1, Decision.CORRECTION, form=FORM)
    take_in(store, 2, Decision.CORRECTION, form=None)
    assert standing(store).application.form == FORM


def test_the_same_bytes_again_are_a_repeat(store):
    take_in(store, 1)
    assert standing(store, 2, sha256=f"{1:064x}").repeats == "ZLCP-2024-0001"
    assert standing(store, 2).repeats is None


def test_a_copy_that_came_another_way_is_a_repeat(store):
    take_in(store, 1)
    assert standing(store, 2, fingerprint="f1").repeats == "ZLCP-2024-0001"


def test_without_a_message_id_only_the_same_bytes_are_a_repeat(store):
    take_in(store, 1)
    assert standing(store, 2, fingerprint="f1", message_id="").repeats is None


def test_nothing_to_compare_is_no_repeat(store):
    take_in(store, 1)
    assert standing(store, 2, sha256="", message_id="").repeats is None


def test_a_mail_is_no_repeat_of_itself_nor_of_one_that_still_waits(store):
    take_in(store, 1)
    assert standing(store, 1, mail_id=1).repeats is None
    with store.begin() as tx:
        keep_mail(tx, 5)
    assert standing(store, 6, sha256=f"{5:064x}").repeats is None


def test_a_repeat_of_a_repeat_still_names_the_number(store):
    take_in(store, 1)
    with store.begin() as tx:
        mail = keep_mail(tx, 2)
        answer = tx.standing(clues(2, fingerprint="f1", mail_id=mail), notice(), NOW)
    assert answer.repeats == "ZLCP-2024-0001"


@pytest.mark.parametrize("hostile", ["\0", "\udc80\udcff", "x" * 1_000_000, "' OR 1=1 --", "😀" * 300])
def test_hostile_clues_find_nothing_and_break_nothing(store, hostile):
    take_in(store, 1)
    assert found(store, unit=hostile, references=(hostile,), numbers=(hostile,), sender=hostile, message_id=hostile, fingerprint=hostile) is None


def test_an_answer_is_forgotten_after_a_day(store):
    take_in(store, 1)
    with store.read() as tx:
        assert tx.standing(clues(2), notice(), NOW + timedelta(hours=23)).answered == 1
        assert tx.standing(clues(2), notice(), NOW + timedelta(hours=24)).answered == 0
