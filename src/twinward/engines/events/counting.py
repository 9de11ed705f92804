"""Who waits, what is in use, who is where: counts whose time integrals are kept, and what can start."""

from typing import Any

from twinward.engines.events.heaps import (
    push_event,
)
from twinward.engines.events.memory import (
    CLEANED,
    by_place,
    compiled,
    held,
    inlined,
    keep,
    need,
    patient,
    pending,
    place,
    resource,
    spent,
    step,
)
from twinward.engines.events.sampling import (
    draw,
    words,
)

# What a random number is for: a step's number plus AT_STEP, a resource's plus AT_RESOURCE; arrivals take 0 and 1.
AT_STEP, AT_RESOURCE = 16, 1 << 20


@inlined
def count_waiting(w: Any, st: Any, by: int, boards: int) -> None:
    """Somebody joins or leaves the queue of a step; the areas are brought up to now."""
    lapse = w.now - st.since
    if lapse > 0.0:
        st.area += st.waiting * lapse
        st.boarding_area += st.boarding * lapse
        st.since = w.now
    st.waiting += by
    if boards > 0:
        st.boarding += by


@inlined
def count_busy(w: Any, res: Any, by: int) -> None:
    """So many more are in use; the area is brought up to now."""
    lapse = w.now - res.since
    if lapse > 0.0:
        res.area += res.busy * lapse
        res.since = w.now
    res.busy += by


@inlined
def count_census(w: Any, at: int, by: int) -> None:
    """Somebody comes to or leaves a place; the area is brought up to now."""
    pl = place(w, at)
    lapse = w.now - pl.since
    if lapse > 0.0:
        pl.area += pl.census * lapse
        pl.since = w.now
    pl.census += by


@inlined
def spend(w: Any, slot: int, doing: int) -> None:
    """The patient's present phase is over, or the run is: the time it took (`doing` 0: waiting, 1: in service)."""
    p = patient(w, slot)
    since = max(p.since, w.collect)
    if p.place >= 0 and w.now > since:
        spent(w, (doing * w.S + p.step) * w.P + p.place).value += w.now - since


@inlined
def is_free(res: Any) -> int:
    """How many of a resource could be seized; negative where a shift ended under way."""
    return res.level - res.down - res.busy - res.cleaning


@inlined
def mark(w: Any, r: int) -> None:
    """Something of resource r became free: who waits for it is looked at before the next event."""
    res = resource(w, r)
    if res.pending == 0:
        res.pending = 1
        pending(w, w.pending_n).value = r
        w.pending_n += 1


@inlined
def release(w: Any, r: int, amount: int, slot: int) -> None:
    """Give back `amount` of resource `r`: free at once, or after it was cleaned."""
    res = resource(w, r)
    count_busy(w, res, -amount)
    if res.cleaning_law >= 0:
        _clean(w, r, amount, slot)
    else:
        mark(w, r)


@compiled
def _clean(w: Any, r: int, amount: int, slot: int) -> None:
    res = resource(w, r)
    p = patient(w, slot)
    res.cleaning += amount
    visit = p.step * 65536 + p.visit
    block = words(w, p.id, AT_RESOURCE + r, visit)
    push_event(w, w.now + draw(w, res.cleaning_law, block[0], p.id, AT_RESOURCE + r, visit), CLEANED, r, amount)


@inlined
def can_start(w: Any, st: Any, slot: int) -> bool:
    """Whether all that step `st` needs, and what its patient will keep, is free for the patient in `slot`."""
    for i in range(st.needs_begin, st.needs_end):
        n = need(w, i)
        if is_free(resource(w, n.resource)) < n.amount:
            return False
    for i in range(st.keeps_begin, st.keeps_end):
        n = keep(w, i)
        lacking = n.amount - held(w, slot * w.R + n.resource).value
        if lacking > 0 and is_free(resource(w, n.resource)) < lacking:
            return False
    return True


@compiled
def move(w: Any, slot: int, to: int) -> None:
    """The patient is now counted in another place (-1: nowhere)."""
    p = patient(w, slot)
    old = p.place
    if old == to:
        return
    if old >= 0:
        count_census(w, old, -1)
        if w.now >= w.collect:
            stayed = w.now - p.placed
            row = by_place(w, old)
            row.visits += 1.0
            row.time += stayed
            if stayed > w.long_stay:
                row.long += 1.0
    if to >= 0:
        count_census(w, to, 1)
    p.place = to
    p.placed = w.now


@compiled
def needs_of(w: Any, s: int, r: int) -> int:
    """How many of resource r step s needs while it lasts."""
    st = step(w, s)
    for i in range(st.needs_begin, st.needs_end):
        if need(w, i).resource == r:
            return int(need(w, i).amount)
    return 0
