"""Signs of life: a file for whoever watches this machine, and notifications to the service manager (sd_notify(3)), which restarts what hangs."""

import json
import os
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from daemon.world import World

log = structlog.get_logger()

INTERVALS = 3  # polls without a finished round, after which the daemon calls itself overdue
STATES = ("starting", "ok", "trouble", "overdue", "hangs")
PATIENCE = timedelta(minutes=10)  # one hostile mail may take minutes; what is silent for longer hangs


def show_life(world: World, pause: float = 0) -> None:
    """The watch has done something: a round, a mail, or it met trouble and will be quiet for so many seconds."""
    world.vitals.expected_at = world.now() + timedelta(seconds=pause) + PATIENCE


def tell_health(world: World) -> None:
    """Write the health file, and keep the service manager's watchdog quiet as long as the watch lives."""
    now = world.now()
    state = state_of(world, now)
    if state != "hangs":
        notify("WATCHDOG=1")
    path = world.settings.health.file
    if path is not None:
        _write(path, state, world, now)


def state_of(world: World, now: datetime) -> str:
    """One word: "starting", "ok", "trouble" (a server or the disk is away), "overdue" (no round for three polls), or "hangs"."""
    vitals = world.vitals
    if vitals.expected_at is not None and now > vitals.expected_at:
        return "hangs"
    if vitals.trouble:
        return "trouble"
    if vitals.round_at is None:
        return "starting"
    return "overdue" if is_overdue(world, now) else "ok"


def is_overdue(world: World, now: datetime) -> bool:
    """Whether no round was finished for three polls; the first one after a start is not waited for."""
    # A round may begin late, and be long: what is overdue by less than a minute is no news.
    patience = max(INTERVALS * timedelta(seconds=world.settings.mailbox.poll_seconds), timedelta(minutes=1))
    return world.vitals.round_at is not None and now - world.vitals.round_at > patience


def notify(message: str) -> None:
    """Tell the service manager, where there is one (NOTIFY_SOCKET); one that does not listen is no trouble of ours."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.settimeout(1)  # a manager that reads nothing must not hold us up
        door.connect("\0" + address[1:] if address.startswith("@") else address)
        door.sendall(message.encode())


def _write(path: Path, state: str, world: World, now: datetime) -> None:
    vitals = world.vitals
    facts = {
        "state": state,
        "written_at": now.isoformat(timespec="seconds"),
        "round_at": vitals.round_at.isoformat(timespec="seconds") if vitals.round_at else None,
        "in_mailbox": vitals.in_mailbox,
        "trouble": vitals.trouble,
    }
    half = path.with_name(f"{path.name}.half")
    try:
        half.write_text(json.dumps(facts, ensure_ascii=False) + "\n", encoding="utf-8")
        half.replace(path)
    except OSError as error:
        log.warning("health_not_written", problem=error.strerror)
