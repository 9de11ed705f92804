"""The state a run starts from, and what is drawn about it: time still to go, patience left, the next step."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from twinward.engines.events import memory as m
from twinward.engines.events.distributions import Distribution
from twinward.engines.events.memory import SERVING, WAITING
from twinward.engines.events.network import EXIT, Network
from twinward.engines.events.tables import route_of
from twinward.engines.random import uniforms
from twinward.errors import BadInput

_FOR_REMAINING, _FOR_PATIENCE = 2, 3  # purposes of random numbers
_UNIQUE_IDS = 1 << 40


@dataclass(frozen=True, eq=False)
class State:
    """Who and what is where, since when: n patients.

    Args:
        ids: any integers >= 0 below 2**40 that differ; with the seed they determine each patient's luck.
        klass, mode, step: indices.
        phase: WAITING for the step, SERVING in it, or DONE with it (what comes next is open).
        since: when the phase began.
        arrived: when the patient came; `placed`: since when in the present place.
        place: index of the place where the patient is counted; -1: nowhere.
        held: (n, R) kept resources (a bed); what a step needs while it lasts is not listed.
        home: index of the place where the patient stays, wherever a step is (on a ward, though at the scanner); the
            present place where left out.
        remaining: (replications, n) time still to go in the step, for SERVING; drawn from the step's duration given
            the time elapsed where left out.
        target: (replications, n) the next step after the present one, -1: leaves, -2: drawn from the routes.
        absent: (replications, n) in that replication the patient is not here any more.
    """

    ids: IntArray
    klass: IntArray
    mode: IntArray
    step: IntArray
    phase: IntArray
    since: FloatArray
    arrived: FloatArray
    place: IntArray
    held: IntArray
    placed: FloatArray | None = None
    remaining: FloatArray | None = None
    target: IntArray | None = None
    absent: BoolArray | None = None
    home: IntArray | None = None

    @classmethod
    def empty(cls, resources: int) -> "State":
        """Nobody is here."""
        i, f = np.zeros(0, dtype=np.int64), np.zeros(0)
        return cls(i, i, i, i, i, f, f, i, np.zeros((0, resources), dtype=np.int64))


def check(here: State, network: Network, replications: int) -> None:
    """Refuse a state that the network cannot be in, naming the field."""
    n = len(here.ids)
    limits = {
        "ids": _UNIQUE_IDS,
        "klass": len(network.classes),
        "mode": network.modes,
        "step": len(network.steps),
        "phase": 3,
        "place": network.places,
    }
    for name in (*limits, "since", "arrived", "held"):
        if len(getattr(here, name)) != n:
            raise BadInput(f"state.{name}", len(getattr(here, name)), f"{n} entries")
    for name, limit in limits.items():
        column = np.asarray(getattr(here, name))
        lowest = -1 if name == "place" else 0
        if n and not (column.min() >= lowest and column.max() < limit):
            raise BadInput(f"state.{name}", (column.min(), column.max()), f"integers in {lowest}..{limit - 1}")
    if len(np.unique(here.ids)) != n:
        raise BadInput("state.ids", n - len(np.unique(here.ids)), "ids that differ")
    if np.shape(here.held) != (n, len(network.resources)) or np.min(here.held, initial=0) < 0:
        raise BadInput("state.held", np.shape(here.held), f"({n}, {len(network.resources)}) amounts >= 0")
    for name in ("since", "arrived"):
        if not np.isfinite(np.asarray(getattr(here, name), dtype=np.float64)).all():
            raise BadInput(f"state.{name}", "not a number", "finite instants")
    for name in ("remaining", "target", "absent"):
        given = getattr(here, name)
        if given is not None and np.shape(given) != (replications, n):
            raise BadInput(f"state.{name}", np.shape(given), f"({replications}, {n})")


def rows(here: State) -> AnyArray:
    """The state as records, the same for all replications."""
    out = np.zeros(len(here.ids), m.PRESENT)
    for name, column in (
        ("id", here.ids),
        ("klass", here.klass),
        ("mode", here.mode),
        ("step", here.step),
        ("phase", here.phase),
        ("place", here.place),
        ("home", here.place if here.home is None else here.home),
        ("since", here.since),
        ("arrived", here.arrived),
        ("placed", here.arrived if here.placed is None else here.placed),
    ):
        out[name] = column
    return out


def fates(network: Network, here: State, start: float, replications: int, key: AnyArray, first: int) -> AnyArray:
    """What is drawn about each patient in each replication: records of shape (replications, n)."""
    n = len(here.ids)
    out = np.zeros((replications, n), m.FATE)
    if not n:
        return out
    out["patience"] = math.inf
    out["target"] = -2 if here.target is None else here.target
    out["absent"] = 0 if here.absent is None else here.absent
    remaining, target = _serving(network, here, start, replications, key, first)
    out["remaining"] = remaining if here.remaining is None else here.remaining
    out["target"] = target
    for s, step in enumerate(network.steps):
        waiting = np.flatnonzero((here.phase == WAITING) & (here.step == s))
        if step.patience is not None and len(waiting):
            u = _uniforms(key, first, replications, here.ids[waiting], _FOR_PATIENCE)[0]
            out["patience"][:, waiting] = step.patience.residual(_elapsed(here, start, waiting), u)
    return out


def residuals(
    network: Network, here: State, start: float, replications: int, key: AnyArray, first: int = 0
) -> FloatArray:
    """Time still to go for everybody in service, given the time elapsed; shape (replications, n), NaN elsewhere."""
    return _serving(network, here, start, replications, key, first)[0]


def _elapsed(here: State, start: float, rows: IntArray) -> FloatArray:
    return np.maximum(start - here.since[rows], 0.0)[None, :]


def _uniforms(key: AnyArray, first: int, replications: int, ids: IntArray, purpose: int) -> FloatArray:
    out = np.empty((2, replications, len(ids)))
    uniforms(key, first, replications, np.ascontiguousarray(ids, dtype=np.int64), purpose, out)
    return out


def _serving(
    network: Network, here: State, start: float, replications: int, key: AnyArray, first: int
) -> tuple[FloatArray, IntArray]:
    """Time still to go, and the next step where the duration depends on it."""
    n = len(here.ids)
    remaining = np.full((replications, n), np.nan)
    target = np.full((replications, n), -2, dtype=np.int64)
    if here.target is not None:
        target[:] = here.target
    serving = np.flatnonzero(here.phase == SERVING)
    groups = np.stack([here.step[serving], here.klass[serving], here.mode[serving]], axis=1)
    for s, k, mode in np.unique(groups, axis=0):
        some = serving[(groups == (s, k, mode)).all(axis=1)]
        step, klass = network.steps[s], network.classes[k]
        u, v = _uniforms(key, first, replications, here.ids[some], _FOR_REMAINING)
        elapsed = _elapsed(here, start, some)
        law: Distribution = step.time[klass.name] if isinstance(step.time, Mapping) else step.time
        if step.time_to is None:
            remaining[:, some] = law.residual(elapsed, u)
            continue
        index = {name: i for i, name in enumerate([EXIT, *(t.name for t in network.steps)], start=-1)}
        shares = {index[name]: share for name, share in route_of(klass, step.name, mode).items()}
        laws = {index[name]: distribution for name, distribution in step.time_to.items()}
        drawn = _next_steps(shares, laws, law, elapsed, v)
        to = np.where(target[:, some] == -2, drawn, target[:, some])
        target[:, some] = to
        left = np.empty(u.shape)
        wide = np.broadcast_to(elapsed, u.shape)
        for goal in np.unique(to):
            chosen, by_goal = to == goal, laws.get(int(goal), law)
            left[chosen] = by_goal.residual(wide[chosen], u[chosen])
        remaining[:, some] = left
    return remaining, target


def _next_steps(
    shares: Mapping[int, float], laws: Mapping[int, Distribution], law: Distribution, elapsed: FloatArray, v: FloatArray
) -> IntArray:
    """The next step of patients already here so long: weights p_j S_j(elapsed)."""
    goals = [goal for goal, share in shares.items() if share > 0]
    with np.errstate(divide="ignore"):
        weights = np.stack([np.log(shares[g]) + laws.get(g, law).log_survival(elapsed[0]) for g in goals])
    highest = weights.max(axis=0)
    lost = ~np.isfinite(highest)  # longer than any of the laws allows: the routes alone count
    weights[:, lost] = np.log([[shares[g]] for g in goals])
    weights = np.exp(weights - np.where(lost, 0.0, highest))
    cumulative = np.cumsum(weights, axis=0) / weights.sum(axis=0)
    return np.asarray(goals, dtype=np.int64)[(v[None] > cumulative[:-1, None, :]).sum(axis=0)]
