"""Sessions told as observations: nothing is lost on the way there and back, and units are not mixed up."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from twinward.core import Observations
from twinward.errors import BadInput, UnknownUnit
from twinward.twins.patient.cgm import Session, observations_of, session_from

Simulate = Callable[..., Session]


@pytest.fixture
def told(simulate: Simulate) -> Session:
    table = np.array([[900.0, 5.0], [3600.0, 7.5]])
    one = simulate(3, rows=200)
    unknown = np.array([[1800.0, 0, 0, 0, 0, 0]])  # a meal of which nothing is known
    return replace(
        one,
        meals=np.vstack([unknown, one.meals]),
        retarded=table,
        basal=table / 10,
        fingerprick=20 * table,
        ketone=table,
    )


def test_a_session_comes_back_from_its_observations_in_any_order(told: Session) -> None:
    seen = observations_of(told)
    shuffled = seen[np.random.default_rng(1).permutation(len(seen))]
    again = session_from(shuffled, told.utc_offset, told.name)
    for field in fields(Session):
        value = getattr(told, field.name)
        if isinstance(value, np.ndarray):
            np.testing.assert_allclose(getattr(again, field.name), value, err_msg=field.name)
        else:
            assert getattr(again, field.name) == value


def test_ninety_milligrams_are_just_under_five_millimoles(told: Session) -> None:
    seen = observations_of(told)
    glucose = seen.signal == "interstitial_glucose"
    unit = np.where(glucose, "mmol/L", seen.unit).astype(object)
    molar = seen.replace(unit=unit, value=np.where(glucose, seen.value * 4.996 / 90, seen.value))
    np.testing.assert_allclose(session_from(molar).glucose, told.glucose, rtol=2e-4)


def test_a_retracted_reading_is_not_there(told: Session) -> None:
    seen = observations_of(told)
    retracted = seen.replace(retracted=(seen.signal == "interstitial_glucose") & (seen.time == told.time[7]))
    assert len(session_from(retracted)) == len(told) - 1


def test_bad_observations_are_refused(told: Session, simulate: Simulate) -> None:
    seen = observations_of(told)
    with pytest.raises(BadInput, match="sensor"):
        session_from(Observations.of([]))
    with pytest.raises(BadInput, match="one patient"):
        session_from(Observations.concatenate([seen, observations_of(simulate(4))]))
    with pytest.raises(UnknownUnit):
        session_from(seen.replace(unit=np.full(len(seen), "kg", dtype=object)))
