"""Keeps forecasts until their truth arrives, then scores them: how far a twin may be trusted."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinward.core import scoring
from twinward.core.arrays import AnyArray, FloatArray

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
_COLUMNS = (
    "method", "variable", "as_of", "at", "lead", "truth", "crps", "covered", "covered_closed", "pit_low", "pit_high",
    "mean", *(f"q{q * 100:g}" for q in QUANTILES),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pending:
    method: str
    as_of: float
    members: AnyArray


class Scoreboard:
    """Scores of forecasts by several methods for several variables.

    Args:
        level: of the central band whose coverage is kept.

    Example:
        >>> board = Scoreboard()
        >>> board.expect("twin", "census", 0.0, 3600.0, np.array([4.0, 5.0, 6.0]))
        >>> board.expect("persistence", "census", 0.0, 3600.0, np.array([7.0]))
        >>> board.came("census", 3600.0, 5.0)
        >>> board.summary()[["method", "n", "crps"]].to_dict("records")
        [{'method': 'twin', 'n': 1, 'crps': 0.222...}, {'method': 'persistence', 'n': 1, 'crps': 2.0}]
    """

    def __init__(self, level: float = 0.8) -> None:
        self.level = level
        self._pending: dict[tuple[str, float], list[_Pending]] = defaultdict(list)
        self._rows: list[tuple[object, ...]] = []

    def expect(self, method: str, variable: str, as_of: float, at: float, members: AnyArray) -> None:
        """Keep one forecast (an ensemble; one member: a point forecast) of a variable for the instant `at`."""
        self._pending[variable, at].append(_Pending(method, as_of, np.asarray(members)))

    def came(self, variable: str, at: float, truth: float) -> None:
        """The truth: every forecast of the variable for that instant is scored and let go."""
        for kept in self._pending.pop((variable, at), []):
            members = kept.members.astype(np.float64)
            seen: FloatArray = np.asarray(truth, dtype=np.float64)
            low, high = scoring.pit_bounds(members, seen)
            numbers = (
                scoring.crps(members, seen),
                scoring.covered(members, seen, self.level),
                scoring.covered_closed(members, seen, self.level),
                low,
                high,
                members.mean(),
                *np.quantile(members, QUANTILES),
            )
            head = (kept.method, variable, kept.as_of, at, at - kept.as_of, float(truth))
            self._rows.append((*head, *(float(number) for number in numbers)))

    @property
    def waiting(self) -> list[tuple[str, float]]:
        """(variable, instant) of the forecasts whose truth is still to come, in order of time."""
        return sorted(self._pending, key=lambda key: (key[1], key[0]))

    def table(self) -> pd.DataFrame:
        """One row a scored forecast; `as_of`, `at` in POSIX seconds, `lead` in seconds."""
        return pd.DataFrame(self._rows, columns=list(_COLUMNS))

    def summary(self) -> pd.DataFrame:
        """Means by variable, lead and method, in the order in which methods first appeared."""
        table = self.table()
        keys = ["variable", "lead", "method"]
        grouped = table.groupby(keys, sort=False)
        summary = grouped[["crps", "covered", "covered_closed"]].mean()
        summary.insert(0, "n", grouped.size())
        summary["bias"] = grouped["mean"].mean() - grouped["truth"].mean()
        return summary.reset_index()

    def pit(self, variable: str, method: str, lead: float | None = None, bins: int = 10) -> FloatArray:
        """Shares of the PIT histogram (flat: calibrated); all leads together where none is named."""
        table = self.table()
        rows = table[(table["variable"] == variable) & (table["method"] == method)]
        if lead is not None:
            rows = rows[rows["lead"] == lead]
        bounds = rows[["pit_low", "pit_high"]].to_numpy(dtype=np.float64)
        return scoring.pit_shares(bounds[:, 0], bounds[:, 1], bins)
