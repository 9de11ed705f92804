"""One reading into the glucose twin of one person: an ensemble of 100, five minutes after the reading before."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.report import Row, median
from twinward.core.observation import Observation, Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.twins.patient.metabolism.personal.model import GlucoseModel

_MEMBERS = 100


def measure(runs: int = 200) -> Iterator[Row]:
    """The median over readings that follow each other."""
    model, who = GlucoseModel(), Subject("Patient/1", attributes={"weight": 70.0})
    belief = model.prior(who, _MEMBERS, Streams(1))
    times = []
    for i in range(runs + 2):  # the first two are compiled and warmed up
        seen = Observations.of([Observation(who.id, "interstitial_glucose", 300.0 * i, 140.0 + 10.0 * (i % 3))])
        began = time.process_time()
        belief = model.assimilate(belief, seen)
        times.append(1000.0 * (time.process_time() - began))
    spent = median(times[2:])
    yield Row(
        "update", spent <= 5.0, spent, "ms", 5.0, "<= 5 ms", "issue: one assimilation, 100 members", runs=runs,
        note="predict five minutes with 16 states and 12 parameters, draw chance, update all",
    )  # fmt: skip
