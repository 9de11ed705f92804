"""How many come, and when in the day: gamma-Poisson, the profile by hour shrunk as far as the log cannot tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.times import DAY, HOUR
from twinward.engines.events import Arrivals, Calendar
from twinward.inference import GammaPoisson
from twinward.twins.hospital.learned.features import local_hour
from twinward.twins.hospital.learned.stays import Stay


@dataclass(frozen=True, eq=False)
class Arriving:
    """What the learning part says of arrivals.

    Args:
        count: how many came in `days` before `until` (POSIX seconds).
        profile: 24 shares of the local hours.
        first_unit: shares of the units in which stays begin.
        zone: local time.
    """

    count: int
    days: float
    until: float
    profile: FloatArray
    first_unit: FloatArray
    zone: tzinfo

    @classmethod
    def fit(cls, stays: Sequence[Stay], units: int, until: float, zone: tzinfo) -> "Arriving":
        """From the stays of the learning part."""
        first = np.array([stay.first for stay in stays])
        counts = np.bincount(local_hour(first, zone).astype(np.int64), minlength=24).astype(np.float64)
        begun = np.bincount([stay.visits[0].unit for stay in stays], minlength=units)
        days = max((until - first.min()) / DAY, HOUR / DAY)
        return cls(len(stays), days, until, shrunk(counts), begun / begun.sum(), zone)

    def rate(self, came: float, time: float) -> GammaPoisson:
        """Arrivals a day, after `came` more by `time`; Jeffreys' prior before anything."""
        days = max(time - self.until, 0.0) / DAY
        return GammaPoisson(0.5 + self.count + came, self.days + days)

    def calendar(self, per_day: float, time: float) -> Arrivals:
        """Of the rate per second, by the hours of the local day at `time`."""
        offset = float(local_hour(np.array([0.0 + np.floor(time / DAY) * DAY]), self.zone)[0]) * HOUR
        midnight = np.floor(time / DAY) * DAY - offset
        times = tuple(float(midnight + hour * HOUR) for hour in range(24))
        return Arrivals(Calendar(times, tuple(float(per_day * share / HOUR) for share in self.profile), period=DAY))


def shrunk(counts: FloatArray) -> FloatArray:
    """Shares of the hours, drawn to 1/24 as far as chance alone could make them differ.

    The counts are taken as Dirichlet-multinomial, the weight of the prior found from their dispersion (method of
    moments; Mosimann 1962).

    Example:
        >>> shrunk(np.full(24, 10.0)).round(4).tolist()[:2]
        [0.0417, 0.0417]
    """
    total, even = counts.sum(), 1 / len(counts)
    if total <= 0:
        return np.full(len(counts), even)
    dispersion = float(((counts - total * even) ** 2 / (total * even)).sum() / (len(counts) - 1))
    if dispersion <= 1:
        return np.full(len(counts), even)
    prior = max((total - dispersion) / (dispersion - 1), 0.0)
    return np.asarray((counts + prior * even) / (total + prior))
