"""The engine's door: a network, a state and a window of time in; trajectories, totals and records out."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray
from twinward.engines.events import arena, kernel
from twinward.engines.events import start as begin
from twinward.engines.events.memory import DONE, OK, SERVING, WAITING
from twinward.engines.events.network import Network
from twinward.engines.events.result import Result
from twinward.engines.events.start import State
from twinward.engines.events.tables import expected_arrivals, flatten
from twinward.errors import BadInput

__all__ = ["DONE", "SERVING", "WAITING", "Result", "State", "simulate"]

_WORTH_A_THREAD = 20_000  # patients; below, starting a thread costs more than it saves


def simulate(
    network: Network,
    start: float,
    until: float,
    replications: int,
    key: np.ndarray[tuple[int, ...], np.dtype[np.uint64]],
    *,
    state: State | None = None,
    sample_times: Sequence[float] | FloatArray = (),
    warm_up: float = 0.0,
    records: bool = False,
    arrival_scale: FloatArray | None = None,
    time_scale: FloatArray | None = None,
    first_replication: int = 0,
    threads: int | None = None,
) -> Result:
    """Run a network.

    Args:
        start, until: the window of time, in the network's unit.
        key: 128 bits, as `Streams.key()` gives; the same key, replication and patient have the same luck.
        state: who is here at the start; nobody where left out.
        sample_times: instants at which to write down who is where (after what happens at that instant).
        warm_up: time after `start` from which totals and areas are collected.
        records: keep one record a visit.
        arrival_scale: (replications, classes) factor on the rate of arrivals (how uncertain the rate is); for a
            scenario, `PatientClass.surge` keeps the persons the same.
        time_scale: (replications, steps) factor on service times (not on what remains in the start state).
        first_replication: number of the first one, to run them in parts.
        threads: at most so many; as many as there are processors where left out. The result does not depend on it.

    Example:
        >>> from twinward.core import Streams
        >>> from twinward.engines.events import Arrivals, Exponential, PatientClass, Resource, Step
        >>> mm1 = Network(
        ...     (Resource("server", 1),),
        ...     (Step("service", Exponential(1.0), needs={"server": 1}),),
        ...     (PatientClass("all", "service", {}, Arrivals.constant(0.5)),),
        ... )
        >>> result = simulate(mm1, 0.0, 1000.0, 4, Streams(1).key())
        >>> bool(0.3 < result.busy_area.mean() / 1000 < 0.7)
        True
    """
    if not until > start:
        raise BadInput("until", until, f"an instant after start ({start})")
    if replications < 1:
        raise BadInput("replications", replications, "a whole number >= 1")
    if not 0 <= warm_up < until - start:
        raise BadInput("warm_up", warm_up, f"a time in 0..{until - start}")
    samples = np.ascontiguousarray(sample_times, dtype=np.float64)
    if len(samples) and not ((np.diff(samples) >= 0).all() and samples[0] >= start and samples[-1] <= until):
        raise BadInput("sample_times", (samples[0], samples[-1]), f"increasing instants in {start}..{until}")
    here = State.empty(len(network.resources)) if state is None else state
    begin.check(here, network, replications)
    tables = flatten(network, start, until)
    scale = _table("arrival_scale", arrival_scale, len(network.classes), replications)
    own = {
        "replication": np.arange(first_replication, first_replication + replications, dtype=np.int64),
        "arrival_scale": scale,
        "time_scale": _table("time_scale", time_scale, len(network.steps), replications),
        "fate": begin.fates(network, here, start, replications, key, first_replication),
    }
    shared = {
        "present": begin.rows(here),
        "kept": np.ascontiguousarray(here.held, dtype=np.int64),
        "samples": samples,
    }
    settings = {
        "replication": own.pop("replication"),
        "key0": key[0],
        "key1": key[1],
        "start": start,
        "until": until,
        "collect": start + warm_up,
        "samples_n": len(samples),
        "present_n": len(here.ids),
    }
    expected = expected_arrivals(tables, until) * max(float(scale.max(initial=0.0)), 0.0)
    sizes = arena.Sizes(len(here.ids), expected, len(network.steps), 8 * len(network.resources) + 64, records)
    workers = min(threads or os.cpu_count() or 1, replications)
    if (expected + len(here.ids)) * replications < _WORTH_A_THREAD and threads is None:
        workers = 1
    while True:
        found = arena.results(replications, len(samples), network, len(here.ids))
        arenas = [arena.arena(tables, network, sizes, -(-replications // workers)) for _ in range(workers)]
        parts = arena.worlds(tables, shared, {**own, **found}, settings, network, sizes, arenas)
        _run(parts)
        rows = np.concatenate(parts)
        status = int(np.bitwise_or.reduce(rows["status"]))
        if status == OK:
            break
        sizes.grow(status, int(rows["recorded"].max()))  # the same run again, with more memory
    written = [own["records"][: part["recorded"].sum()] for own, part in zip(arenas, parts, strict=True)]
    return Result(
        times=samples,
        census=found["census_out"],
        queue=found["queue_out"],
        busy=found["busy_out"],
        free=found["free_out"],
        flow=found["flow_out"],
        by_step=found["by_step"],
        by_class=found["by_class"],
        by_place=found["by_place"],
        queue_area=found["queue_area"],
        busy_area=found["busy_area"],
        census_area=found["census_area"],
        departed=found["departed"],
        events=rows["counted"].copy(),
        duration=until - start - warm_up,
        exits=found["exits"],
        stays=found["stays"],
        spent=found["spent"],
        boarding_area=found["boarding_area"],
        moved_to=found["moved_to"],
        moved_at=found["moved_at"],
        left_home=found["left_home"],
        records=written[0] if workers == 1 else np.concatenate(written),
    )


def _run(parts: list[AnyArray]) -> None:
    if len(parts) == 1:
        kernel.run(parts[0])
        return
    kernel.run(parts[0][:0])  # compiled or loaded once, before the threads
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(kernel.run, parts))


def _table(name: str, given: FloatArray | None, width: int, replications: int) -> FloatArray:
    if given is None:
        return np.ones((replications, width))
    given = np.asarray(given, dtype=np.float64)
    if given.shape not in ((width,), (1, width), (replications, width), (replications, 1), ()):
        raise BadInput(name, given.shape, f"({replications}, {width})")
    table = np.ascontiguousarray(np.broadcast_to(given, (replications, width)))
    if not (np.isfinite(table).all() and (table >= 0).all()):
        raise BadInput(name, float(table.min()), "finite factors >= 0")
    return table
