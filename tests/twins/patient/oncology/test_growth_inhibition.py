"""The tumour shrinks, reaches its nadir and grows again as the closed form says; survival follows its paper."""

import math

import numpy as np
import pytest

from twinward.engines.ode import Event, solve
from twinward.errors import BadInput
from twinward.twins.patient.oncology import GrowthInhibition, lung_cancer_survival, time_to_growth
from twinward.twins.patient.oncology.tumour import TumourTwin

TUMOUR = GrowthInhibition(growth=0.015, kill=0.058, resistance=0.042)


def test_nadir_is_where_the_size_is_smallest() -> None:
    at, lowest = TUMOUR.nadir_time(), TUMOUR.nadir_size(80.0)
    assert at == pytest.approx(math.log(0.058 / 0.015) / 0.042, rel=1e-12)
    times = np.linspace(0, 4 * at, 20_001)
    sizes = TUMOUR.size(80.0, times)
    assert times[sizes.argmin()] == pytest.approx(at, abs=times[1])
    assert float(TUMOUR.size(80.0, at)) == pytest.approx(lowest, rel=1e-12)
    assert sizes.min() >= lowest * (1 - 1e-12)


def test_without_treatment_it_doubles_as_it_grows() -> None:
    doubling = math.log(2) / TUMOUR.growth
    assert float(TUMOUR.size(80.0, doubling, exposure=0.0)) == pytest.approx(160.0, rel=1e-12)
    assert (TUMOUR.nadir_time(0.0), TUMOUR.nadir_size(80.0, 0.0)) == (0.0, 80.0)


def test_without_resistance_it_shrinks_for_ever() -> None:
    never = GrowthInhibition(0.015, 0.058, 0.0)
    assert (never.nadir_time(), never.nadir_size(80.0)) == (math.inf, 0.0)
    assert float(never.size(80.0, 10.0)) == pytest.approx(80.0 * math.exp(-0.43), rel=1e-12)
    nearly = GrowthInhibition(0.015, 0.058, 1e-10)
    assert float(nearly.size(80.0, 10.0)) == pytest.approx(float(never.size(80.0, 10.0)), rel=1e-8)


def test_a_tumour_that_does_not_grow_has_no_nadir_but_a_limit() -> None:
    still = GrowthInhibition(0.0, 0.1, 0.05)
    assert still.nadir_time() == math.inf
    assert float(still.size(80.0, 1e4)) == pytest.approx(still.nadir_size(80.0), rel=1e-12)


def test_more_exposure_never_makes_it_larger() -> None:
    sizes = [TUMOUR.size(80.0, np.linspace(0, 100, 50), exposure) for exposure in (0.0, 0.5, 1.0, 2.0)]
    assert (np.diff(sizes, axis=0) <= 0).all()


def test_steps_of_one_exposure_are_that_exposure() -> None:
    times = np.linspace(0, 60, 7)
    np.testing.assert_allclose(
        TUMOUR.size_under(80.0, times, [(0.0, 1.5), (13.0, 1.5), (40.0, 1.5)]),
        TUMOUR.size(80.0, times, 1.5),
        rtol=1e-13,
    )


def test_units_of_time_do_not_matter() -> None:
    daily = GrowthInhibition(0.015 / 7, 0.058 / 7, 0.042 / 7)
    np.testing.assert_allclose(daily.size(80.0, [70.0, 280.0]), TUMOUR.size(80.0, [10.0, 40.0]), rtol=1e-13)


def test_the_twin_integrates_the_closed_form_through_an_interruption() -> None:
    times = np.array([5.0, 12.0, 20.0, 52.0])
    p = np.array([0.015, 0.058, 0.042, 1.0])
    events = [Event.set(8.0, 3, 0.0), Event.set(16.0, 3, 2.0)]
    found = solve(TumourTwin.derivative, np.array([80.0, 1.0, 0.0]), p, times, TumourTwin.method, events=events)
    closed = TUMOUR.size_under(80.0, times, [(0.0, 1.0), (8.0, 0.0), (16.0, 2.0)])
    np.testing.assert_allclose(found.y[0, :, 0], closed, rtol=1e-6)


@pytest.mark.parametrize("field", ["growth", "kill", "resistance"])
def test_bad_rates_are_refused_by_name(field: str) -> None:
    for bad in (-0.1, math.nan, math.inf):
        with pytest.raises(BadInput, match=field):
            GrowthInhibition(**{"growth": 0.01, "kill": 0.1, "resistance": 0.1, field: bad})


def test_bad_times_and_exposures_are_refused() -> None:
    with pytest.raises(BadInput, match="time"):
        TUMOUR.size(80.0, [-1.0])
    with pytest.raises(BadInput, match="exposure"):
        TUMOUR.size(80.0, 1.0, exposure=-1.0)
    with pytest.raises(BadInput, match="increasing"):
        TUMOUR.size_under(80.0, 1.0, [(5.0, 1.0), (5.0, 0.0)])


class TestSurvival:
    def test_the_paper_s_medians(self) -> None:
        """Asian ever smokers at the arms' median times to growth: 450 and 594 days were simulated (Table 5)."""
        placebo, motesanib = (float(lung_cancer_survival(90.0, ttg, asian=True).median_days) for ttg in (93.0, 125.0))
        assert placebo == pytest.approx(450, rel=0.1)
        assert motesanib == pytest.approx(594, rel=0.15)

    def test_half_are_alive_at_the_median_and_survival_falls(self) -> None:
        survival = lung_cancer_survival(np.array([50.0, 90.0, 150.0]), 117.0)
        np.testing.assert_allclose(np.diag(survival.alive(survival.median_days)), 0.5, rtol=1e-12)
        alive = survival.alive(np.array([0.0, 100.0, 400.0, 4000.0]))
        assert (alive[0] == 1).all()
        assert (np.diff(alive, axis=0) < 0).all()

    def test_smaller_tumours_and_later_regrowth_live_longer(self) -> None:
        assert (np.diff(lung_cancer_survival(np.array([50.0, 90.0, 150.0]), 117.0).log_median) < 0).all()
        assert (np.diff(lung_cancer_survival(90.0, np.array([-50.0, 0.0, 100.0, 300.0])).log_median) > 0).all()

    def test_time_to_growth_is_the_nadir_and_negative_where_it_only_grows(self) -> None:
        assert float(time_to_growth(0.015, 0.058, 0.042)) == pytest.approx(TUMOUR.nadir_time())
        assert float(time_to_growth(0.1, 0.05, 0.1)) < 0

    def test_outside_the_domain_is_refused(self) -> None:
        with pytest.raises(BadInput, match="time_to_growth"):
            lung_cancer_survival(90.0, -100.0)
        with pytest.raises(BadInput, match="baseline"):
            lung_cancer_survival(0.0, 100.0)
