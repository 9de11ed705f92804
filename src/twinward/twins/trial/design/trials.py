"""Trials simulated as they would be run: what share of them finds the effect, and with how many participants."""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import ndtri
from scipy.stats import t as student

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial.design import kernel
from twinward.twins.trial.design.group_sequential import Boundary

WAYS = ("unadjusted", "ANCOVA", "ANCOVA with twin")
_PORTION = 250  # trials that a thread takes at once, so that progress is told


@dataclass(frozen=True, eq=False)
class Simulated:
    """What came of the trials.

    Args:
        estimate, error: (trials, looks, 3) differences and standard errors, the ways of `WAYS`.
        blinded: (trials, looks, 3) residual variances of both arms together (`reestimation.blinded_variance`).
        participants: (trials, looks) with an outcome at each look.
        enrolled: (looks,) randomised by each look.
        boundary: when a trial stops.
    """

    estimate: FloatArray
    error: FloatArray
    blinded: FloatArray
    participants: IntArray
    enrolled: IntArray
    boundary: Boundary

    def z(self) -> FloatArray:
        """(trials, looks, 3): the normal quantile of Student's p, so that boundaries hold at small sizes.

        Source: Jennison & Turnbull 2000, section 3.8 (the significance-level approach).
        """
        return _normal(self.estimate, self.error, self.participants[:, :, None])

    def z_at(self, look: IntArray) -> FloatArray:
        """(trials, 3): the same at one look of each trial and way; `look`: (trials, 3)."""
        at = [np.take_along_axis(values, look[:, None, :], axis=1)[:, 0, :] for values in (self.estimate, self.error)]
        return _normal(*at, np.take_along_axis(self.participants, look, axis=1))

    def stopped(self) -> tuple[IntArray, IntArray]:
        """(trials, 3) the look at which each stops (the last, if it never crosses), and +1, -1 or 0: what it found."""
        z = self.z()
        over = np.abs(z) >= np.array(self.boundary.critical)[:, None]
        crossed = over.any(axis=1)
        look = np.where(crossed, over.argmax(axis=1), z.shape[1] - 1)
        sign = np.sign(np.take_along_axis(z, look[:, None, :], axis=1)[:, 0, :])
        return look, np.where(crossed, sign, 0).astype(np.int64)

    def summary(self, upper: bool = True) -> dict[str, dict[str, float]]:
        """Each way's `power` (share finding the effect on that side), its Monte Carlo `error`, `found` (either side),
        mean `randomised` participants, and mean `estimate` of the effect when the trial stops."""
        look, sign = self.stopped()
        told = {}
        for way, name in enumerate(WAYS):
            hit = float((sign[:, way] == (1 if upper else -1)).mean())
            last = np.take_along_axis(self.estimate[:, :, way], look[:, way : way + 1], axis=1)
            told[name] = {
                "power": hit,
                "error": math.sqrt(hit * (1 - hit) / len(sign)),
                "found": float((sign[:, way] != 0).mean()),
                "randomised": float(self.enrolled[look[:, way]].mean()),
                "estimate": float(last.mean()),
            }
        return told


def simulate(
    n: int,
    effect: float,
    sd: float,
    boundary: Boundary,
    streams: Streams,
    *,
    covariate_r2: float = 0.0,
    r2: float = 0.0,
    dropout: float = 0.0,
    allocation: float = 1.0,
    trials: int = 10_000,
    threads: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Simulated:
    """Simulate trials of a continuous outcome; every trial is analysed without adjustment, with a covariate, and with
    the covariate and the twin's score.

    Args:
        n: randomised in all; effect, sd: of the outcome, within an arm.
        boundary: looks and critical values (`group_sequential.boundary`); [1.0] alone is a trial without looks.
        covariate_r2: share of the variance the covariate explains; r2: the covariate and the score together.
        dropout: chance of having no outcome, whatever the arm and the outcome.
        allocation: treated a control, as permuted blocks realise it.
        threads: the same numbers, bit for bit, with any.
        progress: told how many trials of how many are done.

    Example:
        >>> from twinward.twins.trial.design.group_sequential import boundary
        >>> found = simulate(100, 0.5, 1.0, boundary([1.0]), Streams(1), r2=0.4, trials=2000)
        >>> told = found.summary()
        >>> told["unadjusted"]["power"] < told["ANCOVA with twin"]["power"]
        True
    """
    _check(n, sd, covariate_r2, r2, dropout, trials)
    enrolled = np.maximum(np.ceil(n * np.array(boundary.shares) - 1e-9), 6).astype(np.int64)
    if (np.diff(enrolled) <= 0).any():
        raise BadInput("looks", boundary.shares, f"looks that {n} participants can tell apart")
    shape = (trials, len(enrolled), 3)
    estimate, error, blinded = np.empty(shape), np.empty(shape), np.empty(shape)
    counted = np.empty(shape[:2], dtype=np.int64)
    key, pattern = streams.child("trials").key(), _block(allocation)
    weights = math.sqrt(covariate_r2), math.sqrt(r2 - covariate_r2)

    def portion(first: int, last: int) -> int:
        part = slice(first, last)
        told = (estimate[part], error[part], blinded[part], counted[part])
        kernel.run(key, first, enrolled, pattern, effect, sd, *weights, dropout, *told)
        return last

    starts = range(0, trials, _PORTION)
    ends = [min(start + _PORTION, trials) for start in starts]
    portion(0, 0)  # compiled or loaded once, before the threads
    workers = min(threads or os.cpu_count() or 1, len(ends))
    with ThreadPoolExecutor(workers) as pool:
        for last in pool.map(portion, starts, ends):
            progress(last, trials)
    return Simulated(estimate, error, blinded, counted, enrolled, boundary)


def _normal(estimate: FloatArray, error: FloatArray, participants: IntArray) -> FloatArray:
    t = estimate / error
    return np.asarray(-ndtri(student.sf(np.abs(t), participants - 2 - np.arange(3))) * np.sign(t))


def participants(
    trial: int,
    n: int,
    effect: float,
    sd: float,
    streams: Streams,
    *,
    covariate_r2: float = 0.0,
    r2: float = 0.0,
    dropout: float = 0.0,
    allocation: float = 1.0,
) -> FloatArray:
    """Who took part in one of the trials that `simulate` analyses, with the same arguments.

    Returns:
        (n, 4): arm (0 control, 1 treated), covariate, score, outcome (NaN of those that dropped out).

    Example:
        >>> participants(0, 100, 0.5, 1.0, Streams(1)).shape
        (100, 4)
    """
    _check(n, sd, covariate_r2, r2, dropout, 1)
    out = np.empty((n, 4))
    weights = math.sqrt(covariate_r2), math.sqrt(r2 - covariate_r2)
    kernel.draw(streams.child("trials").key(), trial, _block(allocation), effect, sd, *weights, dropout, out)
    return out


def _check(n: int, sd: float, covariate_r2: float, r2: float, dropout: float, trials: int) -> None:
    if n < 12:
        raise BadInput("n", n, "at least 12 participants")
    if not sd > 0:
        raise BadInput("sd", sd, "a number > 0")
    if not 0 <= covariate_r2 <= r2 < 1:
        raise BadInput("covariate_r2, r2", (covariate_r2, r2), "0 <= of the covariate <= of both together < 1")
    if not 0 <= dropout < 1 or trials < 1:
        raise BadInput("dropout, trials", (dropout, trials), "a chance in [0, 1) and at least one trial")


def _block(allocation: float) -> IntArray:
    """Arms of a permuted block that realises the allocation, two to a dozen participants."""
    ratio = Fraction(allocation).limit_denominator(6)
    if ratio <= 0 or abs(float(ratio) / allocation - 1) > 0.01 or ratio.numerator > 6:
        raise BadInput("allocation", allocation, "treated a control that blocks can realise: 1, 2, 1/2, 3/2, ...")
    times = 2 if ratio == 1 else 1
    return np.repeat(np.array([1, 0]), [times * ratio.numerator, times * ratio.denominator])
