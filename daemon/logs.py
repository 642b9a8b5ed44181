"""Events on stderr: for people on a terminal, JSON lines otherwise. Never a name, an address, a subject or a body: ids and counts only."""

import logging
import sys
import traceback

import structlog


def set_up(*, quiet: bool = False) -> None:
    """Choose the form of the log by where stderr goes. Other libraries' warnings join it; their chatter does not; quiet: warnings only."""
    level = logging.WARNING if quiet else logging.INFO
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if terminal:
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=not terminal),
    ]
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(levelname)s %(name)s %(message)s", force=True)
    for name in ("procrastinate", "psycopg.pool"):  # a database that is away is told once, by us, not with a traceback for each try
        logging.getLogger(name).setLevel(logging.CRITICAL)


def where(error: BaseException) -> list[str]:
    """Where an error arose, "file:line" from the outside in. Its text, and the values around it, could hold what somebody wrote to us."""
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
