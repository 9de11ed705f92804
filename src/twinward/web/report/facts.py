"""What the cards of the report share, computed once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray
from twinward.core.forecast import Forecast
from twinward.core.scoreboard import QUANTILES
from twinward.twins.hospital.replay import TWIN
from twinward.twins.hospital.result import ReplayResult

COLUMNS = [f"q{100 * q:g}" for q in QUANTILES]


@dataclass(frozen=True)
class Bands:
    """Quantiles along time.

    Args:
        at: POSIX seconds.
        quantiles: as in `QUANTILES`; shape (times, 7).
    """

    at: FloatArray
    quantiles: FloatArray


@dataclass(frozen=True)
class Facts:
    """A result and what follows from it."""

    result: ReplayResult

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every scored forecast."""
        return self.result.board.table()

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean scores by variable, lead and method; empty where nothing was scored."""
        return self.result.board.summary() if len(self.table) else pd.DataFrame(columns=["variable", "lead", "method"])

    @cached_property
    def lead(self) -> float:
        """The longest lead scored for the census, in seconds."""
        rows = self.summary[self.summary["variable"] == "census"]
        return float(rows["lead"].max()) if len(rows) else self.result.horizon

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Scores of the census the longest lead ahead, indexed by method."""
        rows = self.summary
        return rows[(rows["variable"] == "census") & (rows["lead"] == self.lead)].set_index("method")

    @cached_property
    def best_baseline(self) -> str | None:
        """The method besides the twin with the smallest CRPS."""
        others = self.scores.drop(index=TWIN, errors="ignore")
        return str(others["crps"].idxmin()) if len(others) else None

    @cached_property
    def forecast(self) -> Forecast | None:
        """The last forecast with nothing changed."""
        comparison = self.result.comparison
        return comparison[comparison.baseline] if comparison is not None else None

    @cached_property
    def now(self) -> float | None:
        """The instant of the last forecast."""
        if self.forecast is not None:
            return float(self.forecast.as_of)
        if len(self.table):
            return float(self.table["as_of"].max())
        return float(self.result.census["at"].iloc[-1]) if len(self.result.census) else None

    def past(self, variable: str) -> Bands:
        """What the twin had forecast the longest lead before, up to now."""
        rows = self.table[(self.table["method"] == TWIN) & (self.table["variable"] == variable)]
        rows = rows[(rows["lead"] == self.lead) & (rows["at"] <= self.now)].sort_values("at")
        return Bands(rows["at"].to_numpy(np.float64), rows[COLUMNS].to_numpy(np.float64))

    def ahead(self, variable: str) -> Bands:
        """What it forecasts from now on; at the scored leads where no comparison was made."""
        if self.forecast is None:
            rows = self.table[(self.table["method"] == TWIN) & (self.table["variable"] == variable)]
            rows = rows[rows["as_of"] == self.now].sort_values("at")
            return Bands(rows["at"].to_numpy(np.float64), rows[COLUMNS].to_numpy(np.float64))
        if variable == "census":
            paths = self.forecast["census"]
        else:
            paths = self.forecast["unit_census"].sel(unit=variable.removeprefix("census: "))
        members = paths.transpose("member", "time").to_numpy().astype(np.float64)
        return Bands(self.forecast.times, np.quantile(members, QUANTILES, axis=0).T)

    def census_at(self, time: float, column: str = "census") -> float:
        """The true census at the last known instant up to a time."""
        rows = self.result.census
        rows = rows[rows["at"] <= time + 1]
        return float(rows[column].iloc[-1]) if len(rows) else float("nan")
