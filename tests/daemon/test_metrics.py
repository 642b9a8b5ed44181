"""What Prometheus reads: figures of the running daemon, and none that name anybody."""

import socket
import sys
import urllib.request
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from prometheus_client.parser import text_string_to_metric_families

from daemon.digest import queue_digest_now
from daemon.metrics import metrics
from daemon.rounds import run_round
from daemon.settings import ConfigError
from storage.errors import Unavailable
from tests.builders import form_docx, good_values
from tests.mails import application, mail
from tests.worlds import Outside


@pytest.fixture
def port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


@pytest.fixture
def outside(tmp_path):
    found = Outside(tmp_path)
    yield found
    found.close()


def scrape(port: int) -> tuple[str, dict[tuple[str, ...], float]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return text, {(each.name, *each.labels.values()): each.value for family in text_string_to_metric_families(text) for each in family.samples}


def test_the_figures_are_those_of_the_register_and_name_nobody(outside, port):
    world = outside.world(health={"metrics_port": port})
    outside.mailbox.append(application(form_docx(good_values()), good_values()["unit_name"]))
    outside.mailbox.append(mail("请问", "请问何时公布结果？", sender="ask@unit.example"))
    run_round(world)
    world.vitals.round_at = world.now()
    with metrics(world):
        text, found = scrape(port)
    assert found["zlcp_mails", "taken_in"] == 2
    assert found["zlcp_letters", "sent"] == 2
    assert found["zlcp_applications",] == found["zlcp_applications_accepted",] == 1
    assert (found["zlcp_mailbox_mails",], found["zlcp_database_up",], found["zlcp_health", "ok"], found["zlcp_health", "trouble"]) == (2, 1, 1, 0)
    assert found["zlcp_round_timestamp_seconds",] == world.vitals.round_at.timestamp()
    assert "unit.example" not in text


def test_a_database_that_cannot_be_read_is_a_figure(outside, port, monkeypatch):
    world = outside.world(health={"metrics_port": port})

    def unreadable() -> None:
        raise Unavailable("locked")

    monkeypatch.setattr(world.store, "read", unreadable)
    with metrics(world):
        assert scrape(port)[1]["zlcp_database_up",] == 0


def test_nothing_listens_where_no_port_is_named(outside):
    with metrics(outside.world()) as listening:
        assert listening == 0


def test_a_port_that_is_taken_is_a_fault_of_the_config(outside, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(ConfigError, match=f"cannot listen at 127.0.0.1:{port}"), metrics(outside.world(health={"metrics_port": port})):
            pass


def test_without_the_package_the_config_is_told_what_to_install(outside, port, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(ConfigError, match=r"zlcp-intake\[metrics\]"), metrics(outside.world(health={"metrics_port": port})):
        pass


@pytest.mark.parametrize(("late", "told"), [(179, False), (181, True)])
def test_a_mailbox_that_was_not_asked_for_three_polls_is_told_of_in_the_digest(outside, late, told):
    world = outside.world(mailbox={"host": "localhost", "security": "plain", "username": "zlcp@ppac.org.cn", "poll_seconds": 60})
    run_round(world)
    now = world.now()
    world.vitals.round_at = now - timedelta(seconds=late)
    assert queue_digest_now(world, now.date(), now)
    with world.store.read() as tx:
        (letter,) = tx.due_replies(now, 1)
    assert ("未能检查邮箱" in _text(letter.mime)) is told


def _text(mime: bytes) -> str:
    return message_from_bytes(mime, policy=policy.default).get_body(("plain",)).get_content()
