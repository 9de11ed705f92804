"""The meal model with secretion: fasting states of the paper, the shape of a meal, bad input."""

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type2.meal_model import DERIVED, TABLE, fasting, simulate_meals

_GB, _IB = len(TABLE) + DERIVED.index("Gb"), len(TABLE) + DERIVED.index("Ib")
_TIMES = np.arange(0.0, 481.0, 10.0)


def test_the_table_implies_the_fasting_values_of_healthy_people_and_of_type_2_diabetes() -> None:
    normal, ill = fasting("normal")[1], fasting("type 2")[1]
    assert 70.0 < normal[_GB] < 100.0 and 20.0 < normal[_IB] < 30.0
    assert ill[_GB] > 126.0 and ill[_IB] > normal[_IB]  # 126 mg/dL: the line at which diabetes is diagnosed (ADA)


def test_without_a_meal_nothing_changes() -> None:
    glucose, insulin = simulate_meals(*fasting("type 2"), Plan(), _TIMES)
    assert np.ptp(glucose) < 1e-6 and np.ptp(insulin) < 1e-4


def test_a_meal_raises_glucose_higher_and_longer_in_type_2_diabetes() -> None:
    meal = Plan(meals=((10, 75.0),))
    normal, _ = simulate_meals(*fasting("normal"), meal, _TIMES)
    ill, _ = simulate_meals(*fasting("type 2"), meal, _TIMES)
    at_two_hours = int(np.searchsorted(_TIMES, 130.0))
    assert normal[at_two_hours] < 140.0 and ill[at_two_hours] > 200.0  # the oral test's lines (ADA)
    assert ill.argmax() > normal.argmax()


def test_a_pancreas_that_answers_less_leaves_more_glucose() -> None:
    meal = Plan(meals=((10, 75.0),))
    well = simulate_meals(*fasting("normal"), meal, _TIMES)[0]
    weak = simulate_meals(*fasting("normal", K=1.0, beta=0.05), meal, _TIMES)[0]
    assert weak.mean() > well.mean() and weak[0] == well[0]


@pytest.mark.parametrize(
    ("what", "call"),
    [
        ("group", lambda: fasting("type 3")),
        ("nonsense", lambda: fasting("normal", nonsense=1.0)),
        ("weight", lambda: fasting("normal", weight=-1.0)),
        ("plan", lambda: simulate_meals(*fasting("normal"), Plan(basal=1.0), _TIMES)),
    ],
)
def test_what_makes_no_sense_is_refused(what: str, call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match=what):
        call()
