"""Draws from a posterior that is known: right in the middle and in width, whatever some points do to a simulation."""

import numpy as np
import pytest

from twinward.core.streams import Streams
from twinward.engines.ode import IntegrationFailed
from twinward.twins.patient.metabolism.posterior import Problem, _heights, draws


def _moments(problem, seed=1):
    points, weight = draws(problem, Streams(seed))
    mean = weight @ points
    return mean, np.sqrt(weight @ (points - mean) ** 2)


def test_a_normal_posterior_is_met():
    # three coordinates, each read once with its own error: the prior is standard normal
    error, read = np.array([0.1, 0.5, 2.0]), np.array([1.0, -0.5, 1.0])
    mean, sd = _moments(Problem(3, lambda z: (z - read) / error, lambda z: -z))
    exact = 1.0 / (1.0 + error**2)
    assert mean == pytest.approx(exact * read, abs=0.1)
    assert sd == pytest.approx(error * np.sqrt(exact), rel=0.12)


def test_both_peaks_are_found():
    points, weight = draws(Problem(1, lambda z: (z**2 - 1.0) / 0.2, lambda z: -z), Streams(3))
    assert weight[points[:, 0] > 0.0].sum() == pytest.approx(0.5, abs=0.1)


def test_a_point_that_cannot_be_simulated_is_nobody():
    def residuals(z):
        if (bad := np.flatnonzero(z[:, 0] > 0.5)).size:
            raise IntegrationFailed(int(bad[0]), 1.0, "the state or its derivative is not finite")
        return (z - 0.2) / 0.5

    problem = Problem(2, residuals, lambda z: z)
    found = _heights(problem, np.array([[0.0, 0.0], [1.0, 0.0], [0.2, 0.2], [0.0, 7.0]]))
    assert np.isfinite(found).tolist() == [True, False, True, False]
