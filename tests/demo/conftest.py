"""Days of the reference hospital, run once for all tests that only look."""

import pytest

from twinward.demo.feed import START, feed
from twinward.demo.world import Event


@pytest.fixture(scope="session")
def month() -> list[Event]:
    """Ten days of warm-up and four weeks."""
    return list(feed(days=28, seed=5))


@pytest.fixture(scope="session")
def opened() -> float:
    """The end of the warm-up."""
    return START
