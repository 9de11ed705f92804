"""Published relative effects and harms: a ratio with its 95 % interval, where it comes from, and how it was found."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Ratio:
    """A rate ratio or hazard ratio.

    Args:
        middle, low, high: the estimate and its 95 % interval.
        source: the publication.
        design: "randomised" (trials) or "observational" (cohorts: what goes with it need not be caused by it).
        per: what one unit of it is, in words ("1 mmol/L of LDL").

    Example:
        >>> Ratio(0.78, 0.76, 0.80, "CTT 2010", "randomised").log_sd < 0.02
        True
    """

    middle: float
    low: float
    high: float
    source: str
    design: Literal["randomised", "observational"]
    per: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.middle <= self.high < math.inf:
            raise BadInput("ratio", (self.middle, self.low, self.high), "0 < low <= middle <= high")

    @property
    def log_sd(self) -> float:
        """Standard deviation of the logarithm: a 95 % interval is 2 x 1.96 of it wide."""
        return math.log(self.high / self.low) / (2 * 1.959964)

    def members(self, z: FloatArray, units: float | FloatArray = 1.0) -> FloatArray:
        """Ratios for standard normal draws `z`, for `units` times what the ratio is of (log-linear)."""
        return np.asarray(np.exp((math.log(self.middle) + self.log_sd * z) * units))


@dataclass(frozen=True, slots=True)
class Harm:
    """What a step may do besides.

    Args:
        what: in words.
        ratio: relative effect, where one is published.
        per_10000: extra cases among 10,000 treated (low, high), where published.
        years: over how many years.
        source: the publication.

    Example:
        >>> Harm("new diabetes", per_10000=(50, 100), years=5, source="Collins 2016").number_needed_to_harm
        (100.0, 200.0)
    """

    what: str
    source: str
    ratio: Ratio | None = None
    per_10000: tuple[float, float] | None = None
    years: float | None = None

    @property
    def number_needed_to_harm(self) -> tuple[float, float] | None:
        """How many are treated for one extra case, from and to; None where no absolute number is published."""
        if self.per_10000 is None:
            return None
        low, high = self.per_10000
        return 10_000 / high, 10_000 / low


# --- relative effects, by the outcome they were found on -----------------------------------------------------------

# Statins, per mmol/L of LDL cholesterol: Cholesterol Treatment Trialists, Lancet 2005;366:1267 (14 trials, 90,056
# people): infarction or coronary death, and stroke. (All major vascular events, 26 trials: 0.78, 0.76-0.80, Lancet
# 2010;376:1670; at low risk 0.79, 0.77-0.81, Lancet 2012;380:581.)
_CTT = "Cholesterol Treatment Trialists, Lancet 2005;366:1267-1278"
STATIN_CHD = Ratio(0.77, 0.74, 0.80, _CTT, "randomised", "1 mmol/L of LDL cholesterol")
STATIN_STROKE = Ratio(0.83, 0.78, 0.88, _CTT, "randomised", "1 mmol/L of LDL cholesterol")

# Blood pressure, per 10 mmHg of systolic pressure (123 trials, 613,815 people).
_BP = "Ettehad et al., Lancet 2016;387:957-967"
PRESSURE_CHD = Ratio(0.83, 0.78, 0.88, _BP, "randomised", "10 mmHg of systolic pressure")
PRESSURE_STROKE = Ratio(0.73, 0.68, 0.77, _BP, "randomised", "10 mmHg of systolic pressure")
PRESSURE_HEART_FAILURE = Ratio(0.72, 0.67, 0.78, _BP, "randomised", "10 mmHg of systolic pressure")

# Smoking: heavy smokers (20 pack-years and more) who stopped within 5 years, against those who went on; infarction,
# stroke, heart failure or cardiovascular death.
STOP_SMOKING = Ratio(0.61, 0.49, 0.76, "Duncan et al., JAMA 2019;322:642-650", "observational")

# From inactive to 150 minutes of moderate activity a week: incidence of cardiovascular disease, adjusted for weight.
ACTIVITY = Ratio(0.83, 0.77, 0.89, "Wahid et al., J Am Heart Assoc 2016;5:e002495", "observational")

# Mediterranean diet with extra-virgin olive oil: infarction, stroke or cardiovascular death (one trial, 7,447 people).
DIET = Ratio(0.69, 0.53, 0.91, "Estruch et al., N Engl J Med 2018;378:e34 (PREDIMED)", "randomised")

# SGLT2 inhibitors in type 2 diabetes (8 trials, 55,763 people): hospitalisation for heart failure; infarction, stroke
# or cardiovascular death.
_SGLT2 = "Front Endocrinol 2021;11:604250 (8 trials, type 2 diabetes)"
SGLT2_HEART_FAILURE = Ratio(0.63, 0.53, 0.74, _SGLT2, "randomised")
SGLT2_MACE = Ratio(0.92, 0.86, 0.98, _SGLT2, "randomised")

# Aspirin in primary prevention (13 trials, 164,225 people): cardiovascular death, infarction or stroke.
_ASPIRIN = "Zheng & Roddick, JAMA 2019;321:277-287"
ASPIRIN_MACE = Ratio(0.89, 0.84, 0.95, _ASPIRIN, "randomised")

# --- effects on a risk factor --------------------------------------------------------------------------------------

# Weight: mmHg of systolic pressure per kg (25 trials): -1.05 (95 % -1.43 to -0.66).
KG_TO_MMHG = (-1.05, -1.43, -0.66)
KG_TO_MMHG_SOURCE = "Neter et al., Hypertension 2003;42:878-884"

# LDL lowering by atorvastatin 40 mg: 49 % (164 trials).
STATIN_LDL_SHARE = 0.49
STATIN_LDL_SOURCE = "Law et al., BMJ 2003;326:1423 (atorvastatin 40 mg: 49 %)"

# --- harms ---------------------------------------------------------------------------------------------------------

_COLLINS = "Collins et al., Lancet 2016;388:2532-2561"
_ALBASRI = "Albasri et al., BMJ 2021;372:n189"
STATIN_HARMS = (
    Harm("myopathy", _COLLINS, per_10000=(5, 5), years=5),
    Harm("new diabetes", _COLLINS, per_10000=(50, 100), years=5),
    Harm("haemorrhagic stroke", _COLLINS, per_10000=(5, 10), years=5),
)
PRESSURE_HARMS = (
    Harm("hypotension", _ALBASRI, ratio=Ratio(1.97, 1.67, 2.32, _ALBASRI, "randomised"), years=3),
    Harm("syncope", _ALBASRI, ratio=Ratio(1.28, 1.03, 1.59, _ALBASRI, "randomised"), years=3),
    Harm("acute kidney injury", _ALBASRI, ratio=Ratio(1.18, 1.01, 1.39, _ALBASRI, "randomised"), years=3),
    Harm("hyperkalaemia", _ALBASRI, ratio=Ratio(1.89, 1.56, 2.30, _ALBASRI, "randomised"), years=3),
)
_KETO = "PMC8186520, 2021 (5 trials, 41,267 people)"
SGLT2_HARMS = (Harm("diabetic ketoacidosis", _KETO, ratio=Ratio(2.33, 1.40, 3.90, _KETO, "randomised")),)
ASPIRIN_HARMS = (
    Harm(
        "major bleeding", _ASPIRIN, ratio=Ratio(1.43, 1.30, 1.56, _ASPIRIN, "randomised"), per_10000=(47, 47), years=6.4
    ),
)
