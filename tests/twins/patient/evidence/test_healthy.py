"""The resting body beside the table of a healthy adult: what is read, in which unit, against which range."""

import json

import pytest

from twinward.errors import BadInput
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.evidence.healthy import _READ, CORE, FILE, Compared, _range, at_rest, compare


def table(tmp_path, *rows):
    path = tmp_path / "table.json"
    usual = {"system": "Cardiovascular", "statistic": "Mean", "unit": "1/min", "male_multiplier": None,
             "female_multiplier": None}  # fmt: skip
    path.write_text(json.dumps({"rows": [usual | one for one in rows]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cell", "found"),
    [("[60, 100]", (60.0, 100.0)), ("0.97, [0.96,1.0]", (0.96, 1.0)), ("7.4", (7.4, 7.4)), ("[-7, -3.5]", (-7.0, -3.5)),
     ([60.0, 100.0], (60.0, 100.0)), ("1.2e2", (120.0, 120.0)), (None, None), ("", None)],
)  # fmt: skip
def test_a_cell_is_the_widest_range_that_it_names(cell, found):
    assert _range(cell) == found


def test_a_quantity_without_a_range_is_refused_by_name(tmp_path):
    path = table(tmp_path, {"quantity": "HeartRate", "reference": ""})
    with pytest.raises(BadInput, match="HeartRate"):
        list(compare(path, Body.at_rest()))


def test_the_ends_of_a_range_are_inside():
    assert Compared("", "", "1", 60.0, 60.0, 100.0).inside and Compared("", "", "1", 100.0, 60.0, 100.0).inside
    assert not Compared("", "", "1", 59.9, 60.0, 100.0).inside


def test_one_number_is_met_within_a_tenth_and_what_the_body_lacks_is_left_out(tmp_path, body):
    rate = at_rest(body)["heart_rate"]
    path = table(
        tmp_path,
        {"quantity": "HeartRate", "reference": str(rate * 1.08)},
        {"quantity": "HeartRate", "reference": str(rate * 1.2)},
        {"quantity": "HeartRate", "reference": "[60, 100]"},
        {"quantity": "SwallowsPerHour", "reference": "3"},
    )
    assert [one.inside for one in compare(path, body)] == [True, False, True]


def test_a_range_per_ideal_weight_is_of_this_person(tmp_path, body):
    row = {"system": "Respiratory", "quantity": "TidalVolume", "statistic": "MeanPerIdealWeight(kg)"}
    (told,) = compare(table(tmp_path, row | {"reference": "[6, 8]"}), body)
    assert (told.low, told.high) == (6.0 * body.person.ideal_weight, 8.0 * body.person.ideal_weight)


def test_everything_the_table_asks_for_is_a_finite_number(body):
    told = at_rest(body)
    for key, read in _READ.items():
        assert abs(read(told)) < 1e7, key
    assert {quantity for _, quantity, _ in _READ} >= CORE


@pytest.mark.data
def test_every_core_vital_is_in_the_table(data_dir, body):
    told = list(compare(data_dir / FILE, body))
    assert {one.quantity for one in told} >= CORE
    assert all(one.low < one.high for one in told)
