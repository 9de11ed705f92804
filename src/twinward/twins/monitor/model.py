"""The model of a monitor: the level of each signal by itself, independent of the others."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import xarray as xr

from twinward.core.arrays import AnyArray, FloatArray
from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import datetime64
from twinward.errors import BadInput
from twinward.twins.monitor.level import (
    DISCOUNTS,
    HEAD,
    MEMORY,
    Ahead,
    Level,
    ahead,
    from_first,
    from_range,
    passed,
    seen,
)
from twinward.twins.monitor.signals import fingerprint, signals

_SIGNALS = tuple(signals().values())
_INDEX = {signal.name: i for i, signal in enumerate(_SIGNALS)}
_CONTROLS: Mapping[str, Control] = MappingProxyType({})
_OUTCOMES: Mapping[str, Outcome] = MappingProxyType({})


@dataclass(frozen=True)
class Monitor:
    """The vital signs and laboratory values of one patient or device.

    A belief holds, for the signals seen so far and no others, `signal` (their places in the table of signals) and
    `level` (one row a signal, as `Level.row` writes it).

    Args:
        discount: share of a level's precision that is left after one typical interval, in (0, 1]; near 1 the level
            follows slowly and is known precisely, at 1 it never changes. None: learnt for each signal.
        memory: share of what is known of the noise that is left after a value, in (0, 1]; 1: nothing is forgotten.

    Example:
        >>> from twinward.core import Observation, Twin
        >>> twin = Twin(Monitor(), "Patient/1")
        >>> twin.observe([Observation("Patient/1", "heart_rate", 60.0 * i, 72 + i % 2) for i in range(20)])
        Observed(accepted=20, duplicates=0, corrected=0, quarantined=0)
        >>> mean, sd = twin.model.summary(twin.belief, twin.time)["heart_rate"]
        >>> 72 < mean < 73, sd < 2
        (True, True)
    """

    discount: float | None = None
    memory: float = MEMORY

    def __post_init__(self) -> None:
        for name in ("discount", "memory"):
            given = getattr(self, name)
            if given is not None and not 0 < given <= 1:
                raise BadInput(name, given, "a number above 0 and at most 1")

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "monitor"

    @property
    def version(self) -> str:
        """Changes whenever a forecast could change."""
        return f"1-{self.discount or 0:g}-{self.memory:g}-{fingerprint()}"

    @property
    def parts(self) -> frozenset[str]:
        """Nothing but the subject itself."""
        return frozenset()

    @property
    def signals(self) -> Mapping[str, Signal]:
        """Every vital sign and laboratory value of the tables of codes."""
        return signals()

    @property
    def controls(self) -> Mapping[str, Control]:
        """None: it knows no physiology, so nothing that is done to the patient can be rehearsed."""
        return _CONTROLS

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """None."""
        return _OUTCOMES

    @property
    def discounts(self) -> tuple[float, ...]:
        """The discount factors that are held side by side."""
        return DISCOUNTS if self.discount is None else (self.discount,)

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """Nothing was seen; each signal's own prior comes in with its first value."""
        arrays: dict[str, AnyArray] = {
            "signal": np.empty(0, dtype=np.int16),
            "level": np.empty((0, HEAD + 4 * len(self.discounts))),
        }
        return Belief(-math.inf, members, streams.seed, arrays)

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """One exact update a value."""
        which, rows = belief["signal"].tolist(), belief["level"]
        levels: dict[int, Level] = {}  # by row: those that change
        for name, value, time in zip(seen.signal.tolist(), seen.value.tolist(), seen.time.tolist(), strict=True):
            index = _INDEX[name]
            if index in which:
                row = which.index(index)
                level = levels[row] if row in levels else Level.of(rows[row].tolist())
                levels[row] = self._next(level, value, time)
            else:
                levels[len(which)] = self._first(index, value, time)
                which.append(index)
        if not levels:
            return belief
        table = np.empty((len(which), rows.shape[1]))
        table[: len(rows)] = rows
        for row, level in levels.items():
            table[row] = level.row()
        if len(which) == len(rows):
            return belief.evolve(float(seen.time[-1]), level=table)
        return belief.evolve(float(seen.time[-1]), signal=np.array(which, dtype=np.int16), level=table)

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """The levels at `time`: what is measured then scatters about them."""
        rng = Streams(belief.seed).child("estimate", time).generator()
        return xr.Dataset(
            {
                signal.name: ("member", paths[:, 0], _labels(signal))
                for signal, paths in self._paths(belief, np.array([time]), rng)
            },
            {"member": np.arange(belief.members)},
        )

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """Paths of the levels: each a Wiener process whose variance is that of one discount a typical interval."""
        at = np.concatenate([[times.start], times.at])
        return xr.Dataset(
            {
                signal.name: (("member", "time"), paths[:, 1:], _labels(signal))
                for signal, paths in self._paths(belief, at, streams.generator())
            },
            {"member": np.arange(belief.members), "time": datetime64(times.at)},
        )

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """It can say nothing of a patient of whom it has seen nothing."""
        return () if len(belief["signal"]) else ("no vital sign or laboratory value was seen yet",)

    def summary(self, belief: Belief, time: float) -> dict[str, tuple[float, float]]:
        """Mean and standard deviation of each level at `time`, in the signal's unit."""
        found = {}
        for name, due in self.expected(belief, time).items():
            found[name] = (due.mean, math.sqrt(due.level * due.freedom / (due.freedom - 2)))
        return found

    def expected(self, belief: Belief, time: float) -> dict[str, Ahead]:
        """What is expected of each signal at `time`: its level, and the value that would be measured."""
        discounts = self.discounts
        rows = zip(belief["signal"].tolist(), belief["level"].tolist(), strict=True)
        return {_SIGNALS[index].name: ahead(Level.of(row), time, discounts) for index, row in rows}

    # -- inside ------------------------------------------------------------------------------------------------

    def _first(self, index: int, value: float, time: float) -> Level:
        signal, many = _SIGNALS[index], len(self.discounts)
        if signal.normal and signal.normal[0] < signal.normal[1]:
            return self._next(from_range(*signal.normal, many), value, time)
        return from_first(value, time, *signal.possible, many)

    def _next(self, level: Level, value: float, time: float) -> Level:
        return seen(level, value, time, self.discounts, self.memory)

    def _paths(self, belief: Belief, at: FloatArray, rng: np.random.Generator) -> Iterator[tuple[Signal, FloatArray]]:
        """Each signal's paths, shape (members, instants). A member has one discount factor and one noise a signal.

        Signals draw one after the other as they were first seen, so that one seen later leaves the others' paths alone.
        """
        members, rates = belief.members, np.array([(1 - discount) / discount for discount in self.discounts])
        for index, row in zip(belief["signal"].tolist(), belief["level"].tolist(), strict=True):
            signal, level = _SIGNALS[index], Level.of(row)
            shares = np.cumsum(np.exp(level.weights))
            which = np.searchsorted(shares, shares[-1] * rng.random(members), side="right")
            growth = np.array([passed(level, time) for time in at.tolist()])
            spreads = np.array(level.variances)[:, None] * (1 + growth * rates[:, None]) + level.doubt
            steps = np.sqrt(np.diff(spreads, axis=1, prepend=0.0))[which]
            scale = np.sqrt(level.freedom / rng.chisquare(level.freedom, (members, 1)))
            walk = np.cumsum(steps * rng.standard_normal((members, len(at))), axis=1)
            paths = np.array(level.means)[which, None] + scale * walk
            yield signal, np.clip(paths, *signal.possible)


def _labels(signal: Signal) -> dict[str, str]:
    return {"unit": signal.unit, "label": signal.label}
