"""Durations: their moments, their conditional residuals far out, and what the compiled sampler draws."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from twinward.core import Streams
from twinward.engines.events import (
    Deterministic,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Network,
    Normal,
    PatientClass,
    PhaseType,
    State,
    Step,
    Triangular,
    Uniform,
    Weibull,
    simulate,
)

PAIRS = [
    (Exponential(2.0), stats.expon(scale=2.0)),
    (Gamma(0.4, 2.0), stats.gamma(0.4, scale=2.0)),
    (Gamma(5.0, 0.7), stats.gamma(5.0, scale=0.7)),
    (Lognormal(0.5, 0.9), stats.lognorm(0.9, scale=math.exp(0.5))),
    (Weibull(0.7, 3.0), stats.weibull_min(0.7, scale=3.0)),
    (Weibull(2.5, 3.0), stats.weibull_min(2.5, scale=3.0)),
    (Triangular(1.0, 2.0, 5.0), stats.triang(0.25, loc=1.0, scale=4.0)),
    (Triangular(0.0, 3.0, 3.0), stats.triang(1.0, loc=0.0, scale=3.0)),
    (Triangular(1.0, 1.0, 3.0), stats.triang(0.0, loc=1.0, scale=2.0)),
    (Uniform(1.0, 4.0), stats.uniform(1.0, 3.0)),
    (Normal(1.0, 2.0), stats.truncnorm(-0.5, math.inf, loc=1.0, scale=2.0)),
    (PhaseType((1.5,), (1.0,), ((0.0,),)), stats.expon(scale=1.5)),
    (PhaseType((0.5, 0.5, 0.5), (1.0, 0.0, 0.0), ((0, 1, 0), (0, 0, 1), (0, 0, 0))), stats.gamma(3.0, scale=0.5)),
]
NAMES = [f"{type(law).__name__}{i}" for i, (law, _) in enumerate(PAIRS)]


@pytest.mark.parametrize(("law", "known"), PAIRS, ids=NAMES)
def test_moments_and_quantiles_are_scipys(law, known):
    q = np.array([0.001, 0.1, 0.5, 0.9, 0.999])
    assert law.mean() == pytest.approx(known.mean(), rel=1e-12)
    assert np.allclose(law.quantile(q), known.ppf(q), rtol=1e-9)
    assert np.allclose(law.cdf(known.ppf(q)), q, rtol=1e-9)
    assert np.allclose(law.log_survival(known.ppf(q)), np.log1p(-q), rtol=1e-9)


UNBOUNDED = [law for law, _ in PAIRS if not isinstance(law, Triangular | Uniform)]


@settings(max_examples=200, deadline=None)
@example(law=Normal(1.0, 2.0), elapsed=1591.0, u=0.96875)  # the quantile function alone misses it
@given(
    law=st.sampled_from(UNBOUNDED),
    elapsed=st.floats(0.0, 1e5),
    u=st.floats(1e-12, 1.0, exclude_max=True),
)
def test_residual_inverts_the_conditional_survival_however_far_out(law, elapsed, u):
    left = law.residual(np.array(elapsed), np.array(u))
    assert left >= 0
    total, before = law.log_survival(elapsed + left), law.log_survival(np.array(elapsed))
    assert total - before == pytest.approx(math.log(u), rel=1e-5, abs=1e-7 + 1e-12 * abs(before))


def test_residual_of_bounded_laws_near_their_end():
    u = np.array([0.9, 0.5, 0.1])
    assert np.allclose(Uniform(1.0, 4.0).residual(np.array(4 - 1e-9), u), 1e-9 * (1 - u), rtol=1e-6)
    assert np.allclose(Triangular(1.0, 2.0, 5.0).residual(np.array(5 - 1e-6), u), 1e-6 * (1 - np.sqrt(u)), rtol=1e-6)
    near = Triangular(0.0, 3.0, 3.0).residual(np.array(3 - 1e-6), u)
    assert np.allclose(near, 1e-6 * (1 - u), rtol=1e-5)  # the density is flat there
    for law in (Uniform(1.0, 4.0), Triangular(1.0, 2.0, 5.0), Deterministic(2.0)):
        assert (law.residual(np.array(9.0), u) == 0).all()


def test_residual_of_measured_durations():
    law = Empirical((1.0, 2.0, 5.0, 9.0))
    assert law.residual(np.array(2.0), np.array(0.5)) == pytest.approx(3.0)  # half of what survives 2 survives 5
    assert law.residual(np.array(20.0), np.array(math.exp(-1))) == pytest.approx(law.mean())


@pytest.mark.parametrize(
    "law",
    [law for law, _ in PAIRS]
    + [Empirical((1.0, 2.0, 5.0, 9.0)), PhaseType((1.0, 2.0), (0.3, 0.7), ((0.2, 0.5), (0.1, 0)))],
    ids=[*NAMES, "Empirical", "PhaseType"],
)
def test_compiled_draws_follow_the_law(law):
    network = Network((), (Step("stay", law),), (PatientClass("all", "stay", {}),))
    n = 500
    zero = np.zeros(n, np.int64)
    waiting = State(np.arange(n), zero, zero, zero, zero, np.zeros(n), np.zeros(n), zero, np.zeros((n, 0), np.int64))
    drawn = simulate(network, 0, 1e9, 40, Streams(5).key(), state=waiting).departed.ravel()
    assert stats.kstest(drawn, lambda x: law.cdf(x) if not isinstance(law, PhaseType) else _table(law, x)).pvalue > 1e-4


def _table(law, x):
    grid = np.linspace(0, x.max() * 1.001, 2000)
    return np.interp(x, grid, law.cdf(grid))
