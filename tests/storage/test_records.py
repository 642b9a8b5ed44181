"""Taking a mail in is one write: all of it or nothing, once, and with a number that no other application has."""
# ruff: noqa: PT012 - a transaction is several statements

import threading
from datetime import timedelta
from multiprocessing import get_context

import pytest

from rules.problems import Decision, Kind, Verdict
from rules.submission import Form, Mailbox
from storage.errors import AlreadyTakenIn
from storage.forms import form_from_json, form_to_json
from storage.mails import JUNK
from storage.records import Recorded
from storage.store import Store
from tests.storage.examples import FORM, MISSING, NOW, UNIT, clues, keep_mail, notice, reply, submission, take_in

INQUIRY = Verdict(Kind.INQUIRY, Decision.NONE)


def lines(store):
    with store.read() as tx:
        return tx.mails_received(NOW - timedelta(days=9), NOW + timedelta(days=9))


def test_a_first_application_gets_the_first_number_and_its_letter(store):
    assert take_in(store, 1) == Recorded("ZLCP-2024-0001", 1, 1, 1)


def test_an_update_keeps_the_number(store):
    take_in(store, 1)
    recorded = take_in(store, 2)
    assert (recorded.number, recorded.version, recorded.application_id) == ("ZLCP-2024-0001", 2, 1)


def test_a_failing_update_does_not_displace_the_accepted_version(store):
    take_in(store, 1)
    take_in(store, 2, Decision.CORRECTION, form=Form(), problems=(MISSING,))
    with store.read() as tx:
        (line,) = tx.register()
    assert (line.status, line.version, line.versions, line.form, line.newest_decision) == ("accepted", 1, 2, FORM, "correction")


def test_a_mail_is_taken_in_once(store):
    take_in(store, 1)
    with pytest.raises(AlreadyTakenIn), store.begin() as tx:
        tx.standing(clues(1), notice(), NOW)
        tx.keep(1, submission(1), INQUIRY, reply(2), NOW)
    with store.read() as tx:
        assert tx.totals().replies == {"due": 1}


def test_a_mail_that_is_not_there_is_not_taken_in(store):
    with pytest.raises(AlreadyTakenIn, match="unknown"), store.begin() as tx:
        tx.standing(clues(1), notice(), NOW)
        tx.keep(1, submission(1), INQUIRY, None, NOW)


def test_a_record_rests_on_what_the_same_transaction_has_read(store):
    with pytest.raises(LookupError), store.begin() as tx:
        tx.keep(keep_mail(tx, 1), submission(1), INQUIRY, None, NOW)
    with pytest.raises(LookupError), store.begin() as tx:
        tx.keep_junk(keep_mail(tx, 1), submission(1), INQUIRY, NOW)


def test_junk_is_no_original_of_a_copy_and_is_settled_when_the_mail_is_taken_in_from_elsewhere(store):
    states = []
    for uid, keep in enumerate(("junk", "mail", "junk"), 1):
        with store.begin() as tx:
            mail = keep_mail(tx, uid, sha256="a" * 64, folder=f"{JUNK}Junk" if keep == "junk" else "INBOX")
            standing = tx.standing(clues(1, sha256="a" * 64, mail_id=mail), notice(), NOW)
            if keep == "junk":
                tx.keep_junk(mail, submission(1), INQUIRY, NOW)
            else:
                assert standing.repeats is None
                tx.keep(mail, submission(1), INQUIRY, reply(1, "received"), NOW)
        states.append([line.state for line in lines(store)])
    assert states == [["junk"], ["junk_copy", "taken_in"], ["junk_copy", "taken_in", "junk_copy"]]


def test_what_was_recorded_comes_back_exactly(store):
    recorded = take_in(store, 1, Decision.CORRECTION, problems=(MISSING,), letter={"faults": ("mime.no_boundary",)})
    (line,) = lines(store)
    assert (line.state, line.kind, line.decision, line.automatic) == ("taken_in", "application", "correction", None)
    assert (line.sender_name, line.sender_address, line.subject) == ("李文静", "liwj@microgrid.example", "申报")
    assert (line.number, line.unit_name, line.subject_unit_name, line.version) == (recorded.number, UNIT, UNIT, 1)
    assert (line.received_at, line.collected_at, line.taken_in_at) == (NOW, NOW + timedelta(seconds=5), NOW)
    assert (line.answer, line.reply_state, line.reply_error, line.silence) == ("acknowledgement", "due", "", "")
    assert (line.checks, line.faults, line.repeats, line.digest_day) == (("请核对",), ("mime.no_boundary",), False, None)
    (problem,) = line.problems
    assert (problem.code, problem.severity, problem.field, problem.message, problem.clause) == (
        "form.field_missing", "error", "postal_address", "请填写“通讯地址”栏。", "申报表第2栏",
    )  # fmt: skip
    (file,) = line.attachments
    assert (file.name, file.within, file.size, file.sha256) == ("申报表.docx", ("材料.zip",), 31245, "ab" * 32)
    assert (file.media_type, file.role, file.status, file.reason) == ("application/msword", "form", "ok", "")


def test_an_inquiry_opens_no_application(store):
    with store.begin() as tx:
        mail = keep_mail(tx, 1)
        tx.standing(clues(1, ""), notice(), NOW)
        recorded = tx.keep(mail, submission(1), INQUIRY, reply(1, "received"), NOW)
    assert recorded == Recorded("", 0, None, 1)
    with store.read() as tx:
        assert (tx.register(), tx.totals().kinds) == ([], {"inquiry": 1})


def test_silence_puts_nothing_into_the_outbox(store):
    assert take_in(store, 1, silent=True).reply_id is None
    assert lines(store)[0].answer == ""


def test_a_repeat_is_recorded_as_one_with_the_number_it_repeats(store):
    first = take_in(store, 1)
    with store.begin() as tx:
        mail = keep_mail(tx, 2)
        tx.standing(clues(2, fingerprint="f1", mail_id=mail), notice(), NOW)
        tx.keep(mail, submission(2), Verdict(Kind.APPLICATION, Decision.NONE, silence="重复"), None, NOW)
    repeat = lines(store)[1]
    assert (repeat.repeats, repeat.number, repeat.version, repeat.silence) == (True, first.number, 0, "重复")


def test_hostile_texts_are_stored_without_what_no_database_takes(store):
    bad = "a\0b\ud800c"
    form = Form({bad: bad}, {"k": (bad,)}, {"l": (bad,)}, (bad,), ((bad, bad),))
    take_in(store, 1, form=form, unit=bad, letter={"subject": bad, "sender": Mailbox(bad, bad), "message_id": bad * 100_000, "faults": (bad,)})
    (line,) = lines(store)
    assert (line.subject, line.sender_name, line.sender_address, line.unit_name, line.faults) == ("abc", "abc", "abc", "abc", ("abc",))
    with store.read() as tx:
        assert tx.register()[0].form == Form({"abc": "abc"}, {"k": ("abc",)}, {"l": ("abc",)}, ("abc",), (("abc", "abc"),))


def test_what_is_looked_up_is_cut_to_what_an_index_takes(store):
    take_in(store, 1, unit="名" * 3000, letter={"message_id": "<" + "界" * 3000 + ">"}, asked={"fingerprint": "f" * 3000})
    with store.read() as tx:
        row = tx._connection.exec_driver_sql("SELECT length(message_id), length(unit_key) FROM mails JOIN applications").one()
        assert tx.standing(clues(2, "名" * 3000), notice(), NOW).application is not None
        assert tx.standing(clues(2, "", references=("<" + "界" * 3000 + ">",)), notice(), NOW).application is not None
    assert tuple(row) == (255, 255)


@pytest.mark.parametrize("form", [None, Form(), FORM, Form({"a": "一\n二"}, {"b": ()}, {"c": ("x", "")}, ("b",), (("b", "bold"),))], ids=str)
def test_a_form_comes_back_from_json_as_it_was(form):
    assert form_from_json(form_to_json(form)) == form


def test_a_transaction_that_fails_leaves_no_trace_and_no_gap_in_the_numbers(store):
    take_in(store, 1)
    with pytest.raises(KeyboardInterrupt), store.begin() as tx:  # not even an Exception: a signal
        mail = keep_mail(tx, 2)
        tx.standing(clues(2, "乙", mail_id=mail), notice(), NOW)
        verdict = Verdict(Kind.APPLICATION, Decision.ACCEPTED, unit_name="乙", version=1)
        assert tx.keep(mail, submission(2), verdict, reply(2), NOW).number == "ZLCP-2024-0002"
        raise KeyboardInterrupt
    assert [line.id for line in lines(store)] == [1]
    assert take_in(store, 3, unit="丙").number == "ZLCP-2024-0002"


def test_a_letter_that_cannot_be_queued_takes_the_record_back_with_it(store):
    take_in(store, 1)
    with pytest.raises(Exception, match="UNIQUE"):
        take_in(store, 2, unit="乙", answer=reply(1))
    with store.read() as tx:
        assert [line.number for line in tx.register()] == ["ZLCP-2024-0001"]
        assert [mail.id for mail in tx.waiting_mails(9)] == [2]


def _register_some(store, worker, count):
    for n in range(count):
        uid = worker * 100 + n + 1
        take_in(store, uid, unit=f"单位{uid}")
        if n % 3 == 0:  # and one that is rolled back in between
            with pytest.raises(ZeroDivisionError), store.begin() as tx:
                mail = keep_mail(tx, uid + 50)
                tx.standing(clues(uid + 50, f"单位{uid + 50}"), notice(), NOW)
                tx.keep(mail, submission(uid + 50), Verdict(Kind.APPLICATION, Decision.LATE, version=1), None, NOW)
                _ = 1 // 0


def _register_in_process(url, worker, count):
    opened = Store.open(url)
    _register_some(opened, worker, count)
    opened.close()


def _numbers(store):
    with store.read() as tx:
        return [line.number for line in tx.register()]


def test_threads_at_once_give_every_number_once_without_gaps(store):
    threads = [threading.Thread(target=_register_some, args=(store, worker, 10)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _numbers(store) == [notice().receipt_number(n) for n in range(1, 41)]


def test_processes_at_once_on_a_new_file_give_every_number_once_without_gaps(url):
    spawn = get_context("spawn")  # each opens the database by itself, while the others create it
    processes = [spawn.Process(target=_register_in_process, args=(url, worker, 10)) for worker in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    opened = Store.open(url)
    assert _numbers(opened) == [notice().receipt_number(n) for n in range(1, 31)]
    opened.close()
