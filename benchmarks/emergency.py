"""The emergency department of the benchmark: its numbers, and how it is declared here. Minutes."""

import math
from dataclasses import dataclass

import numpy as np

from twinward.engines.events import (
    EXIT,
    STRICT,
    Arrivals,
    Calendar,
    Exponential,
    Gamma,
    Lognormal,
    Network,
    PatientClass,
    Resource,
    Result,
    Step,
)

HOUR, DAY = 60.0, 1440.0
TRIAGE, IMAGING, CUBICLE, WARD = range(4)
MEASURES = (
    "wait for triage",
    "wait for imaging",
    *(f"wait for a cubicle, priority {k + 1}" for k in range(5)),
    "wait for a bed, holding the cubicle",
    "share who gave up",
    "admitted",
)


@dataclass(frozen=True)
class Department:
    """What both sides simulate: every patient is triaged, some are imaged, all need a cubicle, some then a bed.

    An admitted patient holds the cubicle until a bed is free; who waits too long for a cubicle leaves.
    """

    days: float = 35.0
    hourly: tuple[float, ...] = tuple(8.0 * (1 + 0.5 * math.sin((hour - 9) * math.pi / 12)) for hour in range(24))
    shares: tuple[float, ...] = (0.03, 0.17, 0.40, 0.30, 0.10)  # by priority
    nurses: tuple[int, int] = (2, 3)  # from midnight, from 8
    scanners: int = 3
    cubicles: int = 20
    beds: int = 60
    imaged: float = 0.4
    admitted: float = 0.22
    triage: tuple[float, float] = (10.0, 0.5)  # mean, coefficient of variation; lognormal
    imaging: tuple[float, float] = (25.0, 0.6)  # gamma
    treatment: tuple[float, float] = (90.0, 0.7)  # gamma
    stay: tuple[float, float] = (30.0 * HOUR, 1.0)  # lognormal
    patience: float = 4.0 * HOUR  # exponential

    def network(self) -> Network:
        """The department for our engine."""
        hours = tuple(hour * HOUR for hour in range(24))
        return Network(
            (
                Resource("nurse", Calendar((0.0, 8 * HOUR), self.nurses, period=DAY)),
                Resource("scanner", self.scanners),
                Resource("cubicle", self.cubicles),
                Resource("bed", self.beds),
            ),
            (
                Step("triage", Lognormal.of(*self.triage), needs={"nurse": 1}),
                Step("imaging", Gamma.of(*self.imaging), needs={"scanner": 1}),
                Step("treat", Gamma.of(*self.treatment), keeps={"cubicle": 1}, patience=Exponential(self.patience)),
                Step("ward", Lognormal.of(*self.stay), keeps={"bed": 1}, frees=("cubicle",), place=1),
            ),
            tuple(
                PatientClass(
                    str(k + 1),
                    "triage",
                    {
                        "triage": {"imaging": self.imaged, "treat": 1 - self.imaged},
                        "imaging": {"treat": 1.0},
                        "treat": {"ward": self.admitted, EXIT: 1 - self.admitted},
                    },
                    Arrivals(Calendar(hours, tuple(rate * share / HOUR for rate in self.hourly), period=DAY)),
                    offset=k * STRICT,
                )
                for k, share in enumerate(self.shares)
            ),
            places=2,
            long_stay=4 * HOUR,
        )


def measures(result: Result) -> np.ndarray:
    """The measures by replication, shape (n, len(MEASURES))."""
    starts, waits = result.by_step[..., 0], result.by_step[..., 1]
    columns = [waits[:, :, s].sum(axis=1) / starts[:, :, s].sum(axis=1) for s in (TRIAGE, IMAGING)]
    columns += [waits[:, k, CUBICLE] / starts[:, k, CUBICLE] for k in range(5)]
    columns.append(waits[:, :, WARD].sum(axis=1) / starts[:, :, WARD].sum(axis=1))
    columns.append(result.by_class[:, :, 4].sum(axis=1) / result.by_class[:, :, 0].sum(axis=1))
    columns.append(starts[:, :, WARD].sum(axis=1))
    return np.stack(columns, axis=1)


def measures_of_visits(visits: list[tuple[int, int, float, float, bool]], arrived: int) -> list[float]:
    """The same measures from a peer's records: (step, priority, queued, started, whether gave up) by visit."""
    waits: dict[tuple[int, int], list[float]] = {}
    gave_up = 0
    for step, priority, queued, started, left in visits:
        if left:
            gave_up += 1
        else:
            waits.setdefault((step, priority if step == CUBICLE else 0), []).append(started - queued)
    keys = [(TRIAGE, 0), (IMAGING, 0), *((CUBICLE, k) for k in range(5)), (WARD, 0)]
    found = [float(np.mean(waits[key])) if key in waits else math.nan for key in keys]
    return [*found, gave_up / max(arrived, 1), float(len(waits.get((WARD, 0), [])))]
