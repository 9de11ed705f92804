"""Spirometry: what a body breathes out after it has breathed in as far as it can (Miller 2005, Eur Respir J 26:319)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinward.errors import BadInput
from twinward.twins.patient.body.body import Body

_OUT_FIRST, _IN, _OUT = 3.0, 5.0, 6.0  # seconds: 6 is what the standard asks of adults
_EVERY = 0.01


@dataclass(frozen=True, slots=True)
class Spirometry:
    """What a spirometer tells.

    Args:
        vital_capacity: forced vital capacity, mL.
        one_second: forced expiratory volume in one second, mL.
        peak_flow: peak expiratory flow, mL/s.
        middle_flow: mean flow between a quarter and three quarters of the vital capacity (FEF25-75), mL/s.
    """

    vital_capacity: float
    one_second: float
    peak_flow: float
    middle_flow: float

    @property
    def ratio(self) -> float:
        """Share of the vital capacity that is out after a second; obstruction below 0.7 (GOLD)."""
        return self.one_second / self.vital_capacity if self.vital_capacity > 0.0 else 0.0


def spirometry(body: Body) -> Spirometry:
    """Let a breathing person blow; the body that is handed in does not change.

    Raises:
        BadInput: the body's breaths are not followed (it is averaged over them), or a device is in its airway.

    Example:
        >>> found = spirometry(Body.at_rest())
        >>> bool(4500.0 < found.vital_capacity < 5500.0), bool(0.75 < found.ratio < 0.85)
        (True, True)
    """
    if body.value("pulsatile") < 0.5:
        raise BadInput("body", "averaged over breaths", "a body whose breaths are followed: Body.at_rest(person)")
    if body.value("airway_device") > 0.5:
        raise BadInput("airway_device", body.value("airway_device"), "nothing in the airway: a mouth that can blow")
    emptied, _ = body.set(breathing_manoeuvre=1.0).run(_OUT_FIRST, every=_OUT_FIRST, watch=())
    filled, _ = emptied.set(breathing_manoeuvre=2.0).run(_IN, every=_IN, watch=())
    _, blown = filled.set(breathing_manoeuvre=1.0).run(_OUT, every=_EVERY, watch=("lung_volume", "airflow"))
    volume = filled.value("lung_volume") - blown["lung_volume"].to_numpy()
    time = blown["time"].to_numpy() - filled.time
    capacity = float(volume.max())
    quarter, three = (float(np.interp(share * capacity, volume, time)) for share in (0.25, 0.75))
    return Spirometry(
        capacity,
        float(np.interp(1.0, time, volume)),
        float(-blown["airflow"].to_numpy().min()),
        0.5 * capacity / max(three - quarter, _EVERY),
    )
