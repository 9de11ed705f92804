"""What a run gives back."""

from dataclasses import dataclass, field

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray, IntArray
from twinward.engines.events.memory import RECORD


@dataclass(frozen=True, eq=False)
class Result:
    """What happened in each of n replications (first axis of every array).

    Args:
        times: the instants sampled; T of them.
        census: (n, T, places); queue: (n, T, steps) who waits; busy, free: (n, T, resources) in use, and
            what could be taken (negative where a shift ended under way).
        flow: (n, T, 4) arrived, exited, gave up (reneged or balked), diverted, since the warm-up's end.
        by_step: (n, classes, steps, 4) services begun, summed waits of those, summed service times, gave up.
        by_class: (n, classes, 6) arrived, exited, diverted, balked, reneged, summed stays of those who exited.
        exits: (n, classes, 3) left having finished, given up, not joined; stays: their summed stays.
        by_place: (n, places, 3) stays ended there, their summed length, how many were longer than `long_stay`.
        queue_area, busy_area, census_area: time integrals after the warm-up.
        spent: (n, 2, steps, places) patient-time spent waiting for a step (0) and in it (1), by the place where the
            patient is counted; over both and all steps it sums to `census_area`.
        boarding_area: (n, steps) time integral of those who wait for the step while they keep something.
        departed: (n, present) when each patient of the start state left; NaN: still here at the end.
        moved_to, moved_at: (n, present) the first step after the present one that each patient of the start state went
            on to (-1: left, -2: has not moved by the end), and when (NaN: has not). Who is absent left at the start.
        left_home: (n, present) when each first took what a step keeps (a bed) in another place than `home`, or left.
        events: (n,) events (arrivals, ends of service, renegings, changes of resources).
        duration: time over which totals were collected.
        records: structured array, one row a visit: replication, patient, klass, step, queued, started, ended,
            outcome (0 finished, 1 gave up, 2 turned away, 3 sent elsewhere, 4 under way at the end).
    """

    times: FloatArray
    census: AnyArray
    queue: AnyArray
    busy: AnyArray
    free: AnyArray
    flow: FloatArray
    by_step: FloatArray
    by_class: FloatArray
    by_place: FloatArray
    queue_area: FloatArray
    busy_area: FloatArray
    census_area: FloatArray
    departed: FloatArray
    events: IntArray
    duration: float
    exits: FloatArray
    stays: FloatArray
    spent: FloatArray
    boarding_area: FloatArray
    moved_to: IntArray
    moved_at: FloatArray
    left_home: FloatArray
    records: AnyArray = field(default_factory=lambda: np.zeros(0, dtype=RECORD))
