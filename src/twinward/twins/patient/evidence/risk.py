"""What speaks for the risk scores of the patient twin: published examples, met or not."""

from collections.abc import Iterator
from pathlib import Path

from twinward.core.evidence import Check, Evidence
from twinward.twins.patient.risk import (
    ChadsVasc,
    Egfr,
    Framingham,
    KidneyFailure,
    News2,
    Prevent,
    Score2,
    Score2Diabetes,
    Score2OP,
    cholesterol_mmol_per_l,
)
from twinward.twins.patient.risk.prevent import OUTCOMES


def checks() -> tuple[Check, ...]:
    """PREVENT to three decimals, the others to 0.1 point."""
    others = ("score2-op", "score2-diabetes", "framingham", "kidney-failure", "egfr", "chads-vasc", "news2")
    return (
        Check(("prevent",), "PREVENT: published example at 10 and 30 years", _prevent),
        Check(("score2",), "SCORE2: examples of its abstract", _score2),
        Check(others, "Other scores: published examples", _others),
    )


def _prevent(_: Path | None) -> Iterator[Evidence]:
    woman = {
        "age": 50, "sex": "female", "total_cholesterol": cholesterol_mmol_per_l(200),
        "hdl_cholesterol": cholesterol_mmol_per_l(45), "systolic_blood_pressure": 160, "bmi": 35, "egfr": 90,
        "diabetes": True, "smoker": False, "treated_blood_pressure": True, "statin": False,
    }  # fmt: skip
    published = {10: (0.147, 0.092, 0.081, 0.044, 0.054), 30: (0.530, 0.354, 0.390, 0.198, 0.221)}
    found = {
        years: tuple(round(Prevent(years, outcome).risk(**woman).value, 3) for outcome in OUTCOMES)
        for years in published
    }
    yield Evidence(
        "prevent",
        "A woman of 50: five outcomes at 10 and 30 years",
        "verification",
        "; ".join("/".join(f"{x:.3f}" for x in found[years]) for years in published),
        "; ".join("/".join(f"{x:.3f}" for x in published[years]) for years in published),
        "3 decimals",
        Prevent.source,
        found == published,
    )


def _score2(_: Path | None) -> Iterator[Evidence]:
    seen = {
        "age": 50, "smoker": True, "systolic_blood_pressure": 140, "total_cholesterol": 5.5, "hdl_cholesterol": 1.3,
    }  # fmt: skip
    published = {
        ("male", "low"): 5.9, ("male", "very_high"): 14.0, ("female", "low"): 4.2, ("female", "very_high"): 13.7,
    }  # fmt: skip
    found = [Score2().risk(**seen, sex=sex, region=region).percent for sex, region in published]
    worst = max(abs(a - b) for a, b in zip(found, published.values(), strict=True))
    yield Evidence(
        "score2",
        "Smokers of 50, 140 mmHg, 5.5 and 1.3 mmol/L: men and women, low and very high risk regions",
        "verification",
        "/".join(f"{x:.1f}" for x in found),
        "/".join(f"{x:.1f}" for x in published.values()),
        "0.1 point",
        Score2.source,
        worst <= 0.1,
        unit="%",
    )


def _others(_: Path | None) -> Iterator[Evidence]:
    """Each against a published case; tolerance 0.1 point (of per cent or of the score)."""
    older = Score2OP().risk(
        age=75, sex="male", smoker=False, diabetes=False, systolic_blood_pressure=140, total_cholesterol=5.5,
        hdl_cholesterol=1.3, region="low",
    )  # fmt: skip
    yield _case("score2-op", "A man of 75, low-risk region", older.percent, 13.2, "u-prevent.com, value of 2026-02-28")
    diabetic = Score2Diabetes().risk(
        age=65, sex="male", smoker=False, systolic_blood_pressure=160, total_cholesterol=6.5, hdl_cholesterol=1.0,
        age_at_diagnosis=40, hba1c=64, egfr=60, region="low",
    )  # fmt: skip
    service = "u-prevent.com, value of 2026-02-28"
    yield _case("score2-diabetes", "A man of 65, HbA1c 64 mmol/mol", diabetic.percent, 21.3, service)
    smoker = Framingham().risk(
        age=61, sex="female", total_cholesterol=cholesterol_mmol_per_l(180),
        hdl_cholesterol=cholesterol_mmol_per_l(47), systolic_blood_pressure=124, treated_blood_pressure=False,
        smoker=True, diabetes=False,
    )  # fmt: skip
    yield _case("framingham", "A woman of 61 who smokes (case 1)", smoker.percent, 10.48, Framingham.source)
    kidney = KidneyFailure(5).risk(age=65, sex="male", egfr=19, albumin_to_creatinine=30)
    yield _case("kidney-failure", "A man of 65, eGFR 19", kidney.percent, 22.3128, "documentation of kfre 0.1 (2024)")
    rate = Egfr().risk(age=55, sex="male", creatinine=1.2 * 88.4)
    yield _case("egfr", "A man of 55, 1.2 mg/dL, rounded", round(rate.value), 71, "kidney.org calculator", "mL/min")
    stroke = ChadsVasc().risk(
        age=76, sex="female", heart_failure=False, hypertension=True, diabetes=False, stroke=False,
        vascular_disease=False,
    )  # fmt: skip
    yield _case("chads-vasc", "4 points: yearly ischaemic stroke", stroke.percent, 4.8, ChadsVasc.source)
    news = News2().risk(
        respiration_rate=22, oxygen_saturation=94, oxygen=True, systolic_blood_pressure=105, heart_rate=112,
        consciousness="alert", temperature=38.3,
    )  # fmt: skip
    # 2 + 1 + 2 + 1 + 2 + 0 + 1 by the chart.
    yield _case("news2", "Seven observations added up by the chart", news.value, 9, News2.source, "{score}")


def _case(id: str, what: str, found: float, published: float, source: str, unit: str = "%") -> Evidence:
    passed = abs(found - published) <= 0.1
    return Evidence(id, what, "verification", round(found, 3), published, "0.1 point", source, passed, unit=unit)
