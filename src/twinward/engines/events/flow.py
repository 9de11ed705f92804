"""What happens to a patient: asks, waits, starts, ends, goes on, gives up, leaves.

Random numbers: a coming of a patient to a step has one block of four words, addressed by (patient, step, visit): the
first is for the service, the second for the route, the third for the hour of the day, the fourth for patience.
"""

import math
from typing import Any

from twinward.engines.events.counting import (
    AT_STEP,
    can_start,
    count_busy,
    count_waiting,
    is_free,
    move,
    release,
    spend,
)
from twinward.engines.events.heaps import (
    head,
    pop_queue,
    push_event,
    push_queue,
)
from twinward.engines.events.memory import (
    DONE,
    END,
    NOBODY,
    RECORDS_FULL,
    RENEGE,
    SERVING,
    WAITING,
    advance,
    by_class,
    by_step,
    clock,
    compiled,
    departed,
    exits,
    free_of,
    held,
    inlined,
    keep,
    klass,
    left_home,
    moved_at,
    moved_to,
    need,
    patient,
    pending,
    present,
    record,
    resource,
    route,
    spare,
    stays,
    step,
    target,
    time_law,
    time_scale,
    time_to_law,
    user,
    visits,
)
from twinward.engines.events.preemption import (
    make_room,
)
from twinward.engines.events.sampling import (
    draw,
    words,
)
from twinward.engines.random import (
    to_uniform,
)

_FOR_PATIENCE = 1 << 32  # added to the purpose of further words, which service might ask for too
_DAY = 86400.0
# Outcomes of a visit in the records.
FINISHED, GAVE_UP, TURNED_AWAY, SENT_ELSEWHERE, UNDER_WAY = range(5)


@compiled
def on_the_clock(w: Any, row: int, now: float, end: float, u: float) -> float:
    """The end moved to a local hour drawn from the step's clock, on the same day; a day later if that is over."""
    hour = 0
    while hour < 23 and u > clock(w, row * 24 + hour).value:
        hour += 1
    low = clock(w, row * 24 + hour - 1).value if hour > 0 else 0.0
    width = clock(w, row * 24 + hour).value - low
    within = (u - low) / width if width > 0.0 else 0.5
    day = math.floor((end + w.local_offset) / _DAY) * _DAY - w.local_offset
    moved = day + (hour + within) * 3600.0
    return moved if moved > now else moved + _DAY * math.ceil((now - moved) / _DAY + 1e-12)


@compiled
def _draw_words(w: Any, p: Any) -> None:
    """Written from here, not returned: four words returned through memory cost a failed store forwarding."""
    p.drawn = 1
    p.word0, p.word1, p.word2, p.word3 = words(w, p.id, AT_STEP + p.step, p.visit)


@inlined
def luck(w: Any, p: Any) -> None:
    """The four random words of the patient's present visit, drawn once."""
    if p.drawn == 0:
        _draw_words(w, p)


@inlined
def next_step(w: Any, p: Any) -> int:
    """The step after the present one, drawn from the routes; -1: the patient leaves."""
    row = route(w, (p.klass * w.M + p.mode) * w.S + p.step)
    i = row.begin
    if row.end - i > 1:
        luck(w, p)
        u = to_uniform(p.word1)
        while u > target(w, i).cumulative:
            i += 1
    return target(w, i).step


@inlined
def _service(w: Any, p: Any, st: Any, s: int) -> float:
    """How long the patient's service at step `s` takes from now."""
    if p.left >= 0.0:
        due = p.left
        p.left = -1.0
        return due
    luck(w, p)
    which = time_law(w, p.klass * w.S + s).value
    if st.forward >= 0:
        if p.planned == -2:
            p.planned = next_step(w, p)
        given = time_to_law(w, st.forward * (w.S + 1) + p.planned + 1).value
        which = given if given >= 0 else which
    lasts = time_scale(w, s).value * draw(w, which, p.word0, p.id, AT_STEP + s, p.visit)
    if st.clock >= 0:
        return on_the_clock(w, st.clock, w.now, w.now + lasts, to_uniform(p.word2)) - w.now
    return lasts


@inlined
def _seize_kept(w: Any, p: Any, st: Any, slot: int) -> None:
    for i in range(st.keeps_begin, st.keeps_end):
        n = keep(w, i)
        has = held(w, slot * w.R + n.resource)
        lacking = n.amount - has.value
        if lacking > 0:
            count_busy(w, resource(w, n.resource), lacking)
            has.value += lacking
            p.kept += lacking


@inlined
def _give_back(w: Any, p: Any, r: int, slot: int) -> None:
    has = held(w, slot * w.R + r)
    amount = has.value
    if amount > 0:
        has.value = 0
        p.kept -= amount
        release(w, r, amount, slot)


@inlined
def _settles(w: Any, slot: int, at: int) -> None:
    """Somebody of the start state takes what is kept at a place (-1: leaves): for the first time away from home?"""
    if slot < w.present_n and at != present(w, slot).home and math.isnan(left_home(w, slot).value):
        left_home(w, slot).value = w.now


@compiled
def start(w: Any, slot: int, s: int) -> None:
    """Service at step `s` begins, or is resumed after an interruption."""
    p = patient(w, slot)
    st = step(w, s)
    for i in range(st.needs_begin, st.needs_end):
        n = need(w, i)
        count_busy(w, resource(w, n.resource), n.amount)
    _seize_kept(w, p, st, slot)
    if p.kept > 0:
        for i in range(st.frees_begin, st.frees_end):
            _give_back(w, p, free_of(w, i).value, slot)
    if p.place != st.place:
        move(w, slot, st.place)
    if st.keeps_begin < st.keeps_end:
        _settles(w, slot, st.place)
    if p.left < 0.0:
        p.started = w.now
        if w.now >= w.collect:
            row = by_step(w, p.klass * w.S + s)
            row.starts += 1.0
            row.wait += w.now - p.queued
    p.phase = SERVING
    p.ticket += 1
    p.since = w.now
    p.end = w.now + _service(w, p, st, s)
    push_event(w, p.end, END, slot, p.ticket)


@compiled
def write_record(w: Any, slot: int, queued: float, started: float, ended: float, outcome: int) -> None:
    """One visit; where there is no room left it is only counted, so that the next run has enough."""
    i = w.recorded
    w.recorded = i + 1
    if i >= w.records_n:
        w.status |= RECORDS_FULL
        return
    p = patient(w, slot)
    row = record(w, i)
    row.replication, row.patient, row.klass, row.step = w.replication, p.id, p.klass, p.step
    row.queued, row.started, row.ended, row.outcome = queued, started, ended, outcome


@compiled
def ask(w: Any, slot: int, s: int) -> None:
    """The patient asks for step `s`: starts, waits, or does not join."""
    p = patient(w, slot)
    st = step(w, s)
    p.step = s
    p.since = p.queued = w.now
    p.phase = WAITING
    p.ticket += 1
    p.drawn = 0
    count = visits(w, slot * w.S + s)
    p.visit = count.value
    count.value += 1
    if p.place < 0:
        move(w, slot, st.place)
    p.key = w.now + klass(w, p.klass).offset
    leads = st.waiting == 0
    if not leads:
        first = head(w, s)
        leads = first < 0 or p.key < patient(w, first).key
    if leads and (can_start(w, st, slot) or (st.preemptive != 0 and make_room(w, slot, s))):
        start(w, slot, s)
        return
    if st.waiting > st.balk_above:
        if w.now >= w.collect:
            by_class(w, p.klass).balked += 1.0
        if w.recording != 0:
            write_record(w, slot, w.now, math.nan, w.now, TURNED_AWAY)
        leave(w, slot, 2)
        return
    count_waiting(w, st, 1, p.kept)
    push_queue(w, s, slot)
    if st.patience >= 0:
        luck(w, p)
        lasts = draw(w, st.patience, p.word3, p.id, AT_STEP + s + _FOR_PATIENCE, p.visit)
        push_event(w, w.now + lasts, RENEGE, slot, p.ticket)


@compiled
def leave(w: Any, slot: int, how: int) -> None:
    """The patient leaves the system (0: finished, 1: gave up, 2: did not join)."""
    p = patient(w, slot)
    if p.kept > 0:
        for r in range(w.R):
            _give_back(w, p, r, slot)
    move(w, slot, -1)
    _settles(w, slot, -1)
    if w.now >= w.collect:
        stay = w.now - p.arrived
        row = by_class(w, p.klass)
        row.exited += 1.0
        row.stay += stay
        exits(w, p.klass * 3 + how).value += 1.0
        stays(w, p.klass * 3 + how).value += stay
    p.phase = NOBODY
    p.ticket += 1
    for s in range(w.S):
        visits(w, slot * w.S + s).value = 0
    if slot < w.present_n:  # slots of the start state are not used again, so that `departed` stays theirs
        departed(w, slot).value = w.now
    else:
        spare(w, w.spare_n).value = slot
        w.spare_n += 1


@inlined
def _moves(w: Any, slot: int, to: int) -> None:
    """Somebody of the start state goes on for the first time."""
    p = patient(w, slot)
    if slot < w.present_n and p.moved == 0:
        p.moved = 1
        moved_to(w, slot).value = to
        moved_at(w, slot).value = w.now


@compiled
def go_on(w: Any, slot: int) -> None:
    """From a step that is done to the next: the one planned, or one drawn from the routes."""
    p = patient(w, slot)
    to = p.planned
    if to == -2:
        to = next_step(w, p)
    p.planned = -2
    p.mode = advance(w, p.mode * w.S + p.step).value
    _moves(w, slot, to)
    if to < 0:
        leave(w, slot, 0)
    else:
        ask(w, slot, to)


@compiled
def start_first(w: Any, s: int) -> bool:
    """Start who is first in the queue of step `s`; False where he cannot start."""
    slot = head(w, s)
    if slot < 0 or not can_start(w, step(w, s), slot):
        return False
    pop_queue(w, s)
    count_waiting(w, step(w, s), -1, patient(w, slot).kept)
    spend(w, slot, 0)
    start(w, slot, s)
    return True


@compiled
def serve(w: Any) -> None:
    """Resources that became free serve who waits for them, best key first, until nobody can start."""
    while w.pending_n > 0:
        w.pending_n -= 1
        r = pending(w, w.pending_n).value
        res = resource(w, r)
        res.pending = 0
        while is_free(res) > 0:
            best, best_key = -1, math.inf
            for i in range(res.users_begin, res.users_end):
                s = user(w, i).value
                st = step(w, s)
                if st.waiting == 0:
                    continue
                slot = head(w, s)
                if slot >= 0 and (best < 0 or patient(w, slot).key < best_key) and can_start(w, st, slot):
                    best, best_key = slot, patient(w, slot).key
            if best < 0:
                break
            start_first(w, patient(w, best).step)


@compiled
def end(w: Any, slot: int) -> None:
    """Service is over: what it needed is given back and used by others, then the patient goes on."""
    p = patient(w, slot)
    s = p.step
    st = step(w, s)
    spend(w, slot, 1)
    p.phase = DONE
    p.ticket += 1
    for i in range(st.needs_begin, st.needs_end):
        n = need(w, i)
        release(w, n.resource, n.amount, slot)
    if w.now >= w.collect:
        by_step(w, p.klass * w.S + s).service += w.now - p.since
    if w.recording != 0:
        write_record(w, slot, p.queued, p.started, w.now, FINISHED)
    serve(w)
    go_on(w, slot)


@compiled
def renege(w: Any, slot: int) -> None:
    """Patience is over: the patient gives up waiting."""
    p = patient(w, slot)
    s = p.step
    st = step(w, s)
    count_waiting(w, st, -1, p.kept)
    spend(w, slot, 0)
    p.ticket += 1  # the entry in the queue is void
    if w.now >= w.collect:
        by_step(w, p.klass * w.S + s).left += 1.0
        by_class(w, p.klass).reneged += 1.0
    if w.recording != 0:
        write_record(w, slot, p.queued, math.nan, w.now, GAVE_UP)
    p.planned = -2
    _moves(w, slot, st.on_renege)
    if st.on_renege < 0:
        leave(w, slot, 1)
    else:
        ask(w, slot, st.on_renege)
