"""The memory of one replication, allocated once: slots of patients, the calendar of events, queues and counters."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit


class Work(NamedTuple):
    """P slots of patients, E places in the calendar, Q places in a queue; R, S, C and places as in `Tables`."""

    n: Any  # (8,) counters, see below
    clock: Any  # (2,) now, collecting since
    id: Any  # (P,)
    klass: Any
    mode: Any
    step: Any
    phase: Any
    ticket: Any  # changes with every phase: events of an earlier phase are void
    since: Any
    key: Any  # waiting order
    arrived: Any
    end: Any  # when service ends
    left: Any  # service still due after an interruption; NaN: none
    place: Any
    place_since: Any
    visits: Any  # (P, S)
    held: Any  # (P, R) kept resources
    spare: Any  # (P,) stack of free slots
    event_time: Any  # (E,) binary heap
    event_order: Any
    event_kind: Any
    event_who: Any
    event_ticket: Any
    queue_key: Any  # (S, Q) binary heaps
    queue_order: Any
    queue_slot: Any
    queue_ticket: Any
    queue_size: Any  # (S,) entries, void ones included
    waiting: Any  # (S,) who really waits
    level: Any  # (R,)
    busy: Any
    cleaning: Any
    down: Any
    census: Any  # (places,)
    pending: Any  # (R,) resources to serve, each once
    is_pending: Any
    segment: Any  # (2 C,) arrival streams: place in the rates
    count: Any  # (2 C,) arrivals so far
    waiting_since: Any  # (S,) last change, for areas
    busy_since: Any  # (R,)
    census_since: Any  # (places,)


# Counters in Work.n
HEAP, ORDER, SPARE, PENDING, RECORDS, STATUS, EVENTS, CHANGE = range(8)
OK, FULL = 0, 1

# Phases of a patient
WAITING, SERVING, DONE, NOBODY = 0, 1, 2, 3

# Kinds of events
ARRIVAL, END, RENEGE, CLEANED, LEVEL, BREAK, REPAIR, GO_ON = range(8)


@njit(cache=True)
def allocate(patients: int, events: int, queue: int, steps: int, resources: int, classes: int, places: int) -> Any:
    """An empty workspace."""
    ints = np.int64
    work = Work(
        np.zeros(8, ints),
        np.zeros(2),
        np.zeros(patients, ints),
        np.zeros(patients, ints),
        np.zeros(patients, ints),
        np.zeros(patients, ints),
        np.full(patients, NOBODY, ints),
        np.zeros(patients, ints),
        np.zeros(patients),
        np.zeros(patients),
        np.zeros(patients),
        np.zeros(patients),
        np.full(patients, np.nan),
        np.full(patients, -1, ints),
        np.zeros(patients),
        np.zeros((patients, steps), np.uint16),
        np.zeros((patients, resources), np.int32),
        np.arange(patients - 1, -1, -1).astype(ints),
        np.zeros(events),
        np.zeros(events, ints),
        np.zeros(events, ints),
        np.zeros(events, ints),
        np.zeros(events, ints),
        np.zeros((steps, queue)),
        np.zeros((steps, queue), ints),
        np.zeros((steps, queue), ints),
        np.zeros((steps, queue), ints),
        np.zeros(steps, ints),
        np.zeros(steps, ints),
        np.zeros(resources, ints),
        np.zeros(resources, ints),
        np.zeros(resources, ints),
        np.zeros(resources, ints),
        np.zeros(places, ints),
        np.zeros(resources, ints),
        np.zeros(resources, np.bool_),
        np.zeros(2 * classes, ints),
        np.zeros(2 * classes, ints),
        np.zeros(steps),
        np.zeros(resources),
        np.zeros(places),
    )
    work.n[SPARE] = patients
    return work


@njit(cache=True)
def push_event(w: Any, time: float, kind: int, who: int, ticket: int) -> None:
    """Put an event into the calendar."""
    i = w.n[HEAP]
    if i >= w.event_time.shape[0]:
        w.n[STATUS] = FULL
        return
    order = w.n[ORDER]
    w.n[ORDER] = order + 1
    w.n[HEAP] = i + 1
    while i > 0:
        above = (i - 1) >> 1
        if w.event_time[above] <= time:  # a later order is never before an equal time
            break
        w.event_time[i] = w.event_time[above]
        w.event_order[i] = w.event_order[above]
        w.event_kind[i] = w.event_kind[above]
        w.event_who[i] = w.event_who[above]
        w.event_ticket[i] = w.event_ticket[above]
        i = above
    w.event_time[i] = time
    w.event_order[i] = order
    w.event_kind[i] = kind
    w.event_who[i] = who
    w.event_ticket[i] = ticket


@njit(cache=True)
def drop_event(w: Any) -> None:
    """Take the first event off the calendar."""
    last = w.n[HEAP] - 1
    w.n[HEAP] = last
    if last == 0:
        return
    time, order = w.event_time[last], w.event_order[last]
    i = 0
    while True:
        below = 2 * i + 1
        if below >= last:
            break
        if below + 1 < last:
            a, b = w.event_time[below], w.event_time[below + 1]
            if b < a or (b == a and w.event_order[below + 1] < w.event_order[below]):
                below += 1
        first = w.event_time[below]
        if time < first or (time == first and order < w.event_order[below]):
            break
        w.event_time[i] = first
        w.event_order[i] = w.event_order[below]
        w.event_kind[i] = w.event_kind[below]
        w.event_who[i] = w.event_who[below]
        w.event_ticket[i] = w.event_ticket[below]
        i = below
    w.event_time[i] = time
    w.event_order[i] = order
    w.event_kind[i] = w.event_kind[last]
    w.event_who[i] = w.event_who[last]
    w.event_ticket[i] = w.event_ticket[last]


@njit(cache=True)
def _before(w: Any, s: int, i: int, j: int) -> bool:
    a, b = w.queue_key[s, i], w.queue_key[s, j]
    return a < b or (a == b and w.queue_order[s, i] < w.queue_order[s, j])


@njit(cache=True)
def _swap(w: Any, s: int, i: int, j: int) -> None:
    w.queue_key[s, i], w.queue_key[s, j] = w.queue_key[s, j], w.queue_key[s, i]
    w.queue_order[s, i], w.queue_order[s, j] = w.queue_order[s, j], w.queue_order[s, i]
    w.queue_slot[s, i], w.queue_slot[s, j] = w.queue_slot[s, j], w.queue_slot[s, i]
    w.queue_ticket[s, i], w.queue_ticket[s, j] = w.queue_ticket[s, j], w.queue_ticket[s, i]


@njit(cache=True)
def push_queue(w: Any, s: int, slot: int) -> None:
    """Put a patient into the queue of step `s`."""
    i = w.queue_size[s]
    if i >= w.queue_key.shape[1]:
        w.n[STATUS] = FULL
        return
    w.queue_size[s] = i + 1
    w.queue_key[s, i] = w.key[slot]
    w.queue_order[s, i] = w.n[ORDER]
    w.n[ORDER] += 1
    w.queue_slot[s, i] = slot
    w.queue_ticket[s, i] = w.ticket[slot]
    while i > 0:
        above = (i - 1) >> 1
        if not _before(w, s, i, above):
            break
        _swap(w, s, i, above)
        i = above


@njit(cache=True)
def pop_queue(w: Any, s: int) -> None:
    """Take the first entry out of the queue of step `s`."""
    last = w.queue_size[s] - 1
    w.queue_size[s] = last
    _swap(w, s, 0, last)
    i = 0
    while True:
        below = 2 * i + 1
        if below >= last:
            break
        if below + 1 < last and _before(w, s, below + 1, below):
            below += 1
        if not _before(w, s, below, i):
            break
        _swap(w, s, i, below)
        i = below


@njit(cache=True)
def head(w: Any, s: int) -> int:
    """The slot of the first patient who still waits for step `s`; -1 where nobody does."""
    while w.queue_size[s] > 0:
        slot = w.queue_slot[s, 0]
        if w.ticket[slot] == w.queue_ticket[s, 0]:
            return int(slot)
        pop_queue(w, s)
    return -1
