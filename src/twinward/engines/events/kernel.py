"""One replication, compiled: the event loop.

The order of things: the first event is taken; samples due before it are written; the event changes its patient or
resource; then every resource that became free serves who waits for it, best key first, until nobody can start.
"""

import math
from typing import Any

from numba import njit

from twinward.engines.events.arrivals import (
    arrive,
)
from twinward.engines.events.counting import (
    mark,
)
from twinward.engines.events.edges import (
    begin,
    finish,
    sample,
)
from twinward.engines.events.flow import (
    end,
    go_on,
    renege,
    serve,
)
from twinward.engines.events.heaps import (
    close_hole,
)
from twinward.engines.events.memory import (
    BREAK,
    CLEANED,
    END,
    FULL,
    GO_ON,
    KINDS,
    LEVEL,
    RECORD,
    RENEGE,
    REPAIR,
    change,
    compiled,
    event,
    inlined,
    patient,
    resource,
    sample_time,
)
from twinward.engines.events.supply import (
    fail,
    next_level,
)

_RECORD_BYTES = RECORD.itemsize


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
        fail(w, who, ticket)
    else:
        w.counted += 1
        res = resource(w, who)
        if kind == CLEANED:
            res.cleaning -= ticket
        elif kind == LEVEL:
            res.level = change(w, ticket).level
            next_level(w, who, ticket + 1)
        elif kind == REPAIR:
            res.down -= 1
        mark(w, who)


@compiled
def _replicate(w: Any) -> None:
    begin(w)
    due = 0
    while w.status & FULL == 0:
        if w.hole != 0:
            close_hole(w)
        time = event(w, 0).time if w.heap > 0 else math.inf
        arrives = w.next_arrival < time
        if arrives:
            time = w.next_arrival
        while due < w.samples_n and sample_time(w, due).value < time:
            sample(w, due)
            due += 1
        if time > w.until:
            break
        w.now = time
        if arrives:
            arrive(w, w.next_stream)
        else:
            e = event(w, 0)
            kind, who, ticket = e.what % KINDS, e.what // KINDS, e.ticket
            w.hole = 1
            _happens(w, kind, who, ticket)
        if w.pending_n > 0:
            serve(w)
    finish(w)


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
