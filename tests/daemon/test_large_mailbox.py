"""A mailbox of many thousand mails: a poll asks for what is new and for nothing else, and no more than a few mails are in memory at once."""

import tracemalloc
from dataclasses import replace

import pytest

from daemon.collect import collect
from daemon.mail.mailbox import BATCH_BYTES, BATCH_MAILS, Mailbox
from tests.fake_imapd import imap_server
from tests.large_mailbox import Made, Nowhere

MANY = 20_000


@pytest.fixture(name="start")
def _start(outside):
    boxes = []

    def start(server, known=0):
        world = outside.world(mailbox={"host": "127.0.0.1", "port": server.port, "security": "plain", "timeout_seconds": 5})
        with world.store.begin() as tx:
            tx.skip_uid("INBOX", server.uidvalidity, known)
        boxes.append(Mailbox(world.settings.mailbox))
        return replace(world, mailbox=boxes[-1], files=Nowhere())

    yield start
    for each in boxes:
        each.close()


def asked_in(server, call):
    """What the server is asked in a call, without the log-in."""
    server.commands.clear()
    call()
    return [command for command in server.commands if command.startswith(("UID", "FETCH"))]


def test_a_mailbox_whose_mails_are_all_known_is_not_fetched_and_a_new_mail_costs_three_questions(start):
    with imap_server(mails=Made(MANY)) as server:
        world = start(server, known=MANY)
        for _ in range(2):
            assert asked_in(server, lambda: collect(world)) == [f"UID SEARCH UID {MANY + 1}:*"]
        server.mails.count += 1
        asked = asked_in(server, lambda: collect(world))
        assert [command.split(" ")[:3] for command in asked] == [["UID", "SEARCH", "UID"], *[["UID", "FETCH", str(MANY + 1)]] * 2]


@pytest.mark.parametrize("search_range", ["empty", "refused"])
def test_a_server_that_does_not_understand_a_range_is_not_asked_for_all_either(start, search_range):
    with imap_server(mails=Made(MANY), search_range=search_range) as server:
        world = start(server, known=MANY)
        asked = asked_in(server, lambda: collect(world))
        assert [command.partition(" ")[0] for command in asked] == ["UID", "FETCH"]
        server.mails.count += BATCH_MAILS + 1
        world.mailbox.select()
        assert world.mailbox.new_uids(MANY) == list(range(MANY + 1, MANY + BATCH_MAILS + 2))


def test_memory_is_that_of_a_batch_however_much_is_fetched(start):
    mails = Made(120, size=256 * 1024)
    with imap_server(mails=mails) as server:
        world = start(server)
        world.mailbox.select()
        tracemalloc.start()
        try:
            assert collect(world) == len(mails)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 3 * BATCH_BYTES < len(mails) * 256 * 1024
