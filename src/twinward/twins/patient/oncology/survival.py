"""Overall survival from tumour dynamics: the log-normal model of Claret et al., Clin Pharmacol Ther 2014;95:446."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

# Table 3 (first-line non-squamous non-small-cell lung cancer, MONET1, n = 934); time in days. Read from the public
# model library nlmixr2lib (Claret_2014_motesanib_tumorsize_OS), which quotes the table with its standard errors.
_INTERCEPT, _BASELINE, _REGROWTH, _ASIAN, _SMOKED, _LOG_SCALE = 1.079, -0.00197, 0.97695, 0.319, -0.264, -0.24
_SHIFT_DAYS = 100.0  # log(TTG + 100): TTG is negative where a tumour never shrinks


@dataclass(frozen=True, slots=True)
class Survival:
    """A log-normal distribution of survival times, one a member.

    Args:
        log_median: natural logarithm of the median survival in days.
        scale: standard deviation of the logarithm.
    """

    log_median: FloatArray
    scale: float

    @property
    def median_days(self) -> FloatArray:
        """Median survival."""
        return np.exp(self.log_median)

    def alive(self, days: ArrayLike) -> FloatArray:
        """Probability to be alive at `days`; shape (..., members) where `days` has shape (...)."""
        t = np.asarray(days, dtype=np.float64)[..., None]
        with np.errstate(divide="ignore"):
            z = (np.log(t) - self.log_median) / self.scale
        return np.asarray(norm.sf(z))


def time_to_growth(growth: ArrayLike, kill: ArrayLike, resistance: ArrayLike) -> FloatArray:
    """TTG, ln(KD/KL)/lambda: when the tumour grows again; negative where it never shrank."""
    return np.asarray((np.log(kill) - np.log(growth)) / np.asarray(resistance))


def lung_cancer_survival(
    baseline_mm: ArrayLike, time_to_growth_days: ArrayLike, *, asian: bool = False, ever_smoked: bool = True
) -> Survival:
    """Survival in first-line non-squamous lung cancer, from baseline size and time to growth.

    Valid for what it was fitted to: carboplatin and paclitaxel with or without motesanib, TTG from -6 to 399 days,
    tumours that could be measured. TTG at or below -100 days is refused: the model is undefined there.

    Args:
        baseline_mm: sum of the longest diameters before treatment.
        time_to_growth_days: see `time_to_growth`.
        asian, ever_smoked: the covariates of the published model.

    Example:
        >>> round(float(lung_cancer_survival(90.0, 117.0).median_days[()]))
        363
    """
    baseline, regrowth = np.asarray(baseline_mm, dtype=np.float64), np.asarray(time_to_growth_days, dtype=np.float64)
    if not (np.isfinite(baseline).all() and (baseline > 0).all()):
        raise BadInput("survival: baseline_mm", baseline.tolist(), "a length > 0 mm")
    if not (np.isfinite(regrowth).all() and (regrowth > -_SHIFT_DAYS).all()):
        raise BadInput("survival: time_to_growth_days", regrowth.tolist(), "above -100 days")
    log_median = (
        _INTERCEPT
        + _BASELINE * baseline
        + _REGROWTH * np.log(regrowth + _SHIFT_DAYS)
        + _ASIAN * asian
        + _SMOKED * ever_smoked
    )
    return Survival(np.asarray(log_median), math.exp(_LOG_SCALE))
