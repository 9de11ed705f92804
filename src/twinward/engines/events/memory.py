"""What the compiled engine works on: records in plain memory, and how to reach them.

One `WORLD` record a replication holds the addresses of all arrays, so that a function is handed one pointer, not fifty
arrays: numba passes arrays by value (56 bytes each), and those copies cost more than the simulation itself. The arrays
are NumPy's, made in `arena.py`, and outlive every call.
"""

import hashlib
from pathlib import Path
from typing import Any, cast

import numba
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_FLOAT, _INT, _SMALL = np.float64, np.int64, np.int32
_ADDRESSES = (
    "patients", "visits", "held", "spare", "events", "queue", "steps", "resources", "places", "streams", "pending",
    "classes", "laws", "table", "needs", "keeps", "frees", "users", "targets", "routes", "segments", "changes",
    "clocks", "advance", "times", "times_to", "present", "kept", "fate", "time_scale", "arrival_scale", "samples",
    "census_out", "queue_out", "busy_out", "free_out", "flow_out", "by_step", "by_class", "by_place", "exits", "stays",
    "queue_area", "boarding_area", "busy_area", "census_area", "spent", "records", "departed", "moved_to", "moved_at",
    "left_home",
)  # fmt: skip
_SETTINGS = (
    "replication", "S", "R", "C", "M", "P", "streams_n", "samples_n", "present_n", "slots", "calendar", "queue_size",
    "recording", "records_n",
)  # fmt: skip
_COUNTERS = (
    "heap", "hole", "order", "high", "spare_n", "pending_n", "recorded", "status", "counted", "failures", "next_stream"
)  # fmt: skip


def _layout(*fields: tuple[str, Any]) -> np.dtype[Any]:
    return np.dtype(list(fields), align=True)


_COMPILED = (
    "memory", "heaps", "distributions", "sampling", "counting", "preemption", "flow", "arrivals", "supply", "edges",
    "kernel", "../random",
)  # fmt: skip


def _version() -> str:
    """A digest of everything that is compiled.

    Numba keeps compiled code by a function's own file and the types of its arguments, and would not see that a file it
    calls has changed. A name in the world's type makes it see.
    """
    here = Path(__file__).parent
    text = b"".join((here / f"{name}.py").read_bytes() for name in _COMPILED)
    return hashlib.blake2b(text, digest_size=8).hexdigest()


WORLD = _layout(
    (f"version_{_version()}", _INT),
    *((name, _INT) for name in _ADDRESSES + _SETTINGS + _COUNTERS),
    ("key0", np.uint64),
    ("key1", np.uint64),
    *((name, _FLOAT) for name in ("start", "until", "collect", "local_offset", "long_stay", "now", "next_arrival")),
)
PATIENT = _layout(
    *((name, _FLOAT) for name in ("since", "queued", "started", "key", "arrived", "left", "end", "placed")),
    *((name, _INT) for name in ("id", "klass", "mode", "step", "phase", "ticket", "place", "planned", "visit")),
    ("kept", _INT),  # how many units are kept
    ("drawn", _INT),  # whether the words of this visit are there
    ("moved", _INT),  # whether somebody of the start state has gone on since
    *((f"word{i}", np.uint64) for i in range(4)),
)
EVENT = _layout(("time", _FLOAT), ("order", _INT), ("what", _INT), ("ticket", _INT))  # what: who * KINDS + kind
ENTRY = _layout(("key", _FLOAT), ("order", _INT), ("slot", _INT), ("ticket", _INT))  # one waits
STEP = _layout(
    *((name, _INT) for name in ("needs_begin", "needs_end", "keeps_begin", "keeps_end", "frees_begin", "frees_end")),
    *((name, _INT) for name in ("patience", "on_renege", "preemptive", "place", "clock", "forward")),
    ("balk_above", _INT),
    *((name, _INT) for name in ("entries", "waiting", "boarding")),
    *((name, _FLOAT) for name in ("since", "area", "boarding_area")),
)
RESOURCE = _layout(
    *((name, _INT) for name in ("changes_begin", "changes_end", "users_begin", "users_end", "cleaning_law", "pending")),
    *((name, _INT) for name in ("level", "busy", "cleaning", "down", "largest")),
    *((name, _FLOAT) for name in ("mtbf", "mttr", "since", "area")),
)
PLACE = _layout(("census", _INT), ("since", _FLOAT), ("area", _FLOAT))
CLASS = _layout(
    *((name, _INT) for name in ("first", "segments_begin", "segments_end", "divert_step")),
    ("divert_above", _INT),
    ("offset", _FLOAT),
)
STREAM = _layout(  # arrivals of one class in one layer of surge
    *((name, _INT) for name in ("klass", "layer", "count", "segment")),
    ("time", _FLOAT),
    *((f"word{i}", np.uint64) for i in range(4)),
)
SEGMENT = _layout(("time", _FLOAT), ("rate", _FLOAT), ("surge", _FLOAT), ("diverted", _FLOAT))
CHANGE = _layout(("time", _FLOAT), ("level", _INT))
LAW = _layout(("code", _INT), ("a", _FLOAT), ("b", _FLOAT), ("c", _FLOAT), ("begin", _INT), ("count", _INT))
AMOUNT = _layout(("resource", _INT), ("amount", _INT))
ROUTE = _layout(("begin", _INT), ("end", _INT))
TARGET = _layout(("step", _INT), ("cumulative", _FLOAT))
PRESENT = _layout(
    *((name, _INT) for name in ("id", "klass", "mode", "step", "phase", "place", "home")),
    *((name, _FLOAT) for name in ("since", "arrived", "placed")),
)
FATE = _layout(("remaining", _FLOAT), ("patience", _FLOAT), ("target", _INT), ("absent", _INT))
BY_STEP = _layout(*((name, _FLOAT) for name in ("starts", "wait", "service", "left")))
BY_CLASS = _layout(*((name, _FLOAT) for name in ("arrived", "exited", "diverted", "balked", "reneged", "stay")))
BY_PLACE = _layout(*((name, _FLOAT) for name in ("visits", "time", "long")))
FLOW = _layout(*((name, _FLOAT) for name in ("arrived", "exited", "gave_up", "diverted")))
RECORD = _layout(
    ("patient", _INT),
    *((name, _FLOAT) for name in ("queued", "started", "ended")),
    *((name, _SMALL) for name in ("replication", "klass", "step", "outcome")),
)
FLOAT, INT, SMALL = _layout(("value", _FLOAT)), _layout(("value", _INT)), _layout(("value", _SMALL))

# Phases of a patient
WAITING, SERVING, DONE, NOBODY = 0, 1, 2, 3
# Kinds of events in the calendar (arrivals wait in their streams)
END, RENEGE, GO_ON, CLEANED, LEVEL, BREAK, REPAIR = range(7)
KINDS = 8
# Status: what memory was too small
OK, FULL, RECORDS_FULL = 0, 1, 2


def _rows(name: str, layout: np.dtype[Any]) -> Any:
    """An accessor: (world, index) -> the record in the array whose address the world has under `name`."""
    record = numba.from_dtype(layout)

    @intrinsic
    def at(typing_context: Any, world: Any, index: Any) -> Any:
        offset = world.offset(name)

        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word, byte = ir.IntType(64), ir.IntType(8)
            field = builder.gep(builder.bitcast(arguments[0], byte.as_pointer()), [ir.Constant(word, offset)])
            base = builder.load(builder.bitcast(field, word.as_pointer()))
            address = builder.add(base, builder.mul(arguments[1], ir.Constant(word, layout.itemsize)))
            return builder.inttoptr(address, context.get_value_type(record))

        return record(world, types.int64), code

    return at


patient = _rows("patients", PATIENT)
visits = _rows("visits", SMALL)  # [slot * S + step]
held = _rows("held", SMALL)  # [slot * R + resource]
spare = _rows("spare", INT)
event = _rows("events", EVENT)
queue = _rows("queue", ENTRY)  # [step * queue_size + i]
step = _rows("steps", STEP)
resource = _rows("resources", RESOURCE)
place = _rows("places", PLACE)
stream = _rows("streams", STREAM)
pending = _rows("pending", INT)
klass = _rows("classes", CLASS)
law = _rows("laws", LAW)
table = _rows("table", FLOAT)
need = _rows("needs", AMOUNT)
keep = _rows("keeps", AMOUNT)
free_of = _rows("frees", INT)
user = _rows("users", INT)
target = _rows("targets", TARGET)
route = _rows("routes", ROUTE)  # [(class * M + mode) * S + step]
segment = _rows("segments", SEGMENT)
change = _rows("changes", CHANGE)
clock = _rows("clocks", FLOAT)  # [row * 24 + hour], cumulative
advance = _rows("advance", INT)  # [mode * S + step]
time_law = _rows("times", INT)  # [class * S + step]
time_to_law = _rows("times_to", INT)  # [row * (S + 1) + target + 1]
present = _rows("present", PRESENT)
kept_by = _rows("kept", INT)  # [i * R + resource]
fate = _rows("fate", FATE)
time_scale = _rows("time_scale", FLOAT)
arrival_scale = _rows("arrival_scale", FLOAT)
sample_time = _rows("samples", FLOAT)
census_out = _rows("census_out", SMALL)
queue_out = _rows("queue_out", SMALL)
busy_out = _rows("busy_out", SMALL)
free_out = _rows("free_out", SMALL)
flow_out = _rows("flow_out", FLOW)
by_step = _rows("by_step", BY_STEP)
by_class = _rows("by_class", BY_CLASS)
by_place = _rows("by_place", BY_PLACE)
exits = _rows("exits", FLOAT)  # [class * 3 + how]
stays = _rows("stays", FLOAT)
queue_area = _rows("queue_area", FLOAT)
boarding_area = _rows("boarding_area", FLOAT)
busy_area = _rows("busy_area", FLOAT)
census_area = _rows("census_area", FLOAT)
spent = _rows("spent", FLOAT)  # [(doing * S + step) * P + place]; doing: 0 waits, 1 in service
record = _rows("records", RECORD)
departed = _rows("departed", FLOAT)
moved_to = _rows("moved_to", INT)
moved_at = _rows("moved_at", FLOAT)
left_home = _rows("left_home", FLOAT)

# How the engine's functions are compiled: they allocate nothing, so that reference counting is off.
compiled: Any = cast(Any, njit)(cache=True, error_model="numpy", _nrt=False)
inlined: Any = cast(Any, njit)(cache=True, error_model="numpy", _nrt=False, forceinline=True)
