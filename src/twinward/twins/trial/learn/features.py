"""Baseline covariates as features, by name and level, so that a later trial is read as the history was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial.participants import MISSING

_KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)  # quantiles: Harrell, Regression Modeling Strategies, table 2.3
_FEWEST = 10  # participants of a level or a gap that gets a column


@dataclass(frozen=True, slots=True)
class Number:
    """A continuous covariate: its median, spread and spline knots; whether gaps were frequent."""

    middle: float
    spread: float
    knots: tuple[float, ...]
    gaps: bool


@dataclass(frozen=True, slots=True)
class Levels:
    """A nominal covariate.

    Args:
        levels: those that have a column; the commonest has none, nor have those too rare for one.
        others: levels that the history held and that have no column, the commonest first. What is in neither was never
            seen, and is read as missing.
    """

    levels: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Features:
    """How a baseline becomes columns."""

    what: Mapping[str, Number | Levels]

    @classmethod
    def of(cls, baseline: pd.DataFrame, names: tuple[str, ...]) -> "Features":
        """As this history needs it."""
        found: dict[str, Number | Levels] = {}
        for name in names:
            column = baseline[name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                found[name] = _levels(column)
                continue
            values = column.to_numpy(float)
            seen = values[np.isfinite(values)]
            if not len(seen):
                found[name] = Levels(())
                continue
            knots = np.unique(np.quantile(seen, _KNOTS))
            gaps = bool((~np.isfinite(values)).sum() >= _FEWEST)
            found[name] = Number(float(np.median(seen)), float(seen.std()) or 1.0, tuple(knots.tolist()), gaps)
        return cls(found)

    def smooth(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants, columns): restricted cubic splines, indicators of levels and gaps."""
        return self._columns(baseline, splines=True)

    def plain(self, baseline: pd.DataFrame) -> FloatArray:
        """The same without splines, gaps as NaN: for trees."""
        return self._columns(baseline, splines=False)

    def unknown(self, baseline: pd.DataFrame) -> dict[str, int]:
        """Nominal covariate -> how many have a level that the history never held; they are read as missing."""
        found = {}
        for name, how in self.what.items():
            if isinstance(how, Levels):
                odd = int((~np.isin(_told(baseline[name]), [*how.levels, *how.others, MISSING])).sum())
                if odd:
                    found[name] = odd
        return found

    def width(self, splines: bool) -> int:
        """How many columns `smooth` (with splines) or `plain` makes."""
        return sum(
            len(how.levels)
            if isinstance(how, Levels)
            else 1 + (max(len(how.knots) - 2, 0) + how.gaps if splines else 0)
            for how in self.what.values()
        )

    def _columns(self, baseline: pd.DataFrame, splines: bool) -> FloatArray:
        if absent := sorted(set(self.what) - set(baseline.columns)):
            raise BadInput("covariates", ", ".join(absent), "every covariate that the twin learned from")
        found: list[FloatArray] = []
        for name, how in self.what.items():
            if isinstance(how, Levels):
                told = _told(baseline[name])
                told = np.where(np.isin(told, [*how.levels, *how.others]), told, MISSING)
                found += [(told == level).astype(float) for level in how.levels]
                continue
            values = baseline[name].to_numpy(float)
            if not splines:
                found.append(values)
                continue
            gaps = ~np.isfinite(values)
            filled = np.where(gaps, how.middle, values)
            found.append((filled - how.middle) / how.spread)
            found += list(_restricted(filled, how.knots))
            if how.gaps:
                found.append(gaps.astype(float))
        return np.column_stack(found) if found else np.zeros((len(baseline), 0))

    def to_list(self) -> list[dict[str, Any]]:
        """Plain data, in the order of the columns."""
        return [
            {"name": name, "levels": list(how.levels), "others": list(how.others)}
            if isinstance(how, Levels)
            else {"name": name, "middle": how.middle, "spread": how.spread, "knots": list(how.knots), "gaps": how.gaps}
            for name, how in self.what.items()
        ]

    @classmethod
    def from_list(cls, told: Sequence[Mapping[str, Any]]) -> "Features":
        """Of `to_list`.

        Raises:
            CorruptSave: a number is not finite, or knots are not in order.
        """
        found: dict[str, Number | Levels] = {}
        for how in told:
            name = str(how["name"])
            if "levels" in how:
                found[name] = Levels(tuple(map(str, how["levels"])), tuple(map(str, how["others"])))
                continue
            knots = tuple(map(float, how["knots"]))
            one = Number(float(how["middle"]), float(how["spread"]), knots, bool(how["gaps"]))
            if (
                not np.isfinite([one.middle, one.spread, *knots]).all()
                or one.spread <= 0
                or (np.diff(knots) <= 0).any()
            ):
                raise CorruptSave(f"covariate {name}: no finite numbers in order")
            found[name] = one
        return cls(found)


def _told(column: pd.Series) -> np.ndarray:
    """The levels as text, the gap by its name."""
    return column.astype(object).where(column.notna(), MISSING).astype(str).to_numpy(dtype=str)


def _levels(column: pd.Series) -> Levels:
    """Columns for all but the commonest level; of levels as common the first in the alphabet."""
    seen, counts = np.unique(_told(column), return_counts=True)
    commonest = int(np.argmax(counts))
    kept = tuple(str(level) for i, level in enumerate(seen) if i != commonest and counts[i] >= _FEWEST)
    rare = (str(level) for i, level in enumerate(seen) if i != commonest and counts[i] < _FEWEST)
    return Levels(kept, (str(seen[commonest]), *rare))


def _restricted(x: FloatArray, knots: tuple[float, ...]) -> list[FloatArray]:
    """Restricted cubic spline beyond its linear term (Harrell, section 2.4.5), linear outside the outer knots."""
    if len(knots) < 3:
        return []
    k, last, before = np.array(knots), knots[-1], knots[-2]
    found = []
    for first in k[:-2]:
        curve = _cube(x, first) - _cube(x, before) * (last - first) / (last - before)
        curve += _cube(x, last) * (before - first) / (last - before)
        found.append(curve / (last - k[0]) ** 2)
    return found


def _cube(x: FloatArray, at: float) -> FloatArray:
    return np.maximum(x - at, 0.0) ** 3
