"""What a prognostic twin can and cannot: performance in hospitals it had not seen, calibration, subgroups."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from twinward.core.arrays import BoolArray, FloatArray
from twinward.twins.trial.analysis.glm import fit
from twinward.twins.trial.learn.twin import Twin, judged
from twinward.twins.trial.participants import Participants

_BINS, _FEWEST, _MOST_LEVELS = 10, 50, 6


def card(twin: Twin, history: Participants) -> dict[str, Any]:
    """Of forecasts by models that had not seen the participant's hospital.

    Args:
        history: the participants that the twin learned from.

    Returns:
        Plain data: "participants", "performance", "calibration" (with bins), "subgroups".
    """
    controls = history.controls()
    values = judged(controls.protocol.endpoint(twin.endpoint), controls.outcome(twin.endpoint))
    y = values[:, 0] if values.ndim == 2 else values
    kept = np.isfinite(values).all(axis=1) if values.ndim == 2 else np.isfinite(values)
    y, baseline, forecast = y[kept], controls.baseline.loc[kept], twin.cross_fitted
    told: dict[str, Any] = {
        "endpoint": twin.endpoint, "scale": twin.scale, "covariates": list(twin.covariates),
        "participants": int(kept.sum()), "without_outcome": int((~kept).sum()),
        "hospitals": None if controls.site is None else len(np.unique(controls.site[kept])),
        "share_of_trees": [part.share for part in twin.parts],
    }  # fmt: skip
    if twin.scale in ("time_to_event", "count"):
        return told  # what one participant came to is no number to score a mean with
    told["performance"] = _performance(twin.scale, y, forecast)
    told["calibration"] = _calibration(twin.scale, y, forecast)
    told["subgroups"] = [
        {"group": name, "participants": int(rows.sum()), "seen": float(y[rows].mean()),
         "forecast": float(forecast[rows].mean()), "r2": _r2(y[rows], forecast[rows])}
        for name, rows in _subgroups(controls, baseline)
        if rows.sum() >= _FEWEST
    ]  # fmt: skip
    return told


def _r2(y: FloatArray, forecast: FloatArray) -> float:
    if y.std() == 0 or forecast.std() == 0:
        return 0.0
    return float(np.corrcoef(y, forecast)[0, 1] ** 2)


def _performance(scale: str, y: FloatArray, forecast: FloatArray) -> dict[str, float]:
    found = {"r2": _r2(y, forecast), "rmse": float(np.sqrt(np.mean((y - forecast) ** 2)))}
    if scale == "binary":
        inside = np.clip(forecast, 1e-9, 1 - 1e-9)
        found |= {"auc": float(roc_auc_score(y, forecast)), "brier": float(np.mean((y - forecast) ** 2)),
                  "log_loss": float(-np.mean(y * np.log(inside) + (1 - y) * np.log(1 - inside)))}  # fmt: skip
    return found


def _calibration(scale: str, y: FloatArray, forecast: FloatArray) -> dict[str, Any]:
    """Intercept and slope (Cox 1958), expected calibration error over bins of equal count, and the bins."""
    order = np.argsort(forecast, kind="stable")
    bins = [
        {"forecast": float(forecast[rows].mean()), "seen": float(y[rows].mean()), "participants": len(rows)}
        for rows in np.array_split(order, min(_BINS, len(y)))
    ]
    error = sum(one["participants"] * abs(one["forecast"] - one["seen"]) for one in bins) / len(y)
    if scale == "binary":
        inside = np.clip(forecast, 1e-6, 1 - 1e-6)
        found = fit(np.column_stack([np.ones(len(y)), np.log(inside / (1 - inside))]), y, "binomial")
    else:
        found = fit(np.column_stack([np.ones(len(y)), forecast]), y, "gaussian")
    intercept, slope = (float(one) for one in found.coefficients)
    return {"intercept": intercept, "slope": slope, "ece": float(error), "bins": bins}


def _subgroups(controls: Participants, baseline: pd.DataFrame) -> list[tuple[str, BoolArray]]:
    found: list[tuple[str, BoolArray]] = []
    for name, what in controls.protocol.baseline.items():
        label, column = what.label or name, baseline[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels = [level for level in column.cat.categories if (column == level).any()]
            if len(levels) <= _MOST_LEVELS:
                found += [(f"{label}: {level}", (column == level).to_numpy()) for level in levels]
            continue
        numbers = column.to_numpy(float)
        low, high = np.nanquantile(numbers, (1 / 3, 2 / 3))
        found.append((f"{label} up to {low:g}", numbers <= low))
        found.append((f"{label} above {high:g}", numbers > high))
    return found


def told(card: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    hospitals = "" if card["hospitals"] is None else f" of {card['hospitals']} hospitals"
    lines = [
        f"# Prognostic twin: {card['endpoint']}", "",
        f"Learned from {card['participants']} participants under control{hospitals}.",
        f"{card['without_outcome']} more had no outcome.",
        f"Scale: {card['scale']}. Covariates: {', '.join(card['covariates'])}.", "",
        "All numbers are of forecasts by models that had not seen the participant's hospital.",
    ]  # fmt: skip
    if "performance" not in card:
        return "\n".join([*lines, "", "Only the mean was learned; no performance of single forecasts is told."]) + "\n"
    lines += ["", "## Performance", "", *(f"- {name}: {value:.4g}" for name, value in card["performance"].items())]
    calibration = card["calibration"]
    line = f"Intercept {calibration['intercept']:.3f}, slope {calibration['slope']:.3f}, "
    line += f"expected calibration error {calibration['ece']:.4f}."
    lines += ["", "## Calibration", "", line, "", "| forecast | seen | participants |", "|---|---|---|"]
    lines += [f"| {one['forecast']:.3f} | {one['seen']:.3f} | {one['participants']} |" for one in calibration["bins"]]
    lines += ["", "## Subgroups", "", "| group | participants | seen | forecast | R2 |", "|---|---|---|---|---|"]
    lines += [
        f"| {one['group']} | {one['participants']} | {one['seen']:.3f} | {one['forecast']:.3f} | {one['r2']:.3f} |"
        for one in card["subgroups"]
    ]
    lines += ["", "Decision support for research and education; not a cleared medical device."]
    return "\n".join(lines) + "\n"
