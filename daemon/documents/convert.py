"""Old Word formats to docx by LibreOffice: one run for each file, fresh profile, no network, limits of memory, CPU and wall time."""

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from daemon.documents.reasons import Unread, Why

SECONDS = 20.0  # wall time of one conversion; an ordinary form takes one
MAPPED = 3 * 1024**3  # bytes of address space; it maps much more than it uses
MEMORY = 700 * 1024**2  # bytes of memory that it may write to (RLIMIT_DATA); an ordinary form needs 0.2 GB
LARGEST = 100 * 1024**2  # bytes of any file it writes

# LibreOffice guesses some formats wrongly; these it is told. The keys are the endings of sniff.Kind.
FILTERS = {"html": "HTML (StarWriter)", "xml": "MS Word 2003 XML"}

# What a converter needs to see of the system: programs, fonts, its own configuration. Neither home nor config nor data.
_SEEN = (
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/etc/fonts", "/etc/libreoffice", "/etc/alternatives", "/etc/ld.so.cache", "/var/cache/fontconfig",
    "/var/lib/libreoffice",
)  # fmt: skip


class ConvertError(Unread):
    """There is no docx: ConverterMissing or ConversionFailed."""


class ConverterMissing(ConvertError):  # noqa: N818 - reads as what happened
    """LibreOffice is not installed."""


class ConversionFailed(ConvertError):  # noqa: N818
    """LibreOffice made nothing of the file, or ran into a limit."""


@dataclass(frozen=True, slots=True)
class State:
    """Whether something works, in a line for the operator that says how to mend what does not."""

    ready: bool
    text: str


def convert(data: bytes, ending: str) -> bytes:
    """The document as docx.

    Args:
        data: bytes of the file.
        ending: of the format it is in, without a dot: "doc", "rtf", "odt", "fodt", "xml", "html".

    Raises:
        ConvertError: there is no LibreOffice, or no result.
    """
    program = _program()
    if program is None:
        raise ConverterMissing(Why.NO_LIBREOFFICE)
    with tempfile.TemporaryDirectory(prefix="zlcp-convert-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        source, result = work / f"in.{ending}", work / "out" / "in.docx"
        source.write_bytes(data)
        result.parent.mkdir()
        _run([*_limited(), *_sandboxed(work), program, *_arguments(work, ending)], work)
        # The exit code is 0 on failure too: the file says whether it went well.
        if not result.is_file():
            raise ConversionFailed(Why.NOT_CONVERTED)
        return result.read_bytes()


def converter_state() -> State:
    """Try a small conversion."""
    try:
        convert(rb"{\rtf1 zlcp\par}", "rtf")
    except ConverterMissing:
        return State(ready=False, text="LibreOffice is not there: install libreoffice-writer-nogui; until then .doc, .wps, .rtf and .odt wait for a person")
    except ConversionFailed as error:
        return State(ready=False, text=f"LibreOffice does not work: {error}; try `soffice --headless --convert-to docx FILE`")
    if not _limited():
        return State(ready=True, text="LibreOffice works, but nothing limits its memory: install util-linux, which has prlimit")
    if not _sandbox_works():
        return State(ready=True, text="LibreOffice works, but without a sandbox: install bubblewrap, and allow user namespaces")
    return State(ready=True, text="LibreOffice works, in a sandbox without network")


def _program() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def _arguments(work: Path, ending: str) -> list[str]:
    infilter = [f"--infilter={FILTERS[ending]}"] if ending in FILTERS else []
    options = ["--headless", "--nologo", "--norestore", "--nolockcheck", "--nodefault", *infilter, "--convert-to", "docx:MS Word 2007 XML"]
    return [f"-env:UserInstallation=file://{work}/profile", *options, "--outdir", str(work / "out"), str(work / f"in.{ending}")]


def _run(command: list[str], work: Path) -> None:
    """Run to the end or to the limit; nothing of it outlives the call."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(work), "TMPDIR": str(work), "LANG": "C.UTF-8"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=work, env=environment, start_new_session=True) as process:  # noqa: S603 - no shell, our own words
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ConversionFailed(Why.CONVERTED_SLOWLY) from error
        finally:
            _kill_group(process.pid)


def _kill_group(leader: int) -> None:
    """End the whole family: soffice is a script that starts a program that starts another."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@cache
def _limited() -> tuple[str, ...]:
    prlimit = shutil.which("prlimit")
    return (prlimit, f"--as={MAPPED}", f"--data={MEMORY}", f"--cpu={SECONDS:.0f}", f"--fsize={LARGEST}", "--core=0", "--") if prlimit else ()


def _sandboxed(work: Path) -> list[str]:
    """The words before a command that shut it in: no network, no other process, nothing writable but the work folder, dead when we die."""
    if not _sandbox_works():
        return []
    seen = [word for path in _SEEN for word in ("--ro-bind-try", path, path)]
    kept = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", str(work), str(work), "--chdir", str(work)]  # noqa: S108 - the sandbox's own
    return [shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--new-session", *seen, *kept]


@cache
def _sandbox_works() -> bool:
    """Whether bubblewrap is there and may do its work: some containers forbid it."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return False
    command = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"]
    return subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=10).returncode == 0  # noqa: S603
