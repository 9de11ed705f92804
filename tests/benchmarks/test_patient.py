"""The benchmarks of the patient twin run, and find what they state; small sizes say nothing of speed."""

import pytest
from benchmarks.patient import body_speed, fhir, glucose_speed, update
from benchmarks.peers import simglucose_days

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("measure", "ids"),
    [
        pytest.param(fhir.measure, ["fhir"], marks=pytest.mark.data),
        (update.measure, ["update"]),
        (body_speed.measure, ["body-speed", "body-speed-100-twins"]),
    ],
)
def test_each_measures_something(measure, ids):
    rows = list(measure(runs=2))
    assert [row.id for row in rows] == ids
    assert all(row.value is not None and row.value > 0 and row.passed is not None for row in rows)


def test_glucose_is_measured_where_the_peer_is_away(monkeypatch):
    def away(*_):  # it would be installed by a download
        raise RuntimeError("no simglucose here")

    monkeypatch.setattr(simglucose_days, "run", away)
    ours, ratio = glucose_speed.measure(runs=1)
    assert ours.value > 0 and "could not be run" in ours.note
    assert (ratio.value, ratio.passed) == (None, None)
