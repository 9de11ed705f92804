"""How much of a person's risk goes with factors that can be changed, and how it divides among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

from twinward.twins.patient.risk.inputs import cholesterol_mmol_per_l
from twinward.twins.patient.risk.prevent import Prevent

# Optimal levels: total cholesterol 170 and HDL 50 mg/dL, systolic 110 mmHg, no smoking (Goff et al., Circulation
# 2014;129:S49: "optimal risk factors"); BMI below 25 kg/m2 (WHO). A level that is better already stays.
_TOTAL, _HDL = cholesterol_mmol_per_l(170), cholesterol_mmol_per_l(50)
_SYSTOLIC, _BMI = 110.0, 24.9

FACTORS = ("smoking", "cholesterol", "blood_pressure", "weight")


@dataclass(frozen=True, slots=True)
class ModifiableShare:
    """Risk now, at optimal levels, and what each factor has to do with the difference.

    Args:
        risk: now.
        optimal: with every factor at its optimum, the others (age, sex, diabetes, eGFR) as they are.
        by_factor: absolute risk that goes with each factor (Shapley value: its mean over all orders of changing them;
            they add up to `risk - optimal`).
    """

    risk: float
    optimal: float
    by_factor: Mapping[str, float]

    @property
    def share(self) -> float:
        """The part of the risk that goes with the factors that can be changed, 0..1."""
        return (self.risk - self.optimal) / self.risk


def modifiable_share(person: Mapping[str, Any], *, outcome: str = "total_cvd", years: int = 10) -> ModifiableShare:
    """The modifiable share of a person's risk by PREVENT.

    It tells how the risks of people differ who differ in these factors; what changing them brings is told by
    `prevention_plan`, from trials. Diabetes and kidney function count as they are.

    Example:
        >>> woman = dict(age=50, sex="female", total_cholesterol=5.172, hdl_cholesterol=1.164, bmi=35, egfr=90,
        ...     systolic_blood_pressure=160, diabetes=True, smoker=False, treated_blood_pressure=True, statin=False)
        >>> found = modifiable_share(woman)
        >>> max(found.by_factor, key=found.by_factor.get), found.by_factor["smoking"]
        ('blood_pressure', 0.0)
    """
    score = Prevent(years, outcome)
    known = score.checked(person)
    value = {
        changed: score.risk(**_changed(known, changed)).value
        for size in range(len(FACTORS) + 1)
        for changed in combinations(FACTORS, size)
    }
    n = len(FACTORS)
    shapley = {}
    for factor in FACTORS:
        others = tuple(f for f in FACTORS if f != factor)
        total = 0.0
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for before in combinations(others, size):
                after = tuple(f for f in FACTORS if f in before or f == factor)
                total += weight * (value[before] - value[after])
        shapley[factor] = total
    return ModifiableShare(value[()], value[FACTORS], shapley)


def _changed(known: Mapping[str, Any], factors: tuple[str, ...]) -> dict[str, Any]:
    changed = dict(known)
    if "smoking" in factors:
        changed["smoker"] = False
    if "cholesterol" in factors:
        # PREVENT knows non-HDL and HDL: each is taken to its optimum where it is worse.
        hdl = max(known["hdl_cholesterol"], _HDL)
        non_hdl = min(known["total_cholesterol"] - known["hdl_cholesterol"], _TOTAL - _HDL)
        changed["hdl_cholesterol"] = hdl
        changed["total_cholesterol"] = hdl + non_hdl
    if "blood_pressure" in factors:
        changed["systolic_blood_pressure"] = min(known["systolic_blood_pressure"], _SYSTOLIC)
    if "weight" in factors:
        changed["bmi"] = min(known["bmi"], _BMI)
    return changed
