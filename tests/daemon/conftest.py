"""What tests of the daemon share."""

import pytest

from tests.worlds import Outside


@pytest.fixture
def outside(tmp_path):
    """The mail servers, the clock and the disk; what is opened on it is closed at the end."""
    outside = Outside(tmp_path)
    yield outside
    outside.close()
