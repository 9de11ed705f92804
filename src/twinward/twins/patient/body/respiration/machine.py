"""What is at the airway: room air, oxygen, a ventilator, an anaesthesia machine and its faults."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_DEAD_SPACE, _DEVICE, _MODE = parameter("dead_space"), parameter("airway_device"), parameter("ventilator_mode")
_RATE, _SHARE = parameter("ventilator_rate"), parameter("ventilator_inspired_share")
_TIDAL, _PRESSURE = parameter("ventilator_tidal_volume"), parameter("ventilator_pressure")
_PEEP, _LEAK, _LOSS = parameter("ventilator_peep"), parameter("mask_leak"), parameter("ventilator_pressure_loss")
_FIO2, _SUPPLY = parameter("ventilator_fio2"), parameter("oxygen_supply_loss")
_INSPIRATORY_LEAK, _EXPIRATORY_LEAK = parameter("inspiratory_valve_leak"), parameter("expiratory_valve_leak")
_INSPIRATORY_BLOCK = parameter("inspiratory_valve_obstruction")
_EXPIRATORY_BLOCK = parameter("expiratory_valve_obstruction")
_CIRCLE, _SODA = parameter("circle_system"), parameter("soda_lime_failure")
_OXYGEN_FLOW = parameter("oxygen_flow")
_AIR_OXYGEN, _AIR_CARBON = parameter("ambient_oxygen"), parameter("ambient_carbon_dioxide")
_CIRCUIT = state("circuit_carbon")
_MACHINE_PHASE = state("ventilator_phase")
_INSPIRED_OXYGEN, _INSPIRED_CARBON = coupling("inspired_oxygen"), coupling("inspired_carbon_dioxide")

_TUBE_SAVES = 0.5  # a tube halves the anatomical dead space (Nunn's, chapter 8)
_FILTER = 60.0  # mL of connector and heat and moisture exchanger at a tube (Hinkson 2006: 50 to 90)
_HOSE = 570.0  # mL of one limb of the breathing circuit: 1.5 m of 22 mm hose; a leaking valve lets it be rebreathed
CIRCUIT = 3000.0  # mL of a circle with its absorber (a usual adult circle: 3 to 5 L)
_VALVE = 0.002  # cmH2O s/mL of a circuit's limb with its valve (ISO 80601-2-13: at most 6 cmH2O at 60 L/min)
# Oxygen by cannula or mask: about 4 % a L/min, at most 60 % (O'Driscoll 2017, BTS guideline).
_PER_LITRE, _MOST = 0.04, 0.60
_STPD = 0.826  # mL STPD a mL of gas at body temperature, saturated, at 760 mmHg


@part
def conducting(p: Any) -> Any:
    """Dead space between the circuit's fork or the mouth and the alveoli, mL."""
    space = p[_DEAD_SPACE]
    if 1.5 < p[_DEVICE] < 4.5:
        space = space * _TUBE_SAVES + _FILTER
    if p[_MODE] > 0.5:
        space += _HOSE * (1.0 - (1.0 - p[_INSPIRATORY_LEAK]) * (1.0 - p[_EXPIRATORY_LEAK]))
    return space


@part
def valves(p: Any) -> Any:
    """(inspiratory, expiratory) resistance of the circuit, cmH2O s/mL."""
    into, out = max(1.0 - p[_INSPIRATORY_BLOCK], 1e-4), max(1.0 - p[_EXPIRATORY_BLOCK], 1e-4)
    return _VALVE / (into * into), _VALVE / (out * out)


@part
def settings(p: Any) -> Any:
    """What the ventilator is set to, less what is lost on the way.

    Returns:
        Whether it is connected and on; whether it gives breaths of its own accord; PEEP and pressure above it, cmH2O;
        tidal volume, mL; breaths of its own, /min.
    """
    runs = 0.5 < p[_DEVICE] < 4.5 and p[_MODE] > 0.5
    mandatory = runs and p[_MODE] < 2.5
    peep = p[_PEEP] * (1.0 - p[_LOSS]) * (1.0 - p[_LEAK]) if runs else 0.0
    pressure = p[_PRESSURE] * (1.0 - p[_LOSS]) * (1.0 - p[_LEAK])
    tidal = p[_TIDAL] * (1.0 - p[_LOSS]) * (1.0 - p[_LEAK])
    return runs, mandatory, peep, pressure, tidal, (p[_RATE] if mandatory else 0.0)


@part
def inspiring(y: Any, p: Any, own: bool, pressure: float, tidal: float, peep: float) -> Any:
    """(pressure at the machine, or flow it presses in, -1 where it holds the pressure) at this instant."""
    mode = p[_MODE]
    phase = y[_MACHINE_PHASE] - math.floor(y[_MACHINE_PHASE])
    if mode < 1.5:
        if phase < p[_SHARE]:
            return 0.0, tidal * p[_RATE] / 60.0 / p[_SHARE]
        return peep, -1.0
    if mode < 2.5:
        return (peep + pressure if phase < p[_SHARE] else peep), -1.0
    if mode < 3.5:
        return (peep + pressure if own else peep), -1.0
    return peep, -1.0


@part
def inspired(y: Any, p: Any, c: Any) -> None:
    """What is breathed in."""
    oxygen, carbon = p[_AIR_OXYGEN], p[_AIR_CARBON]
    if 0.5 < p[_DEVICE] < 4.5 and p[_MODE] > 0.5:
        oxygen = p[_FIO2] + (p[_AIR_OXYGEN] - p[_FIO2]) * p[_SUPPLY]
        carbon = 0.0
        if p[_CIRCLE] > 0.5:
            carbon = p[_SODA] * max(y[_CIRCUIT], 0.0) / (_STPD * CIRCUIT)
    elif p[_OXYGEN_FLOW] > 0.0:
        oxygen = min(oxygen + _PER_LITRE * p[_OXYGEN_FLOW], max(_MOST, oxygen))
    c[_INSPIRED_OXYGEN], c[_INSPIRED_CARBON] = oxygen, carbon
