"""The command line: one function for each call of the contract. Faults of config, disk and servers end in one line and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from daemon.settings import ConfigError, Settings, load

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Takes in applications by mail, judges them by the notice, answers each once.",
)

Config = Annotated[
    Path | None, typer.Option("--config", help="The config file; else ZLCP_CONFIG, else ./config.toml.", envvar="ZLCP_CONFIG", show_envvar=False)
]
FAILED, USAGE = 1, 2


def _end(problem: object, code: int) -> NoReturn:
    typer.echo(f"zlcp: {problem}", err=True)
    raise typer.Exit(code)


def _settings(config: Path | None) -> Settings:
    try:
        return load(config)
    except ConfigError as error:
        _end(error, USAGE)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the outside world refuses becomes one line: config 2, everything else 1."""
    from daemon.world import OUTSIDE  # noqa: PLC0415 - commands load what they need, so that each starts fast

    try:
        yield
    except ConfigError as error:
        _end(error, USAGE)
    except OUTSIDE as error:
        _end(error, FAILED)


@app.command()
def run(
    config: Config = None,
    once: Annotated[bool, typer.Option("--once", help="One pass: fetch what is new, process it, deliver what is due, stop.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Watch the mailbox, answer, send digests; SIGTERM and SIGINT finish the mail in hand and stop."""
    from daemon import logs  # noqa: PLC0415
    from daemon.world import real_world  # noqa: PLC0415

    settings = _settings(config)
    logs.set_up()
    with _told(), real_world(settings) as world:
        if once:
            from daemon.once import run_once  # noqa: PLC0415

            raise typer.Exit(run_once(world))
        from daemon.metrics import metrics  # noqa: PLC0415
        from daemon.schedule import serve  # noqa: PLC0415

        with metrics(world):
            serve(world)


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Where the replies, the register and the digest are put.")] = Path("demo-out"),
) -> None:
    """Show the main job with nothing to configure: embedded servers, sample mails, one pass, the results as files."""
    try:
        from daemon.demo.show import show  # noqa: PLC0415
    except ModuleNotFoundError as error:
        _end(f"the demo brings its own mail servers, and {error.name} is not installed; pip install 'zlcp-intake[demo]'", FAILED)
    with _told():
        raise typer.Exit(show(directory))


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(help="Mails (.eml) or forms (.docx .doc ...).")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each file, one a line.")] = False,  # noqa: FBT002 - a flag
    received_at: Annotated[str | None, typer.Option("--received-at", help="When the mail reached our server, ISO 8601 with zone.")] = None,
    notice: Annotated[str, typer.Option("--notice", help="The notice to judge by: a name or a path.")] = "zlcp-2024",
) -> None:
    """Say what would be stored and answered; write nothing, need no server and no config."""
    from daemon.inspect import inspect_files  # noqa: PLC0415

    moment = None
    if received_at is not None:
        try:
            moment = datetime.fromisoformat(received_at)
        except ValueError:
            _end("--received-at must be ISO 8601, like 2024-09-10T09:12:33+08:00", USAGE)
    with _told():
        raise typer.Exit(inspect_files(files, as_json=as_json, received_at=moment, notice_name=notice))


@app.command()
def digest(
    config: Config = None,
    day: Annotated[str | None, typer.Option("--date", help="YYYY-MM-DD; else today.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A folder for digest.html, digest.txt and register.xlsx; else the text is printed.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail it to the staff as well.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Make the digest of one day."""
    from daemon.office import make_digest  # noqa: PLC0415

    settings = _settings(config)
    try:
        asked = date.fromisoformat(day) if day else None
    except ValueError:
        _end("--date must be a day, like 2024-09-10", USAGE)
    with _told():
        raise typer.Exit(make_digest(settings, asked, out, send=send))


@app.command()
def register(
    config: Config = None,
    out: Annotated[Path | None, typer.Option("--out", help="FILE.xlsx, FILE.csv or FILE.json; else a table is printed.")] = None,
) -> None:
    """Write the register of applications (申报台账)."""
    from daemon.office import write_register  # noqa: PLC0415

    settings = _settings(config)
    if out is not None and out.suffix.lower() not in {".xlsx", ".csv", ".json"}:
        _end("--out must end in .xlsx, .csv or .json", USAGE)
    with _told():
        write_register(settings, out)


@app.command()
def check(config: Config = None) -> None:
    """Say, line by line, whether everything works, and how to mend what does not."""
    from daemon.check import check_all  # noqa: PLC0415

    settings = _settings(config)
    with _told():
        raise typer.Exit(check_all(settings))


@app.command()
def backup(folder: Annotated[Path, typer.Argument(help="Where the copy goes; an earlier copy there is brought up to date.")], config: Config = None) -> None:
    """Copy the register and every kept file into a folder, while the daemon runs."""
    from daemon.office import back_up_to  # noqa: PLC0415

    settings = _settings(config)
    with _told():
        back_up_to(settings, folder)


@app.command()
def restore(folder: Annotated[Path, typer.Argument(help="A folder that zlcp backup made.")], config: Config = None) -> None:
    """Put a backup back; nothing that is there is overwritten."""
    from daemon.office import restore_from  # noqa: PLC0415

    settings = _settings(config)
    with _told():
        restore_from(settings, folder)


@app.command()
def queue(
    action: Annotated[str | None, typer.Argument(help="retry or discard; nothing lists.")] = None,
    item: Annotated[str | None, typer.Argument(help="The ID as listed: m12 is a mail, r7 a reply.")] = None,
    config: Config = None,
) -> None:
    """List mails set aside and replies not delivered, with the reason; retry or discard one."""
    from daemon.office import change_queue, list_queue  # noqa: PLC0415

    settings = _settings(config)
    if action not in {None, "retry", "discard"} or (action is None) != (item is None):
        _end("usage: zlcp queue [retry ID / discard ID]", USAGE)
    with _told():
        if action is None or item is None:
            list_queue(settings)
        elif not change_queue(settings, action, item):
            _end(f"there is nothing with the ID {item} in the queue; `zlcp queue` lists it", USAGE)
