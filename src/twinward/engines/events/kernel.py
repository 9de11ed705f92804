"""One replication, compiled: the event loop and what happens to the whole (arrivals, breakdowns, shifts, samples).

The order of things: the first event is taken; samples due before it are written; the event changes its patient or
resource; then every resource that became free serves who waits for it, best key first, until nobody can start.
"""

import math
from typing import Any

import numpy as np
from numba import njit

from twinward.engines.events.flow import (
    AT_RESOURCE,
    SENT_ELSEWHERE,
    UNDER_WAY,
    ask,
    count_busy,
    count_census,
    count_waiting,
    end,
    go_on,
    interrupt,
    luck,
    make_room,
    mark,
    move,
    needs_of,
    on_the_clock,
    renege,
    serve,
    start_first,
    write_record,
)
from twinward.engines.events.heaps import close_hole, push_event, push_queue
from twinward.engines.events.memory import (
    BREAK,
    CLEANED,
    DONE,
    END,
    FULL,
    GO_ON,
    KINDS,
    LEVEL,
    NOBODY,
    RECORD,
    RENEGE,
    REPAIR,
    SERVING,
    WAITING,
    arrival_scale,
    boarding_area,
    busy_area,
    busy_out,
    by_class,
    census_area,
    census_out,
    change,
    compiled,
    departed,
    event,
    fate,
    flow_out,
    held,
    inlined,
    kept_by,
    klass,
    moved_at,
    moved_to,
    need,
    patient,
    place,
    present,
    queue_area,
    queue_out,
    resource,
    sample_time,
    segment,
    spare,
    step,
    stream,
    visits,
)
from twinward.engines.events.sampling import words
from twinward.engines.random import philox, to_uniform

_CLOCK_OF_ARRIVALS, _JOINS = 0, 1  # purposes of random numbers
_RECORD_BYTES = RECORD.itemsize
_LAYER = 1 << 12  # arrivals of class k in layer l of surge are numbered from (l * _LAYER + k + 1) << 40


@inlined
def _gap(w: Any, st: Any) -> float:
    """The next unit exponential of a stream; one block of four words serves four arrivals."""
    which = st.count & 3
    if which == 0:
        who = -1 - (st.layer * _LAYER + st.klass)
        st.word0, st.word1, st.word2, st.word3 = words(w, who, _CLOCK_OF_ARRIVALS, st.count >> 2)
    word = st.word0
    if which == 1:
        word = st.word1
    elif which == 2:
        word = st.word2
    elif which == 3:
        word = st.word3
    return -math.log(to_uniform(word))


@compiled
def _next_arrival(w: Any, i: int) -> None:
    """The stream's next arrival by inverting its cumulative rate (Cinlar 1975; Lewis & Shedler 1979)."""
    st = stream(w, i)
    k = klass(w, st.klass)
    scale = arrival_scale(w, st.klass).value
    due = _gap(w, st)
    time = st.time
    at = st.segment
    last = k.segments_end - 1
    while True:
        rate = segment(w, at).rate * scale
        over = segment(w, at + 1).time if at < last else math.inf
        if rate > 0.0 and due <= rate * (over - time):
            time += due / rate
            break
        if at >= last or over > w.until:
            time = math.inf
            break
        due -= rate * (over - time)
        time = over
        at += 1
    st.segment = at
    st.time = time if time <= w.until else math.inf


@inlined
def _first_stream(w: Any) -> None:
    """Which stream's arrival is next."""
    w.next_stream = 0
    w.next_arrival = math.inf
    for i in range(w.streams_n):
        time = stream(w, i).time
        if time < w.next_arrival:
            w.next_arrival = time
            w.next_stream = i


@inlined
def _joins(w: Any, st: Any, who: int) -> Any:
    """Whether the arrival comes at this surge (the layers above its own factor do not), and is sent elsewhere."""
    seg = segment(w, st.segment)
    comes = seg.surge - st.layer
    if comes <= 0.0:
        return False, False
    if comes >= 1.0 and seg.diverted <= 0.0:
        return True, False
    block = words(w, who, _JOINS, 0)
    return to_uniform(block[0]) < comes, to_uniform(block[1]) < seg.diverted


@compiled
def _arrive(w: Any, i: int) -> None:
    st = stream(w, i)
    k = st.klass
    who = ((st.layer * _LAYER + k + 1) << 40) + st.count
    comes, sent = _joins(w, st, who)
    st.count += 1
    _next_arrival(w, i)
    _first_stream(w)
    if not comes:
        return
    w.counted += 1
    if w.spare_n > 0:
        w.spare_n -= 1
        slot = spare(w, w.spare_n).value
    elif w.high < w.slots:
        slot = w.high
        w.high += 1
    else:
        w.status |= FULL
        return
    p = patient(w, slot)
    p.id, p.klass, p.mode, p.place, p.planned, p.kept = who, k, 0, -1, -2, 0
    p.arrived = w.now
    p.left = -1.0
    cl = klass(w, k)
    full = cl.divert_step >= 0 and step(w, max(cl.divert_step, 0)).waiting > cl.divert_above
    if w.now >= w.collect:
        by_class(w, k).arrived += 1.0
    if sent or full:
        if w.now >= w.collect:
            by_class(w, k).diverted += 1.0
        p.step, p.phase = cl.first, NOBODY
        if w.recording != 0:
            write_record(w, slot, w.now, math.nan, w.now, SENT_ELSEWHERE)
        spare(w, w.spare_n).value = slot
        w.spare_n += 1
        return
    ask(w, slot, cl.first)


@compiled
def _next_failure(w: Any, r: int) -> None:
    """Schedule a moment at which one of the most units there can be fails, were all of them up."""
    res = resource(w, r)
    u = to_uniform(words(w, -1 - r, AT_RESOURCE, w.failures)[0])
    wait = -math.log(u) * res.mtbf / max(res.largest, 1)
    if w.now + wait <= w.until:
        push_event(w, w.now + wait, BREAK, r, w.failures)
    w.failures += 1


@compiled
def _fail(w: Any, r: int, number: int) -> None:
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
    _next_failure(w, r)


@inlined
def _next_level(w: Any, r: int, i: int) -> None:
    if i < resource(w, r).changes_end:
        push_event(w, change(w, i).time, LEVEL, r, i)


@compiled
def _begin(w: Any) -> None:
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
        _next_level(w, r, res.changes_begin + 1)
        if res.mtbf < math.inf:
            _next_failure(w, r)
    for i in range(w.streams_n):
        flow = stream(w, i)
        flow.count = 0
        flow.time = w.start
        flow.segment = klass(w, flow.klass).segments_begin
        _next_arrival(w, i)
    _first_stream(w)
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
        departed(w, i).value = moved_at(w, i).value = w.start
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
def _sample(w: Any, i: int) -> None:
    for at in range(w.P):
        census_out(w, i * w.P + at).value = place(w, at).census
    for s in range(w.S):
        queue_out(w, i * w.S + s).value = step(w, s).waiting
    for r in range(w.R):
        busy_out(w, i * w.R + r).value = resource(w, r).busy
    flow = flow_out(w, i)
    for k in range(w.C):
        row = by_class(w, k)
        flow.arrived += row.arrived
        flow.exited += row.exited
        flow.gave_up += row.reneged + row.balked
        flow.diverted += row.diverted


@compiled
def _finish(w: Any) -> None:
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
        if w.recording != 0 and p.phase == SERVING:
            write_record(w, slot, p.queued, p.started, math.nan, UNDER_WAY)
        elif w.recording != 0 and p.phase == WAITING:
            write_record(w, slot, p.queued, p.started if p.left >= 0.0 else math.nan, math.nan, UNDER_WAY)
        p.phase = NOBODY
        for s in range(w.S):
            visits(w, slot * w.S + s).value = 0
        for r in range(w.R):
            held(w, slot * w.R + r).value = 0


@inlined
def _happens(w: Any, kind: int, who: int, ticket: int) -> None:
    if kind in (END, RENEGE, GO_ON):
        if patient(w, who).ticket != ticket:
            return
        w.counted += 1
        if kind == END:
            end(w, who)
        elif kind == RENEGE:
            renege(w, who)
        else:
            go_on(w, who)
    elif kind == BREAK:
        _fail(w, who, ticket)
    else:
        w.counted += 1
        res = resource(w, who)
        if kind == CLEANED:
            res.cleaning -= ticket
        elif kind == LEVEL:
            res.level = change(w, ticket).level
            _next_level(w, who, ticket + 1)
        elif kind == REPAIR:
            res.down -= 1
        mark(w, who)


@compiled
def _replicate(w: Any) -> None:
    _begin(w)
    due = 0
    while w.status & FULL == 0:
        if w.hole != 0:
            close_hole(w)
        time = event(w, 0).time if w.heap > 0 else math.inf
        arrives = w.next_arrival < time
        if arrives:
            time = w.next_arrival
        while due < w.samples_n and sample_time(w, due).value < time:
            _sample(w, due)
            due += 1
        if time > w.until:
            break
        w.now = time
        if arrives:
            _arrive(w, w.next_stream)
        else:
            e = event(w, 0)
            kind, who, ticket = e.what % KINDS, e.what // KINDS, e.ticket
            w.hole = 1
            _happens(w, kind, who, ticket)
        if w.pending_n > 0:
            serve(w)
    _finish(w)


@njit(cache=True, error_model="numpy", nogil=True)
def run(worlds: Any) -> None:
    """Every replication of `worlds`, one after another; several threads may do so with worlds of their own.

    Each writes its records behind those of the one before it.
    """
    for i in range(len(worlds)):
        w = worlds[i]
        if i > 0:
            before = worlds[i - 1]
            written = min(before.recorded, before.records_n)
            w.records = before.records + written * _RECORD_BYTES
            w.records_n = before.records_n - written
        _replicate(w)


@njit(cache=True, error_model="numpy", nogil=True)
def uniforms(key: Any, first: int, replications: int, ids: Any, purpose: int, words_out: Any) -> None:
    """Two uniform numbers a replication and patient, for what is drawn outside the kernel; into (2, n, patients)."""
    for i in range(replications):
        for j in range(len(ids)):
            block = philox(np.uint64(ids[j]), np.uint64(purpose), np.uint64(0), np.uint64(first + i), key[0], key[1])
            words_out[0, i, j] = to_uniform(block[0])
            words_out[1, i, j] = to_uniform(block[1])
