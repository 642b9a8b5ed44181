"""One to four daemons on one mailbox: python -m bench.nodes [MAILS] [DEATHS]

First mails a second: the daemons run and watch a fresh Dovecot; MAILS applications arrive at once; timed until the mail server has the last letter. Each
must be answered once. Beside it, how many of them the busiest daemon took in. Then the take-over: of two daemons that share a PostgreSQL one is killed
with `kill -9`, a mail arrives at that instant, and the time until its letter is at the mail server is taken ("idle"); then the same with a daemon
that has twenty mails to take in ("at work"), until the last letter. The dead one is started again for the next turn.
"""

import sys
import time
from collections.abc import Sequence
from statistics import median

from bench.intake import applications
from tests.live.nodes import site


def rate(mails: Sequence[bytes], nodes: int, *, shared: bool) -> tuple[float, int]:
    """Mails a second, and how many the busiest daemon took in."""
    with site(shared=shared) as here:
        here.start(nodes)
        started = time.perf_counter()
        for raw in mails:
            here.box.deliver(raw)
        here.wait(len(mails))
        seconds = time.perf_counter() - started
        time.sleep(1)
        sent = here.answers()
        assert len(sent) == len(set(sent)) == len(mails), "each must be answered once"
        return len(mails) / seconds, max(node.events["mail_taken_in"] for node in here.nodes)


def take_over(mails: Sequence[bytes], at_work: int) -> list[float]:
    """Seconds from a daemon's death to the last letter that the other one sends: of one mail that arrives then, or of `at_work` that came just before."""
    found = []
    waiting = iter(mails)
    with site(shared=True) as here:
        here.start(2)
        expected = 0
        for _ in range(len(mails) // max(at_work, 1)):
            time.sleep(4)
            dying = here.nodes.pop(0)
            expected += max(at_work, 1)
            for _ in range(at_work):
                here.box.deliver(next(waiting))
            while at_work and not dying.events["mail_taken_in"] + here.nodes[0].events["mail_taken_in"]:
                time.sleep(0.01)
            dying.end()
            dead = time.perf_counter()
            if not at_work:
                here.box.deliver(next(waiting))
            here.wait(expected)
            found.append(time.perf_counter() - dead)
            here.start()
        assert len(set(here.answers())) == expected
    return found


def main() -> None:
    count, deaths = (int(value) for value in (*sys.argv[1:], *("200", "8")[len(sys.argv) - 1 :]))
    mails = applications(max(count, 20 * deaths))
    print("| database | daemons | mails/s | taken in by the busiest |\n|---|---|---|---|")
    for name, nodes in (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2), ("PostgreSQL", 4)):
        speed, busiest = rate(mails[:count], nodes, shared=name == "PostgreSQL")
        print(f"| {name} | {nodes} | {speed:.1f} | {busiest} of {count} |", flush=True)
    for what, at_work in (("idle", 0), ("at work", 20)):
        taken = take_over(mails[: deaths * max(at_work, 1)], at_work)
        print(f"take-over, {what}: median {median(taken):.2f} s, {min(taken):.2f} to {max(taken):.2f}, {len(taken)} deaths", flush=True)


if __name__ == "__main__":
    main()
