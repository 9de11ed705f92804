"""Who comes: a Poisson process for each class and layer of surge, by inversion of its cumulative rate."""

import math
from typing import Any

from twinward.engines.events.flow import (
    SENT_ELSEWHERE,
    ask,
    write_record,
)
from twinward.engines.events.memory import (
    FULL,
    NOBODY,
    arrival_scale,
    by_class,
    compiled,
    inlined,
    klass,
    patient,
    segment,
    spare,
    step,
    stream,
)
from twinward.engines.events.sampling import (
    words,
)
from twinward.engines.random import (
    to_uniform,
)

_CLOCK_OF_ARRIVALS, _JOINS = 0, 1  # purposes of random numbers
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
def next_arrival(w: Any, i: int) -> None:
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
def first_stream(w: Any) -> None:
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
def arrive(w: Any, i: int) -> None:
    """A candidate of stream `i`: no arrival (thinning), sent elsewhere, or in; the next one is planned."""
    st = stream(w, i)
    k = st.klass
    who = ((st.layer * _LAYER + k + 1) << 40) + st.count
    comes, sent = _joins(w, st, who)
    st.count += 1
    next_arrival(w, i)
    first_stream(w)
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
