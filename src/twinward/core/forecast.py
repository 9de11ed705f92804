"""What may come: labelled ensemble trajectories that say what they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from twinward.core import scoring
from twinward.core.arrays import AnyArray, FloatArray
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.times import Duration, seconds, utc
from twinward.errors import BadInput

BANDS = (0.5, 0.8, 0.95)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Possible futures of one subject under one scenario.

    Args:
        data: variables with dims `member` and `time` (UTC) and perhaps more; `attrs["unit"]`, `attrs["label"]` each.
        as_of: POSIX seconds; nothing later than this was used.
        subject: reference of the subject.
        kind, model_version: which model made it.
        seed, members: with the belief they determine every number.
        scenario: what was assumed to be changed.
        outside: why the subject lies outside the model's stated validity; empty: it lies inside.
        evidence: citations of the checks that stand behind the model; empty where none was run.
        outcomes: what can be computed from it.
    """

    data: xr.Dataset
    as_of: float
    subject: str
    kind: str
    model_version: str
    seed: int
    members: int
    scenario: Scenario
    outside: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def times(self) -> FloatArray:
        """POSIX seconds of the instants forecast."""
        stamps = self.data["time"].to_numpy().astype("datetime64[ns]").astype(np.int64)
        return np.asarray(stamps / 1e9)

    def __getitem__(self, variable: str) -> xr.DataArray:
        if variable not in self.data:
            raise BadInput("variable", variable, f"one of: {', '.join(map(str, self.data.data_vars))}")
        return self.data[variable]

    def quantile(self, variable: str, q: float | list[float]) -> xr.DataArray:
        """Quantile(s) over the members; dims as the variable's, with `quantile` for `member`."""
        return _quantile(self[variable], q)

    def mean(self, variable: str) -> xr.DataArray:
        """Mean over the members."""
        return self[variable].mean("member")

    def probability(
        self,
        variable: str,
        *,
        above: float | None = None,
        below: float | None = None,
        within: Duration | None = None,
        **where: Any,
    ) -> float:
        """The share of futures in which the variable is at some instant above (or below) a threshold.

        Args:
            within: only the instants up to this long after `as_of`; the whole horizon where left out.
            where: labels of further dimensions, such as `unit="ICU"`.
        """
        paths = self[variable].sel(**where)
        if within is not None:
            paths = paths.isel(time=self.times <= self.as_of + seconds(within, "within") + 1e-6)
        if above is not None and below is None:
            hit = paths > above
        elif below is not None and above is None:
            hit = paths < below
        else:
            raise BadInput("above/below", (above, below), "exactly one of the two")
        return float(hit.any(dim=[d for d in hit.dims if d != "member"]).mean())

    def outcome(self, name: str) -> FloatArray:
        """One number a member; shape (members,)."""
        if name not in self.outcomes:
            raise BadInput("outcome", name, f"one of: {', '.join(self.outcomes)}")
        return np.asarray(self.outcomes[name].compute(self.data), dtype=np.float64)

    def score(self, truth: Mapping[str, AnyArray] | xr.Dataset, level: float = 0.8) -> pd.DataFrame:
        """How good it was, once the truth is known.

        Args:
            truth: for each variable the true values, shaped as the variable without `member`; NaN: not known.
            level: of the central band whose coverage is reported.

        Returns:
            One row a variable: number of values, CRPS, error of the mean (bias), coverage, mean PIT.
        """
        rows = []
        for name in map(str, truth):
            paths = self[name].transpose("member", ...).to_numpy().astype(np.float64)
            true = np.asarray(truth[name], dtype=np.float64)
            known = np.isfinite(true)
            if not known.any():
                continue
            ensemble, seen = paths[:, known], true[known]
            low, high = scoring.pit_bounds(ensemble, seen)
            rows.append(
                {
                    "variable": name,
                    "n": int(known.sum()),
                    "crps": float(scoring.crps(ensemble, seen).mean()),
                    "bias": float((ensemble.mean(axis=0) - seen).mean()),
                    "coverage": float(scoring.covered(ensemble, seen, level).mean()),
                    "pit": float((low + high).mean() / 2),
                }
            )
        return pd.DataFrame(rows, columns=["variable", "n", "crps", "bias", "coverage", "pit"])

    def to_dataframe(self) -> pd.DataFrame:
        """Mean and quantiles of every variable, one row an instant (and further label): made for CSV export."""
        levels = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
        tables = []
        for name in map(str, self.data.data_vars):
            if "time" not in self.data[name].dims or self.data[name].dtype.kind not in "fiub":
                continue
            bands = self.quantile(name, levels).to_series().unstack("quantile")
            bands.columns = [f"q{level * 100:g}" for level in levels]
            bands.insert(0, "mean", self.mean(name).to_series())
            bands.insert(0, "variable", name)
            tables.append(bands.reset_index())
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def statement(self) -> str:
        """What it rests on, in one paragraph."""
        validity = "inside its stated validity" if not self.outside else "OUTSIDE validity: " + "; ".join(self.outside)
        evidence = ", ".join(self.evidence) if self.evidence else "none stored for this version"
        return (
            f"{self.kind} {self.model_version}, {self.subject}, scenario '{self.scenario.name}', as of "
            f"{utc(self.as_of):%Y-%m-%d %H:%M} UTC, {self.members} members, seed {self.seed}; {validity}; "
            f"evidence: {evidence}."
        )

    def plot(self, variable: str, ax: Any = None, **where: Any) -> Any:
        """Median with 50/80/95 % bands on matplotlib axes; returns the axes."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
        paths = self[variable].sel(**where)
        extra = [d for d in paths.dims if d not in ("member", "time")]
        if extra:
            raise BadInput("where", where, f"a label for each of: {', '.join(map(str, extra))}")
        at = self.data["time"].to_numpy()
        for level in sorted(BANDS, reverse=True):
            low, high = _quantile(paths, [(1 - level) / 2, (1 + level) / 2]).to_numpy()
            ax.fill_between(at, low, high, color="#0284c7", alpha=0.22, lw=0, label=f"{level:.0%} of futures")
        ax.plot(at, paths.median("member"), color="#0c4a6e", lw=1.6, label="median")
        unit = paths.attrs.get("unit", "")
        ax.set_ylabel(f"{paths.attrs.get('label', variable)}{f' [{unit}]' if unit not in ('', '1') else ''}")
        ax.set_title(f"{self.subject}: {self.scenario.name}, as of {utc(self.as_of):%Y-%m-%d %H:%M} UTC", fontsize=9)
        ax.legend(fontsize=8, frameon=False)
        return ax

    def _repr_html_(self) -> str:
        rows = []
        for name in map(str, self.data.data_vars):
            if self.data[name].dims != ("member", "time") or self.data[name].dtype.kind not in "fiub":
                continue
            last = self.data[name].isel(time=-1)
            low, mid, high = _quantile(last, [0.1, 0.5, 0.9]).to_numpy()
            label, unit = last.attrs.get("label", name), last.attrs.get("unit", "")
            rows.append(
                f"<tr><td>{escape(label)}</td><td>{mid:.4g} ({low:.4g} to {high:.4g})</td><td>{escape(unit)}</td></tr>"
            )
        end = utc(float(self.times[-1]))
        return (
            f"<table><caption>Forecast for {end:%Y-%m-%d %H:%M} UTC, median and 80 % band</caption>"
            f"{''.join(rows)}</table><p><small>{escape(self.statement())}</small></p>"
        )


def _quantile(paths: xr.DataArray, q: float | list[float]) -> xr.DataArray:
    """Over the members; NumPy has no quantiles of truth values, so these count as 0 and 1."""
    return (paths.astype(np.float64) if paths.dtype == np.bool_ else paths).quantile(q, dim="member")
