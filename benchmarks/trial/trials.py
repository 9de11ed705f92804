"""Ten thousand trials of four hundred, each analysed by ANCOVA; statsmodels does some of the same beside."""

import time

import numpy as np
import statsmodels.api as sm

from benchmarks.report import Row, median
from twinward.core.streams import Streams
from twinward.twins.trial.design import boundary
from twinward.twins.trial.design.trials import simulate

_TRIALS, _PARTICIPANTS = 10_000, 400
_PEER_TRIALS = 500
_SD, _EFFECT, _R2 = 10.0, 3.0, 0.35


def measure(runs: int = 5) -> Row:
    """Wall seconds, three analyses of each trial; the peer does one, is timed on fewer trials and scaled."""
    once = boundary((1.0,))
    simulate(_PARTICIPANTS, _EFFECT, _SD, once, Streams(0), r2=_R2, trials=10)  # compiled before the clock starts
    times = []
    for seed in range(runs):
        began = time.perf_counter()
        found = simulate(_PARTICIPANTS, _EFFECT, _SD, once, Streams(seed), r2=_R2, trials=_TRIALS)
        ours = found.summary()["ANCOVA with twin"]["power"]
        times.append(time.perf_counter() - began)
    theirs, power = _peer()
    seconds, scaled = median(times), theirs * _TRIALS / _PEER_TRIALS
    agree = abs(power - ours) < 4.0 * np.sqrt(power * (1.0 - power) / _PEER_TRIALS)
    return Row(
        "trials", bool(seconds <= 2.0 and agree), seconds, "s", 2.0, "<= 2 s on 2 cores, and the peer's power",
        "issue: 10,000 trials of n = 400 with ANCOVA", peer="statsmodels OLS", peer_value=scaled,
        ratio=scaled / seconds, runs=runs,
        note=f"power {ours:.4f}, the peer's {power:.3f} in {_PEER_TRIALS} trials, scaled",
    )  # fmt: skip


def _peer() -> tuple[float, float]:
    """(seconds, share that reject) of the same trials drawn by NumPy and fitted by statsmodels."""
    rng, found = np.random.default_rng(0), 0
    began = time.perf_counter()
    for _ in range(_PEER_TRIALS):
        arm = rng.permutation(np.arange(_PARTICIPANTS) % 2)
        score, rest = rng.standard_normal((2, _PARTICIPANTS))
        y = _SD * (np.sqrt(_R2) * score + np.sqrt(1.0 - _R2) * rest) + _EFFECT * arm
        fitted = sm.OLS(y, np.column_stack([np.ones(_PARTICIPANTS), arm, score])).fit()
        found += fitted.pvalues[1] < 0.05
    return time.perf_counter() - began, found / _PEER_TRIALS
