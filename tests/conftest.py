"""What every test starts from."""

import os

import pytest
import structlog
from hypothesis import settings

settings.register_profile("dev", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, max_examples=200)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def plain_log():
    """A command that a test ran must not leave its log's closed stream to the next one."""
    yield
    structlog.reset_defaults()
