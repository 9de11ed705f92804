"""The event engine beside its peers: `python -m benchmarks.hospital [--json FILE] [--only ID ...]`.

Both sides simulate the same system in one process, one after the other, several times; CPU seconds a replication are
compared, and every mean must agree within four combined standard errors. Compilation is reported apart.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.emergency import DAY, HOUR, MEASURES, Department, measures
from benchmarks.peers import ciw_department, simpy_department, treat_centre
from benchmarks.present import live
from benchmarks.report import Row, agreement, cpu_seconds, median, show, write
from twinward.core import Streams
from twinward.engines.events import Arrivals, Exponential, Network, PatientClass, Resource, Step, simulate

_SEED = 20250101


@dataclass(frozen=True)
class Size:
    """How much work is done; the smoke test takes little."""

    runs: int = 3
    ours: int = 200  # replications a run
    batch: int = 20  # of them in one call
    simpy: int = 12
    ciw: int = 6
    treat_sim: int = 60
    days: float = 35.0
    patients: float = 2e6  # of the lean station, a run


def ed_vs_simpy(size: Size) -> Row:
    """The department in SimPy."""
    return _department("ed-vs-simpy", "SimPy", simpy_department.run, size.simpy, 50.0, size)


def ed_vs_ciw(size: Size) -> Row:
    """The department in Ciw."""
    note = "Ciw serves the blocked as they came and doubles a shift while it changes; the means compared do not see it"
    return _department("ed-vs-ciw", "Ciw", ciw_department.run, size.ciw, 100.0, size, note)


def _department(
    id: str,
    peer: str,
    theirs: Callable[[Department, int], list[float]],
    n: int,
    wanted: float,
    size: Size,
    note: str = "",
) -> Row:
    department = Department(days=size.days)
    network = department.network()
    key = Streams(_SEED).child(id).key()
    mine: list[np.ndarray] = []
    their: list[list[float]] = []
    costs, their_costs = [], []

    def run(first: int) -> None:
        for begin in range(first, first + size.ours, size.batch):
            result = simulate(
                network, 0.0, size.days * DAY, size.batch, key, records=True, first_replication=begin, threads=1
            )
            mine.append(measures(result))

    run(0)  # compiled or loaded, and the memory is there
    mine.clear()
    for i in range(size.runs):
        costs.append(cpu_seconds(lambda i=i: run(i * size.ours)) / size.ours)
        their_costs.append(cpu_seconds(lambda i=i: their.extend(theirs(department, i * n + j) for j in range(n))) / n)
    equal, told = agreement(np.concatenate(mine), np.array(their), MEASURES)
    ratio = median(their_costs) / median(costs)
    return Row(
        id,
        equal and ratio >= wanted,
        median(costs),
        "s",
        wanted,
        f">= {wanted:g} x, means within 4 standard errors",
        f"{size.days:g} days of one department, records, shifts and reneging on both sides",
        peer,
        median(their_costs),
        ratio,
        size.runs,
        f"{told}, {len(their)} replications theirs; CPU seconds a replication. {note}".rstrip(". "),
    )


def lean_events(size: Size) -> Row:
    """Events (arrivals and ends of service) a CPU second and core, M/M/5 at load 0.9, no records."""
    network = Network(
        (Resource("server", 5),),
        (Step("service", Exponential(1.0), needs={"server": 1}),),
        (PatientClass("all", "service", {}, Arrivals.constant(4.5)),),
    )
    key = Streams(_SEED).child("lean").key()
    until = size.patients / 4.5 / 20
    simulate(network, 0.0, 10.0, 1, key)
    speeds = []
    for i in range(size.runs):
        counted: list[int] = []

        def run(i: int = i, counted: list[int] = counted) -> None:
            result = simulate(network, 0.0, until, 20, key, first_replication=20 * i, threads=1)
            counted.append(int(result.events.sum()))

        speeds.append(counted[0] / seconds if (seconds := cpu_seconds(run)) > 0 and counted else 0.0)
    speed = median(speeds)
    return Row(
        "lean-events",
        speed >= 1e7,
        speed,
        "1/s",
        1e7,
        ">= 10 M a CPU second and core",
        "M/M/5, load 0.9; the general engine, no special path",
        runs=size.runs,
    )


def treat_sim(size: Size) -> Row:
    """The default treatment centre of treat-sim."""
    mine: list[np.ndarray] = []
    their: list[list[float]] = []
    costs, their_costs = [], []
    treat_centre.ours(2, 0)
    for i in range(size.runs):
        costs.append(cpu_seconds(lambda i=i: mine.append(treat_centre.ours(size.ours, 1 + i))) / size.ours)
        n = size.treat_sim
        their_costs.append(
            cpu_seconds(lambda i=i, n=n: their.extend(treat_centre.peer(i * n + j) for j in range(n))) / n
        )
    equal, told = agreement(np.concatenate(mine), np.array(their), treat_centre.FIELDS)
    return Row(
        "treat-sim",
        equal,
        median(costs),
        "s",
        None,
        "means within 4 standard errors; ratio reported",
        "treat-sim 3, default scenario, 19 hours",
        "treat-sim",
        median(their_costs),
        median(their_costs) / median(costs),
        size.runs,
        f"{told}, {len(their)} replications theirs; CPU seconds a replication",
    )


def what_if(size: Size) -> Row:
    """200 replications of 48 hours from a live state of 300 patients, hourly census sampled."""
    now = live()
    times = now.now + HOUR * np.arange(49)
    events: list[float] = []

    def run(seed: int) -> None:
        key = Streams(seed).key()
        result = simulate(now.network, now.now, now.now + 2 * DAY, 200, key, state=now.state, sample_times=times)
        events.append(float(result.events.mean()))

    run(0)
    costs = [cpu_seconds(lambda i=i: run(i + 1)) for i in range(max(size.runs, 5))]
    cost = median(costs)
    return Row(
        "what-if",
        cost <= 0.1,
        cost,
        "s",
        0.1,
        "<= 0.1 CPU s",
        "an emergency department and the wards behind it on day 60 of a simulated past",
        runs=len(costs),
        note=f"{len(now.state.ids)} patients here, {np.mean(events):.0f} events a replication; "
        "all that has to be drawn about them included",
    )


_FRESH = """
import time, resource
from twinward.core import Streams
from benchmarks.emergency import Department
from twinward.engines.events import simulate
simulate(Department().network(), 0.0, 1440.0, 2, Streams(1).key(), records=True)
"""


def compilation(size: Size) -> Iterator[Row]:
    """A fresh process that imports and runs once: with an empty cache, then with what that has left."""
    with tempfile.TemporaryDirectory() as cache:
        for name, wanted in (("compile-cold", 30.0), ("compile-warm", 2.0)):
            seconds = _child(cache)
            yield Row(
                name,
                seconds <= wanted,
                seconds,
                "s",
                wanted,
                f"<= {wanted:g} CPU s",
                "a fresh process: import, compile or load, one run",
            )


def _child(cache: str) -> float:
    before = os.times()
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    subprocess.run([sys.executable, "-c", _FRESH], check=True, env=environment, cwd=Path(__file__).parents[1])
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def rows(size: Size, only: Sequence[str] = ()) -> Iterator[Row]:
    """Every benchmark, or those asked for."""
    single = {
        "lean-events": lean_events,
        "what-if": what_if,
        "ed-vs-simpy": ed_vs_simpy,
        "ed-vs-ciw": ed_vs_ciw,
        "treat-sim": treat_sim,
    }
    for id, make in single.items():
        if not only or id in only:
            yield make(size)
    if not only or {"compile-cold", "compile-warm"} & set(only):
        yield from compilation(size)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; 1 where something was not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hospital", description=__doc__)
    parser.add_argument("--json", type=Path, help="write one list of objects to this file")
    parser.add_argument("--only", nargs="*", default=(), metavar="ID", help="run these alone")
    parser.add_argument("--runs", type=int, default=3, help="of which the median is taken")
    given = parser.parse_args(arguments)
    found = []
    for row in rows(Size(runs=given.runs), given.only):
        print(f"{row.id}: {row.value:.4g} {row.unit}", file=sys.stderr, flush=True)
        found.append(row)
    show(found)
    if given.json:
        write(found, given.json)
    return int(any(row.passed is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
