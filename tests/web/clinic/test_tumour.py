"""Courses for a tumour: what they are held against, what more and less of a drug does, what they refuse."""

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.patient.oncology import Schedule
from twinward.twins.patient.oncology.schedules import Chemotherapy
from twinward.web.clinic.tumour import (
    AS_USUAL,
    CHANGED,
    CONVENTIONAL,
    STOPPED,
    USUAL,
    Size,
    compare_marrow,
    compare_tumour,
    doses,
    tumour_twin,
)

SIZES = [Size(0.0, 80.0), Size(6.0, 61.0), Size(12.0, 55.0)]


def test_the_usual_regimen_changes_nothing_and_stopping_lets_the_tumour_grow() -> None:
    compared = compare_tumour(SIZES, USUAL)
    final = {name: compared[name].outcome("final_size") for name in compared.forecasts}
    np.testing.assert_allclose(final[CHANGED], final[compared.baseline], rtol=1e-9)
    assert (final[STOPPED] >= final[compared.baseline]).all()


def test_half_the_dose_is_worse_for_the_tumour_and_better_for_the_marrow() -> None:
    half = Chemotherapy(USUAL.dose / 2, USUAL.interval_weeks, USUAL.doses)
    tumour, marrow = compare_tumour(SIZES, half), compare_marrow(half, 1.8, "female", 4.0)
    assert (tumour[CHANGED].outcome("final_size") >= tumour[tumour.baseline].outcome("final_size")).all()
    assert marrow.baseline == AS_USUAL
    assert (marrow[CHANGED].outcome("nadir") > marrow[AS_USUAL].outcome("nadir")).all()


def test_more_sizes_tell_more_of_a_tumour() -> None:
    widths = [np.log(tumour_twin(seen).estimate()["kill"]).std() for seen in (SIZES[:1], SIZES)]
    assert widths[1] < 0.8 * widths[0]


@pytest.mark.parametrize("sizes", [[], SIZES[1:]])
def test_a_tumour_without_a_size_before_treatment_is_refused(sizes: list[Size]) -> None:
    with pytest.raises(BadInput, match="tumour sizes"):
        compare_tumour(sizes, USUAL)


def test_a_body_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput, match="body surface"):
        compare_marrow(USUAL, 18.0, "male", None)


def test_larger_fractions_spare_the_late_tissue_less_than_the_tumour() -> None:
    large = doses(Schedule(20, 2.75), 10.0, 3.0)
    assert large.tumour_eqd2 == pytest.approx(55.0 * (2.75 + 10.0) / 12.0)
    assert large.late_eqd2 == pytest.approx(55.0 * (2.75 + 3.0) / 5.0)
    assert large.late_eqd2 - doses(CONVENTIONAL, 10.0, 3.0).late_eqd2 > 0 > large.tumour_eqd2 - 60.0
