"""The observations that clients send: vital signs of monitored patients, unlike each other in time and value."""

import msgspec
import numpy as np

from twinward.core import Observations

# name, UCUM unit, a usual value and its spread
VITALS = (
    ("heart_rate", "/min", 80.0, 2.0),
    ("oxygen_saturation", "%", 96.0, 0.5),
    ("respiratory_rate", "/min", 16.0, 1.0),
    ("systolic_blood_pressure", "mm[Hg]", 121.0, 3.0),
    ("body_temperature", "Cel", 37.0, 0.1),
)
START = 1.76e9  # POSIX seconds


def batch(rng: np.random.Generator, rows: int, patients: int, since: float, seconds: float) -> Observations:
    """Observations of random patients, spread over a stretch of time."""
    which = rng.integers(0, len(VITALS), rows)
    usual, spread = np.array([v[2] for v in VITALS]), np.array([v[3] for v in VITALS])
    return Observations.columns(
        subject=[f"Patient/{number}" for number in rng.integers(0, patients, rows).tolist()],
        signal=[VITALS[i][0] for i in which.tolist()],
        unit=[VITALS[i][1] for i in which.tolist()],
        time=np.round(since + seconds * np.arange(rows) / rows, 6),
        value=np.round(usual[which] + spread[which] * rng.standard_normal(rows), 2),
    )


def columns(seen: Observations) -> dict[str, list[object]]:
    """As the API takes many: a list a column."""
    names = ("subject", "signal", "time", "value", "unit")
    return {name: getattr(seen, name).tolist() for name in names}


def packed(seen: Observations) -> bytes:
    """Columns in MessagePack."""
    return msgspec.msgpack.encode(columns(seen))


def rows(seen: Observations) -> bytes:
    """A JSON list of observations."""
    return msgspec.json.encode([_row(seen, i) for i in range(len(seen))])


def single(seen: Observations, i: int) -> bytes:
    """One JSON observation."""
    return msgspec.json.encode(_row(seen, i))


def _row(seen: Observations, i: int) -> dict[str, object]:
    return {
        "subject": seen.subject[i], "signal": seen.signal[i], "time": float(seen.time[i]),
        "value": float(seen.value[i]), "unit": seen.unit[i],
    }  # fmt: skip
