"""What a monitor may read over HTTP, in Prometheus' text format: counts and times only, read afresh at each scrape. Off unless the config names a port."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daemon.health import STATES, state_of
from daemon.settings import ConfigError
from daemon.world import World
from storage.errors import StorageError

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily


class _Reading:
    """A collector as prometheus-client calls it at each scrape, in a thread of its own."""

    def __init__(self, world: World) -> None:
        self._world = world

    def collect(self) -> Iterator["GaugeMetricFamily"]:
        """Every figure, as it is now; a database that cannot be read is a figure, too."""
        vitals, now = self._world.vitals, self._world.now()
        yield _by("zlcp_health", "1 for the state that the daemon is in, else 0.", "state", dict.fromkeys(STATES, 0) | {state_of(self._world, now): 1})
        if vitals.round_at is not None:
            yield _one("zlcp_round_timestamp_seconds", "When the mailbox was last asked, Unix time.", vitals.round_at.timestamp())
        if vitals.in_mailbox is not None:
            yield _one("zlcp_mailbox_mails", "Mails that the mailbox holds.", vitals.in_mailbox)
        try:
            with self._world.store.read() as tx:
                totals = tx.totals()
        except StorageError:
            yield _one("zlcp_database_up", "Whether the register can be read.", 0)
            return
        yield _one("zlcp_database_up", "Whether the register can be read.", 1)
        yield _by("zlcp_mails", "Mails recorded, by their state.", "state", totals.states)
        yield _by("zlcp_mails_decided", "Mails taken in, by what was decided.", "decision", totals.decisions)
        yield _by("zlcp_letters", "Letters of ours, by their state.", "state", totals.replies)
        yield _one("zlcp_applications", "Applications in the register.", totals.applications)
        yield _one("zlcp_applications_accepted", "Applications with an accepted version.", totals.accepted)


def _one(name: str, help_text: str, value: float) -> "GaugeMetricFamily":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - an extra, see below

    return GaugeMetricFamily(name, help_text, value=value)


def _by(name: str, help_text: str, label: str, values: Mapping[str, float]) -> "GaugeMetricFamily":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - likewise

    family = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


@contextmanager
def metrics(world: World) -> Iterator[int]:
    """Serve the figures at [health] metrics_host and metrics_port while the daemon runs; yields the port, 0 where they are off.

    Raises:
        ConfigError: prometheus-client is not installed, or the port cannot be had.
    """
    given = world.settings.health
    if not given.metrics_port:
        yield 0
        return
    try:
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 - an extra that most do not need
    except ModuleNotFoundError as error:
        raise ConfigError("health.metrics_port needs prometheus-client; pip install 'zlcp-intake[metrics]', or set it to 0") from error
    registry = CollectorRegistry()
    registry.register(_Reading(world))
    try:
        server, thread = start_http_server(given.metrics_port, given.metrics_host, registry)
    except OSError as error:
        raise ConfigError(f"health.metrics_port: cannot listen at {given.metrics_host}:{given.metrics_port} ({error.strerror}); choose another") from error
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
