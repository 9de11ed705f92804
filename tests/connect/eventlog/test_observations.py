"""Events as observations of a twin."""

import math

from twinward.connect.eventlog import Event, to_observations
from twinward.core import Observations, Signal


def test_an_event_becomes_an_activity_and_a_resource():
    events = [Event("1", "CT", 60.0, True, "", {}, 2), Event("1", "CT", 90.0, False, "Ann", {}, 3)]
    (batch,) = to_observations(events, source="log.csv")
    assert [(s.subject, s.signal, s.value, s.time) for s in batch] == [
        ("Encounter/1", "activity_start", "CT", 60.0),
        ("Encounter/1", "activity", "CT", 90.0),
        ("Encounter/1", "resource", "Ann", 90.0),
    ]
    assert set(batch.source) == {"log.csv"}


def test_only_the_attributes_asked_for_become_observations():
    event = Event("1", "CT", 60.0, False, "", {"triage": "3", "age": "80", "crp": "high", "stay": "9"}, 2)
    wanted = {"triage": "class", "age": Signal("age", "a", "Age"), "crp": Signal("crp", "mg/L", "CRP"), "gone": "x"}
    (batch,) = to_observations([event], attributes=wanted)
    assert batch.signal.tolist() == ["activity", "class", "age", "crp"]
    assert batch.text.tolist() == ["CT", "3", "", "high"]
    assert batch.value[2] == 80.0 and math.isnan(batch.value[3])


def test_batches_hold_everything_in_order():
    events = [Event(str(i), "A", float(i), False, "", {}, i) for i in range(20_000)]
    batches = list(to_observations(events, prefix="Case/"))
    assert len(batches) > 1
    whole = Observations.concatenate(batches)
    assert whole.time.tolist() == [float(i) for i in range(20_000)]
    assert whole.subject[-1] == "Case/19999"
