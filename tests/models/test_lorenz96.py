"""The filter on chaos: errors at the published level, honest spread, half of the variables observed."""

import numpy as np
import pytest

from twinward.core import Observations, Streams, Subject, Twin
from twinward.engines.ode import solve
from twinward.errors import BadInput
from twinward.inference import EnsembleKalman, EnsembleSquareRoot
from twinward.models.lorenz96 import Lorenz96

CYCLES, BURN_IN, STEP = 1000, 300, 0.05


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """A path on the attractor, one row a cycle."""
    model = Lorenz96()
    start = 8 + 0.1 * np.random.default_rng(0).normal(size=40)
    times = np.concatenate([[50.0], 50 + STEP * np.arange(1, CYCLES + 1)])
    return solve(Lorenz96.derivative, start, np.array([8.0]), times, model.method).y[0, 1:]


def seen(model: Lorenz96, truth: np.ndarray) -> Observations:
    """Every observed variable at every cycle, with error of standard deviation 1."""
    columns = np.arange(0, 40, 40 // len(model.measured))
    values = truth[:, columns] + np.random.default_rng(1).normal(size=(len(truth), len(columns)))
    time = np.repeat(np.arange(1, len(truth) + 1) * STEP * model.time_unit, len(columns))
    names = list(model.signals) * len(truth)
    return Observations.columns(subject=["Ring/1"] * len(time), signal=names, time=time, value=values.ravel())


def filtered(model: Lorenz96, members: int, truth: np.ndarray) -> tuple[float, float, float]:
    """Mean root-mean-square error of the ensemble's mean, mean spread, coverage of the 80 % band, after a burn-in."""
    belief, batch, count = model.prior(Subject("Ring/1"), members, Streams(3)), seen(model, truth), len(model.measured)
    errors, spreads, covered = [], [], []
    for k in range(len(truth)):
        belief = model.assimilate(belief, batch[k * count : (k + 1) * count])
        x = belief["states"]
        errors.append(np.sqrt(((x.mean(axis=0) - truth[k]) ** 2).mean()))
        spreads.append(np.sqrt(x.var(axis=0, ddof=1).mean()))
        low, high = np.quantile(x, [0.1, 0.9], axis=0)
        covered.append(((low < truth[k]) & (truth[k] < high)).mean())
    return float(np.mean(errors[BURN_IN:])), float(np.mean(spreads[BURN_IN:])), float(np.mean(covered[BURN_IN:]))


def test_the_declared_climate_is_the_models(truth):
    assert abs(truth.mean() - 2.3) < 0.1
    assert abs(truth.std() - 3.6) < 0.1


@pytest.mark.parametrize(
    ("update", "published"),
    [
        # Sakov & Oke 2008, Tellus 60A, 361-371, and the table of DAPPER (nansencenter), setting sak08: 40 members, all
        # variables observed with error 1 every 0.05: time-mean RMSE of the analysis.
        (EnsembleKalman(inflation=1.06), 0.22),
        (EnsembleSquareRoot(inflation=1.02), 0.18),
    ],
)
def test_with_everything_observed_the_error_is_the_published_one(truth, update, published):
    error, spread, covered = filtered(Lorenz96(update=update), 40, truth)
    assert error == pytest.approx(published, abs=0.02)
    assert 0.8 < spread / error < 1.25
    assert 0.72 < covered < 0.88


@pytest.mark.parametrize(
    ("update", "members", "half_width"),
    [
        (EnsembleSquareRoot(inflation=1.02), 40, None),
        (EnsembleKalman(inflation=1.06), 100, None),
        (EnsembleSquareRoot(inflation=1.03), 20, 4.0),  # few members, but localised
    ],
)
def test_with_half_observed_all_are_known_better_than_they_are_measured(truth, update, members, half_width):
    error, spread, covered = filtered(Lorenz96(stride=2, update=update, half_width=half_width), members, truth)
    assert error < 0.5  # of an observation's error
    assert 0.8 < spread / error < 1.35
    assert 0.72 < covered < 0.88


def test_localisation_is_what_makes_few_members_enough(truth):
    lost, _, covered = filtered(Lorenz96(stride=2, update=EnsembleSquareRoot(inflation=1.03)), 12, truth[:500])
    found, _, _ = filtered(
        Lorenz96(stride=2, update=EnsembleSquareRoot(inflation=1.05), half_width=3.0), 12, truth[:500]
    )
    assert lost > 1.5 > 0.8 > found
    assert covered < 0.5


def test_a_forecast_grows_from_the_analysis_error_to_the_climate(truth):
    model = Lorenz96()
    twin = Twin(model, "Ring/1", members=40, seed=3)
    twin.observe(seen(model, truth[:300]))
    forecast = twin.forecast(float(4 * model.time_unit), step=float(STEP * model.time_unit))
    spread = np.mean([forecast[f"x{i}"].std("member").to_numpy() for i in range(40)], axis=0)
    assert spread[0] < 0.3
    assert spread[-1] > 2.5
    error = np.sqrt(np.mean([(forecast.mean(f"x{i}").to_numpy() - truth[300:380, i]) ** 2 for i in range(40)], axis=0))
    assert error[0] < 0.3 < 1.0 < error[-1]


def test_a_ring_that_cannot_be_is_refused():
    with pytest.raises(BadInput):
        Lorenz96(variables=40, stride=3)
