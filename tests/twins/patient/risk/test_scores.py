"""Each score gives its published examples, refuses what it was not made for, and goes the way it should."""

from typing import Any

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.patient.risk import (
    AcuteKidneyInjury,
    ChadsVasc,
    Egfr,
    Findrisc,
    Framingham,
    KidneyFailure,
    News2,
    Prevent,
    Score,
    Score2,
    Score2Diabetes,
    Score2OP,
    albuminuria_category,
    ckd_prognosis,
    gather,
    gfr_category,
    risk_by_age,
    risk_with_uncertainty,
)

MG = 0.02586  # mmol/L of cholesterol in 1 mg/dL
SCORE2 = {"age": 50, "smoker": True, "systolic_blood_pressure": 140, "total_cholesterol": 5.5, "hdl_cholesterol": 1.3}
OLDER = {**SCORE2, "age": 75, "diabetes": False}
WELL = {
    "respiration_rate": 16, "oxygen_saturation": 97, "oxygen": False, "systolic_blood_pressure": 120,
    "heart_rate": 70, "consciousness": "alert", "temperature": 37.0,
}  # fmt: skip
EVERY: list[tuple[Score, dict[str, Any]]] = [
    (Score2(), {**SCORE2, "sex": "male", "region": "low"}),
    (Score2OP(), {**OLDER, "sex": "male", "region": "low"}),
    (News2(), WELL),
    (Egfr(), {"age": 55, "sex": "male", "creatinine": 106}),
    (KidneyFailure(), {"age": 60, "sex": "male", "egfr": 30, "albumin_to_creatinine": 300}),
]


@pytest.mark.parametrize(
    ("sex", "region", "percent"),
    [("male", "low", 5.9), ("male", "very_high", 14.0), ("female", "low", 4.2), ("female", "very_high", 13.7)],
)
def test_score2_gives_the_examples_of_its_abstract(sex: str, region: str, percent: float) -> None:
    assert round(Score2().risk(**SCORE2, sex=sex, region=region).percent, 1) == percent


def test_score2_op_agrees_with_u_prevent() -> None:
    """A value of the U-Prevent service (2026): a man of 75 in a low-risk country."""
    risk = Score2OP().risk(**{**OLDER, "smoker": False}, sex="male", region="low")
    assert abs(risk.percent - 13.2) <= 0.1


@pytest.mark.parametrize(("sex", "percent"), [("male", [18.6, 23.9, 27.8, 39.7]), ("female", [15.2, 20.0, 30.6, 45.5])])
def test_score2_op_agrees_with_the_supplement_s_rounded_coefficients(sex: str, percent: list[float]) -> None:
    """The supplement prints rounded numbers; the authors' program, which is used here, has all their digits."""
    risks = [Score2OP().risk(**OLDER, sex=sex, region=r).percent for r in ("low", "moderate", "high", "very_high")]
    np.testing.assert_allclose(risks, percent, atol=0.3)


@pytest.mark.parametrize(
    ("changed", "percent"),
    [({}, 8.3),
     ({"age": 65, "systolic_blood_pressure": 160, "total_cholesterol": 6.5, "hdl_cholesterol": 1.0,
       "age_at_diagnosis": 40, "hba1c": 64, "egfr": 60}, 21.3)],
)  # fmt: skip
def test_score2_diabetes_agrees_with_u_prevent(changed: dict[str, Any], percent: float) -> None:
    man = {
        "age": 55, "sex": "male", "smoker": False, "systolic_blood_pressure": 140, "total_cholesterol": 5.5,
        "hdl_cholesterol": 1.1, "age_at_diagnosis": 45, "hba1c": 53, "egfr": 90, "region": "low",
    }  # fmt: skip
    assert abs(Score2Diabetes().risk(**{**man, **changed}).percent - percent) <= 0.1
    with pytest.raises(BadInput, match="age_at_diagnosis"):
        Score2Diabetes().risk(**{**man, "age_at_diagnosis": 60})


class TestGather:
    def test_mass_units_and_older_codes_become_the_score_s(self) -> None:
        found, missing = gather(
            Score2Diabetes(),
            {"2093-3": (200, "mg/dL"), "14646-4": (1.2, "mmol/L"), "4548-4": (7.0, "%"),
             "62238-1": (80, "mL/min/{1.73_m2}"), "8480-6": (18.7, "kPa")},
        )  # fmt: skip
        assert found["total_cholesterol"] == pytest.approx(200 * MG, rel=1e-3)
        assert found["hdl_cholesterol"] == 1.2
        assert found["hba1c"] == pytest.approx(53, abs=0.1)
        assert found["systolic_blood_pressure"] == pytest.approx(140, abs=0.5)
        assert set(missing) == {"age", "sex", "smoker", "age_at_diagnosis", "region"}

    def test_the_declared_code_comes_before_the_older_one(self) -> None:
        both = {"2160-0": (9.0, "mg/dL"), "14682-9": (80.0, "umol/L")}
        assert gather(Egfr(), both)[0]["creatinine"] == 80.0

    def test_a_unit_that_does_not_convert_is_refused(self) -> None:
        with pytest.raises(BadInput, match="unit"):
            gather(Egfr(), {"14682-9": (80.0, "mm[Hg]")})


@pytest.mark.parametrize(
    ("case", "percent"),
    [
        ({"age": 61, "sex": "female", "total_cholesterol": 180 * MG, "hdl_cholesterol": 47 * MG,
          "systolic_blood_pressure": 124, "treated_blood_pressure": False, "smoker": True, "diabetes": False}, 10.48),
        ({"age": 53, "sex": "male", "total_cholesterol": 161 * MG, "hdl_cholesterol": 55 * MG,
          "systolic_blood_pressure": 125, "treated_blood_pressure": True, "smoker": False, "diabetes": True}, 15.62),
    ],
)  # fmt: skip
def test_framingham_gives_the_cases_of_the_paper(case: dict[str, Any], percent: float) -> None:
    assert abs(Framingham().risk(**case).percent - percent) < 0.01


@pytest.mark.parametrize(
    ("age", "sex", "egfr", "acr", "two", "five"),
    [(65, "male", 19, 30, 0.063123, 0.223128), (70, "female", 50, 35, 0.00155, 0.005987),
     (75, "male", 22, 40, 0.041757, 0.152247), (80, "female", 30, 50, 0.013457, 0.051111)],
)  # fmt: skip
def test_kidney_failure_agrees_with_the_reference_library(
    age: float, sex: str, egfr: float, acr: float, two: float, five: float
) -> None:
    """The table of the documentation of kfre (Shpaner 2024), outside North America."""
    seen = {"age": age, "sex": sex, "egfr": egfr, "albumin_to_creatinine": acr}
    assert KidneyFailure(2).risk(**seen).value == pytest.approx(two, abs=1e-6)
    assert KidneyFailure(5).risk(**seen).value == pytest.approx(five, abs=1e-6)


def test_kidney_function_and_its_categories() -> None:
    risk = Egfr().risk(age=55, sex="male", creatinine=1.2 * 88.4)
    assert (round(risk.value), risk.note) == (71, "KDIGO G2")
    assert [gfr_category(x) for x in (90, 89.9, 45, 30, 15, 14.9)] == ["G1", "G2", "G3a", "G3b", "G4", "G5"]
    assert [albuminuria_category(x) for x in (29, 30, 300, 301)] == ["A1", "A2", "A2", "A3"]
    assert (ckd_prognosis("G1", "A1"), ckd_prognosis("G3b", "A2")) == ("low", "very high")


@pytest.mark.parametrize(
    ("seen", "stage"),
    [({"creatinine": 119}, 0), ({"creatinine": 120}, 1), ({"creatinine": 90, "rise_48h": 26.6}, 1),
     ({"creatinine": 160}, 2), ({"creatinine": 240}, 3), ({"creatinine": 80, "low_urine_hours": 6}, 1),
     ({"creatinine": 80, "low_urine_hours": 12}, 2), ({"creatinine": 80, "anuria_hours": 12}, 3),
     ({"creatinine": 80, "replacement": True}, 3)],
)  # fmt: skip
def test_acute_kidney_injury_is_staged_as_kdigo_says(seen: dict[str, Any], stage: int) -> None:
    assert AcuteKidneyInjury().risk(baseline_creatinine=80, **seen).value == stage


def test_four_mg_per_dl_alone_is_no_injury() -> None:
    assert AcuteKidneyInjury().risk(baseline_creatinine=350, creatinine=360).value == 0
    assert AcuteKidneyInjury().risk(baseline_creatinine=320, creatinine=360, rise_48h=40).value == 3


@pytest.mark.parametrize(
    ("changed", "points"),
    [({}, 0), ({"respiration_rate": 8}, 3), ({"respiration_rate": 11}, 1), ({"respiration_rate": 21}, 2),
     ({"respiration_rate": 25}, 3), ({"oxygen_saturation": 91}, 3), ({"oxygen_saturation": 93}, 2),
     ({"oxygen_saturation": 95}, 1), ({"oxygen": True}, 2), ({"systolic_blood_pressure": 90}, 3),
     ({"systolic_blood_pressure": 100}, 2), ({"systolic_blood_pressure": 110}, 1),
     ({"systolic_blood_pressure": 219}, 0), ({"systolic_blood_pressure": 220}, 3), ({"heart_rate": 40}, 3),
     ({"heart_rate": 50}, 1), ({"heart_rate": 91}, 1), ({"heart_rate": 130}, 2), ({"heart_rate": 131}, 3),
     ({"consciousness": "confusion"}, 3), ({"temperature": 35.0}, 3), ({"temperature": 35.1}, 1),
     ({"temperature": 36.1}, 0), ({"temperature": 38.1}, 1), ({"temperature": 39.1}, 2),
     ({"hypercapnic": True, "oxygen_saturation": 88}, 0), ({"hypercapnic": True, "oxygen_saturation": 97}, 0),
     ({"hypercapnic": True, "oxygen_saturation": 97, "oxygen": True}, 5),
     ({"hypercapnic": True, "oxygen_saturation": 83}, 3)],
)  # fmt: skip
def test_news2_is_the_chart_of_the_rcp(changed: dict[str, Any], points: int) -> None:
    assert News2().risk(**{**WELL, **changed}).value == points


def test_one_parameter_with_three_points_is_seen_by_news2() -> None:
    assert "3 in one parameter" in News2().risk(**{**WELL, "respiration_rate": 26}).note


def test_news2_of_an_ensemble_is_that_of_each_member() -> None:
    rates = np.array([8.0, 10.0, 15.0, 22.0, 30.0])
    each = [News2().risk(**{**WELL, "respiration_rate": rate}).value for rate in rates]
    np.testing.assert_array_equal(News2().compute({**News2().checked(WELL), "respiration_rate": rates}), each)


@pytest.mark.parametrize(
    ("seen", "points", "percent"),
    [({"age": 64, "sex": "male"}, 0, 0.2), ({"age": 65, "sex": "male"}, 1, 0.6), ({"age": 75, "sex": "female"}, 3, 3.2),
     ({"age": 80, "sex": "female", "heart_failure": True, "hypertension": True, "diabetes": True, "stroke": True,
       "vascular_disease": True}, 9, 12.2)],
)  # fmt: skip
def test_chads_vasc_points_and_rates(seen: dict[str, Any], points: int, percent: float) -> None:
    none = {
        "heart_failure": False,
        "hypertension": False,
        "diabetes": False,
        "stroke": False,
        "vascular_disease": False,
    }
    risk = ChadsVasc().risk(**{**none, **seen})
    assert (risk.note, round(risk.percent, 1)) == (f"{points} points", percent)


@pytest.mark.parametrize(
    ("changed", "points", "share"),
    [({}, 0, 0.01), ({"high_glucose": True, "active": False}, 7, 0.04),
     ({"high_glucose": True, "family_diabetes": "first_degree", "active": False}, 12, 1 / 6),
     ({"age": 65, "bmi": 31, "waist": 103, "active": False, "vegetables_daily": False, "treated_blood_pressure": True,
       "high_glucose": True, "family_diabetes": "first_degree"}, 26, 0.5)],
)  # fmt: skip
def test_findrisc_points_and_shares(changed: dict[str, Any], points: int, share: float) -> None:
    healthy = {
        "age": 44, "sex": "male", "bmi": 24.9, "waist": 93, "active": True, "vegetables_daily": True,
        "treated_blood_pressure": False, "high_glucose": False, "family_diabetes": "none",
    }  # fmt: skip
    risk = Findrisc().risk(**{**healthy, **changed})
    assert risk.note.startswith(f"{points} points:")
    assert risk.value == pytest.approx(share)


@pytest.mark.parametrize("index", range(len(EVERY)))
def test_every_score_refuses_what_lies_outside_and_what_is_missing(index: int) -> None:
    score, seen = EVERY[index]
    assert np.isfinite(score.risk(**seen).value)
    for declared in score.inputs:
        if declared.default is None:
            with pytest.raises(BadInput, match=f"{declared.name}.*missing"):
                score.risk(**{name: value for name, value in seen.items() if name != declared.name})
        if not (declared.flag or declared.choices):
            with pytest.raises(BadInput, match=declared.name):
                score.risk(**{**seen, declared.name: declared.allowed[1] + 1})
            with pytest.raises(BadInput, match=declared.name):
                score.risk(**{**seen, declared.name: float("nan")})


class TestAges:
    def test_each_age_is_the_score_at_that_age(self) -> None:
        ages = [42.0, 55.0, 69.0]
        others = {**SCORE2, "sex": "female", "region": "high"}
        each = [Score2().risk(**{**others, "age": age}).value for age in ages]
        np.testing.assert_allclose(risk_by_age(Score2(), ages, **others), each, rtol=1e-12)
        assert (np.diff(each) > 0).all()
        assert len(risk_by_age(Score2(), [], **others)) == 0

    def test_ages_beyond_the_score_and_scores_without_age_are_refused(self) -> None:
        others = {**SCORE2, "sex": "female", "region": "high"}
        with pytest.raises(BadInput, match="age"):
            risk_by_age(Score2(), [60, 75], **others)
        with pytest.raises(BadInput, match="age"):
            risk_by_age(News2(), [60], **WELL)


class TestUncertainInputs:
    def test_certain_inputs_have_no_width(self) -> None:
        risk = risk_with_uncertainty(Score2(), **SCORE2, sex="male", region="low")
        assert risk.interval == (risk.value, risk.value)

    def test_the_interval_is_that_of_the_members(self) -> None:
        pressures = np.linspace(120, 160, 401)
        risk = risk_with_uncertainty(
            Score2(), **{**SCORE2, "systolic_blood_pressure": pressures}, sex="male", region="low"
        )
        ends = [
            Score2().risk(**{**SCORE2, "systolic_blood_pressure": p}, sex="male", region="low").value
            for p in (122.0, 140.0, 158.0)
        ]
        assert risk.interval is not None
        np.testing.assert_allclose([risk.interval[0], risk.value, risk.interval[1]], ends, rtol=1e-9)
        assert "inputs" in risk.spread

    def test_members_beyond_the_range_are_told(self) -> None:
        seen = {**PREVENT, "systolic_blood_pressure": np.array([170.0, 175.0, 185.0, 172.0])}
        assert "25.0%" in risk_with_uncertainty(Prevent(), **seen).note

    def test_a_median_out_of_range_or_unequal_members_are_refused(self) -> None:
        with pytest.raises(BadInput, match="systolic"):
            risk_with_uncertainty(Prevent(), **{**PREVENT, "systolic_blood_pressure": np.array([190.0, 200.0])})
        with pytest.raises(BadInput, match="same number"):
            risk_with_uncertainty(Prevent(), **{**PREVENT, "bmi": np.ones(2) * 30, "egfr": np.ones(3) * 80})
        with pytest.raises(BadInput, match="finite"):
            risk_with_uncertainty(Prevent(), **{**PREVENT, "bmi": np.array([30.0, np.nan])})

    def test_a_flag_may_be_uncertain(self) -> None:
        smokes = np.array([0.0, 1.0, 1.0])
        risk = risk_with_uncertainty(Prevent(), **{**PREVENT, "smoker": smokes})
        assert risk.value == pytest.approx(Prevent().risk(**{**PREVENT, "smoker": True}).value)


PREVENT = {
    "age": 50, "sex": "female", "total_cholesterol": 5.2, "hdl_cholesterol": 1.2, "systolic_blood_pressure": 150,
    "bmi": 29, "egfr": 90, "diabetes": False, "smoker": False, "treated_blood_pressure": True, "statin": False,
}  # fmt: skip
