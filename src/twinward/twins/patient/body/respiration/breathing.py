"""Breathing: muscles, ventilator, airways, two lungs in two halves of a chest, air where it does not belong."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.respiration.drive import asked, breaths
from twinward.twins.patient.body.respiration.illness import bronchi, shunted, stiffness, throat, wasted
from twinward.twins.patient.body.respiration.machine import conducting, inspired, inspiring, settings, valves
from twinward.twins.patient.body.respiration.muscles import (
    BLOW,
    INSPIRED_SHARE,
    LETTING_GO,
    MUSCLE_LAG,
    exchanged,
    muscle_pressure,
    voluntary,
)

_LEFT, _RIGHT = state("left_lung"), state("right_lung")
_LEFT_AIR, _RIGHT_AIR = state("left_pleural_air"), state("right_pleural_air")
_MUSCLE, _PHASE, _MACHINE_PHASE = state("muscle_pressure"), state("breath_phase"), state("ventilator_phase")
_MEAN_FLOW = state("mean_airflow")
_LEFT_OXYGEN, _RIGHT_OXYGEN = state("left_alveolar_oxygen"), state("right_alveolar_oxygen")
_PULSATILE = parameter("pulsatile")
_FRC, _TLC = parameter("residual_capacity"), parameter("total_capacity")
_COMPLIANCE, _WALL = parameter("lung_compliance"), parameter("chest_wall_compliance")
_UPPER, _BRONCHIAL = parameter("upper_airway_resistance"), parameter("bronchial_resistance")
_DEVICE, _MODE = parameter("airway_device"), parameter("ventilator_mode")
_RATE_SET, _SHARE_SET = parameter("ventilator_rate"), parameter("ventilator_inspired_share")
_LEFT_TENSION, _RIGHT_TENSION = parameter("left_pneumothorax"), parameter("right_pneumothorax")
_LEFT_WOUND, _RIGHT_WOUND = parameter("left_open_chest_wound"), parameter("right_open_chest_wound")
_LEFT_DRESSED, _RIGHT_DRESSED = parameter("left_occlusive_dressing"), parameter("right_occlusive_dressing")
_LEFT_NEEDLE, _RIGHT_NEEDLE = parameter("left_needle_decompression"), parameter("right_needle_decompression")
_MANOEUVRE = parameter("breathing_manoeuvre")
_BLOCK = coupling("drug_neuromuscular_block")
_RATE, _TIDAL = coupling("respiratory_rate"), coupling("tidal_volume")
_MINUTE, _ALVEOLAR = coupling("minute_ventilation"), coupling("alveolar_ventilation")
_PLEURAL, _ALVEOLAR_PRESSURE, _AIRWAY = (
    coupling("pleural_pressure"),
    coupling("alveolar_pressure"),
    coupling("airway_pressure"),
)
_FLOW, _VOLUME = coupling("airflow"), coupling("lung_volume")
_LEFT_FLOW, _RIGHT_FLOW = coupling("left_lung_flow"), coupling("right_lung_flow")
_VASCULAR, _SHUNT, _WASTED = coupling("pulmonary_resistance"), coupling("shunt"), coupling("wasted_ventilation")
_LEFT_BLOOD = coupling("left_flow_share")

LEFT_SHARE, RIGHT_SHARE = 0.475, 0.525  # Pulse and BioGears: of lung volume and blood flow
RECOIL = 5.0  # cmH2O, of lung and chest wall against each other at functional residual capacity (West, figure 7.11)
_MMHG = 0.73556  # a cmH2O
# A lung that nothing stretches any more keeps gas behind closed airways (West, chapter 7) and hardly moves: the share
# of its compliance that is left is a choice.
_CLOSED = 0.05
# Expiration cannot be faster than the lung's recoil over the resistance of the airways upstream of the point of equal
# pressures, whatever the effort (Mead 1967, J Appl Physiol 22:95-108). cmH2O s/mL of both lungs: found so that a
# healthy man of 44 breathes out 0.79 of his vital capacity in a second (Quanjer 2012, Eur Respir J 40:1324).
_UPSTREAM = 0.0032
_PRESSURE_LIMIT = 40.0  # cmH2O, of volume-controlled breaths: the usual alarm limit
# Holes, mL/s/cmH2O: a 14 gauge needle of 50 mm by Poiseuille's law (radius 0.8 mm: 17.5). The size of a torn lung
# at severity 1 is a choice: a lung that collapses within minutes.
# A wound sucks once it is as wide as two thirds of the windpipe (ATLS), of which the conductance is 1,000: that is a
# fifth of it (fourth power), and the worst, at severity 1, is as wide as the windpipe.
_NEEDLE, _TEAR, _WOUND = 17.5, 6.0, 1000.0
_AVERAGED_SECONDS = (
    0.4  # averaged over breaths half of a chest fills through a hole no faster than that (steps of 0.5 s)
)
# A tense half of the chest pushes the mediastinum over: this share of the excess pressure reaches the other (choice).
_PUSHED = 0.3
# Narrow bronchi: inspiration becomes shorter, from 0.37 of a breath (healthy: Sanchis 1990, Eur Respir J 3:521) to 0.26
# (234 patients with COPD: Respir Med 2025, PubMed 39971147), as the bronchi's conductance goes.
_SHORTENED = 0.30
# Hypoxic vasoconstriction doubles a lung region's resistance, half of it at an alveolar PO2 of about 50 mmHg (Marshall
# 1994, J Appl Physiol 76:1413), in a collapsed lung as well, whose vessels nothing else narrows (Benumof 1979, J Appl
# Physiol 46:1047); a distended lung presses its capillaries (West).
_CONSTRICTED, _HALF = 1.0, 50.0
_PER_VOLUME = 863.0  # mmHg of partial pressure for 1 mL STPD in 1 mL BTPS: 760 * 310 / 273


@part
def _stiffened(volume: float, unstressed: float, compliance: float, most: float) -> Any:
    """Recoil of a lung, cmH2O: linear, steep near total capacity, and where it has collapsed and its airways close."""
    recoil = (volume - unstressed) / compliance
    if recoil < 0.0:
        return recoil / _CLOSED
    over = volume / most - 0.85
    if over > 0.0:
        recoil += 400.0 * over * over
    return recoil


@part
def moves(volume: float, unstressed: float) -> float:
    """Share of a lung's compliance with which it breathes: all, down to little where it has collapsed."""
    above = 4.0 * (volume - unstressed) / unstressed
    return _CLOSED + (1.0 - _CLOSED) * min(max(above, 0.0), 1.0)


@part
def _pleural(air: float, lung: float, share: float, p: Any, muscle: float) -> Any:
    """Pressure around a lung, cmH2O: of its half of the chest wall, filled by lung and air, and of the muscles."""
    rest = share * (p[_FRC] + RECOIL * p[_WALL])
    return (lung + air - rest) / (share * p[_WALL]) + muscle


@part
def _holes(
    air: float,
    pleural: float,
    recoil: float,
    tension: float,
    wound: float,
    dressed: float,
    needle: float,
    widest: float,
) -> Any:
    """(air torn from the lung, air through the chest wall) into a pleural space, mL/s."""
    # through a torn lung air goes from alveoli and airway to where the pressure is lower, and not back
    torn = tension * _TEAR * max(recoil, max(-pleural, 0.0))
    opening = min(wound * wound * (1.0 - dressed) * _WOUND + needle * _NEEDLE, widest)
    through = -opening * pleural
    if air <= 0.0 and through < 0.0:
        through = 0.0  # nothing is there to leave
    return torn, through


@part
def _constricted(oxygen: float, volume: float) -> Any:
    """A lung's vascular resistance, times normal, by its alveolar PO2."""
    ratio = max(oxygen, 0.0) / max(volume, 1.0) * _PER_VOLUME / _HALF
    fourth = ratio * ratio * ratio * ratio
    return 1.0 + _CONSTRICTED / (1.0 + fourth)


@part
def _periodic(own: Any, machine: Any, ways: Any, serial: float, p: Any) -> Any:
    """Tidal volumes, mL, of one's own breaths and of the machine's, each in its periodic state.

    Args:
        own: rate, /min; pressure of the muscles, cmH2O, and their strength; share that is inspiration; time constant
            with which they let go, s.
        machine: as `settings` tells it.
        ways: resistances of left and right bronchi, of the upper airway, of the valves in and out, cmH2O s/mL.
        serial: compliance of lungs and chest wall together, mL/cmH2O.
    """
    rate, effort, strength, share, letting_go = own
    runs, mandatory, peep, pressure, tidal_set, _ = machine
    left_r, right_r, upper, into, out = ways
    resistance = upper + 1.0 / (1.0 / left_r + 1.0 / right_r)
    drawn, forced = 0.0, 0.0
    if rate > 0.0:
        length = 60.0 / rate
        drive = effort + (pressure if runs and 2.5 < p[_MODE] < 3.5 and strength > 0.05 else 0.0)
        lag = resistance * serial
        drawn = exchanged(drive, serial, lag + MUSCLE_LAG, lag + letting_go, share * length, (1.0 - share) * length)
    if mandatory:
        length = 60.0 / p[_RATE_SET]
        inspiration = p[_SHARE_SET] * length
        if p[_MODE] < 1.5:
            reach = (_PRESSURE_LIMIT - peep) / (1.0 / serial + (resistance + into) / inspiration)
            forced = min(tidal_set, max(reach, 0.0))
        else:
            filling, emptying = (resistance + into) * serial, (resistance + out) * serial
            forced = exchanged(pressure, serial, filling, emptying, inspiration, length - inspiration)
    return drawn, forced


@part
def _counted(drawn: float, forced: float, rate: float, machine_rate: float, dead_space: float, c: Any) -> Any:
    """Write rate, tidal volume and alveolar ventilation, averaged over breaths; what is moved, mL/min."""
    moved = drawn * rate + forced * machine_rate
    beats = max(rate if drawn > 1.0 else 0.0, machine_rate if forced > 1.0 else 0.0)
    # a breath that moves less than about 30 mL is none that anybody counts
    volume = moved / beats if beats > 0.0 else 0.0
    counted = volume**4 / (volume**4 + 30.0**4)
    c[_RATE], c[_TIDAL] = beats * counted, volume
    # The airways mix what is in them, as `exchange` follows it within a breath: of a periodic breath that leaves
    # VT - VD tanh(VT / 2 VD) for the alveoli, VT - VD where breaths are deep and a little where they are shallow.
    c[_ALVEOLAR] = (volume - dead_space * math.tanh(volume / (2.0 * dead_space))) * beats / 60.0
    return moved


@part
def _fastest(recoil: float, share: float, spasm: float) -> float:
    """The fastest flow out of a lung, mL/s: more pressure around it squeezes its airways as it drives the gas."""
    return max(recoil, 0.0) * share / (_UPSTREAM * spasm)


@part
def _within_breath(
    own: Any, machine: Any, ways: Any, alveolar: Any, fastest: Any, y: Any, p: Any, c: Any, dydt: Any
) -> Any:
    """Airway pressure, and flows into left and right lung, at this instant.

    Args:
        alveolar: pressures in the lungs, cmH2O; fastest: flows out of them, mL/s.
    """
    rate, effort, strength, share, letting_go = own
    runs, _, peep, pressure, tidal_set, _ = machine
    left_r, right_r, upper, into, out = ways
    left, right = alveolar
    breathing_in = y[_PHASE] - math.floor(y[_PHASE]) < share and rate > 0.0
    muscle = y[_MUSCLE]
    if p[_MANOEUVRE] > 0.5:
        dydt[_MUSCLE] += (voluntary(y, p, strength) - muscle) / BLOW
    else:
        dydt[_MUSCLE] += (-effort - muscle) / MUSCLE_LAG if breathing_in else -muscle / letting_go
    left_g, right_g = 1.0 / left_r, 1.0 / right_r
    airway, flow_set = 0.0, -1.0
    if runs:
        airway, flow_set = inspiring(y, p, breathing_in, pressure, tidal_set, peep)
    if flow_set > 0.0:
        # a flow is pressed in, as far as the pressure limit lets it
        carina = (flow_set + left * left_g + right * right_g) / (left_g + right_g)
        airway = carina + flow_set * (upper + into)
        if airway > _PRESSURE_LIMIT:
            airway = _PRESSURE_LIMIT
            series = upper + into
            carina = (airway / series + left * left_g + right * right_g) / (1.0 / series + left_g + right_g)
    else:
        series = upper
        if runs:
            # each way has its valve; the way is the one in which gas flows
            ahead = (left * left_g + right * right_g) / (left_g + right_g)
            series += into if airway > ahead else out
        carina = (airway / series + left * left_g + right * right_g) / (1.0 / series + left_g + right_g)
    left_flow, right_flow = (carina - left) * left_g, (carina - right) * right_g
    left_flow, right_flow = max(left_flow, -fastest[0]), max(right_flow, -fastest[1])
    if p[_MANOEUVRE] > 2.5:
        left_flow = right_flow = 0.0  # the glottis is closed
    dydt[_MEAN_FLOW] += (max(left_flow + right_flow, 0.0) - y[_MEAN_FLOW]) / 10.0
    c[_MINUTE] = y[_MEAN_FLOW]
    return airway, left_flow, right_flow


@part
def _perfused(y: Any, p: Any, c: Any) -> None:
    """Write what the lungs do to the blood in them: resistance, the left one's share, shunt."""
    left_tone, right_tone = _constricted(y[_LEFT_OXYGEN], y[_LEFT]), _constricted(y[_RIGHT_OXYGEN], y[_RIGHT])
    both = LEFT_SHARE / left_tone + RIGHT_SHARE / right_tone
    c[_LEFT_BLOOD] = LEFT_SHARE / left_tone / both
    over = max(c[_VOLUME] / p[_FRC] - 1.3, 0.0)
    resting = 1.0 + _CONSTRICTED / (1.0 + (102.0 / _HALF) ** 4)
    c[_VASCULAR] = (1.0 + over * over) / both / resting
    c[_SHUNT] = LEFT_SHARE * shunted(y, p, False) + RIGHT_SHARE * shunted(y, p, True)


@part
def breathing(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Pressures, flows and volumes; `left_lung_flow` and `right_lung_flow` carry gas in `exchange`."""
    device = p[_DEVICE]
    dead_space = conducting(p)
    rate, tidal = breaths(asked(y, p, c, dydt), dead_space, p)
    if p[_MANOEUVRE] > 0.5:
        rate, tidal = 0.0, 0.0  # the will takes over
    strength = 1.0 - c[_BLOCK]
    effort = muscle_pressure(rate, tidal, p) * strength
    left_c = LEFT_SHARE * p[_COMPLIANCE] * stiffness(p, False)
    right_c = RIGHT_SHARE * p[_COMPLIANCE] * stiffness(p, True)
    rest = p[_FRC] - RECOIL * p[_COMPLIANCE]
    spasm = bronchi(p, c)
    share = INSPIRED_SHARE * (1.0 - _SHORTENED * max(1.0 - 1.0 / spasm, 0.0))
    letting_go = LETTING_GO * (1.0 - share) * 60.0 / max(rate, 1.0)
    left_r = p[_BRONCHIAL] / LEFT_SHARE * spasm * (1e4 if 2.5 < device < 3.5 else 1.0)
    right_r = p[_BRONCHIAL] / RIGHT_SHARE * spasm * (1e4 if 3.5 < device < 4.5 else 1.0)
    upper = p[_UPPER] * throat(p)
    into, out = valves(p)
    machine = settings(p)
    _, _, peep, _, _, machine_rate = machine
    left_moving = left_c * moves(y[_LEFT], LEFT_SHARE * rest)
    right_moving = right_c * moves(y[_RIGHT], RIGHT_SHARE * rest)
    serial = 1.0 / (1.0 / (left_moving + right_moving) + 1.0 / p[_WALL])
    own, ways = (rate, effort, strength, share, letting_go), (left_r, right_r, upper, into, out)

    # averages over breaths, in both fidelities; the averaged one lives by them
    drawn, forced = _periodic(own, machine, ways, serial, p)
    moved = _counted(drawn, forced, rate, machine_rate, dead_space, c)

    muscle = y[_MUSCLE]
    left_most, right_most = LEFT_SHARE * p[_TLC], RIGHT_SHARE * p[_TLC]
    left_recoil = _stiffened(y[_LEFT], LEFT_SHARE * rest, left_c, left_most)
    right_recoil = _stiffened(y[_RIGHT], RIGHT_SHARE * rest, right_c, right_most)
    left_pleural = _pleural(y[_LEFT_AIR], y[_LEFT], LEFT_SHARE, p, muscle)
    right_pleural = _pleural(y[_RIGHT_AIR], y[_RIGHT], RIGHT_SHARE, p, muscle)
    pushed = _PUSHED * (left_pleural - right_pleural)
    left_pleural, right_pleural = left_pleural - min(pushed, 0.0), right_pleural + max(pushed, 0.0)
    left_alveolar, right_alveolar = left_pleural + left_recoil, right_pleural + right_recoil
    dydt[_PHASE] += rate / 60.0
    dydt[_MACHINE_PHASE] += machine_rate / 60.0
    if p[_PULSATILE] > 0.5:
        alveolar, widest = (left_alveolar, right_alveolar), _WOUND
        fastest = (
            _fastest(left_recoil, LEFT_SHARE, spasm),
            _fastest(right_recoil, RIGHT_SHARE, spasm),
        )
        airway, left_flow, right_flow = _within_breath(own, machine, ways, alveolar, fastest, y, p, c, dydt)
    else:
        widest = LEFT_SHARE * p[_WALL] / _AVERAGED_SECONDS
        dydt[_MUSCLE] += (-effort * share - muscle) / 1.0
        airway = peep + (forced * machine_rate / 60.0 * (60.0 / max(machine_rate, 1.0)) * p[_SHARE_SET] / serial)
        # lungs go to where they rest at the mean airway pressure, within 2 s (a choice), later through narrow airways
        left_e = 1.0 / left_moving + 1.0 / (p[_WALL] * LEFT_SHARE)
        right_e = 1.0 / right_moving + 1.0 / (p[_WALL] * RIGHT_SHARE)
        left_flow = (airway - left_alveolar) / (2.0 * left_e + left_r + 2.0 * upper)
        right_flow = (airway - right_alveolar) / (2.0 * right_e + right_r + 2.0 * upper)
        dydt[_MEAN_FLOW] += (moved / 60.0 - y[_MEAN_FLOW]) / 10.0
        c[_MINUTE] = moved / 60.0
    if y[_LEFT] < 1.0 and left_flow < 0.0:
        left_flow = 0.0
    if y[_RIGHT] < 1.0 and right_flow < 0.0:
        right_flow = 0.0
    torn, through = _holes(
        y[_LEFT_AIR], left_pleural, left_recoil, p[_LEFT_TENSION], p[_LEFT_WOUND], p[_LEFT_DRESSED], p[_LEFT_NEEDLE],
        widest,
    )  # fmt: skip
    torn = torn if y[_LEFT] > 20.0 else 0.0
    dydt[_LEFT] += left_flow - torn
    dydt[_LEFT_AIR] += torn + through
    c[_LEFT_FLOW] = left_flow - torn
    torn, through = _holes(
        y[_RIGHT_AIR], right_pleural, right_recoil, p[_RIGHT_TENSION], p[_RIGHT_WOUND], p[_RIGHT_DRESSED],
        p[_RIGHT_NEEDLE], widest,
    )  # fmt: skip
    torn = torn if y[_RIGHT] > 20.0 else 0.0
    dydt[_RIGHT] += right_flow - torn
    dydt[_RIGHT_AIR] += torn + through
    c[_RIGHT_FLOW] = right_flow - torn

    c[_FLOW] = left_flow + right_flow
    c[_VOLUME] = y[_LEFT] + y[_RIGHT]
    c[_AIRWAY] = airway
    c[_PLEURAL] = _MMHG * (LEFT_SHARE * left_pleural + RIGHT_SHARE * right_pleural)
    c[_ALVEOLAR_PRESSURE] = _MMHG * (LEFT_SHARE * left_alveolar + RIGHT_SHARE * right_alveolar)
    inspired(y, p, c)
    c[_WASTED] = wasted(p)
    _perfused(y, p, c)
