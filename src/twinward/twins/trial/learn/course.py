"""The course of a number over irregular visits: forecast from the baseline, sharpened by every visit that came.

The mean change from the baseline's value is learned from the baseline and the time (`combination`, mixed with a
`forest` as cross-validation finds best); what is left is a Gaussian process of the participant that is zero at the
baseline: a slope of its own, an Ornstein-Uhlenbeck process that starts there, and the measurement's noise (Diggle,
Heagerty, Liang & Zeger, Analysis of Longitudinal Data, ch. 5; Taylor, Cumberland & Sy 1994, J Am Stat Assoc 89:727).
Given visits it is conditioned exactly. The tails are the empirical ones of standardised residuals of participants that
the mean had not seen; their spread is learned from the baseline (as of `continuous`) and calibrated along time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput
from twinward.twins.trial.learn.combination import FOLDS, Learned, folds_of, learn_number, mean_of
from twinward.twins.trial.learn.forest import Forest

CHANCES = (np.arange(99) + 1.0) / 100.0
_TIME = "time since baseline"
_EDGES = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0])  # quantiles of time between which the spread is calibrated
# Where the search begins (left at once): slope, process, its years, noise; variances as shares of the residuals'.
_START = np.log([0.02, 0.3, 3.0, 0.05])
_SHARES = np.linspace(0.0, 1.0, 11)  # of the forest in the mean


@dataclass(frozen=True, eq=False)
class Courses:
    """Visits after the baseline, one a row.

    Args:
        who: (visits,) index of the participant in `baseline`.
        time: (visits,) years since the baseline, > 0.
        value: (visits,) what was measured.
        baseline: a row a participant.
        start: (participants,) the same number at the baseline.

    Raises:
        BadInput: arrays of different lengths, a time that is not after the baseline, a start that is not known.
    """

    who: IntArray
    time: FloatArray
    value: FloatArray
    baseline: pd.DataFrame
    start: FloatArray

    def __post_init__(self) -> None:
        if len(self.start) != len(self.baseline) or not np.isfinite(self.start).all():
            raise BadInput("start", len(self.start), f"the value at the baseline of each of {len(self.baseline)}")
        if not len(self.who) == len(self.time) == len(self.value):
            raise BadInput("visits", (len(self.who), len(self.time), len(self.value)), "as many of each")
        if len(self.time) and not (np.isfinite(self.time) & (self.time > 0)).all():
            raise BadInput("time", float(self.time[~(self.time > 0)][0]), "a time after the baseline, in years")

    def take(self, people: IntArray) -> "Courses":
        """Those participants alone, numbered anew."""
        place = np.full(len(self.baseline), -1)
        place[people] = np.arange(len(people))
        rows = place[self.who] >= 0
        return Courses(
            place[self.who[rows]], self.time[rows], self.value[rows], self.baseline.iloc[people], self.start[people]
        )


@dataclass(frozen=True, eq=False)
class Change:
    """A mean change from the baseline's value, mixed of splines with boosted trees, and a forest (`share` of it)."""

    smooth: Learned
    forest: Forest
    share: float

    def expected(self, table: pd.DataFrame) -> FloatArray:
        """(rows,) of baselines with a time."""
        return (1.0 - self.share) * self.smooth.expected(table) + self.share * self.forest.expected(table)


@dataclass(frozen=True, eq=False)
class Course:
    """A learned course.

    Args:
        change: of a baseline and a time; `wide`: of a baseline, how much wider this participant's residuals are than
            others'.
        process: logarithms of the slope's variance, the process's variance, its years, the noise's variance.
        band_times, band_spreads: years, and what the process's standard deviation is multiplied by there (so that it is
            the half width of a 90 % interval, were the tails even).
        tails: quantiles at `CHANCES` of standardised residuals.
    """

    change: Change
    wide: Learned
    process: FloatArray
    band_times: FloatArray
    band_spreads: FloatArray
    tails: FloatArray

    def forecast(
        self,
        baseline: pd.DataFrame,
        start: float,
        times: FloatArray,
        seen_times: Sequence[float] | FloatArray = (),
        seen: Sequence[float] | FloatArray = (),
    ) -> FloatArray:
        """Quantiles at `CHANCES` of one participant's values.

        Args:
            baseline: one row; start: the value there.
            times: (n,) years after the baseline.
            seen_times, seen: visits that came, before `times`.

        Returns:
            (n, chances).
        """
        times, past, came = (np.asarray(one, dtype=np.float64) for one in (times, seen_times, seen))
        mean = start + self.change.expected(_timed(baseline, np.zeros(len(times), dtype=np.int64), times))
        before = start + self.change.expected(_timed(baseline, np.zeros(len(past), dtype=np.int64), past))
        shift, sd = _given(times, past, came - before, self.process)
        sd = sd * np.interp(times, self.band_times, self.band_spreads) * self.wide.expected(baseline)[0]
        return (mean + shift)[:, None] + sd[:, None] * self.tails


def learn_course(history: Courses, names: tuple[str, ...], *, known: int = 0, seed: int = 1) -> Course:
    """Learn from participants followed over time.

    Args:
        names: covariates of the baseline.
        known: visits after the baseline that will have come when it forecasts; its spread is calibrated for that.

    Raises:
        BadInput: too few participants.
    """
    change, left = _learn_change(history, (*names, _TIME), seed)
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
    wide, factor = learn_number(table, np.abs(z), "poisson", who, names, seed)
    z = z / mean_of("poisson", factor)
    band_times, widths = np.quantile(when, 0.5 * (_EDGES[1:] + _EDGES[:-1])), np.diff(np.quantile(when, _EDGES))
    spreads = np.array([_reach(z, when, time, width) for time, width in zip(band_times, widths, strict=True)])
    z = z / np.interp(when, band_times, spreads)
    return Course(change, wide, process, band_times, spreads, np.quantile(z, CHANCES))


def _learn_change(history: Courses, names: tuple[str, ...], seed: int) -> tuple[Change, FloatArray]:
    """The mean change, and (visits,) what models that had not seen the participant leave of the values."""
    table = _timed(history.baseline, history.who, history.time)
    y = history.value - history.start[history.who]
    smooth, told = learn_number(table, y, "gaussian", history.who, names, seed)
    folds, grown = folds_of(history.who, seed), np.empty(len(y))
    for fold in range(FOLDS):
        rest, held = folds != fold, folds == fold
        grown[held] = Forest.grow(table.loc[rest], y[rest], names, seed).expected(table.loc[held])
    losses = [np.mean((y - (1.0 - share) * told - share * grown) ** 2) for share in _SHARES]
    share = float(_SHARES[int(np.argmin(losses))])
    change = Change(smooth, Forest.grow(table, y, names, seed), share)
    return change, y - (1.0 - share) * told - share * grown


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


def _reach(z: FloatArray, when: FloatArray, time: float, width: float) -> float:
    """How far 90 % of the standardised residuals lie at most, far times counting less (a Gaussian kernel)."""
    size, weight = np.abs(z), np.exp(-0.5 * np.square((when - time) / max(width, 1e-9)))
    order = np.argsort(size)
    grown = np.cumsum(weight[order])
    return float(np.interp(0.9 * grown[-1], grown, size[order]))
