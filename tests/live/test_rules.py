"""Rules on forecasts: read as written, judged as counted by hand."""

import numpy as np
import pytest
import xarray as xr

from twinward.core.times import datetime64
from twinward.errors import BadInput
from twinward.live.rules import judge, rule

HOUR = 3600.0
AT = 1_767_225_600.0


def futures() -> xr.Dataset:
    """Four futures over four hours, of a total and of two units."""
    times = datetime64(AT + HOUR * np.arange(1, 5))
    total = np.array([[1, 5, 9, 9], [1, 1, 5, 1], [1, 1, 1, 9], [1, 1, 1, 1]], dtype=float)
    units = np.stack([total, 10 - total], axis=1)
    return xr.Dataset(
        {"census": (("member", "time"), total), "unit_census": (("member", "unit", "time"), units)},
        {"time": times, "unit": ["ED", "Ward A"]},
    )


@pytest.mark.parametrize(
    ("written", "probability", "lead_hours"),
    [
        ("P(census > 4 within 4 h) > 0.5", 0.75, 3.0),  # first at 2, 3 and 4 hours
        ("P(census > 4 within 3 h) > 0.5", 0.5, 2.5),
        ("P(census > 4 within 1 h) > 0.5", 0.0, None),
        ("P(census > 99 within 4 h) > 0.5", 0.0, None),
        ("P(census < 2 within 4 h) > 0", 1.0, 1.0),
        ("P(unit_census[ED] > 4 within 4 h) > 0.5", 0.75, 3.0),
        ("P(unit_census[Ward A] < 6 within 4 h) > 0.5", 0.75, 3.0),
    ],
)
def test_probability_and_lead_are_counted_over_the_futures(
    written: str, probability: float, lead_hours: float | None
) -> None:
    (verdict,) = judge((rule(written),), futures(), AT)
    assert verdict.probability == probability
    assert verdict.lead == (None if lead_hours is None else lead_hours * HOUR)


def test_the_words_give_the_extreme_and_its_spread() -> None:
    (verdict,) = judge((rule("P(census > 4 within 4 h) > 0.5"),), futures(), AT)
    assert verdict.why.startswith("highest within 4 h: 7")


@pytest.mark.parametrize("variable", ["beds", "unit_census", "census[ED]", "unit_census[Ward Z]"])
def test_a_variable_that_is_not_there_reads_never_and_says_so(variable: str) -> None:
    (verdict,) = judge((rule(f"P({variable} > 1 within 4 h) > 0.5"),), futures(), AT)
    assert verdict.probability == 0.0
    assert "no" in verdict.why and variable.partition("[")[0] in verdict.why


@pytest.mark.parametrize(
    "written",
    ["", "census > 4", "P(census > 4) > 0.5", "P(census > many within 4 h) > 0.5", "P(census > 4 within 4 h) > 2",
     "P(census > 4 within 4 parsec) > 0.5", "P(census >= 4 within 4 h) > 0.5"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(BadInput):
        rule(written)


def test_a_severity_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="severity"):
        rule("P(census > 4 within 4 h) > 0.5", severity="loud")
