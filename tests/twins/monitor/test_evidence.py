"""The references of the evidence are right, and the checks can fail."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from twinward.core.evidence import run_checks
from twinward.twins.monitor.evidence import checks, intensive_care, simulated
from twinward.twins.monitor.evidence.one_ahead import crps_normal, crps_student, one_ahead
from twinward.twins.monitor.model import Monitor


@pytest.mark.parametrize("freedom", [3.0, 20.0])
@pytest.mark.parametrize("value", [-4.0, 0.3, 9.0])
def test_the_score_is_the_integral_that_defines_it(freedom, value):
    law = stats.t(freedom, 1.0, 2.0)
    below = integrate.quad(lambda x: law.cdf(x) ** 2, -np.inf, value)[0]
    above = integrate.quad(lambda x: law.sf(x) ** 2, value, np.inf)[0]
    assert float(crps_student(1.0, 2.0, freedom, value)) == pytest.approx(below + above, rel=1e-6)


def test_the_normal_score_is_the_student_score_with_many_degrees_of_freedom():
    assert float(crps_normal(1.0, 2.0, 4.0)) == pytest.approx(float(crps_student(1.0, 2.0, 1e7, 4.0)), rel=1e-5)


def test_a_forecast_knows_nothing_of_its_own_value():
    times, values = np.arange(5) * 60.0, np.array([80.0, 81.0, 79.0, 80.0, 80.0])
    other = np.append(values[:-1], 120.0)
    a, b = (one_ahead(Monitor(), "heart_rate", times, each) for each in (values, other))
    assert a.mean.tolist() == b.mean.tolist()
    assert a.scale.tolist() == b.scale.tolist()


def test_what_needs_no_data_passes():
    found = list(run_checks(simulated.checks(), None))
    assert [row.id for row in found] == ["monitor-static", "monitor-coverage"]
    assert all(row.passed for row in found), found


def test_without_data_the_others_are_not_run():
    assert {row.verdict for row in run_checks(intensive_care.checks(), None)} == {"not run"}


def test_a_filter_that_is_wrong_fails_the_static_check(monkeypatch):
    monkeypatch.setattr(simulated, "Monitor", lambda **options: Monitor(discount=0.99, memory=1.0))
    (found,) = run_checks(checks(), None, only=["monitor-static"])
    assert found.passed is False


def test_bands_that_are_too_narrow_fail_the_coverage_check(monkeypatch):
    monkeypatch.setattr(simulated, "Monitor", lambda: Monitor(discount=0.999))
    (found,) = run_checks(checks(), None, only=["monitor-coverage"])
    assert found.passed is False


@pytest.mark.data
def test_on_intensive_care_it_beats_the_last_value(data_dir):
    found = {row.id: row for row in run_checks(intensive_care.checks(), data_dir)}
    assert all(row.passed for row in found.values()), found
    assert math.isfinite(float(found["monitor-vitals"].value))
