"""Radiotherapy: textbook courses, limits of the formulas, and what must hold for any of them."""

import itertools
import math

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.patient.oncology import (
    Schedule,
    Tissue,
    biologically_effective_dose,
    equivalent_dose_2gy,
    incomplete_repair,
    linear_quadratic_survival,
    surviving_fraction,
    tumour_control_probability,
)

TEN, THREE = Tissue(10.0), Tissue(3.0)


@pytest.mark.parametrize(
    ("course", "tissue", "bed", "eqd2"),
    [(Schedule(30, 2.0), TEN, 72.0, 60.0), (Schedule(30, 2.0), THREE, 100.0, 60.0),
     (Schedule(3, 18.0), TEN, 151.2, 126.0), (Schedule(15, 2.67), Tissue(4.0), 66.783375, 44.52225),
     (Schedule(1, 8.0), TEN, 14.4, 12.0)],
)  # fmt: skip
def test_courses_of_the_textbook(course: Schedule, tissue: Tissue, bed: float, eqd2: float) -> None:
    assert biologically_effective_dose(course, tissue) == pytest.approx(bed, abs=1e-6)
    assert equivalent_dose_2gy(course, tissue) == pytest.approx(eqd2, abs=1e-6)


def test_overall_time_leaves_out_weekends() -> None:
    assert [Schedule(n, 2.0).overall_days for n in (1, 5, 6, 10, 30, 35)] == [0, 4, 7, 11, 39, 46]
    assert Schedule(68, 1.2, per_day=2).overall_days == 45
    assert Schedule(36, 1.5, per_day=3, days_a_week=7).overall_days == 11


def test_incomplete_repair_is_that_of_the_pairs_of_fractions() -> None:
    """Thames: 2/m times the sum over the pairs of a day of x to the power of their distance."""
    for m, hours, half in itertools.product((2, 3, 4), (4.0, 6.0), (1.5, 4.4)):
        x = 2.0 ** (-hours / half)
        pairs = 2.0 / m * sum(x ** (j - i) for i, j in itertools.combinations(range(m), 2))
        course = Schedule(10 * m, 1.5, per_day=m, hours_between=hours)
        assert incomplete_repair(course, Tissue(3.0, repair_half_time_h=half)) == pytest.approx(pairs, rel=1e-12)


def test_no_repair_between_fractions_is_one_large_fraction() -> None:
    slow = Tissue(3.0, repair_half_time_h=1e9)
    together = Schedule(20, 1.5, per_day=2)
    once = Schedule(10, 3.0)
    assert biologically_effective_dose(together, slow) == pytest.approx(
        biologically_effective_dose(once, THREE), rel=1e-6
    )


def test_fast_repair_is_none_of_it() -> None:
    twice = Schedule(60, 1.2, per_day=2)
    fast = Tissue(3.0, repair_half_time_h=0.05)
    assert biologically_effective_dose(twice, fast) == pytest.approx(
        biologically_effective_dose(twice, THREE), rel=1e-9
    )


def test_an_odd_last_day_counts_for_itself() -> None:
    tissue = Tissue(3.0, repair_half_time_h=4.0)
    odd = biologically_effective_dose(Schedule(5, 1.5, per_day=2), tissue)
    parts = biologically_effective_dose(Schedule(4, 1.5, per_day=2), tissue) + biologically_effective_dose(
        Schedule(1, 1.5), tissue
    )
    assert odd == pytest.approx(parts, rel=1e-12)


def test_repopulation_costs_what_the_cells_regrow() -> None:
    growing = Tissue(10.0, alpha=0.35, doubling_days=3.0, kick_off_days=28.0)
    course = Schedule(30, 2.0)
    lost = math.log(2) / (0.35 * 3.0) * (39 - 28)
    assert biologically_effective_dose(course, growing) == pytest.approx(72.0 - lost, rel=1e-12)
    early = Tissue(10.0, alpha=0.35, doubling_days=3.0, kick_off_days=60.0)
    assert biologically_effective_dose(course, early) == pytest.approx(72.0)


def test_survival_is_the_linear_quadratic_law_times_itself() -> None:
    cells = Tissue(10.0, alpha=0.3)
    one = float(linear_quadratic_survival(2.0, 0.3, 0.03))
    assert surviving_fraction(Schedule(1, 2.0), cells) == pytest.approx(one, rel=1e-12)
    assert surviving_fraction(Schedule(30, 2.0), cells) == pytest.approx(one**30, rel=1e-9)


def test_regrowth_beyond_the_kill_is_seen_by_the_cells() -> None:
    weed = Tissue(10.0, alpha=0.1, doubling_days=1.0)
    assert biologically_effective_dose(Schedule(30, 0.2), weed) == 0.0
    assert surviving_fraction(Schedule(30, 0.2), weed) > 1.0


def test_control_rises_with_dose_and_falls_with_cells() -> None:
    control = [
        tumour_control_probability(Schedule(n, 2.0), Tissue(10.0, alpha=0.3, clonogens=1e7)) for n in range(20, 45, 5)
    ]
    assert (np.diff(control) > 0).all()
    assert 0 <= control[0] < control[-1] <= 1
    more = tumour_control_probability(Schedule(30, 2.0), Tissue(10.0, alpha=0.3, clonogens=1e9))
    assert more < tumour_control_probability(Schedule(30, 2.0), Tissue(10.0, alpha=0.3, clonogens=1e7))


@pytest.mark.parametrize(
    ("make", "field"),
    [(lambda: Schedule(0, 2.0), "fractions"), (lambda: Schedule(30, -2.0), "dose"),
     (lambda: Schedule(30, 2.0, days_a_week=8), "days_a_week"), (lambda: Schedule(30, 2.0, per_day=6), "per_day"),
     (lambda: Tissue(0.0), "alpha_beta"), (lambda: Tissue(10.0, doubling_days=3.0), "alpha"),
     (lambda: Tissue(10.0, repair_half_time_h=-1.0), "repair"),
     (lambda: surviving_fraction(Schedule(1, 2), TEN), "alpha"),
     (lambda: tumour_control_probability(Schedule(1, 2), Tissue(10.0, alpha=0.3)), "clonogens")],
)  # fmt: skip
def test_bad_input_is_refused_by_name(make: object, field: str) -> None:
    with pytest.raises(BadInput, match=field):
        make()  # type: ignore[operator]
