"""The stabilised method: right answers, few evaluations where DormandPrince needs many, masses kept."""

import numpy as np
import pytest

from twinward.engines.ode import DormandPrince54, Event, IntegrationFailed, RungeKuttaLegendre2, derivative, solve
from twinward.errors import BadInput

CELLS, RATE = 50, 400.0


@derivative
def diffuse(t, y, p, dydt):
    """Heat between cells, walls closed."""
    n = y.shape[0]
    for i in range(n):
        left = y[i - 1] if i > 0 else y[i]
        right = y[i + 1] if i < n - 1 else y[i]
        dydt[i] = p[0] * (left - 2.0 * y[i] + right) + p[1] / n


@derivative
def follow(t, y, p, dydt):
    dydt[0] = -p[0] * (y[0] - np.cos(t))


@derivative
def explode(t, y, p, dydt):
    dydt[0] = y[0] * y[0]


def mode(k: int, time: float) -> np.ndarray:
    """A mode of the closed chain, exactly."""
    x = (np.arange(CELLS) + 0.5) * k * np.pi / CELLS
    return np.cos(x) * np.exp(-2.0 * RATE * (1.0 - np.cos(k * np.pi / CELLS)) * time)


P = np.array([RATE, 0.0])


def test_heat_spreads_as_it_must() -> None:
    found = solve(diffuse, 1.0 + mode(1, 0.0) + mode(4, 0.0), P, np.array([0.2, 1.0]), RungeKuttaLegendre2(1e-5, 1e-7))
    for row, time in enumerate((0.2, 1.0)):
        assert np.abs(found.y[0, row] - (1.0 + mode(1, time) + mode(4, time))).max() < 1e-4


def test_it_is_of_order_two() -> None:
    """With the step held and no tolerance, half the step leaves a quarter of the error."""
    exact = (25.0 * np.cos(2.0) + 5.0 * np.sin(2.0)) / 26.0 + (1.0 - 25.0 / 26.0) * np.exp(-10.0)
    errors = []
    for step in (0.04, 0.02, 0.01):
        method = RungeKuttaLegendre2(1e6, 1e6, longest=step)
        found = solve(follow, np.array([1.0]), np.array([5.0]), np.array([2.0]), method)
        errors.append(abs(found.y[0, 0, 0] - exact))
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.15)


def test_stiffness_costs_few_evaluations() -> None:
    start = 1.0 + mode(1, 0.0)
    ours = solve(diffuse, start, P, np.array([1.0]), RungeKuttaLegendre2(1e-3, 1e-5))
    theirs = solve(diffuse, start, P, np.array([1.0]), DormandPrince54(1e-3, 1e-5))
    assert ours.evaluations[0] * 5 < theirs.evaluations[0]


def test_mass_is_kept_to_rounding_and_grows_by_what_comes_in() -> None:
    found = solve(diffuse, 1.0 + mode(1, 0.0), np.array([RATE, 3.0]), np.array([2.0]), RungeKuttaLegendre2(1e-3, 1e-5))
    assert found.y[0, 0].sum() == pytest.approx(CELLS + 6.0, rel=1e-12)


def test_a_dose_is_given_at_its_instant_whatever_the_step() -> None:
    dose = Event.add(0.5, 0, 10.0)
    found = solve(diffuse, np.ones(CELLS), P, np.array([0.4, 0.5, 1.0]), RungeKuttaLegendre2(), events=[dose])
    assert found.y[0, :, :].sum(axis=1) == pytest.approx([CELLS, CELLS, CELLS + 10.0], rel=1e-12)


def test_threads_do_not_change_a_bit() -> None:
    start = np.ones((5, CELLS)) + mode(1, 0.0)
    p = np.column_stack([np.linspace(10.0, 900.0, 5), np.zeros(5)])
    one = solve(diffuse, start, p, np.array([1.0]), RungeKuttaLegendre2(), threads=1)
    two = solve(diffuse, start, p, np.array([1.0]), RungeKuttaLegendre2(), threads=2)
    assert (one.y == two.y).all()


def test_what_runs_away_is_said_with_its_time() -> None:
    with pytest.raises(IntegrationFailed, match="member 0"):
        solve(explode, np.array([1.0]), np.array([0.0]), np.array([2.0]), RungeKuttaLegendre2(max_steps=5000))


@pytest.mark.parametrize("field", ["rtol", "atol", "longest", "max_steps"])
def test_settings_that_make_no_sense_are_refused(field: str) -> None:
    with pytest.raises(BadInput, match=field):
        RungeKuttaLegendre2(**{field: 0.0})
