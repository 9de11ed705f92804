"""Sizes and powers against published numbers, and against trials played out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from twinward.core.evidence import Check, Evidence
from twinward.core.streams import Streams
from twinward.twins.trial.design import boundary, power_exact, power_of, sample_size
from twinward.twins.trial.design.trials import simulate

_TRIALS = 40_000


def checks() -> Sequence[Check]:
    """All of them."""
    return [
        Check(("guenther-schouten",), "sample size and power formula", _formula),
        Check(("boundaries",), "group-sequential bounds", _bounds),
        Check(("power-sim",), "simulated power against closed form", _power),
    ]


def _formula(data: Path | None) -> Iterator[Evidence]:
    size = sample_size(27.3, 2.0, 0.9, 2 / 3, -1.0)
    power = power_of(6.0, 1.0, 200, 2.0, 0.5)
    passed = abs(size - 134.7229) <= 5e-5 and abs(power - 0.2723615) <= 1e-5
    yield Evidence(
        "guenther-schouten", "N; power", "verification", f"{size:.4f}; {power:.7f}", "134.7229; 0.2723615",
        "N to the digits given, power within 1e-5", "postcard (R), Guenther-Schouten", passed,
    )  # fmt: skip


def _bounds(data: Path | None) -> Iterator[Evidence]:
    five = (0.2, 0.4, 0.6, 0.8, 1.0)
    found = [*boundary(five).critical, *boundary(five, spending="Pocock").critical]
    published = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310, 2.4380, 2.4268, 2.4101, 2.3966, 2.3859]
    worst = float(np.abs(np.array(found) - published).max())
    yield Evidence(
        "boundaries", "largest difference of ten bounds of |z|", "verification", worst, 0.0, "<= 1e-3",
        "Reboussin, DeMets, Kim & Lan 2000, Control Clin Trials 21:190 (WinLD)", worst <= 1e-3,
        note=", ".join(f"{z:.4f}" for z in found),
    )  # fmt: skip


def _power(data: Path | None) -> Iterator[Evidence]:
    """Without looks the noncentral t distribution; with looks the recursive integration, at the information that is
    left after dropout and chance imbalance of covariates; without an effect alpha."""
    once, twice, thrice = boundary((1.0,)), boundary((0.5, 1.0)), boundary((0.4, 0.7, 1.0), spending="Pocock")
    cases = {
        "160": (160, 4.0, 0.15, 0.35, 0.0, 1.0, once), "2:1, dropout": (222, 4.0, 0.15, 0.3, 0.15, 2.0, once),
        "small": (40, 9.0, 0.1, 0.2, 0.0, 1.0, once), "two looks": (160, 4.0, 0.15, 0.35, 0.0, 1.0, twice),
        "three looks, dropout": (240, 4.0, 0.1, 0.3, 0.2, 1.0, thrice),
        "no effect": (160, 0.0, 0.0, 0.35, 0.1, 1.0, once),
        "no effect, three looks": (120, 0.0, 0.1, 0.5, 0.1, 1.0, thrice),
    }  # fmt: skip
    gaps, lines = [], []
    for name, (n, effect, covariate, r2, dropout, allocation, bound) in cases.items():
        told = simulate(
            n, effect, 10.0, bound, Streams(1), covariate_r2=covariate, r2=r2, dropout=dropout, allocation=allocation,
            trials=_TRIALS,
        ).summary()  # fmt: skip
        for (way, one), share, covariates in zip(told.items(), (0.0, covariate, r2), range(3), strict=True):
            left, variance = n * (1 - dropout), 100.0 * (1 - share)
            if effect == 0:
                computed, played = 0.05, one["found"]
            elif len(bound.shares) == 1:
                computed, played = power_exact(variance, effect, left, allocation, covariates=covariates), one["power"]
            else:
                told_by = left * (1 - covariates / (left - 3)) - ndtri(0.975) ** 2 / 2  # Guenther's t for z
                drift = effect * np.sqrt(told_by / 4.0 / variance)
                computed, played = bound.power(drift), one["power"]
            gaps.append(abs(played - computed))
            lines.append(f"{name}, {way} {played:.4f} ({computed:.4f})")
    worst = float(max(gaps))
    yield Evidence(
        "power-sim", "largest difference between played and computed power", "verification", worst, 0.0, "<= 0.01",
        "noncentral t; recursive integration; alpha", worst <= 0.01,
        note=f"{_TRIALS:,} trials each, computed power in brackets: {'; '.join(lines)}",
    )  # fmt: skip
