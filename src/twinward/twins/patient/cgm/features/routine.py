"""The patient's own past days: what glucose did at this time of day, and where it usually is.

All smoothing constants here are our own choice and only set a resolution (about an hour around the time of day, days
fading by a tenth each, shrunk to "nothing known" as by four earlier rows).
"""

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.twins.patient.cgm.grid import PER_DAY, Grid

AHEAD = (1, 2, 3, 4, 6)  # rows
LEVELS = (2, 4, 8)  # rows
_AROUND = 4  # rows before and after the same time of day
_DAYS = 14
_FADE = 0.9
_DOUBT = 4.0


def routine(grid: Grid) -> FloatArray:
    """Usual change over the next rows, usual level then, how often a meal came then; then running statistics."""
    held = grid.held
    usual = [_same_time(_change(held, ahead), 0) for ahead in AHEAD]
    changes = [total / (weight + _DOUBT) for total, weight in usual]
    mean, sd = _running(held)
    levels = []
    for ahead in LEVELS:
        total, weight = _same_time(held, ahead)
        levels.append((total + _DOUBT * mean) / (weight + _DOUBT) - held)
    meals, weight = _same_time(grid.food[:, -2], 1)
    return np.column_stack([*changes, *levels, meals / (weight + _DOUBT), *_statistics(held, mean, sd)])


def _change(held: FloatArray, ahead: int) -> FloatArray:
    """What came `ahead` rows later, where that is known by the end of the series."""
    out = np.full(len(held), np.nan)
    out[: max(len(held) - ahead, 0)] = held[ahead:] - held[: max(len(held) - ahead, 0)]
    return out


def _same_time(values: FloatArray, shift: int) -> tuple[FloatArray, FloatArray]:
    """Weighted sum and weight of a column around this time of day (+ shift) on earlier days.

    The youngest value used is a day minus at most 4 + 8 rows old, and what it tells reaches at most 6 rows further:
    nothing of the present day's future is in it.
    """
    count = len(values)
    total, weight = np.zeros(count), np.zeros(count)
    for day in range(1, min(_DAYS, count // PER_DAY + 1) + 1):
        for offset in range(-_AROUND, _AROUND + 1):
            back = PER_DAY * day - offset - shift
            if back >= count:
                continue
            share = np.exp(-0.5 * (offset / 2) ** 2) * _FADE ** (day - 1)
            past = values[: count - back]
            known = np.isfinite(past)
            total[back:][known] += share * past[known]
            weight[back:][known] += share
    return total, weight


def _running(held: FloatArray) -> tuple[FloatArray, FloatArray]:
    number = np.arange(1, len(held) + 1)
    mean = np.cumsum(held) / number
    return mean, np.sqrt(np.maximum(np.cumsum(held**2) / number - mean**2, 1.0))


def _statistics(held: FloatArray, mean: FloatArray, sd: FloatArray) -> list[FloatArray]:
    """Own mean, mean of a day and of six hours (as distance from now), spread, roughness, extremes of a day, days."""
    number = np.arange(1, len(held) + 1)
    step2 = np.diff(held, prepend=held[0]) ** 2
    fading = np.exp(-np.arange(200) / 48.0)
    lately = np.convolve(step2, fading)[: len(held)] / np.convolve(np.ones(len(held)), fading)[: len(held)]
    day, hours = _window(held, PER_DAY + 1), _window(held, 25)
    return [
        mean - held,
        np.nanmean(day, axis=1) - held,
        np.nanmean(hours, axis=1) - held,
        sd,
        np.sqrt(lately),
        np.sqrt(np.cumsum(step2) / number),
        np.nanmin(day, axis=1) - held,
        np.nanmax(day, axis=1) - held,
        number / PER_DAY,
    ]


def _window(held: FloatArray, width: int) -> FloatArray:
    """Shape (rows, width): the last `width` values of each row, NaN before the first."""
    padded = np.concatenate([np.full(width - 1, np.nan), held])
    return np.lib.stride_tricks.sliding_window_view(padded, width)
