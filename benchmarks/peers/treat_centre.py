"""The default treatment centre of `treat-sim` (after Nelson 2013, exercise 13), as a network of our engine. Minutes.

Its arrivals are not quite the Poisson process of its profile: each gap is exponential at the rate of the hour in which
the patient before came, whatever the hour in which it ends. So they are drawn here by the same rule, and the patients
of a day are handed over as the start state, each on the way until the time of arrival.
"""

import math

import numpy as np
from treat_sim.datasets import load_nelson_arrivals
from treat_sim.model import RESULT_FIELDS, Scenario, single_run

from twinward.core import Streams
from twinward.engines.events import (
    EXIT,
    SERVING,
    Deterministic,
    Distribution,
    Exponential,
    Lognormal,
    Network,
    Normal,
    PatientClass,
    Resource,
    State,
    Step,
    simulate,
)

_UNTIL = 19 * 60.0  # the default collection period
_STEPS = ("triage", "registration", "examination", "treatment", "trauma", "trauma treatment")
FIELDS = tuple(RESULT_FIELDS)


def peer(seed: int) -> list[float]:
    """One replication of treat-sim; its own measures."""
    return [float(x) for x in single_run(Scenario(), random_no_set=seed)[RESULT_FIELDS].iloc[0]]


def network() -> Network:
    """The centre: trauma is class 1, all others class 0."""

    def lognormal(mean: float, variance: float) -> Distribution:
        return Lognormal.of(mean, math.sqrt(variance) / mean)

    return Network(
        (
            Resource("triage", 1),
            Resource("clerk", 1),
            Resource("room", 3),
            Resource("cubicle", 1),
            Resource("bay", 2),
            Resource("trauma cubicle", 1),
        ),
        (
            Step("on the way", Deterministic(_UNTIL)),
            Step("triage", Exponential(3.0), needs={"triage": 1}),
            Step("registration", lognormal(5.0, 2.0), needs={"clerk": 1}),
            Step("examination", Normal(16.0, math.sqrt(3.0)), needs={"room": 1}),
            Step("treatment", lognormal(13.3, 2.0), needs={"cubicle": 1}),
            Step("trauma", Exponential(90.0), needs={"bay": 1}),
            Step("trauma treatment", lognormal(30.0, 4.0), needs={"trauma cubicle": 1}),
        ),
        (
            PatientClass(
                "non-trauma",
                "triage",
                {
                    "on the way": {"triage": 1.0},
                    "triage": {"registration": 1.0},
                    "registration": {"examination": 1.0},
                    "examination": {"treatment": 0.6, EXIT: 0.4},
                },
            ),
            PatientClass(
                "trauma",
                "triage",
                {
                    "on the way": {"triage": 1.0},
                    "triage": {"trauma": 1.0},
                    "trauma": {"trauma treatment": 1.0},
                },
            ),
        ),
    )


def _arrivals(replications: int, generator: np.random.Generator) -> np.ndarray:
    """Times of arrival by treat-sim's rule, (replications, n); inf: after closing."""
    rates = load_nelson_arrivals()["arrival_rate"].to_numpy() / 60.0
    now = np.zeros(replications)
    columns = []
    while (now < _UNTIL).any():
        hour = (np.minimum(now, _UNTIL) // 60.0).astype(np.int64) % len(rates)
        now = now + generator.exponential(1.0, replications) / rates[hour]
        columns.append(np.where(now < _UNTIL, now, np.inf))
    return np.stack(columns, axis=1)


def ours(replications: int, seed: int) -> np.ndarray:
    """The same measures by our engine, shape (replications, measures)."""
    streams = Streams(seed).child("treatment centre")
    generator = streams.generator()
    arrivals = _arrivals(replications, generator)
    n = arrivals.shape[1]
    # a class by patient and replication: everybody is declared twice, once of each class, and one of them is absent
    trauma = generator.random((replications, n)) < 0.12
    klass = np.repeat([0, 1], n)
    zero = np.zeros(2 * n)
    state = State(
        ids=np.arange(2 * n),
        klass=klass,
        mode=np.zeros(2 * n, np.int64),
        step=np.zeros(2 * n, np.int64),
        phase=np.full(2 * n, SERVING),
        since=zero,
        arrived=zero,
        place=np.zeros(2 * n, np.int64),
        held=np.zeros((2 * n, 6), np.int64),
        remaining=np.tile(np.where(np.isfinite(arrivals), arrivals, 1e12), (1, 2)),
        absent=np.concatenate([trauma, ~trauma], axis=1),
    )
    # until what began before closing has ended: utilisation counts whole durations, as treat-sim does
    result = simulate(network(), 0.0, _UNTIL + 2000.0, replications, streams.key(), state=state, records=True)
    return _measures(result.records, replications, np.isfinite(arrivals).sum(axis=1))


def _measures(rows: np.ndarray, replications: int, arrived: np.ndarray) -> np.ndarray:
    rows = rows[(rows["step"] > 0) & (rows["queued"] < _UNTIL)]
    began = rows[rows["started"] < _UNTIL]
    columns: list[np.ndarray] = [arrived.astype(np.float64)]

    def total(of: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(of["replication"], weights, replications)

    def stays(klass: int) -> tuple[np.ndarray, np.ndarray]:
        own = rows[rows["klass"] == klass]
        who = own["replication"].astype(np.int64) << 32 | own["patient"]
        first, last = np.full(0, 0), np.full(0, 0)
        order = np.lexsort((own["queued"], who))
        own, who = own[order], who[order]
        edges = np.flatnonzero(np.diff(who)) + 1
        first, last = np.concatenate([[0], edges]), np.concatenate([edges - 1, [len(own) - 1]])
        done = last_is_over(own, last)
        out = own[last[done]]
        return out["replication"], out["ended"] - own["queued"][first[done]]

    def last_is_over(own: np.ndarray, last: np.ndarray) -> np.ndarray:
        ended = own["ended"][last]
        return ended < _UNTIL

    def mean_stay(klass: int) -> tuple[np.ndarray, np.ndarray]:
        replication, stay = stays(klass)
        count = np.bincount(replication, None, replications)
        return np.bincount(replication, stay, replications) / np.maximum(count, 1), count

    def wait_and_use(step: int, capacity: int) -> list[np.ndarray]:
        own = began[began["step"] == step]
        wait = total(own, own["started"] - own["queued"]) / np.maximum(total(own), 1)
        return [wait, total(own, own["ended"] - own["started"]) / (_UNTIL * capacity)]

    minor, minor_count = mean_stay(0)
    major, major_count = mean_stay(1)
    for step, capacity in ((1, 1), (2, 1), (3, 3), (4, 1)):
        columns += wait_and_use(step, capacity)
    columns.append(minor)
    columns += wait_and_use(5, 2)
    columns += wait_and_use(6, 1)
    columns += [major, (minor_count + major_count).astype(np.float64)]
    return np.stack(columns, axis=1)
