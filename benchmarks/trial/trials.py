"""Ten thousand trials of four hundred, each analysed by ANCOVA; statsmodels does some of the same trials beside."""

import time

import numpy as np
import statsmodels.api as sm

from benchmarks.report import Row, median
from twinward.core.streams import Streams
from twinward.twins.trial.design import boundary
from twinward.twins.trial.design.trials import Simulated, participants, simulate

_TRIALS, _PARTICIPANTS = 10_000, 400
_PEER_TRIALS = 500
_SD, _EFFECT, _COVARIATE_R2, _R2 = 10.0, 3.0, 0.15, 0.35


def measure(runs: int = 5) -> Row:
    """Wall seconds, three analyses of each trial; the peer does one of them, on fewer trials, and is scaled."""
    once = boundary((1.0,))
    shares = {"covariate_r2": _COVARIATE_R2, "r2": _R2}
    simulate(_PARTICIPANTS, _EFFECT, _SD, once, Streams(0), **shares, trials=10)  # compiled before the clock starts
    times = []
    for seed in range(runs):
        began = time.perf_counter()
        found = simulate(_PARTICIPANTS, _EFFECT, _SD, once, Streams(seed), **shares, trials=_TRIALS)
        power = found.summary()["ANCOVA with twin"]["power"]
        times.append(time.perf_counter() - began)
    theirs, apart = _peer(found, Streams(runs - 1), shares)
    seconds, scaled = median(times), theirs * _TRIALS / _PEER_TRIALS
    return Row(
        "trials", bool(seconds <= 2.0 and apart <= 1e-9), seconds, "s", 2.0, "<= 2 s on 2 cores, the peer's answers",
        "issue: 10,000 trials of n = 400 with ANCOVA", peer="statsmodels OLS", peer_value=scaled,
        ratio=scaled / seconds, runs=runs,
        note=f"power {power:.4f}; the peer analyses {_PEER_TRIALS} of the same trials one way (ours: three), scaled; "
        f"effects and standard errors differ by {apart:.1e} of themselves at most",
    )  # fmt: skip


def _peer(ours: Simulated, streams: Streams, shares: dict[str, float]) -> tuple[float, float]:
    """Seconds that the peer takes to fit, and the largest relative difference of its effects and standard errors."""
    spent, apart = 0.0, 0.0
    for trial in range(_PEER_TRIALS):
        arm, x, score, y = participants(trial, _PARTICIPANTS, _EFFECT, _SD, streams, **shares).T
        began = time.perf_counter()
        fitted = sm.OLS(y, np.column_stack([np.ones(_PARTICIPANTS), arm, x, score])).fit()
        effect, error = fitted.params[1], fitted.bse[1]
        spent += time.perf_counter() - began
        apart = max(apart, abs(ours.estimate[trial, 0, 2] / effect - 1), abs(ours.error[trial, 0, 2] / error - 1))
    return spent, float(apart)
