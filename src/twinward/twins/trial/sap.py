"""The statistical analysis plan: written, hashed before unblinding, and held to."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from twinward.core import durable
from twinward.core.declared import parse_toml
from twinward.errors import BadInput, TwinwardError

Estimator = Literal["unadjusted", "ANCOVA", "g-computation", "PROCOVA", "score and covariates"]
ESTIMATORS: tuple[str, ...] = get_args(Estimator)


class NotAsPlanned(TwinwardError):
    """An analysis is not the one that was specified before unblinding."""


class Plan(BaseModel):
    """What will be done, said before anybody sees an outcome by arm.

    Args:
        endpoint: name in the trial file.
        arm: value of the arm's column that is held against the control; the only other one where empty.
        estimand: marginal: difference (of means, risks, rates, restricted mean times) or ratio (of risks, odds, rates);
            or the hazard ratio, which is conditional on what is adjusted for.
        estimator: the primary one; the others are told beside it.
        covariates: of the baseline, for the estimators that adjust.
        alpha: two-sided.
        residuals: how the residuals of linear models are widened for small samples (`analysis.g_computation`); HC3 is
            the more careful one.
        bias_sd: standard deviation of the twins' bias that history leaves, in the outcome's unit: where given, Bayesian
            PROCOVA is told beside, never as the primary one (`analysis.mixture`).
        twins: digests of the locked twins whose scores are used: the endpoint's first, then any of other endpoints.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str
    arm: str = ""
    estimand: Literal["difference", "risk ratio", "odds ratio", "rate ratio", "hazard ratio"] = "difference"
    estimator: Estimator = "ANCOVA"
    covariates: list[str] = []
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    residuals: Literal["HC2", "HC3"] = "HC2"
    bias_sd: Annotated[float, Field(gt=0)] | None = None
    twins: list[str] = []

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, whatever the file's spaces and order."""
        # what was not said is left out, so that a plan locked before a field was known is still the same
        told = json.dumps(self.model_dump(exclude_none=True), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()


def load_plan(path: Path) -> Plan:
    """The plan of a TOML file.

    Raises:
        BadInput: there is no such file.
        BadFile: one line a fault.
    """
    if not path.is_file():
        raise BadInput("plan", str(path), "a statistical analysis plan (TOML)")
    return parse_toml(path.read_text(encoding="utf-8"), Plan, "statistical analysis plan")


def lock(path: Path) -> Path:
    """Write beside the plan what it says now, and when; returns the lock.

    Raises:
        NotAsPlanned: it is locked already and says something else.
    """
    plan, beside = load_plan(path), _beside(path)
    if beside.exists():
        held(path)
        return beside
    told = {"plan": path.name, "sha256": plan.digest, "locked": datetime.now(UTC).isoformat(timespec="seconds")}
    durable.write(beside, f"{json.dumps(told, indent=1)}\n".encode())
    return beside


def held(path: Path) -> Plan:
    """The plan, which must be the one that was locked.

    Raises:
        NotAsPlanned: it was never locked, or was changed since.
    """
    plan, beside = load_plan(path), _beside(path)
    if not beside.exists():
        raise NotAsPlanned(
            f"{path.name} was never locked: `twinward trial prespecify` before anybody sees outcomes by arm"
        )
    told = json.loads(beside.read_text(encoding="utf-8"))
    if told.get("sha256") != plan.digest:
        raise NotAsPlanned(f"{path.name} says something else than what was locked on {told.get('locked')}")
    return plan


def _beside(path: Path) -> Path:
    return path.with_suffix(".lock.json")
