"""The three steps, each against a real store and working fakes of the servers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest

from daemon import intake
from daemon.collect import PATIENCE, collect
from daemon.deliver import BACK_OFF, deliver_due
from daemon.intake import take_in, take_in_waiting
from daemon.mail.errors import SenderRefused, SendPermanent, SendTemporary, Unreachable, Withheld
from daemon.rounds import run_round
from storage.errors import AlreadyTakenIn, Unavailable
from tests.builders import form_docx, good_values
from tests.mails import mail
from tests.worlds import Outside

LONG_AGO, FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def application(unit: str = "中国甲行业协会", sender: str = "office@unit.example", subject: str = "", **values) -> bytes:
    form = form_docx(good_values(unit_name=unit, email=sender, **values))
    return mail(subject or f"专利密集型产品认定产业评价中心承担单位——{unit}", sender=sender, attachments=[("申报表.docx", form)])


def lines(world):
    with world.store.read() as tx:
        return tx.mails_received(LONG_AGO, FAR)


def register(world):
    with world.store.read() as tx:
        return tx.register()


def round_of(outside, **changes):
    world = outside.world(**changes)
    return world, run_round(world)


# ---- collect


def test_the_time_of_receipt_is_the_servers_internal_date(outside):
    outside.mailbox.append(application(), datetime(2024, 9, 18, 15, 59, 59, tzinfo=UTC))
    world, _ = round_of(outside)
    (line,) = lines(world)
    assert line.received_at == datetime(2024, 9, 18, 15, 59, 59, tzinfo=UTC)
    assert line.decision == "accepted"


def test_a_second_after_the_last_day_in_beijing_is_late(outside):
    outside.mailbox.append(application(), datetime(2024, 9, 18, 16, 0, 0, tzinfo=UTC))
    world, _ = round_of(outside)
    (line,) = lines(world)
    assert (line.decision, line.answer) == ("late", "late")


def test_a_renumbered_mailbox_is_neither_recorded_nor_answered_anew(outside):
    outside.mailbox.append(application())
    world, _ = round_of(outside)
    outside.mailbox.renumber()
    outside.mailbox.append(application("中国乙行业协会", "b@unit.example"))
    tally = run_round(world)
    assert (tally.taken_in, tally.delivered) == (1, 1)
    assert len(lines(world)) == 2


def test_nothing_is_deleted_or_marked_unless_the_config_asks(outside):
    uid = outside.mailbox.append(application())
    round_of(outside)
    assert (list(outside.mailbox.mails), outside.mailbox.seen, outside.mailbox.moved) == ([uid], set(), {})


def test_the_config_can_ask_to_mark_and_to_move_what_was_recorded(outside):
    uid = outside.mailbox.append(application())
    _, tally = round_of(outside, mailbox={"mark_seen": True, "move_to": "已登记"})
    assert (outside.mailbox.seen, outside.mailbox.moved) == ({uid}, {uid: "已登记"})
    assert (tally.collected, tally.delivered) == (1, 1)


def test_a_refused_courtesy_changes_nothing(outside):
    outside.mailbox.append(application())
    outside.mailbox.refuses_courtesies = True
    _, tally = round_of(outside, mailbox={"mark_seen": True, "move_to": "已登记"})
    assert (tally.collected, tally.delivered, tally.troubles) == (1, 1, ())


def test_a_lost_connection_in_the_middle_of_a_fetch_costs_only_the_rest_of_the_round(outside):
    for n in range(3):
        outside.mailbox.append(application(f"中国第{n}行业协会", f"n{n}@unit.example"))
    outside.mailbox.faults.plan(Unreachable("the connection was lost"), 4)  # select, new_uids, the first mail, then this
    world, tally = round_of(outside)
    assert (tally.collected, tally.taken_in, tally.delivered, tally.troubles) == (0, 1, 1, ("the connection was lost",))
    tally = run_round(world)
    assert (tally.collected, tally.taken_in, tally.delivered, tally.troubles) == (2, 2, 2, ())
    assert len(register(world)) == 3


def test_a_mail_that_the_server_never_hands_out_is_named_and_holds_up_the_others_for_a_few_rounds_only(outside):
    bad = outside.mailbox.append(application())
    outside.mailbox.append(application("中国乙行业协会", "b@unit.example"))
    plain_fetch = outside.mailbox.fetch

    def fetch(uids):
        if bad in uids:
            raise Withheld("the server does not hand out UID 1", uid=bad)
        return plain_fetch(uids)

    outside.mailbox.fetch = fetch
    world = outside.world()
    tallies = [run_round(world) for _ in range(PATIENCE)]
    assert [tally.collected for tally in tallies] == [0, 0, 1]
    with world.store.read() as tx:
        (aside,) = tx.set_aside()
    assert aside.reason == "the server does not hand out UID 1"
    assert [line.number for line in register(world)] == ["ZLCP-2024-0001"]


def test_a_full_disk_leaves_the_mail_in_the_mailbox(outside):
    outside.mailbox.append(application())
    world = outside.world()

    class Full:
        def put(self, data):
            raise Unavailable("the disk is full")

    tally = run_round(replace(world, files=Full()))
    assert (tally.collected, tally.troubles) == (0, ("the disk is full",))
    assert run_round(world).delivered == 1


# ---- intake


def test_the_same_mail_in_two_copies_is_recorded_twice_and_answered_once(outside):
    raw = application()
    outside.mailbox.append(raw)
    outside.mailbox.append(raw)
    world, tally = round_of(outside)
    assert (tally.taken_in, tally.delivered) == (2, 1)
    assert [line.answer for line in lines(world)] == ["acknowledgement", ""]
    assert [line.versions for line in register(world)] == [1]


def test_a_unit_keeps_its_number_and_gets_a_version_with_each_change(outside):
    outside.mailbox.append(application())
    outside.mailbox.append(application(contact_phone="010-62150000"))
    world, _ = round_of(outside)
    (line,) = register(world)
    assert (line.number, line.version, line.versions, line.form.values["contact_phone"]) == ("ZLCP-2024-0001", 2, 2, "010-62150000")
    assert [each.answer for each in lines(world)] == ["acknowledgement", "update"]


def test_the_same_form_sent_again_is_told_so_and_makes_no_version(outside):
    outside.mailbox.append(application())
    outside.mailbox.append(mail("专利密集型产品认定产业评价中心承担单位——中国甲行业协会", "再发一次", sender="office@unit.example",
                                attachments=[("申报表.docx", form_docx(good_values(unit_name="中国甲行业协会", email="office@unit.example")))]))  # fmt: skip
    world, _ = round_of(outside)
    assert [each.answer for each in lines(world)] == ["acknowledgement", "duplicate"]
    assert [line.versions for line in register(world)] == [1]


def test_a_failing_update_never_displaces_a_valid_version(outside):
    outside.mailbox.append(application())
    outside.mailbox.append(application(introduction=""))
    world, _ = round_of(outside)
    (line,) = register(world)
    assert (line.status, line.version, line.versions) == ("accepted", 1, 2)
    assert line.form.values["introduction"]


def test_a_correction_with_the_right_subject_finds_its_application_by_the_unit(outside):
    outside.mailbox.append(application(subject="申报材料"))
    outside.mailbox.append(application())
    world, _ = round_of(outside)
    (line,) = register(world)
    assert (line.number, line.status, line.version) == ("ZLCP-2024-0001", "accepted", 2)


def test_an_update_from_an_unknown_address_is_held_for_the_staff(outside):
    outside.mailbox.append(application())
    form = form_docx(good_values(unit_name="中国甲行业协会", email="thief@else.example"))
    outside.mailbox.append(mail("专利密集型产品认定产业评价中心承担单位——中国甲行业协会", sender="thief@else.example", attachments=[("申报表.docx", form)]))
    world, _ = round_of(outside)
    (line,) = register(world)
    assert (line.status, line.version) == ("accepted", 1)
    assert lines(world)[1].decision == "review"


def test_who_was_held_once_is_still_unknown_the_next_time_even_in_answer_to_our_letter(outside):
    outside.mailbox.append(application())
    forms = [form_docx(good_values(unit_name="中国甲行业协会", email="thief@else.example", contact_phone=phone)) for phone in ("010-1111111", "010-2222222")]
    subject = "专利密集型产品认定产业评价中心承担单位——中国甲行业协会"
    outside.mailbox.append(mail(subject, sender="thief@else.example", attachments=[("申报表.docx", forms[0])]))
    world, _ = round_of(outside)
    ours = [each for each in outside.sender.deliveries if each.to == ("thief@else.example",)]
    answered = message_from_bytes(ours[0].mime)["Message-ID"]
    outside.mailbox.append(mail(f"回复：{subject}", sender="thief@else.example", headers=[("In-Reply-To", answered)], attachments=[("申报表.docx", forms[1])]))
    run_round(world)
    (line,) = register(world)
    assert (line.status, line.version) == ("accepted", 1)
    assert [each.decision for each in lines(world)] == ["accepted", "review", "review"]


def test_an_application_without_an_address_to_answer_is_recorded_and_the_staff_are_told(outside):
    outside.mailbox.append(application().replace(b"<office@unit.example>", b"<nobody>"))
    world, tally = round_of(outside)
    (line,) = lines(world)
    assert (tally.delivered, line.decision, line.number) == (0, "accepted", "ZLCP-2024-0001")
    assert line.silence


def test_a_mail_that_another_process_took_in_meanwhile_is_left_alone(outside):
    outside.mailbox.append(application())
    world = outside.world()
    collect(world)
    with world.store.read() as tx:
        (kept,) = tx.waiting_mails(1)
    assert take_in_waiting(outside.world()) == 1
    with pytest.raises(AlreadyTakenIn):
        take_in(kept, outside.reader.read(world.files.get(kept.sha256)), world)
    assert (len(register(world)), deliver_due(world)) == (1, 1)


def test_one_address_is_answered_only_so_often_a_day_and_the_staff_are_told(outside):
    for n in range(8):
        outside.mailbox.append(application(f"中国第{n}行业协会", "agent@unit.example"))
    world, tally = round_of(outside)
    assert tally.delivered == 6
    assert [bool(line.silence) for line in lines(world)] == [False] * 6 + [True] * 2
    assert len(register(world)) == 8


def test_however_many_mails_wait_one_call_takes_them_all_in(outside, monkeypatch):
    """A daemon that left some of them would wait for the next poll."""
    monkeypatch.setattr(intake, "BATCH", 2)
    for n in range(5):
        outside.mailbox.append(application(f"中国第{n}行业协会", f"n{n}@unit.example"))
    outside.reader.breaks_on = b"n1@unit.example"
    world = outside.world()
    collect(world)
    assert take_in_waiting(world) == 4
    assert [(line.state, line.tries) for line in lines(world)] == [("taken_in", 0), ("kept", 1), *[("taken_in", 0)] * 3]


def test_a_bug_that_one_mail_brings_out_is_counted_and_after_three_tries_the_mail_is_set_aside(outside):
    outside.mailbox.append(mail("POISON", "x"))
    outside.mailbox.append(application())
    outside.reader.breaks_on = b"POISON"
    world = outside.world()
    collect(world)
    assert [take_in_waiting(world) for _ in range(3)] == [1, 0, 1]
    with world.store.read() as tx:
        (aside,) = tx.set_aside()
    assert aside.reason == "ValueError: a bug that this mail brings out"
    assert [line.number for line in register(world)] == ["ZLCP-2024-0001"]
    with world.store.begin() as tx:
        assert tx.retry(aside.id)
    outside.reader.breaks_on = None
    assert take_in_waiting(world) == 1


def test_a_kept_mail_whose_file_is_gone_is_set_aside_and_stops_nobody(outside):
    outside.mailbox.append(application())
    outside.mailbox.append(application("中国乙行业协会", "b@unit.example"))
    world = outside.world()
    collect(world)
    with world.store.read() as tx:
        first = tx.waiting_mails(1)[0]
    next(outside.folder.joinpath("files").rglob(f"{first.sha256}*")).unlink()
    for _ in range(3):
        take_in_waiting(world)
    with world.store.read() as tx:
        assert len(tx.set_aside()) == 1
    assert len(register(world)) == 1


def test_our_own_mail_that_comes_back_is_never_answered(outside):
    outside.mailbox.append(application())
    world, _ = round_of(outside)
    outside.mailbox.append(outside.sender.deliveries[0].mime)
    assert run_round(world).delivered == 0
    assert lines(world)[-1].automatic == "own"


# ---- deliver


def test_a_temporary_refusal_waits_longer_each_time_and_at_last_goes_to_the_staff(outside):
    outside.mailbox.append(application())
    outside.sender.refuse("office@unit.example", SendTemporary("451 later"))
    world, _ = round_of(outside)
    for wait in BACK_OFF:
        assert deliver_due(world) == 0
        outside.clock.now += wait + timedelta(minutes=1)
        assert deliver_due(world) == 1
    with world.store.read() as tx:
        (letter,) = tx.undelivered()
    assert (letter.state, letter.error) == ("failed", "451 later")


def test_a_refusal_for_good_goes_to_the_staff_and_stops_nobody(outside):
    outside.mailbox.append(application())
    outside.mailbox.append(application("中国乙行业协会", "b@unit.example"))
    outside.sender.refuse("office@unit.example", SendPermanent("550 no such user"))
    world, tally = round_of(outside)
    assert tally.delivered == 2
    assert [each.to for each in outside.sender.deliveries] == [("b@unit.example",)]
    assert [line.reply_state for line in lines(world)] == ["failed", "sent"]


def test_a_server_that_takes_no_mail_at_all_ends_the_round_and_costs_no_letter_a_try(outside):
    outside.mailbox.append(application())
    outside.sender.faults.plan(SenderRefused("535 login refused"))
    world, tally = round_of(outside)
    assert tally.troubles == ("535 login refused",)
    assert run_round(world).delivered == 1


def test_a_limit_of_the_server_ends_the_round_and_keeps_the_other_letters_due(outside):
    for n in range(3):
        outside.mailbox.append(application(f"中国第{n}行业协会", f"n{n}@unit.example"))
    outside.sender.refuse("n0@unit.example", SendTemporary("451 MI:SFQ", wait=timedelta(minutes=15)))
    world, tally = round_of(outside)
    assert tally.troubles == ("451 MI:SFQ",)
    outside.sender.accept("n0@unit.example")
    assert deliver_due(world) == 2
    outside.clock.now += timedelta(minutes=16)
    assert deliver_due(world) == 1


def test_a_letter_whose_answer_was_lost_goes_out_again_with_the_same_message_id(outside):
    outside.mailbox.append(application())
    outside.sender.lose_answer()
    world, _ = round_of(outside)
    outside.clock.now += timedelta(hours=1)
    deliver_due(world)
    first, second = outside.sender.deliveries
    assert first.mime == second.mime


def test_while_another_process_delivers_nothing_is_sent_a_second_time(outside):
    outside.mailbox.append(application())
    world, other = outside.world(), outside.world()
    collect(world)
    take_in_waiting(world)
    with other.store.delivering() as theirs:
        assert theirs
        assert deliver_due(world) == 0
    assert (deliver_due(world), deliver_due(other)) == (1, 0)


def test_what_is_over_the_cap_of_the_hour_waits(outside):
    for n in range(5):
        outside.mailbox.append(application(f"中国第{n}行业协会", f"n{n}@unit.example"))
    world, tally = round_of(outside, outgoing={"per_hour": 3})
    assert tally.delivered == 3
    outside.clock.now += timedelta(minutes=30)
    assert deliver_due(world) == 0
    outside.clock.now += timedelta(minutes=31)
    assert deliver_due(world) == 2


def test_trouble_in_one_step_does_not_keep_the_others_from_their_work(outside):
    outside.mailbox.append(application())
    world = outside.world()
    collect(world)
    outside.mailbox.faults.plan(Unreachable("the mailbox is away"))
    tally = run_round(world)
    assert (tally.taken_in, tally.delivered, tally.troubles) == (1, 1, ("the mailbox is away",))


# ---- logs


def test_the_log_holds_no_name_address_subject_or_body_not_even_of_a_mail_that_breaks_the_program(outside, capsys):
    outside.mailbox.append(application(subject="申报材料-机密主题"))
    outside.mailbox.append(mail("机密主题", "机密正文", sender="secret@unit.example"))
    outside.reader.breaks_on = b"secret@unit.example"
    outside.sender.refuse("office@unit.example", SendPermanent("550 no such user"))
    world = outside.world()
    for _ in range(3):
        run_round(world)
    told = "".join(capsys.readouterr())
    assert "mail_set_aside" in told
    assert "reply_refused" in told
    for secret in ("机密", "unit.example", "中国甲行业协会", "a bug that this mail brings out"):
        assert secret not in told


def test_the_config_names_whose_word_on_a_sender_is_believed(tmp_path):
    checks = []
    for trusted in ("mx.ours.example", "mx.theirs.example"):
        outside = Outside(tmp_path / trusted)
        outside.mailbox.append(mail("咨询", "请问？", headers=[("Authentication-Results", "mx.theirs.example; dmarc=fail header.from=unit.example")]))
        world = outside.world(mailbox={"authserv_id": trusted})
        collect(world)
        take_in_waiting(world)
        with world.store.read() as tx:
            (line,) = tx.mails_unreported(outside.clock())
        checks.append([problem.code for problem in line.problems])
        outside.close()
    assert checks == [[], ["sender.unverified"]]
