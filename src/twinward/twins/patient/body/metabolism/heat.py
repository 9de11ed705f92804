"""Core and skin exchange heat with each other and with what surrounds them (Gagge's two-node model)."""

from math import exp
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.metabolism.basal import (
    BLOOD_CONDUCTANCE,
    CLOTHING_PERMEATION,
    CONVECTION,
    CORE,
    LEWIS,
    RADIATION,
    SKIN,
    TISSUE_CONDUCTANCE,
    WETNESS,
)

_CORE, _SKIN, _FEVER = state("core_heat"), state("skin_heat"), state("fever")
_INTERSTITIAL, _SODIUM = state("interstitial_volume"), state("sodium_amount")
_EVAPORATED, _SODIUM_LOST = state("water_evaporated"), state("sodium_lost")
_MADE, _LOST = state("heat_made"), state("heat_lost")
_WEIGHT, _SURFACE, _POWER = parameter("weight"), parameter("body_surface_area"), parameter("resting_power")
_SKIN_FLOW, _CLOTHING = parameter("skin_flow_at_rest"), parameter("clothing")
_AMBIENT, _HUMIDITY, _IMMERSION = parameter("ambient_temperature"), parameter("humidity"), parameter("immersion")
_LEFT_PNEUMONIA, _RIGHT_PNEUMONIA = parameter("left_pneumonia"), parameter("right_pneumonia")
_HEATING, _SEPSIS, _BURNS = parameter("heating"), parameter("sepsis"), parameter("burns")
_BED_FLOW, _BED_FLOW_AT_REST = coupling("skin_flow"), parameter("skin_bed_flow_at_rest")
_DEMAND, _WORK = coupling("oxygen_demand"), coupling("muscle_work")
_FAT, _SHELL = parameter("body_fat"), parameter("shell")
_BLOCK = coupling("drug_neuromuscular_block")

_ENERGY = 20.35  # J per mL of oxygen, demand.py
# Gagge, Fobelets & Berglund 1986, ASHRAE Trans 92:709, with this person's resting temperatures as set points.
# Skin flow times rest by warmth: 200 of 6.3 L/h/m2 per K, at most 90, as the circulation's skin does it; that bed is
# skin to 4.667 of 20.7 parts (ICRP 89), so that nerves and pressure reach the flow that carries heat.
_DILATION, _CONSTRICTION, _SWEAT, _SWEAT_SKIN = 200.0 / 6.3, 0.5, 170.0, 10.7  # 1/K; 1/K; g/h/m2/K; K
_MOST_FLOW, _LEAST_FLOW, _MOST_SWEAT, _SKIN_SHARE = 90.0 / 6.3, 0.5, 500.0, 4.667 / 20.7  # 1; L/h/m2; g/h/m2; 1
_MOVING, _MET = 5.66, 58.2  # W/m2/K of moving air by activity (ibid.); W/m2
# In exercise the skin's vessels begin to widen 0.28 K later (Johnson & Park 1981, J Appl Physiol 50:814-818), in light
# work already (how light: chosen): skin cools at its onset, by nerves and not by sweat (Torii 1992, Br J Sports Med
# 26:29).
_LATER, _LATER_WORK = 0.28, 0.1
_HEAT_CAPACITY, _LATENT = 3492.0, 0.68  # J/kg/K (0.97 W h/kg/K); W h/g
_MOST_SHIVERING = 3.9  # times rest on top of it: Eyolfson et al. 2001, Eur J Appl Physiol 84:100 (peak 4.9 times rest)
# Muscles that shiver are perfused and keep less heat in (Wakabayashi 2006, J Physiol Anthropol 25:331). How much more
# tissues conduct then, and from what shivering on, times resting power, are chosen between what was measured in water
# (kelvins lost in an hour, here and there): 1.4 and 2.2 at 15 Cel, 3.8 and 3.3 at 5 (Appl Human Sci 1996, 15:161), 0.6
# and 0.9 at 20 (Tikuisis 1988, J Appl Physiol 64:719).
_SHIVERED, _SHIVERS = 0.45, 0.3
_WATER = 230.0  # W/m2/K of a resting body in water: Nadel et al. 1974, J Appl Physiol 36:465
_EFFICIENCY = 0.2  # of muscular work that leaves as work: Guyton & Hall ch. 84, 20 to 25 %
_SWEAT_SODIUM = 40.0  # mmol/L: Guyton & Hall ch. 73
_FEVER_RISE, _FEVER_TIME = 2.0, 1800.0  # K at severity 1, 38.3 and more make the diagnosis (Levy 2003); seconds: chosen


@part
def _vapour(temperature: float) -> float:
    return exp(18.6686 - 4030.183 / (temperature + 235.0))


@part
def later(work: float) -> float:
    """K by which skin begins to widen later in exercise."""
    return _LATER * (1.0 - exp(-max(work, 0.0) / _LATER_WORK))


@part
def shivering(y: Any, p: Any, c: Any) -> float:
    """W; Tikuisis & Giesbrecht 1999, Eur J Appl Physiol 79:221-229, W/m2: 155.5 per K of a cold core, 47.0 per K of a
    cold skin less 1.57 per K2, over the root of the percentage of fat; no more than the peak that Eyolfson saw, and
    none in muscles that drugs block."""
    cold_core, cold_skin = CORE + y[_FEVER] - y[_CORE], max(SKIN + y[_FEVER] - y[_SKIN], 0.0)
    wanted = (155.5 * cold_core + 47.0 * cold_skin - 1.57 * cold_skin * cold_skin) * p[_SURFACE] / p[_FAT] ** 0.5
    return min(max(wanted, 0.0), _MOST_SHIVERING * p[_POWER]) * (1.0 - c[_BLOCK])


@part
def heat(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Heat made, moved and lost; sweat and vapour take water from the interstitium."""
    core, skin, fever = y[_CORE], y[_SKIN], y[_FEVER]
    infection = max(p[_SEPSIS], max(p[_LEFT_PNEUMONIA], p[_RIGHT_PNEUMONIA]))  # pneumonia as sepsis: a choice
    dydt[_FEVER] += (_FEVER_RISE * infection - fever) / _FEVER_TIME
    surface = p[_SURFACE]
    power = c[_DEMAND] * _ENERGY
    made = (power - _EFFICIENCY * max(power - p[_POWER], 0.0) * min(c[_WORK] * 1e3, 1.0)) / surface

    warm, cold_skin = max(core - CORE - fever - later(c[_WORK]), 0.0), max(SKIN + fever - skin, 0.0)
    wide = min(1.0 + _DILATION * warm, _MOST_FLOW) / (1.0 + _CONSTRICTION * cold_skin)
    bed = max(c[_BED_FLOW], 0.0) / p[_BED_FLOW_AT_REST]
    flow = max(p[_SKIN_FLOW] * bed * wide / (1.0 + _SKIN_SHARE * (wide - 1.0)), _LEAST_FLOW)
    perfused = 1.0 - exp(-shivering(y, p, c) / (_SHIVERS * p[_POWER]))
    through = (core - skin) * (TISSUE_CONDUCTANCE * (1.0 + _SHIVERED * perfused) + BLOOD_CONDUCTANCE * flow)

    ambient = p[_AMBIENT]
    vapour = p[_HUMIDITY] * _vapour(ambient)
    breath = max(0.0023 * made * (44.0 - vapour), 0.0)
    warming = 0.0014 * made * (34.0 - ambient)
    mets = power / surface / _MET
    moving = max(_MOVING * max(mets - 0.85, 0.0) ** 0.39, CONVECTION)
    dry = (skin - ambient) / (1.0 / (RADIATION + moving) + p[_CLOTHING])
    most = (_vapour(skin) - vapour) / (1.0 / (LEWIS * moving) + p[_CLOTHING] / (LEWIS * CLOTHING_PERMEATION))
    most = max(most, 0.0)
    shell = p[_SHELL]
    whole = shell * (skin - SKIN - fever) + (1.0 - shell) * (core - CORE - fever)
    sweat = min(_SWEAT * max(whole, 0.0) * exp(max(skin - SKIN, 0.0) / _SWEAT_SKIN), _MOST_SWEAT)
    wet = min(WETNESS + (1.0 - WETNESS) * _LATENT * sweat / max(most, 1e-6), 1.0)
    # burnt skin lets 100 mL/h/m2 more of its area evaporate: (25 + % burnt) mL/h per m2, Warden 1992
    vapours = wet * most + 100.0 * p[_BURNS] * _LATENT * min(most / 30.0, 1.0)
    in_air = 1.0 - p[_IMMERSION]
    lost = in_air * (dry + vapours) + p[_IMMERSION] * _WATER * (skin - ambient) - p[_HEATING] / surface

    capacity = _HEAT_CAPACITY * p[_WEIGHT] / surface
    dydt[_CORE] += (made - breath - warming - through) / ((1.0 - shell) * capacity)
    dydt[_SKIN] += (through - lost) / (shell * capacity)
    dydt[_MADE] += made * surface
    dydt[_LOST] += (breath + warming + lost) * surface

    water = surface * (breath + in_air * vapours) / (_LATENT * 3600.0)  # g = mL per second
    salt = surface * in_air * sweat / 3600.0 * _SWEAT_SODIUM / 1000.0
    dydt[_INTERSTITIAL] -= water
    dydt[_EVAPORATED] += water
    dydt[_SODIUM] -= salt
    dydt[_SODIUM_LOST] += salt
