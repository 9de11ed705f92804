"""The personal twin of type 2 diabetes: its rest, balance, treatments, learning, and that it never looks ahead."""

from itertools import pairwise

import numpy as np
import pytest

from twinward.core import Observation, Observations, Streams, Subject, Twin
from twinward.core.model import Times
from twinward.core.scenario import Action, Scenario
from twinward.engines.ode import Event, RungeKutta4, solve
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.dawn import dawn
from twinward.twins.patient.metabolism.exercise import capacity, half_saturation
from twinward.twins.patient.metabolism.learning import Learnt
from twinward.twins.patient.metabolism.personal.plans import scenario_of
from twinward.twins.patient.metabolism.personal.synthetic import Week
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type2.meal_model import fasting, simulate_meals
from twinward.twins.patient.metabolism.type2.personal import equations as q
from twinward.twins.patient.metabolism.type2.personal.identifiability import (
    disposition_index,
    identifiability,
    insulin_sensitivity,
)
from twinward.twins.patient.metabolism.type2.personal.learn import learn
from twinward.twins.patient.metabolism.type2.personal.model import GlucoseType2Model, at_rest, inputs_of
from twinward.twins.patient.metabolism.type2.personal.population import from_standard, medians
from twinward.twins.patient.metabolism.type2.personal.synthetic import synthetic_weeks

_MODEL = GlucoseType2Model()
_WHO = Subject("Patient/2", attributes={"weight": 80.0, "age": 55.0})
_TIMES = Times(0.0, 900.0 * np.arange(1, 97))  # a day from midnight UTC


@pytest.fixture(scope="module")
def week() -> Week:
    return synthetic_weeks(3, Streams(21), days=4)[2]


@pytest.fixture(scope="module")
def learnt(week: Week) -> Learnt:
    return learn(week.subject, week.seen, 60, Streams(6))


def _people(count: int, seed: int = 1, **changed: float) -> np.ndarray:  # type: ignore[type-arg]
    p = from_standard(np.random.default_rng(seed).standard_normal((count, len(q.PARAMETERS))), 80.0)
    for name, value in changed.items():
        p[:, q.PARAMETERS.index(name)] = value
    return p


def _course(p: np.ndarray, minutes: float, *events: Event) -> np.ndarray:  # type: ignore[type-arg]
    inputs = inputs_of(_WHO)
    full = np.column_stack([p, np.tile(inputs, (len(p), 1))])
    times = np.arange(0.0, minutes + 1.0, 5.0)
    return solve(
        q.slope, at_rest(p, inputs, np.zeros((len(p), 2))), full, times, RungeKutta4(1.0), events=list(events)
    ).y


def _plasma(y: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return y[:, :, q.PLASMA] / q.VOLUME


def test_everybody_of_the_population_stays_at_rest_where_it_never_dawns() -> None:
    p = _people(100, dawn=0.0)
    glucose = _plasma(_course(p, 1440.0))
    assert np.abs(glucose / p[:, [q.GB]] - 1.0).max() < 1e-6


def test_the_median_person_eats_as_the_meal_models_type_2_subject() -> None:
    y, p = fasting("type 2", 80.0)
    times = np.arange(0.0, 601.0, 5.0)
    glucose, insulin = simulate_meals(y, p, Plan(meals=((60, 75.0),)), times)
    one = medians().copy()
    one[q.DAWN] = 0.0
    ours = _course(one[None], 600.0, Event.add(60.0, q.PLATE, 75.0))
    assert np.abs(_plasma(ours)[0] - glucose).max() < 5.0  # of 130 mg/dL: the plate empties more smoothly
    assert np.abs(ours[0, :, q.INSULIN] / q.TABLE["Vi"] - insulin).max() < 10.0  # pmol/L


def test_no_glucose_comes_from_nowhere() -> None:
    rng = np.random.default_rng(3)
    inputs = inputs_of(_WHO)
    inputs[[q.INPUTS.index(name) for name in ("exercise", "metformin", "basal")]] = 40.0, 0.5, 0.8
    for row in _people(50):
        p = np.concatenate([row, inputs])
        y = at_rest(row[None], inputs, rng.standard_normal((1, 2)))[0]
        y[[q.PLATE, q.SOLID, q.LIQUID, q.INTESTINE, q.MEAL]] = rng.uniform(0.0, 1.0, 5) * (50, 2e4, 2e4, 2e4, 6e4)
        y[[q.PULSE, q.LOAD, q.ACTION]] = rng.uniform(0.0, 1.0, 3) * (60, 3000, 200)
        t, dydt = rng.uniform(0.0, 1440.0), np.zeros(len(y))
        q.slope(t, y, p, dydt)
        share = q.TABLE["f"] / 80.0
        stored = (
            dydt[q.PLASMA]
            + dydt[q.TISSUE]
            + share * (1000.0 * dydt[q.PLATE] + dydt[q.SOLID] + dydt[q.LIQUID] + dydt[q.INTESTINE])
        )
        _, _, kp1, vm0 = q.rest_of(p)
        on_top, uptake = dawn(t, row[q.DAWN])
        acts = row[q.KP2] * y[q.PLASMA] + row[q.KP3] * y[q.DELAYED] + q.TABLE["kp4"] * y[q.PORTAL]
        made = max(kp1 + on_top * row[q.EGPB] - acts, 0.0)
        made -= 0.5 * q.METFORMIN * max(made - q.TABLE["Fcns"], 0.0)
        most = uptake * max(capacity(vm0, row[q.VMX], y[q.ACTION], q.REST_INSULIN, y[q.PULSE], y[q.LOAD]), 0.0)
        used = (
            most * y[q.TISSUE] / (half_saturation(q.KM0, y[q.ACTION], q.REST_INSULIN, y[q.LOAD]) + y[q.TISSUE])
            + q.TABLE["Fcns"]
        )
        assert stored == pytest.approx(made - used - 0.0005 * max(y[q.PLASMA] - 339.0, 0.0), abs=1e-9)


def test_exercise_lowers_the_more_the_harder_and_leaves_sensitivity_raised() -> None:
    p = _people(40, dawn=0.0)
    p = p[p[:, q.GB] > 126.0]
    still = _plasma(_course(p, 1440.0))
    lower = [
        still - _plasma(_course(p, 1440.0, Event.set(480.0, q.EXERCISE, share), Event.set(540.0, q.EXERCISE, 0.0)))
        for share in (20.0, 40.0, 60.0)
    ]
    for less, more in pairwise(lower):
        assert (more[:, 108] > less[:, 108]).all() and np.median(more[:, 180] - less[:, 180]) > 1.0
    assert np.median(lower[2][:, 228]) > 2.0  # ten hours after; a strong pancreas answers, so not in everybody


def test_it_dawns_by_amplitude_and_not_at_all_without() -> None:
    none, some, much = (_plasma(_course(_people(40, dawn=a), 600.0))[:, 84] for a in (0.0, 0.5, 1.0))
    assert (some > none).all() and (much > some).all()


def test_metformin_lowers_fasting_glucose_and_leaves_insulin_as_it_was() -> None:
    p = _people(40, dawn=0.0)
    settled = _course(p, 4320.0, Event.set(0.0, q.TREATED, 1.0))
    fall = _plasma(settled)[:, -1] / p[:, q.GB]
    assert (fall < 0.95).all() and (fall > 0.5).all()
    assert np.abs(settled[:, -1, q.INSULIN] / q.REST_PLASMA_INSULIN - 1.0).max() < 0.02


def test_insulin_from_outside_lowers_glucose_and_spares_the_pancreas() -> None:
    p = _people(30, dawn=0.0)
    none, some, more = (_course(p, 1440.0, Event.set(0.0, q.BASAL, rate)) for rate in (0.0, 0.4, 1.0))
    assert (_plasma(more)[:, -1] < _plasma(some)[:, -1]).all() and (_plasma(some)[:, -1] < _plasma(none)[:, -1]).all()
    assert (more[:, -1, q.PORTAL] < none[:, -1, q.PORTAL]).all()


def test_a_week_is_learnt_and_what_it_cannot_tell_stays_at_the_prior(week: Week, learnt: Learnt) -> None:
    found = identifiability(learnt.belief)
    assert found["fasting_glucose"].origin == "inferred" and found["static_responsivity"].origin == "inferred"
    assert found["action_rate"].origin == "prior"
    fasting_glucose = week.parameters[q.GB]
    assert abs(found["fasting_glucose"].median / fasting_glucose - 1.0) < 0.1
    told, truth = disposition_index(learnt.belief["parameters"]), disposition_index(week.parameters)
    assert np.quantile(told, 0.01) < truth < np.quantile(told, 0.99)
    assert (insulin_sensitivity(learnt.belief["parameters"]) > 0.0).all()


def test_seven_finger_pricks_a_day_tell_of_fasting_glucose(week: Week) -> None:
    seen, rng = week.seen, np.random.default_rng(5)
    sensor = seen.signal == "interstitial_glucose"
    hours = (seen.time % 86400.0) / 3600.0
    pricked = sensor & np.isin(hours, (6.75, 9.0, 11.75, 14.0, 17.75, 20.0, 22.5))
    value, signal = seen.value.copy(), seen.signal.copy()
    value[pricked] = week.glucose[(seen.time[pricked] // 900.0).astype(int)] * rng.normal(1.0, 0.07, pricked.sum())
    signal[pricked] = "glucose"
    told = identifiability(
        learn(week.subject, seen.replace(value=value, signal=signal)[pricked | ~sensor], 60, Streams(6)).belief
    )
    assert told["fasting_glucose"].origin == "inferred" and told["dynamic_responsivity"].ratio > 0.4
    assert abs(told["fasting_glucose"].median / week.parameters[q.GB] - 1.0) < 0.15


def test_plans_are_compared_on_what_was_learnt(week: Week, learnt: Learnt) -> None:
    twin = Twin.of_belief(_MODEL, week.subject, learnt.belief, seed=1)
    start, basal = learnt.belief.time, float(learnt.belief["inputs"][0])
    meal = ((30, 60.0),)
    walk = scenario_of("walk after", Plan(meal, (), basal, ((60, 45, 40.0),)), start)
    sit = scenario_of("sit", Plan(meal, (), basal), start)
    treated = Scenario("metformin", (*sit.actions, Action("metformin", 1.0)))
    insulin = scenario_of("basal insulin", Plan(meal, (), basal + 1.0), start)
    compared = twin.compare(
        {one.name: one for one in (sit, walk, treated, insulin)}, horizon="8 h", step="15 min", at=start
    )
    mean = {
        name: compared[name].outcome("mean_glucose") for name in ("sit", "walk after", "metformin", "basal insulin")
    }
    for name in ("walk after", "metformin", "basal insulin"):
        assert (np.asarray(mean[name]) < np.asarray(mean["sit"])).all()


def test_later_readings_never_move_an_earlier_forecast(week: Week) -> None:
    seen = week.seen[:120]
    cut = float(seen.time[70])
    value = seen.value.copy()
    later = seen.time > cut
    value[later & (seen.signal == "interstitial_glucose")] += 120.0
    futures = []
    for batch in (seen, seen.replace(value=value)):
        twin = Twin(_MODEL, week.subject, members=30, seed=4)
        twin.observe(batch)
        futures.append(twin.forecast("3 h", at=cut).data["glucose"].to_numpy())
        now = twin.forecast("3 h").data["glucose"].to_numpy()
        futures.append(now)
    assert np.array_equal(futures[0], futures[2]) and not np.array_equal(futures[1], futures[3])


def test_meals_after_the_last_reading_count_in_what_is_learnt(week: Week) -> None:
    seen = week.seen[week.seen.time < 86400.0]
    last = float(seen.time[-1])
    meal = Observation(week.subject.id, "carbohydrate", last + 300.0, 60.0)
    told = learn(week.subject, Observations.of([*seen, meal]), 20, Streams(2)).belief
    assert told.time == last + 300.0 and (told["states"][:, q.PLATE] > 59.0).all()


def test_people_far_from_the_usual_have_a_day_too() -> None:
    z = 2.5 * np.random.default_rng(8).standard_normal((300, len(q.PARAMETERS)))
    day = [Event.add(420.0, q.PLATE, 90.0), Event.set(480.0, q.EXERCISE, 60.0), Event.set(540.0, q.EXERCISE, 0.0)]
    glucose = _plasma(_course(from_standard(z, 80.0), 1440.0, *day, Event.set(600.0, q.BASAL, 2.0)))
    assert np.isfinite(glucose).all() and glucose.min() > -1.0


def test_a_forecast_depends_on_the_seed_alone() -> None:
    belief = _MODEL.prior(_WHO, 20, Streams(1)).evolve(time=0.0)
    once, again = (_MODEL.simulate(belief, Scenario.baseline(), _TIMES, Streams(3)) for _ in range(2))
    assert np.array_equal(once["glucose"].to_numpy(), again["glucose"].to_numpy())


def test_bad_input_is_refused_by_name(week: Week) -> None:
    with pytest.raises(BadInput, match="at least 10"):
        learn(week.subject, week.seen[:5], 20, Streams(1))
    for attributes in ({"weight": -3.0}, {"age": 300.0}, {"utc_offset": float("nan")}):
        with pytest.raises(BadInput):
            _MODEL.prior(Subject("P", attributes=attributes), 10, Streams(1))
    with pytest.raises(BadInput, match="metformin"):
        Scenario("too much", (Action("metformin", 2.0),)).check(_MODEL.controls)
    strange = week.seen.replace(signal=np.where(week.seen.signal == "carbohydrate", "alcohol", week.seen.signal))
    with pytest.raises(BadInput, match="alcohol"):
        learn(week.subject, strange, 20, Streams(1))
