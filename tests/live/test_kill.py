"""kill -9 of the whole process group, at random instants, while real applications go from Dovecot to a mail server."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from bench.intake import applications, sink, write_config
from tests.live.deaths import kill_after
from tests.live.dovecot import dovecot
from tests.live.test_whole_way import register, zlcp

ROOT = Path(__file__).parents[2]
MAILS, KILLS = 60, 10


def test_a_daemon_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing(tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - to repeat a run that failed
    chance = random.Random(seed)
    log = tmp_path / "sink.log"
    with dovecot() as server, sink(log) as port:
        config = write_config(tmp_path, server, port)
        waiting = iter(applications(MAILS))
        for _ in range(KILLS):
            for raw in [next(waiting) for _ in range(MAILS // KILLS)]:
                server.deliver(raw)
            process = subprocess.Popen(
                [sys.executable, "-m", "daemon", "run", "--once", "--config", str(config)], cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
            )
            kill_after(process, chance.uniform(0.3, 1.6))
        ended = zlcp("run", "--once", "--config", str(config))
        assert ended.returncode == 0, ended.stderr
        lines = register(config, tmp_path)
    answers = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == MAILS
    assert len({line["unit_name"] for line in lines}) == MAILS
    assert {line["version"] for line in lines} == {1}
    assert [line["number"] for line in lines] == [f"ZLCP-2024-{n:04d}" for n in range(1, MAILS + 1)]
    # One fixed Message-ID for each answer: what a death between the server's yes and our commit repeats is the same letter.
    assert {to: len({message_id for message_id, receiver in answers if receiver == to}) for _, to in answers} == dict.fromkeys({to for _, to in answers}, 1)
    assert len({to for _, to in answers}) == MAILS
    assert max(Counter(map(tuple, answers)).values()) <= 2
    assert len(answers) - MAILS <= KILLS
