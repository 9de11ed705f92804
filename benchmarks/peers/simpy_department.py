"""The emergency department in SimPy: processes, priority resources, a request that competes with patience."""

import math
import random
from collections.abc import Iterator
from typing import Any

import simpy

from benchmarks.emergency import CUBICLE, DAY, HOUR, IMAGING, TRIAGE, WARD, Department, measures_of_visits


class _Run:
    def __init__(self, department: Department, seed: int) -> None:
        self.d = department
        self.random = random.Random(seed)
        self.env = simpy.Environment()
        self.nurses = simpy.PriorityResource(self.env, max(department.nurses))
        self.scanners = simpy.PriorityResource(self.env, department.scanners)
        self.cubicles = simpy.PriorityResource(self.env, department.cubicles)
        self.beds = simpy.PriorityResource(self.env, department.beds)
        self.visits: list[tuple[int, int, float, float, bool]] = []
        self.arrived = 0
        self.logs = {name: _log(*getattr(department, name)) for name in ("triage", "stay")}
        self.gammas = {name: _gamma(*getattr(department, name)) for name in ("imaging", "treatment")}

    def off_shift(self) -> Iterator[Any]:
        """A nurse who is off from midnight to 8: asks for herself before every patient, as SimPy's users do it."""
        while True:
            with self.nurses.request(priority=-1) as mine:
                yield mine
                yield self.env.timeout(max(8 * HOUR - self.env.now % DAY, 0.0))
            yield self.env.timeout(DAY - self.env.now % DAY)

    def arrivals(self) -> Iterator[Any]:
        """By thinning (Lewis & Shedler 1979)."""
        most = max(self.d.hourly)
        while True:
            yield self.env.timeout(self.random.expovariate(most / HOUR))
            if self.random.random() * most < self.d.hourly[int(self.env.now % DAY // HOUR)]:
                self.arrived += 1
                priority = self.random.choices(range(5), self.d.shares)[0]
                self.env.process(self.patient(priority))

    def patient(self, k: int) -> Iterator[Any]:
        env, now = self.env, self.env.now
        with self.nurses.request(priority=k) as nurse:
            yield nurse
            self.visits.append((TRIAGE, k, now, env.now, False))
            yield env.timeout(self.random.lognormvariate(*self.logs["triage"]))
        if self.random.random() < self.d.imaged:
            now = env.now
            with self.scanners.request(priority=k) as scanner:
                yield scanner
                self.visits.append((IMAGING, k, now, env.now, False))
                yield env.timeout(self.random.gammavariate(*self.gammas["imaging"]))
        now = env.now
        with self.cubicles.request(priority=k) as cubicle:
            if not cubicle.triggered:
                yield cubicle | env.timeout(self.random.expovariate(1 / self.d.patience))
            if not cubicle.triggered:
                self.visits.append((CUBICLE, k, now, env.now, True))
                return
            self.visits.append((CUBICLE, k, now, env.now, False))
            yield env.timeout(self.random.gammavariate(*self.gammas["treatment"]))
            if self.random.random() >= self.d.admitted:
                return
            now = env.now
            bed = self.beds.request(priority=k)
            yield bed
            self.visits.append((WARD, k, now, env.now, False))
        yield env.timeout(self.random.lognormvariate(*self.logs["stay"]))
        self.beds.release(bed)


def _log(mean: float, cv: float) -> tuple[float, float]:
    variance = math.log1p(cv**2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def _gamma(mean: float, cv: float) -> tuple[float, float]:
    return 1 / cv**2, mean * cv**2


def run(department: Department, seed: int) -> list[float]:
    """One replication; the measures."""
    one = _Run(department, seed)
    for _ in range(max(department.nurses) - department.nurses[0]):
        one.env.process(one.off_shift())
    one.env.process(one.arrivals())
    one.env.run(until=department.days * DAY)
    return measures_of_visits(one.visits, one.arrived)
