"""A body that lives: settings and severities are set, drugs are given, time passes, everything is recorded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.engines.ode import RungeKutta4, solve
from twinward.errors import BadInput
from twinward.models.fold import measure
from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.layout import (
    INPUTS,
    PARAMETERS,
    PARTS,
    STATES,
    coupling,
    parameter,
    state,
)
from twinward.twins.patient.body.person import Person

# Longest steps of RK4, seconds. Pulsatile: the aortic valve's resistance and the stiff ventricle (0.4 mL/mmHg in
# systole) make the shortest time constant; half of the stable step is taken. Averaged: gas in the lung's capillaries.
STEP = 0.004
AVERAGED_STEP = 0.5
SETTLING = 900.0  # seconds of rest that bring a person's body from the declared start to its own

_INPUT = {one.name: one for one in INPUTS}
_LABELS = {one.name: {"unit": one.unit, "label": one.label} for one in (*STATES, *COUPLINGS)}
_PULSATILE = parameter("pulsatile")


@dataclass(frozen=True, eq=False)
class Body:
    """One body at one instant. What is done to it gives another one; this one stays as it is.

    Args:
        person: whose body it is.
        time: seconds since it was made.
        y, p: states; parameters and inputs.

    Example:
        >>> body = Body.at_rest(Person())
        >>> bled, recording = body.set(bleeding_rate=200.0).run(60.0, every=1.0, watch=("blood_volume",))
        >>> round(float(bled.value("bled") - body.value("bled")))
        200
    """

    person: Person
    y: FloatArray
    p: FloatArray
    time: float = 0.0

    @classmethod
    def at_rest(cls, person: Person | None = None, *, pulsatile: bool = True) -> Body:
        """The body of a person (the reference man) who has rested for a while."""
        return _settled(person or Person(), pulsatile)

    def set(self, **inputs: float) -> Body:
        """Set severities of conditions, devices, rates; what is not named stays.

        Raises:
            BadInput: an input that the body does not have, or a value that it cannot take.
        """
        p = self.p.copy()
        for name, value in inputs.items():
            p[_place(name, value)] = value
        return replace(self, p=p)

    def give(self, **amounts: float) -> Body:
        """Add to states at once: a bolus of a drug, a meal, blood lost."""
        y = self.y.copy()
        for name, amount in amounts.items():
            if name not in _STATE_NAMES or not math.isfinite(amount):
                raise BadInput(name, amount, f"a finite amount of one of: {', '.join(sorted(_STATE_NAMES))}")
            y[state(name)] += amount
        return replace(self, y=y)

    def run(
        self, seconds: float, *, every: float = 0.02, watch: Sequence[str] | None = None, record: float | None = None
    ) -> tuple[Body, xr.Dataset]:
        """Let time pass.

        Args:
            seconds: how long.
            every: seconds between two recorded instants.
            watch: names of states and couplings to record; all couplings where None.
            record: record the last so many seconds alone; everything where None.

        Returns:
            The body afterwards, and what was recorded, by time in seconds.

        Raises:
            IntegrationFailed: the body could not go on (a state became infinite).
        """
        from twinward.twins.patient.body.derivative import body as derivative

        if not (math.isfinite(seconds) and seconds > 0 and every > 0):
            raise BadInput("seconds, every", (seconds, every), "numbers > 0")
        length = seconds if record is None else min(record, seconds)
        looks = max(round(length / every), 1)
        times = seconds - every * np.arange(looks - 1, -1, -1)
        found = solve(derivative, self.y, self.p, self.time + times, RungeKutta4(self.step), start=self.time)
        after = replace(self, y=found.y[0, -1].copy(), time=self.time + seconds)
        return after, self._recording(found.y[0], self.time + times, watch)

    @property
    def step(self) -> float:
        """Longest step of the integration, seconds."""
        return STEP if self.p[_PULSATILE] > 0.5 else AVERAGED_STEP

    def value(self, name: str) -> float:
        """A state, a parameter, an input or a coupling at this instant."""
        if name in _STATE_NAMES:
            return float(self.y[state(name)])
        if name in _P_NAMES:
            return float(self.p[parameter(name)])
        return float(self._recording(self.y[None], np.array([self.time]), (name,))[name][0])

    def _recording(self, y: FloatArray, times: FloatArray, watch: Sequence[str] | None) -> xr.Dataset:
        from twinward.twins.patient.body.derivative import told

        c = np.empty((len(y), len(COUPLINGS)))
        p = np.tile(self.p, (len(y), 1))
        measure(told, times, np.ascontiguousarray(y), p, c)
        columns: dict[str, FloatArray] = {}
        for name in watch if watch is not None else [one.name for one in COUPLINGS]:
            if name in _STATE_NAMES:
                columns[name] = y[:, state(name)]
            elif name in _COUPLING_NAMES:
                columns[name] = c[:, coupling(name)]
            else:
                raise BadInput("watch", name, "a state or a coupling of the body")
        return xr.Dataset({n: ("time", v.copy(), _LABELS[n]) for n, v in columns.items()}, {"time": times})


_STATE_NAMES = frozenset(one.name for one in STATES)
_COUPLING_NAMES = frozenset(one.name for one in COUPLINGS)
_P_NAMES = frozenset(one.name for one in (*PARAMETERS, *INPUTS))


def start(person: Person, pulsatile: bool = True) -> tuple[FloatArray, FloatArray]:
    """States and parameters of a person as declared, before any settling."""
    y = np.array([one.start for one in STATES], dtype=np.float64)
    p = np.array([one.value for one in PARAMETERS] + [one.neutral for one in INPUTS], dtype=np.float64)
    own: dict[str, float] = {}
    for part in PARTS:
        own.update(part.of_person(person))
    for name, value in own.items():
        if name in _STATE_NAMES:
            y[state(name)] = value
        else:
            p[parameter(name)] = value
    p[_PULSATILE] = float(pulsatile)
    return y, p


def inputs() -> Mapping[str, object]:
    """Everything that can be set, by name: conditions, devices, rates."""
    return dict(_INPUT)


@cache
def _settled(person: Person, pulsatile: bool) -> Body:
    """At rest. Ledgers begin at zero again, so that balances count from here."""
    y, p = start(person, pulsatile)
    rested, _ = Body(person, y, p).run(SETTLING, every=SETTLING, watch=())
    y = rested.y.copy()
    for i, one in enumerate(STATES):
        if one.ledger:
            y[i] = 0.0
    return Body(person, y, p)


def _place(name: str, value: float) -> int:
    if name in _INPUT:
        low, high = _INPUT[name].allowed
        if not (math.isfinite(value) and low <= value <= high):
            raise BadInput(name, value, f"a number in {low:g}..{high:g} {_INPUT[name].unit}")
    elif name not in _P_NAMES or not math.isfinite(value):
        raise BadInput(name, value, f"a finite number for one of: {', '.join(sorted(_P_NAMES))}")
    return parameter(name)
