"""The glucose forecaster as its users rely on it: causal, personal, calibrated, storable."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twinward.errors import BadInput, CorruptSave
from twinward.twins.patient.cgm import GlucoseForecaster, Session, read_sessions
from twinward.twins.patient.cgm.features import REFERENCE
from twinward.twins.patient.cgm.ridge import Ridge
from twinward.twins.patient.cgm.rows import rows_of

ROWS = 500
Simulate = Callable[..., Session]


@pytest.fixture(scope="module")
def model(simulate: Simulate) -> GlucoseForecaster:
    return GlucoseForecaster.fit([simulate(number) for number in range(8)])


def changed_after(one: Session, row: int) -> Session:
    """Another future: readings, meals and boluses after `row` are others."""
    now = one.time[row]
    glucose = np.where(one.time > now, 300.0, one.glucose)
    meals = one.meals.copy()
    meals[meals[:, 0] > now, 1:] = 500.0
    return replace(one, glucose=glucose, meals=meals, boluses=one.boluses[one.boluses[:, 0] <= now])


@pytest.mark.parametrize("row", [5, 120, 333])
def test_what_comes_later_never_moves_an_earlier_forecast(
    model: GlucoseForecaster, simulate: Simulate, row: int
) -> None:
    real = simulate(20)
    told, other = model.replay([real])[0], model.replay([changed_after(real, row)])[0]
    until = told.time <= real.time[row]
    assert until.sum() == row - 2
    for field in ("mean", "low", "high", "reference"):
        np.testing.assert_allclose(getattr(told, field)[until], getattr(other, field)[until], rtol=0, atol=1e-8)
    assert np.abs(told.mean[~until] - other.mean[~until]).max() > 1


def test_predict_says_what_the_replay_said_at_that_time(model: GlucoseForecaster, simulate: Simulate) -> None:
    real, row = simulate(21), 300
    told = model.replay([real])[0]
    at = int(np.flatnonzero(told.time == real.time[row])[0])
    near, far = model.predict(real.until(real.time[row]))
    assert (near.minutes, far.minutes) == (30, 60)
    assert far.time == real.time[row] + 3600
    np.testing.assert_allclose([near.mean, far.mean], told.mean[at], atol=1e-8)
    np.testing.assert_allclose([far.low, far.high], [told.low[at, 1], told.high[at, 1]], atol=1e-8)


def test_it_beats_the_last_value_and_keeps_its_intervals_promise(model: GlucoseForecaster, simulate: Simulate) -> None:
    told = [model.replay([simulate(number)])[0] for number in range(30, 36)]
    seen, mean = (np.concatenate([getattr(one, name) for one in told]) for name in ("seen", "mean"))
    now = np.concatenate([one.glucose for one in told])[:, None]
    known = np.isfinite(seen).all(axis=1)
    ours, last = (np.sqrt(np.mean((seen - x)[known] ** 2, axis=0)) for x in (mean, now))
    assert (ours < 0.9 * last).all()
    for one in told:
        due = np.isfinite(one.seen)
        inside = (one.seen >= one.low) & (one.seen <= one.high)
        assert 0.84 <= inside[due].mean() <= 0.96


def test_the_interval_follows_a_patient_unlike_the_training_patients(
    model: GlucoseForecaster, simulate: Simulate
) -> None:
    real = simulate(40)
    wild = replace(real, glucose=np.clip(real.glucose + np.random.default_rng(3).normal(0, 25, ROWS), 40, 500))
    told = model.replay([wild])[0]
    due = np.isfinite(told.seen[:, 1])
    inside = ((told.seen >= told.low) & (told.seen <= told.high))[due]
    assert inside[ROWS // 2 :].mean() > 0.84
    assert np.mean(told.high - told.low) > 2 * np.mean(model.replay([real])[0].high - model.replay([real])[0].low)


def test_an_earlier_session_makes_the_start_of_the_next_personal(model: GlucoseForecaster, simulate: Simulate) -> None:
    first, second = simulate(22), simulate(22, rows=120, start=30 * 86400.0, name="second")
    alone, after = model.replay([second])[0], model.replay([second, first])[1]
    assert np.abs(alone.mean - after.mean).max() > 0.1
    assert model.predict(second, earlier=[first])[0].mean == pytest.approx(after.mean[-1, 0])


def test_gaps_are_bridged_without_a_forecast_for_what_was_not_seen(
    model: GlucoseForecaster, simulate: Simulate
) -> None:
    real = simulate(23)
    keep = np.ones(ROWS, dtype=bool)
    keep[200:202] = False  # a 45-minute gap
    told = model.replay([replace(real, time=real.time[keep], glucose=real.glucose[keep])])[0]
    assert len(told.time) == keep.sum() - 3
    assert np.isnan(told.seen[:, 0]).sum() == 2 + 2  # outcomes in the gap, and beyond the end
    assert np.isfinite(told.mean).all()


def test_a_sensor_of_five_minutes_is_read_at_quarters_of_an_hour(model: GlucoseForecaster, simulate: Simulate) -> None:
    real = simulate(25, rows=200)
    time = np.arange(real.time[0], real.time[-1] + 1, 300.0)
    fine = replace(real, time=time, glucose=np.interp(time, real.time, real.glucose))
    for said, expected in zip(model.predict(fine), model.predict(real), strict=True):
        assert said.mean == pytest.approx(expected.mean)
    odd = fine.until(time[-2])
    assert model.predict(odd)[0].time == time[-2] + 1800


def test_intervals_never_reach_below_nothing(model: GlucoseForecaster, simulate: Simulate) -> None:
    real = simulate(26)
    low = replace(real, glucose=np.clip(real.glucose - 90 + np.random.default_rng(1).normal(0, 20, ROWS), 21, 400))
    assert model.replay([low])[0].low.min() >= 0


@pytest.mark.parametrize("number", [2, 27])
def test_for_a_stranger_it_learns_within_two_days_what_its_forecasts_are_worth(simulate: Simulate, number: int) -> None:
    # These sensors have errors without memory: unlike any real one, the last value is hard to beat there.
    told = GlucoseForecaster.shipped().replay([simulate(number)])[0]
    due = np.isfinite(told.seen).all(axis=1) & (np.arange(len(told.time)) > 192)
    ours, ridge, last = (
        np.sqrt(np.mean((told.seen - x)[due] ** 2, axis=0)) for x in (told.mean, told.reference, told.glucose[:, None])
    )
    assert (ours < 1.15 * last).all()
    assert (ours < 0.75 * ridge).all()


@pytest.mark.data
def test_the_shipped_forecaster_is_what_the_data_give(data_dir: Path) -> None:
    shipped = GlucoseForecaster.shipped()
    sessions = [s for kind in ("T1", "T2") for s in read_sessions(data_dir / "patient/cgm_shanghai" / kind)]
    rows = [rows_of(session) for session in sessions]
    x, y = np.concatenate([one.features for one in rows]), np.concatenate([one.change for one in rows])
    known = np.isfinite(y).all(axis=1)
    for fitted, table in ((shipped.population, x), (shipped.reference, x[:, REFERENCE])):
        np.testing.assert_allclose(fitted.predict(table[:500]), Ridge.fit(table[known], y[known]).predict(table[:500]))


def test_a_fitted_forecaster_is_kept_as_numbers(model: GlucoseForecaster, simulate: Simulate, tmp_path: Path) -> None:
    model.save(tmp_path / "model.npz")
    again = GlucoseForecaster.load(tmp_path / "model.npz")
    history = simulate(24, rows=60)
    assert again.predict(history) == model.predict(history)
    assert again.level == 0.9


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 damaged"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with pytest.raises(CorruptSave):
        GlucoseForecaster.load(path)


def test_bad_input_is_refused(model: GlucoseForecaster, simulate: Simulate) -> None:
    with pytest.raises(BadInput, match="patients"):
        GlucoseForecaster.fit([simulate(1)])
    with pytest.raises(BadInput, match="level"):
        GlucoseForecaster.fit([simulate(1), simulate(2)], level=90)
    with pytest.raises(BadInput, match="history"):
        model.predict(simulate(1, rows=3))
    with pytest.raises(BadInput, match="sessions"):
        model.replay([simulate(1), simulate(2)])
    with pytest.raises(BadInput, match="increasing"):
        Session("Patient/1", "a", np.array([900.0, 0.0]), np.array([100.0, 100.0]))
