"""`zlcp run --once`: one round, with progress on a terminal."""

import sys

import structlog
import typer

from daemon.jobs import mend
from daemon.rounds import Tally, run_round
from daemon.world import World

log = structlog.get_logger()


def run_once(world: World) -> int:
    """One pass over the mailbox and the outbox. Returns the exit code: 1 when mailbox, database or mail server could not be used."""
    tally = _with_progress(world) if sys.stderr.isatty() else run_round(world)
    log.info("round_ended", collected=tally.collected, taken_in=tally.taken_in, delivered=tally.delivered, troubles=len(tally.troubles))
    if world.store.shared:
        mend(world)  # the jobs of what was done here are left over
    for trouble in tally.troubles:
        typer.echo(f"zlcp: {trouble}", err=True)
    return 1 if tally.troubles else 0


def _with_progress(world: World) -> Tally:
    from rich.console import Console  # noqa: PLC0415 - only for a terminal

    with Console(stderr=True).status("...") as status:

        def show(tally: Tally) -> None:
            status.update(f"collected {tally.collected}, taken in {tally.taken_in}, delivered {tally.delivered}")

        return run_round(world, show)
