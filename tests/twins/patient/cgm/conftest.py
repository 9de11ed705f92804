"""Sensors of simulated patients: meals at routine times, boluses with them, a drifting level."""

from collections.abc import Callable

import numpy as np
import pytest

from twinward.twins.patient.cgm import KINDS, Session

ROWS = 500
Simulate = Callable[..., Session]


@pytest.fixture(scope="session")
def simulate() -> Simulate:
    """`simulate(number, rows, start, name)`: a session of patient `number`."""
    return _session


def _session(number: int, rows: int = ROWS, start: float = 0.0, name: str = "first") -> Session:
    """A session of patient `number`; the same number gives the same patient."""
    rng = np.random.default_rng([number, int(start) % 977])
    time = start + 900.0 * np.arange(rows)
    slot = np.arange(rows)
    meals = np.flatnonzero(np.isin(slot % 96, (28, 48, 72)))
    food = np.zeros((len(meals), 1 + len(KINDS)))
    food[:, 0], food[:, 2] = time[meals], rng.integers(30, 120, len(meals))
    eaten = np.zeros(rows)
    eaten[meals] = food[:, 2]
    age = 15.0 * np.arange(40)
    rise = np.convolve(eaten, age / 40**2 * np.exp(-age / 40))[:rows] * (20 + 3 * (number % 5))
    drift = np.cumsum(rng.normal(0, 3, rows))
    drift -= np.linspace(0, drift[-1], rows)
    glucose = np.clip(110 + 5 * number + rise + drift + rng.normal(0, 2, rows), 45, 400)
    boluses = np.column_stack([time[meals], food[:, 2] / 12])
    return Session(f"Patient/{number}", f"{number} {name}", time, glucose, 0.0, food, boluses)
