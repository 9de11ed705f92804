"""Forecasts of bedside values: exact where the process is known, causal, calibrated, storable."""

from pathlib import Path

import numpy as np
import pytest

from twinward.errors import BadInput, CorruptSave
from twinward.twins.patient.icu import SIGNALS, Series, Stay, VitalForecaster, correction
from twinward.twins.patient.icu.autoregression import Autoregression
from twinward.twins.patient.icu.process import HOUR, Processes
from twinward.twins.patient.icu.task import an_hour_later


def wandering(seed: int, count: int = 60, restless: float = 1.0, level: float = 80.0) -> Series:
    """An Ornstein-Uhlenbeck path (12 h, standard deviation 8) at irregular times, seen with an error of 2."""
    rng = np.random.default_rng(seed)
    time = np.cumsum(rng.choice([0.25, 0.5, 1.0, 1.0, 1.0], count)) * HOUR
    state, path = rng.normal(0, 8 * restless), []
    for gap in np.diff(time, prepend=time[0]):
        kept = np.exp(-gap / (12 * HOUR))
        state = kept * state + 8 * restless * np.sqrt(1 - kept**2) * rng.normal()
        path.append(state)
    return Series(time, level + rng.normal(0, 10) + np.array(path) + rng.normal(0, 2 * restless, count))


def stay(seed: int) -> Stay:
    return Stay(f"Patient/{seed}", {name: wandering(3 * seed + i) for i, name in enumerate(SIGNALS)})


@pytest.fixture(scope="module")
def model() -> VitalForecaster:
    return VitalForecaster.fit([stay(seed) for seed in range(10)])


def test_one_wandering_without_error_is_forecast_by_its_last_value() -> None:
    # Ornstein-Uhlenbeck is Markov: mean + exp(-h / tau) (last - mean), variance s (1 - exp(-2 h / tau)).
    process = Processes(80.0, np.array([[1e-9, 50.0, 6 * HOUR, 1e-9, HOUR, 1e-9]]), np.ones(1))
    series = Series(np.array([0.0, 1.0, 2.5]) * HOUR, np.array([90.0, 70.0, 86.0]))
    mean, sd = process.ahead(series, HOUR)
    kept = np.exp(-1 / 6)
    np.testing.assert_allclose(mean, 80 + kept * (series.value - 80), atol=1e-5)
    np.testing.assert_allclose(sd, np.sqrt(50 * (1 - kept**2)), atol=1e-5)


def test_errors_alone_are_averaged() -> None:
    # Level N(0, 9), errors N(0, 4): after n values the posterior mean is 9 n / (9 n + 4) times their average.
    process = Processes(0.0, np.array([[9.0, 1e-9, HOUR, 1e-9, HOUR, 4.0]]), np.ones(1))
    mean, sd = process.ahead(Series(np.arange(3) * HOUR, np.array([3.0, 1.0, 5.0])), HOUR)
    np.testing.assert_allclose(mean, [9 * 3 / 13, 9 * 4 / 22, 9 * 9 / 31], atol=1e-6)
    np.testing.assert_allclose(sd[2], np.sqrt(4 + 9 * 4 / 31), atol=1e-6)


def test_a_restless_patient_is_recognised_by_his_own_values() -> None:
    calm = [wandering(seed) for seed in range(12)]
    wild = [wandering(seed, restless=4.0) for seed in range(20, 32)]
    process = Processes.fit(calm + wild, kinds=2)
    _, calm_sd = process.ahead(wandering(100), HOUR)
    _, wild_sd = process.ahead(wandering(100, restless=4.0), HOUR)
    assert wild_sd[0] < 1.5 * calm_sd[0]  # one value tells little
    assert wild_sd[-1] > 2 * calm_sd[-1]


@pytest.mark.parametrize("row", [0, 17, 40])
def test_what_comes_later_never_moves_an_earlier_forecast(model: VitalForecaster, row: int) -> None:
    real = wandering(50)
    later = np.arange(len(real)) > row
    other = Series(real.time + np.where(later, 60.0, 0.0), np.where(later, 200.0, real.value))
    told, moved = model.replay("heart_rate", real), model.replay("heart_rate", other)
    for field in ("mean", "low", "high"):
        np.testing.assert_allclose(getattr(told, field)[: row + 1], getattr(moved, field)[: row + 1], atol=1e-8)
    said = model.predict("heart_rate", real.until(real.time[row]))
    assert said.mean == pytest.approx(told.mean[row])
    assert (said.time, said.unit) == (real.time[row] + HOUR, "/min")


def test_it_beats_last_value_and_autoregression_and_covers(model: VitalForecaster) -> None:
    reference = Autoregression.fit([stay(seed).series["heart_rate"] for seed in range(10)], 4)
    errors, inside = [], []
    for seed in range(200, 240):
        series = wandering(seed)
        told = model.replay("heart_rate", series)
        due = np.isfinite(told.seen)
        errors.append(np.column_stack([told.mean, series.value, reference.predict(series)])[due] - told.seen[due, None])
        inside.append(((told.seen >= told.low) & (told.seen <= told.high))[due])
    ours, last, regressed = np.sqrt(np.mean(np.concatenate(errors) ** 2, axis=0))
    assert ours < 0.97 * last
    assert ours < regressed
    assert 0.86 <= np.concatenate(inside).mean() <= 0.94


def test_autoregression_finds_the_weights_of_its_own_process() -> None:
    rng = np.random.default_rng(5)
    value = np.full(4000, 50.0)  # its mean, 10 / (1 - 0.8)
    for i in range(2, 4000):
        value[i] = 10 + 0.6 * value[i - 1] + 0.2 * value[i - 2] + rng.normal()
    found = Autoregression.fit([Series(np.arange(4000) * HOUR, value)], 2)
    np.testing.assert_allclose(found.weights, [0.6, 0.2], atol=0.05)


def test_an_hour_later_is_the_nearest_within_the_window() -> None:
    series = Series(np.array([0.0, 50.0, 62.0, 80.0, 200.0]) * 60, np.zeros(5))
    assert an_hour_later(series).tolist() == [2, -1, -1, -1, -1]
    assert an_hour_later(Series(np.zeros(1), np.zeros(1))).tolist() == [-1]


def test_a_fitted_forecaster_is_kept_as_numbers(model: VitalForecaster, tmp_path: Path) -> None:
    model.save(tmp_path / "vitals.npz")
    again = VitalForecaster.load(tmp_path / "vitals.npz")
    assert again.predict("cuff_pressure", wandering(60)) == model.predict("cuff_pressure", wandering(60))
    with np.load(tmp_path / "vitals.npz") as file:
        held = {name: file[name] for name in file.files}
    turned = held["heart_rate.trees.left"] * 0  # every node leads to the first: a walk would never end
    np.savez(tmp_path / "vitals.npz", **(held | {"heart_rate.trees.left": turned}))
    with pytest.raises(CorruptSave):
        VitalForecaster.load(tmp_path / "vitals.npz")
    (tmp_path / "vitals.npz").write_bytes(b"no archive")
    with pytest.raises(CorruptSave):
        VitalForecaster.load(tmp_path / "vitals.npz")


def test_bad_input_is_refused(model: VitalForecaster) -> None:
    with pytest.raises(BadInput, match="signal"):
        model.predict("mood", wandering(1))
    with pytest.raises(BadInput, match="history"):
        model.predict("heart_rate", Series(np.zeros(0), np.zeros(0)))
    with pytest.raises(BadInput, match="stays"):
        VitalForecaster.fit([stay(1)])
    with pytest.raises(BadInput, match="increasing"):
        Series(np.array([1.0, 1.0]), np.zeros(2))
    with pytest.raises(BadInput, match="finite"):
        Series(np.array([1.0]), np.array([np.nan]))


def test_the_trees_see_nothing_later_and_are_held_back_where_they_do_not_bear_out() -> None:
    rng = np.random.default_rng(3)
    series = wandering(5)
    mean, sd = rng.normal(80, 5, len(series)), np.full(len(series), 4.0)
    whole = correction.columns(series, mean, sd)
    part = correction.columns(Series(series.time[:20], series.value[:20]), mean[:20], sd[:20])
    np.testing.assert_array_equal(whole[:20], part)
    table, noise, stay = rng.standard_normal((1500, 4)), rng.standard_normal(1500), np.repeat(np.arange(30), 50)
    trees, added = correction.fit(table, noise, stay)
    assert np.abs(trees.predict(table)).mean() < 0.1 and np.abs(added).mean() < 0.1
    trees, added = correction.fit(table, noise + 2.0 * table[:, 0], stay)
    assert np.corrcoef(trees.predict(table), table[:, 0])[0, 1] > 0.9 and np.corrcoef(added, table[:, 0])[0, 1] > 0.9
    few, none = correction.fit(table[:300], table[:300, 0], stay[:300])
    assert (few.predict(table) == 0.0).all() and (none == 0.0).all()
