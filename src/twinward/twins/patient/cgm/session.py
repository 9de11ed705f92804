"""One wearing of a glucose sensor: glucose, meals and insulin of one patient, in POSIX seconds."""

from dataclasses import dataclass, field

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.cgm.meals import KINDS


@dataclass(frozen=True, eq=False)
class Session:
    """What a sensor and a diary tell of one patient; every array is sorted by time.

    The diary may be left out; then nothing was written down.

    Args:
        patient: reference of the patient; several sessions may be of one.
        name: of the session, unique.
        time: of the sensor's readings, POSIX seconds.
        glucose: mg/dL, as long as `time`.
        utc_offset: of the patient's clock, seconds.
        meals: shape (meals, 1 + kinds of food): time, then grams by `meals.KINDS`; all zero grams: amount unknown.
        boluses: shape (doses, 2): time, IU of short-acting insulin (subcutaneous or pump).
        retarded: shape (doses, 2): time, IU of intermediate or long-acting insulin.
        basal: shape (changes, 2): time, IU/h of the pump from then on.
        fingerprick: shape (n, 2): time, mg/dL.
        ketone: shape (n, 2): time, mmol/L.
    """

    patient: str
    name: str
    time: FloatArray
    glucose: FloatArray
    utc_offset: float = 0.0
    meals: FloatArray = field(default_factory=lambda: np.zeros((0, 1 + len(KINDS))))
    boluses: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    retarded: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    basal: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    fingerprick: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    ketone: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))

    def __post_init__(self) -> None:
        if len(self.time) != len(self.glucose):
            raise BadInput("session", (len(self.time), len(self.glucose)), "as many times as glucose values")
        if not (np.isfinite(self.time).all() and np.isfinite(self.glucose).all()):
            raise BadInput("session", self.name, "finite times and glucose values; leave out what was not seen")
        if len(self.time) > 1 and not (np.diff(self.time) > 0).all():
            raise BadInput("session time", self.name, "strictly increasing times")

    def __len__(self) -> int:
        return len(self.time)

    def until(self, time: float) -> "Session":
        """What was known at `time`: every row at or before it."""
        cut = {name: rows[rows[:, 0] <= time] for name, rows in self._tables().items()}
        keep = self.time <= time
        return Session(self.patient, self.name, self.time[keep], self.glucose[keep], self.utc_offset, **cut)

    def _tables(self) -> dict[str, FloatArray]:
        return {name: getattr(self, name) for name in _TABLES}


# All but the sensor itself.
_TABLES = ("meals", "boluses", "retarded", "basal", "fingerprick", "ketone")
