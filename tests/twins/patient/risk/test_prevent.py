"""PREVENT gives the published example, refuses what it was not made for, and holds the published tables."""

import csv
from pathlib import Path

import pytest

from twinward.errors import BadInput
from twinward.twins.patient.risk.prevent import OUTCOMES, Prevent
from twinward.twins.patient.risk.prevent.coefficients import COEFFICIENTS

EXAMPLE = {
    "age": 50, "sex": "female", "total_cholesterol": 200 * 0.02586, "hdl_cholesterol": 45 * 0.02586,
    "systolic_blood_pressure": 160, "bmi": 35, "egfr": 90, "diabetes": True, "smoker": False,
    "treated_blood_pressure": True, "statin": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("years", "expected"),
    [(10, [0.147, 0.092, 0.081, 0.044, 0.054]), (30, [0.530, 0.354, 0.390, 0.198, 0.221])],
)
def test_published_example_to_three_decimals(years: int, expected: list[float]) -> None:
    assert [round(Prevent(years, outcome).risk(**EXAMPLE).value, 3) for outcome in OUTCOMES] == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [("age", 29), ("age", 80), ("bmi", 41), ("egfr", 10), ("systolic_blood_pressure", 200), ("sex", "f"),
     ("smoker", "no"), ("total_cholesterol", 200), ("age", float("nan")), ("statin", None)],
)  # fmt: skip
def test_out_of_range_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(BadInput, match=field):
        Prevent().risk(**{**EXAMPLE, field: value})


def test_thirty_years_are_for_those_below_sixty() -> None:
    with pytest.raises(BadInput, match=r"age.*30 to 59"):
        Prevent(30).risk(**{**EXAMPLE, "age": 60})


def test_missing_and_unknown_inputs_are_refused() -> None:
    without = {name: value for name, value in EXAMPLE.items() if name != "egfr"}
    with pytest.raises(BadInput, match=r"egfr.*missing"):
        Prevent().risk(**without)
    with pytest.raises(BadInput, match="ldl"):
        Prevent().risk(**EXAMPLE, ldl=3.0)


@pytest.mark.data
@pytest.mark.parametrize("years", [10, 30])
def test_coefficients_are_those_of_the_published_tables(data_dir: Path, years: int) -> None:
    with (data_dir / f"patient/prevent_base_{years}yr_coefficients.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for sex in ("female", "male"):
        held = [row for i, row in enumerate(COEFFICIENTS[years, sex]) if not (years == 10 and i == 1)]
        assert held == [tuple(float(row[f"{sex}_{outcome}"]) for outcome in OUTCOMES) for row in rows]
