"""When a patient who is here leaves: chances at several leads from the features, and a curve between them.

Each lead has a classifier of its own. Pooling the leads in one hazard model was tried and was less sharp.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from twinward.core.arrays import BoolArray, FloatArray
from twinward.core.times import DAY, HOUR
from twinward.twins.hospital.learned.classifier import Chance, fit_sharpness
from twinward.twins.hospital.learned.features import local_hour
from twinward.twins.hospital.learned.landmarks import Landmarks

LEADS = (0, 1, 2, 4, 8, 16, 32, 64)  # in steps between landmarks
_SPREAD = 0.25  # of the mean, added to each hour of the day's share of exits
_FINEST = 400  # points of a curve
_LEVELS = 100  # of a feature that are told apart in learning


@dataclass(frozen=True, eq=False)
class Curves:
    """Chances of not having left straight from the unit, as functions of the time ahead.

    Args:
        lead: seconds ahead, ascending from 0, shape (k,).
        hazard: minus log of the chance, shape (patients, k); at 0 it is the chance of having left already.
        ever: the same for any time ahead: who does not leave moves to another unit first; shape (patients,).
        tail: mean time (s) beyond the last lead of those who leave after it.
    """

    lead: FloatArray
    hazard: FloatArray
    ever: FloatArray
    tail: float

    @property
    def p_left(self) -> FloatArray:
        """Chance of having left already."""
        return np.asarray(-np.expm1(-self.hazard[:, 0]))

    def leads(self, chance: FloatArray, factor: FloatArray, *, here: bool = False) -> FloatArray:
        """Seconds until each leaves straight from the unit.

        Args:
            chance: standard exponential numbers, shape (members, patients).
            factor: on the hazard, same shape.
            here: given that they are here; otherwise -inf is for those who have left already.

        Returns:
            Same shape; inf: moves to another unit first.
        """
        out = np.empty(chance.shape)
        for i, curve in enumerate(self.hazard):
            e = chance[:, i] if here else chance[:, i] - curve[0]
            ahead = e / factor[:, i] + curve[0]
            out[:, i] = np.interp(ahead, curve, self.lead)
            late = ahead > curve[-1]
            last, floor = math.exp(-curve[-1]), math.exp(-self.ever[i])
            left = np.maximum(np.exp(-ahead[late]) - floor, 0.0) / max(last - floor, 1e-300)
            with np.errstate(divide="ignore"):
                out[late, i] = self.lead[-1] - self.tail * np.log(left)
            if not here:
                out[e < 0, i] = -math.inf
        return out


class Leaving:
    """Learned chances of leaving.

    Args:
        chances: one a lead: not yet left straight from the unit.
        ever: the next change is not an exit.
        leads: seconds.
        columns: the features used.
        tail: mean time beyond the last lead, s.
        profile: 24 weights: at what hours of the day patients leave.
        zone: local time.
    """

    def __init__(
        self, chances: Sequence[Chance], ever: Chance, leads: FloatArray, columns: BoolArray, tail: float,
        profile: FloatArray, zone: tzinfo,
    ) -> None:  # fmt: skip
        self.chances, self.ever, self.leads, self.columns = chances, ever, leads, columns
        self.tail, self.profile, self.zone = tail, profile, zone

    @classmethod
    def fit(cls, marks: Landmarks, step: float, exits: FloatArray, zone: tzinfo) -> "Leaving":
        """Learn.

        Args:
            step: seconds between landmarks.
            exits: POSIX seconds of the exits seen.
        """
        columns = telling(marks.x)
        x = coarse(marks.x[:, columns])
        leads = step * np.array(LEADS, dtype=np.float64)
        yes, known = marks.stays_on(float(leads[len(leads) // 2 - 1]))
        sharpness = fit_sharpness(x[known], yes[known], marks.case[known], marks.weight[known])
        chances = []
        for lead in leads:
            yes, known = marks.stays_on(float(lead))
            chances.append(Chance.fit(x[known], yes[known], marks.case[known], marks.weight[known], sharpness))
        yes, _ = marks.stays_on(math.inf)
        settled = np.isfinite(marks.changes) & (marks.time <= marks.cut - leads[-1] / 2)
        ever = Chance.fit(x[settled], yes[settled], marks.case[settled], marks.weight[settled], sharpness)
        stay = marks.leaves - marks.time
        late = stay[np.isfinite(stay) & (stay > leads[-1])] - leads[-1]
        tail = float(late.mean()) if len(late) >= 10 else float(leads[-1]) / 4
        hours = np.bincount(local_hour(exits, zone).astype(np.int64), minlength=24).astype(np.float64)
        hours = hours + _SPREAD * hours.mean() + 1e-9
        return cls(chances, ever, leads, columns, tail, hours / hours.sum(), zone)

    def curves(self, x: FloatArray, time: float) -> Curves:
        """The curves of patients with features `x` at `time`."""
        x = x[:, self.columns]
        here = np.stack([chance.of(x) for chance in self.chances], axis=1)
        here = np.minimum.accumulate(here, axis=1)  # each lead is learned by itself; the curve cannot rise
        ever = np.minimum(self.ever.of(x), here[:, -1] * (1 - 1e-9))
        lead, weight = self._grid(time)
        return Curves(lead, _interpolate(-np.log(here), self.leads, lead, weight), -np.log(ever), self.tail)

    def _grid(self, time: float) -> tuple[FloatArray, FloatArray]:
        """Leads, the learned ones among them, and how many exits fall between each two by the hours of the day."""
        pitch = max(HOUR / 4, self.leads[-1] / _FINEST) if self.leads[-1] < 2 * DAY else HOUR
        lead = np.unique(np.concatenate([self.leads, np.arange(0.0, self.leads[-1], pitch)]))
        middle = time + (lead[1:] + lead[:-1]) / 2
        return lead, np.diff(lead) * self.profile[local_hour(middle, self.zone).astype(np.int64)]


def _interpolate(known: FloatArray, leads: FloatArray, grid: FloatArray, weight: FloatArray) -> FloatArray:
    """The hazard summed up to each point of the grid: between two leads it grows with the weights."""
    total = np.concatenate([[0.0], np.cumsum(weight)])
    at = total[np.searchsorted(grid, leads)]
    between = np.clip(np.searchsorted(leads, grid, side="right") - 1, 0, len(leads) - 2)
    share = (total - at[between]) / (at[between + 1] - at[between])
    return np.asarray(known[:, between] * (1 - share) + known[:, between + 1] * share)


def coarse(x: FloatArray) -> FloatArray:
    """Each feature moved to the nearest of a few of its own quantiles: trees are grown much faster, and no worse."""
    out = x.copy()
    for column in out.T:
        known = np.isfinite(column)
        levels = np.unique(column[known])
        if len(levels) > _LEVELS:
            levels = np.unique(np.quantile(column[known], np.linspace(0, 1, _LEVELS), method="nearest"))
            middle = (levels[1:] + levels[:-1]) / 2
            column[known] = levels[np.searchsorted(middle, column[known])]
    return out


def telling(x: FloatArray) -> BoolArray:
    """Features that are not the same everywhere, and known for at least fifty rows."""
    kept = [np.isfinite(c).sum() >= 50 and len(np.unique(np.nan_to_num(c, nan=-1.0))) > 1 for c in x.T]
    return np.array(kept, dtype=np.bool_)
