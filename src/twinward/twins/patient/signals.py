"""What is measured of a patient and what is given: declarations for the personal twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from twinward.connect.codes import known_signals
from twinward.core.signal import LOINC, Code, Control, Signal


@dataclass(frozen=True, slots=True)
class Sign:
    """A measured sign: which coupling of the body tells it, and with what error it is measured.

    Args:
        signal: name in the tables of codes.
        coupling: of the body.
        factor: from the coupling's unit to the signal's.
        error_sd, proportional_sd: of a measurement about what the body says, constant and as a share.
        source: of the error.
        group: what it tells of: "circulation", "lungs", "heat", "fuel" or "kidneys".
    """

    signal: str
    coupling: str
    factor: float
    error_sd: float
    proportional_sd: float
    source: str
    group: str


SIGNS = (
    Sign("heart_rate", "heart_rate", 1.0, 3.0, 0.0,
         "ANSI/AAMI EC13: larger of 10 % or 5/min is allowed", "circulation"),
    Sign("mean_arterial_pressure", "arterial_pressure", 1.0, 5.0, 0.0,
         "ISO 81060-2: mean error 5, SD 8 mmHg allowed", "circulation"),
    Sign("systolic_blood_pressure", "systolic_pressure", 1.0, 8.0, 0.0,
         "ISO 81060-2: SD 8 mmHg allowed", "circulation"),
    Sign("diastolic_blood_pressure", "diastolic_pressure", 1.0, 8.0, 0.0,
         "ISO 81060-2: SD 8 mmHg allowed", "circulation"),
    Sign("respiratory_rate", "respiratory_rate", 1.0, 2.0, 0.0, "counted over half a minute: steps of 2/min", "lungs"),
    Sign("oxygen_saturation", "arterial_so2", 100.0, 2.0, 0.0,
         "ISO 80601-2-61: accuracy (root mean square) 4 %; usual 2", "lungs"),
    Sign("body_temperature", "core_temperature", 1.0, 0.3, 0.0, "ISO 80601-2-56: 0.3 K allowed", "heat"),
    Sign("end_tidal_carbon_dioxide", "end_tidal_pco2", 1.0, 2.0, 0.0,
         "ISO 80601-2-55: 0.43 kPa + 8 % allowed", "lungs"),
    Sign("central_venous_pressure", "central_venous_pressure", 1.0, 2.0, 0.0,
         "levelling of the transducer, about 2 cm", "circulation"),
    Sign("cardiac_output", "cardiac_output", 0.06, 0.0, 0.10, "Critchley 1999: thermodilution 10-20 %", "circulation"),
    Sign("arterial_oxygen_pressure", "arterial_po2", 1.0, 0.0, 0.05,
         "CLIA 2024: 15 mmHg or 15 % allowed (3 SD)", "lungs"),
    Sign("arterial_carbon_dioxide_pressure", "arterial_pco2", 1.0, 2.0, 0.0,
         "CLIA 2024: 5 mmHg or 8 % allowed (3 SD)", "lungs"),
    Sign("arterial_ph", "arterial_ph", 1.0, 0.015, 0.0, "CLIA 2024: 0.04 allowed (3 SD)", "lungs"),
    Sign("arterial_bicarbonate", "arterial_bicarbonate", 1.0, 1.0, 0.0, "from pH and PCO2", "lungs"),
    Sign("lactate", "lactate", 1.0, 0.1, 0.05, "RiliBAEK: 11 % allowed (2 SD)", "circulation"),
    Sign("glucose", "glucose", 1.0, 2.0, 0.05, "CLIA 2024: 6 mg/dL or 8 % allowed", "fuel"),
    Sign("sodium", "sodium", 1.0, 1.3, 0.0, "CLIA 2024: 4 mmol/L allowed (3 SD)", "kidneys"),
    Sign("potassium", "potassium", 1.0, 0.1, 0.0, "CLIA 2024: 0.3 mmol/L allowed (3 SD)", "kidneys"),
    Sign("creatinine", "creatinine", 1.0, 0.03, 0.03, "CLIA 2024: 0.2 mg/dL or 10 % allowed (3 SD)", "kidneys"),
    Sign("haemoglobin", "haemoglobin", 1.0, 0.0, 0.013, "CLIA 2024: 4 % allowed (3 SD)", "circulation"),
    Sign("haematocrit", "haematocrit", 100.0, 0.0, 0.013, "CLIA 2024: 4 % allowed (3 SD)", "circulation"),
)  # fmt: skip


def measured_signals() -> Mapping[str, Signal]:
    """The signs as signals with LOINC codes, possible and normal ranges from the tables of codes."""
    coded = {one.name: one for one in known_signals()}
    found = {}
    for sign in SIGNS:
        one = coded[sign.signal]
        found[sign.signal] = Signal(
            one.name, one.unit, one.label, Code(LOINC, one.loinc[0], one.label), one.possible, one.normal, sign.error_sd
        )
    return MappingProxyType(found)


def given_signal(control: Control) -> Signal:
    """The signal by which a feed tells that something was given or set, as the control of the same name."""
    return Signal(control.name, control.unit, control.label, possible=control.allowed)
