"""The UVA/Padova model: rest, balance, the oracle, bad input."""

import numpy as np
import pytest

from twinward.engines.ode import DormandPrince54, Event, solve
from twinward.errors import BadInput
from twinward.twins.patient.evidence.metabolism import reference_day
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type1.cohort import cohort, virtual_patient
from twinward.twins.patient.metabolism.type1.equations import (
    AT_REST,
    EATING,
    INSULIN,
    LEDGER,
    MEAL,
    glucose_insulin,
    with_ledger,
)
from twinward.twins.patient.metabolism.type1.reference_day import reference_plan, reference_plans
from twinward.twins.patient.metabolism.type1.simulate import simulate_days

_GLUCOSE_KG, _GLUCOSE_BODY = (3, 4), (0, 1, 2)  # states per kg; states of the gut, in the whole body


def test_a_patient_without_meals_stays_at_rest_under_the_basal_rate() -> None:
    patients = cohort()
    glucose = simulate_days(patients, [Plan(basal=one.basal) for one in patients])
    assert np.ptp(glucose, axis=1).max() < 0.02


def test_the_day_of_simglucose_is_met_by_all_patients() -> None:
    assert np.abs(simulate_days(cohort(), reference_plans()) - reference_day()).max() <= 0.05


def test_threads_and_companions_change_no_bit() -> None:
    patients, plans = cohort()[:3], reference_plans()[:3]
    alone = simulate_days(patients[1:2], plans[1:2], 600)
    assert np.array_equal(simulate_days(patients, plans, 600, threads=2)[1:2], alone)


def test_more_insulin_is_less_glucose_and_more_food_is_more() -> None:
    one = virtual_patient("adult#003")
    plans = [Plan(((60, grams),), ((60, units),), one.basal) for grams, units in ((50, 2), (50, 5), (50, 20), (90, 5))]
    middle = simulate_days([one] * 4, plans, 600).mean(axis=1)
    assert middle[0] > middle[1] > middle[2] and middle[3] > middle[1]


def test_an_absurd_overdose_keeps_glucose_above_nothing() -> None:
    one = virtual_patient("child#008")
    glucose = simulate_days([one], [Plan((), ((10, 60.0),), one.basal)])
    assert glucose.min() > 0.0 and np.isfinite(glucose).all()


@pytest.mark.parametrize("influence", [AT_REST, (50.0, 2000.0, 0.5, 0.8)], ids=["rest", "exercise at dawn"])
@pytest.mark.parametrize("name", ["adult#001", "child#007", "adolescent#005"])
def test_glucose_is_conserved(name: str, influence: tuple[float, ...]) -> None:
    one, hours = virtual_patient(name), 24
    plan = reference_plan(one)
    eaten, infused = plan.eaten(60 * hours), plan.infused(60 * hours)
    changes = [
        Event.set(float(at), place, float(row[at]))
        for place, row in ((EATING, eaten), (INSULIN, infused), (MEAL, 1000.0 * np.maximum(np.cumsum(eaten), 1e-9)))
        for at in range(60 * hours)
        if at == 0 or row[at] != row[at - 1]
    ]
    y0 = np.concatenate([one.start, np.zeros(len(LEDGER))])
    p = np.concatenate([one.parameters, np.zeros(3), influence])
    told = solve(
        with_ledger, y0, p, np.linspace(60.0, 60.0 * hours, hours), DormandPrince54(1e-9, 1e-9), events=changes
    )
    y = np.vstack([y0, told.y[0]])
    stored = y[:, list(_GLUCOSE_KG)].sum(axis=1) + y[:, list(_GLUCOSE_BODY)].sum(axis=1) / one["BW"]
    came_in, left = y[:, 13] + y[:, 15], y[:, 14] + y[:, 16] + y[:, 17]
    balance = stored + left - came_in
    assert np.abs(balance - balance[0]).max() <= 1e-6 * (stored[0] + came_in[-1])
    assert came_in[-1] > 1000.0 and y[-1, 17] >= 0.0


def test_the_general_engine_tells_the_same_as_the_loop() -> None:
    one = virtual_patient("adult#006")
    p = np.concatenate([one.parameters, [0.0, one.basal / 60.0, 0.0]])
    bolus = [Event.set(30.0, INSULIN, one.basal / 60.0 + 4.0), Event.set(31.0, INSULIN, one.basal / 60.0)]
    times = np.arange(0.0, 301.0, 10.0)
    told = (
        solve(glucose_insulin, one.start, p, times, DormandPrince54(1e-9, 1e-9), events=bolus).y[0, :, 12] / one["Vg"]
    )
    ours = simulate_days([one], [Plan((), ((30, 4.0),), one.basal)], 300)[0, ::10]
    assert np.abs(told - ours).max() < 0.01


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("meals", {"meals": ((1.5, 10.0),)}),
        ("meals", {"meals": ((1, -10.0),)}),
        ("boluses", {"boluses": ((-1, 1.0),)}),
        ("basal", {"basal": float("nan")}),
    ],
)
def test_a_senseless_plan_is_refused(what: str, given: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=what):
        Plan(**given)  # type: ignore[arg-type]


def test_an_unknown_patient_is_refused() -> None:
    with pytest.raises(BadInput, match="adult#099"):
        virtual_patient("adult#099")
