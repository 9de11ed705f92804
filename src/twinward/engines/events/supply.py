"""What there is of each resource: shifts, breakdowns and repairs."""

import math
from typing import Any

from twinward.engines.events.counting import (
    AT_RESOURCE,
    needs_of,
)
from twinward.engines.events.heaps import (
    push_event,
)
from twinward.engines.events.memory import (
    BREAK,
    LEVEL,
    REPAIR,
    SERVING,
    change,
    compiled,
    inlined,
    patient,
    resource,
    step,
)
from twinward.engines.events.preemption import (
    interrupt,
    make_room,
)
from twinward.engines.events.sampling import (
    words,
)
from twinward.engines.random import (
    to_uniform,
)


@inlined
def next_level(w: Any, r: int, i: int) -> None:
    """Plan change `i` of the level of resource `r`, where there is one more."""
    if i < resource(w, r).changes_end:
        push_event(w, change(w, i).time, LEVEL, r, i)


@compiled
def next_failure(w: Any, r: int) -> None:
    """Schedule a moment at which one of the most units there can be fails, were all of them up."""
    res = resource(w, r)
    u = to_uniform(words(w, -1 - r, AT_RESOURCE, w.failures)[0])
    wait = -math.log(u) * res.mtbf / max(res.largest, 1)
    if w.now + wait <= w.until:
        push_event(w, w.now + wait, BREAK, r, w.failures)
    w.failures += 1


@compiled
def fail(w: Any, r: int, number: int) -> None:
    """One unit fails, if it is there; who is served by it is interrupted and resumes (White & Christie 1958)."""
    res = resource(w, r)
    block = words(w, -1 - r, AT_RESOURCE, number)
    unit = int(to_uniform(block[1]) * res.largest)
    up = max(res.level - res.down, res.busy)
    if unit < up and res.level - res.down > 0:
        w.counted += 1
        for slot in range(w.high):
            p = patient(w, slot)
            if p.phase != SERVING:
                continue
            unit -= needs_of(w, p.step, r)
            if unit < 0:
                s = p.step
                interrupt(w, slot)
                res.down += 1
                if step(w, s).preemptive != 0:
                    make_room(w, slot, s)
                res.down -= 1
                break
        res.down += 1
        push_event(w, w.now - math.log(to_uniform(block[2])) * res.mttr, REPAIR, r, 0)
    next_failure(w, r)
