"""Sessions as observations of a twin's journal, and back: units converted, order and repetition of no matter."""

from collections.abc import Sequence

import numpy as np

from twinward.core import Observations
from twinward.core.arrays import FloatArray
from twinward.core.units import convert
from twinward.errors import BadInput
from twinward.twins.patient.cgm.meals import KINDS
from twinward.twins.patient.cgm.session import Session

SENSOR = "interstitial_glucose"
MEAL = "meal"  # that something was eaten; what it was follows as "food_..." of the same time, where known
# Our field, the signal, its UCUM unit, and the analyte for conversions between mass and moles.
_TABLES = (
    ("boluses", "insulin_short", "[iU]", None),
    ("retarded", "insulin_retarded", "[iU]", None),
    ("basal", "insulin_basal_rate", "[iU]/h", None),
    ("fingerprick", "glucose", "mg/dL", "glucose"),
    ("ketone", "blood_ketone", "mmol/L", None),
)


def observations_of(session: Session) -> Observations:
    """A session as observations, ascending in time."""
    parts = [(SENSOR, "mg/dL", np.column_stack([session.time, session.glucose]))]
    parts += [(name, unit, getattr(session, field)) for field, name, unit, _ in _TABLES]
    parts.append((MEAL, "1", np.column_stack([session.meals[:, 0], np.ones(len(session.meals))])))
    for k, kind in enumerate(KINDS, 1):
        parts.append((f"food_{kind}", "g", session.meals[session.meals[:, k] > 0][:, [0, k]]))
    batches = [
        Observations.columns(
            subject=[session.patient] * len(rows), signal=[name] * len(rows), time=rows[:, 0], value=rows[:, 1],
            unit=[unit] * len(rows), source=[session.name] * len(rows),
        )
        for name, unit, rows in parts
    ]  # fmt: skip
    every = Observations.concatenate(batches)
    return every[np.argsort(every.time, kind="stable")]


def session_from(observations: Observations, utc_offset: float = 0.0, name: str = "") -> Session:
    """The session that observations of one patient tell; signals it does not know are left alone.

    Args:
        observations: of one patient; glucose in mg/dL or mmol/L.
        utc_offset: of the patient's clock, seconds.
        name: of the session.

    Raises:
        BadInput: where there are several patients, or no reading of the sensor.
        UnknownUnit: where a unit does not convert.

    Example:
        >>> rows = Observations.columns(
        ...     subject=["Patient/1"] * 2, signal=[SENSOR] * 2, time=[0.0, 900.0], value=[5.0, 108.0],
        ...     unit=["mmol/L", "mg/dL"],
        ... )
        >>> session_from(rows).glucose.round(1).tolist()
        [90.1, 108.0]
    """
    kept = observations[np.isfinite(observations.value) & ~observations.retracted]
    sensor = _rows(kept, SENSOR, "mg/dL", "glucose")
    if not len(sensor):
        raise BadInput("observations", f"no {SENSOR}", "readings of a glucose sensor")
    patients = sorted(set(kept.subject.tolist()))
    if len(patients) != 1:
        raise BadInput("observations", patients, "one patient")
    tables = {field: _rows(kept, signal, unit, analyte) for field, signal, unit, analyte in _TABLES}
    meals = _meals(_rows(kept, MEAL, "1", None)[:, 0], [_rows(kept, f"food_{kind}", "g", None) for kind in KINDS])
    return Session(patients[0], name, sensor[:, 0], sensor[:, 1], utc_offset, meals, **tables)


def _rows(observations: Observations, signal: str, unit: str, analyte: str | None) -> FloatArray:
    """Times and values of one signal in `unit`, ascending; of several at one time the last one told."""
    found: dict[float, float] = {}
    for i in np.flatnonzero(observations.signal == signal):
        given = observations.unit[i] or unit
        found[float(observations.time[i])] = convert(float(observations.value[i]), given, unit, analyte)
    return np.array(sorted(found.items()), dtype=np.float64).reshape(-1, 2)


def _meals(eaten: FloatArray, foods: Sequence[FloatArray]) -> FloatArray:
    """Shape (meals, 1 + kinds): every time at which something was eaten."""
    times = np.unique(np.concatenate([eaten, *(food[:, 0] for food in foods)]))
    table = np.zeros((len(times), 1 + len(foods)))
    table[:, 0] = times
    for k, food in enumerate(foods, 1):
        table[np.searchsorted(times, food[:, 0]), k] = food[:, 1]
    return table
