"""Scenarios side by side under the same random numbers: paired differences, never bare levels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinward.core.arrays import FloatArray
from twinward.core.forecast import Forecast
from twinward.core.outcome import Outcome
from twinward.errors import BadInput


def paired_interval(differences: FloatArray, level: float = 0.95) -> tuple[float, float, float]:
    """Mean and Student-t interval of paired differences; NaN members are left out.

    Example:
        >>> mean, low, high = paired_interval(np.array([1.0, 2.0, 3.0]))
        >>> round(mean, 3), round(low, 3), round(high, 3)
        (2.0, -0.484, 4.484)
    """
    known = differences[np.isfinite(differences)]
    if len(known) < 2:
        return (float(known.mean()) if len(known) else np.nan), np.nan, np.nan
    mean = float(known.mean())
    half = float(special.stdtrit(len(known) - 1, 0.5 + level / 2) * known.std(ddof=1) / np.sqrt(len(known)))
    return mean, mean - half, mean + half


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several scenarios rehearsed from the same belief with common random numbers.

    Args:
        forecasts: scenario name -> forecast; member i of each shares its random numbers with member i of the others.
        baseline: name of the scenario the others are held against.
    """

    forecasts: dict[str, Forecast]
    baseline: str

    def __post_init__(self) -> None:
        if self.baseline not in self.forecasts:
            raise BadInput("baseline", self.baseline, f"one of: {', '.join(self.forecasts)}")

    def __getitem__(self, scenario: str) -> Forecast:
        return self.forecasts[scenario]

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """What the scenarios are judged by."""
        return dict(self.forecasts[self.baseline].outcomes)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """One row a scenario and outcome.

        Columns: `scenario`, `outcome`, `label`, `unit`, `level` (mean under the scenario), `difference` from the
        baseline (mean of the paired differences), `low`, `high` (its interval at `level`), `spread_low`, `spread_high`
        (the range that holds that share of single futures' differences), `p_better` (share of futures in which the
        scenario is better; ties count half), `better` ("lower", "higher", "neither"), `clear` (the interval
        excludes zero).
        """
        rows = []
        base = self.forecasts[self.baseline]
        for name, outcome in self.outcomes.items():
            reference = base.outcome(name)
            for scenario, forecast in self.forecasts.items():
                values = forecast.outcome(name)
                row = {
                    "scenario": scenario,
                    "outcome": name,
                    "label": outcome.label,
                    "unit": outcome.unit,
                    "level": float(np.nanmean(values)) if np.isfinite(values).any() else np.nan,
                    "better": outcome.better,
                }
                rows.append(row | _difference(values - reference, outcome, level, scenario == self.baseline))
        return pd.DataFrame(rows, columns=_COLUMNS)  # a kind without outcomes: no rows

    def ranking(self, outcome: str, level: float = 0.95) -> pd.DataFrame:
        """The scenarios from best to worst by the mean of one outcome, baseline included."""
        if outcome not in self.outcomes:
            raise BadInput("outcome", outcome, f"one of: {', '.join(self.outcomes)}")
        table = self.table(level)
        rows = table[table["outcome"] == outcome]
        ascending = self.outcomes[outcome].better != "higher"
        ranked = rows.sort_values("level", ascending=ascending, kind="stable").reset_index(drop=True)
        ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
        return ranked

    def to_dataframe(self) -> pd.DataFrame:
        """The same as `table()`."""
        return self.table()

    def plot(self, outcome: str, ax: Any = None) -> Any:
        """Paired differences from the baseline with 95 % intervals; returns the axes."""
        import matplotlib.pyplot as plt

        rows = self.ranking(outcome)
        rows = rows[rows["scenario"] != self.baseline].iloc[::-1]
        if ax is None:
            _, ax = plt.subplots(figsize=(7, 0.9 + 0.45 * len(rows)), layout="constrained")
        where = np.arange(len(rows))
        better = rows["better"].map({"lower": -1, "higher": 1, "neither": 0}) * np.sign(rows["difference"])
        colours = [{1: "#047857", -1: "#be123c"}.get(int(b), "#475569") if c else "#64748b"
                   for b, c in zip(better.fillna(0), rows["clear"], strict=True)]  # fmt: skip
        ax.hlines(where, rows["low"], rows["high"], colors=colours, lw=3)
        ax.scatter(rows["difference"], where, c=colours, zorder=3)
        ax.axvline(0, color="#334155", lw=0.8, ls="--")
        ax.set_yticks(where, rows["scenario"])
        what = self.outcomes[outcome]
        ax.set_xlabel(f"difference in {what.label.lower()} [{what.unit}], 95 % interval ({what.better} is better)")
        return ax

    def _repr_html_(self) -> str:
        table = self.table()
        shown = table[table["scenario"] != self.baseline][["scenario", "label", "unit", "difference", "low", "high"]]
        html: str = shown.to_html(index=False, float_format="{:.3g}".format)
        return html


_COLUMNS = (
    "scenario", "outcome", "label", "unit", "level", "better", "difference", "low", "high", "spread_low",
    "spread_high", "p_better", "clear",
)  # fmt: skip


def _difference(paired: FloatArray, outcome: Outcome, level: float, is_baseline: bool) -> dict[str, Any]:
    if is_baseline:
        zero = dict.fromkeys(("difference", "low", "high", "spread_low", "spread_high"), 0.0)
        return zero | {"p_better": 0.5, "clear": False}
    mean, low, high = paired_interval(paired, level)
    known = paired[np.isfinite(paired)]
    spread = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]) if len(known) else (np.nan, np.nan)
    gain = -known if outcome.better == "lower" else known
    judged = len(known) > 0 and outcome.better != "neither"
    return {
        "difference": mean,
        "low": low,
        "high": high,
        "spread_low": float(spread[0]),
        "spread_high": float(spread[1]),
        "p_better": float((gain > 0).mean() + 0.5 * (gain == 0).mean()) if judged else np.nan,
        "clear": bool(np.isfinite(low) and (low > 0 or high < 0)),
    }
