"""Breathing: muscles, ventilator and airways fill two lungs in two halves of a chest."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.respiration.drive import asked, breaths
from twinward.twins.patient.body.respiration.illness import bronchi, hurried, shunted, throat, wasted
from twinward.twins.patient.body.respiration.lung import (
    LEFT,
    RIGHT,
    WIDEST_WOUND,
    Side,
    blocked,
    fastest,
    fill,
    stretched,
)
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

_MUSCLE, _PHASE, _MACHINE_PHASE = state("muscle_pressure"), state("breath_phase"), state("ventilator_phase")
_MEAN_FLOW = state("mean_airflow")
_PULSATILE = parameter("pulsatile")
_FRC, _WALL = parameter("residual_capacity"), parameter("chest_wall_compliance")
_UPPER, _BRONCHIAL = parameter("upper_airway_resistance"), parameter("bronchial_resistance")
_MODE = parameter("ventilator_mode")
_RATE_SET, _SHARE_SET = parameter("ventilator_rate"), parameter("ventilator_inspired_share")
_MANOEUVRE = parameter("breathing_manoeuvre")
_BLOCK = coupling("drug_neuromuscular_block")
_RATE, _TIDAL = coupling("respiratory_rate"), coupling("tidal_volume")
_MINUTE, _ALVEOLAR = coupling("minute_ventilation"), coupling("alveolar_ventilation")
_PLEURAL, _ALVEOLAR_PRESSURE = coupling("pleural_pressure"), coupling("alveolar_pressure")
_AIRWAY, _FLOW, _VOLUME = coupling("airway_pressure"), coupling("airflow"), coupling("lung_volume")
_VASCULAR, _SHUNT, _WASTED = coupling("pulmonary_resistance"), coupling("shunt"), coupling("wasted_ventilation")
_LEFT_BLOOD = coupling("left_flow_share")

_MMHG = 0.73556  # a cmH2O
_PRESSURE_LIMIT = 40.0  # cmH2O, of volume-controlled breaths: the usual alarm limit
# Averaged over breaths half of a chest fills through a hole no faster than in this many seconds (steps of 0.5 s).
_AVERAGED_SECONDS = 0.4
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
def _constricted(side: Side, y: Any) -> Any:
    """A lung's vascular resistance, times normal, by its alveolar PO2."""
    ratio = max(y[side.oxygen], 0.0) / max(y[side.volume], 1.0) * _PER_VOLUME / _HALF
    fourth = ratio * ratio * ratio * ratio
    return 1.0 + _CONSTRICTED / (1.0 + fourth)


@part
def _own_breaths(spasm: float, dead_space: float, y: Any, p: Any, c: Any, dydt: Any) -> Any:
    """One's own breaths, as `_periodic` takes them."""
    rate, tidal = breaths(asked(y, p, c, dydt), dead_space, hurried(LEFT.share, RIGHT.share, p, c), p)
    if p[_MANOEUVRE] > 0.5:
        rate, tidal = 0.0, 0.0  # the will takes over
    strength = 1.0 - c[_BLOCK]
    share = INSPIRED_SHARE * (1.0 - _SHORTENED * max(1.0 - 1.0 / spasm, 0.0))
    letting_go = LETTING_GO * (1.0 - share) * 60.0 / max(rate, 1.0)
    return rate, muscle_pressure(rate, tidal, p) * strength, strength, share, letting_go


@part
def _airways(spasm: float, p: Any) -> Any:
    """Resistances of left and right bronchi, of the upper airway, of the valves in and out, cmH2O s/mL."""
    left = p[_BRONCHIAL] / LEFT.share * spasm * (1e4 if blocked(LEFT, p) else 1.0)
    right = p[_BRONCHIAL] / RIGHT.share * spasm * (1e4 if blocked(RIGHT, p) else 1.0)
    into, out = valves(p)
    return left, right, p[_UPPER] * throat(p), into, out


@part
def _periodic(own: Any, machine: Any, ways: Any, serial: float, p: Any) -> Any:
    """Tidal volumes, mL, of one's own breaths and of the machine's, each in its periodic state.

    Args:
        own: rate, /min; pressure of the muscles, cmH2O, and their strength; share that is inspiration; time constant
            with which they let go, s.
        machine: as `settings` tells it.
        ways: resistances, as `_airways` tells them.
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
def _within_breath(own: Any, machine: Any, ways: Any, alveolar: Any, most: Any, y: Any, p: Any, dydt: Any) -> Any:
    """Airway pressure, and flows into left and right lung, at this instant.

    Args:
        alveolar: pressures in the lungs, cmH2O; most: flows out of them at the fastest, mL/s.
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
    left_flow, right_flow = max(left_flow, -most[0]), max(right_flow, -most[1])
    if p[_MANOEUVRE] > 2.5:
        left_flow = right_flow = 0.0  # the glottis is closed
    return airway, left_flow, right_flow


@part
def _towards_rest(side: Side, compliance: float, driving: float, bronchus: float, upper: float, p: Any) -> float:
    """Flow into a lung averaged over breaths, mL/s: to where it rests at the mean airway pressure.

    Within 2 s (a choice), later through narrow airways.
    """
    elastance = 1.0 / compliance + 1.0 / (p[_WALL] * side.share)
    return driving / (2.0 * elastance + bronchus + 2.0 * upper)


@part
def _perfused(y: Any, p: Any, c: Any) -> None:
    """Write what the lungs do to the blood in them: resistance, the left one's share, shunt."""
    left, right = LEFT.share / _constricted(LEFT, y), RIGHT.share / _constricted(RIGHT, y)
    c[_LEFT_BLOOD] = left / (left + right)
    over = max(c[_VOLUME] / p[_FRC] - 1.3, 0.0)
    resting = 1.0 + _CONSTRICTED / (1.0 + (102.0 / _HALF) ** 4)
    c[_VASCULAR] = (1.0 + over * over) / (left + right) / resting
    c[_SHUNT] = LEFT.share * shunted(y, p, False) + RIGHT.share * shunted(y, p, True)
    c[_WASTED] = wasted(y, p)


@part
def breathing(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Pressures, flows and volumes; `left_lung_flow` and `right_lung_flow` carry gas in `exchange`."""
    spasm, dead_space = bronchi(p, c), conducting(p)
    own = _own_breaths(spasm, dead_space, y, p, c, dydt)
    ways, machine = _airways(spasm, p), settings(p)
    left_c, left_recoil, left_pleural = stretched(LEFT, y, p)
    right_c, right_recoil, right_pleural = stretched(RIGHT, y, p)
    pushed = _PUSHED * (left_pleural - right_pleural)
    left_pleural, right_pleural = left_pleural - min(pushed, 0.0), right_pleural + max(pushed, 0.0)
    left_alveolar, right_alveolar = left_pleural + left_recoil, right_pleural + right_recoil

    # averages over breaths, in both fidelities; the averaged one lives by them
    rate, effort, _, share, _ = own
    _, _, peep, _, _, machine_rate = machine
    serial = 1.0 / (1.0 / (left_c + right_c) + 1.0 / p[_WALL])
    drawn, forced = _periodic(own, machine, ways, serial, p)
    moved = _counted(drawn, forced, rate, machine_rate, dead_space, c)

    dydt[_PHASE] += rate / 60.0
    dydt[_MACHINE_PHASE] += machine_rate / 60.0
    if p[_PULSATILE] > 0.5:
        alveolar, widest = (left_alveolar, right_alveolar), WIDEST_WOUND
        most = fastest(LEFT, left_recoil, spasm), fastest(RIGHT, right_recoil, spasm)
        airway, left_flow, right_flow = _within_breath(own, machine, ways, alveolar, most, y, p, dydt)
        breathed = max(left_flow + right_flow, 0.0)
        c[_MINUTE] = y[_MEAN_FLOW]
    else:
        widest = LEFT.share * p[_WALL] / _AVERAGED_SECONDS
        dydt[_MUSCLE] += (-effort * share - y[_MUSCLE]) / 1.0
        airway = peep + forced * p[_SHARE_SET] / serial
        left_r, right_r, upper, _, _ = ways
        left_flow = _towards_rest(LEFT, left_c, airway - left_alveolar, left_r, upper, p)
        right_flow = _towards_rest(RIGHT, right_c, airway - right_alveolar, right_r, upper, p)
        breathed = c[_MINUTE] = moved / 60.0
    dydt[_MEAN_FLOW] += (breathed - y[_MEAN_FLOW]) / 10.0
    left_flow = fill(LEFT, left_flow, left_recoil, left_pleural, widest, y, p, c, dydt)
    right_flow = fill(RIGHT, right_flow, right_recoil, right_pleural, widest, y, p, c, dydt)

    c[_FLOW], c[_AIRWAY] = left_flow + right_flow, airway
    c[_VOLUME] = y[LEFT.volume] + y[RIGHT.volume]
    c[_PLEURAL] = _MMHG * (LEFT.share * left_pleural + RIGHT.share * right_pleural)
    c[_ALVEOLAR_PRESSURE] = _MMHG * (LEFT.share * left_alveolar + RIGHT.share * right_alveolar)
    inspired(y, p, c)
    _perfused(y, p, c)
