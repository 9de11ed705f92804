"""A rehearsal page made from the hospital: every slider can be moved to its ends, and results say what they mean."""

import msgspec
import pytest

from twinward.core import Action, Observation, Twin
from twinward.core.times import HOUR, posix
from twinward.errors import BadInput
from twinward.twins.hospital import HospitalFile, parse
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.rehearsal import Effect, Setting, explain, settings

NOON = posix("2026-03-02T12:00:00+01:00")


@pytest.fixture
def twin(small: HospitalFile) -> Twin:
    found = Twin(HospitalModel(small), "Organization/small", members=40, seed=1)
    for i in range(12):
        found.observe([Observation(f"Encounter/{i}", "activity_start", NOON - 60 * i, "treat" if i % 2 else "ward")])
    return found


def by_control(model: HospitalModel) -> dict[str, Setting]:
    return {setting.control: setting for setting in settings(model)}


def test_sliders_are_those_of_the_hospital(twin: Twin, small: HospitalFile) -> None:
    found = by_control(twin.model)
    assert {target.name: (target.now, target.low) for target in found["beds"].targets} == {
        "ED": (6, -6),
        "Ward": (20, -20),
    }
    assert {target.name: target.now for target in found["staff"].targets} == {"nurses": 3, "doctors": 3, "ct": 1}
    assert [target.name for target in found["out_of_order"].targets] == ["ct"]
    assert found["triage_rule"].choices and found["triage_rule"].low is None
    assert msgspec.json.decode(msgspec.json.encode(settings(twin.model)), type=list[Setting]) == settings(twin.model)


def test_every_end_of_every_slider_can_be_rehearsed(twin: Twin) -> None:
    for setting in settings(twin.model):
        control = twin.model.controls[setting.control]
        control.check(setting.neutral)
        values: list[float | str] = list(setting.choices) or [setting.low or 0.0, setting.high or 0.0]
        ends = [(target.name, value) for target in setting.targets for value in (target.low, target.high)]
        for name, value in ends or [("", value) for value in values]:
            action = Action(setting.control, value, name)
            assert twin.forecast("2 h", scenario=action).data["census"].shape[0] == 40


def test_a_window_is_offered_where_one_is_taken(twin: Twin) -> None:
    now = twin.time
    for setting in settings(twin.model):
        target = setting.targets[0].name if setting.targets else ""
        value = setting.choices[1] if setting.choices else setting.high
        assert value is not None
        action = Action(setting.control, value, target, now + HOUR, now + 2 * HOUR)
        if setting.window:
            twin.forecast("4 h", scenario=action)
        elif not setting.choices:
            with pytest.raises(BadInput, match="window"):
                twin.forecast("4 h", scenario=action)


def test_what_a_hospital_has_not_is_not_offered() -> None:
    bare = parse(
        """
        name = "Clinic"
        [units.Desk]
        [steps.talk]
        unit = "Desk"
        duration = { distribution = "exponential", mean = "30 min" }
        next = { home = 1.0 }
        [classes.all]
        first = "talk"
        arrivals = { per_day = 48 }
        """
    )
    assert set(by_control(HospitalModel(bare))) == {"arrivals", "diversion", "triage_rule"}


def test_effects_say_which_way_is_better_and_whether_it_is_clear(twin: Twin) -> None:
    comparison = twin.compare({"crowd": {"arrivals": 2.0}, "nothing": Action("staff", 0, "doctors")}, "24 h")
    rows = {(row.scenario, row.outcome): row for row in explain(comparison)}
    crowd = rows["crowd", "peak_census"]
    assert crowd.clear and crowd.better is False and crowd.difference is not None and crowd.difference > 0
    assert crowd.low is not None and crowd.high is not None and crowd.low <= crowd.difference <= crowd.high
    assert rows["crowd", "departures"].better is True
    assert rows["crowd", "mean_census"].better is None  # neither direction is the better one
    for scenario in ("nothing", comparison.baseline):
        still = rows[scenario, "peak_census"]
        assert (still.difference, still.better, still.clear, still.p_better) == (0.0, None, False, None)
    everything = explain(comparison)
    assert msgspec.json.decode(msgspec.json.encode(everything), type=list[Effect]) == everything
