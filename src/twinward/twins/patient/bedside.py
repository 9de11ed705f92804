"""The body behind a bedside monitor: one member of the belief, made to beat and breathe."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.subject import Subject
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.layout import STATES, parameter, state
from twinward.twins.patient.body.waveforms import WATCH, waveforms
from twinward.twins.patient.model import PatientModel, person_of
from twinward.twins.patient.personal import FACTORS

HERTZ = 100.0
# Samples before a chunk that its waveforms need: the pulse's way to the finger and the smoothing behind it.
_BEFORE = 1.0
_PHASES = tuple(one.name for one in STATES if one.name.endswith("_phase"))


def typical(model: PatientModel, belief: Belief, subject: Subject) -> Body:
    """The body of the member that lies nearest to the middle of the belief.

    A mean of members need not be a body that lives; a member is one.
    """
    p, y = belief["parameters"], belief["states"]
    told = np.concatenate([np.log(np.maximum(p[:, : len(FACTORS)], 1e-9)), y[:, _LOOKED]], axis=1)
    spread = told.std(axis=0)
    away = (((told - np.median(told, axis=0)) / np.where(spread > 0, spread, 1.0)) ** 2).sum(axis=1)
    i = int(away.argmin())
    own = np.concatenate([p[i, len(FACTORS) :], belief["inputs"]])
    for k, factor in enumerate(FACTORS):
        for name in factor.parameters:
            own[parameter(name)] *= p[i, k]
    own[parameter("pulsatile")] = 1.0
    start = y[i].copy()
    for name in _PHASES:
        start[state(name)] = 0.0
    return Body(person_of(subject), start, own)


_LOOKED = [state(name) for name in ("mean_arterial_pressure", "arterial_oxygen", "arterial_carbon")]


@dataclass(frozen=True, eq=False)
class Chunk:
    """A second or so of a monitor's traces.

    Args:
        start: seconds of the body's clock of the first sample; `step` apart.
        traces: name -> samples.
    """

    start: float
    step: float
    traces: dict[str, FloatArray]


class Monitor:
    """A living body and the traces it draws, chunk by chunk without seams.

    Example:
        >>> monitor = Monitor(Body.at_rest())
        >>> first, second = monitor.next(1.0), monitor.next(1.0)
        >>> len(first.traces["ecg"]), round(second.start - first.start, 2)
        (100, 1.0)
    """

    def __init__(self, body: Body) -> None:
        self.body, tail = body.run(_BEFORE, every=1.0 / HERTZ, watch=WATCH)
        self._tail: xr.Dataset = tail

    def become(self, body: Body) -> None:
        """Go on as another body (the belief was updated), with the heart and the breath where they are."""
        y = body.y.copy()
        for name in _PHASES:
            y[state(name)] = self.body.y[state(name)]
        self.body = replace(body, y=y, time=self.body.time)

    def next(self, seconds: float) -> Chunk:
        """Live on for a while; raises IntegrationFailed where the body cannot."""
        self.body, fresh = self.body.run(seconds, every=1.0 / HERTZ, watch=WATCH)
        whole = xr.concat([self._tail, fresh], "time")
        made = waveforms(whole)
        count = fresh.sizes["time"]
        self._tail = whole.isel(time=slice(-round(_BEFORE * HERTZ), None))
        return Chunk(float(fresh["time"][0]), 1.0 / HERTZ, {name: values[-count:] for name, values in made.items()})
