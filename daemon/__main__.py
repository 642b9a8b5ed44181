"""The entry of the command `zlcp`: wrong usage is told in one line, like every other trouble."""

import sys

import typer

from daemon.cli import USAGE, app


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        return app(arguments or ["--help"], prog_name="zlcp", standalone_mode=False) or 0
    except typer.TyperException as error:
        typer.echo(f"zlcp: {error.format_message()} `zlcp --help` shows how it is called.", err=True)
        return USAGE
    except typer.Abort:
        return 130  # interrupted at the keyboard


if __name__ == "__main__":
    sys.exit(main())
