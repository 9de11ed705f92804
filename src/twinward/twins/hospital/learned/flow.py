"""How long patients stay in a unit and where they go from it, whoever they are: the law for those still to come.

A semi-Markov model: the next unit is drawn, then the time, given both units. Stays that were not over when learning
stopped count by inverse-probability-of-censoring weights (Robins & Rotnitzky 1992).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import BoolArray, FloatArray, IntArray
from twinward.core.times import HOUR
from twinward.engines.events import EXIT, Empirical, Step
from twinward.inference import KaplanMeier
from twinward.twins.hospital.learned.stays import LEFT, Stay

_POINTS = 200  # of a quantile table
_FEW = 20  # stays towards one unit, below which their durations are those of all
_SHORTEST = 1.0  # s
_PRIOR = 0.5  # Jeffreys' weight for each next unit seen at all


@dataclass(frozen=True, eq=False)
class UnitLaw:
    """One unit.

    Args:
        stay: Kaplan-Meier curve of the time in it (s).
        rest: curve of the time from entering it to leaving the hospital (s).
        shares: next unit (LEFT) -> share.
        tables: next unit -> equidistant quantiles of the time before it (s).
        moved, moved_to, moved_weight: stays that ended with a move: how long, whereto, how much each counts.
    """

    stay: KaplanMeier
    rest: KaplanMeier
    shares: dict[int, float]
    tables: dict[int, FloatArray]
    moved: FloatArray
    moved_to: IntArray
    moved_weight: FloatArray

    def cumulative_hazard(self, seconds: float) -> float:
        """Of leaving the unit within a time: for one who stays on it is exponential with mean 1 (Aalen 1978)."""
        return float(-np.log(max(float(self.stay.at(seconds)), 1e-3)))

    def step(self, name: str, units: Sequence[str], place: int) -> Step:
        """For the engine."""
        q = (np.arange(_POINTS) + 0.5) / _POINTS
        overall = Empirical(tuple(_usable(self.stay.quantile(q))))
        by_goal = {
            EXIT if goal == LEFT else units[goal]: Empirical(tuple(_usable(table)))
            for goal, table in self.tables.items()
        }
        return Step(name, overall, place=place, time_to=by_goal or None)

    def routes(self, units: Sequence[str]) -> Mapping[str, float]:
        """For the engine."""
        return {EXIT if goal == LEFT else units[goal]: share for goal, share in self.shares.items()}

    def move(self, elapsed: float, chance: FloatArray) -> tuple[FloatArray, IntArray]:
        """Seconds until the move of one who moves and has been here for `elapsed`, and where to; one per number."""
        later = self.moved > elapsed
        if not later.any():
            if not len(self.moved):
                return np.full(len(chance), _SHORTEST), np.full(len(chance), LEFT, dtype=np.int64)
            mean = float(np.average(self.moved, weights=self.moved_weight))
            drawn = np.minimum((chance * len(self.moved)).astype(np.int64), len(self.moved) - 1)
            return -mean * np.log1p(-chance), self.moved_to[drawn]
        weight = np.cumsum(self.moved_weight[later])
        drawn = np.searchsorted(weight, chance * weight[-1], side="right")
        drawn = np.minimum(drawn, len(weight) - 1)
        return self.moved[later][drawn] - elapsed, self.moved_to[later][drawn]


def fit_units(stays: Sequence[Stay], units: int) -> list[UnitLaw]:
    """The law of every unit; one nobody was ever seen in takes an hour and leads out."""
    laws = []
    for unit in range(units):
        spent, ended, goals, rest, left = [], [], [], [], []
        for stay in stays:
            for visit in stay.visits:
                if visit.unit == unit:
                    spent.append(max(visit.until - visit.since, 0.0))
                    ended.append(visit.to is not None)
                    goals.append(LEFT if visit.to is None else visit.to)
                    rest.append(stay.known - visit.since)
                    left.append(np.isfinite(stay.end))
        laws.append(_law(np.array(spent), np.array(ended), np.array(goals), np.array(rest), np.array(left)))
    return laws


def _law(spent: FloatArray, ended: BoolArray, goals: IntArray, rest: FloatArray, left: BoolArray) -> UnitLaw:
    if not len(spent) or not ended.any():
        hour = KaplanMeier.fit([HOUR], [True])
        return UnitLaw(hour, hour, {LEFT: 1.0}, {}, np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0))
    followed = KaplanMeier.fit(spent, ~ended) if not ended.all() else None
    weight = np.ones(len(spent)) if followed is None else 1 / np.maximum(followed.at(spent - 1e-6), 0.05)
    weight = np.where(ended, weight, 0.0)
    shares, tables = {}, {}
    seen = [int(goal) for goal in np.unique(goals[ended])]
    total = weight.sum() + _PRIOR * len(seen)
    for goal in seen:
        mine = ended & (goals == goal)
        shares[goal] = float((weight[mine].sum() + _PRIOR) / total)
        if mine.sum() >= _FEW:
            tables[goal] = _quantiles(spent[mine], weight[mine])
    moves = ended & (goals != LEFT)
    order = np.argsort(spent[moves], kind="stable")
    return UnitLaw(
        KaplanMeier.fit(spent, ended), KaplanMeier.fit(rest, left), shares, tables,
        spent[moves][order], goals[moves][order].astype(np.int64), weight[moves][order],
    )  # fmt: skip


def _quantiles(values: FloatArray, weight: FloatArray) -> FloatArray:
    order = np.argsort(values, kind="stable")
    at = np.cumsum(weight[order]) - weight[order] / 2
    return np.interp((np.arange(_POINTS) + 0.5) / _POINTS, at / weight.sum(), values[order])


def _usable(table: FloatArray) -> FloatArray:
    """Finite and above zero, for the engine."""
    finite = table[np.isfinite(table)]
    most = float(finite.max()) if len(finite) else HOUR
    return np.maximum(np.where(np.isfinite(table), table, most), _SHORTEST)
