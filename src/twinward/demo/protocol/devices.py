"""What meters and ventilators publish over MQTT: invented loads and settings.

Topics: `hospital/<unit>/energy/<meter>` (the counter, kW.h) and `hospital/<unit>/ventilator/<device>/<signal>`; each
payload is {"time": ISO 8601, "value": number, "unit": UCUM}.
"""

import json
import math
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from twinward.demo.protocol.base import Outgoing
from twinward.demo.settings import HOUR, Hospital

_BASE = {"ED": 22.0, "Imaging": 45.0, "ICU": 30.0, "Theatre": 60.0}  # kW; invented
_WARD = 14.0
_PER_PATIENT = {"ICU": 1.1, "Theatre": 4.0}  # kW; invented
_VENTILATED = 0.6  # share of the beds of the intensive care unit whose ventilator runs; invented
_SETTINGS = (
    ("tidal_volume", "mL", 460.0, 40.0, 15.0, 0),
    ("peak_inspiratory_pressure", "cm[H2O]", 22.0, 3.0, 1.2, 1),
    ("positive_end_expiratory_pressure", "cm[H2O]", 8.0, 1.5, 0.1, 1),
    ("inspired_oxygen_fraction", "%", 45.0, 10.0, 1.0, 0),
)  # name, UCUM, mean, spread between devices, noise, digits; invented


class Devices:
    """All meters and ventilators of the hospital.

    Args:
        hospital: its units.
        seed: the same seed gives the same readings.
        opened: POSIX seconds at which every counter stood at its first value.
    """

    def __init__(self, hospital: Hospital, seed: int, opened: float) -> None:
        self._chance = random.Random(f"{seed}/devices")
        self._last = opened
        self._counters = {place.name: round(self._chance.uniform(2e4, 9e4), 1) for place in hospital.places}
        self._seed = seed

    def meters(self, time: float, census: Mapping[str, int]) -> list[Outgoing]:
        """The counters of all units at `time`, with so many patients in each since the last time."""
        hours = (time - self._last) / HOUR
        self._last = time
        daily = 1 + 0.25 * math.sin(2 * math.pi * (time / HOUR - 8) / 24)
        sent = []
        for unit in self._counters:
            load = _BASE.get(unit, _WARD) * daily + _PER_PATIENT.get(unit, 0.25) * census.get(unit, 0)
            self._counters[unit] += max(load * hours * self._chance.gauss(1, 0.05), 0.0)
            meter = f"EM-{unit.upper().replace(' ', '-')}"
            sent.append(_reading(f"hospital/{unit}/energy/{meter}", time, round(self._counters[unit], 2), "kW.h"))
        return sent

    def ventilators(self, time: float, beds: Iterable[str], unit: str = "ICU") -> list[Outgoing]:
        """What the ventilators at the occupied beds show."""
        sent = []
        for bed in sorted(beds):
            own = random.Random(f"{self._seed}/{bed}")
            if own.random() >= _VENTILATED:
                continue
            device = f"VENT-{bed.rsplit(' ', 1)[-1]}"
            for name, ucum, mean, spread, noise, digits in _SETTINGS:
                value = round(own.gauss(mean, spread) + self._chance.gauss(0, noise), digits)
                sent.append(_reading(f"hospital/{unit}/ventilator/{device}/{name}", time, value, ucum))
        return sent


def _reading(topic: str, time: float, value: float, unit: str) -> Outgoing:
    when = datetime.fromtimestamp(round(time * 1000) / 1000, UTC).isoformat(timespec="milliseconds")
    return Outgoing(time, "mqtt", json.dumps({"time": when, "value": value, "unit": unit}).encode(), topic)
