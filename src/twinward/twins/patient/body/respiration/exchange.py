"""Gases between airway, alveoli, blood and tissues: every mL that leaves one place arrives at another."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.respiration.blood import (
    BRAIN_CARBON_VOLUME,
    BRAIN_OXYGEN_VOLUME,
    BUFFERED,
    HEART_CARBON_VOLUME,
    HEART_OXYGEN_VOLUME,
    TISSUE_CARBON_VOLUME,
    TISSUE_OXYGEN_VOLUME,
)
from twinward.twins.patient.body.respiration.dissociation import HUEFNER, carbon_content, oxygen_content, shift
from twinward.twins.patient.body.respiration.illness import shunted
from twinward.twins.patient.body.respiration.lung import LEFT, RIGHT, Side, blocked, moves
from twinward.twins.patient.body.respiration.machine import CIRCUIT, conducting

_PULSATILE, _FRC = parameter("pulsatile"), parameter("residual_capacity")
_AIRWAY_OXYGEN, _AIRWAY_CARBON = state("airway_oxygen"), state("airway_carbon")
_CIRCUIT, _END_TIDAL = state("circuit_carbon"), state("end_tidal")
_ARTERIAL_OXYGEN, _ARTERIAL_CARBON = state("arterial_oxygen"), state("arterial_carbon")
_VENOUS_OXYGEN, _VENOUS_CARBON = state("venous_oxygen"), state("venous_carbon")
_BRAIN_OXYGEN, _BRAIN_CARBON = state("brain_oxygen"), state("brain_carbon")
_HEART_OXYGEN, _HEART_CARBON = state("heart_oxygen"), state("heart_carbon")
_TISSUE_OXYGEN, _TISSUE_CARBON = state("tissue_oxygen"), state("tissue_carbon")
_MONOXIDE, _LUNG_WATER = state("carbon_monoxide"), state("lung_water")
_BREATHED, _USED, _MADE, _EXHALED = (
    state("oxygen_breathed"),
    state("oxygen_used"),
    state("carbon_made"),
    state("carbon_breathed"),
)
_OXYGEN_BLED, _CARBON_BLED = state("oxygen_bled"), state("carbon_bled")
_HAEMOGLOBIN_MASS, _CAPILLARIES, _BLOOD_GAIN = (
    state("haemoglobin_mass"),
    state("pulmonary_capillaries"),
    state("blood_gain"),
)
_AMBIENT, _AIR_MONOXIDE = parameter("ambient_pressure"), parameter("ambient_carbon_monoxide")
_FRESH, _SODA, _CIRCLE, _MODE = (
    parameter("fresh_gas_flow"),
    parameter("soda_lime_failure"),
    parameter("circle_system"),
    parameter("ventilator_mode"),
)
_RED_CELLS, _ARDS = parameter("red_cells_rate"), parameter("ards")
_INSPIRED_OXYGEN, _INSPIRED_CARBON = coupling("inspired_oxygen"), coupling("inspired_carbon_dioxide")
_FLOW = coupling("airflow")
_VENTILATION, _MINUTE, _WASTED = (
    coupling("alveolar_ventilation"),
    coupling("minute_ventilation"),
    coupling("wasted_ventilation"),
)
_LEFT_BLOOD = coupling("left_flow_share")
_IN, _OUT = coupling("pulmonary_capillary_flow"), coupling("pulmonary_venous_flow")
_BRAIN, _HEART = coupling("brain_flow"), coupling("heart_flow")
_KIDNEY, _GUT, _MUSCLE, _SKIN = (
    coupling("kidney_flow"),
    coupling("gut_flow"),
    coupling("muscle_flow"),
    coupling("skin_flow"),
)
_BLEEDING, _RATE = coupling("bleeding"), coupling("heart_rate")
_MEAN_PRESSURE = state("mean_arterial_pressure")
_CAPILLARY = coupling("pulmonary_capillary_pressure")
_ARTERIAL_BLOOD, _VENOUS_BLOOD = coupling("arterial_blood_volume"), coupling("venous_blood_volume")
_HAEMOGLOBIN, _CARBOXY, _BASE, _PH, _PCO2 = (
    coupling("haemoglobin"),
    coupling("carboxyhaemoglobin"),
    coupling("base_excess"),
    coupling("arterial_ph"),
    coupling("arterial_pco2"),
)
_SO2 = coupling("arterial_so2")
_TEMPERATURE, _DEMAND, _PRODUCTION = (
    coupling("core_temperature"),
    coupling("oxygen_demand"),
    coupling("carbon_dioxide_production"),
)
_BRAIN_PO2, _HEART_PO2, _VENOUS_PO2 = coupling("brain_po2"), coupling("heart_po2"), coupling("venous_po2")
_ALVEOLAR_PO2, _ALVEOLAR_PCO2 = coupling("alveolar_po2"), coupling("alveolar_pco2")
_AIRWAY_PCO2, _END_TIDAL_PCO2 = coupling("airway_pco2"), coupling("end_tidal_pco2")
_UPTAKE, _OUTPUT = coupling("oxygen_uptake"), coupling("carbon_dioxide_output")
_CONSUMPTION, _DEFICIT = coupling("oxygen_consumption"), coupling("oxygen_deficit")

_PER_VOLUME = 863.0  # mmHg of partial pressure for 1 mL STPD in 1 mL BTPS: 760 * 310 / 273
# Of functional residual capacity: residual volume, 16 of 30 mL/kg (Levitzky 2013); a lung below it holds empty units.
_CLOSING = 16.0 / 30.0
_WATER = 47.0  # mmHg, water vapour at 37 Cel
# Shares of the resting oxygen consumption: brain 49 and heart 27 of 250 mL/min (Ganong, table 32-1).
_BRAIN_SHARE, _HEART_SHARE = 49.0 / 250.0, 27.0 / 250.0
_RESTING_WORK = 72.0 * 93.0  # rate times pressure, with which the heart's demand goes (Kitamura 1972)
_HALF_USED = 1.0  # mmHg: mitochondria work at half their rate at about 1 mmHg, and fully above 3 (Wilson 1988)
# Carbon monoxide: Coburn, Forster & Kane 1965, J Clin Invest 44:1899-1910; affinity 218, diffusing capacity 30
# mL/min/mmHg.
_AFFINITY, _DIFFUSION = 218.0, 30.0
# Lung water: fluid leaves the capillaries above about 25 mmHg, half of that where they leak (Guyton & Lindsey 1959: 24
# and 11 mmHg in dogs); the pace, half a litre in an hour at 10 mmHg above, and the clearance, half in 6 h, are choices.
_DRY, _LEAKY, _PACE, _CLEARED = 24.0, 13.0, 500.0 / 3600.0 / 10.0, 0.693 / (6.0 * 3600.0)


@part
def _lung(
    side: Side, air: float, blood: float, free: float, venous: Any, inspired: Any, y: Any, p: Any, c: Any, dydt: Any
) -> Any:
    """One lung: gas in and out by its flow (through the airway) or `air` (averaged), blood through it.

    Args:
        air, blood: ventilation of its alveoli, mL/s, and its share of the blood flow.
        free: haemoglobin that carries no carbon monoxide.
        venous, inspired: oxygen and carbon dioxide of venous blood, and of the gas breathed in.

    Returns (oxygen, carbon dioxide) that leave with its blood, mL/s; (oxygen, carbon dioxide) that leave the alveoli
    for the airway, mL/s; its two pressures.
    """
    flow = c[side.flow]
    volume = max(y[side.volume], 30.0)
    held_oxygen, held_carbon = max(y[side.oxygen], 0.0), max(y[side.carbon], 0.0)
    oxygen, carbon = held_oxygen / volume, held_carbon / volume
    po2, pco2 = oxygen * _PER_VOLUME, carbon * _PER_VOLUME
    share = shunted(y, p, side.right)
    # a lung that shrinks below its residual volume has units without gas, and becomes a shunt
    open_share = min(volume / (_CLOSING * (p[_FRC] * side.share)), 1.0)
    share = 1.0 - (1.0 - share) * open_share * open_share
    factor = shift(
        c[_PH] - BUFFERED * math.log10(max(pco2, 1.0) / max(c[_PCO2], 1.0)), pco2, c[_TEMPERATURE]
    )  # fmt: skip
    end_oxygen = oxygen_content(po2, free, factor)
    end_carbon = carbon_content(pco2, po2, c[_BASE])
    out_oxygen = (1.0 - share) * end_oxygen + share * venous[0]
    out_carbon = (1.0 - share) * end_carbon + share * venous[1]
    leaving_oxygen, leaving_carbon = blood * c[_OUT] * out_oxygen, blood * c[_OUT] * out_carbon
    uptake = leaving_oxygen - blood * c[_IN] * venous[0]
    output = blood * c[_IN] * venous[1] - leaving_carbon
    lost = 1.0 - c[_WASTED]
    if p[_PULSATILE] > 0.5:
        space = conducting(p)
        dead_oxygen, dead_carbon = max(y[_AIRWAY_OXYGEN], 0.0) / space, max(y[_AIRWAY_CARBON], 0.0) / space
        if flow > 0.0:
            gone_oxygen, gone_carbon = -lost * flow * dead_oxygen, -lost * flow * dead_carbon
        else:
            gone_oxygen, gone_carbon = -lost * flow * oxygen, -lost * flow * carbon
    else:
        pace = lost * air
        gone_oxygen = pace * (oxygen - inspired[0]) - (flow * (inspired[0] if flow > 0.0 else oxygen))
        gone_carbon = pace * (carbon - inspired[1]) - (flow * (inspired[1] if flow > 0.0 else carbon))
    dydt[side.oxygen] -= uptake + gone_oxygen
    dydt[side.carbon] += output - gone_carbon
    c[_UPTAKE] += uptake
    c[_OUTPUT] += output
    # what blood takes up leaves room: it draws gas after it (apnoeic oxygenation), and a closed lung shrinks
    if y[side.volume] > 20.0:
        dydt[side.volume] += (output - uptake) * _PER_VOLUME / max(p[_AMBIENT] - _WATER, 1.0)
    return leaving_oxygen, leaving_carbon, gone_oxygen, gone_carbon, po2, pco2


@part
def _tissue(
    oxygen_at: int, carbon_at: int, oxygen_volume: float, carbon_volume: float, flow: float, demand: float, made: float,
    po2: float, y: Any, dydt: Any, arterial_oxygen: float, arterial_carbon: float,
) -> Any:  # fmt: skip
    """One tissue: takes from arterial blood, uses, gives to venous blood; returns what was used and given back."""
    cube = (max(po2, 0.0) / _HALF_USED) ** 3
    use = demand * cube / (cube + 1.0)
    back_oxygen = flow * max(y[oxygen_at], 0.0) / oxygen_volume
    back_carbon = flow * max(y[carbon_at], 0.0) / carbon_volume
    dydt[oxygen_at] += flow * arterial_oxygen - back_oxygen - use
    made_now = made * use / max(demand, 1e-9)
    dydt[carbon_at] += flow * arterial_carbon - back_carbon + made_now
    return use, made_now, back_oxygen, back_carbon


@part
def gas_exchange(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Oxygen, carbon dioxide and carbon monoxide on their way."""
    arterial, venous = max(c[_ARTERIAL_BLOOD], 1.0), max(c[_VENOUS_BLOOD], 1.0)
    arterial_oxygen, arterial_carbon = y[_ARTERIAL_OXYGEN] / arterial, y[_ARTERIAL_CARBON] / arterial
    venous_oxygen, venous_carbon = y[_VENOUS_OXYGEN] / venous, y[_VENOUS_CARBON] / venous
    free = c[_HAEMOGLOBIN] * (1.0 - c[_CARBOXY])
    dry = max(p[_AMBIENT] - _WATER, 1.0) / _PER_VOLUME
    inspired_oxygen, inspired_carbon = c[_INSPIRED_OXYGEN] * dry, c[_INSPIRED_CARBON] * dry
    c[_UPTAKE], c[_OUTPUT] = 0.0, 0.0
    # averaged ventilation goes to the lungs as their compliances part it; the flows tell of one blocked
    left_blood = c[_LEFT_BLOOD]
    left, right = _shared(y, p)
    venous, inspired = (venous_oxygen, venous_carbon), (inspired_oxygen, inspired_carbon)
    left_air, right_air = left * c[_VENTILATION], right * c[_VENTILATION]
    lo, lc, lgo, lgc, lp, lpc = _lung(LEFT, left_air, left_blood, free, venous, inspired, y, p, c, dydt)
    ro, rc, rgo, rgc, rp, rpc = _lung(RIGHT, right_air, 1.0 - left_blood, free, venous, inspired, y, p, c, dydt)
    c[_ALVEOLAR_PO2] = left * lp + right * rp
    c[_ALVEOLAR_PCO2] = left * lpc + right * rpc
    _airway(y, p, c, dydt, lgo + rgo, lgc + rgc, inspired_oxygen, inspired_carbon)

    use, made, back_oxygen, back_carbon = 0.0, 0.0, 0.0, 0.0
    demand, production = c[_DEMAND], c[_PRODUCTION]
    brain = _BRAIN_SHARE * min(demand, 4.17 * 1.3)  # the brain takes no part in exercise or shivering
    work = c[_RATE] * max(y[_MEAN_PRESSURE], 10.0) / _RESTING_WORK
    heart = _HEART_SHARE * 4.17 * work
    heart = min(heart, 0.5 * demand)
    rest = max(demand - brain - heart, 0.1 * demand)
    quotient = production / max(demand, 1e-9)
    others = c[_KIDNEY] + c[_GUT] + c[_MUSCLE] + c[_SKIN]
    u, m, o, k = _tissue(
        _BRAIN_OXYGEN, _BRAIN_CARBON, BRAIN_OXYGEN_VOLUME, BRAIN_CARBON_VOLUME, c[_BRAIN], brain, brain * quotient,
        c[_BRAIN_PO2], y, dydt, arterial_oxygen, arterial_carbon,
    )  # fmt: skip
    use, made, back_oxygen, back_carbon = use + u, made + m, back_oxygen + o, back_carbon + k
    u, m, o, k = _tissue(
        _HEART_OXYGEN, _HEART_CARBON, HEART_OXYGEN_VOLUME, HEART_CARBON_VOLUME, c[_HEART], heart, heart * quotient,
        c[_HEART_PO2], y, dydt, arterial_oxygen, arterial_carbon,
    )  # fmt: skip
    use, made, back_oxygen, back_carbon = use + u, made + m, back_oxygen + o, back_carbon + k
    po2 = c[_VENOUS_PO2] * min(y[_TISSUE_OXYGEN] / TISSUE_OXYGEN_VOLUME / max(venous_oxygen, 1e-4), 1.5)
    u, m, o, k = _tissue(
        _TISSUE_OXYGEN, _TISSUE_CARBON, TISSUE_OXYGEN_VOLUME, TISSUE_CARBON_VOLUME, others, rest, rest * quotient,
        po2, y, dydt, arterial_oxygen, arterial_carbon,
    )  # fmt: skip
    use, made, back_oxygen, back_carbon = use + u, made + m, back_oxygen + o, back_carbon + k
    c[_CONSUMPTION], c[_DEFICIT] = use, max(brain + heart + rest - use, 0.0)
    dydt[_USED] += use
    dydt[_MADE] += made

    flow = c[_BRAIN] + c[_HEART] + others
    given = p[_RED_CELLS] / 60.0
    dydt[_ARTERIAL_OXYGEN] += lo + ro - (flow + c[_BLEEDING]) * arterial_oxygen
    dydt[_ARTERIAL_CARBON] += lc + rc - (flow + c[_BLEEDING]) * arterial_carbon
    dydt[_VENOUS_OXYGEN] += back_oxygen - c[_IN] * venous_oxygen + given * venous_oxygen
    dydt[_VENOUS_CARBON] += back_carbon - c[_IN] * venous_carbon + given * venous_carbon
    dydt[_OXYGEN_BLED] += c[_BLEEDING] * arterial_oxygen - given * venous_oxygen
    dydt[_CARBON_BLED] += c[_BLEEDING] * arterial_carbon - given * venous_carbon
    _monoxide(y, p, c, dydt)
    _oedema(y, p, c, dydt)


@part
def _shared(y: Any, p: Any) -> Any:
    """How ventilation parts between the lungs, by the gas they hold: a collapsed or blocked lung gets little."""
    left = max(y[LEFT.volume], 1.0) * moves(LEFT, y, p) * (1e-4 if blocked(LEFT, p) else 1.0)
    right = max(y[RIGHT.volume], 1.0) * moves(RIGHT, y, p) * (1e-4 if blocked(RIGHT, p) else 1.0)
    return left / (left + right), right / (left + right)


@part
def _airway(
    y: Any, p: Any, c: Any, dydt: Any, oxygen: float, carbon: float, inspired_oxygen: float, inspired_carbon: float
) -> None:
    """The conducting airways between mouth and alveoli, and what passes the mouth."""
    space = conducting(p)
    dead_oxygen, dead_carbon = max(y[_AIRWAY_OXYGEN], 0.0) / space, max(y[_AIRWAY_CARBON], 0.0) / space
    flow, lost = c[_FLOW], c[_WASTED]
    if p[_PULSATILE] > 0.5:
        # alveoli without blood breathe in what comes, and breathe out what was breathed in
        if flow > 0.0:
            mouth_oxygen = -flow * inspired_oxygen + lost * flow * dead_oxygen
            mouth_carbon = -flow * inspired_carbon + lost * flow * dead_carbon
        else:
            mouth_oxygen = -flow * dead_oxygen + lost * flow * inspired_oxygen
            mouth_carbon = -flow * dead_carbon + lost * flow * inspired_carbon
        dydt[_AIRWAY_OXYGEN] += oxygen - mouth_oxygen
        dydt[_AIRWAY_CARBON] += carbon - mouth_carbon
        c[_AIRWAY_PCO2] = dead_carbon * _PER_VOLUME
        if flow < -5.0:
            # the last value of an expiration stays: the plateau is followed upwards quickly, downwards slowly
            gap = c[_AIRWAY_PCO2] - y[_END_TIDAL]
            dydt[_END_TIDAL] += gap / (0.1 if gap > 0.0 else 6.0)
        c[_END_TIDAL_PCO2] = y[_END_TIDAL]
    else:
        mouth_oxygen, mouth_carbon = oxygen, carbon
        lost_share = (1.0 - lost) * c[_ALVEOLAR_PCO2] + lost * inspired_carbon * _PER_VOLUME
        c[_END_TIDAL_PCO2] = lost_share if c[_VENTILATION] > 1.0 else 0.0
        dydt[_END_TIDAL] += (c[_END_TIDAL_PCO2] - y[_END_TIDAL]) / 5.0
        c[_AIRWAY_PCO2] = 0.6 * c[_END_TIDAL_PCO2]
        # the airways follow softly, so that the other fidelity finds them filled
        into_oxygen = (0.5 * (inspired_oxygen + c[_ALVEOLAR_PO2] / _PER_VOLUME) - dead_oxygen) * space / 5.0
        into_carbon = (0.5 * (inspired_carbon + c[_ALVEOLAR_PCO2] / _PER_VOLUME) - dead_carbon) * space / 5.0
        dydt[_AIRWAY_OXYGEN] += into_oxygen
        dydt[_AIRWAY_CARBON] += into_carbon
        mouth_oxygen -= into_oxygen
        mouth_carbon -= into_carbon
    dydt[_BREATHED] -= mouth_oxygen
    dydt[_EXHALED] += mouth_carbon
    if p[_CIRCLE] > 0.5 and p[_MODE] > 0.5:
        held = max(y[_CIRCUIT], 0.0) / CIRCUIT
        washed = p[_FRESH] * 1000.0 / 60.0 + c[_MINUTE] * (1.0 - p[_SODA])
        dydt[_CIRCUIT] += mouth_carbon - washed * held
    else:
        dydt[_CIRCUIT] -= y[_CIRCUIT] / 5.0


@part
def _monoxide(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Coburn, Forster & Kane 1965, in mL/min and mmHg."""
    bound = max(y[_MONOXIDE], 0.0)
    if bound <= 0.0 and p[_AIR_MONOXIDE] <= 0.0:
        return
    capacity = HUEFNER * max(y[_HAEMOGLOBIN_MASS], 1.0)
    oxy = max(c[_SO2] * capacity, 0.01 * capacity)
    back = bound * max(c[_ALVEOLAR_PO2], 10.0) / (_AFFINITY * oxy)
    resistance = 1.0 / _DIFFUSION + 713.0 / max(60.0 * c[_VENTILATION], 10.0)
    room = max(1.0 - bound / capacity, 0.0)
    dydt[_MONOXIDE] += (p[_AIR_MONOXIDE] * (p[_AMBIENT] - _WATER) - back) / resistance / 60.0 * room


@part
def _oedema(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Water that the lungs' capillaries lose, out of the blood, and that lymph brings back."""
    edge = _DRY - (_DRY - _LEAKY) * p[_ARDS]
    lost = _PACE * max(c[_CAPILLARY] - edge, 0.0)
    net = lost - _CLEARED * max(y[_LUNG_WATER], 0.0)
    dydt[_LUNG_WATER] += net
    dydt[_CAPILLARIES] -= net
    dydt[_BLOOD_GAIN] -= net
