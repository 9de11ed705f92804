"""What a prognostic twin can and cannot: performance in hospitals it had not seen, calibration, subgroups."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from twinward.core.arrays import BoolArray, FloatArray
from twinward.twins.trial.analysis.glm import Family, fit
from twinward.twins.trial.analysis.pseudo import cumulative_incidence, restricted_mean
from twinward.twins.trial.learn.base import Forecast
from twinward.twins.trial.learn.continuous import Amounts
from twinward.twins.trial.learn.events import Endings
from twinward.twins.trial.learn.twin import Twin, with_outcome
from twinward.twins.trial.learn.visits import Paths
from twinward.twins.trial.participants import Participants
from twinward.twins.trial.protocol import Endpoint, Longitudinal, Protocol, TimeToEvent

_BINS, _FEWEST, _MOST_LEVELS, _MOST_HOSPITALS = 10, 50, 6, 10
_FAMILIES: Mapping[str, Family] = {"binary": "binomial", "count": "poisson"}  # others: gaussian
_BLOCK = 256  # events compared with everybody at once, so that memory stays small


def card(twin: Twin, history: Participants) -> dict[str, Any]:
    """Of forecasts by models that had not seen the participant's hospital.

    Intervals are 95 % and take participants as independent of each other.

    Args:
        twin: as it was learned (a loaded one has no such forecasts).
        history: the participants that the twin learned from.

    Returns:
        Plain data: "participants", "outcome" (what is scored), "words" (labels, units, levels and visits, as a person
        reads them), "performance", "calibration" (with bins), "subgroups".
    """
    assert twin.unseen is not None  # a loaded twin brings its card along
    controls = history.controls()
    what, values = controls.protocol.endpoint(twin.endpoint), controls.outcome(twin.endpoint)
    kept = with_outcome(what, values)
    values, told = values[kept], controls.take(kept)
    y, forecast = _scored(what, values, twin.unseen)
    seen = np.isfinite(y)
    performance = _performance(what, values, twin.unseen, y[seen], forecast[seen])
    groups = [(name, rows & seen) for name, rows in _subgroups(told)]
    return {
        "endpoint": twin.endpoint, "scale": twin.scale, "covariates": list(twin.covariates),
        "words": _words(controls.protocol, twin),
        "participants": int(seen.sum()), "without_outcome": int(len(controls) - seen.sum()),
        "hospitals": None if told.site is None else len(np.unique(told.site)),
        "outcome": _OUTCOMES[twin.scale], "share_of_trees": [part.share for part in twin.parts],
        "performance": performance, "calibration": _calibration(twin.scale, y[seen], forecast[seen]),
        "subgroups": [_subgroup(name, y[rows], forecast[rows]) for name, rows in groups if rows.sum() >= _FEWEST],
    }  # fmt: skip


def _words(protocol: Protocol, twin: Twin) -> dict[str, Any]:
    what = protocol.endpoint(twin.endpoint)
    told = [(name, protocol.baseline[name]) for name in twin.covariates]
    return {
        "labels": {name: how.label or name for name, how in told}, "units": {name: how.unit for name, how in told},
        "unit": getattr(what, "unit", "1"), "levels": list(getattr(what, "levels", ())),
        "visits": list(what.visits.values()) if isinstance(what, Longitudinal) else [],
    }  # fmt: skip


_OUTCOMES = {
    "binary": "whether it happened", "ordinal": "the level, 0 the lowest", "continuous": "the number",
    "count": "the count within the exposure", "longitudinal": "the number at the last visit",
    "time_to_event": "pseudo-observations of the mean time without it, or of the risk, up to the horizon",
}  # fmt: skip


def _scored(what: Endpoint, values: FloatArray, unseen: Forecast) -> tuple[FloatArray, FloatArray]:
    """(participants,) one number that came of each (NaN: none), and what was expected of it."""
    if what.scale == "count":
        return values[:, 0], unseen.mean * values[:, 1]
    if what.scale == "longitudinal":
        return values[:, -1], unseen.mean
    if isinstance(what, TimeToEvent):
        make = cumulative_incidence if what.competing else restricted_mean
        return make(values[:, 0], values[:, 1], what.horizon), unseen.mean
    return values, unseen.mean


def _r2(y: FloatArray, forecast: FloatArray) -> float:
    if y.std() == 0 or forecast.std() == 0:
        return 0.0
    return float(np.corrcoef(y, forecast)[0, 1] ** 2)


def _r2_interval(r2: float, participants: int) -> list[float]:
    """By Fisher's transformation (1921) of the correlation."""
    reach = norm.ppf(0.975) / np.sqrt(max(participants - 3, 1))
    middle = np.arctanh(min(np.sqrt(r2), 1.0 - 1e-12))
    return [float(np.tanh(max(middle - reach, 0.0)) ** 2), float(np.tanh(middle + reach) ** 2)]


def _performance(
    what: Endpoint, values: FloatArray, unseen: Forecast, y: FloatArray, forecast: FloatArray
) -> dict[str, float]:
    found = {"r2": _r2(y, forecast), "rmse": float(np.sqrt(np.mean((y - forecast) ** 2)))}
    found["r2_low"], found["r2_high"] = _r2_interval(found["r2"], len(y))
    if what.scale == "binary":
        found["auc"] = float(roc_auc_score(y, forecast))
    found |= {name: float(np.nanmean(one)) for name, one in unseen.scores(values).items()}
    numbers = unseen.visits[-1] if isinstance(unseen, Paths) else unseen
    if isinstance(numbers, Amounts):
        last = values if values.ndim == 1 else values[:, -1]
        inside = (numbers.quantile(0.05) <= last) & (last <= numbers.quantile(0.95))
        found["covered_90"] = float(inside[np.isfinite(last)].mean())
    if isinstance(unseen, Endings):
        found["concordance"] = concordance(values[:, 0], values[:, 1], float(unseen.edges[-1]), unseen.incidence)
    return {name: one for name, one in found.items() if np.isfinite(one)}


def concordance(time: FloatArray, how: FloatArray, horizon: float, risk: FloatArray) -> float:
    """Share of pairs in which who had the event first was given the higher risk; ties of the risk count half.

    Harrell's C up to the horizon; whom the competing event (2) took never had it (Wolbers 2009, Epidemiology 20:555).
    Censoring makes it depend on who was watched how long. NaN where no pair can be compared.

    Example:
        >>> concordance(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0]), 9.0, np.array([0.9, 0.5, 0.1]))
        1.0
    """
    free = np.where(how == 2, np.inf, time)
    first = np.flatnonzero((how == 1) & (time <= horizon))
    pairs = right = 0.0
    for start in range(0, len(first), _BLOCK):
        block = first[start : start + _BLOCK]
        later = free > time[block, None]
        higher, same = risk < risk[block, None], risk == risk[block, None]
        pairs += later.sum()
        right += (later & higher).sum() + 0.5 * (later & same).sum()
    return float(right / pairs) if pairs else float("nan")


def _calibration(scale: str, y: FloatArray, forecast: FloatArray) -> dict[str, Any]:
    """Intercept and slope (Cox 1958), expected calibration error over bins of equal count, and the bins."""
    order = np.argsort(forecast, kind="stable")
    bins = [
        {"forecast": float(forecast[rows].mean()), "seen": float(y[rows].mean()), "participants": len(rows)}
        for rows in np.array_split(order, min(_BINS, len(y)))
    ]
    error = sum(one["participants"] * abs(one["forecast"] - one["seen"]) for one in bins) / len(y)
    family = _FAMILIES.get(scale, "gaussian")
    linear = forecast
    if family == "binomial":
        inside = np.clip(forecast, 1e-6, 1 - 1e-6)
        linear = np.log(inside / (1 - inside))
    elif family == "poisson":
        linear = np.log(np.maximum(forecast, 1e-8))
    found = fit(np.column_stack([np.ones(len(y)), linear]), y, family)
    intercept, slope = (float(one) for one in found.coefficients)
    return {"intercept": intercept, "slope": slope, "ece": float(error), "bins": bins}


def _subgroup(name: str, y: FloatArray, forecast: FloatArray) -> dict[str, Any]:
    """How it does there: what came less what was expected with its interval, R2 with its interval."""
    off = y - forecast
    reach = norm.ppf(0.975) * float(off.std(ddof=1)) / np.sqrt(len(y))
    r2, middle = _r2(y, forecast), float(off.mean())
    return {
        "group": name, "participants": len(y), "seen": float(y.mean()), "forecast": float(forecast.mean()),
        "off": middle, "off_low": middle - reach, "off_high": middle + reach,
        "r2": r2, **dict(zip(("r2_low", "r2_high"), _r2_interval(r2, len(y)), strict=True)),
    }  # fmt: skip


def _subgroups(told: Participants) -> Iterator[tuple[str, BoolArray]]:
    """Levels of nominal covariates with few of them, the outer thirds of numbers, the largest hospitals."""
    for name, what in told.protocol.baseline.items():
        label, column = what.label or name, told.baseline[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels = [level for level in column.cat.categories if (column == level).any()]
            if len(levels) <= _MOST_LEVELS:
                yield from ((f"{label}: {level}", (column == level).to_numpy()) for level in levels)
            continue
        numbers = column.to_numpy(float)
        if np.isfinite(numbers).any():
            low, high = np.nanquantile(numbers, (1 / 3, 2 / 3))
            yield f"{label} up to {low:g}", numbers <= low
            yield f"{label} above {high:g}", numbers > high
    if told.site is not None:
        for name in pd.Series(told.site).value_counts(sort=True).index[:_MOST_HOSPITALS]:
            yield f"Hospital {name}", told.site == name


MEASURES = {
    "r2": "R²", "auc": "AUC", "concordance": "Concordance", "brier": "Brier score", "rmse": "RMSE", "crps": "CRPS",
    "rps": "Ranked probability score", "log_loss": "Log loss", "covered_90": "Held by 90 % intervals",
}  # fmt: skip


def scores(card: Mapping[str, Any]) -> list[str]:
    """Each score with its number, R2 with its interval."""
    found = card["performance"]
    told = [f"{MEASURES.get(name, name)} {value:.4g}" for name, value in found.items() if not name.startswith("r2")]
    return [f"R² {found['r2']:.3f} ({found['r2_low']:.3f} to {found['r2_high']:.3f})", *told]


def told(card: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    hospitals = "" if card["hospitals"] is None else f" of {card['hospitals']} hospitals"
    calibration = card["calibration"]
    lines = [
        f"# Prognostic twin: {card['endpoint']}", "",
        f"Learned from {card['participants']} participants under control{hospitals}.",
        f"{card['without_outcome']} more had no outcome.",
        f"Scale: {card['scale']}. Covariates: {', '.join(card['covariates'])}.", "",
        f"All numbers are of forecasts by models that had not seen the participant's hospital, of {card['outcome']}.",
        "Intervals are 95 % and take participants as independent.",
        "", "## Performance", "", *(f"- {score}" for score in scores(card)),
        "", "## Calibration", "",
        f"Intercept {calibration['intercept']:.3f}, slope {calibration['slope']:.3f}, "
        f"expected calibration error {calibration['ece']:.4f}.",
        "", "| forecast | seen | participants |", "|---|---|---|",
        *(f"| {one['forecast']:.3f} | {one['seen']:.3f} | {one['participants']} |" for one in calibration["bins"]),
        "", "## Subgroups", "", "| group | participants | seen | forecast | seen less forecast | R² |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {one['group']} | {one['participants']} | {one['seen']:.3f} | {one['forecast']:.3f} "
        f"| {one['off']:.3f} ({one['off_low']:.3f} to {one['off_high']:.3f}) "
        f"| {one['r2']:.3f} ({one['r2_low']:.3f} to {one['r2_high']:.3f}) |"
        for one in card["subgroups"]
    ]
    lines += ["", "Decision support for research and education; not a cleared medical device."]
    return "\n".join(lines) + "\n"
