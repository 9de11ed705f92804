"""A small hospital that every test of the kind can use."""

from pathlib import Path

import pytest

from twinward.twins.hospital.file import HospitalFile, load


@pytest.fixture(scope="session")
def small() -> HospitalFile:
    """Six cubicles, twenty beds, one scanner."""
    return load(Path(__file__).with_name("small.toml"))
