"""What prevention brings follows from the published effects; intervals, ranking and harms are told honestly."""

from typing import Any

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.patient.risk import Prevent
from twinward.twins.patient.risk.base import Risk
from twinward.twins.patient.risk.covariates import COVARIATES, with_covariates
from twinward.twins.patient.risk.prevention import STEPS, Ratio, modifiable_share, prevention_plan
from twinward.twins.patient.risk.prevention.plan import composite_ratio

MAN: dict[str, Any] = {
    "age": 58, "sex": "male", "total_cholesterol": 6.2, "hdl_cholesterol": 1.0, "systolic_blood_pressure": 152,
    "bmi": 31, "egfr": 75, "diabetes": True, "smoker": True, "treated_blood_pressure": False, "statin": False,
}  # fmt: skip
KNOWN = {
    **MAN, "ldl_cholesterol": 4.0, "active": False, "mediterranean_diet": False, "type_2_diabetes": True,
    "sglt2_inhibitor": False,
}  # fmt: skip
HEALTHY = {
    **MAN, "total_cholesterol": 4.0, "hdl_cholesterol": 1.5, "systolic_blood_pressure": 108, "bmi": 23,
    "diabetes": False, "smoker": False,
}  # fmt: skip


class TestPlan:
    def test_a_single_step_is_its_published_ratio(self) -> None:
        """Stopping smoking: one ratio for all events, so that risk becomes 1 - (1 - risk) ** 0.61."""
        plan = prevention_plan(KNOWN, members=4000)
        risk = Prevent().risk(**MAN).value
        assert plan.risk == pytest.approx(risk)
        assert plan["stop_smoking"].risk_after == pytest.approx(1 - (1 - risk) ** 0.61, rel=0.01)
        low, high = plan["stop_smoking"].interval
        # 90 % of a log-normal whose 95 % interval is 0.49 to 0.76.
        ends = [risk - (1 - (1 - risk) ** r) for r in (0.61 * (0.76 / 0.49) ** (1.645 / 3.92), 0.61 / 1.2022)]
        assert low == pytest.approx(ends[0], rel=0.03)
        assert high == pytest.approx(ends[1], rel=0.03)

    def test_statin_benefit_is_per_mmol_of_its_own_ldl(self) -> None:
        ratios = [
            prevention_plan({**KNOWN, "ldl_cholesterol": ldl}, outcome="chd")["statin"].relative for ldl in (2.0, 4.0)
        ]
        np.testing.assert_allclose(ratios, [0.77 ** (0.49 * 2), 0.77 ** (0.49 * 4)], rtol=0.01)
        assert "statin" in prevention_plan(MAN).not_offered

    def test_pressure_is_lowered_to_its_target_and_no_further_than_two_drugs_can(self) -> None:
        def relative(pressure: float) -> float:
            plan = prevention_plan({**MAN, "systolic_blood_pressure": pressure}, outcome="stroke")
            return plan["lower_blood_pressure"].relative

        assert relative(140) == pytest.approx(0.73, rel=0.01)
        assert relative(150) == pytest.approx(0.73**2, rel=0.02)
        assert relative(175) == pytest.approx(relative(150), rel=1e-9)
        assert "lower_blood_pressure" in prevention_plan({**MAN, "systolic_blood_pressure": 129}).not_offered

    def test_steps_that_nobody_asks_for_are_left_out(self) -> None:
        whole, one = prevention_plan(KNOWN), prevention_plan(KNOWN, only=["lower_blood_pressure"])
        assert [step.name for step in one.steps] == ["lower_blood_pressure"] and one.not_offered == {}
        assert one["lower_blood_pressure"] == whole["lower_blood_pressure"]
        assert one.together.reduction == whole["lower_blood_pressure"].reduction
        assert prevention_plan(KNOWN, only=[]).together.reduction == 0.0
        with pytest.raises(BadInput, match="only: got 'garlic'"):
            prevention_plan(KNOWN, only=["garlic"])

    def test_steps_are_ranked_and_multiply(self) -> None:
        plan = prevention_plan(KNOWN)
        reductions = [step.reduction for step in plan.steps]
        assert reductions == sorted(reductions, reverse=True)
        assert plan.together.reduction > reductions[0]
        assert plan.together.risk_after > 0
        product = np.prod(
            [step.relative for step in prevention_plan(KNOWN, outcome="chd").steps if step.name != "aspirin"]
        )
        assert prevention_plan(KNOWN, outcome="chd").together.relative == pytest.approx(product, rel=0.02)

    def test_harms_stand_beside_benefits(self) -> None:
        plan = prevention_plan(KNOWN)
        diabetes = next(harm for harm in plan["statin"].harms if harm.what == "new diabetes")
        assert diabetes.number_needed_to_harm == (100, 200)
        bleeding = plan["aspirin"].harms[0]
        assert bleeding.what == "major bleeding"
        assert plan["stop_smoking"].design == "observational"
        assert all(step.sources for step in plan.steps)

    def test_nothing_is_offered_twice_or_to_the_wrong_person(self) -> None:
        plan = prevention_plan(HEALTHY)
        assert [step.name for step in plan.steps] == ["aspirin"]
        assert plan.together.reduction == 0
        assert plan.not_offered["stop_smoking"] == "does not smoke"
        assert plan.not_offered["be_active"] == "not known: active"
        assert set(plan.not_offered) | {"aspirin"} == set(STEPS)

    def test_one_effect_s_numbers_do_not_hang_on_the_others(self) -> None:
        few = prevention_plan(MAN)["stop_smoking"]
        assert few == prevention_plan(KNOWN)["stop_smoking"]
        assert prevention_plan(KNOWN, seed=1)["stop_smoking"].interval != few.interval

    def test_sglt2_helps_the_heart_failure_most(self) -> None:
        relative = {o: prevention_plan(KNOWN, outcome=o)["sglt2_inhibitor"].relative for o in ("heart_failure", "chd")}
        assert relative["heart_failure"] == pytest.approx(0.63, rel=0.02)
        assert relative["chd"] == pytest.approx(0.92, rel=0.02)

    def test_an_outcome_a_step_does_not_touch_stays(self) -> None:
        step = prevention_plan(KNOWN, outcome="heart_failure")["statin"]
        assert (step.reduction, step.number_needed_to_treat) == (0, float("inf"))

    @pytest.mark.parametrize(
        ("changed", "field"),
        [({"age": 20}, "age"), ({"ldl_cholesterol": 40}, "ldl"), ({"shoe_size": 43}, "shoe_size"),
         ({"active": "often"}, "active"), ({"diabetes": False}, "type_2_diabetes")],
    )  # fmt: skip
    def test_bad_input_is_refused_by_name(self, changed: dict[str, Any], field: str) -> None:
        with pytest.raises(BadInput, match=field):
            prevention_plan({**KNOWN, **changed})

    def test_an_unknown_step_is_refused(self) -> None:
        with pytest.raises(BadInput, match="step"):
            prevention_plan(MAN)["homeopathy"]


def test_composites_weigh_their_parts_by_rate() -> None:
    risks = {"chd": 0.1, "stroke": 0.05, "heart_failure": 0.2}
    only = composite_ratio({"chd": np.array([0.5])}, risks, "ascvd")
    weights = [-np.log(0.9), -np.log(0.95)]
    assert only == pytest.approx((0.5 * weights[0] + weights[1]) / sum(weights))
    assert composite_ratio({}, risks, "total_cvd") == pytest.approx(1.0)


def test_a_ratio_needs_a_sane_interval() -> None:
    with pytest.raises(BadInput):
        Ratio(0.8, 0.9, 1.0, "?", "randomised")


class TestModifiableShare:
    def test_factors_add_up_and_the_optimal_person_has_none(self) -> None:
        found = modifiable_share(MAN)
        assert sum(found.by_factor.values()) == pytest.approx(found.risk - found.optimal, rel=1e-12)
        assert 0 < found.share < 1
        assert modifiable_share(HEALTHY).share == pytest.approx(0, abs=1e-12)

    def test_only_what_is_amiss_counts(self) -> None:
        smoker = modifiable_share({**HEALTHY, "smoker": True})
        assert smoker.by_factor["smoking"] == pytest.approx(smoker.risk - smoker.optimal)
        assert smoker.by_factor["blood_pressure"] == pytest.approx(0, abs=1e-15)

    def test_total_cvd_of_the_base_model_knows_no_weight_but_heart_failure_does(self) -> None:
        assert modifiable_share(MAN).by_factor["weight"] == 0
        assert modifiable_share(MAN, outcome="heart_failure").by_factor["weight"] > 0


class TestCovariates:
    BASE = Risk(0.10, "1", 10.0, "coronary heart disease", "an example")

    def test_family_history_is_an_odds_ratio(self) -> None:
        found = with_covariates(self.BASE, "chd", "male", {"parental_premature_cvd": True}, members=8000)
        odds = 0.1 / 0.9 * 2.0
        assert found.value == pytest.approx(odds / (1 + odds), rel=0.02)
        assert with_covariates(self.BASE, "chd", "male", {"parental_premature_cvd": False}).value == pytest.approx(0.1)

    def test_the_reference_changes_nothing_and_cleaner_air_helps(self) -> None:
        def dust(value: float) -> float:
            return with_covariates(self.BASE, "chd", "female", {"fine_dust": value}, references={"fine_dust": 12}).value

        assert dust(12) == pytest.approx(0.1)
        assert dust(5) < 0.1 < dust(22)
        assert dust(22) == pytest.approx(1 - 0.9**1.11, rel=0.01)

    def test_noise_counts_above_53_db(self) -> None:
        quiet, loud = (with_covariates(self.BASE, "chd", "male", {"road_noise": x}).value for x in (45, 63))
        assert quiet == pytest.approx(0.1)
        assert loud == pytest.approx(1 - 0.9**1.08, rel=0.01)

    def test_bad_use_is_refused(self) -> None:
        for covariates, outcome, match in (
            ({"fine_dust": 10}, "chd", "references"),
            ({"road_noise": 60}, "stroke", "outcome"),
            ({"moon_phase": 1}, "chd", "covariate"),
            ({"road_noise": 200}, "chd", "road_noise"),
        ):
            with pytest.raises(BadInput, match=match):
                with_covariates(self.BASE, outcome, "male", covariates)

    def test_every_covariate_tells_its_source(self) -> None:
        for covariate in COVARIATES.values():
            assert all(ratio.source and ratio.design == "observational" for ratio in covariate.ratio.values())
