"""Real servers for the tests of this folder: one for each module, since starting costs time."""

from collections.abc import Iterator

import pytest

from tests.live.dovecot import Dovecot, dovecot


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    """A running Dovecot; skipped where it is not installed, failed on CI."""
    with dovecot() as server:
        yield server
