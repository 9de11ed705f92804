"""Plans of a person with type 2 diabetes: each lowers glucose as it should, and the twin is left alone."""

import numpy as np
import pytest

from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.type2.personal.synthetic import synthetic_weeks
from twinward.web.clinic.insulin import seen_by_sensor
from twinward.web.clinic.type2 import MEAL_ALONE, WITH_BASAL, WITH_METFORMIN, WITH_WALK, Type2


@pytest.fixture(scope="module")
def twin() -> Type2:
    week = synthetic_weeks(1, Streams(5), days=1, every=15)[0]
    return Type2("Patient/P000002", week.subject.attributes, seen_by_sensor(week.seen))


def test_a_walk_lowers_glucose_while_it_lasts_insulin_and_metformin_on_average(twin: Type2) -> None:
    before = twin.twin.belief.digest()
    compared = twin.compare(60.0, 40.0, 30, 1.0, 1.0)
    assert list(compared.forecasts) == [MEAL_ALONE, WITH_WALK, WITH_BASAL, WITH_METFORMIN]
    rows = compared.table(0.9)
    mean = rows[rows["outcome"] == "mean_glucose"].set_index("scenario")["difference"]
    assert (mean[[WITH_BASAL, WITH_METFORMIN]] < 0).all()
    walked, alone = (
        compared[name]["glucose"].transpose("member", "time").to_numpy() for name in (WITH_WALK, MEAL_ALONE)
    )
    assert (walked[:, 7:12] < alone[:, 7:12]).all()  # from 70 min on: the walk begins at 45
    np.testing.assert_allclose(walked[:, :4], alone[:, :4], atol=1e-9)
    assert twin.twin.belief.digest() == before


def test_nothing_asked_changes_nothing(twin: Type2) -> None:
    compared = twin.compare(60.0, 0.0, 30, 0.0, 0.0)
    rows = compared.table(0.9)
    assert rows[rows["outcome"] == "mean_glucose"]["difference"].fillna(0.0).abs().max() < 1e-9


def test_what_nobody_does_is_refused(twin: Type2) -> None:
    with pytest.raises(BadInput):
        twin.compare(60.0, 400.0, 30, 1.0, 1.0)
    with pytest.raises(BadInput):
        twin.compare(-1.0, 40.0, 30, 1.0, 1.0)
