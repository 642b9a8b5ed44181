"""What the daemon costs while nothing arrives, and how soon it is ready: python -m bench.idle [SECONDS]

A fresh register, a real Dovecot with IDLE, one mail so that everything is loaded, then nothing. Counted over the daemon and its child processes.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.intake import ROOT, applications, sink, write_config
from tests.live.dovecot import dovecot

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all below it that live; one that has ended and waits to be noticed costs nothing."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    tasks = [path.name for path in Path(f"/proc/{pid}/task").iterdir()]
    threads = [Path(f"/proc/{pid}/task/{tid}/children").read_text(encoding="ascii").split() for tid in tasks if int(tid) != pid]
    below = {int(child) for child in children} | {int(child) for some in threads for child in some}
    living = [child for child in sorted(below) if Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"]
    return [pid, *(each for child in living for each in family(child))]


def cpu_seconds(pids: list[int]) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / TICK


def memory_mb(pid: int) -> float:
    """Proportional set size: memory that is shared with others counts in part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    with TemporaryDirectory(prefix="zlcp-idle-") as name, dovecot() as server, sink(Path(name) / "sink.log") as port:
        config = write_config(Path(name), server, port)
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "daemon", "run", "--config", str(config)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        for line in process.stderr:
            if json.loads(line)["event"] == "daemon_ready":
                break
        print(f"ready after {time.perf_counter() - started:.2f} s")
        server.deliver(applications(1)[0])
        for line in process.stderr:
            if json.loads(line)["event"] == "reply_delivered":
                break
        for wait in (5, 75):
            time.sleep(wait)
            pids = family(process.pid)
            before = cpu_seconds(pids)
            time.sleep(seconds)
            spent = cpu_seconds(pids) - before
            sizes = [memory_mb(pid) for pid in pids]
            cost = f"{100 * spent / seconds:.2f} % of a core, {sum(sizes):.0f} MB in {len(pids)} processes, {sizes[0]:.0f} of it the daemon"
            print(f"{wait:3d} s after a mail: {cost}", flush=True)
        process.send_signal(signal.SIGTERM)
        stopping = time.perf_counter()
        process.wait(15)
        print(f"stopped {time.perf_counter() - stopping:.2f} s after SIGTERM; peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
