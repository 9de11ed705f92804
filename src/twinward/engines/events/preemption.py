"""Who is interrupted: for somebody more urgent, or because a machine fails."""

import math
from typing import Any

from twinward.engines.events.counting import (
    can_start,
    count_busy,
    count_waiting,
    is_free,
    mark,
    needs_of,
    spend,
)
from twinward.engines.events.heaps import (
    push_queue,
)
from twinward.engines.events.memory import (
    SERVING,
    WAITING,
    by_step,
    compiled,
    held,
    keep,
    klass,
    need,
    patient,
    resource,
    step,
)


@compiled
def interrupt(w: Any, slot: int) -> None:
    """Service stops; the patient waits again, where he stood in the order, with what is left of it."""
    p = patient(w, slot)
    st = step(w, p.step)
    p.left = max(p.end - w.now, 0.0)
    for i in range(st.needs_begin, st.needs_end):
        n = need(w, i)
        count_busy(w, resource(w, n.resource), -n.amount)
        mark(w, n.resource)
    if w.now >= w.collect:
        by_step(w, p.klass * w.S + p.step).service += w.now - p.since
    spend(w, slot, 1)
    p.phase = WAITING
    p.ticket += 1
    p.since = w.now
    p.key = p.queued + klass(w, p.klass).offset
    count_waiting(w, st, 1, p.kept)
    push_queue(w, p.step, slot)


@compiled
def make_room(w: Any, slot: int, s: int) -> bool:
    """Interrupt those least urgent until `slot` can start step `s`; nobody, where all of them would not be enough."""
    p = patient(w, slot)
    st = step(w, s)
    offset = klass(w, p.klass).offset
    for i in range(st.keeps_begin, st.keeps_end):
        n = keep(w, i)
        lacking = n.amount - held(w, slot * w.R + n.resource).value
        if lacking > 0 and is_free(resource(w, n.resource)) < lacking:
            return False
    for i in range(st.needs_begin, st.needs_end):
        n = need(w, i)
        room = is_free(resource(w, n.resource))
        for other in range(w.high):
            q = patient(w, other)
            if room < n.amount and q.phase == SERVING and klass(w, q.klass).offset > offset:
                room += needs_of(w, q.step, n.resource)
        if room < n.amount:
            return False
    while not can_start(w, st, slot):
        interrupt(w, _least_urgent(w, st, offset))
    return True


@compiled
def _least_urgent(w: Any, st: Any, offset: float) -> int:
    """Who uses what step `st` lacks and is less urgent than `offset`: the last class, then who began last."""
    victim = -1
    worst, latest = offset, -math.inf
    for other in range(w.high):
        q = patient(w, other)
        if q.phase != SERVING:
            continue
        its = klass(w, q.klass).offset
        if its < worst or its <= offset or (its == worst and q.since <= latest):
            continue
        for i in range(st.needs_begin, st.needs_end):
            n = need(w, i)
            if is_free(resource(w, n.resource)) < n.amount and needs_of(w, q.step, n.resource) > 0:
                victim, worst, latest = other, its, q.since
    return victim
