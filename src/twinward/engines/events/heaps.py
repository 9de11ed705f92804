"""The calendar of events and the queues of the steps: binary heaps; a void entry is skipped when it comes up."""

from typing import Any

from twinward.engines.events.memory import (
    END,
    FULL,
    GO_ON,
    RENEGE,
    compiled,
    event,
    inlined,
    patient,
    queue,
    step,
)


@inlined
def _set_event(e: Any, time: float, order: int, kind: int, who: int, ticket: int) -> None:
    e.time, e.order, e.kind, e.who, e.ticket = time, order, kind, who, ticket


@inlined
def _copy_event(e: Any, other: Any) -> None:
    e.time, e.order, e.kind, e.who, e.ticket = other.time, other.order, other.kind, other.who, other.ticket


@inlined
def _rise(w: Any, i: int, time: float, order: int, kind: int, who: int, ticket: int) -> None:
    """Put an event in at place i or above; a later order is never before an equal time."""
    while i > 0:
        above = (i - 1) >> 1
        e = event(w, above)
        if e.time < time or (e.time == time and e.order < order):
            break
        _copy_event(event(w, i), e)
        i = above
    _set_event(event(w, i), time, order, kind, who, ticket)


@compiled
def push_event(w: Any, time: float, kind: int, who: int, ticket: int) -> None:
    """Put an event into the calendar."""
    if w.heap >= w.calendar:
        _forget_void_events(w)
        if w.heap >= w.calendar:
            w.status |= FULL
            return
    i = w.heap
    w.heap = i + 1
    w.order += 1
    _rise(w, i, time, w.order, kind, who, ticket)


@compiled
def drop_event(w: Any) -> None:
    """Take the first event off the calendar: the hole sinks to a leaf, the last event rises from there."""
    last = w.heap - 1
    w.heap = last
    if last == 0:
        return
    i = 0
    below = 1
    while below + 1 < last:
        a, b = event(w, below), event(w, below + 1)
        if b.time < a.time or (b.time == a.time and b.order < a.order):
            below += 1
        _copy_event(event(w, i), event(w, below))
        i = below
        below = 2 * i + 1
    if below < last:
        _copy_event(event(w, i), event(w, below))
        i = below
    e = event(w, last)
    _rise(w, i, e.time, e.order, e.kind, e.who, e.ticket)


@compiled
def _forget_void_events(w: Any) -> None:
    """Room for others: events of phases that are over go; the rest keeps its order."""
    count = w.heap
    w.heap = 0
    for i in range(count):
        e = event(w, i)
        personal = e.kind == END or e.kind == RENEGE or e.kind == GO_ON
        if not personal or patient(w, e.who).ticket == e.ticket:
            j = w.heap
            w.heap = j + 1
            _rise(w, j, e.time, e.order, e.kind, e.who, e.ticket)


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
