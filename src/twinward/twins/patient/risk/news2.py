"""NEWS2: early warning from bedside observations (Royal College of Physicians, London 2017)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.core.signal import LOINC, Code
from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score

CONSCIOUSNESS = ("alert", "confusion", "voice", "pain", "unresponsive")  # ACVPU


@dataclass(frozen=True)
class News2(Score):
    """The aggregate of seven observations, 0 (well) to 20.

    SpO2 is scored on scale 2 where `hypercapnic` is set: only for confirmed hypercapnic respiratory failure with a
    prescribed target of 88-92 %.

    Example:
        >>> seen = dict(respiration_rate=22, oxygen_saturation=94, oxygen=True, systolic_blood_pressure=105,
        ...     heart_rate=112, consciousness="alert", temperature=38.3)
        >>> news = News2().risk(**seen)
        >>> news.value, news.note
        (9.0, 'high clinical risk: emergency assessment, continuous monitoring')
    """

    label: ClassVar[str] = "NEWS2"
    source: ClassVar[str] = "Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, Chart 1"
    unit: ClassVar[str] = "{score}"
    outcome: ClassVar[str] = "early warning score"
    horizon_years: ClassVar[None] = None
    # The score is defined for any value a patient over 16 can have; the limits keep out what cannot be measured.
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("respiration_rate", "/min", "Respiration rate", (0, 120), code=Code(LOINC, "9279-1", "Respiratory rate")),
        Input(
            "oxygen_saturation", "%", "Oxygen saturation", (0, 100),
            code=Code(LOINC, "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
        ),
        Input("oxygen", "1", "Breathes supplemental oxygen", flag=True),
        of.systolic(0, 350),
        Input("heart_rate", "/min", "Pulse", (0, 350), code=Code(LOINC, "8867-4", "Heart rate")),
        Input(
            "consciousness", "1", "Consciousness (ACVPU)", choices=CONSCIOUSNESS,
            code=Code(LOINC, "67775-7", "Level of responsiveness"),
        ),
        Input("temperature", "Cel", "Temperature", (20, 46), code=Code(LOINC, "8310-5", "Body temperature")),
        Input("hypercapnic", "1", "SpO2 scale 2 (target 88-92 %)", flag=True, default=False),
    )  # fmt: skip

    def parts(self, given: Mapping[str, Any]) -> dict[str, Members]:
        """The points of each observation.

        Values are rounded as a chart is written: temperature to 0.1, the others to whole numbers.
        """
        oxygen = np.asarray(given["oxygen"], dtype=float)
        saturation = np.rint(given["oxygen_saturation"])
        scale_1 = _points(saturation, _SATURATION_1)
        # Scale 2: on air, 93 % and above scores nothing.
        scale_2 = np.where((saturation >= 93) & (oxygen == 0), 0.0, _points(saturation, _SATURATION_2))
        return {
            "respiration_rate": _points(np.rint(given["respiration_rate"]), _RESPIRATION),
            "oxygen_saturation": np.where(np.asarray(given["hypercapnic"], dtype=bool), scale_2, scale_1),
            "oxygen": 2.0 * oxygen,
            "systolic_blood_pressure": _points(np.rint(given["systolic_blood_pressure"]), _SYSTOLIC),
            "heart_rate": _points(np.rint(given["heart_rate"]), _PULSE),
            "consciousness": 0.0 if given["consciousness"] == "alert" else 3.0,
            "temperature": _points(np.round(given["temperature"], 1), _TEMPERATURE),
        }

    def compute(self, given: Mapping[str, Any]) -> Members:
        """The sum of the parts."""
        return sum(self.parts(given).values())

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """The clinical risk and the response the RCP asks for (Charts 2 and 4)."""
        if value >= 7:
            return "high clinical risk: emergency assessment, continuous monitoring"
        if value >= 5:
            return "medium clinical risk: urgent assessment, hourly observations"
        if max(float(np.max(points)) for points in self.parts(given).values()) >= 3:
            return "low-medium clinical risk (3 in one parameter): urgent ward-based review, hourly observations"
        if value >= 1:
            return "low clinical risk: observations every 4-6 hours"
        return "low clinical risk: observations every 12 hours"


# Chart 1: (smallest value of the band, points), from the lowest band up.
_Bands = tuple[tuple[float, float], ...]
_RESPIRATION: _Bands = ((0, 3), (9, 1), (12, 0), (21, 2), (25, 3))
_SATURATION_1: _Bands = ((0, 3), (92, 2), (94, 1), (96, 0))
_SATURATION_2: _Bands = ((0, 3), (84, 2), (86, 1), (88, 0), (93, 1), (95, 2), (97, 3))  # from 93 on: on oxygen
_SYSTOLIC: _Bands = ((0, 3), (91, 2), (101, 1), (111, 0), (220, 3))
_PULSE: _Bands = ((0, 3), (41, 1), (51, 0), (91, 1), (111, 2), (131, 3))
_TEMPERATURE: _Bands = ((0, 3), (35.1, 1), (36.1, 0), (38.1, 1), (39.1, 2))


def _points(value: Members, bands: _Bands) -> Members:
    least, points = np.array(bands).T
    # Half of the last written digit is taken off the edges, so that 35.1 as a binary number counts as 35.1.
    return points[np.searchsorted(least - 1e-6, value, side="right") - 1]
