"""Alert rules on forecasts: "P(unit_census[ED] > 40 within 4 h) > 0.7", read and judged."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from twinward.core.times import seconds, text
from twinward.errors import BadInput

_RULE = re.compile(
    r"^\s*P\(\s*(?P<variable>\w+)\s*(?:\[(?P<label>[^\]]+)\])?\s*(?P<sign>>|<)\s*(?P<threshold>-?\d+(?:\.\d+)?)"
    r"\s+within\s+(?P<within>[\d.]+\s*\w+)\s*\)\s*>\s*(?P<probability>0?\.\d+|0|1(?:\.0+)?)\s*$"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a forecast calls for somebody.

    Args:
        text: as it is written.
        name: what a person reads.
        severity: "info", "warning", "critical".
        variable, label: of the forecast; label is "" where the variable has one path only.
        above: whether above (or below) the threshold is what must not be.
        threshold: in the variable's unit.
        within: seconds ahead.
        probability: more than this share of the futures.
    """

    text: str
    name: str
    severity: str
    variable: str
    label: str
    above: bool
    threshold: float
    within: float
    probability: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a forecast says of a rule.

    Args:
        rule: its text.
        probability: the share of the futures in which it happens.
        lead: seconds until it does, the median of those futures; None where it happens in none.
        why: in words, with numbers.
    """

    rule: str
    probability: float
    lead: float | None
    why: str


def rule(written: str, name: str = "", severity: str = "warning") -> Rule:
    """Read a rule.

    Raises:
        BadInput: it cannot be read; the message shows how one looks.

    Example:
        >>> rule("P(unit_census[ED] > 40 within 4 h) > 0.7").within
        14400.0
    """
    match = _RULE.match(written)
    if match is None:
        raise BadInput("alert rule", written, "a rule such as 'P(unit_census[ED] > 40 within 4 h) > 0.7'")
    if severity not in ("info", "warning", "critical"):
        raise BadInput("severity", severity, "info, warning or critical")
    return Rule(
        text=written,
        name=name or written,
        severity=severity,
        variable=match["variable"],
        label=(match["label"] or "").strip(),
        above=match["sign"] == ">",
        threshold=float(match["threshold"]),
        within=seconds(match["within"], "within"),
        probability=float(match["probability"]),
    )


def judge(rules: tuple[Rule, ...], futures: xr.Dataset, at: float) -> tuple[Verdict, ...]:
    """Hold each rule against the futures; one on a variable that they do not have reads 0 and says so."""
    times = futures["time"].to_numpy().astype("datetime64[ms]").astype(np.int64) / 1000
    return tuple(_judge(one, futures, times, at) for one in rules)


def _judge(one: Rule, futures: xr.Dataset, times: np.ndarray[Any, Any], at: float) -> Verdict:
    paths = _paths(one, futures)
    if paths is None:
        return Verdict(one.text, 0.0, None, f"the forecast has no {one.variable}[{one.label}]")
    soon = times <= at + one.within + 1e-6
    hit = (paths > one.threshold if one.above else paths < one.threshold) & soon
    happens = hit.any(axis=1)
    share = float(happens.mean())
    lead = float(np.median(times[hit[happens].argmax(axis=1)]) - at) if happens.any() else None
    extreme = paths[:, soon].max(axis=1) if one.above else paths[:, soon].min(axis=1)
    low, middle, high = np.quantile(extreme, [0.1, 0.5, 0.9])
    word = "highest" if one.above else "lowest"
    why = f"{word} within {text(one.within)}: {middle:.3g} (80 % of futures: {low:.3g} to {high:.3g})"
    return Verdict(one.text, share, lead, why)


def _paths(one: Rule, futures: xr.Dataset) -> np.ndarray[Any, Any] | None:
    if one.variable not in futures.data_vars:
        return None
    variable = futures[one.variable]
    others = [dim for dim in variable.dims if dim not in ("member", "time")]
    if len(others) != (1 if one.label else 0):
        return None
    if one.label:
        if one.label not in futures[others[0]].to_numpy().tolist():
            return None
        variable = variable.sel({others[0]: one.label})
    return variable.transpose("member", "time").to_numpy()
