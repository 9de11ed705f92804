"""The dawn effect in type 1 diabetes."""

import numpy as np
import pytest

from twinward.core import Streams, Subject
from twinward.core.model import Times
from twinward.core.scenario import Scenario
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.dawn import dawn
from twinward.twins.patient.metabolism.personal.model import GlucoseModel
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type1.cohort import cohort
from twinward.twins.patient.metabolism.type1.reference_day import reference_plans
from twinward.twins.patient.metabolism.type1.simulate import simulate_days


def test_glucose_rises_in_the_early_morning_under_a_constant_basal_rate_and_comes_back() -> None:
    patients = cohort()
    plans = [Plan(basal=one.basal) for one in patients]
    still, some, much = (simulate_days(patients, plans, dawn=a) for a in (0.0, 0.5, 1.0))
    assert np.ptp(still, axis=1).max() < 0.02
    for hour in (5, 7, 9):
        assert (some[:, 60 * hour] > still[:, 60 * hour]).all() and (much[:, 60 * hour] > some[:, 60 * hour]).all()
    assert np.abs(much[:, 120] - still[:, 120]).max() < 0.1  # nothing before it begins
    assert np.median(np.abs(much[:, -1] - still[:, -1])) < 5.0
    peak = much.argmax(axis=1)
    assert ((peak > 6 * 60) & (peak < 12 * 60)).all()


def test_without_amplitude_no_bit_changes() -> None:
    patients, plans = cohort(), reference_plans()
    assert np.array_equal(simulate_days(patients, plans), simulate_days(patients, plans, dawn=0.0))
    assert dawn(400.0, 0.0) == (0.0, 1.0)


def _twin(**attributes: float) -> np.ndarray:  # type: ignore[type-arg]
    model = GlucoseModel()
    belief = model.prior(Subject("Patient/1", attributes={"weight": 70.0, **attributes}), 20, Streams(1))
    times = Times(0.0, 900.0 * np.arange(1, 97))  # a day from midnight UTC
    return model.simulate(belief.evolve(time=0.0), Scenario.baseline(), times, Streams(2))["glucose"].to_numpy()


def test_the_twins_dawn_comes_by_the_local_clock() -> None:
    none = _twin()
    assert np.array_equal(none, _twin(dawn=0.0, utc_offset=8.0))
    here, there = _twin(dawn=1.0) - none, _twin(dawn=1.0, utc_offset=-6.0) - none
    assert (np.abs(here[:, 8]) < 0.1).all() and (here[:, 30] > 5.0).all()  # 02:15, 07:45
    assert (np.abs(there[:, 30]) < 0.1).all() and (there[:, 54] > 5.0).all()


@pytest.mark.parametrize("attributes", [{"dawn": -1.0}, {"dawn": 5.0}, {"dawn": float("nan")}, {"utc_offset": 30.0}])
def test_a_dawn_that_cannot_be_is_refused(attributes: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        GlucoseModel().prior(Subject("P", attributes=attributes), 10, Streams(1))
    with pytest.raises(BadInput, match="dawn"):
        simulate_days([cohort()[0]], [Plan()], dawn=-1.0)
