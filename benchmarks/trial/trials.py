"""Ten thousand trials of four hundred, each analysed by ANCOVA; statsmodels does some of the same beside."""

import time

import numpy as np
import statsmodels.api as sm

from benchmarks.report import Row, median
from twinward.twins.trial.design.normal import Design
from twinward.twins.trial.design.simulate import simulate

_TRIALS, _PARTICIPANTS = 10_000, 400
_PEER_TRIALS = 500


def measure(runs: int = 5) -> Row:
    """Wall seconds on this machine's cores; the peer is timed on fewer trials and scaled."""
    design = Design(sd=10.0, effect=3.0, r2=0.35)
    simulate(design, _PARTICIPANTS, 10)  # compiled before the clock starts
    times = []
    for seed in range(runs):
        began = time.perf_counter()
        found = simulate(design, _PARTICIPANTS, _TRIALS, seed=seed)
        times.append(time.perf_counter() - began)
    theirs, power = _peer(design)
    seconds, scaled = median(times), theirs * _TRIALS / _PEER_TRIALS
    agree = abs(power - found.power) < 4.0 * np.sqrt(power * (1.0 - power) / _PEER_TRIALS)
    return Row(
        "trials", bool(seconds <= 2.0 and agree), seconds, "s", 2.0, "<= 2 s on 2 cores, and the peer's power",
        "issue: 10,000 trials of n = 400 with ANCOVA", peer="statsmodels OLS", peer_value=scaled,
        ratio=scaled / seconds, runs=runs,
        note=f"power {found.power:.4f}, the peer's {power:.3f} in {_PEER_TRIALS} trials, scaled",
    )  # fmt: skip


def _peer(design: Design) -> tuple[float, float]:
    """(seconds, share that reject) of the same trials drawn by NumPy and fitted by statsmodels."""
    rng, found = np.random.default_rng(0), 0
    began = time.perf_counter()
    for _ in range(_PEER_TRIALS):
        arm = rng.permutation(np.arange(_PARTICIPANTS) % 2)
        score, rest = rng.standard_normal((2, _PARTICIPANTS))
        y = design.sd * (np.sqrt(design.r2) * score + np.sqrt(1.0 - design.r2) * rest) + design.effect * arm
        fitted = sm.OLS(y, np.column_stack([np.ones(_PARTICIPANTS), arm, score])).fit()
        found += fitted.pvalues[1] < design.alpha
    return time.perf_counter() - began, found / _PEER_TRIALS
