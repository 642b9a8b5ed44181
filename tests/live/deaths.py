"""Deaths of real processes."""

import os
import signal
import subprocess


def kill_after(process: subprocess.Popen, seconds: float) -> None:
    """kill -9 of the whole process group after so many seconds, unless the process has ended by then; returns when it is gone.

    Start it with `start_new_session=True`, or the group is the caller's own.
    """
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
