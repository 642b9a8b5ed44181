"""A real PostgreSQL for tests: a fresh cluster on a free port of this machine, without passwords."""

import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.live.dovecot import free_port, require


def _program(name: str) -> str:
    """The path of PostgreSQL's own program: Debian keeps it off the PATH."""
    return require(name, ":".join(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin")))))


def _as_postgres() -> list[str]:
    """PostgreSQL does not run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []


class Postgres:
    """One running server; `url` as the config names it."""

    def __init__(self, path: Path) -> None:
        self._path, self._port = path, free_port()
        self.url = f"postgresql+psycopg://zlcp@127.0.0.1:{self._port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None
        if _as_postgres():
            owner = pwd.getpwnam("postgres")
            os.chown(path, owner.pw_uid, owner.pw_gid)
        self._run(_program("initdb"), "-D", str(path / "data"), "-U", "zlcp", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def _run(self, *command: str) -> None:
        done = subprocess.run([*_as_postgres(), *command], cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start, and wait until it answers."""
        # It ends only when a client that has connected and says nothing is gone, so such a one gets five seconds.
        settings = ("-c", "fsync=off", "-c", "authentication_timeout=5s")
        options: Sequence[str] = ("-p", str(self._port), "-h", "127.0.0.1", "-k", str(self._path), *settings)
        command = [*_as_postgres(), _program("postgres"), "-D", str(self._path / "data"), *options]
        with (self._path / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
        for _ in range(1200):  # a minute: a busy machine, and what a cut-off server has to recover
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0 and "ready to accept" in (self._path / "log").read_text():
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"postgres did not start: {(self._path / 'log').read_text()}")

    def stop(self) -> None:
        """Stop it at once, as a machine that loses its power; sessions are cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
            self._process = None
            (self._path / "log").unlink()


@contextmanager
def postgres() -> Iterator[Postgres]:
    with TemporaryDirectory(prefix="zlcp-postgres-") as name:
        server = Postgres(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()
