"""The example of a kind of one's own runs, and keeps the laws."""

import runpy
from pathlib import Path

import pytest

from twinward.core import Observation, Observations
from twinward.core.laws import check_laws

EXAMPLE = Path(__file__).parents[2] / "examples" / "continuous_twin.py"


def test_it_prints_clearance_and_what_each_dose_would_do(capsys):
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    told = capsys.readouterr().out
    assert told.startswith("clearance ")
    assert "500 mg now" in told


def test_it_keeps_the_laws():
    model = runpy.run_path(str(EXAMPLE))["Drug"]()
    rows = [Observation("Patient/1", "dose", 0.0, 500.0)]
    rows += [Observation("Patient/1", "level", t * 3600.0, v) for t, v in ((1, 11.0), (5, 7.0), (9, 5.0))]
    check_laws(model, "Patient/1", Observations.of(rows))


@pytest.mark.parametrize("members", [2, 3])
def test_few_members_are_enough_to_run(members):
    model = runpy.run_path(str(EXAMPLE))["Drug"]()
    rows = [Observation("Patient/1", "dose", 0.0, 500.0), Observation("Patient/1", "level", 3600.0, 11.0)]
    check_laws(model, "Patient/1", Observations.of(rows), members=members)
