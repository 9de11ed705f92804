"""A study as plain data, for JSON and for other programs."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from twinward.core.times import utc
from twinward.twins.patient.study import Study


def summary(found: Study) -> dict[str, Any]:
    """Everything that `twinward patient` tells, as plain data; NaN becomes null."""
    told: dict[str, Any] = {
        "patient": found.record.id,
        "at": utc(found.at).isoformat(),
        "resources": dict(found.record.resources),
        "values": [asdict(one) for one in found.values],
        "conditions": [asdict(one) for one in found.record.diagnoses if one.holds(found.at)],
        "medications": [asdict(one) for one in found.record.medications if one.holds(found.at)],
        "risks": [
            {"label": one.label, "why_not": one.why_not, "inputs": dict(one.inputs), "basis": list(one.basis)}
            | ({"risk": asdict(one.risk)} if one.risk is not None else {})
            for one in found.risks
        ],
        "parameters": [asdict(one) for one in found.parameters],
        "fitted": found.fitted,
        "why_no_body": found.why_no_body,
        "why_no_comparison": found.why_no_comparison,
        "refused": [asdict(one) for one in found.record.refused],
    }
    if found.forecast is not None:
        told["forecast"] = _forecast(found)
        told["unexplained"] = [asdict(one) for one in found.unexplained]
    if found.comparison is not None:
        told["comparison"] = found.comparison.table(0.9).to_dict("records")
    plain: dict[str, Any] = _plain(told)
    return plain


def _forecast(found: Study) -> dict[str, Any]:
    assert found.forecast is not None
    made = found.forecast
    signals = [name for name in made.data.data_vars if name in _signals()]
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
    return {
        "as_of": utc(made.as_of).isoformat(),
        "model_version": made.model_version,
        "seed": made.seed,
        "members": made.members,
        "outside_validity": list(made.outside),
        "evidence": list(made.evidence),
        "time": [utc(t).isoformat() for t in made.times],
        "quantiles": quantiles,
        "variables": {
            str(name): {
                "unit": made[str(name)].attrs["unit"],
                "label": made[str(name)].attrs["label"],
                "values": made.quantile(str(name), quantiles).transpose("quantile", "time").to_numpy().tolist(),
            }
            for name in signals
        },
    }


def _signals() -> frozenset[str]:
    from twinward.twins.patient.signals import SIGNS

    return frozenset(sign.signal for sign in SIGNS)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
