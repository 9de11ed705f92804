"""Whole trials, compiled: participants drawn one by one, and analysed three ways at every look.

Of each participant, in the order of entry: the arm (permuted blocks), a covariate x and a twin's score s (standard
normal, independent), the residual of the outcome, and whether they drop out. Everything a participant is comes from one
address (trial, participant), so that a trial is the same whatever ran before it or beside it, and so that trials with
other settings have the same participants.
"""

import math
from typing import Any

import numpy as np
from numba import njit

from twinward.engines.random import normal_quantile, philox, to_uniform

UNADJUSTED, COVARIATE, TWIN = 0, 1, 2  # adjusted for nothing, for x, for x and s
_ONE = np.uint64(1)


@njit(cache=True, nogil=True, error_model="numpy")
def run(
    key: Any,
    first: int,
    enrolled: Any,
    pattern: Any,
    effect: float,
    sd: float,
    weight_x: float,
    weight_s: float,
    dropout: float,
    estimate: Any,
    error: Any,
    blinded: Any,
    counted: Any,
) -> None:
    """Fill the results of trials `first`, `first` + 1, ...

    Args:
        enrolled: (looks,) participants randomised by each look, ascending.
        pattern: (block,) arms of a block, 0 and 1, shuffled anew for each block.
        weight_x, weight_s: of the standardised outcome; the residual has what they leave of a variance of 1.
        estimate, error: (trials, looks, 3) differences and standard errors, overwritten.
        blinded: (trials, looks, 3) residual variances of both arms together, nobody's arm being told, overwritten.
        counted: (trials, looks) participants that stayed, overwritten.
    """
    rest = math.sqrt(max(0.0, 1.0 - weight_x * weight_x - weight_s * weight_s))
    size = len(pattern)
    block = np.empty(size, dtype=np.int64)
    # centred sums of (arm, x, s, y), updated one participant at a time (Welford): no cancellation, one pass
    mean, sums, column, moved = np.zeros(4), np.zeros((4, 4)), np.zeros(4), np.zeros(4)
    for trial in range(estimate.shape[0]):
        mean[:] = 0.0
        sums[:, :] = 0.0
        n = 0
        look = 0
        for who in range(enrolled[-1]):
            if who % size == 0:
                _shuffle(key, np.uint64(first + trial), np.uint64(who), pattern, block)
            stays = _participant(
                key, first + trial, who, block[who % size], effect, sd, weight_x, weight_s, rest, dropout, column
            )
            if stays:
                n += 1
                for i in range(4):
                    moved[i] = column[i] - mean[i]
                    mean[i] += moved[i] / n
                for i in range(4):
                    for j in range(i + 1):
                        sums[i, j] += moved[i] * (column[j] - mean[j])
            if who + 1 == enrolled[look]:
                counted[trial, look] = n
                for way in range(3):
                    told = _ancova(sums, n, way)
                    estimate[trial, look, way], error[trial, look, way], blinded[trial, look, way] = told
                look += 1


@njit(cache=True, nogil=True, error_model="numpy")
def draw(
    key: Any,
    trial: int,
    pattern: Any,
    effect: float,
    sd: float,
    weight_x: float,
    weight_s: float,
    dropout: float,
    out: Any,
) -> None:
    """The participants of one trial of `run`: rows (arm, x, s, y) of `out`, y NaN of those that drop out.

    Args:
        out: (participants, 4), overwritten.
    """
    rest = math.sqrt(max(0.0, 1.0 - weight_x * weight_x - weight_s * weight_s))
    size = len(pattern)
    block = np.empty(size, dtype=np.int64)
    for who in range(out.shape[0]):
        if who % size == 0:
            _shuffle(key, np.uint64(trial), np.uint64(who), pattern, block)
        arm = block[who % size]
        if not _participant(key, trial, who, arm, effect, sd, weight_x, weight_s, rest, dropout, out[who]):
            out[who, 3] = np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _participant(
    key: Any,
    trial: int,
    who: int,
    arm: int,
    effect: float,
    sd: float,
    weight_x: float,
    weight_s: float,
    rest: float,
    dropout: float,
    column: Any,
) -> bool:
    """Fill `column` with (arm, x, s, y); whether they stay."""
    a, b, c, d = philox(np.uint64(who), np.uint64(0), np.uint64(0), np.uint64(trial), key[0], key[1])
    column[0] = float(arm)
    column[1] = normal_quantile(to_uniform(a))
    column[2] = normal_quantile(to_uniform(b))
    noise = weight_x * column[1] + weight_s * column[2] + rest * normal_quantile(to_uniform(c))
    column[3] = effect * column[0] + sd * noise
    return to_uniform(d) >= dropout


@njit(cache=True, nogil=True, error_model="numpy")
def _shuffle(key: Any, trial: Any, who: Any, pattern: Any, block: Any) -> None:
    """A fresh order of the block's arms (Fisher-Yates)."""
    block[:] = pattern
    for i in range(len(block) - 1, 0, -1):
        word = philox(who, _ONE, np.uint64(i), trial, key[0], key[1])[0]
        j = int(to_uniform(word) * (i + 1))
        block[i], block[j] = block[j], block[i]


@njit(cache=True, nogil=True, error_model="numpy")
def _ancova(sums: Any, n: int, covariates: int) -> Any:
    """Least-squares effect of the arm, its standard error, and the residual variance without the arm, from centred sums
    (lower triangle).

    The covariates are swept out of arm and outcome one after the other (Gram-Schmidt).
    """
    aa, ay, yy = sums[0, 0], sums[3, 0], sums[3, 3]
    if covariates >= 1:
        xx, xa, xy = sums[1, 1], sums[1, 0], sums[3, 1]
        aa, ay, yy = aa - xa * xa / xx, ay - xa * xy / xx, yy - xy * xy / xx
        if covariates == 2:
            ss = sums[2, 2] - sums[2, 1] ** 2 / xx
            sa = sums[2, 0] - sums[2, 1] * xa / xx
            sy = sums[3, 2] - sums[2, 1] * xy / xx
            aa, ay, yy = aa - sa * sa / ss, ay - sa * sy / ss, yy - sy * sy / ss
    effect = ay / aa
    residual = (yy - effect * ay) / (n - 2 - covariates)
    return effect, math.sqrt(max(residual, 0.0) / aa), yy / (n - 1 - covariates)
