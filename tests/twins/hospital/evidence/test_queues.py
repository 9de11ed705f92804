"""The references are the published ones, and the checks can fail."""

import math

import numpy as np
import pytest

from twinward.core.evidence import run_checks
from twinward.engines.events import Exponential, Lognormal, Weibull
from twinward.twins.hospital.evidence import queues


@pytest.mark.parametrize(
    ("found", "published"),
    [
        (queues.mmc_wait(1, 0.8), 4.0),
        (queues.mmc_wait(5, 0.9), 1.52499),
        (queues.mmc_wait(20, 0.95), 0.75540),
        (queues.erlang_b(10, 8.0), 0.12166),
        (queues.erlang_b(60, 55.0), 0.05329),
    ],
)
def test_references_agree_with_the_published_digits(found, published):
    assert abs(found - published) <= 0.5e-5


def test_cobham_agrees_with_the_published_digits():
    found = queues.priority_waits(4, 0.9, (0.2, 0.3, 0.5))
    assert np.allclose(found, (0.24017, 0.43667, 3.5807), rtol=0, atol=5e-5)


def test_mean_residual_in_closed_form():
    assert math.isclose(queues.mean_residual(Exponential(3.0), 10.0), 3.0, rel_tol=1e-8)
    assert math.isclose(queues.mean_residual(Weibull(1.0, 2.0), 50.0), 2.0, rel_tol=1e-8)
    law = Lognormal.of(6.0, 1.0)
    assert math.isclose(queues.mean_residual(law, 0.0), 6.0, rel_tol=1e-8)


@pytest.mark.parametrize("id", ["erlang-b-10-8", "tandem-blocking", "residual-stay", "nhpp"])
def test_quick_checks_pass(id):
    (found,) = run_checks(queues.checks(), None, only=[id])
    assert found.passed, found


def test_a_wrong_reference_fails():
    check = queues._check("wrong", "", lambda: ([1.0], [0.001], [1.01], ""))
    (found,) = check.run(None)
    assert found.passed is False
    imprecise = queues._check("imprecise", "", lambda: ([1.0], [0.01], [1.0], ""))
    assert next(iter(imprecise.run(None))).passed is False
