"""What all tests share: where the reference data lies, and what happens where it does not."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from twinward.core.evidence import data_directory

# Two threads everywhere: the machine the project promises to run on has two cores.
os.environ.setdefault("NUMBA_NUM_THREADS", "2")

# The same examples in every run: a check of the project that fails now and then is broken.
settings.register_profile("same every time", derandomize=True, deadline=None)
settings.load_profile("same every time")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The reference data (TWINWARD_DATA)."""
    found = data_directory()
    assert found is not None, "tests that use data_dir are marked `data`"
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip data tests, visibly, where the data is absent; TWINWARD_REQUIRE_DATA=1 makes that an error."""
    if data_directory() is not None:
        return
    if os.environ.get("TWINWARD_REQUIRE_DATA") == "1":
        raise pytest.UsageError("TWINWARD_REQUIRE_DATA=1, but TWINWARD_DATA does not point to the reference data")
    absent = pytest.mark.skip(reason="reference data absent (set TWINWARD_DATA)")
    for item in items:
        if item.get_closest_marker("data"):
            item.add_marker(absent)
