"""What the feed teaches about a hospital file's numbers: arrivals, durations and routes, with exact posteriors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray
from twinward.core.streams import Streams
from twinward.engines.events import Distribution
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.network import Builder, duration, hourly_rate, shares_after
from twinward.twins.hospital.tracking import UNKNOWN, Learnt, Patient

# How much the file is worth against what is seen, in patients: a choice of this model, stated in its README.
PRIOR_ARRIVALS = 20.0
PRIOR_SERVICES = 10.0
PRIOR_ROUTES = 50.0


def squared_cv(law: Distribution) -> float:
    """Squared coefficient of variation of a duration, from its quantiles (exact to about a percent)."""
    levels = (np.arange(2000) + 0.5) / 2000
    values = law.quantile(levels)
    return float(np.clip(values.var() / values.mean() ** 2, 0.01, 25.0))


@dataclass(frozen=True)
class Ledger:
    """Sums over everything seen; additions happen event by event, so that any split of a batch gives equal bits.

    Args:
        began: POSIX seconds of the first event seen; inf before.
        came: first events; arrived: (classes,) patients whose class became known.
        services: (steps,) sum over services of 1 / cv^2; worked: the same times duration / declared mean.
        routes: (steps, targets) how often; foretold: how often the file's shares foretold it.
        odd: events that fit no patient and no step.
    """

    began: float
    came: float
    arrived: FloatArray
    services: FloatArray
    worked: FloatArray
    routes: FloatArray
    foretold: FloatArray
    odd: float

    @classmethod
    def empty(cls, hospital: HospitalFile) -> "Ledger":
        """Nothing was seen."""
        steps, targets = len(hospital.steps), len(hospital.steps) + len(hospital.exits)
        square = np.zeros((steps, targets))
        return cls(
            np.inf, 0.0, np.zeros(len(hospital.classes)), np.zeros(steps), np.zeros(steps), square, square.copy(), 0.0
        )

    def arrays(self) -> dict[str, AnyArray]:
        """As arrays of a belief."""
        return {f"ledger.{name}": np.atleast_1d(np.asarray(value, np.float64)) for name, value in vars(self).items()}

    @classmethod
    def of(cls, arrays: Mapping[str, AnyArray]) -> "Ledger":
        """From the arrays of a belief; what is changed afterwards is a copy."""
        held: dict[str, Any] = {name: arrays[f"ledger.{name}"].copy() for name in cls.__dataclass_fields__}
        return cls(**(held | {name: float(held[name][0]) for name in ("began", "came", "odd")}))


class Learner:
    """Knows what the file says, and turns a ledger into factors on it.

    Args:
        hospital: the file.
        builder: of the same hospital.
    """

    def __init__(self, hospital: HospitalFile, builder: Builder) -> None:
        self.hospital, self.builder = hospital, builder
        self.steps, self.classes = list(hospital.steps), list(hospital.classes)
        self.targets = [*hospital.steps, *hospital.exits]
        self._laws: dict[tuple[int, int], tuple[float, float]] = {}

    def add(self, ledger: Ledger, learnt: Iterable[tuple[float, Learnt, Patient | None]]) -> Ledger:
        """The ledger after what was learnt, in order of time; `Patient` is the patient before the event."""
        began, came, odd = ledger.began, ledger.came, ledger.odd
        for time, item, patient in learnt:
            began = min(began, time)
            odd += item.odd
            came += item.arrived
            if item.klass != UNKNOWN:
                ledger.arrived[item.klass] += 1
            if item.step != UNKNOWN and item.duration > 0 and patient is not None:
                mean, weight = self._law(item.step, patient.klass)
                ledger.services[item.step] += weight
                ledger.worked[item.step] += weight * item.duration / mean
            step, target = item.route
            if step != UNKNOWN and patient is not None:
                ledger.routes[step, target] += 1
                for place, share in self._shares(step, patient).items():
                    ledger.foretold[step, place] += share
        return Ledger(began, came, ledger.arrived, ledger.services, ledger.worked, ledger.routes, ledger.foretold, odd)

    def tilt(self, ledger: Ledger) -> dict[tuple[str, str], float]:
        """(step, target) -> factor on the declared share: (n + w p) / (e + w p), n seen where e were foretold."""
        found = {}
        for i, name in enumerate(self.steps):
            count = ledger.foretold[i].sum()
            if count == 0:
                continue
            mean_share = ledger.foretold[i] / count
            for j in np.flatnonzero(ledger.foretold[i] > 0):
                prior = PRIOR_ROUTES * mean_share[j]
                factor = (ledger.routes[i, j] + prior) / (ledger.foretold[i, j] + prior)
                found[name, self.targets[j]] = float(factor)
        return found

    def arrival_scale(self, ledger: Ledger, now: float, members: int, streams: Streams) -> FloatArray:
        """(members, classes) draws of the factor on arrivals: gamma, after n seen where the file foretold e."""
        foretold = np.zeros(len(self.classes))
        if np.isfinite(ledger.began) and now > ledger.began:
            for c, patients in enumerate(self.hospital.classes.values()):
                foretold[c] = _integral(hourly_rate(self.hospital, patients.arrivals, ledger.began, now), now)
        rng = streams.child("arrival rates").generator()
        per_day = np.array([patients.arrivals.per_day for patients in self.hospital.classes.values()])
        unknown = max(ledger.came - ledger.arrived.sum(), 0.0) * per_day / per_day.sum()  # their class was never told
        shape, rate = PRIOR_ARRIVALS + ledger.arrived + unknown, PRIOR_ARRIVALS + foretold
        return np.asarray(rng.standard_gamma(np.broadcast_to(shape, (members, len(shape)))) / rate)

    def time_scale(self, ledger: Ledger, members: int, streams: Streams) -> FloatArray:
        """(members, steps) draws of the factor on mean durations: inverse gamma (conjugate for gamma durations)."""
        rng = streams.child("durations").generator()
        weights = np.array([PRIOR_SERVICES * self._law(i, UNKNOWN)[1] for i in range(len(self.steps))])
        shape, scale = weights + 1 + ledger.services, weights + ledger.worked
        return np.asarray(scale / rng.standard_gamma(np.broadcast_to(shape, (members, len(shape)))))

    def _law(self, step: int, klass: int) -> tuple[float, float]:
        """Declared mean and 1 / cv^2 of a step for a class."""
        if (step, klass) not in self._laws:
            declared = self.hospital.steps[self.steps[step]]
            own = declared.duration_by_class.get(self.classes[klass]) if klass != UNKNOWN else None
            law = duration(own or declared.duration)
            self._laws[step, klass] = (law.mean(), 1 / squared_cv(law))
        return self._laws[step, klass]

    def _shares(self, step: int, patient: Patient) -> dict[int, float]:
        klass = self.classes[patient.klass] if patient.klass != UNKNOWN else ""
        passed = [name for name in self.builder.modes.named if patient.passed >> self.steps.index(name) & 1]
        shares = shares_after(self.hospital.steps[self.steps[step]], klass, passed)
        return {self.targets.index(name): share for name, share in shares.items()}


def _integral(rate: Any, until: float) -> float:
    times = np.asarray([*rate.times, until])
    widths = np.clip(np.diff(np.minimum(times, until)), 0, None)
    return float((widths * np.asarray(rate.levels)).sum())
