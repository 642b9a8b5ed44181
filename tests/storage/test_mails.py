"""What the mailbox showed is recorded once, in order, and nothing is skipped."""

from datetime import timedelta

import pytest

from storage.mails import FolderState
from tests.storage.examples import NOW, keep_mail, take_in


def test_a_folder_that_was_never_collected_has_no_state(store):
    with store.read() as tx:
        assert tx.folder("INBOX") is None


def test_keeping_a_mail_advances_the_folder(store):
    with store.begin() as tx:
        tx.reset_folder("INBOX", 7)
        keep_mail(tx, 3)
        keep_mail(tx, 9)
    with store.read() as tx:
        assert tx.folder("INBOX") == FolderState(7, 9)


def test_an_older_uid_does_not_turn_the_folder_back(store):
    with store.begin() as tx:
        keep_mail(tx, 9)
        keep_mail(tx, 3)
        assert tx.folder("INBOX") == FolderState(7, 9)
        assert [mail.sha256 for mail in tx.waiting_mails(10)] == [f"{9:064x}", f"{3:064x}"]


def test_the_same_uid_is_recorded_once(store):
    with store.begin() as tx:
        first = keep_mail(tx, 3)
    with store.begin() as tx:
        assert keep_mail(tx, 3) == first
        assert len(tx.waiting_mails(10)) == 1


def test_the_same_bytes_under_another_uid_are_another_mail(store):
    with store.begin() as tx:
        assert keep_mail(tx, 3, sha256="a" * 64) != keep_mail(tx, 4, sha256="a" * 64)


def test_after_a_renumbering_known_mails_keep_their_record(store):
    with store.begin() as tx:
        first, second = keep_mail(tx, 3), keep_mail(tx, 4)
    with store.begin() as tx:
        tx.reset_folder("INBOX", 8)
        assert tx.folder("INBOX") == FolderState(8, 0)
        assert keep_mail(tx, 1, uidvalidity=8, sha256=f"{3:064x}") == first
        assert keep_mail(tx, 2, uidvalidity=8, sha256=f"{4:064x}") == second
        assert tx.folder("INBOX") == FolderState(8, 2)
        assert len(tx.waiting_mails(10)) == 2


def test_after_a_renumbering_twins_are_told_apart(store):
    with store.begin() as tx:
        twins = {keep_mail(tx, uid, sha256="a" * 64) for uid in (3, 4)}
        tx.reset_folder("INBOX", 8)
        assert {keep_mail(tx, uid, uidvalidity=8, sha256="a" * 64) for uid in (1, 2)} == twins
        assert keep_mail(tx, 3, uidvalidity=8, sha256="a" * 64) not in twins


@pytest.mark.parametrize("change", [{"at": NOW + timedelta(seconds=1)}, {"folder": "Archive"}, {"sha256": "b" * 64}], ids=str)
def test_after_a_renumbering_a_mail_that_differs_is_new(store, change):
    with store.begin() as tx:
        first = keep_mail(tx, 3, sha256="a" * 64)
        assert keep_mail(tx, 3, **{"uidvalidity": 8, "sha256": "a" * 64, **change}) != first


def test_a_mail_of_an_older_numbering_does_not_move_the_folder(store):
    with store.begin() as tx:
        tx.reset_folder("INBOX", 8)
        keep_mail(tx, 50, uidvalidity=7)
        assert tx.folder("INBOX") == FolderState(8, 0)


def test_a_vanished_mail_is_passed_over(store):
    with store.begin() as tx:
        tx.reset_folder("INBOX", 7)
        tx.skip_uid("INBOX", 7, 5)
        assert tx.folder("INBOX") == FolderState(7, 5)


def test_uids_go_up_to_thirty_two_bits(store):
    with store.begin() as tx:
        keep_mail(tx, 2**32 - 1, uidvalidity=2**32 - 1)
        assert tx.folder("INBOX") == FolderState(2**32 - 1, 2**32 - 1)


def test_mails_wait_in_the_order_they_were_recorded_and_arrival_is_exact(store):
    with store.begin() as tx:
        ids = [keep_mail(tx, uid, at=NOW - timedelta(hours=uid)) for uid in (1, 2, 3)]
    with store.read() as tx:
        waiting = tx.waiting_mails(2)
    assert [mail.id for mail in waiting] == ids[:2]
    assert waiting[0].received_at == NOW - timedelta(hours=1)
    assert waiting[0].received_at.utcoffset() == timedelta()
    assert (waiting[0].tries, waiting[0].size) == (0, 100)


def test_a_time_without_a_zone_is_refused(store):
    with pytest.raises(Exception, match="timezone"), store.begin() as tx:
        keep_mail(tx, 1, at=NOW.replace(tzinfo=None))


def test_a_mail_that_fails_three_times_is_set_aside(store):
    with store.begin() as tx:
        mail = keep_mail(tx, 1)
    for tries in (1, 2):
        with store.begin() as tx:
            assert tx.mail_failed(mail, f"try {tries}", NOW) is False
            assert tx.waiting_mails(1)[0].tries == tries
    with store.begin() as tx:
        assert tx.mail_failed(mail, "KeyError: 'x\0\udc80'", NOW) is True
        assert tx.waiting_mails(1) == []
        (aside,) = tx.set_aside()
    assert (aside.id, aside.tries, aside.reason, aside.received_at) == (f"m{mail}", 3, "KeyError: 'x'", NOW)


def test_a_mail_that_was_taken_in_meanwhile_does_not_fail_any_more(store):
    take_in(store, 1)
    with store.begin() as tx:
        assert tx.mail_failed(1, "late", NOW, tries_allowed=1) is False
        assert tx.set_aside() == []


def test_a_mail_set_aside_is_tried_again_as_if_for_the_first_time(store):
    with store.begin() as tx:
        mail = keep_mail(tx, 1)
        tx.mail_failed(mail, "no", NOW, tries_allowed=1)
        assert tx.retry(f"m{mail}") is True
        assert [(each.id, each.tries) for each in tx.waiting_mails(1)] == [(mail, 0)]
        assert tx.retry(f"m{mail}") is False


def test_a_discarded_mail_waits_no_more(store):
    with store.begin() as tx:
        mail = keep_mail(tx, 1)
        assert tx.discard(f"m{mail}") is False
        tx.mail_failed(mail, "no", NOW, tries_allowed=1)
        assert tx.discard(f"m{mail}") is True
        assert (tx.set_aside(), tx.waiting_mails(1), tx.retry(f"m{mail}")) == ([], [], False)


@pytest.mark.parametrize("queue_id", ["", "m", "r", "1", "x1", "m-1", "m1 ", "m１", "r99", "m99", "m" + "9" * 30, "M1"])
def test_an_id_that_names_nothing_changes_nothing(store, queue_id):
    with store.begin() as tx:
        tx.mail_failed(keep_mail(tx, 1), "no", NOW, tries_allowed=1)
        assert (tx.retry(queue_id), tx.discard(queue_id)) == (False, False)
        assert len(tx.set_aside()) == 1
