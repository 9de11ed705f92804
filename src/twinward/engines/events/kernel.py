"""One replication, compiled: the event loop and what each kind of event does.

The order of things: the first event is taken; samples due before it are written; the event changes its patient or
resource; then every resource that became free serves who waits for it, best key first, until nobody can start.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange

from twinward.engines.events.sampling import draw
from twinward.engines.events.work import (
    ARRIVAL,
    BREAK,
    CHANGE,
    CLEANED,
    DONE,
    END,
    EVENTS,
    FULL,
    GO_ON,
    HEAP,
    LEVEL,
    NOBODY,
    OK,
    PENDING,
    RECORDS,
    RENEGE,
    REPAIR,
    SERVING,
    SPARE,
    STATUS,
    WAITING,
    allocate,
    drop_event,
    head,
    pop_queue,
    push_event,
    push_queue,
)
from twinward.engines.random import uniform

# What a random number is for; with the step: step * 8 + purpose.
_SERVICE, _PATIENCE, _ROUTE, _CLOCK, _CLEANING, _ARRIVE, _DIVERT, _FAIL = range(8)
_DAY = 86400.0

# Totals by class and step, by class, by place.
STARTS, WAIT, SERVICE, LEFT = range(4)
ARRIVED, EXITED, DIVERTED, BALKED, RENEGED, STAY = range(6)
VISITS, VISIT_TIME, LONG = range(3)
# Outcomes of a visit in the records.
FINISHED, GAVE_UP, TURNED_AWAY, SENT_ELSEWHERE, UNDER_WAY = range(5)


class Out(NamedTuple):
    """What one replication writes (a view of the results' row)."""

    census: Any  # (T, places)
    queue: Any  # (T, S)
    busy: Any  # (T, R)
    flow: Any  # (T, 4) arrived, exited, gave up, diverted: since the start
    by_step: Any  # (C, S, 4)
    by_class: Any  # (C, 6)
    by_place: Any  # (places, 3)
    queue_area: Any  # (S,)
    busy_area: Any  # (R,)
    census_area: Any  # (places,)
    records: Any  # (n, 7) patient, class, step, queued, started, ended, outcome; n = 0: none are kept
    departed: Any  # (present,) when each patient of the start state left; NaN: still here


class Draws(NamedTuple):
    """Where the random numbers of one replication come from."""

    key: Any
    replication: int
    time_scale: Any  # (S,)
    arrival_scale: Any  # (C,)


@njit(cache=True)
def _collecting(w: Any, since: float) -> float:
    """Time since an instant, as far as it counts (not before the warm-up's end)."""
    return max(w.clock[0] - max(since, w.clock[1]), 0.0)


@njit(cache=True)
def _wait_count(w: Any, out: Any, s: int, by: int) -> None:
    out.queue_area[s] += w.waiting[s] * _collecting(w, w.waiting_since[s])
    w.waiting_since[s] = w.clock[0]
    w.waiting[s] += by


@njit(cache=True)
def _busy_count(w: Any, out: Any, r: int, by: int) -> None:
    out.busy_area[r] += w.busy[r] * _collecting(w, w.busy_since[r])
    w.busy_since[r] = w.clock[0]
    w.busy[r] += by


@njit(cache=True)
def _census_count(w: Any, out: Any, place: int, by: int) -> None:
    out.census_area[place] += w.census[place] * _collecting(w, w.census_since[place])
    w.census_since[place] = w.clock[0]
    w.census[place] += by


@njit(cache=True)
def _free(w: Any, r: int) -> int:
    return int(w.level[r] - w.down[r] - w.busy[r] - w.cleaning[r])


@njit(cache=True)
def _mark(w: Any, r: int) -> None:
    if not w.is_pending[r]:
        w.is_pending[r] = True
        w.pending[w.n[PENDING]] = r
        w.n[PENDING] += 1


@njit(cache=True)
def _release(tb: Any, w: Any, out: Any, dr: Any, r: int, amount: int, slot: int) -> None:
    _busy_count(w, out, r, -amount)
    if tb.cleaning[r] >= 0:
        w.cleaning[r] += amount
        visit = int(w.clock[0] * 1024.0) & 0x7FFFFFFF  # one release of one patient, whatever came before
        lasts = draw(
            tb.codes, tb.parameters, tb.spans, tb.table, tb.cleaning[r], dr.key, dr.replication, w.id[slot],
            r * 8 + _CLEANING, visit,
        )  # fmt: skip
        push_event(w, w.clock[0] + lasts, CLEANED, r, amount)
    else:
        _mark(w, r)


@njit(cache=True)
def _can_start(tb: Any, w: Any, s: int, slot: int) -> bool:
    for i in range(tb.needs_begin[s], tb.needs_begin[s + 1]):
        if _free(w, tb.needs[i, 0]) < tb.needs[i, 1]:
            return False
    for i in range(tb.keeps_begin[s], tb.keeps_begin[s + 1]):
        r = tb.keeps[i, 0]
        if w.held[slot, r] < tb.keeps[i, 1] and _free(w, r) < tb.keeps[i, 1]:
            return False
    return True


@njit(cache=True)
def _move(tb: Any, w: Any, out: Any, slot: int, place: int) -> None:
    """The patient is now counted in another place (-1: nowhere)."""
    old = w.place[slot]
    if old == place:
        return
    now = w.clock[0]
    if old >= 0:
        _census_count(w, out, old, -1)
        if now >= w.clock[1]:
            stayed = now - w.place_since[slot]
            out.by_place[old, VISITS] += 1
            out.by_place[old, VISIT_TIME] += stayed
            if stayed > tb.long_stay:
                out.by_place[old, LONG] += 1
    if place >= 0:
        _census_count(w, out, place, 1)
    w.place[slot] = place
    w.place_since[slot] = now


@njit(cache=True)
def _on_the_clock(tb: Any, row: int, now: float, end: float, u: float) -> float:
    """The end moved to a local hour drawn from the step's clock, on the same day; a day later if that is over."""
    hour = 0
    while hour < 23 and u > tb.clocks[row, hour]:
        hour += 1
    low = tb.clocks[row, hour - 1] if hour > 0 else 0.0
    width = tb.clocks[row, hour] - low
    within = (u - low) / width if width > 0 else 0.5
    day = math.floor((end + tb.local_offset) / _DAY) * _DAY - tb.local_offset
    moved = day + (hour + within) * 3600.0
    return moved if moved > now else moved + _DAY * math.ceil((now - moved) / _DAY + 1e-12)


@njit(cache=True)
def _service(tb: Any, w: Any, dr: Any, slot: int, s: int) -> float:
    """How long the patient's service at step `s` takes from now."""
    if not math.isnan(w.left[slot]):
        due = w.left[slot]
        w.left[slot] = np.nan
        return float(due)
    visit = w.visits[slot, s]
    w.visits[slot, s] = visit + 1
    which = tb.time[w.klass[slot], s]
    lasts = dr.time_scale[s] * draw(
        tb.codes, tb.parameters, tb.spans, tb.table, which, dr.key, dr.replication, w.id[slot], s * 8 + _SERVICE, visit
    )
    if tb.clock[s] >= 0:
        u = uniform(dr.key, dr.replication, w.id[slot], s * 8 + _CLOCK, visit)
        now = w.clock[0]
        return _on_the_clock(tb, tb.clock[s], now, now + lasts, u) - now
    return float(lasts)


@njit(cache=True)
def _seize(tb: Any, w: Any, out: Any, slot: int, s: int) -> None:
    for i in range(tb.needs_begin[s], tb.needs_begin[s + 1]):
        _busy_count(w, out, tb.needs[i, 0], tb.needs[i, 1])
    for i in range(tb.keeps_begin[s], tb.keeps_begin[s + 1]):
        r, amount = tb.keeps[i, 0], tb.keeps[i, 1]
        if w.held[slot, r] < amount:
            _busy_count(w, out, r, amount - w.held[slot, r])
            w.held[slot, r] = amount


@njit(cache=True)
def _start(tb: Any, w: Any, out: Any, dr: Any, slot: int, s: int) -> None:
    """Service at step `s` begins."""
    now = w.clock[0]
    _seize(tb, w, out, slot, s)
    for i in range(tb.frees_begin[s], tb.frees_begin[s + 1]):
        r = tb.frees[i]
        if w.held[slot, r] > 0:
            amount = w.held[slot, r]
            w.held[slot, r] = 0
            _release(tb, w, out, dr, r, amount, slot)
    _move(tb, w, out, slot, tb.place[s])
    if now >= w.clock[1] and math.isnan(w.left[slot]):
        k = w.klass[slot]
        out.by_step[k, s, STARTS] += 1
        out.by_step[k, s, WAIT] += now - w.since[slot]
    w.key[slot] = w.since[slot]  # queued at, for the record; the waiting order is not needed any more
    lasts = _service(tb, w, dr, slot, s)
    w.phase[slot] = SERVING
    w.ticket[slot] += 1
    w.since[slot] = now
    w.end[slot] = now + lasts
    push_event(w, w.end[slot], END, slot, w.ticket[slot])


@njit(cache=True)
def _record(w: Any, out: Any, slot: int, s: int, queued: float, started: float, ended: float, outcome: int) -> None:
    if out.records.shape[0] == 0:
        return
    i = w.n[RECORDS]
    if i >= out.records.shape[0]:
        w.n[STATUS] = FULL
        return
    w.n[RECORDS] = i + 1
    row = out.records[i]
    row[0], row[1], row[2] = w.id[slot], w.klass[slot], s
    row[3], row[4], row[5], row[6] = queued, started, ended, outcome


@njit(cache=True)
def _interrupt(tb: Any, w: Any, out: Any, dr: Any, slot: int, s: int) -> bool:
    """Take what `slot` lacks for step `s` from somebody less urgent; False where there is nobody."""
    victim = -1
    for other in range(w.phase.shape[0]):
        if w.phase[other] != SERVING or tb.offset[w.klass[other]] <= tb.offset[w.klass[slot]]:
            continue
        helps = False
        for i in range(tb.needs_begin[s], tb.needs_begin[s + 1]):
            r = tb.needs[i, 0]
            if _free(w, r) >= tb.needs[i, 1]:
                continue
            t = w.step[other]
            for j in range(tb.needs_begin[t], tb.needs_begin[t + 1]):
                helps = helps or tb.needs[j, 0] == r
        if not helps:
            continue
        if victim < 0 or (tb.offset[w.klass[other]], w.since[other], w.id[other]) > (
            tb.offset[w.klass[victim]], w.since[victim], w.id[victim],
        ):  # fmt: skip
            victim = other
    if victim < 0:
        return False
    t = w.step[victim]
    w.left[victim] = w.end[victim] - w.clock[0]
    for j in range(tb.needs_begin[t], tb.needs_begin[t + 1]):
        _busy_count(w, out, tb.needs[j, 0], -tb.needs[j, 1])
    w.phase[victim] = WAITING
    w.ticket[victim] += 1
    queued = w.key[victim]
    w.since[victim] = w.clock[0]
    w.key[victim] = queued + tb.offset[w.klass[victim]]
    _wait_count(w, out, t, 1)
    push_queue(w, t, victim)
    return True


@njit(cache=True)
def _ask(tb: Any, w: Any, out: Any, dr: Any, slot: int, s: int, since: float) -> None:
    """The patient asks for step `s`: starts, waits, or does not join."""
    w.step[slot] = s
    w.since[slot] = since
    w.phase[slot] = WAITING
    w.ticket[slot] += 1
    if w.place[slot] < 0:
        _move(tb, w, out, slot, tb.place[s])
    nobody = w.waiting[s] == 0
    if nobody and _can_start(tb, w, s, slot):
        _start(tb, w, out, dr, slot, s)
        return
    if w.waiting[s] > tb.balk_above[s]:
        if w.clock[0] >= w.clock[1]:
            out.by_class[w.klass[slot], BALKED] += 1
        _record(w, out, slot, s, since, np.nan, w.clock[0], TURNED_AWAY)
        _exit(tb, w, out, dr, slot)
        return
    if tb.preemptive[s]:
        while not _can_start(tb, w, s, slot):
            if not _interrupt(tb, w, out, dr, slot, s):
                break
        if _can_start(tb, w, s, slot) and (nobody or _leads(tb, w, s, slot, since)):
            _start(tb, w, out, dr, slot, s)
            return
    w.key[slot] = since + tb.offset[w.klass[slot]]
    _wait_count(w, out, s, 1)
    push_queue(w, s, slot)
    if tb.patience[s] >= 0:
        visit = w.visits[slot, s]
        lasts = draw(
            tb.codes, tb.parameters, tb.spans, tb.table, tb.patience[s], dr.key, dr.replication, w.id[slot],
            s * 8 + _PATIENCE, visit,
        )  # fmt: skip
        push_event(w, w.clock[0] + lasts, RENEGE, slot, w.ticket[slot])


@njit(cache=True)
def _leads(tb: Any, w: Any, s: int, slot: int, since: float) -> bool:
    first = head(w, s)
    return first < 0 or since + tb.offset[w.klass[slot]] < w.key[first]


@njit(cache=True)
def _exit(tb: Any, w: Any, out: Any, dr: Any, slot: int) -> None:
    """The patient leaves the system."""
    for r in range(w.held.shape[1]):
        if w.held[slot, r] > 0:
            amount = w.held[slot, r]
            w.held[slot, r] = 0
            _release(tb, w, out, dr, r, amount, slot)
    _move(tb, w, out, slot, -1)
    if w.clock[0] >= w.clock[1]:
        out.by_class[w.klass[slot], EXITED] += 1
        out.by_class[w.klass[slot], STAY] += w.clock[0] - w.arrived[slot]
    w.phase[slot] = NOBODY
    w.ticket[slot] += 1
    w.left[slot] = np.nan
    w.visits[slot, :] = 0
    if slot < out.departed.shape[0]:  # slots of the start state are not used again, so that `departed` stays theirs
        out.departed[slot] = w.clock[0]
    else:
        w.spare[w.n[SPARE]] = slot
        w.n[SPARE] += 1


@njit(cache=True)
def _route(tb: Any, w: Any, dr: Any, slot: int) -> int:
    """The step after the one just done, drawn from the routes; -1: the patient leaves."""
    s = w.step[slot]
    row = (w.klass[slot] * tb.advance.shape[0] + w.mode[slot]) * tb.advance.shape[1] + s
    begin, end = tb.route_begin[row], tb.route_begin[row + 1]
    if end - begin == 1:
        return int(tb.route_to[begin])
    u = uniform(dr.key, dr.replication, w.id[slot], s * 8 + _ROUTE, w.visits[slot, s])
    while u > tb.route_cumulative[begin]:
        begin += 1
    return int(tb.route_to[begin])


@njit(cache=True)
def _go_on(tb: Any, w: Any, out: Any, dr: Any, slot: int, since: float, planned: int) -> None:
    """From a step that is done to the next: the one planned, or one drawn from the routes where that is -2."""
    target = _route(tb, w, dr, slot) if planned == -2 else planned
    w.mode[slot] = tb.advance[w.mode[slot], w.step[slot]]
    if target < 0:
        _exit(tb, w, out, dr, slot)
    else:
        _ask(tb, w, out, dr, slot, target, since)


@njit(cache=True)
def _serve(tb: Any, w: Any, out: Any, dr: Any) -> None:
    """Resources that became free serve who waits for them, best key first."""
    while w.n[PENDING] > 0:
        w.n[PENDING] -= 1
        r = w.pending[w.n[PENDING]]
        w.is_pending[r] = False
        while _free(w, r) > 0:
            best = -1
            for i in range(tb.users_begin[r], tb.users_begin[r + 1]):
                s = tb.users[i]
                if w.waiting[s] == 0:
                    continue
                slot = head(w, s)
                if slot >= 0 and _can_start(tb, w, s, slot) and (best < 0 or w.key[slot] < w.key[best]):
                    best = slot
            if best < 0:
                break
            s = w.step[best]
            pop_queue(w, s)
            _wait_count(w, out, s, -1)
            _start(tb, w, out, dr, best, s)


@njit(cache=True)
def _end(tb: Any, w: Any, out: Any, dr: Any, slot: int, planned: int) -> None:
    s = w.step[slot]
    now = w.clock[0]
    for i in range(tb.needs_begin[s], tb.needs_begin[s + 1]):
        _release(tb, w, out, dr, tb.needs[i, 0], tb.needs[i, 1], slot)
    if now >= w.clock[1]:
        out.by_step[w.klass[slot], s, SERVICE] += now - w.since[slot]
    _record(w, out, slot, s, w.key[slot], w.since[slot], now, FINISHED)
    w.phase[slot] = DONE
    w.ticket[slot] += 1
    _serve(tb, w, out, dr)
    _go_on(tb, w, out, dr, slot, now, planned)


@njit(cache=True)
def _renege(tb: Any, w: Any, out: Any, dr: Any, slot: int) -> None:
    s = w.step[slot]
    now = w.clock[0]
    _wait_count(w, out, s, -1)
    w.ticket[slot] += 1  # the entry in the queue is void
    if now >= w.clock[1]:
        out.by_step[w.klass[slot], s, LEFT] += 1
        out.by_class[w.klass[slot], RENEGED] += 1
    _record(w, out, slot, s, w.since[slot], np.nan, now, GAVE_UP)
    w.visits[slot, s] += 1
    if tb.on_renege[s] < 0:
        _exit(tb, w, out, dr, slot)
    else:
        _ask(tb, w, out, dr, slot, tb.on_renege[s], now)


@njit(cache=True)
def _next_arrival(tb: Any, w: Any, dr: Any, stream: int, time: float, until: float) -> None:
    """Schedule the stream's next arrival by inverting the cumulative rate (Lewis & Shedler 1979; Cinlar 1975)."""
    k = stream >> 1
    factor = 1.0 if stream & 1 == 0 else max(dr.arrival_scale[k] - 1.0, 0.0)
    due = -math.log(uniform(dr.key, dr.replication, -1 - stream, _ARRIVE, w.count[stream]))
    i = w.segment[stream]
    last = tb.rate_begin[k + 1] - 1
    while True:
        rate = tb.rate[i] * factor
        end = tb.rate_time[i + 1] if i < last else math.inf
        if rate > 0 and due <= rate * (end - time):
            time += due / rate
            break
        if i >= last or end > until:
            return
        due -= rate * (end - time)
        time = end
        i += 1
        w.segment[stream] = i
    if time <= until:
        push_event(w, time, ARRIVAL, stream, 0)


@njit(cache=True)
def _arrive(tb: Any, w: Any, out: Any, dr: Any, stream: int, until: float) -> None:
    k = stream >> 1
    now = w.clock[0]
    who = ((stream + 1) << 40) + w.count[stream]
    w.count[stream] += 1
    _next_arrival(tb, w, dr, stream, now, until)
    scale = dr.arrival_scale[k]
    if scale < 1.0 and uniform(dr.key, dr.replication, who, _ARRIVE, 0) >= scale:
        return
    if now >= w.clock[1]:
        out.by_class[k, ARRIVED] += 1
    if w.n[SPARE] == 0:
        w.n[STATUS] = FULL
        return
    w.n[SPARE] -= 1
    slot = w.spare[w.n[SPARE]]
    w.id[slot], w.klass[slot], w.mode[slot] = who, k, 0
    w.arrived[slot], w.since[slot], w.place[slot] = now, now, -1
    s = tb.first[k]
    sent = tb.diverted[k] > 0 and uniform(dr.key, dr.replication, who, _DIVERT, 0) < tb.diverted[k]
    full = tb.divert_step[k] >= 0 and w.waiting[max(tb.divert_step[k], 0)] > tb.divert_above[k]
    if sent or full:
        if now >= w.clock[1]:
            out.by_class[k, DIVERTED] += 1
        w.step[slot] = s
        _record(w, out, slot, s, now, np.nan, now, SENT_ELSEWHERE)
        w.spare[w.n[SPARE]] = slot
        w.n[SPARE] += 1
        return
    _ask(tb, w, out, dr, slot, s, now)


@njit(cache=True)
def _fail(tb: Any, w: Any, dr: Any, r: int, until: float) -> None:
    """Schedule the next breakdown of a resource; with n units in service they come n times as often."""
    count = w.n[CHANGE]
    w.n[CHANGE] += 1
    units = max(w.level[r] - w.down[r], 1)
    wait = -math.log(uniform(dr.key, dr.replication, -1 - r, _FAIL, count)) * tb.mtbf[r] / units
    if w.clock[0] + wait <= until:
        push_event(w, w.clock[0] + wait, BREAK, r, 0)


@njit(cache=True)
def _break(tb: Any, w: Any, dr: Any, r: int, until: float) -> None:
    if w.level[r] - w.down[r] > 0:
        w.down[r] += 1
        count = w.n[CHANGE]
        w.n[CHANGE] += 1
        lasts = -math.log(uniform(dr.key, dr.replication, -1 - r, 8 + _FAIL, count)) * tb.mttr[r]
        push_event(w, w.clock[0] + lasts, REPAIR, r, 0)
    _fail(tb, w, dr, r, until)


@njit(cache=True)
def _begin(tb: Any, w: Any, out: Any, dr: Any, present: Any, start: float, until: float) -> None:
    """The state at the start: levels, events to come, and everybody who is here."""
    w.clock[0] = start
    w.level[:] = tb.level
    w.waiting_since[:] = start
    w.busy_since[:] = start
    w.census_since[:] = start
    for r in range(len(tb.level)):
        for i in range(tb.change_begin[r], tb.change_begin[r + 1]):
            push_event(w, tb.change_time[i], LEVEL, r, i)
        if tb.mtbf[r] < math.inf:
            _fail(tb, w, dr, r, until)
    for k in range(len(tb.first)):
        if tb.rate_begin[k + 1] > tb.rate_begin[k]:
            for stream in (2 * k, 2 * k + 1):
                w.segment[stream] = tb.rate_begin[k]
                if stream == 2 * k or dr.arrival_scale[k] > 1.0:
                    _next_arrival(tb, w, dr, stream, start, until)
    ids, klass, mode, step, phase, since, arrived, place, placed, held, remaining, target, patience = present
    n = len(ids)
    w.n[SPARE] -= n  # slots 0 .. n - 1 are the top of the stack
    for i in range(n):
        w.id[i], w.klass[i], w.mode[i], w.step[i] = ids[i], klass[i], mode[i], step[i]
        w.since[i], w.arrived[i], w.key[i] = since[i], arrived[i], since[i]
        w.ticket[i] = 1
        _move(tb, w, out, i, place[i])
        w.place_since[i] = placed[i]
        for r in range(held.shape[1]):
            if held[i, r] > 0:
                w.held[i, r] = held[i, r]
                _busy_count(w, out, r, held[i, r])
    for i in range(n):
        s = step[i]
        w.phase[i] = phase[i]
        if phase[i] == SERVING:
            w.visits[i, s] = 1
            for j in range(tb.needs_begin[s], tb.needs_begin[s + 1]):
                _busy_count(w, out, tb.needs[j, 0], tb.needs[j, 1])
            end = start + remaining[i]
            if tb.clock[s] >= 0:
                u = uniform(dr.key, dr.replication, ids[i], s * 8 + _CLOCK, 0)
                end = _on_the_clock(tb, tb.clock[s], start, end, u)
            w.end[i] = end
            push_event(w, end, END, i, 1)
        elif phase[i] == WAITING:
            w.key[i] = since[i] + tb.offset[klass[i]]
            _wait_count(w, out, s, 1)
            push_queue(w, s, i)
            if patience[i] < math.inf:
                push_event(w, start + patience[i], RENEGE, i, 1)
        else:
            push_event(w, start, GO_ON, i, 1)
    for r in range(len(tb.level)):
        _mark(w, r)
    _serve(tb, w, out, dr)


@njit(cache=True)
def _sample(w: Any, out: Any, i: int) -> None:
    out.census[i, :] = w.census
    out.queue[i, :] = w.waiting
    out.busy[i, :] = w.busy
    for k in range(out.by_class.shape[0]):
        out.flow[i, 0] += out.by_class[k, ARRIVED]
        out.flow[i, 1] += out.by_class[k, EXITED]
        out.flow[i, 2] += out.by_class[k, RENEGED] + out.by_class[k, BALKED]
        out.flow[i, 3] += out.by_class[k, DIVERTED]


@njit(cache=True)
def _finish(w: Any, out: Any, until: float) -> None:
    """Areas up to the end, and records of what is still under way."""
    w.clock[0] = until
    for s in range(len(w.waiting)):
        _wait_count(w, out, s, 0)
    for r in range(len(w.busy)):
        _busy_count(w, out, r, 0)
    for p in range(len(w.census)):
        _census_count(w, out, p, 0)
    if out.records.shape[0] == 0:
        return
    for slot in range(len(w.phase)):
        if w.phase[slot] == SERVING:
            _record(w, out, slot, w.step[slot], w.key[slot], w.since[slot], np.nan, UNDER_WAY)
        elif w.phase[slot] == WAITING:
            _record(w, out, slot, w.step[slot], w.since[slot], np.nan, np.nan, UNDER_WAY)


@njit(cache=True)
def _loop(tb: Any, w: Any, out: Any, dr: Any, target: Any, until: float, samples: Any) -> None:
    due = 0
    while w.n[STATUS] == OK:
        time = w.event_time[0] if w.n[HEAP] > 0 else math.inf
        while due < len(samples) and samples[due] < time:
            _sample(w, out, due)
            due += 1
        if time > until:
            break
        kind, who, ticket = w.event_kind[0], w.event_who[0], w.event_ticket[0]
        drop_event(w)
        w.clock[0] = time
        if kind == END or kind == RENEGE or kind == GO_ON:
            if w.ticket[who] != ticket:
                continue
            w.n[EVENTS] += 1
            planned = target[who] if ticket == 1 and who < len(target) else -2
            if kind == END:
                _end(tb, w, out, dr, who, planned)
            elif kind == RENEGE:
                _renege(tb, w, out, dr, who)
            else:
                _go_on(tb, w, out, dr, who, w.since[who], planned)
        else:
            w.n[EVENTS] += 1
            if kind == ARRIVAL:
                _arrive(tb, w, out, dr, who, until)
            elif kind == CLEANED:
                w.cleaning[who] -= ticket
                _mark(w, who)
            elif kind == LEVEL:
                w.level[who] = tb.change_level[ticket]
                _mark(w, who)
            elif kind == BREAK:
                _break(tb, w, dr, who, until)
            else:
                w.down[who] -= 1
                _mark(w, who)
        if w.n[PENDING] > 0:
            _serve(tb, w, out, dr)
    _finish(w, out, until)


@njit(cache=True, parallel=True)
def run(
    tb: Any, present: Any, start: float, until: float, collect_from: float, key: Any, first: int, samples: Any,
    arrival_scale: Any, time_scale: Any, sizes: Any, results: Any, status: Any, counts: Any,
) -> None:  # fmt: skip
    """Every replication, in parallel; each writes its own row of `results` and a status (1: memory was too small)."""
    census, queue, busy, flow, by_step, by_class, by_place, queue_area, busy_area, census_area, records, departed = (
        results
    )
    ids, klass, mode, step, phase, since, arrived, place, placed, held, remaining, target, patience = present
    for i in prange(len(status)):
        w = allocate(sizes[0], sizes[1], sizes[2], tb.time.shape[1], len(tb.level), len(tb.first), tb.places)
        w.clock[1] = collect_from
        out = Out(
            census[i], queue[i], busy[i], flow[i], by_step[i], by_class[i], by_place[i], queue_area[i], busy_area[i],
            census_area[i], records[i], departed[i],
        )  # fmt: skip
        dr = Draws(key, first + i, time_scale[i], arrival_scale[i])
        here = (
            ids, klass, mode, step, phase, since, arrived, place, placed, held, remaining[i], target[i], patience[i]
        )  # fmt: skip
        _begin(tb, w, out, dr, here, start, until)
        _loop(tb, w, out, dr, target[i], until, samples)
        status[i] = w.n[STATUS]
        counts[i, 0] = w.n[EVENTS]
        counts[i, 1] = w.n[RECORDS]


@njit(cache=True)
def uniforms(key: Any, first: int, replications: int, ids: Any, purpose: int) -> Any:
    """One uniform number a replication and patient, for what is drawn outside the kernel (time still to go)."""
    out = np.empty((replications, len(ids)))
    for i in range(replications):
        for j in range(len(ids)):
            out[i, j] = uniform(key, first + i, ids[j], -8 + purpose, 0)
    return out
