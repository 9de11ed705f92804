"""The calendar of events and the queues of the steps: binary heaps; a void entry is skipped when it comes up."""

from typing import Any

from twinward.engines.events.memory import (
    END,
    FULL,
    GO_ON,
    KINDS,
    RENEGE,
    compiled,
    event,
    inlined,
    patient,
    queue,
    step,
)


@inlined
def _set_event(e: Any, time: float, order: int, what: int, ticket: int) -> None:
    e.time, e.order, e.what, e.ticket = time, order, what, ticket


@inlined
def _copy_event(e: Any, other: Any) -> None:
    e.time, e.order, e.what, e.ticket = other.time, other.order, other.what, other.ticket


@inlined
def _rise(w: Any, i: int, time: float, order: int, what: int, ticket: int) -> None:
    """Put an event in at place i or above; a later order is never before an equal time."""
    while i > 0:
        above = (i - 1) >> 1
        e = event(w, above)
        if e.time < time or (e.time == time and e.order < order):
            break
        _copy_event(event(w, i), e)
        i = above
    _set_event(event(w, i), time, order, what, ticket)


@inlined
def _first_below(w: Any, below: int) -> int:
    """Of two events side by side the one that comes first; added up, not branched upon, for it cannot be foretold."""
    a, b = event(w, below), event(w, below + 1)
    if a.time == b.time:
        return below + (b.order < a.order)
    return below + (b.time < a.time)


@compiled
def push_event(w: Any, time: float, kind: int, who: int, ticket: int) -> None:
    """Put an event into the calendar; the first one after `take_event` takes the place left at the top."""
    w.order += 1
    if w.hole != 0:
        w.hole = 0
        _sink(w, time, w.order, who * KINDS + kind, ticket)
        return
    if w.heap >= w.calendar:
        _forget_void_events(w)
        if w.heap >= w.calendar:
            w.status |= FULL
            return
    i = w.heap
    w.heap = i + 1
    _rise(w, i, time, w.order, who * KINDS + kind, ticket)


@inlined
def _sink(w: Any, time: float, order: int, what: int, ticket: int) -> None:
    i = 0
    below = 1
    while below < w.heap:
        if below + 1 < w.heap:
            below = _first_below(w, below)
        e = event(w, below)
        if time < e.time or (time == e.time and order < e.order):
            break
        _copy_event(event(w, i), e)
        i = below
        below = 2 * i + 1
    _set_event(event(w, i), time, order, what, ticket)


@compiled
def close_hole(w: Any) -> None:
    """Nothing took the place of the event taken: it sinks to a leaf, and the last event rises from there."""
    w.hole = 0
    last = w.heap - 1
    w.heap = last
    if last == 0:
        return
    i = 0
    below = 1
    while below < last:
        if below + 1 < last:
            below = _first_below(w, below)
        _copy_event(event(w, i), event(w, below))
        i = below
        below = 2 * i + 1
    e = event(w, last)
    _rise(w, i, e.time, e.order, e.what, e.ticket)


@compiled
def _forget_void_events(w: Any) -> None:
    """Room for others: events of phases that are over go; the rest keeps its order."""
    count = w.heap
    w.heap = 0
    for i in range(count):
        e = event(w, i)
        personal = e.what % KINDS in (END, RENEGE, GO_ON)
        if not personal or patient(w, e.what // KINDS).ticket == e.ticket:
            j = w.heap
            w.heap = j + 1
            _rise(w, j, e.time, e.order, e.what, e.ticket)


@inlined
def _entry_rises(w: Any, base: int, i: int, key: float, order: int, slot: int, ticket: int) -> None:
    while i > 0:
        above = (i - 1) >> 1
        e = queue(w, base + above)
        if e.key < key or (e.key == key and e.order < order):
            break
        f = queue(w, base + i)
        f.key, f.order, f.slot, f.ticket = e.key, e.order, e.slot, e.ticket
        i = above
    f = queue(w, base + i)
    f.key, f.order, f.slot, f.ticket = key, order, slot, ticket


@compiled
def push_queue(w: Any, s: int, slot: int) -> None:
    """Put a patient into the queue of step `s`, in the order of keys."""
    st = step(w, s)
    base = s * w.queue_size
    if st.entries >= w.queue_size:
        _forget_void_entries(w, s)
        if st.entries >= w.queue_size:
            w.status |= FULL
            return
    i = st.entries
    st.entries = i + 1
    w.order += 1
    p = patient(w, slot)
    _entry_rises(w, base, i, p.key, w.order, slot, p.ticket)


@compiled
def pop_queue(w: Any, s: int) -> None:
    """Take the first entry out of the queue of step `s`."""
    st = step(w, s)
    base = s * w.queue_size
    last = st.entries - 1
    st.entries = last
    i = 0
    below = 1
    while below < last:
        e = queue(w, base + below)
        if below + 1 < last:
            b = queue(w, base + below + 1)
            if b.key < e.key or (b.key == e.key and b.order < e.order):
                below += 1
                e = b
        f = queue(w, base + i)
        f.key, f.order, f.slot, f.ticket = e.key, e.order, e.slot, e.ticket
        i = below
        below = 2 * i + 1
    e = queue(w, base + last)
    _entry_rises(w, base, i, e.key, e.order, e.slot, e.ticket)


@compiled
def _forget_void_entries(w: Any, s: int) -> None:
    st = step(w, s)
    base = s * w.queue_size
    count = st.entries
    st.entries = 0
    for i in range(count):
        e = queue(w, base + i)
        if patient(w, e.slot).ticket == e.ticket:
            j = st.entries
            st.entries = j + 1
            _entry_rises(w, base, j, e.key, e.order, e.slot, e.ticket)


@compiled
def head(w: Any, s: int) -> int:
    """The slot of the first patient who still waits for step `s`; -1 where nobody does."""
    st = step(w, s)
    base = s * w.queue_size
    while st.entries > 0:
        e = queue(w, base)
        if patient(w, e.slot).ticket == e.ticket:
            return int(e.slot)
        pop_queue(w, s)
    return -1
