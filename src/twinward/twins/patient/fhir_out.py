"""A study as FHIR R4: what the twin holds for so as Observations, its risks as RiskAssessments, in one Bundle."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from twinward.connect.fhir import Estimate, Risk, observation, risk_assessment, written
from twinward.twins.patient.study import LEVEL, Study

_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")
_YEAR = 365.25 * 86400.0


def bundle(found: Study) -> dict[str, Any]:
    """A Bundle of type "collection", to be stored beside the record that it rests on.

    What a score that counts points says is an Observation; a probability is a RiskAssessment.
    """
    resources = [observation(one) for one in [*_estimates(found), *_parameters(found)]]
    resources += [observation(one) | _by(one.model) for one in _scores(found)]
    resources += [risk_assessment(one) | _by(one.model) for one in _risks(found)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": written(found.at),
        "entry": [{"fullUrl": f"urn:twinward:{r['resourceType']}:{r['id']}", "resource": r} for r in resources],
    }


def _estimates(found: Study) -> list[Estimate]:
    """The signs of the fitted body at the present."""
    if found.twin is None:
        return []
    from twinward.twins.patient.signals import SIGNS

    now, model = found.twin.estimate(found.at), _model(found)
    told = []
    for name in (sign.signal for sign in SIGNS):
        if name not in now:
            continue
        values = np.asarray(now[name], dtype=float).ravel()
        low, middle, high = (float(q) for q in np.quantile(values, (LEVEL[0], 0.5, LEVEL[1])))
        label, unit = str(now[name].attrs["label"]), str(now[name].attrs["unit"])
        sd = float(values.std())
        told.append(Estimate(found.record.id, name, label, unit, found.at, middle, sd, low, high, 0.9, model))
    return told


def _parameters(found: Study) -> list[Estimate]:
    """What the data told of the body; a prior is not this patient's and is left out."""
    return [
        Estimate(
            found.record.id, one.name, one.label, one.unit, found.at, one.value, math.nan, one.low, one.high, 0.9,
            _model(found),
        )
        for one in found.parameters
        if one.origin == "inferred"
    ]  # fmt: skip


def _scores(found: Study) -> list[Estimate]:
    return [
        Estimate(
            found.record.id, _name(one.label), one.label, one.risk.unit, found.at, one.risk.value, math.nan,
            *(one.risk.interval or (math.nan, math.nan)), 0.9, one.risk.source, _references(one.basis),
        )
        for one in found.risks
        if one.risk is not None and one.risk.unit != "1"
    ]  # fmt: skip


def _risks(found: Study) -> list[Risk]:
    return [
        Risk(
            found.record.id, one.risk.outcome, one.risk.value, found.at,
            found.at + (one.risk.horizon_years or 0.0) * _YEAR, found.at, one.label,
            " ".join(part for part in (one.risk.note, one.risk.source) if part), _references(one.basis),
        )
        for one in found.risks
        if one.risk is not None and one.risk.unit == "1"
    ]  # fmt: skip


def _model(found: Study) -> str:
    return "" if found.twin is None else f"{found.twin.model.kind} {found.twin.model.version}"


def _references(basis: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are references in FHIR: a line of a table is none, and what a report carries is told by the report."""
    whole = (one.partition("#")[0] for one in basis)
    return tuple(dict.fromkeys(one for one in whole if _REFERENCE.fullmatch(one)))


def _by(score: str) -> dict[str, Any]:
    """The method of what a published score says: no twin forecasts it."""
    return {"method": {"text": f"published score: {score}"}}


def _name(label: str) -> str:
    """A label as a code."""
    return "_".join("".join(c if c.isalnum() else " " for c in label.lower()).split())
