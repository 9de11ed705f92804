"""The volume seen on images: living cells obey the surviving fraction, killed ones are cleared, nothing is lost."""

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.patient.oncology import Schedule, Tissue, surviving_fraction
from twinward.twins.patient.oncology.radiation_course import complication_probability, radiation_course

CELLS = Tissue(10.0, alpha=0.25, doubling_days=6.0, kick_off_days=21.0, repair_half_time_h=2.0)


@pytest.mark.parametrize(
    "schedule", [Schedule(30, 2.0), Schedule(15, 2.67), Schedule(41, 1.4, per_day=2), Schedule(36, 1.5, 3, 6.0, 7)]
)
def test_living_cells_at_the_end_are_the_surviving_fraction(schedule: Schedule) -> None:
    course = radiation_course(schedule, CELLS, [schedule.overall_days], clearance_half_time_days=15.0)
    assert course.living[0] == pytest.approx(surviving_fraction(schedule, CELLS), rel=1e-9)


def test_without_clearance_and_regrowth_no_cell_is_lost() -> None:
    still = Tissue(10.0, alpha=0.25)
    course = radiation_course(Schedule(30, 2.0), still, np.arange(0, 60.0), clearance_half_time_days=1e12)
    np.testing.assert_allclose(course.volume, 1.0, rtol=1e-9)
    assert (np.diff(course.living) <= 0).all()


def test_it_shrinks_and_comes_back_if_cells_survive() -> None:
    days = np.arange(0.0, 400.0)
    weak = radiation_course(Schedule(10, 2.0), CELLS, days, clearance_half_time_days=10.0)
    nadir = weak.volume.argmin()
    assert 11 < days[nadir] < 200
    assert weak.volume[-1] > weak.volume[nadir]
    np.testing.assert_allclose(weak.living[300] * 2, weak.living[306], rtol=1e-9)  # doubles in six days
    np.testing.assert_allclose(weak.diameter**3, weak.volume, rtol=1e-12)


def test_slower_clearance_shows_a_larger_tumour_with_the_same_life_in_it() -> None:
    days = np.arange(0.0, 60.0)
    fast, slow = (radiation_course(Schedule(30, 2.0), CELLS, days, clearance_half_time_days=h) for h in (5.0, 40.0))
    np.testing.assert_array_equal(fast.living, slow.living)
    assert (slow.volume[1:] > fast.volume[1:]).all()


def test_asking_more_often_changes_nothing() -> None:
    few = radiation_course(Schedule(30, 2.0), CELLS, [10.0, 50.0], clearance_half_time_days=12.0)
    many = radiation_course(Schedule(30, 2.0), CELLS, np.arange(0, 51.0), clearance_half_time_days=12.0)
    np.testing.assert_allclose(few.volume, many.volume[[10, 50]], rtol=1e-12)


def test_bad_input_is_refused() -> None:
    with pytest.raises(BadInput, match="days"):
        radiation_course(Schedule(1, 2.0), CELLS, [5.0, 1.0], clearance_half_time_days=10.0)
    with pytest.raises(BadInput, match="clearance"):
        radiation_course(Schedule(1, 2.0), CELLS, [5.0], clearance_half_time_days=0.0)
    with pytest.raises(BadInput, match="alpha"):
        radiation_course(Schedule(1, 2.0), Tissue(10.0), [5.0], clearance_half_time_days=10.0)
    with pytest.raises(BadInput, match="td50"):
        complication_probability(50.0, td50=0.0, m=0.1)


def test_complications_rise_with_dose() -> None:
    risk = complication_probability([40.0, 50.0, 60.0, 70.0], td50=60.0, m=0.15)
    assert (np.diff(risk) > 0).all()
    assert risk[2] == pytest.approx(0.5)
