"""Days of the 30 virtual patients a CPU second, beside simglucose on the same days in the same run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.peers import simglucose_days
from benchmarks.report import Row, cpu_seconds, median
from twinward.twins.patient.metabolism.type1.cohort import cohort
from twinward.twins.patient.metabolism.type1.reference_day import MINUTES, reference_plans
from twinward.twins.patient.metabolism.type1.simulate import STEPS_A_MINUTE, simulate_days, step_days

_REPEATED = 20  # cohorts a run, so that a run is long against the clock's grain


def measure(runs: int = 5, peer_patients: int = 6) -> Iterator[Row]:
    """Ours, its error against half the step, and the peer's on as many patients as `peer_patients`."""
    patients, plans = cohort(), reference_plans()
    parameters, start = np.array([one.parameters for one in patients]), np.array([one.start for one in patients])
    eaten, infused = np.array([p.eaten(MINUTES) for p in plans]), np.array([p.infused(MINUTES) for p in plans])
    told = np.empty((len(patients), MINUTES + 1))

    def work() -> None:
        for _ in range(_REPEATED):
            step_days(parameters, start, eaten, infused, told, STEPS_A_MINUTE)

    work()  # compiled before the clock starts
    ours = _REPEATED * len(patients) / median([cpu_seconds(work) for _ in range(runs)])
    error = float(np.abs(told - simulate_days(patients, plans, MINUTES, 2 * STEPS_A_MINUTE)).max())
    note = f"24 h, six meals and boluses; differs from half the step by {error:.3f} mg/dL at most"
    theirs = apart = None
    try:
        glucose, spent = simglucose_days.run(simglucose_days.reference_patients(peer_patients))
        theirs, apart = len(glucose) / spent, float(np.abs(told[: len(glucose)] - glucose).max())
        note += f", from simglucose by {apart:.3f} ({len(glucose)} patients)"
    except (OSError, RuntimeError) as away:
        note += f"; simglucose could not be run ({type(away).__name__})"
    yield Row(
        "glucose-speed", ours >= 2000.0 and error <= 0.05, ours, "patient-days/CPU s", 2000.0, ">= 2,000",
        "issue", "simglucose 0.2.11", theirs, None if theirs is None else ours / theirs, runs, note,
    )  # fmt: skip
    ratio = None if theirs is None else ours / theirs
    yield Row(
        "glucose-speed-ratio", None if ratio is None or apart is None else ratio >= 5000.0 and apart <= 0.05, ratio,
        "times simglucose", 5000.0, ">= 5,000", "issue", "simglucose 0.2.11", theirs, ratio, runs,
        "same patients, meals, insulin and outputs; the peer's model alone, without its environment and sensor",
    )  # fmt: skip
