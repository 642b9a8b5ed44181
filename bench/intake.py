"""Mails a second from a real Dovecot to a mail server, beside the plainest program for the same mails: python -m bench.intake [MAILS] [RUNS]

Each run: MAILS applications (.docx, of different units) in a fresh Dovecot; `zlcp run --once` as a process of its own, timed from start to exit;
a second pass, which must find nothing; then bench/plain.py on the same mailbox. The two take turns, ratios are of one run.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.builders import form_docx, good_values
from tests.live.dovecot import Dovecot, dovecot
from tests.mails import STYLES, mail

ROOT = Path(__file__).parents[1]


def applications(count: int) -> list[bytes]:
    """Applications of different units, as different mail programs write them."""
    styles = [style for name, style in STYLES.items() if not name.startswith("raw")]
    found = []
    for n in range(count):
        unit, sender = f"中国第{n:04d}号示例行业协会", f"office{n}@unit{n}.example"
        form = form_docx(good_values(unit_name=unit, email=sender), ticks=("sym", "glyph", "sdt", "legacy")[n % 4])
        subject = f"专利密集型产品认定产业评价中心承担单位——{unit}"
        found.append(mail(subject, sender=sender, attachments=[("申报表.docx", form)], style=styles[n % len(styles)]))
    return found


def write_config(folder: Path, server: Dovecot, smtp_port: int) -> Path:
    """A config for the measured daemon; no pause, no caps."""
    config = folder / "config.toml"
    config.write_text(
        f"""
[mailbox]
host = "127.0.0.1"
port = {server.port}
security = "plain"
username = "{server.user}"
password = "{server.password}"
[outgoing]
host = "127.0.0.1"
port = {smtp_port}
security = "plain"
sender = "zlcp@ppac.org.cn"
pause_seconds = 0
per_hour = 0
[storage]
database = "sqlite:///{folder}/zlcp.db"
files = "{folder}/files"
""",
        encoding="utf-8",
    )
    return config


@contextmanager
def sink(log: Path) -> Iterator[int]:
    """The counting mail server; yields its port."""
    with subprocess.Popen([sys.executable, "-m", "bench.sink", str(log)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def timed(*arguments: str) -> float:
    """Seconds of wall time that a Python module takes as a process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def one_run(mails: list[bytes]) -> tuple[float, float, float]:
    """Seconds of our first pass, of our second pass, and of the plain program."""
    with TemporaryDirectory(prefix="zlcp-bench-") as name, dovecot() as server:
        folder = Path(name)
        for raw in mails:
            server.deliver(raw)
        ours, theirs = folder / "ours.log", folder / "plain.log"
        with sink(ours) as port:
            config = write_config(folder, server, port)
            first, second = (timed("daemon", "run", "--once", "--config", str(config)) for _ in range(2))
        with sink(theirs) as port:
            plain = timed("bench.plain", str(server.port), str(port), server.user, server.password, str(folder / "plain.db"))
        sent = ours.read_text(encoding="utf-8").splitlines()
        assert len(sent) == len(set(sent)) == len({line.split()[1] for line in sent}) == len(mails), "each must be answered once"
        assert len(theirs.read_text(encoding="utf-8").splitlines()) == len(mails)
    return first, second, plain


def main() -> None:
    count, runs = (int(value) for value in (*sys.argv[1:], *("200", "5")[len(sys.argv) - 1 :]))
    mails = applications(count)
    print(f"{count} applications, {sum(map(len, mails)) // count} bytes each")
    print("run   zlcp s  mails/s  second pass s  plain s  mails/s  zlcp/plain")
    rates, ratios = [], []
    for n in range(1, runs + 1):
        first, second, plain = one_run(mails)
        rates.append(count / first)
        ratios.append(first / plain)
        print(f"{n:3d} {first:8.2f} {count / first:8.1f} {second:14.2f} {plain:8.2f} {count / plain:8.1f} {first / plain:11.2f}", flush=True)
    print(f"median: {median(rates):.1f} mails/s, {median(ratios):.2f} times the plain program's time")


if __name__ == "__main__":
    main()
