"""How a replication begins from a state, what is sampled on the way, and how it ends."""

import math
from typing import Any

from twinward.engines.events.arrivals import (
    first_stream,
    next_arrival,
)
from twinward.engines.events.counting import (
    count_busy,
    count_census,
    count_waiting,
    is_free,
    mark,
    move,
    spend,
)
from twinward.engines.events.flow import (
    UNDER_WAY,
    luck,
    on_the_clock,
    serve,
    start_first,
    write_record,
)
from twinward.engines.events.heaps import (
    push_event,
    push_queue,
)
from twinward.engines.events.memory import (
    DONE,
    END,
    GO_ON,
    NOBODY,
    RENEGE,
    SERVING,
    WAITING,
    boarding_area,
    busy_area,
    busy_out,
    by_class,
    census_area,
    census_out,
    change,
    compiled,
    departed,
    fate,
    flow_out,
    free_out,
    held,
    inlined,
    kept_by,
    klass,
    left_home,
    moved_at,
    moved_to,
    need,
    patient,
    place,
    present,
    queue_area,
    queue_out,
    resource,
    step,
    stream,
    visits,
)
from twinward.engines.events.supply import (
    next_failure,
    next_level,
)
from twinward.engines.random import (
    to_uniform,
)


@inlined
def _place_one(w: Any, i: int) -> None:
    """One who is here: where, and what is kept."""
    who, p = present(w, i), patient(w, i)
    p.id, p.klass, p.mode, p.step = who.id, who.klass, who.mode, who.step
    p.since, p.queued, p.started, p.arrived = who.since, who.since, who.since, who.arrived
    p.ticket += 1
    p.left, p.place, p.planned, p.kept = -1.0, -1, fate(w, i).target, 0
    p.drawn = p.visit = p.moved = 0
    p.phase = NOBODY
    if fate(w, i).absent != 0:
        p.moved = 1
        departed(w, i).value = moved_at(w, i).value = left_home(w, i).value = w.start
        moved_to(w, i).value = -1
        return
    visits(w, i * w.S + who.step).value = 1
    if who.place >= 0:
        move(w, i, who.place)
        p.placed = who.placed
    for r in range(w.R):
        amount = kept_by(w, i * w.R + r).value
        if amount > 0:
            held(w, i * w.R + r).value = amount
            p.kept += amount
            count_busy(w, resource(w, r), amount)


@inlined
def _resume_one(w: Any, i: int) -> None:
    """One who is here: what is to come."""
    who, p, its = present(w, i), patient(w, i), fate(w, i)
    if its.absent != 0:
        return
    st = step(w, who.step)
    p.phase = who.phase
    if who.phase == SERVING:
        for j in range(st.needs_begin, st.needs_end):
            n = need(w, j)
            count_busy(w, resource(w, n.resource), n.amount)
        over = w.start + its.remaining
        if st.clock >= 0:
            luck(w, p)
            over = on_the_clock(w, st.clock, w.start, over, to_uniform(p.word2))
        p.end = over
        push_event(w, over, END, i, p.ticket)
    elif who.phase == WAITING:
        p.key = who.since + klass(w, who.klass).offset
        count_waiting(w, st, 1, p.kept)
        push_queue(w, who.step, i)
        if its.patience < math.inf:
            push_event(w, w.start + its.patience, RENEGE, i, p.ticket)
    elif who.phase == DONE:
        push_event(w, w.start, GO_ON, i, p.ticket)


@compiled
def begin(w: Any) -> None:
    """The state at the start: levels, events to come, and everybody who is here."""
    w.now = w.start
    for s in range(w.S):
        st = step(w, s)
        st.entries = st.waiting = st.boarding = 0
        st.since = w.collect
        st.area = st.boarding_area = 0.0
    for at in range(w.P):
        pl = place(w, at)
        pl.census = 0
        pl.since = w.collect
        pl.area = 0.0
    for r in range(w.R):
        res = resource(w, r)
        res.busy = res.cleaning = res.down = 0
        res.pending = 0
        res.since = w.collect
        res.area = 0.0
        res.level = change(w, res.changes_begin).level
        next_level(w, r, res.changes_begin + 1)
        if res.mtbf < math.inf:
            next_failure(w, r)
    for i in range(w.streams_n):
        flow = stream(w, i)
        flow.count = 0
        flow.time = w.start
        flow.segment = klass(w, flow.klass).segments_begin
        next_arrival(w, i)
    first_stream(w)
    w.high = w.present_n
    for i in range(w.present_n):
        _place_one(w, i)
    for i in range(w.present_n):
        _resume_one(w, i)
    for r in range(w.R):
        mark(w, r)
    serve(w)
    for s in range(w.S):
        while step(w, s).waiting > 0 and start_first(w, s):  # who lacks nothing, so that no resource calls him
            serve(w)


@compiled
def sample(w: Any, i: int) -> None:
    """Write down censuses, queues and what is busy at the instant `i` that was asked for."""
    for at in range(w.P):
        census_out(w, i * w.P + at).value = place(w, at).census
    for s in range(w.S):
        queue_out(w, i * w.S + s).value = step(w, s).waiting
    for r in range(w.R):
        busy_out(w, i * w.R + r).value = resource(w, r).busy
        free_out(w, i * w.R + r).value = is_free(resource(w, r))
    flow = flow_out(w, i)
    for k in range(w.C):
        row = by_class(w, k)
        flow.arrived += row.arrived
        flow.exited += row.exited
        flow.gave_up += row.reneged + row.balked
        flow.diverted += row.diverted


@compiled
def finish(w: Any) -> None:
    """Areas up to the end, records of what is still under way, and a clean memory for the next replication."""
    w.now = w.until
    for s in range(w.S):
        count_waiting(w, step(w, s), 0, 0)
        queue_area(w, s).value = step(w, s).area
        boarding_area(w, s).value = step(w, s).boarding_area
    for r in range(w.R):
        count_busy(w, resource(w, r), 0)
        busy_area(w, r).value = resource(w, r).area
    for at in range(w.P):
        count_census(w, at, 0)
        census_area(w, at).value = place(w, at).area
    for slot in range(w.high):
        p = patient(w, slot)
        if p.phase in (SERVING, WAITING):
            spend(w, slot, 1 if p.phase == SERVING else 0)
        if w.recording != 0 and p.phase == SERVING:
            write_record(w, slot, p.queued, p.started, math.nan, UNDER_WAY)
        elif w.recording != 0 and p.phase == WAITING:
            write_record(w, slot, p.queued, p.started if p.left >= 0.0 else math.nan, math.nan, UNDER_WAY)
        p.phase = NOBODY
        for s in range(w.S):
            visits(w, slot * w.S + s).value = 0
        for r in range(w.R):
            held(w, slot * w.R + r).value = 0
