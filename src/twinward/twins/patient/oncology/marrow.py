"""Drugs that stop the marrow: kinetics, effect on proliferation and the cells they were fitted to, with sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from twinward.core.signal import LOINC, Code


@dataclass(frozen=True, slots=True)
class Cells:
    """Which circulating cells are counted.

    Args:
        name, label, code: of the signal.
        normal: reference range in 10^9/L.
        grade_4: below it the fall is of grade 4 (CTCAE 5.0), in 10^9/L.
    """

    name: str
    label: str
    code: Code
    normal: tuple[float, float]
    grade_4: float


NEUTROPHILS = Cells(
    "neutrophils", "Neutrophils", Code(LOINC, "26499-4", "Neutrophils [#/volume] in Blood"), (1.8, 7.7), 0.5
)
LEUKOCYTES = Cells(
    "leukocytes", "Leukocytes", Code(LOINC, "26464-8", "Leukocytes [#/volume] in Blood"), (4.0, 11.0), 1.0
)


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug in Friberg's model: medians, and standard deviations of the logarithm between patients.

    Args:
        name, label: of the drug.
        cells: which were counted.
        molar_mass: g/mol; the slope is per umol/L.
        volume: central, L.
        rates: k12, k21, k13, k31 per hour (0: no such compartment).
        clearance: L/h.
        baseline: 10^9/L.
        transit_time: h.
        slope: L/umol.
        feedback: exponent.
        residual: standard deviation of the logarithm of a count.
        baseline_factors: attribute -> share by which it changes the baseline.
        source: where the numbers come from.
    """

    name: str
    label: str
    cells: Cells
    molar_mass: float
    volume: float
    rates: tuple[float, float, float, float]
    clearance: tuple[float, float]
    baseline: tuple[float, float]
    transit_time: tuple[float, float]
    slope: tuple[float, float]
    feedback: tuple[float, float]
    residual: float
    source: str
    baseline_factors: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    # Of alpha-1 acid glycoprotein, per g/L from its median: on the baseline below and above it, and on the slope.
    glycoprotein: tuple[float, float, float] = (0.0, 0.0, 0.0)


DOCETAXEL = Drug(
    "docetaxel", "Docetaxel", NEUTROPHILS,
    molar_mass=807.88,
    # Bruno et al., J Pharmacokinet Biopharm 1996;24:153, as Friberg 2002 used it (k10 5.2 per hour: 38.5 L/h / 7.4 L);
    # spread of clearance: Onoue et al., Eur J Clin Pharmacol 2016;72:703.
    volume=7.4, rates=(1.06, 1.51, 1.26, 0.084), clearance=(38.5, 0.295),
    baseline=(5.21965, 0.0639703**0.5), transit_time=(84.1791, 0.0191785**0.5), slope=(15.5711, 0.128412**0.5),
    feedback=(0.144543, 0.0216452**0.5), residual=0.424093,
    source="Kloft et al., Clin Cancer Res 2006;12:5481, as in DDMoRe DDMODEL00000224 (Netterberg 2017)",
    baseline_factors=MappingProxyType({"female": -0.121451, "ecog": 0.130406, "treated_before": -0.146837}),
    glycoprotein=(0.174677, 0.494618, -0.350693),
)  # fmt: skip

PACLITAXEL = Drug(
    "paclitaxel", "Paclitaxel", LEUKOCYTES,
    molar_mass=853.9,
    # DDMoRe ships the kinetics as estimates of single patients: these are their medians (285 L/h, 290 and 995 L, flow
    # 204 L/h); the spread of clearance is taken from their range, 160 to 540 L/h in 46 patients (this project's
    # estimate).
    volume=290.0, rates=(204.0 / 290.0, 204.0 / 995.0, 0.0, 0.0), clearance=(285.0, 0.28),
    baseline=(7.21, 0.107**0.5), transit_time=(124.0, 0.0296**0.5), slope=(28.9, 0.176**0.5), feedback=(0.239, 0.0),
    residual=0.286,
    source="Friberg et al., J Clin Oncol 2002;20:4713 (leukocytes), as in DDMoRe DDMODEL00000186",
)  # fmt: skip
