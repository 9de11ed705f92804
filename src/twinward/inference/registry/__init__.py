"""Versions of a model under a predetermined change control plan, with an audit that can only grow."""

from importlib.resources import files

from twinward.inference.registry.audit import Audit, Entry
from twinward.inference.registry.plan import (
    ChangePlan,
    Criterion,
    Impact,
    Modification,
    Proposal,
    Protocol,
    Verdict,
    load_plan,
    parse_plan,
)
from twinward.inference.registry.registry import OutsidePlan, Registry


def recalibration_plan() -> ChangePlan:
    """A ready plan for forecast chances: recalibration by itself, retraining with a person's approval."""
    return parse_plan((files(__package__) / "recalibration.toml").read_text(encoding="utf-8"))


__all__ = [
    "Audit",
    "ChangePlan",
    "Criterion",
    "Entry",
    "Impact",
    "Modification",
    "OutsidePlan",
    "Proposal",
    "Protocol",
    "Registry",
    "Verdict",
    "load_plan",
    "parse_plan",
    "recalibration_plan",
]
