"""One round: collect, take in and deliver, side by side; it ends when the mailbox has nothing new, nothing waits and nothing is due.

Trouble of one door ends the step behind that door and is told; the other steps finish their work.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from daemon.collect import collect
from daemon.deliver import deliver_due
from daemon.intake import take_in_waiting
from daemon.world import OUTSIDE, World

# How long a step that has nothing to do waits for the step before it, seconds.
BREATH = 0.02


@dataclass(slots=True)
class Tally:
    """What one round did, and the trouble it met, one English line each."""

    collected: int = 0
    taken_in: int = 0
    delivered: int = 0
    troubles: tuple[str, ...] = ()


def run_round(world: World, progress: Callable[[Tally], None] = lambda _: None) -> Tally:
    """Run one round to its end, telling `progress` after each piece of work. Trouble is in the tally, not raised."""
    tally = Tally()
    collected, taken_in = threading.Event(), threading.Event()
    troubles: list[str] = []

    def step(work: Callable[[World], int], attribute: str, before: threading.Event | None, after: threading.Event | None) -> None:
        try:
            while True:
                last = before is None or before.is_set()
                count = work(world)
                setattr(tally, attribute, getattr(tally, attribute) + count)
                progress(tally)
                if world.stop.is_set() or (last and not count):
                    return
                if not count:
                    world.stop.wait(BREATH)
        except OUTSIDE as error:
            troubles.append(str(error))
        finally:
            if after is not None:
                after.set()

    with ThreadPoolExecutor(3, thread_name_prefix="step") as pool:
        steps = [
            pool.submit(step, collect, "collected", None, collected),
            pool.submit(step, take_in_waiting, "taken_in", collected, taken_in),
            pool.submit(step, deliver_due, "delivered", taken_in, None),
        ]
    for each in steps:
        each.result()
    tally.troubles = tuple(dict.fromkeys(troubles))
    return tally
