"""What the nerves do with heart and vessels: baroreflex, cardiopulmonary reflex, chemoreflex, brain stem, command.

Ursino 1998 and Ursino & Magosso 2000 (arterial receptors, chemoreceptors, efferents, effectors), Magosso & Ursino 2001
(carbon dioxide), Magosso & Ursino 2002 (central command), Heldt 2002 (cardiopulmonary receptors). Their pure delays
(0.2 to 5 s) are added to the time constants that follow them, and the receptors feel the mean pressure over about a
beat (no sensitivity to its rate), so that the same equations hold for beats and for their averages.
"""

import math
from typing import Any

from twinward.twins.patient.body.circulation.skull import RESTING_SKULL, intracranial
from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.respiration.drive import driven

_BARORECEPTOR_PRESSURE = state("baroreceptor_pressure")
_ATRIAL_STRETCH = state("atrial_stretch")
_MEAN_ARTERIAL_PRESSURE = state("mean_arterial_pressure")
_FIBRILLATION = state("fibrillation")
_HEART_PHASE = state("heart_phase")
_BRAIN_SWELLING = state("brain_swelling")
_CHEMORECEPTORS = state("chemoreceptors")
_HYPOXIA, _ISCHAEMIA = state("brainstem_hypoxia"), state("brainstem_ischaemia")
_CARBON_DIOXIDE = state("brainstem_carbon_dioxide")
_ARTERIOLAR = state("arteriolar_tone")
_VENOUS = state("venous_tone")
_INOTROPIC = state("inotropic_tone")
_CHRONOTROPIC = state("chronotropic_tone")
_VAGAL = state("vagal_tone")

_AIRFLOW = state("mean_airflow")
_OUTPUT = state("mean_cardiac_output")

_RESTING_HEART_RATE = parameter("resting_heart_rate")
_RESTING_PRESSURE = parameter("resting_arterial_pressure")
_RESTING_STRETCH = parameter("resting_atrial_stretch")
_RESTING_STROKE = parameter("resting_stroke_volume")
_HIGHEST_HEART_RATE = parameter("highest_heart_rate")
_GAIN = parameter("baroreflex_gain")
_RESTING_CARBON = parameter("resting_carbon_production")
_VENOUS_UNSTRESSED = parameter("venous_unstressed_volume")
_PULSATILE = parameter("pulsatile")
_BRADYCARDIA = parameter("sinus_bradycardia")
_TACHYCARDIA = parameter("sinus_tachycardia")
_ATRIAL_FIBRILLATION = parameter("atrial_fibrillation")
_STRESS = parameter("acute_stress")
_SEPSIS = parameter("sepsis")
_ANAPHYLAXIS = parameter("anaphylaxis")

_DRUG_HEART_RATE = coupling("drug_heart_rate")
_DRUG_CONTRACTILITY = coupling("drug_contractility")
_DRUG_RESISTANCE = coupling("drug_resistance")
_DRUG_VENOUS_VOLUME = coupling("drug_venous_volume")
_DRUG_BAROREFLEX = coupling("drug_baroreflex")
_DRUG_HEART_REFLEX = coupling("drug_heart_reflex")
_DRUG_DRIVE = coupling("drug_ventilatory_drive")
_ARTERIAL_PO2 = coupling("arterial_po2")
_ARTERIAL_PCO2 = coupling("arterial_pco2")
_MUSCLE_WORK = coupling("muscle_work")
_CORE_TEMPERATURE = coupling("core_temperature")
_SKIN_TEMPERATURE = coupling("skin_temperature")
_UNLOADED = coupling("baroreceptors_unloaded")
_SYMPATHETIC, _ADRENALINE = coupling("sympathetic"), coupling("adrenaline_endogenous")
_HEART_RATE = coupling("heart_rate")
_CONTRACTILITY = coupling("contractility")
_RESISTANCE = coupling("resistance")
_VENOUS_VOLUME = coupling("venous_volume")

# Ursino 1998, Table 3. Receptors: least and greatest activity, 1/s, and slope, mmHg.
_LEAST, _GREATEST, _SLOPE = 2.52, 47.78, 11.758
# Receptors feel the pulse too (Chapleau & Abboud 1987, Circ Res 61:648): where less blood is thrown out at each beat
# the heart is told of a lower pressure, mmHg for all of the stroke volume, though the mean is held. Found so that
# suction on the lower body does what it does in man: at 33 % less stroke volume pulse +31 %, systolic pressure -8 to
# -10 %, diastolic 0 to +3 %, mean -3 to -5 % (J Appl Physiol 2021, 130:380-389, table 2, -45 mmHg); here +27, -10, +3,
# -4.5 %.
_PULSE = 25.0
# Sympathetic: f = inf + (0 - inf) exp(k drive), at most 60 (Magosso & Ursino 2002); the effect begins at 2.66.
_SYMPATHETIC_INF, _SYMPATHETIC_0, _SYMPATHETIC_K, _SYMPATHETIC_MOST, _THRESHOLD = 2.10, 16.11, 0.0675, 60.0, 2.66
# Vagal: between 3.2 and 6.3, middle 25, slope 7.06.
_VAGAL_0, _VAGAL_INF, _VAGAL_MIDDLE, _VAGAL_SLOPE = 3.2, 6.3, 25.0, 7.06
# Effects: s per unit of ln(1 + activity - threshold) and per 1/s on the heart period; share of contractility
# (0.475 of 2.95 mmHg/mL); mL of unstressed volume (265.4 + 74.2 + 58.3, Ursino & Magosso 2000).
_PERIOD_SYMPATHETIC, _PERIOD_VAGAL, _FORCE, _VEINS = -0.13, 0.09, 0.475 / 2.95, -397.9
# Seconds: delay and time constant together.
_ARTERIOLAR_SECONDS, _VENOUS_SECONDS, _FORCE_SECONDS, _CHRONOTROPIC_SECONDS, _VAGAL_SECONDS = 8.0, 25.0, 10.0, 4.0, 1.7
# Ursino & Magosso 2000: weights of the chemoreceptors on arterioles and veins, heart, vagus; resting offsets. That on
# the vagus is of a body that does not breathe. In breathing man the pulse quickens by 0.98 /min for each percent of
# saturation lost, whatever the ventilatory response (Slutsky & Rebuck 1978, Am J Physiol 234:H129): the weight with
# breaths is found so that this body does the same (0.3 at 94 %, 0.9 at 87, 1.4 at 81), beside the vessels that lack of
# oxygen widens (beds.py). At 81 % its sympathetic activity is then 2.0 times that of rest and its arterial pressure 6
# mmHg higher (measured: 2.3 times and 8 mmHg, Halliwill & Minson 2002, J Appl Physiol 93:857; 0 to 2 mmHg, Casey 2014).
# Receptors that are less active than at rest leave the vessels alone: man who breathes too much keeps his pressure.
_CHEMO_VESSELS, _CHEMO_HEART, _CHEMO_VAGUS, _CHEMO_VAGUS_BREATHING = 5.0, 1.0, 0.2, -0.1
_BREATHING = 104.0 / (212.5 / 60.0)  # gas breathed in at rest a mL of carbon dioxide made (declarations)
_OFFSET_VESSELS, _OFFSET_HEART = 13.32, 3.6
# Chemoreceptors, ibid.: greatest and least activity, middle and slope in PaO2, seconds; carbon dioxide: Magosso 2001.
_CHEMO_MOST, _CHEMO_LEAST, _CHEMO_MIDDLE, _CHEMO_SLOPE, _CHEMO_SECONDS = 12.3, 0.835, 45.0, 29.27, 2.0
_CHEMO_CO2, _NORMAL_PCO2 = 3.0, 40.0
# Their activity at rest, at the PaO2 and PaCO2 at which this body breathes.
_RESTING_PO2, _RESTING_PCO2 = 95.0, 40.0
_CHEMO_EXP = math.exp((_RESTING_PO2 - _CHEMO_MIDDLE) / _CHEMO_SLOPE)
_CHEMO_REST = (_CHEMO_MOST + _CHEMO_LEAST * _CHEMO_EXP) / (1.0 + _CHEMO_EXP)
_CHEMO_REST *= 1.0 + _CHEMO_CO2 * math.log(_RESTING_PCO2 / _NORMAL_PCO2)
# The sinus node by temperature: 7.2 /min/K in acutely ill adults (Jensen 2019, Acute Med 18:141), 8.5 in young men with
# fever (Karjalainen & Viitasalo 1986, Arch Intern Med 146:1169), of about 72: a tenth for each K.
_BY_TEMPERATURE, _NORMAL_TEMPERATURE = 0.10, 37.0
# Brain stem, Ursino & Magosso 2000: greatest response of vessels and heart, 1/s, their middle and slope, mmHg, seconds;
# carbon dioxide, 1/(s mmHg), Magosso 2001, of which the part of the vessels is halved and none is left below rest (man
# who breathes too much keeps his pressure). With what carbon dioxide widens (beds.py) and the drive to breathe (below),
# 1 mmHg more makes 1.0 beats and 0.2 mmHg more: measured 0.4 to 1.1 beats and 0.2 to 0.9 mmHg (PMC6811507, table 2; Int
# J Sports Exerc Med 1:014, table 4), with more cardiac output and less resistance (Cullen & Eger 1974, Anesthesiology
# 41:345).
_STEM_VESSELS, _STEM_HEART, _STEM_SECONDS = 6.0, 53.0, 30.0
_STEM_MIDDLE, _STEM_SLOPE = 45.0, 6.0
_STEM_CO2_VESSELS, _STEM_CO2_HEART, _STEM_CO2_SECONDS = 0.7, 0.4, 20.0
# Ischaemia of the brain stem: begins below an arterial pressure of 60 mmHg and is greatest at 15 to 20 (Guyton & Hall,
# ch. 18), that is around a cerebral perfusion pressure of 30; the vessels then contract as much as they can.
_ISCHAEMIA_MIDDLE, _ISCHAEMIA_SLOPE, _ISCHAEMIA_VESSELS = 30.0, 5.0, 30.0
# Central command, Magosso & Ursino 2002, Table 2 (activity, 1/s: greatest; middle and slope in work).
_COMMAND_ARTERIOLES = (5.5, 0.65, 0.13)
_COMMAND_VEINS = (64.9, 0.45, 0.09)
_COMMAND_HEART = (9.0, 0.658, 0.114)
_COMMAND_VAGUS = (1.9, 0.126, 0.0162)
# In exercise the baroreflex works around a higher pressure, by up to 30 mmHg (Raven, Fadel & Ogoh 2006, Exp Physiol
# 91:37-49).
_EXERCISE_RESET = 30.0
# Cardiopulmonary receptors, Heldt 2002: scale 5 mmHg; resistance 0.3 of about 4 mmHg s/mL per mmHg in every bed (the
# tone told to the beds acts on most of them 0.55-fold); veins 13 + 3 + 64 + 30 mL per mmHg. This model's right atrium
# loses less pressure than Heldt's with the same blood (about 1 mmHg per 7 % of it): what the receptors feel is 2.4
# times that, and 0.7 of the resistance is left, at which pressure, pulse and stroke volume in lower body suction are
# those of man together (see the pulse above). Stretched beyond rest they widen the vessels a third as much (chosen
# here: the nerves are nearly silent there).
_STRETCH, _FELT, _STRETCH_RESISTANCE, _STRETCH_VEINS = 5.0, 2.4, 0.7 * 0.3 / 4.0 / 0.55, 110.0
_BEYOND_REST = 1.0 / 3.0
_REFERENCE_VEINS = 2200.0
# Veins give up no more than half of what fills them without pressure (liver and gut of cats: Greenway & Lister 1974, J
# Physiol 237:279-294).
_MOVABLE = 0.5
# The muscle pump squeezes the veins of working muscle: 50 mmHg in half-sines over three quarters of the time, 24 on
# average, on 6.6 mL/mmHg (Magosso & Ursino 2002, Table 1). It is at work in light exercise already (work chosen here).
# In hard work the pressure of the belly rises too, on 61.1 mL/mmHg of splanchnic veins (Ursino & Magosso 2000); by how
# much at the greatest work, mmHg, is found so that cardiac output follows oxygen uptake as far as it does (beds.py);
# the mean filling pressure may rise from 7 to 30 (Guyton & Hall, ch. 20).
_PUMP, _PUMP_WORK = 24.0 * 6.6, 0.1
_ABDOMEN = 12.0 * 61.11
# Acute stress at its worst, chosen here: the baroreflex is reset upwards by about the rise of pressure in mental stress
# and pain (15 mmHg: BioGears' validation table), the heart's nerves are twice as active, the vagus less.
_RESET, _ALARM, _CALM = 15.0, 4.0, 1.2
# Pressure in the skull above rest acts on the vasomotor centre before the brain stem lacks oxygen: arterial pressure
# follows a part of it (Guild 2018, J Cereb Blood Flow Metab 38:1009; Schmidt 2018, J Physiol 596:3315). 1/(s mmHg);
# chosen here so that it follows a fifth.
_SKULL = 0.15
# Cold skin narrows vessels through the nerves and lets the baroreflex hold a higher pressure: at 15 instead of 25 Cel
# around it is 13 mmHg higher, heart rate and cardiac output the same (Epstein 1969, N Engl J Med 280:7-11; here 11, -3
# /min and 0 %). 1/(s K) and mmHg/K, of the first kelvins; beyond them the skin is numb (a choice).
_COLD, _COLD_RESET, _NEUTRAL_SKIN, _COLDEST = 6.0, 5.0, 33.0, 4.0
# Deep breathing quickens the pulse: RR interval 947 to 855 ms at three times the tidal volume and the same carbon
# dioxide, though pressure rose (van de Borne 2000, Am J Physiol 279:H536-541). Taken to go with the drive of the
# chemoreceptors, times that of rest, so that a breath that meets an obstacle counts. 1/s for each time more: 44 ms
# of a period, at 0.09 s for each 1/s (above), less a little for the part that carbon dioxide has already (a choice).
_PANTING, _MOST_DRIVEN = 0.45, 4.0
# Adrenaline in plasma at rest, ug/L (BioGears' reference), taken to go with the activity of the heart's nerves: it is
# told, and nothing depends on it.
_RESTING_ADRENALINE = 0.034
# Worst severities of the arrhythmias, chosen here: sinus rate to 45 % and to 220 %, a ventricular response in atrial
# fibrillation 70 % faster with intervals that differ by +-30 % (untreated: 110 to 150 /min, Prystowsky 1996,
# Circulation 93:1262-1277).
_SLOWEST, _FASTEST, _FIBRILLATING, _IRREGULAR = 0.55, 1.2, 0.7, 0.3
# Share by which the veins slacken at the worst; chosen so that the mean filling pressure falls to about half, as after
# endotoxin (Uemura 2012, Am J Physiol 303:R1039-1049).
_SEPTIC_POOLING, _ANAPHYLACTIC_POOLING = 0.15, 0.15
# At rest: activity and effects that are taken off again, so that the effectors are zero there.
_BARO_REST = _LEAST + 0.5 * (_GREATEST - _LEAST)


def _at_rest(drive: float) -> float:
    return _SYMPATHETIC_INF + (_SYMPATHETIC_0 - _SYMPATHETIC_INF) * math.exp(_SYMPATHETIC_K * drive)


_ACTIVITY_VESSELS = _at_rest(-_BARO_REST + _CHEMO_VESSELS * _CHEMO_REST - _OFFSET_VESSELS)
_EFFECT_VESSELS = math.log1p(_ACTIVITY_VESSELS - _THRESHOLD)
_ACTIVITY_HEART = _at_rest(-_BARO_REST + _CHEMO_HEART * _CHEMO_REST - _OFFSET_HEART)
_EFFECT_HEART = math.log1p(_ACTIVITY_HEART - _THRESHOLD)
_VAGAL_REST = _VAGAL_0 + (_VAGAL_INF - _VAGAL_0) / (1.0 + math.exp((_VAGAL_MIDDLE - _BARO_REST) / _VAGAL_SLOPE))


@part
def _sympathetic(drive: float, command: float) -> float:
    """Activity of sympathetic nerves, 1/s (Ursino 1998, eq. 33)."""
    active = _SYMPATHETIC_INF + (_SYMPATHETIC_0 - _SYMPATHETIC_INF) * math.exp(min(_SYMPATHETIC_K * drive, 3.0))
    return min(active + command, _SYMPATHETIC_MOST)


@part
def _receptors(away: float) -> float:
    """Activity of the baroreceptors, 1/s (Ursino 1998, eq. 31), by slopes from the pressure of rest."""
    return _LEAST + (_GREATEST - _LEAST) / (1.0 + math.exp(-min(max(away, -30.0), 30.0)))


@part
def _effect(activity: float) -> float:
    """Their effect (Ursino 1998, eq. 35)."""
    return math.log1p(max(activity - _THRESHOLD, 0.0))


@part
def _command(work: float, how: Any) -> float:
    """Central command, zero at rest (Magosso & Ursino 2002, eq. 15)."""
    if work <= 0.0:
        return 0.0
    at_rest = 1.0 / (1.0 + math.exp(how[1] / how[2]))
    return how[0] * (1.0 / (1.0 + math.exp((how[1] - work) / how[2])) - at_rest)


@part
def receptors(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Move the chemoreceptors and what the brain stem feels of oxygen, flow and carbon dioxide."""
    oxygen, carbon_dioxide = c[_ARTERIAL_PO2], max(c[_ARTERIAL_PCO2], 1.0)
    low = math.exp(min((oxygen - _CHEMO_MIDDLE) / _CHEMO_SLOPE, 20.0))
    chemo = (_CHEMO_MOST + _CHEMO_LEAST * low) / (1.0 + low)
    chemo *= max(1.0 + _CHEMO_CO2 * math.log(carbon_dioxide / _NORMAL_PCO2), 0.0)
    dydt[_CHEMORECEPTORS] += (chemo - y[_CHEMORECEPTORS]) / _CHEMO_SECONDS
    perfusion = y[_MEAN_ARTERIAL_PRESSURE] - intracranial(y[_BRAIN_SWELLING])
    stem = 1.0 / (1.0 + math.exp(min((oxygen - _STEM_MIDDLE) / _STEM_SLOPE, 30.0)))
    still = 1.0 / (1.0 + math.exp(min((perfusion - _ISCHAEMIA_MIDDLE) / _ISCHAEMIA_SLOPE, 30.0)))
    dydt[_HYPOXIA] += (stem - y[_HYPOXIA]) / _STEM_SECONDS
    dydt[_ISCHAEMIA] += (still - y[_ISCHAEMIA]) / _STEM_SECONDS
    dydt[_CARBON_DIOXIDE] += (carbon_dioxide - _RESTING_PCO2 - y[_CARBON_DIOXIDE]) / _STEM_CO2_SECONDS


@part
def beat_to_beat(phase: float) -> float:
    """How much longer or shorter than the mean this beat is in atrial fibrillation, -1 to 1, known by its number.

    Multiples of the golden ratio fill the interval evenly and without a pattern that an eye finds.
    """
    golden = math.floor(phase) * 0.6180339887498949
    return 2.0 * (golden - math.floor(golden)) - 1.0


@part
def heart_rate(y: Any, p: Any, c: Any) -> float:
    """Rate at which the ventricles are told to beat, /min."""
    period = 60.0 / p[_RESTING_HEART_RATE] + _PERIOD_SYMPATHETIC * y[_CHRONOTROPIC] + _PERIOD_VAGAL * y[_VAGAL]
    period *= math.exp(-_BY_TEMPERATURE * (c[_CORE_TEMPERATURE] - _NORMAL_TEMPERATURE))
    shortest = 60.0 / p[_HIGHEST_HEART_RATE]
    spare, rest = period - shortest, 60.0 / p[_RESTING_HEART_RATE] - shortest
    # Smoothly never shorter than the shortest: within 0.05 s of it (chosen here), and exact at rest.
    smooth = 0.5 * (spare + math.sqrt(spare * spare + 0.0025)) - 0.5 * (math.sqrt(rest * rest + 0.0025) - rest)
    period = shortest + max(smooth, 0.0)
    rate = 60.0 / period * c[_DRUG_HEART_RATE]
    rate *= (1.0 - _SLOWEST * p[_BRADYCARDIA]) * (1.0 + _FASTEST * p[_TACHYCARDIA])
    irregular = p[_ATRIAL_FIBRILLATION]
    rate *= 1.0 + _FIBRILLATING * irregular
    if p[_PULSATILE] > 0.5:
        rate /= 1.0 + _IRREGULAR * irregular * beat_to_beat(y[_HEART_PHASE])
    return rate * (1.0 - y[_FIBRILLATION])


@part
def _felt(cold: float, rate: float, y: Any, p: Any, c: Any) -> tuple[float, float, float]:
    """Activity of the baroreceptors as the vessels are told of it, as the heart is, and as it is, 1/s."""
    reset = _RESET * p[_STRESS] + _EXERCISE_RESET * c[_MUSCLE_WORK] + _COLD_RESET * cold
    risen = y[_BARORECEPTOR_PRESSURE] - p[_RESTING_PRESSURE]
    away = risen - reset
    stroke = 60.0 * max(y[_OUTPUT], 0.0) / max(rate, 20.0)
    pulse = min(stroke / p[_RESTING_STROKE] - 1.0, 0.0)
    gain = p[_GAIN] * c[_DRUG_BAROREFLEX] / _SLOPE
    heart = _receptors(gain * c[_DRUG_HEART_REFLEX] * (away + _PULSE * pulse))
    return _receptors(gain * away), heart, _receptors(gain * (risen + _PULSE * pulse))


@part
def _vagus(beat: float, chemical: float, y: Any, p: Any, c: Any) -> float:
    """Activity of the vagus to the heart, 1/s.

    Args:
        beat: of the baroreceptors, as the heart is told; chemical: of the chemoreceptors, above rest.
    """
    breathing = min(max(y[_AIRFLOW], 0.0) / (_BREATHING * p[_RESTING_CARBON]), 1.0)
    active = _VAGAL_0 + (_VAGAL_INF - _VAGAL_0) / (1.0 + math.exp((_VAGAL_MIDDLE - beat) / _VAGAL_SLOPE))
    active += (_CHEMO_VAGUS + (_CHEMO_VAGUS_BREATHING - _CHEMO_VAGUS) * breathing) * chemical
    active -= _PANTING * min(max(driven(y, p, c) - 1.0, 0.0), _MOST_DRIVEN)
    return max(active - _command(c[_MUSCLE_WORK], _COMMAND_VAGUS) - _CALM * p[_STRESS], 0.0)


@part
def _venous_volume(stretch: float, y: Any, p: Any, c: Any) -> float:
    """Unstressed volume of the veins, times at rest: what nerves, work and illness do."""
    work, size = c[_MUSCLE_WORK], p[_VENOUS_UNSTRESSED] / _REFERENCE_VEINS
    pumped = _PUMP * (1.0 - math.exp(-work / _PUMP_WORK)) + _ABDOMEN * work
    moved = _VEINS * y[_VENOUS] + _STRETCH_VEINS * stretch
    most = _MOVABLE * p[_VENOUS_UNSTRESSED]
    volume = p[_VENOUS_UNSTRESSED] + most * math.tanh(size * moved / most) - size * pumped
    pooling = (1.0 + _SEPTIC_POOLING * p[_SEPSIS]) * (1.0 + _ANAPHYLACTIC_POOLING * p[_ANAPHYLAXIS])
    return max(volume / p[_VENOUS_UNSTRESSED], 0.1) * c[_DRUG_VENOUS_VOLUME] * pooling


@part
def reflexes(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Write heart rate, contractility, arteriolar and venous tone; move the receptors and effectors."""
    receptors(y, p, c, dydt)
    work = c[_MUSCLE_WORK]
    cold = min(max(_NEUTRAL_SKIN - c[_SKIN_TEMPERATURE], 0.0), _COLDEST)
    rate = heart_rate(y, p, c)
    baro, beat, active = _felt(cold, rate, y, p, c)
    # Drugs that blunt the ventilatory response blunt what the same receptors tell the heart, by the same share; what
    # they tell the vessels stays: choices.
    hypoxia, ischaemia, co2 = y[_HYPOXIA], y[_ISCHAEMIA], max(y[_CARBON_DIOXIDE], 0.0)
    chemical, blunted = y[_CHEMORECEPTORS] - _CHEMO_REST, c[_DRUG_DRIVE]
    vessels = -baro + _CHEMO_VESSELS * (_CHEMO_REST + max(chemical, 0.0)) - _OFFSET_VESSELS
    vessels += _STEM_VESSELS * hypoxia + _ISCHAEMIA_VESSELS * ischaemia + _STEM_CO2_VESSELS * co2
    vessels += _COLD * cold + _SKULL * (intracranial(y[_BRAIN_SWELLING]) - RESTING_SKULL)
    heart = -beat + _CHEMO_HEART * (_CHEMO_REST + chemical * blunted) - _OFFSET_HEART
    heart += _STEM_HEART * min(hypoxia + ischaemia, 1.0) + _STEM_CO2_HEART * co2 * blunted
    arterioles = _sympathetic(vessels, _command(work, _COMMAND_ARTERIOLES))
    veins = _sympathetic(vessels, _command(work, _COMMAND_VEINS))
    cardiac = _sympathetic(heart, _command(work, _COMMAND_HEART) + _ALARM * p[_STRESS])
    heart_effect = _effect(cardiac) - _EFFECT_HEART
    dydt[_ARTERIOLAR] += (_effect(arterioles) - _EFFECT_VESSELS - y[_ARTERIOLAR]) / _ARTERIOLAR_SECONDS
    dydt[_VENOUS] += (_effect(veins) - _EFFECT_VESSELS - y[_VENOUS]) / _VENOUS_SECONDS
    dydt[_INOTROPIC] += (heart_effect - y[_INOTROPIC]) / _FORCE_SECONDS
    dydt[_CHRONOTROPIC] += (heart_effect - y[_CHRONOTROPIC]) / _CHRONOTROPIC_SECONDS
    dydt[_VAGAL] += (_vagus(beat, chemical * blunted, y, p, c) - _VAGAL_REST - y[_VAGAL]) / _VAGAL_SECONDS

    stretch = _STRETCH * math.atan(_FELT * (y[_ATRIAL_STRETCH] - p[_RESTING_STRETCH]) / _STRETCH)
    dilating = stretch * (_BEYOND_REST if stretch > 0.0 else 1.0)
    c[_UNLOADED] = max(1.0 - active / _BARO_REST, 0.0)
    c[_SYMPATHETIC] = arterioles / _ACTIVITY_VESSELS
    c[_ADRENALINE] = _RESTING_ADRENALINE * cardiac / _ACTIVITY_HEART
    c[_HEART_RATE] = rate
    c[_CONTRACTILITY] = max(1.0 + _FORCE * y[_INOTROPIC], 0.3) * c[_DRUG_CONTRACTILITY]
    c[_RESISTANCE] = max(1.0 + y[_ARTERIOLAR] - _STRETCH_RESISTANCE * dilating, 0.0) * c[_DRUG_RESISTANCE]
    c[_VENOUS_VOLUME] = _venous_volume(stretch, y, p, c)
