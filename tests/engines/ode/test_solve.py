"""The integrators against closed forms, their orders, SciPy, and what they say when they cannot go on."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.integrate._ivp.rk import RK45

from twinward.engines.ode import (
    DormandPrince54,
    Event,
    IntegrationFailed,
    RungeKutta4,
    derivative,
    dormand_prince,
    solve,
)
from twinward.errors import BadInput


@derivative
def decay(t, y, p, dydt):
    dydt[0] = -p[0] * y[0] + p[1]


@derivative
def oscillator(t, y, p, dydt):
    dydt[0] = y[1]
    dydt[1] = -p[0] * p[0] * y[0]


@derivative
def van_der_pol(t, y, p, dydt):
    dydt[0] = y[1]
    dydt[1] = p[0] * (1 - y[0] * y[0]) * y[1] - y[0]


@derivative
def blow_up(t, y, p, dydt):
    dydt[0] = p[0] * y[0] * y[0]


@derivative
def forced(t, y, p, dydt):
    dydt[0] = np.cos(t)


METHODS = [RungeKutta4(0.01), DormandPrince54(1e-9, 1e-12)]


@pytest.mark.parametrize("method", METHODS)
def test_exponential_decay_of_every_member_at_any_times(method):
    rates = np.linspace(0.1, 3, 7)
    times = np.array([0.0, 0.1234, 0.5, 0.5, 2.0, 3.7])
    found = solve(decay, np.array([2.0]), np.column_stack([rates, np.zeros(7)]), times, method)
    np.testing.assert_allclose(found.y[:, :, 0], 2 * np.exp(-rates[:, None] * times), rtol=2e-7)


@pytest.mark.parametrize("method", METHODS)
def test_the_derivative_sees_absolute_time(method):
    found = solve(forced, np.array([np.sin(1.0)]), np.zeros(1), np.array([2.0, 5.0]), method, start=1.0)
    np.testing.assert_allclose(found.y[0, :, 0], np.sin([2.0, 5.0]), atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_doses_and_infusions_superpose_as_the_linear_model_says(method):
    k, dose, rate, start, stop = 0.7, 10.0, 3.0, 1.0, 2.5
    events = [Event.set(stop, 1, 0.0), Event.add(0.5, 0, dose), Event.set(start, 1, rate), Event.add(9.0, 0, 1e9)]
    times = np.linspace(0, 6, 25)
    found = solve(decay, np.array([0.0]), np.array([k, 0.0]), times, method, events=events)
    bolus = dose * np.exp(-k * (times - 0.5)) * (times > 0.5)
    while_on = rate / k * (1 - np.exp(-k * (np.clip(times, start, stop) - start)))
    infused = while_on * np.exp(-k * np.clip(times - stop, 0, None))
    np.testing.assert_allclose(found.y[0, :, 0], bolus + infused, atol=1e-7)


def test_a_scaled_parameter_returns_to_what_it_was():
    events = [Event.scale(1.0, 0, 2.0), Event.scale(2.0, 0, 1.0)]
    found = solve(decay, np.array([1.0]), np.array([0.3, 0.0]), np.array([3.0]), RungeKutta4(0.01), events=events)
    np.testing.assert_allclose(found.y[0, 0, 0], np.exp(-0.3 * 4), rtol=1e-9)


def test_an_output_at_the_instant_of_a_dose_shows_the_trough():
    found = solve(
        decay,
        np.array([1.0]),
        np.array([0.0, 0.0]),
        np.array([1.0, 1.5]),
        RungeKutta4(0.1),
        events=[Event.add(1.0, 0, 5)],
    )
    assert found.y[0, :, 0].tolist() == [1.0, 6.0]


def test_runge_kutta_has_order_four():
    errors = []
    for step in (0.1, 0.05, 0.025):
        found = solve(oscillator, np.array([1.0, 0.0]), np.array([1.3]), np.array([5.0]), RungeKutta4(step))
        truth = np.array([np.cos(1.3 * 5), -1.3 * np.sin(1.3 * 5)])
        errors.append(np.linalg.norm(found.y[0, 0] - truth))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(orders, 4.0, atol=0.15)


def test_dormand_prince_coefficients_are_scipys():
    d = dormand_prince
    np.testing.assert_allclose([d.B1, 0, d.B3, d.B4, d.B5, d.B6], RK45.B, rtol=1e-15)
    np.testing.assert_allclose(np.abs([d.E1, 0, d.E3, d.E4, d.E5, d.E6, d.E7]), np.abs(RK45.E), rtol=1e-14)
    np.testing.assert_allclose([0, d.C2, d.C3, d.C4, d.C5, 1], RK45.C, rtol=1e-15)
    np.testing.assert_allclose([d.A61, d.A62, d.A63, d.A64, d.A65], RK45.A[5, :5], rtol=1e-15)
    np.testing.assert_allclose([d.A51, d.A52, d.A53, d.A54], RK45.A[4, :4], rtol=1e-15)
    np.testing.assert_allclose([d.A41, d.A42, d.A43], RK45.A[3, :3], rtol=1e-15)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-8, 1e-10])
def test_dormand_prince_error_follows_the_tolerance_between_steps_too(tolerance):
    times = np.linspace(0.01, 20, 777)
    found = solve(oscillator, np.array([1.0, 0.0]), np.array([1.0]), times, DormandPrince54(tolerance, tolerance))
    error = np.abs(found.y[0, :, 0] - np.cos(times)).max()
    assert error < 100 * tolerance
    assert found.evaluations[0] < 6 * len(times) or tolerance < 1e-9  # the many instants cost no steps


def test_dormand_prince_agrees_with_scipy_and_needs_no_more_work():
    times = np.linspace(0, 20, 41)
    ours = solve(van_der_pol, np.array([2.0, 0.0]), np.array([2.0]), times, DormandPrince54(1e-8, 1e-8))

    def right(t, y):
        return [y[1], 2.0 * (1 - y[0] ** 2) * y[1] - y[0]]

    peer = solve_ivp(right, (0, 20), [2.0, 0.0], t_eval=times, rtol=1e-8, atol=1e-8)
    exact = solve_ivp(right, (0, 20), [2.0, 0.0], "DOP853", t_eval=times, rtol=1e-12, atol=1e-12)
    assert np.abs(ours.y[0].T - exact.y).max() <= 3 * np.abs(peer.y - exact.y).max()
    assert ours.evaluations[0] <= 1.3 * peer.nfev


@pytest.mark.parametrize("method", METHODS)
def test_one_and_two_threads_give_equal_bits_and_members_do_not_see_each_other(method):
    rng = np.random.default_rng(1)
    y0, p = rng.normal(size=(101, 2)), rng.uniform(0.5, 2, (101, 1))
    times = np.linspace(0.1, 4, 9)
    one = solve(oscillator, y0, p, times, method, threads=1)
    two = solve(oscillator, y0, p, times, method, threads=2)
    alone = solve(oscillator, y0[57], p[57], times, method)
    assert one.y.tobytes() == two.y.tobytes()
    assert one.y[57].tobytes() == alone.y[0].tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_members_may_share_the_start_or_the_parameters(method):
    y0, p, times = np.array([1.0, 0.5]), np.array([[0.7], [1.3]]), np.array([2.0])
    shared = solve(oscillator, y0, p, times, method)
    spelled = solve(oscillator, np.tile(y0, (2, 1)), p, times, method)
    assert shared.y.tobytes() == spelled.y.tobytes()
    assert solve(oscillator, np.tile(y0, (2, 1)), p[0], times, method).y[1].tobytes() == shared.y[0].tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_a_failure_names_the_member_and_the_time(method):
    p = np.array([[0.1], [1.0], [0.1]])  # member 1 goes to infinity at t = 1
    with pytest.raises(IntegrationFailed, match="member 1") as caught:
        solve(blow_up, np.array([1.0]), p, np.array([0.5, 1.5, 2.0]), method)
    assert caught.value.member == 1
    assert 0.9 < caught.value.time <= 1.5


def test_a_missing_state_is_reported_not_propagated():
    with pytest.raises(IntegrationFailed, match="not finite"):
        solve(decay, np.array([np.nan]), np.array([1.0, 0.0]), np.array([1.0]), DormandPrince54())
    with pytest.raises(IntegrationFailed, match="not finite"):
        solve(decay, np.array([1.0]), np.array([np.nan, 0.0]), np.array([1.0]), RungeKutta4(0.1))


def test_a_stiff_problem_ends_in_an_error_not_in_a_day():
    with pytest.raises(IntegrationFailed, match="max_steps"):
        solve(decay, np.array([1.0]), np.array([1e7, 1.0]), np.array([100.0]), DormandPrince54(max_steps=5_000))


@pytest.mark.parametrize(
    ("what", "call"),
    [
        ("step", lambda: RungeKutta4(0.0)),
        ("rtol", lambda: DormandPrince54(rtol=-1)),
        ("times", lambda: solve(decay, np.ones(1), np.ones(2), np.array([2.0, 1.0]), METHODS[0])),
        ("times", lambda: solve(decay, np.ones(1), np.ones(2), np.array([1.0]), METHODS[0], start=3.0)),
        ("p", lambda: solve(decay, np.ones((3, 1)), np.ones((2, 2)), np.array([1.0]), METHODS[0])),
        ("event", lambda: solve(decay, np.ones(1), np.ones(2), np.ones(1), METHODS[0], events=[Event.add(0.5, 1, 1)])),
        ("event", lambda: solve(decay, np.ones(1), np.ones(2), np.ones(1), METHODS[0], events=[Event.set(-1, 0, 1)])),
        ("threads", lambda: solve(decay, np.ones(1), np.ones(2), np.ones(1), METHODS[0], threads=0)),
    ],
)
def test_bad_input_is_refused_by_name(what, call):
    with pytest.raises(BadInput) as caught:
        call()
    assert caught.value.field == what
