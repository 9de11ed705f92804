"""The heavy work, done in worker processes: forecasts and rehearsals from a belief, told back as plain data."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import msgspec
import numpy as np
import xarray as xr

from twinward.core import Belief, Model, Observations, Scenario, Twin, kind
from twinward.core.scenario import Action
from twinward.live.facts import LEVELS, Band, Forecasted, Rehearsed
from twinward.live.rules import Rule, Verdict, judge

SCORED = 40  # variables at most whose members are kept to be scored


@dataclass(frozen=True, slots=True)
class Made:
    """How a twin's model is made.

    Args:
        kind: name of the kind.
        options: of the kind's model, as pairs.
    """

    kind: str
    options: tuple[tuple[str, Any], ...] = ()

    def model(self) -> Model:
        """The model, made once in each process."""
        return _model(self)


@lru_cache(maxsize=16)
def _model(made: Made) -> Model:
    return kind(made.kind).model(**dict(made.options))


@dataclass(frozen=True, eq=False)
class Job:
    """A forecast asked for.

    Args:
        made, subject, belief, seed: of the twin.
        at, position: from when, and up to which entry of the journal everything was known.
        horizon, step: seconds.
        leads: seconds ahead at which members are kept for scoring.
        rules: of the alerts to judge.
        seen: what was observed in the last days, for the board.
    """

    made: Made
    subject: str
    belief: Belief
    seed: int
    at: float
    position: int
    horizon: float
    step: float
    leads: tuple[float, ...] = ()
    rules: tuple[Rule, ...] = ()
    seen: Observations | None = None


@dataclass(frozen=True, eq=False)
class Done:
    """A forecast made: what is told, the members kept for scoring, the rules judged."""

    forecast: Forecasted
    members: Mapping[str, list[list[float]]]  # variable -> one list of members a lead
    verdicts: tuple[Verdict, ...]


def forecast(job: Job) -> Done:
    """Run one forecast (in a worker process)."""
    began = time.perf_counter()
    model = job.made.model()
    twin = Twin.of_belief(model, job.subject, job.belief, seed=job.seed)
    made = twin.forecast(job.horizon, step=job.step, at=job.at, extrapolate=True)
    bands = bands_of(made.data)
    show = kind(job.made.kind).board
    board = None
    if show is not None and job.seen is not None:
        board = msgspec.to_builtins(show(model, job.belief, job.at, made.data, job.seen))
    told = Forecasted(
        twin=job.subject,
        kind=made.kind,
        model_version=made.model_version,
        seed=job.seed,
        members=made.members,
        at=job.at,
        position=job.position,
        belief=job.belief.digest(),
        digest=digest(made.data),
        outside=made.outside,
        evidence=", ".join(made.evidence) if made.evidence else "none stored for this version",
        scenario=made.scenario.name,
        bands=bands,
        board=board,
        seconds=time.perf_counter() - began,
    )
    return Done(told, _at_leads(made.data, job.at, job.leads), judge(job.rules, made.data, job.at))


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """Scenarios to rehearse; `members` futures each."""

    job: Job
    scenarios: Mapping[str, list[dict[str, Any]]]
    id: str
    by: str


def rehearse(asked: Rehearsal) -> Rehearsed:
    """Run one rehearsal (in a worker process): common random numbers, paired differences."""
    began = time.perf_counter()
    job = asked.job
    model = job.made.model()
    twin = Twin.of_belief(model, job.subject, job.belief, seed=job.seed)
    plans = {name: Scenario(name, actions_of(actions)) for name, actions in asked.scenarios.items()}
    compared = twin.compare(plans, job.horizon, step=job.step, at=job.at, extrapolate=True)
    rows = compared.table().to_dict("records")
    show = kind(job.made.kind).board
    seen = job.seen if job.seen is not None else Observations.of([])
    boards = {}
    if show is not None:
        for name, made in compared.forecasts.items():
            boards[name] = msgspec.to_builtins(show(model, job.belief, job.at, made.data, seen))
    return Rehearsed(
        id=asked.id,
        twin=job.subject,
        at=job.at,
        horizon=job.horizon,
        members=job.belief.members,
        position=job.position,
        scenarios={name: list(actions) for name, actions in asked.scenarios.items()},
        rows=[{str(key): _finite(value) for key, value in row.items()} for row in rows],
        bands={name: bands_of(made.data) for name, made in compared.forecasts.items()},
        boards=boards,
        seconds=time.perf_counter() - began,
        by=asked.by,
    )


def warm(made: Made, subject: str, horizon: float, step: float) -> float:
    """Make a model ready in this process: what is compiled is loaded; the seconds it took."""
    began = time.perf_counter()
    twin = Twin(made.model(), subject, members=2)
    twin.forecast(horizon, step=step, at=0.0, extrapolate=True)
    return time.perf_counter() - began


def actions_of(actions: list[dict[str, Any]]) -> tuple[Action, ...]:
    """Actions from plain data; what is left out has the default of `Action`."""
    return tuple(Action(**action) for action in actions)


def bands_of(data: xr.Dataset) -> dict[str, Band]:
    """The quantiles of every numeric variable over time, one band a label of a further dimension."""
    times = tuple((data["time"].to_numpy().astype("datetime64[ms]").astype(np.int64) / 1000).tolist())
    found = {}
    for name, label, paths in paths_of(data):
        levels = np.quantile(paths, LEVELS, axis=0).T
        variable = data[name.partition("[")[0]]
        unit = str(variable.attrs.get("unit", ""))
        words = str(variable.attrs.get("label", name)) + (f", {label}" if label else "")
        found[name] = Band(name, words, unit, times, tuple(map(tuple, levels.tolist())))
    return found


def paths_of(data: xr.Dataset) -> list[tuple[str, str, np.ndarray[Any, Any]]]:
    """(name, label, members x times) of every numeric variable over time."""
    found = []
    for name in map(str, data.data_vars):
        variable = data[name]
        if not {"member", "time"} <= set(variable.dims) or variable.dtype.kind not in "fiu":
            continue
        others = [str(dim) for dim in variable.dims if dim not in ("member", "time")]
        if any(dim not in data.coords or data.sizes[dim] > SCORED for dim in others):
            continue
        for labels in product(*(data[dim].to_numpy().tolist() for dim in others)):
            chosen = variable.sel(dict(zip(others, labels, strict=True))).transpose("member", "time")
            label = ", ".join(map(str, labels))
            found.append((f"{name}[{label}]" if label else name, label, chosen.to_numpy().astype(np.float64)))
    return found


def digest(data: xr.Dataset) -> str:
    """Hash of every number in it."""
    whole = hashlib.blake2b(digest_size=16)
    for name in sorted(map(str, data.data_vars)):
        whole.update(name.encode())
        whole.update(np.ascontiguousarray(data[name].to_numpy()).tobytes())
    return whole.hexdigest()


def _at_leads(data: xr.Dataset, at: float, leads: tuple[float, ...]) -> dict[str, list[list[float]]]:
    times = data["time"].to_numpy().astype("datetime64[ms]").astype(np.int64) / 1000 - at
    rows = [int(np.argmin(np.abs(times - lead))) for lead in leads]
    return {name: [paths[:, i].tolist() for i in rows] for name, _, paths in paths_of(data)[:SCORED]} if rows else {}


def _finite(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
