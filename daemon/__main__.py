"""The entry of the command `zlcp`."""

from daemon.cli import app


def main() -> None:
    """Run the command line."""
    app(prog_name="zlcp")


if __name__ == "__main__":
    main()
