"""A predetermined change control plan: which changes of a model may be made, how each is tried, what it may do.

The three parts are those of the FDA's guidance "Marketing Submission Recommendations for a Predetermined Change Control
Plan for Artificial Intelligence-Enabled Device Software Functions" (December 2024): description of modifications,
modification protocol, impact assessment. Here they are data, so that a promotion is gated by them and not by a reader.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twinward.core.declared import parse_toml
from twinward.errors import BadInput

_Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Criterion(_Strict):
    """A measured number and where it must lie; one of the two ends at least."""

    metric: _Text
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _an_end(self) -> "Criterion":
        if self.at_least is None and self.at_most is None:
            raise ValueError("expected at_least or at_most")
        return self

    def fault(self, measured: Mapping[str, float]) -> str:
        """Why it is not met; empty where it is. What was not measured is not met."""
        value = measured.get(self.metric)
        if value is None or not math.isfinite(value):
            return f"{self.metric} was not measured"
        if self.at_least is not None and value < self.at_least:
            return f"{self.metric} is {value:g}, planned at least {self.at_least:g}"
        if self.at_most is not None and value > self.at_most:
            return f"{self.metric} is {value:g}, planned at most {self.at_most:g}"
        return ""


class Protocol(_Strict):
    """How a modification is made and tried (the guidance's four parts).

    Args:
        data: which data it learns from and is tried on, and how these are kept apart.
        retraining: what is learnt anew, and what stays as it is.
        labels: fewest labels that the evaluation must rest on.
        acceptance: criteria, all of which must be met.
        update: how the change reaches its users and how they are told.
    """

    data: _Text
    retraining: _Text
    labels: Annotated[int, Field(ge=1)]
    acceptance: Annotated[list[Criterion], Field(min_length=1)]
    update: _Text


class Impact(_Strict):
    """What the modification may bring: benefits, risks, and what is done against these."""

    benefits: Annotated[list[_Text], Field(min_length=1)]
    risks: Annotated[list[_Text], Field(min_length=1)]
    mitigations: Annotated[list[_Text], Field(min_length=1)]


class Modification(_Strict):
    """One kind of change: what it is, how it is tried, what it may do.

    Args:
        what: in words; rationale: why it is foreseen.
        automatic: it may be promoted without a person; otherwise whoever approves is named.
        most: how often it may be promoted in all; None: without limit.
    """

    what: _Text
    rationale: _Text
    automatic: bool
    protocol: Protocol
    impact: Impact
    most: Annotated[int, Field(ge=1)] | None = None


class ChangePlan(_Strict):
    """The plan of one model.

    Args:
        model: name of the model; use: what it is for, which no modification changes.
        modifications: name -> modification. What is not named here cannot be promoted.
    """

    model: _Text
    use: _Text
    modifications: Annotated[dict[str, Modification], Field(min_length=1)]

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, whatever the file's spaces and order."""
        told = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()

    def judge(self, proposal: "Proposal", earlier: int = 0) -> "Verdict":
        """Whether a change may be promoted, and every reason why not.

        Args:
            earlier: how often this modification was promoted before.
        """
        change = self.modifications.get(proposal.modification)
        if change is None:
            known = ", ".join(sorted(self.modifications))
            return Verdict(False, (f"modification {proposal.modification!r} is not in the plan ({known})",))
        faults = [fault for one in change.protocol.acceptance if (fault := one.fault(proposal.measured))]
        if proposal.labels < change.protocol.labels:
            faults.append(f"it rests on {proposal.labels} labels, planned at least {change.protocol.labels}")
        if not change.automatic and not proposal.approved_by:
            faults.append("it wants a person's approval, and names nobody")
        if change.most is not None and earlier >= change.most:
            faults.append(f"it was promoted {earlier} times, planned at most {change.most}")
        return Verdict(not faults, tuple(faults))


@dataclass(frozen=True)
class Proposal:
    """A change that is proposed, and what was measured of it under the protocol.

    Args:
        modification: its name in the plan.
        measured: metric -> value, those of the acceptance criteria at least.
        labels: that the evaluation rests on.
        approved_by: who approved it, where a person must.
    """

    modification: str
    measured: Mapping[str, float]
    labels: int
    approved_by: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether a change is within the plan; `reasons` why it is not."""

    allowed: bool
    reasons: tuple[str, ...] = ()


def parse_plan(text: str) -> ChangePlan:
    """The plan that a text of TOML tells.

    Raises:
        BadFile: one line a fault.
    """
    return parse_toml(text, ChangePlan, "change control plan")


def load_plan(path: Path) -> ChangePlan:
    """The plan of a file.

    Raises:
        BadInput: there is no such file.
        BadFile: one line a fault.
    """
    if not path.is_file():
        raise BadInput("plan", str(path), "a change control plan (TOML)")
    return parse_plan(path.read_text(encoding="utf-8"))
