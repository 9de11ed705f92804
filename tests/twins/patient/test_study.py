"""A record studied: the body fitted to it, its parameters, the future, treatments, what is refused."""

import json
import math

import numpy as np
import pytest

from twinward.core.times import posix
from twinward.errors import BadInput
from twinward.twins.patient.record import read
from twinward.twins.patient.study import seen_by_body, study, subject_of
from twinward.twins.patient.summary import summary
from twinward.web.report.patient import render

NOW = posix("2026-03-01T12:00:00Z")
SIGNS = {
    "heart_rate": (112, "/min"),
    "systolic_blood_pressure": (92, "mm[Hg]"),
    "diastolic_blood_pressure": (58, "mm[Hg]"),
    "oxygen_saturation": (93, "%"),
    "lactate": (2.6, "mmol/L"),
    "creatinine": (1.4, "mg/dL"),
}
PLANS = {"fluid": {"crystalloid_rate": 16.0}, "flood": {"crystalloid_rate": 1e7}}


def folder(at, later=""):
    """Three hours of signs of a woman of 70 with sepsis; `later` comes after them."""
    lines = [
        "time,signal,value,unit",
        "2026-03-01T09:00:00Z,body_weight,62,kg",
        "2026-03-01T09:00:00Z,body_height,165,cm",
    ]
    lines += [
        f"2026-03-01T{h}:00:00Z,{name},{value},{unit}" for h in (10, 11, 12) for name, (value, unit) in SIGNS.items()
    ]
    at.mkdir(exist_ok=True)
    (at / "observations.csv").write_text("\n".join(lines) + f"\n{later}", encoding="utf-8")
    (at / "patient.csv").write_text("id,sex,birth_date\n1,female,1956-02-29\n", encoding="utf-8")
    (at / "conditions.csv").write_text("start,condition\n2026-03-01T08:00:00Z,sepsis\n", encoding="utf-8")
    (at / "medications.csv").write_text(
        "start,drug,dose,unit,end,given\n"
        "2026-03-01T10:30:00Z,norepinephrine,5,ug/min,2026-03-01T11:30:00Z,yes\n"
        "2026-03-01T10:45:00Z,furosemide,20,mg,,yes\n"
        "2026-03-01T10:45:00Z,amoxicillin,1,g,,yes\n"
        "2026-03-01T13:30:00Z,norepinephrine,9,ug/min,,yes\n",
        encoding="utf-8",
    )
    return at


def studied(record, **more):
    return study(record, NOW, **({"members": 16, "seed": 3, "horizon": "1 h"} | more))


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return read(folder(tmp_path_factory.mktemp("record")))


@pytest.fixture(scope="module")
def found(record):
    return studied(record, scenarios={"fluid": PLANS["fluid"]})


def test_the_subject_is_what_the_record_states(record):
    told = subject_of(record, NOW).attributes
    assert (told["sex"], told["weight"], told["height"]) == ("female", 62.0, 165.0)
    assert 70.0 <= told["age"] < 70.1  # born on 29 February
    assert [name for name in told if name.startswith("severity:")] == ["severity:sepsis"]
    assert "severity:sepsis" not in subject_of(record, NOW - 86400.0).attributes  # nobody knew it the day before


def test_what_was_given_is_seen_as_rates_and_boluses_and_nothing_of_the_future(record):
    seen = seen_by_body(record, NOW)
    told = {name: seen.value[seen.signal == name].tolist() for name in set(seen.signal)}
    assert told["noradrenaline_rate"] == [5.0, 0.0]  # begun and ended; the one of half past one is to come
    assert told["furosemide_bolus"] == [20.0]
    assert told["heart_rate"] == [112.0] * 3
    assert set(told) == {*SIGNS, "noradrenaline_rate", "furosemide_bolus"}
    assert seen.time.max() <= NOW


def test_signs_of_long_ago_are_not_the_present(record):
    assert "heart_rate" in seen_by_body(record, NOW + 3 * 86400.0).signal  # the last ones there are
    early = seen_by_body(record, posix("2026-03-01T10:00:00Z"))
    assert early.value[early.signal == "heart_rate"].tolist() == [112.0]


def test_every_parameter_says_where_it_comes_from(found):
    by_name = {one.name: one for one in found.parameters}
    assert by_name["weight"].origin == "measured" and by_name["weight"].source == "observations.csv:2"
    origins = {one.origin for one in found.parameters}
    assert origins == {"measured", "inferred", "prior"}
    for one in found.parameters:
        assert one.source and one.low <= one.value <= one.high and one.prior_low <= one.prior_value <= one.prior_high
        if one.origin == "prior" and one.prior_high > one.prior_low:  # neither narrowed nor moved by much
            width = math.log(one.prior_high / one.prior_low)
            assert math.log(one.high / one.low) > 0.7 * width
            assert abs(math.log(one.value / one.prior_value)) < 0.15 * width
    assert by_name["insulin_sensitivity_factor"].origin == "prior"  # no glucose was measured
    assert 0.0 <= by_name["severity_sepsis"].low <= by_name["severity_sepsis"].high <= 1.0


def test_the_forecast_begins_where_the_patient_is(found):
    assert found.fitted == 3 * len(SIGNS) + 3
    first = float(found.forecast.quantile("heart_rate", 0.5)[0])
    assert 90.0 < first < 125.0  # 112 was measured, 72 is usual
    assert found.forecast.as_of == NOW


def test_the_same_seed_gives_the_same_numbers(record, found):
    again = studied(record)
    for name in ("heart_rate", "mean_arterial_pressure", "lactate"):
        assert np.array_equal(again.forecast[name].to_numpy(), found.forecast[name].to_numpy())


def test_what_came_later_does_not_move_what_was_believed_before(tmp_path, found):
    later = "2026-03-01T12:30:00Z,heart_rate,180,/min\n2026-03-01T12:30:00Z,systolic_blood_pressure,60,mm[Hg]\n"
    knows = studied(read(folder(tmp_path, later)))
    assert len(knows.record.observations) == len(found.record.observations) + 2
    assert knows.fitted == found.fitted
    assert knows.parameters == found.parameters
    assert [one.value for one in knows.values] == [one.value for one in found.values]


def test_treatments_are_compared_with_going_on_as_it_is(found):
    rows = found.comparison.table(0.9).set_index(["scenario", "outcome"])
    assert rows.loc[("fluid", "fluid_given"), "difference"] == pytest.approx(16.0 * 60.0, rel=0.02)
    assert found.comparison.baseline == "as it is"
    assert {"hypotension", "lung_water", "sodium_end"} <= {outcome for _, outcome in rows.index}  # harm beside benefit


def test_a_plan_that_nobody_could_carry_out_is_refused_and_the_rest_stands(record):
    refused = studied(record, scenarios=PLANS)
    assert refused.comparison is None and "crystalloid_rate" in refused.why_no_comparison
    assert refused.forecast is not None and refused.why_no_body == ""
    assert "crystalloid_rate" in summary(refused)["why_no_comparison"]


def test_what_the_body_does_not_follow_is_named(tmp_path):
    # a lactate and a fever that no diagnosis explains
    later = "2026-03-01T12:00:00Z,lactate,9,mmol/L\n2026-03-01T12:00:00Z,body_temperature,40.4,Cel\n"
    (folder(tmp_path, later) / "conditions.csv").unlink()
    told = studied(read(tmp_path))
    assert {one.name for one in told.unexplained} >= {"lactate", "body_temperature"}
    assert all(not one.low <= one.measured <= one.high for one in told.unexplained)
    assert "not explained by this body" in render(told)
    assert {one["name"] for one in summary(told)["unexplained"]} == {one.name for one in told.unexplained}


def test_without_a_vital_sign_there_is_no_body_and_it_says_why(tmp_path):
    lines = "time,signal,value,unit\n2026-03-01T09:00:00Z,cholesterol,200,mg/dL\n"
    (tmp_path / "observations.csv").write_text(lines, encoding="utf-8")
    told = study(read(tmp_path))
    assert told.twin is None and told.forecast is None and "vital signs" in told.why_no_body
    assert told.values and told.risks


def test_a_person_the_body_is_not_made_for_is_told_so(tmp_path):
    (folder(tmp_path) / "patient.csv").write_text("id,sex,birth_date\n1,female,2019-02-28\n", encoding="utf-8")
    told = studied(read(tmp_path))
    assert told.twin is None and "age" in told.why_no_body and "18" in told.why_no_body


def test_a_record_without_any_measurement_has_no_present(tmp_path):
    (tmp_path / "patient.csv").write_text("id,sex,birth_date\n1,female,1956-02-29\n", encoding="utf-8")
    with pytest.raises(BadInput, match="no present"):
        study(read(tmp_path))


def test_plain_data_has_every_number_and_no_nan(found):
    told = json.loads(json.dumps(summary(found), allow_nan=False))
    assert told["forecast"]["members"] == 16 and told["forecast"]["seed"] == 3
    bands = np.array(told["forecast"]["variables"]["heart_rate"]["values"])
    assert bands.shape == (5, len(told["forecast"]["time"]))
    assert (np.diff(bands, axis=0) >= 0.0).all()
    assert {row["scenario"] for row in told["comparison"]} == {"as it is", "fluid"}
    assert not [one for one in told["parameters"] if isinstance(one["value"], float) and math.isnan(one["value"])]


def test_the_page_shows_forecast_treatments_and_origins_and_fetches_nothing(found):
    page = render(found)
    for words in ("fluid", "inferred", "prior", "measured", "not a cleared medical device", "<svg"):
        assert words in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert page.count("<h1") == 1 and page.count("<h2") >= 4
