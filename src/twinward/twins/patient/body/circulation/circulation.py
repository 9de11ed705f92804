"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_ARTERIAL_PRESSURE = coupling("arterial_pressure")
_CENTRAL_VENOUS_PRESSURE = coupling("central_venous_pressure")
_PULMONARY_ARTERIAL_PRESSURE = coupling("pulmonary_arterial_pressure")
_PULMONARY_CAPILLARY_PRESSURE = coupling("pulmonary_capillary_pressure")
_WEDGE_PRESSURE = coupling("wedge_pressure")
_LEFT_ATRIAL_PRESSURE = coupling("left_atrial_pressure")
_LEFT_VENTRICULAR_PRESSURE = coupling("left_ventricular_pressure")
_RIGHT_VENTRICULAR_PRESSURE = coupling("right_ventricular_pressure")
_CAPILLARY_PRESSURE = coupling("capillary_pressure")
_SYSTOLIC_PRESSURE = coupling("systolic_pressure")
_DIASTOLIC_PRESSURE = coupling("diastolic_pressure")
_STROKE_VOLUME = coupling("stroke_volume")
_CARDIAC_OUTPUT = coupling("cardiac_output")
_RIGHT_OUTPUT = coupling("right_output")
_PULMONARY_CAPILLARY_FLOW = coupling("pulmonary_capillary_flow")
_PULMONARY_VENOUS_FLOW = coupling("pulmonary_venous_flow")
_BRAIN_FLOW = coupling("brain_flow")
_HEART_FLOW = coupling("heart_flow")
_KIDNEY_FLOW = coupling("kidney_flow")
_GUT_FLOW = coupling("gut_flow")
_MUSCLE_FLOW = coupling("muscle_flow")
_SKIN_FLOW = coupling("skin_flow")
_BLEEDING = coupling("bleeding")
_INTRACRANIAL_PRESSURE = coupling("intracranial_pressure")
_CORONARY_SUPPLY = coupling("coronary_supply")


@part
def circulation(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """The reference person at rest."""
    c[_ARTERIAL_PRESSURE] = 93.0
    c[_CENTRAL_VENOUS_PRESSURE] = 4.0
    c[_PULMONARY_ARTERIAL_PRESSURE] = 14.0
    c[_PULMONARY_CAPILLARY_PRESSURE] = 9.0
    c[_WEDGE_PRESSURE] = 8.0
    c[_LEFT_ATRIAL_PRESSURE] = 7.0
    c[_LEFT_VENTRICULAR_PRESSURE] = 60.0
    c[_RIGHT_VENTRICULAR_PRESSURE] = 12.0
    c[_CAPILLARY_PRESSURE] = 17.0
    c[_SYSTOLIC_PRESSURE] = 118.0
    c[_DIASTOLIC_PRESSURE] = 75.0
    c[_STROKE_VOLUME] = 78.0
    c[_CARDIAC_OUTPUT] = 93.0
    c[_RIGHT_OUTPUT] = 93.0
    c[_PULMONARY_CAPILLARY_FLOW] = 93.0
    c[_PULMONARY_VENOUS_FLOW] = 93.0
    c[_BRAIN_FLOW] = 11.2
    c[_HEART_FLOW] = 3.7
    c[_KIDNEY_FLOW] = 17.7
    c[_GUT_FLOW] = 23.8
    c[_MUSCLE_FLOW] = 15.9
    c[_SKIN_FLOW] = 20.7
    c[_BLEEDING] = 0.0
    c[_INTRACRANIAL_PRESSURE] = 10.0
    c[_CORONARY_SUPPLY] = 1.0
