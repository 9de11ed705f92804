"""Exercise: its published equations, and what it does to people with type 1 diabetes."""

from itertools import pairwise

import numpy as np
import pytest

from twinward.core import Observation, Observations, Streams, Subject
from twinward.core.model import Times
from twinward.core.scenario import Scenario
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.exercise import course, intensity, reserve
from twinward.twins.patient.metabolism.personal.model import GlucoseModel
from twinward.twins.patient.metabolism.personal.plans import scenario_of
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type1.cohort import cohort
from twinward.twins.patient.metabolism.type1.reference_day import reference_plans
from twinward.twins.patient.metabolism.type1.simulate import simulate_days

_ADULTS = [one for one in cohort() if one.group == "adult"]


def _published(above_rest: np.ndarray, h: float = 0.05) -> np.ndarray:  # type: ignore[type-arg]
    """Z W of Dalla Man, Breton, Cobelli 2009, (7) to (9) and (12), each minute, in small Euler steps."""
    y = z = w = 0.0
    told = [0.0]
    for d in above_rest:
        for _ in range(round(1.0 / h)):
            f = (y / 6.0) ** 4 / (1.0 + (y / 6.0) ** 4)
            y, z, w = y + h * (d - y) / 5.0, z + h * (f - (f + 1.0 / 600.0) * z), w + h * d
        told.append(z * w)
    return np.array(told)


@pytest.mark.parametrize(("above_rest", "minutes"), [(30.0, 30), (60.0, 60), (90.0, 120)])
def test_after_a_single_bout_the_load_is_the_published_one(above_rest: float, minutes: int) -> None:
    heart = np.r_[np.full(minutes, above_rest), np.zeros(1200)]
    theirs, ours = _published(heart), course(heart, 2)[::2, 1]
    assert np.abs(ours - theirs).max() < 0.035 * theirs.max()
    late = slice(minutes + 60, None)
    assert np.abs(ours[late] / theirs[late] - 1.0).max() < 0.005


def test_daily_exercise_does_not_add_up_without_end() -> None:
    day = np.r_[np.full(60, 60.0), np.zeros(1380)]
    load = course(np.tile(day, 20), 1)[:, 1]
    assert load[19 * 1440 : 20 * 1440].max() < 1.15 * load[:1440].max()


def test_glucose_falls_the_more_the_harder_and_the_longer() -> None:
    def after(lasting: int, share: float) -> np.ndarray:  # type: ignore[type-arg]
        plans = [Plan(basal=one.basal, exercise=((600, lasting, share),)) for one in _ADULTS]
        return simulate_days(_ADULTS, plans, 900).min(axis=1)

    harder = [after(45, share) for share in (0.0, 20.0, 40.0, 60.0, 80.0)]
    longer = [after(lasting, 50.0) for lasting in (15, 30, 60)]
    for less, more in [*pairwise(harder), *pairwise(longer)]:
        assert (more < less - 1.0).all()


def test_sensitivity_stays_raised_for_hours_and_fades() -> None:
    lasting = 45
    basal = [Plan(basal=one.basal) for one in _ADULTS]
    moved = [Plan(basal=one.basal, exercise=((60, lasting, 50.0),)) for one in _ADULTS]
    lower = simulate_days(_ADULTS, basal, 3000) - simulate_days(_ADULTS, moved, 3000)
    after = 60 + lasting
    assert (lower[:, after + 360] > 5.0).all()  # the pulse is back to rest within half an hour
    assert (lower[:, after + 2400] < 0.5 * lower[:, after + 360]).all()
    assert course(0.5 * 120.0 * moved[0].active(900) / 50.0)[2 * (after + 60), 0] < 0.1


def test_exercise_of_no_intensity_changes_no_bit() -> None:
    patients, plans = cohort(), reference_plans()
    idle = [Plan(p.meals, p.boluses, p.basal, ((300, 60, 0.0),)) for p in plans]
    assert np.array_equal(simulate_days(patients, plans), simulate_days(patients, idle))


def test_half_the_step_tells_the_same() -> None:
    plans = [Plan(((700, 50.0),), ((700, 3.0),), one.basal, ((600, 45, 60.0),)) for one in _ADULTS]
    assert np.abs(simulate_days(_ADULTS, plans) - simulate_days(_ADULTS, plans, steps=2)).max() < 0.05


def test_glucose_stays_above_nought_through_an_absurd_day() -> None:
    one = _ADULTS[0]
    glucose = simulate_days([one], [Plan((), ((0, 20.0),), one.basal, ((0, 1440, 100.0),))])
    assert np.isfinite(glucose).all() and glucose.min() >= 0.0


def test_the_twin_rehearses_exercise_and_takes_in_what_was_done() -> None:
    model, who = GlucoseModel(), Subject("Patient/1", attributes={"weight": 70.0, "age": 40.0})
    belief = model.prior(who, 30, Streams(1)).evolve(time=0.0)
    times = Times(0.0, 600.0 * np.arange(1, 37))
    need = float(belief["inputs"][0])

    def mean(plan: Plan) -> np.ndarray:  # type: ignore[type-arg]
        return model.simulate(belief, scenario_of("x", plan, 0.0), times, Streams(2))["glucose"].to_numpy().mean(axis=1)

    easy, hard = (mean(Plan(basal=need, exercise=((30, 60, share),))) for share in (30.0, 60.0))
    still = mean(Plan(basal=need))
    assert (hard < easy).all() and (easy < still).all()
    told = [Observation(who.id, "exercise", 60.0, 50.0), Observation(who.id, "exercise", 1860.0, 0.0)]
    after = model.assimilate(belief, Observations.of([*told, Observation(who.id, "glucose", 3600.0, 130.0)]))
    load = after["states"][:, [one.name for one in model.states].index("exercise_load")]
    assert np.allclose(load, load[0]) and 1200.0 < load[0] < 1800.0


def test_told_nothing_of_exercise_the_twin_knows_of_none() -> None:
    model = GlucoseModel()
    prior = model.prior(Subject("Patient/1"), 10, Streams(1)).evolve(time=0.0)
    future = model.simulate(prior, Scenario.baseline(), Times(0.0, 3600.0 * np.arange(1, 5)), Streams(1))
    assert not future["exercise_pulse"].to_numpy().any() and not future["exercise_load"].to_numpy().any()


@pytest.mark.parametrize(
    "exercise", [((-1, 30, 50.0),), ((10, 0, 50.0),), ((10, 30, 120.0),), ((10, 30, float("nan")),), ((1.5, 30, 50.0),)]
)
def test_exercise_that_cannot_be_is_refused(exercise: tuple[tuple[int, int, float], ...]) -> None:
    with pytest.raises(BadInput, match="exercise"):
        Plan(exercise=exercise)


def test_heart_rates_that_cannot_be_are_refused() -> None:
    assert intensity(50.0, 40.0) == 0.0 and intensity(250.0, 40.0) == 100.0
    with pytest.raises(BadInput, match="age"):
        reserve(float("nan"))
    with pytest.raises(BadInput, match="resting heart rate"):
        reserve(40.0, 190.0)
    with pytest.raises(BadInput, match="age"):
        GlucoseModel().prior(Subject("P", attributes={"age": -3.0}), 10, Streams(1))
