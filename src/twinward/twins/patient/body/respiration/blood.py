"""Gases in blood: amounts in the pools of blood and tissue become pressures, saturations and pH."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.respiration.dissociation import (
    HUEFNER,
    acidity,
    bicarbonate,
    carbon_pressure,
    oxygen_pressure,
    saturation,
    shift,
)

_ARTERIAL_OXYGEN, _ARTERIAL_CARBON = state("arterial_oxygen"), state("arterial_carbon")
_VENOUS_OXYGEN, _VENOUS_CARBON = state("venous_oxygen"), state("venous_carbon")
_BRAIN_OXYGEN, _BRAIN_CARBON = state("brain_oxygen"), state("brain_carbon")
_HEART_OXYGEN = state("heart_oxygen")
_CARBON_MONOXIDE = state("carbon_monoxide")
_HAEMOGLOBIN_MASS = state("haemoglobin_mass")
_LACTATE, _KETONES = state("lactate_amount"), state("ketone_amount")
_LACTATE_VOLUME, _KETONE_VOLUME = parameter("lactate_volume"), parameter("ketone_volume")
_OFFSET = parameter("base_excess_offset")
_TEMPERATURE = coupling("core_temperature")
_BLOOD, _ARTERIAL_BLOOD, _VENOUS_BLOOD = (
    coupling("blood_volume"),
    coupling("arterial_blood_volume"),
    coupling("venous_blood_volume"),
)
_HAEMOGLOBIN = coupling("haemoglobin")
_PO2, _PCO2, _PH, _SO2 = (
    coupling("arterial_po2"),
    coupling("arterial_pco2"),
    coupling("arterial_ph"),
    coupling("arterial_so2"),
)
_BICARBONATE, _CONTENT = coupling("arterial_bicarbonate"), coupling("arterial_o2_content")
_BASE_EXCESS = coupling("base_excess")
_VENOUS_PO2, _VENOUS_PCO2, _VENOUS_SO2 = coupling("venous_po2"), coupling("venous_pco2"), coupling("venous_so2")
_BRAIN_PO2, _BRAIN_PCO2, _HEART_PO2 = coupling("brain_po2"), coupling("brain_pco2"), coupling("heart_po2")
_OXIMETRY, _CARBOXY = coupling("pulse_oximetry"), coupling("carboxyhaemoglobin")

# Blood-equivalent volumes of the tissues' stores, mL. Carbon dioxide: Khoo 1991 (J Appl Physiol 70:2014): 15 L of
# tissue, 0.9 L of brain. Oxygen: tissues hold about 0.25 L, most of it myoglobin (Farmery & Roe 1996): 1.7 L at 0.15.
BRAIN_OXYGEN_VOLUME, BRAIN_CARBON_VOLUME = 150.0, 900.0
HEART_OXYGEN_VOLUME, HEART_CARBON_VOLUME = 60.0, 300.0
TISSUE_OXYGEN_VOLUME, TISSUE_CARBON_VOLUME = 1500.0, 14000.0
# Normal lactate and ketones are in the normal base excess.
_LACTATE_NORMAL, _KETONES_NORMAL = 1.0, 0.15
# In vivo pH falls by 0.66 a decade of PCO2 at constant base excess (the same two equations as `acidity`, linear).
BUFFERED = 0.66


@part
def blood_gases(y: Any, p: Any, c: Any) -> None:
    """Arterial, mixed venous and tissue gases."""
    blood = max(c[_BLOOD], 1.0)
    haemoglobin = 100.0 * y[_HAEMOGLOBIN_MASS] / blood
    monoxide = min(max(y[_CARBON_MONOXIDE], 0.0) / (HUEFNER * max(y[_HAEMOGLOBIN_MASS], 1.0)), 0.99)
    free = haemoglobin * (1.0 - monoxide)
    base = (
        p[_OFFSET]
        - (y[_LACTATE] / p[_LACTATE_VOLUME] - _LACTATE_NORMAL)
        - (y[_KETONES] / p[_KETONE_VOLUME] - _KETONES_NORMAL)
    )
    temperature = c[_TEMPERATURE]
    o2 = y[_ARTERIAL_OXYGEN] / max(c[_ARTERIAL_BLOOD], 1.0)
    co2 = y[_ARTERIAL_CARBON] / max(c[_ARTERIAL_BLOOD], 1.0)
    pco2 = carbon_pressure(co2, 95.0, base)
    ph = acidity(pco2, base, haemoglobin)
    factor = shift(ph, pco2, temperature)
    po2 = oxygen_pressure(o2, free, factor)
    pco2 = carbon_pressure(co2, po2, base)
    c[_HAEMOGLOBIN], c[_BASE_EXCESS] = haemoglobin, base
    c[_PO2], c[_PCO2] = po2, pco2
    c[_PH] = acidity(pco2, base, haemoglobin)
    share = saturation(po2, factor)
    c[_SO2] = share * (1.0 - monoxide)
    # two wavelengths do not tell carboxyhaemoglobin from oxyhaemoglobin (Barker & Tremper 1987)
    c[_OXIMETRY] = share * (1.0 - monoxide) + monoxide
    c[_CARBOXY] = monoxide
    c[_BICARBONATE] = bicarbonate(pco2, c[_PH])
    c[_CONTENT] = o2
    venous_o2 = y[_VENOUS_OXYGEN] / max(c[_VENOUS_BLOOD], 1.0)
    venous_co2 = y[_VENOUS_CARBON] / max(c[_VENOUS_BLOOD], 1.0)
    pco2 = carbon_pressure(venous_co2, 40.0, base)
    factor = shift(c[_PH] - BUFFERED * math.log10(max(pco2, 1.0) / max(c[_PCO2], 1.0)), pco2, temperature)
    c[_VENOUS_PO2] = oxygen_pressure(venous_o2, free, factor)
    c[_VENOUS_PCO2] = carbon_pressure(venous_co2, c[_VENOUS_PO2], base)
    c[_VENOUS_SO2] = saturation(c[_VENOUS_PO2], factor) * (1.0 - monoxide)
    c[_BRAIN_PO2] = oxygen_pressure(y[_BRAIN_OXYGEN] / BRAIN_OXYGEN_VOLUME, free, factor)
    c[_BRAIN_PCO2] = carbon_pressure(y[_BRAIN_CARBON] / BRAIN_CARBON_VOLUME, 35.0, base)
    c[_HEART_PO2] = oxygen_pressure(y[_HEART_OXYGEN] / HEART_OXYGEN_VOLUME, free, factor)
