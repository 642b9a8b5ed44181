"""A throwaway Dovecot on loopback: plain and STARTTLS on one port, TLS on another; runs as root and as anybody else."""

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.live.certificates import Authority

PASSWORD = "geheim"
USER = "zlcp"


def require(program: str, path: str = "/usr/sbin:/usr/local/sbin") -> str:
    """The path of a server's program, also from folders that are not on the PATH; without it the test is skipped, on CI it fails."""
    found = shutil.which(program, path=path) or shutil.which(program)
    if found is None:
        message = f"{program} is not installed"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Dovecot:
    """One running server with one user. Mails lie in a Maildir, whose files' times are their INTERNALDATE."""

    def __init__(self, path: Path, authority: Authority, password: str = PASSWORD) -> None:
        self.host, self.port, self.tls_port = "127.0.0.1", free_port(), free_port()
        self.user, self.password = USER, password
        self.ca_file = authority.ca_file
        self.maildir = path / "mail"
        self._path, self._count = path, 0
        self._process: subprocess.Popen[bytes] | None = None
        self._write_config(authority)

    def start(self) -> None:
        """Start, and wait until it listens."""
        config = self._path / "dovecot.conf"
        log = (self._path / "start.log").open("ab")
        with log:
            self._process = subprocess.Popen([require("dovecot"), "-F", "-c", str(config)], stdout=log, stderr=log, start_new_session=True)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((self.host, self.port)) == 0:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"dovecot did not start: {(self._path / 'start.log').read_text()}{self.log()}")

    def stop(self) -> None:
        """Stop it with all its children, and wait for that."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def log(self) -> str:
        path = self._path / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def deliver(self, raw: bytes, received_at: datetime = datetime(2024, 9, 10, 1, 12, 33, tzinfo=UTC), folder: str = "INBOX") -> None:
        """A mail arrives. UIDs follow the order of deliveries."""
        where = self.folder(folder)
        self._count += 1
        name = f"{1_700_000_000 + self._count}.M{self._count}P1.test"
        waiting = where / "tmp" / name
        waiting.write_bytes(raw)
        os.utime(waiting, (received_at.timestamp(), received_at.timestamp()))
        self._own(waiting)
        waiting.rename(where / "new" / name)

    def folder(self, name: str) -> Path:
        """The Maildir of a folder; made if it is not there. Names are kept in UTF-8 (mailbox list option)."""
        where = self.maildir if name == "INBOX" else self.maildir / f".{name}"
        for part in ("", "cur", "new", "tmp"):
            (where / part).mkdir(parents=True, exist_ok=True)
            self._own(where / part)
        return where

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, *self._mail_owner())

    @staticmethod
    def _mail_owner() -> tuple[str, str]:
        """Dovecot serves no mail as root, so root needs a lesser user."""
        return ("nobody", "nogroup") if os.geteuid() == 0 else (pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name)

    def _write_config(self, authority: Authority) -> None:
        owner, group = self._mail_owner()
        root = os.geteuid() == 0
        internal = ("dovenull", "dovecot") if root else (owner, owner)
        certificate, key = authority.issue("127.0.0.1", "localhost")
        (self._path / "users").write_text(f"{self.user}:{{PLAIN}}{self.password}::::::\n", encoding="utf-8")
        self.folder("INBOX")
        (self._path / "dovecot.conf").write_text(
            f"""
protocols = imap
listen = 127.0.0.1, 127.0.0.2
base_dir = {self._path / "run"}
state_dir = {self._path / "state"}
log_path = {self._path / "dovecot.log"}
default_login_user = {internal[0]}
default_internal_user = {internal[1]}
{"" if root else f"default_internal_group = {group}"}
mail_uid = {owner}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 0
mail_location = maildir:{self.maildir}:UTF-8
mail_home = {self._path / "home"}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 100
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_dh =
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = {self._path / "users"}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={self._path / "home"}
}}
""",
            encoding="utf-8",
        )


@contextmanager
def dovecot(password: str = PASSWORD) -> Iterator[Dovecot]:
    """A running server; skips the test where Dovecot is not installed.

    Its files are in a directory of their own, not pytest's: sockets want short paths, and a server that root starts reads its mails as nobody.
    """
    require("dovecot")
    with TemporaryDirectory(prefix="dovecot", ignore_cleanup_errors=True) as name:
        path = Path(name)
        path.chmod(0o755)
        server = Dovecot(path, Authority(path / "ca"), password)
        try:
            server.start()
            yield server
        finally:
            server.stop()
