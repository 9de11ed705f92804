"""The benchmarks of the patient twin run, and find what they state; small sizes say nothing of speed."""

import pytest
from benchmarks.patient import body_speed, fhir, update


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "ids"),
    [(fhir.measure, ["fhir"]), (update.measure, ["update"]), (body_speed.measure, ["body-speed"])],
)
def test_each_measures_something(measure, ids):
    found = measure(runs=2)
    rows = [found] if hasattr(found, "id") else list(found)
    assert {row.id for row in rows} >= set(ids)
    assert all(row.value is not None and row.value > 0 and row.passed is not None for row in rows)
