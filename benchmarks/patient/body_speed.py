"""The whole body, beats and breaths followed one by one, in multiples of real time on one core."""

from collections.abc import Iterator

from benchmarks.report import Row, cpu_seconds, median
from twinward.twins.patient.body.body import STEP, Body

_SIMULATED = 120.0  # seconds a run
_TWINS = 100


def measure(runs: int = 5) -> Iterator[Row]:
    """How much faster than life, and what a hundred live bodies ask of a core."""
    body = Body.at_rest()
    body.run(2.0, watch=())  # compiled before the clock starts
    times = [cpu_seconds(lambda: body.run(_SIMULATED, every=_SIMULATED, watch=())) for _ in range(runs)]
    speed = _SIMULATED / median(times)
    yield Row(
        "body-speed", speed >= 200.0, speed, "times real time", 200.0, ">= 200", "issue: BioGears 5-8, one core",
        runs=runs, note=f"RK4, steps of {1000 * STEP:g} ms, nothing left out",
    )  # fmt: skip
    share = _TWINS / speed
    yield Row(
        "body-speed-100-twins", share <= 2.0, share, "cores", 2.0, "<= 2",
        "issue: 100 live twins on 2 cores", runs=runs,
        note="CPU seconds a second of life of 100 pulsatile bodies",
    )  # fmt: skip
