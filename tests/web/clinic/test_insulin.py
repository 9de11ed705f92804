"""Plans of insulin: whom they are for, what they do to glucose, what they refuse, what they leave alone."""

import numpy as np
import pytest

from twinward.core.observation import Observation, Observations
from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.personal.synthetic import Week, synthetic_weeks
from twinward.web.clinic.insulin import BEFORE, NONE, WITH, Insulin, seen_by_sensor

WHO = "Patient/P000001"


@pytest.fixture(scope="module")
def week() -> Week:
    return synthetic_weeks(1, Streams(5), days=1, every=15)[0]


@pytest.fixture(scope="module")
def insulin(week: Week) -> Insulin:
    return Insulin(WHO, week.subject.attributes, seen_by_sensor(week.seen))


def test_only_who_wears_a_sensor_has_a_glucose_twin(week: Week) -> None:
    pulse = Observations.of([Observation(week.subject.id, "heart_rate", 0.0, 70.0)])
    pricks = Observations.of([Observation(week.subject.id, "glucose", 0.0, 140.0)])
    assert len(seen_by_sensor(Observations.concatenate([week.seen, pulse]))) == len(week.seen)
    assert not len(seen_by_sensor(pulse)) and not len(seen_by_sensor(pricks))
    assert not len(seen_by_sensor(Observations.of([])))


def test_too_few_readings_are_refused(week: Week) -> None:
    with pytest.raises(BadInput):
        Insulin(WHO, {}, week.seen[:3])


def test_a_bolus_lowers_glucose_in_every_future_and_an_early_one_sooner(insulin: Insulin) -> None:
    before = insulin.twin.belief.digest()
    compared = insulin.compare(60.0, 6.0)
    assert list(compared.forecasts) == [NONE, WITH, BEFORE] and compared.baseline == NONE
    none, late, early = (
        compared[name]["glucose"].transpose("member", "time").to_numpy() for name in (NONE, WITH, BEFORE)
    )
    assert (late[:, -1] < none[:, -1]).all()
    hour = none.shape[1] // 6
    assert (early[:, hour] < late[:, hour]).all()
    assert np.array_equal(late[:, 0], none[:, 0])  # the same luck, and nothing injected yet
    assert insulin.twin.belief.digest() == before


def test_another_basal_rate_is_one_plan_more(insulin: Insulin, week: Week) -> None:
    rows = week.seen.signal == "insulin_basal"
    assert insulin.basal == pytest.approx(float(week.seen.value[rows][-1]))  # the one that was told runs
    compared = insulin.compare(60.0, 6.0, 1.5)
    more = f"{WITH}, basal 150 %"
    assert (compared[more].outcome("mean_glucose") < compared[WITH].outcome("mean_glucose")).all()


@pytest.mark.parametrize(("meal", "bolus", "basal"), [(-1.0, 4.0, 1.0), (45.0, 1000.0, 1.0), (45.0, 4.0, 1e4)])
def test_amounts_nobody_gives_are_refused(insulin: Insulin, meal: float, bolus: float, basal: float) -> None:
    with pytest.raises(BadInput):
        insulin.compare(meal, bolus, basal)
