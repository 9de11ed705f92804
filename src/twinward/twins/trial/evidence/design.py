"""Sizes and powers against published numbers, and against trials played out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from twinward.core.evidence import Check, Evidence
from twinward.twins.trial.design.normal import Design
from twinward.twins.trial.design.sequential import boundaries
from twinward.twins.trial.design.simulate import simulate

_TRIALS = 40_000


def checks() -> Sequence[Check]:
    """All of them."""
    return [
        Check(("guenther-schouten",), "sample size and power formula", _formula),
        Check(("boundaries",), "group-sequential bounds", _bounds),
        Check(("power-sim",), "simulated power against closed form", _power),
    ]


def _formula(data: Path | None) -> Iterator[Evidence]:
    size = Design(sd=27.3**0.5, effect=2.0, ratio=2 / 3, margin=-1.0).total(0.9)
    power = Design(sd=6**0.5, effect=1.0, ratio=2.0, margin=0.5).power(200)
    worst = max(abs(size - 134.7229), abs(power - 0.2723615) * 1e2)
    passed = abs(size - 134.7229) <= 5e-5 and abs(power - 0.2723615) <= 1e-5
    yield Evidence(
        "guenther-schouten", "N and power", "verification", worst, 0.0, "N to the digits given, power within 1e-5",
        "postcard (R), Guenther-Schouten", passed, note=f"N {size:.6f} (134.7229), power {power:.7f} (0.2723615)",
    )  # fmt: skip


def _bounds(data: Path | None) -> Iterator[Evidence]:
    five = (0.2, 0.4, 0.6, 0.8, 1.0)
    found = [*boundaries(five).z, *boundaries(five, spending="Pocock").z]
    published = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310, 2.4380, 2.4268, 2.4101, 2.3966, 2.3859]
    worst = float(np.abs(np.array(found) - published).max())
    yield Evidence(
        "boundaries", "largest difference of ten bounds of |z|", "verification", worst, 0.0, "<= 1e-3",
        "Reboussin, DeMets, Kim & Lan 2000, Control Clin Trials 21:190 (WinLD)", worst <= 1e-3,
        note=", ".join(f"{z:.4f}" for z in found),
    )  # fmt: skip


def _power(data: Path | None) -> Iterator[Evidence]:
    cases = {
        "plain": (Design(sd=10.0, effect=4.0), 160, False),
        "score": (Design(sd=10.0, effect=4.0, r2=0.35), 160, True),
        "2:1, dropout": (Design(sd=10.0, effect=4.0, r2=0.3, ratio=2.0, dropout=0.15), 220, True),
        "small": (Design(sd=10.0, effect=9.0, r2=0.2), 40, True),
        "no effect": (Design(sd=10.0, effect=1e-9, r2=0.35), 160, True),
    }
    gaps, lines = [], []
    for name, (design, size, adjust) in cases.items():
        played, formula = simulate(design, size, _TRIALS, adjust=adjust), design.power_t(size)
        if name == "no effect":
            formula = design.alpha
        gaps.append(abs(played.power - formula))
        lines.append(f"{name} {played.power:.4f} (formula {formula:.4f})")
    looks = boundaries((0.5, 1.0))
    null = simulate(Design(sd=10.0, effect=1e-9, r2=0.35), 160, _TRIALS, looks=looks.looks, bounds=looks.z)
    gaps.append(abs(null.power - 0.05))
    lines.append(f"two looks without effect {null.power:.4f} (0.05)")
    worst = float(max(gaps))
    yield Evidence(
        "power-sim", "largest difference between played and computed power", "verification", worst, 0.0, "<= 0.01",
        "noncentral t; alpha", worst <= 0.01, note=f"{_TRIALS} trials each: " + "; ".join(lines),
    )  # fmt: skip
