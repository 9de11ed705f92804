"""Virtual trials: any twin as physiology, everybody in every arm, the same whatever runs it."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from twinward.core.kinds import kind
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.errors import BadInput, OutsideValidity
from twinward.models.random_walk import RandomWalk
from twinward.models.two_compartment import TwoCompartment
from twinward.twins.trial.analysis.base import analyse
from twinward.twins.trial.sap import Plan
from twinward.twins.trial.virtual import Played, Trial

ARMS = {"1 g": {"dose": 1000.0}, "2 g": {"dose": 2000.0}, "nothing": {}}


def people(count: int) -> list[Subject]:
    rng = np.random.default_rng(1)
    return [
        Subject(f"Patient/{i}", attributes={"weight": float(rng.normal(80, 10)), "sex": "female" if i % 2 else "male"})
        for i in range(count)
    ]


def highest(data: xr.Dataset) -> np.ndarray:
    return data["concentration"].max("time").to_numpy()


def test_linear_kinetics_twice_the_dose_is_twice_the_concentration_in_everybody() -> None:
    found = Trial([Subject("Patient/1")], ARMS, "trough", TwoCompartment(), members=60).run("12 h")
    assert found.outcomes.shape == (60, 3)
    assert found.outcomes[:, 1] == pytest.approx(2 * found.outcomes[:, 0], rel=1e-4)
    assert found.outcomes[:, 2] == pytest.approx(0.0, abs=1e-12)


def test_an_arm_that_changes_nothing_differs_by_nothing_although_the_world_is_noisy() -> None:
    arms = {"as it is": {}, "the same": {}}
    found = Trial(
        [Subject("Thing/1")], arms, lambda data: data["level"].isel(time=-1).to_numpy(), RandomWalk(), members=30
    )
    told = found.run("1 h").outcomes
    assert told[:, 0].std() > 0 and np.array_equal(told[:, 0], told[:, 1])


def test_the_paired_difference_is_known_better_than_the_randomised_one_and_both_cover_it() -> None:
    found = Trial(people(150), ARMS, highest, TwoCompartment()).run("6 h", step="15 min", seed=2)
    told = found.table().set_index(["arm", "way"])
    paired, randomised = told.loc[("2 g", "paired")], told.loc[("2 g", "randomised")]
    assert paired["se"] < 0.5 * randomised["se"]
    assert randomised["low"] < paired["difference"] < randomised["high"]
    assert paired["n"] == 150 and 90 <= randomised["n"] <= 110


def test_the_data_of_the_trial_go_through_the_analysis_of_real_trials() -> None:
    found = Trial(people(120), ARMS, "trough", TwoCompartment()).run("12 h", seed=3)
    told = found.participants()
    assert told.arms == ("1 g", "2 g", "nothing") and len(told) == 120
    plan = Plan(endpoint="endpoint", arm="2 g", covariates=["weight", "sex", "clearance"])
    table = analyse(told, plan).table()
    assert table.loc["ANCOVA", "low"] > 0
    welch = found.table().set_index(["arm", "way"]).loc[("2 g", "randomised")]
    assert table.loc["unadjusted", "value"] == pytest.approx(welch["difference"])


def test_the_same_numbers_whatever_runs_it_and_others_with_another_seed() -> None:
    trial = Trial(people(6), {"a": {"dose": 500.0}, "b": {"dose": 600.0}}, "trough", TwoCompartment())
    alone = trial.run("4 h", seed=5)
    with ThreadPoolExecutor(2) as threads:
        assert np.array_equal(alone.outcomes, trial.run("4 h", seed=5, executor=threads).outcomes)
    assert not np.array_equal(alone.outcomes, trial.run("4 h", seed=6).outcomes)
    fewer = Trial(people(3), trial.arms, "trough", TwoCompartment()).run("4 h", seed=5)
    assert np.array_equal(fewer.outcomes, alone.outcomes[:3])  # nobody depends on who else takes part


def test_processes_give_the_same_numbers() -> None:
    trial = Trial(people(6), {"a": {"dose": 500.0}, "b": {"dose": 600.0}}, "trough", TwoCompartment())
    with ProcessPoolExecutor(2) as processes:
        assert np.array_equal(trial.run("4 h").outcomes, trial.run("4 h", executor=processes).outcomes)


def test_beliefs_may_be_handed_in_every_member_a_person() -> None:
    model = TwoCompartment()
    belief = model.prior(Subject("Patient/1"), 25, Streams(9))
    found = Trial([belief], {"a": {}, "b": {"dose": 800.0}}, highest, model).run("2 h")
    assert found.outcomes.shape == (25, 2)
    assert found.baseline["clearance"].to_numpy() == pytest.approx(belief["parameters"][:, 0])


def test_any_installed_kind_can_be_the_physiology() -> None:
    patient = kind("patient").model()
    arms = {"as it is": {}, "propofol": {"propofol_rate": 8.0}}
    trial = Trial([Subject("Patient/1")], arms, "mean_pressure", patient, members=4)
    told = trial.run("10 min", step="2 min", extrapolate=True).table().set_index("way")
    assert told.loc["paired", "difference"] < 0  # it lowers the pressure


def test_power_grows_with_the_people_and_is_alpha_without_an_effect() -> None:
    rng = np.random.default_rng(4)
    level = rng.standard_normal((500, 1))
    same = Played(("a", "b"), level + np.zeros(2), pd.DataFrame(index=range(500)), "1", "y", "higher", 1)
    assert same.power(60, trials=8000) == pytest.approx(0.05, abs=0.012)
    better = Played(("a", "b"), level + np.array([0.0, 0.5]), pd.DataFrame(index=range(500)), "1", "y", "higher", 1)
    assert better.power(30) < better.power(120) > 0.6


def test_people_with_nothing_to_measure_do_not_count() -> None:
    outcomes = np.array([[1.0, 2.0], [np.nan, 3.0], [2.0, 3.5], [0.0, 1.0], [1.0, np.nan], [3.0, 4.0]])
    told = Played(("a", "b"), outcomes, pd.DataFrame(index=range(6)), "1", "y", "higher", 1).table().set_index("way")
    assert told.loc["paired", "n"] == 4 and told.loc["paired", "difference"] == pytest.approx(1.125)


def test_it_can_be_shown() -> None:
    axes = Trial(people(5), ARMS, "trough", TwoCompartment()).run("2 h").plot()
    assert "Concentration at the end" in axes.get_xlabel() and "mg/L" in axes.get_xlabel()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["2 g", "nothing"]


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    Trial(people(3), {"a": {}, "b": {}}, "trough", TwoCompartment()).run(
        "1 h", progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"arms": {"a": {}}}, "arms"),
        ({"endpoint": "survival"}, "endpoint"),
        ({"population": []}, "population"),
        ({"members": 0}, "members"),
        ({"arms": {"a": {}, "b": {"leeches": 3.0}}}, "scenario 'b': control"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changed: dict[str, object], field: str) -> None:
    given = {
        "population": people(4),
        "arms": {"a": {}, "b": {}},
        "endpoint": "trough",
        "twin": TwoCompartment(),
    } | changed
    with pytest.raises(BadInput) as refused:
        Trial(**given)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_an_endpoint_that_is_not_one_number_a_person_is_refused() -> None:
    trial = Trial(people(2), {"a": {}, "b": {}}, lambda data: data["concentration"].to_numpy(), TwoCompartment())
    with pytest.raises(BadInput, match="one number a member"):
        trial.run("1 h")


def test_people_outside_what_the_twin_is_valid_for_are_refused_by_name() -> None:
    class Narrow(TwoCompartment):
        def outside_validity(self, belief: object, time: float) -> tuple[str, ...]:
            return ("weight is 400 kg",)

    trial = Trial(people(2), {"a": {}, "b": {}}, "trough", Narrow())
    with pytest.raises(OutsideValidity, match="Patient/0: weight"):
        trial.run("1 h")
    assert trial.run("1 h", extrapolate=True).outcomes.shape == (2, 2)
