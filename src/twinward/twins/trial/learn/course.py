"""The course of a number over irregular visits: forecast from the baseline, sharpened by every visit that came.

The mean at a time is learned from the baseline and the time (`combination`); what is left is a Gaussian process of the
participant that is zero at the baseline: a slope of its own, an Ornstein-Uhlenbeck process that starts there, and the
measurement's noise (Diggle, Heagerty, Liang & Zeger, Analysis of Longitudinal Data, ch. 5; Taylor, Cumberland & Sy
1994, J Am Stat Assoc 89:727). Given visits it is conditioned exactly. The tails are the empirical ones of standardised
residuals of participants that the mean had not seen; their spread is learned from the baseline and calibrated along
time.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput
from twinward.twins.trial.learn.combination import Learned, learn_number

CHANCES = (np.arange(99) + 1.0) / 100.0
_TIME = "time since baseline"
_LEAST = 0.1  # added to a standardised residual before its logarithm, so that a lucky forecast counts as no marvel
_BANDS = (0.1, 0.3, 0.5, 0.7, 0.9)  # quantiles of time at which the spread is calibrated
_START = np.log(
    [0.02, 0.3, 3.0, 0.05]
)  # slope, process, its years, noise: variances in the outcome's unit where not told


@dataclass(frozen=True, eq=False)
class Courses:
    """Visits after the baseline, one a row.

    Args:
        who: (visits,) index of the participant in `baseline`.
        time: (visits,) years since the baseline, > 0.
        value: (visits,) what was measured.
        baseline: a row a participant.

    Raises:
        BadInput: arrays of different lengths, a time that is not after the baseline.
    """

    who: IntArray
    time: FloatArray
    value: FloatArray
    baseline: pd.DataFrame

    def __post_init__(self) -> None:
        if not len(self.who) == len(self.time) == len(self.value):
            raise BadInput("visits", (len(self.who), len(self.time), len(self.value)), "as many of each")
        if len(self.time) and not (np.isfinite(self.time) & (self.time > 0)).all():
            raise BadInput("time", float(self.time[~(self.time > 0)][0]), "a time after the baseline, in years")

    def take(self, people: IntArray) -> "Courses":
        """Those participants alone, numbered anew."""
        place = np.full(len(self.baseline), -1)
        place[people] = np.arange(len(people))
        rows = place[self.who] >= 0
        return Courses(place[self.who[rows]], self.time[rows], self.value[rows], self.baseline.iloc[people])


@dataclass(frozen=True, eq=False)
class Course:
    """A learned course.

    Args:
        mean: of a baseline and a time; `wide`: of a baseline, the logarithm of how much wider this participant's
            residuals are than others'.
        process: logarithms of the slope's variance, the process's variance, its years, the noise's variance.
        band_times, band_spreads: years, and what the process's standard deviation is multiplied by there.
        tails: quantiles at `CHANCES` of standardised residuals.
    """

    mean: Learned
    wide: Learned
    process: FloatArray
    band_times: FloatArray
    band_spreads: FloatArray
    tails: FloatArray

    def forecast(
        self, baseline: pd.DataFrame, times: FloatArray, seen_times: FloatArray = (), seen: FloatArray = ()
    ) -> FloatArray:
        """Quantiles at `CHANCES` of one participant's values.

        Args:
            baseline: one row.
            times: (n,) years after the baseline.
            seen_times, seen: visits that came, before `times`.

        Returns:
            (n, chances).
        """
        times, past, came = (np.asarray(one, dtype=np.float64) for one in (times, seen_times, seen))
        mean = self.mean.expected(_timed(baseline, np.zeros(len(times), dtype=np.int64), times))
        before = self.mean.expected(_timed(baseline, np.zeros(len(past), dtype=np.int64), past))
        shift, sd = _given(times, past, came - before, self.process)
        sd = sd * np.interp(times, self.band_times, self.band_spreads) * np.exp(self.wide.expected(baseline))[0]
        return (mean + shift)[:, None] + sd[:, None] * self.tails


def learn_course(history: Courses, names: tuple[str, ...], *, known: int = 0, seed: int = 1) -> Course:
    """Learn from participants followed over time.

    Args:
        names: covariates of the baseline.
        known: visits after the baseline that will have come when it forecasts; its spread is calibrated for that.

    Raises:
        BadInput: too few participants.
    """
    table = _timed(history.baseline, history.who, history.time)
    mean, out = learn_number(table, history.value, "gaussian", history.who, (*names, _TIME), seed)
    left = history.value - out
    people = [np.flatnonzero(history.who == one) for one in np.unique(history.who)]
    process = _process([(history.time[rows], left[rows]) for rows in people])
    standard, at, of = [], [], []
    for rows in people:
        rows = rows[np.argsort(history.time[rows], kind="stable")]
        past, ahead = rows[:known], rows[known:]
        if len(past) < known or not len(ahead):
            continue
        shift, sd = _given(history.time[ahead], history.time[past], left[past], process)
        standard.append((left[ahead] - shift) / sd)
        at.append(history.time[ahead])
        of.append(history.who[ahead])
    z, when, who = np.concatenate(standard), np.concatenate(at), np.concatenate(of)
    table = history.baseline.iloc[who].reset_index(drop=True)
    wide, factor = learn_number(table, np.log(np.abs(z) + _LEAST), "gaussian", who, names, seed)
    z = z / np.exp(factor)
    band_times = np.quantile(when, _BANDS)
    width = np.diff(np.quantile(when, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)))
    spreads = np.array([_spread(z, when, time, wide) for time, wide in zip(band_times, width, strict=True)])
    z = z / np.interp(when, band_times, spreads)
    return Course(mean, wide, process, band_times, spreads, np.quantile(z, CHANCES))


def _timed(baseline: pd.DataFrame, who: IntArray, time: FloatArray) -> pd.DataFrame:
    return baseline.iloc[who].reset_index(drop=True).assign(**{_TIME: time})


def _covariance(a: FloatArray, b: FloatArray, process: FloatArray) -> FloatArray:
    """Of what is left at times a and b, without the noise; zero at the baseline."""
    slope, level, years = np.exp(process[:3])
    apart, together = np.abs(np.subtract.outer(a, b)), np.add.outer(a, b)
    return slope * np.outer(a, b) + level * (np.exp(-apart / years) - np.exp(-together / years))


def _given(times: FloatArray, past: FloatArray, left: FloatArray, process: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of what is left at `times`, and of a new measurement, given the past."""
    noise = float(np.exp(process[3]))
    own = np.diag(_covariance(times, times, process))
    if not len(past):
        return np.zeros(len(times)), np.sqrt(own + noise)
    across = _covariance(times, past, process)
    factor = cho_factor(_covariance(past, past, process) + noise * np.eye(len(past)))
    explained = np.einsum("ij,ji->i", across, cho_solve(factor, across.T))
    return across @ cho_solve(factor, left), np.sqrt(np.maximum(own - explained, 0.0) + noise)


def _process(people: list[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """Maximum likelihood of the process."""

    def loss(process: FloatArray) -> float:
        noise, total = np.exp(process[3]), 0.0
        for time, left in people:
            matrix = _covariance(time, time, process)
            matrix[np.diag_indices(len(time))] += noise
            lower = np.linalg.cholesky(matrix)
            z = np.linalg.solve(lower, left)
            total += 0.5 * z @ z + np.log(np.diag(lower)).sum()
        return float(total)

    spread = np.log(max(float(np.mean([np.var(left) for _, left in people])), 1e-8))
    start = _START + np.array([spread, spread, 0.0, spread])
    bounds = [(value - 8.0, value + 8.0) for value in start]
    return np.asarray(minimize(loss, start, method="Nelder-Mead", bounds=bounds, options={"maxiter": 250}).x)


def _spread(z: FloatArray, when: FloatArray, time: float, width: float) -> float:
    """Root mean square of the standardised residuals around a time, far ones counting less (a Gaussian kernel)."""
    weight = np.exp(-0.5 * np.square((when - time) / max(width, 1e-9)))
    return float(np.sqrt(np.average(z * z, weights=weight)))
