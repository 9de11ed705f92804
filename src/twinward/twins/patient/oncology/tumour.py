"""A tumour as a twin: growth, kill and resistance are told from its measured sizes (RECIST sums of diameters)."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.outcome import Outcome
from twinward.core.signal import Control, Signal
from twinward.engines.ode import DormandPrince54
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.models.continuous import (
    ContinuousModel,
    Measured,
    Scale,
    Scales,
    Sets,
    Variable,
    derivative,
    measurement,
)
from twinward.twins.patient.oncology.survival import Survival, lung_cancer_survival, time_to_growth

WEEK = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Population:
    """What is known of tumours of a kind under a treatment before one of them is measured.

    Args:
        label: which tumours, which treatment.
        exposure_unit: what an exposure of 1 means.
        baseline_mm, growth, kill, resistance: median and standard deviation of the logarithm; rates per week.
        error_mm: standard deviation of a measured sum of diameters.
        source: where the numbers come from.
    """

    label: str
    exposure_unit: str
    baseline_mm: tuple[float, float]
    growth: tuple[float, float]
    kill: tuple[float, float]
    resistance: tuple[float, float]
    error_mm: float
    source: str


LUNG = Population(
    "first-line non-squamous lung cancer, carboplatin and paclitaxel with or without motesanib",
    "the planned regimen",
    # Supplementary Table S1, rates per day times 7. The table prints the estimates of KDE and lambda transposed: only
    # exchanged do they give the paper's own medians of time to growth and of the size at week 8 (as nlmixr2lib shows).
    baseline_mm=(90.0, 0.683),
    growth=(7 * 0.00107, 1.18),
    kill=(7 * 0.0103, 0.679),
    resistance=(7 * 0.0193, 0.797),
    error_mm=7.849,
    source="Claret et al., Clin Pharmacol Ther 2014;95:446-451, Table S1",
)

COLORECTAL = Population(
    "metastatic colorectal cancer, fluorouracil",
    "1 g of fluorouracil a week",
    # The paper gives no distribution of the baseline that could be looked up: a wide one around 100 mm is this
    # project's choice; the first measurement replaces it.
    baseline_mm=(100.0, 0.7),
    growth=(0.015, 0.556**0.5),
    kill=(0.058, 0.540**0.5),
    resistance=(0.042, 0.450**0.5),
    error_mm=14.9,
    source="Claret et al., J Clin Oncol 2009;27:4103-4108, fluorouracil phase III (as in Pumas' tutorial of the paper)",
)


@derivative
def _derivative(t: float, y: Any, p: Any, dydt: Any) -> None:
    """y: size, what is left of the kill, weeks under treatment; p: growth, kill, resistance, exposure. Per week."""
    begun = p[3] > 0.0 or y[2] > 0.0
    dydt[0] = y[0] * (p[0] - p[1] * y[1] * p[3])
    dydt[1] = -p[2] * y[1] if begun else 0.0  # resistance grows from the first dose on, as published
    dydt[2] = 1.0 if begun else 0.0


@measurement
def _measurement(t: float, y: Any, p: Any, out: Any) -> None:
    out[0] = y[0]


def _final(data: xr.Dataset) -> FloatArray:
    size: FloatArray = data["size"].isel(time=-1).to_numpy()
    return size


def _best(data: xr.Dataset) -> FloatArray:
    size = data["size"]
    share: FloatArray = (size.min("time") / size.isel(time=0) - 1.0).to_numpy()
    return share


def _progressed(data: xr.Dataset) -> FloatArray:
    """RECIST 1.1 (Eisenhauer, Eur J Cancer 2009;45:228): 20 % and 5 mm above the smallest sum so far."""
    size = data["size"].transpose("member", "time").to_numpy()
    smallest = np.minimum.accumulate(size, axis=1)
    return np.asarray(((size >= 1.2 * smallest) & (size - smallest >= 5.0)).any(axis=1), dtype=np.float64)


class TumourTwin(ContinuousModel):
    """Tumour growth inhibition (Claret 2009) with the patient's own rates.

    An observation of `exposure` tells from when on which exposure holds (0: treatment is interrupted).

    Args:
        population: what is known before anything was measured.

    Example:
        >>> from twinward.core import Observation, Twin
        >>> twin = Twin(TumourTwin(), "Patient/1", members=100)
        >>> week = 7 * 86400.0
        >>> seen = [Observation("Patient/1", "exposure", 0.0, 1.0)] + [
        ...     Observation("Patient/1", "tumour_size", k * week, size)
        ...     for k, size in ((0, 80.0), (6, 60.0), (12, 52.0), (18, 55.0))]
        >>> twin.observe(sorted(seen, key=lambda row: row.time)).accepted
        5
    """

    kind = "tumour"
    version = "1"
    signals = MappingProxyType(
        {
            "tumour_size": Signal(
                "tumour_size", "mm", "Sum of the longest diameters (RECIST)", possible=(0.0, 2000.0), error_sd=7.849
            ),
            "exposure": Signal("exposure", "1", "Exposure to treatment", possible=(0.0, 100.0)),
        }
    )
    controls = MappingProxyType(
        {
            "exposure": Control("exposure", "1", "Exposure to treatment", (0.0, 20.0), neutral=0.0),
            "kill": Control("kill", "1", "Kill rate, times what it is", (0.0, 10.0), neutral=1.0),
        }
    )
    outcomes = MappingProxyType(
        {
            "final_size": Outcome("final_size", "mm", "Tumour size at the end", "lower", _final),
            "best_change": Outcome("best_change", "1", "Best change of size from now", "lower", _best),
            "progression": Outcome("progression", "1", "Progressive disease (RECIST 1.1)", "lower", _progressed),
        }
    )
    parameters: Sequence[Variable]
    inputs = MappingProxyType({"exposure": 0.0})
    measured = (Measured("tumour_size"),)
    given = MappingProxyType({"exposure": Sets("exposure")})
    effects = MappingProxyType({"exposure": Sets("exposure"), "kill": Scales("kill")})
    time_unit = WEEK
    derivative = _derivative
    measurement = _measurement
    method = DormandPrince54(rtol=1e-8, atol=1e-8)
    update = EnsembleKalman()
    # The size is far from linear in the rates: each measurement is taken in in four portions, measured anew in each.
    portions = 4

    def __init__(self, population: Population = LUNG) -> None:
        self.population = population
        self.states = (
            Variable("size", "mm", "Tumour size", *population.baseline_mm, Scale.LOG),
            Variable("kill_left", "1", "Share of the kill that resistance has left", 1.0, scale=Scale.LOG),
            Variable("weeks_treated", "wk", "Weeks since the first dose", 0.0),
        )
        self.parameters = (
            Variable("growth", "/wk", "Growth rate", *population.growth, Scale.LOG),
            Variable("kill", "/wk", "Kill rate per exposure", *population.kill, Scale.LOG),
            Variable("resistance", "/wk", "Rate at which the kill is lost", *population.resistance, Scale.LOG),
        )
        size = self.signals["tumour_size"]
        error = Signal(size.name, size.unit, size.label, possible=size.possible, error_sd=population.error_mm)
        self.signals = MappingProxyType({**self.signals, "tumour_size": error})
        super().__init__()

    def survival(self, estimate: xr.Dataset, baseline_mm: float, *, asian: bool, ever_smoked: bool) -> Survival:
        """Overall survival from the start of treatment, one distribution a member (lung cancer only).

        Members whose tumour never shrank by so much that the published model is undefined (time to growth below -100
        days) are held at -99 days: the shortest survival it can tell.

        Args:
            estimate: of this twin, at any time; the rates are taken from it.
            baseline_mm: sum of the diameters before treatment.
        """
        days = 7.0 * time_to_growth(*(estimate[name].to_numpy() for name in ("growth", "kill", "resistance")))
        return lung_cancer_survival(baseline_mm, np.maximum(days, -99.0), asian=asian, ever_smoked=ever_smoked)
