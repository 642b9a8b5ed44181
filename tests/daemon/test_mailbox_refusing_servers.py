"""The mailbox door against a server that behaves as the difficult ones do (tests/fake_imapd.py)."""

from datetime import UTC, datetime

import pytest

from daemon.mail.errors import FolderMissing, LoginRefused, MailError, ServerSaid, TimedOut, Unencrypted, Unreachable, Withheld
from daemon.mail.mailbox import BATCH_MAILS, FolderView, Mailbox
from daemon.settings import MailboxSettings
from tests.fake_imapd import imap_server

MAILS = {3: b"three", 4: b"four", 9: b"nine"}


def box(server, **keys):
    given = {"host": "127.0.0.1", "port": server.port, "security": "plain", "username": "zlcp", "password": "s3cret-word", "timeout_seconds": 3}
    return Mailbox(MailboxSettings(**given | keys))


def take_all(mailbox):
    mailbox.select()
    return {mail.uid: mail.raw for mail in mailbox.fetch(mailbox.new_uids(0))}


def test_the_id_is_sent_after_the_login_and_before_the_first_select():
    with imap_server(mails=MAILS, wants_id=True) as server:
        mailbox = box(server)
        assert mailbox.select() == FolderView(7, 3)
        verbs = [command.split()[0] for command in server.commands]
        assert verbs.index("LOGIN") < verbs.index("ID") < verbs.index("SELECT")
        mailbox.close()


def test_a_refused_id_does_no_harm():
    with imap_server(mails=MAILS, id_answer="BAD what") as server:
        mailbox = box(server)
        assert mailbox.select().exists == 3
        mailbox.close()


def test_no_id_is_sent_where_it_is_not_offered():
    with imap_server(mails=MAILS, capabilities="IMAP4rev1") as server:
        mailbox = box(server)
        assert mailbox.select().exists == 3
        assert not any(command.startswith("ID") for command in server.commands)
        mailbox.close()


def test_an_unsafe_login_comes_with_advice_what_to_do():
    with imap_server(mails=MAILS, select="NO SELECT Unsafe Login. Please contact kefu@188.com for help") as server:
        with pytest.raises(LoginRefused, match="授权码") as refused:
            box(server).select()
        assert refused.value.wait
        assert "kefu@188.com" not in str(refused.value)


def test_a_folder_the_server_does_not_list_is_missing():
    with imap_server(select="NO what is that", lists=False) as server:
        mailbox = box(server, folder="没有")
        for _ in range(2):
            with pytest.raises(FolderMissing, match=r"没有.*\[mailbox\] folder"):
                mailbox.select()
        assert len(server.asked("LOGIN")) == 1  # a wrong name is no reason to log in anew each time
        mailbox.close()


def test_a_folder_that_is_there_but_does_not_open_is_tried_again():
    with imap_server(select="NO busy rebuilding") as server, pytest.raises(ServerSaid, match="busy rebuilding"):
        box(server).select()


def test_a_folder_that_may_only_be_read_is_read():
    with imap_server(mails=MAILS, select="OK [READ-ONLY] done") as server:
        mailbox = box(server)
        assert mailbox.select().exists == 3
        assert mailbox.new_uids(3) == [4, 9]
        mailbox.close()


@pytest.mark.parametrize("search_range", ["works", "empty", "refused"])
@pytest.mark.parametrize("search_all", ["works", "empty", "split"])
def test_new_mails_are_found_whatever_kind_of_search_the_server_understands(search_range, search_all):
    with imap_server(mails=MAILS, search_range=search_range, search_all=search_all) as server:
        mailbox = box(server)
        mailbox.select()
        assert [mailbox.new_uids(after) for after in (0, 3, 8, 9)] == [[3, 4, 9], [4, 9], [9], []]
        mailbox.close()


def test_the_body_is_peeked_at_and_the_sets_of_uids_ascend():
    with imap_server(mails=MAILS) as server:
        mailbox = box(server)
        mailbox.select()
        assert [(mail.uid, mail.raw) for mail in mailbox.fetch([9, 3, 4, 3])] == list(MAILS.items())
        fetches = [command for command in server.commands if "FETCH" in command]
        assert all("FETCH 3,4,9 " in command for command in fetches)
        assert "BODY.PEEK[]" in fetches[-1]
        mailbox.close()


def test_the_arrival_is_the_servers_date_with_its_zone():
    with imap_server(mails=MAILS, date="19-Sep-2024 00:00:00 +0800") as server:
        mailbox = box(server)
        mailbox.select()
        assert next(mailbox.fetch([3])).received_at == datetime(2024, 9, 18, 16, tzinfo=UTC)
        mailbox.close()


@pytest.mark.parametrize("refuses_batches", [True, False])
def test_a_mail_that_is_not_handed_out_is_named_and_stops_no_other(refuses_batches):
    with imap_server(mails=MAILS, withheld={4}, refuses_batches=refuses_batches) as server:
        mailbox = box(server)
        mailbox.select()
        mails = mailbox.fetch([3, 4, 9])
        assert next(mails).uid == 3
        with pytest.raises(Withheld) as withheld:
            next(mails)
        assert withheld.value.uid == 4
        assert [mail.uid for mail in mailbox.fetch([9])] == [9]
        mailbox.close()


def test_a_mail_that_comes_empty_though_it_has_a_size_is_withheld():
    with imap_server(mails=MAILS, hollow={4}) as server:
        mailbox = box(server)
        mailbox.select()
        with pytest.raises(Withheld):
            list(mailbox.fetch([4]))
        mailbox.close()


def test_a_mail_that_is_listed_but_passed_over_in_silence_is_withheld():
    with imap_server(mails=MAILS, mute={4}) as server:
        mailbox = box(server)
        mailbox.select()
        mails = mailbox.fetch([3, 4, 9])
        assert next(mails).uid == 3
        with pytest.raises(Withheld) as withheld:
            next(mails)
        assert withheld.value.uid == 4
        mailbox.close()


def test_a_mail_that_is_listed_no_more_is_passed_over():
    with imap_server(mails=dict(MAILS)) as server:
        mailbox = box(server)
        mailbox.select()
        del server.mails[4]
        assert [mail.uid for mail in mailbox.fetch([3, 4, 9])] == [3, 9]
        server.mails.clear()
        assert list(mailbox.fetch([3, 4, 9])) == []
        mailbox.close()


def test_a_refused_courtesy_does_not_break_off_the_fetching():
    with imap_server(mails=MAILS, select="OK [READ-ONLY] done") as server:
        mailbox = box(server)
        mailbox.select()
        mails = mailbox.fetch([3, 4, 9])
        assert next(mails).uid == 3
        assert not mailbox.move([3], "done")
        server.courtesy = "NO read only"
        assert not mailbox.mark_seen([3])
        assert [mail.uid for mail in mails] == [4, 9]
        assert mailbox.new_uids(4) == [9]
        mailbox.close()


def test_a_folder_without_a_count_is_no_empty_folder():
    with imap_server(mails=MAILS, counts=False) as server, pytest.raises(ServerSaid):
        box(server).select()


def test_a_mail_of_no_bytes_at_all_is_a_mail():
    with imap_server(mails={3: b""}) as server:
        mailbox = box(server)
        mailbox.select()
        assert [mail.raw for mail in mailbox.fetch([3])] == [b""]
        mailbox.close()


def test_more_mails_than_a_batch_all_come():
    mails = {uid: b"%d" % uid for uid in range(1, 2 * BATCH_MAILS + 2)}
    with imap_server(mails=mails, search_range="empty", search_all="empty") as server:
        mailbox = box(server)
        mailbox.select()
        assert {mail.uid: mail.raw for mail in mailbox.fetch(mailbox.new_uids(0))} == mails
        mailbox.close()


def test_a_server_that_holds_mails_but_lists_none_is_an_error_and_no_empty_mailbox():
    with imap_server(mails=MAILS, search_range="empty", search_all="empty") as server:
        mailbox = box(server)
        mailbox.select()
        server.mails = {}
        with pytest.raises(ServerSaid, match="lists none"):
            mailbox.new_uids(0)


@pytest.mark.parametrize(("login", "kind"), [("NO authentication failed", LoginRefused), ("NO [UNAVAILABLE] later", ServerSaid), ("BAD no", LoginRefused)])
def test_a_refused_login_is_told_from_a_busy_server(login, kind):
    with imap_server(login=login) as server:
        with pytest.raises(kind) as refused:
            box(server).select()
        assert "s3cret-word" not in str(refused.value)
        assert refused.value.wait


def test_a_connection_lost_while_logging_in_is_no_refused_login():
    with imap_server(breaks_at="LOGIN") as server, pytest.raises(Unreachable) as lost:
        box(server).select()
    assert "s3cret-word" not in str(lost.value)


@pytest.mark.parametrize("breaks_at", ["SELECT", "UID SEARCH", "UID FETCH"])
def test_a_connection_lost_at_any_step_is_unreachable_and_made_anew(breaks_at):
    with imap_server(mails=MAILS, breaks_at=breaks_at) as server:
        mailbox = box(server)
        with pytest.raises(Unreachable):
            take_all(mailbox)
        server.breaks_at = ""
        assert take_all(mailbox) == MAILS
        mailbox.close()


def test_nothing_is_fetched_over_a_connection_that_did_not_show_the_folder():
    with imap_server(mails=MAILS, breaks_at="UID SEARCH") as server:
        mailbox = box(server)
        mailbox.select()
        with pytest.raises(Unreachable):
            mailbox.new_uids(0)
        server.breaks_at = ""
        with pytest.raises(Unreachable):  # the UIDs could name other mails by now
            list(mailbox.fetch([3]))


def test_a_server_that_says_goodbye_in_its_greeting_is_tried_again():
    with imap_server(greeting="* BYE too many connections") as server, pytest.raises(ServerSaid, match="too many"):
        box(server).select()


def test_a_server_that_never_answers_times_out():
    with imap_server(greeting="* OK", silent=True) as server, pytest.raises(TimedOut):
        box(server, timeout_seconds=0.2).select()


@pytest.mark.parametrize("greeting", ["SSH-2.0-OpenSSH", "220 smtp ready", "", "* OK \x80\x00"])
def test_what_is_no_imap_server_is_an_error_of_the_mailbox(greeting):
    with imap_server(greeting=greeting, capabilities="") as server, pytest.raises(MailError):
        box(server, timeout_seconds=0.3).select()


def test_starttls_that_is_not_offered_is_no_reason_to_talk_in_the_clear():
    with imap_server(mails=MAILS) as server:
        with pytest.raises(Unencrypted):
            box(server, security="starttls").select()
        assert not any("LOGIN" in command for command in server.commands)


def test_another_machine_is_never_talked_to_in_the_clear():
    config = MailboxSettings.model_construct(host="192.0.2.1", port=143, security="plain", username="a", folder="INBOX", idle=True)
    with pytest.raises(Unencrypted, match="tls or starttls"):
        Mailbox(config).select()
