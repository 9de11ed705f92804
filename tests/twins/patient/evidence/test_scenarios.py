"""How the tables' rows are judged: on rows made up for it, and on the tables themselves."""

import json
import math

import pytest

from twinward.twins.patient.evidence.scenarios.judge import FILE, Row, _agrees, _judge, play, rows, verdicts
from twinward.twins.patient.evidence.scenarios.protocol import PROTOCOL
from twinward.twins.patient.evidence.scenarios.quantities import quantity, tolerances
from twinward.twins.patient.evidence.scenarios.segment import Segment


def row(column, *direction, normal=False, context=0):
    return Row(0, "Cardiovascular", "Hemorrhage", context, 10.0, 60.0, column, "", direction, normal, "Good agreement")


@pytest.mark.parametrize(
    ("kind", "now", "agrees"),
    [
        ("none", 109.0, True), ("none", 111.0, False), ("none", 91.0, True), ("none", 89.0, False),
        ("up", 101.0, True), ("up", 100.0, False), ("up", 99.0, False),
        ("down", 99.0, True), ("down", 100.0, False), ("down", 101.0, False),
        ("zero", 3.0, True), ("zero", 6.0, False), ("zero", -6.0, False),
    ],
)  # fmt: skip
def test_a_direction_is_judged_by_the_value_before(kind, now, agrees):
    assert _agrees(kind, "Heart Rate", 100.0, 100.0, 100.0, now) is agrees


def test_back_to_rest_means_nearer_to_rest_than_before():
    assert _agrees("to_baseline", "Heart Rate", 70.0, 140.0, 140.0, 75.0)
    assert not _agrees("to_baseline", "Heart Rate", 70.0, 80.0, 80.0, 95.0)
    assert _agrees("to_baseline", "Heart Rate", 70.0, 71.0, 71.0, 74.0)  # both are at rest


def test_a_saturation_and_a_temperature_are_judged_in_points():
    assert tolerances("Oxygen Saturation")[2] and tolerances("Core Temperature (C)")[2]
    assert not _agrees("none", "Oxygen Saturation", 0.97, 0.97, 0.97, 0.93)
    assert _agrees("none", "Core Temperature (C)", 37.0, 37.0, 37.0, 37.15)
    assert not _agrees("up", "Core Temperature (C)", 37.0, 37.0, 37.0, 37.01)


def test_nothing_can_agree_with_a_direction_that_nobody_knows():
    with pytest.raises(ValueError, match="sideways"):
        _agrees("sideways", "Heart Rate", 1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("kind", ["up", "down", "none", "zero", "to_baseline"])
def test_what_is_not_a_number_agrees_with_nothing(kind):
    assert not _agrees(kind, "Heart Rate", 70.0, 70.0, 70.0, math.nan)


def test_a_row_compares_with_rest_where_the_table_does():
    rest, before, after = {"heart_rate": 70.0}, {"heart_rate": 140.0}, {"heart_rate": 90.0}
    assert not _judge(row("Heart Rate (beats/min)", "up"), rest, before, after).agrees
    assert _judge(row("Heart Rate (beats/min)", "up", normal=True), rest, before, after).agrees
    assert _judge(row("Heart Rate (beats/min)", "up", "down"), rest, before, after).agrees  # either is accepted


def test_what_the_body_does_not_have_disagrees_and_says_why():
    unknown = _judge(row("Bilirubin", "up"), {}, {}, {})
    assert not unknown.agrees and "nothing of the kind" in unknown.reason
    untold = _judge(row("Lactate", "up"), {}, {}, {})
    assert not untold.agrees and "lactate" in untold.reason


def test_an_experiment_is_lived_and_judged_row_by_row(body):
    by_context = {0: [row("Mean Arterial Pressure (mmHg)", "down"), row("Heart Rate", "up"), row("Heart Rate", "down")]}
    told = list(play([Segment(0, {"bleeding_rate": 2000.0})], by_context, body))
    assert [one.agrees for one in told] == [True, True, False]
    assert told[0].after < told[0].before == pytest.approx(told[0].rest, rel=0.02)
    assert "DISAGREES" in told[2].line() and "agrees" in told[0].line()


def test_an_experiment_that_cannot_be_played_disagrees_and_says_why(body):
    told = list(play([Segment(0, {"no_such_setting": 1.0})], {0: [row("Heart Rate", "up")]}, body))
    assert [(one.agrees, "no_such_setting" in one.reason) for one in told] == [(False, True)]


def test_columns_find_the_most_special_quantity():
    signs = {"systolic_pressure": 1.0, "mean_arterial_pressure": 2.0, "pulmonary_arterial_pressure": 3.0}
    signs |= {"brain_flow": 4.0, "arterial_so2": 5.0}
    for column, value in (
        ("Systolic Pressure (mmHg)", 1.0), ("Mean Arterial Pressure (mmHg)", 2.0),
        ("Mean Pulmonary Arterial Pressure", 3.0), ("Cerebral Blood Flow", 4.0), ("Oxygen Saturation", 5.0),
    ):  # fmt: skip
        read = quantity(column)
        assert read is not None and read(signs) == value, column
    assert quantity("Bilirubin") is None


@pytest.fixture
def tables(tmp_path):
    path = tmp_path / "tables.json"
    source = "docs/CardiovascularMethodology.md"
    base = {"source": source, "section": "Hemorrhage", "expected": "Increase", "engine_result": "Good"}
    context = {"Action": "a", "Action Occurrence Time (s)": "30", "Sampled Scenario Time (s)": "60-90"}
    found = [
        base | {"context": context, "quantity": "Heart Rate", "direction": ["up"]},
        base | {"context": context, "quantity": "Color", "direction": None},
        base
        | {"context": context | {"Action": "b"}, "quantity": "Heart Rate", "direction": ["none"],
           "expected": "156% of baseline", "percent_of_baseline": [156.0]},
        base | {"context": {}, "section": "Unplayed", "quantity": "Heart Rate", "direction": ["up"]},
    ]  # fmt: skip
    path.write_text(json.dumps({"rows": found}), encoding="utf-8")
    return path


def test_rows_with_a_direction_keep_their_place_and_times(tables):
    read = rows(tables)
    assert [(one.number, one.context, one.at, one.sample) for one in read] == [
        (0, 0, 30.0, 90.0), (2, 1, 30.0, 90.0), (3, 0, None, None),
    ]  # fmt: skip
    assert (read[1].direction, read[1].normal) == (("up",), True)  # a share above 100 % of rest is a rise


def test_rows_that_nothing_plays_count_as_disagreeing(tables, body):
    told = list(verdicts(tables, body, only="unplayed"))
    assert [(one.row.number, one.agrees) for one in told] == [(3, False)]
    assert "not played" in told[0].reason


@pytest.mark.data
def test_every_row_with_a_direction_is_read_once_and_every_experiment_belongs_to_a_table(data_dir):
    path = data_dir / FILE
    read = rows(path)
    raw = json.loads(path.read_text(encoding="utf-8"))["rows"]
    assert [one.number for one in read] == [i for i, one in enumerate(raw) if one["direction"] is not None]
    places = {(one.sheet, one.section) for one in read}
    assert set(PROTOCOL) <= places
    # almost everything is played: what is not counts against the body
    played = {(*place, step.row) for place, found in PROTOCOL.items() for experiment in found for step in experiment}
    assert sum((one.sheet, one.section, one.context) in played for one in read) >= 0.9 * len(read)
