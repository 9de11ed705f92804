"""What a user of a monitor twin relies on."""


import numpy as np

from twinward.core import Observation, Observations, Twin, kind
from twinward.core.laws import check_laws

PATIENT = "Patient/1"


def twin(**options: float) -> Twin:
    return Twin(kind("monitor").model(**options), PATIENT, members=200, seed=1)


def rows(signal: str, values: list[float], every: float = 300.0, start: float = 0.0) -> list[Observation]:
    return [Observation(PATIENT, signal, start + every * i, value) for i, value in enumerate(values)]


def now(of: Twin, signal: str) -> tuple[float, float]:
    return of.model.summary(of.belief, of.time)[signal]


def test_the_laws_of_a_model_hold_for_several_signals_that_come_irregularly() -> None:
    rng = np.random.default_rng(1)
    times = np.sort(rng.choice(np.arange(40.0), 30)) * 60  # some at the same instant
    names = rng.choice(["heart_rate", "potassium", "body_weight", "glasgow_coma_scale"], 30)
    values = rng.uniform(3.5, 14.0, 30)
    seen = Observations.of(
        Observation(PATIENT, str(name), float(t), float(v)) for name, t, v in zip(names, times, values, strict=True)
    )
    check_laws(kind("monitor").model(), PATIENT, seen)
