"""Moves blood: chambers, valves, vessels and beds in a closed loop, within beats or averaged over them.

Blood flows left ventricle -> aorta -> arteries -> six beds -> systemic veins -> vena cava -> right atrium -> right
ventricle -> pulmonary arteries -> capillaries -> veins -> left atrium. Every flow leaves one volume and enters the
next, so blood is conserved whatever the flows are. Averaged over beats, compartments that share their blood within a
beat (aorta with arteries; veins with vena cava and right atrium; the lungs' vessels with the left atrium) act as one:
they move towards the shares that a steady flow would give, within `averaged.SETTLING` seconds.
"""

from typing import Any

from twinward.twins.patient.body.circulation import places as at
from twinward.twins.patient.body.circulation.averaged import SWING, over_beats
from twinward.twins.patient.body.circulation.beating import within_beat
from twinward.twins.patient.body.circulation.beds import local_control, resistances
from twinward.twins.patient.body.circulation.heart import pericardium
from twinward.twins.patient.body.circulation.illness import muscle
from twinward.twins.patient.body.circulation.skull import SWELLING_SECONDS, WORST_SWELLING, intracranial
from twinward.twins.patient.body.circulation.treatment import compression, infusion, losses
from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_FLUID, _FIBRILLATION, _SWELLING = state("pericardial_fluid"), state("fibrillation"), state("brain_swelling")
_BARORECEPTOR_PRESSURE, _ATRIAL_STRETCH = state("baroreceptor_pressure"), state("atrial_stretch")
_MEAN_PRESSURE, _MEAN_OUTPUT = state("mean_arterial_pressure"), state("mean_cardiac_output")
_MEAN_CORONARY = state("mean_coronary_flow")

_PULSATILE = parameter("pulsatile")
_PERICARDIAL_VOLUME, _PERICARDIAL_SCALE = parameter("pericardial_volume"), parameter("pericardial_scale")
_VEINS_R = parameter("venous_resistance")
_KIDNEY_R, _GUT_R, _SKIN_R = parameter("kidney_resistance"), parameter("gut_resistance"), parameter("skin_resistance")
_TAMPONADE, _DRAINAGE = parameter("tamponade"), parameter("pericardial_drainage")
_VENTRICULAR_FIBRILLATION, _DEFIBRILLATION = parameter("ventricular_fibrillation"), parameter("defibrillation")
_CPR_RATE = parameter("cpr_rate")
_EMBOLISM, _BRAIN_INJURY = parameter("pulmonary_embolism"), parameter("brain_injury")

_LUNG, _DRUG_LUNG = coupling("pulmonary_resistance"), coupling("drug_pulmonary_resistance")
_ARTERIAL, _CAPILLARY, _INTRACRANIAL = (
    coupling("arterial_pressure"),
    coupling("capillary_pressure"),
    coupling("intracranial_pressure"),
)
_SYSTOLIC, _DIASTOLIC, _STROKE = (
    coupling("systolic_pressure"),
    coupling("diastolic_pressure"),
    coupling("stroke_volume"),
)
_OUTPUT, _RIGHT_OUTPUT = coupling("cardiac_output"), coupling("right_output")
_TO_CAPILLARIES, _FROM_CAPILLARIES = coupling("pulmonary_capillary_flow"), coupling("pulmonary_venous_flow")
_BRAIN, _HEART, _KIDNEY, _GUT, _MUSCLE, _SKIN = (
    coupling("brain_flow"),
    coupling("heart_flow"),
    coupling("kidney_flow"),
    coupling("gut_flow"),
    coupling("muscle_flow"),
    coupling("skin_flow"),
)
_PERICARDIAL, _PERICARDIAL_FLUID = coupling("pericardial_pressure"), coupling("pericardial_volume")
_LEFT_VENTRICULAR = coupling("left_ventricular_pressure")

# Seconds over which receptors (Ursino 1998: 2.08), atrial receptors, and the means for slower parts look.
_RECEPTOR_SECONDS, _STRETCH_SECONDS, _MEAN_SECONDS = 2.076, 3.0, 5.0
# Acute tamponade: 200 mL and more kill (Guyton & Hall; Spodick 2003, N Engl J Med 349:684-690); it fills within minutes
# (seconds chosen here).
_WORST_FLUID, _FLUID_SECONDS = 250.0, 60.0
# Share of the pulmonary bed closed at the worst: more than half raises the pressure, 75 % and more is massive
# (McIntyre & Sasahara 1971, Am J Cardiol 28:288-294).
_OBSTRUCTED = 0.85
# The lungs' vessels widen by 2 % per mmHg, and resistance goes with the fourth power (Linehan 1992, J Appl Physiol
# 73:987-994; Reeves 2005, J Appl Physiol 98:362-368); mean of arterial and venous pressure at rest, mmHg.
_DISTENSIBILITY, _RESTING_LUNG = 0.02, 11.5
# A shock, or the onset of fibrillation, takes half a second (chosen here).
_RHYTHM_SECONDS = 0.5
# Share of the resistance of the beds that lies behind the capillaries: capillary pressure 17 mmHg between 93 and 5.8
# (Guyton & Hall, ch. 16).
_BEHIND = (17.3 - 5.8) / (93.0 - 5.8)
# Blood enters the heart's muscle between systoles: the left ventricle's pressure closes its vessels (Hoffman & Spaan
# 1990, Physiol Rev 70:331-390). Averaged, the pressure that drives it is that of diastole; times this it gives at rest
# what the resistance is made for.
_IN_BEATS, _AVERAGED = 1.51, 1.18


@part
def recruitment(y: Any, p: Any, c: Any) -> float:
    """Pulmonary resistance by the pressure that opens and widens the lungs' vessels, times at rest."""
    arteries = c[at.PLEURAL] + (y[at.PA] - p[at.PA_V0]) / p[at.PA_C]
    veins = c[at.PLEURAL] + (y[at.PV] - p[at.PV_V0]) / p[at.PV_C]
    wider = 1.0 + _DISTENSIBILITY * (0.5 * (arteries + veins) - _RESTING_LUNG)
    wider = min(max(wider, 0.7), 2.0)
    return 1.0 / (wider * wider) ** 2


@part
def circulation(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Write pressures and flows, and move blood."""
    pulsatile = p[_PULSATILE] > 0.5
    heart = y[at.LA] + y[at.LV] + y[at.RA] + y[at.RV] + y[_FLUID]
    squeezed = compression(pulsatile, y, p, dydt)
    lung = c[_LUNG] * c[_DRUG_LUNG] / (1.0 - _OBSTRUCTED * p[_EMBOLISM])
    lung *= recruitment(y, p, c)
    strength = muscle(y, p, c)
    if pulsatile:
        around = c[at.PLEURAL] + squeezed + pericardium(heart, p[_PERICARDIAL_VOLUME], p[_PERICARDIAL_SCALE])
        flows = within_beat(strength, around, lung, y, p, c, dydt)
    else:
        heart += SWING * y[_MEAN_OUTPUT] * 60.0 / max(c[at.HEART_RATE], 20.0)
        around = c[at.PLEURAL] + squeezed + pericardium(heart, p[_PERICARDIAL_VOLUME], p[_PERICARDIAL_SCALE])
        flows = over_beats(strength, around, lung, y, p, c, dydt)
    mitral, aortic, onward, cava, tricuspid, pulmonary, to_lung, from_lung, into_atrium = flows[:9]
    p_veins, p_vc, p_ra, stays = flows[9:]
    beds = _beds(pulsatile, p_veins, p_ra, y, p, c, dydt)
    venous = (p_veins - p_vc) / p[_VEINS_R] if pulsatile else beds - stays

    dydt[at.LV] += mitral - aortic
    dydt[at.AO] += aortic - onward
    dydt[at.ART] += onward - beds
    dydt[at.VEINS] += beds - venous
    dydt[at.VC] += venous - cava
    dydt[at.RA] += cava - tricuspid
    dydt[at.RV] += tricuspid - pulmonary
    dydt[at.PA] += pulmonary - to_lung
    dydt[at.PC] += to_lung - from_lung
    dydt[at.PV] += from_lung - into_atrium
    dydt[at.LA] += into_atrium - mitral
    losses(y, p, c, dydt)
    infusion(p, dydt)

    c[_OUTPUT], c[_RIGHT_OUTPUT] = aortic, pulmonary
    c[_PERICARDIAL], c[_PERICARDIAL_FLUID] = around, y[_FLUID]
    c[_TO_CAPILLARIES], c[_FROM_CAPILLARIES] = to_lung, from_lung
    c[_CAPILLARY] = p_veins + _behind(c[_ARTERIAL] - p_veins, c, p)
    dydt[_BARORECEPTOR_PRESSURE] += (c[_ARTERIAL] - y[_BARORECEPTOR_PRESSURE]) / _RECEPTOR_SECONDS
    dydt[_ATRIAL_STRETCH] += (p_ra - around - y[_ATRIAL_STRETCH]) / _STRETCH_SECONDS
    dydt[_MEAN_PRESSURE] += (c[_ARTERIAL] - y[_MEAN_PRESSURE]) / _MEAN_SECONDS
    dydt[_MEAN_OUTPUT] += (aortic - y[_MEAN_OUTPUT]) / _MEAN_SECONDS
    if pulsatile:
        c[_SYSTOLIC] = c[_DIASTOLIC] = c[_ARTERIAL]
        beats = max(c[at.HEART_RATE], p[_CPR_RATE])
        c[_STROKE] = y[_MEAN_OUTPUT] * 60.0 / beats if beats > 1.0 else 0.0
    _illness(y, p, dydt)


@part
def _beds(pulsatile: bool, p_veins: float, p_ra: float, y: Any, p: Any, c: Any, dydt: Any) -> float:
    """Write the beds' flows; their sum, mL/s."""
    brain, heart, kidney, gut, muscles, skin = resistances(y, p, c)
    arterial = c[_ARTERIAL]
    skull = intracranial(y[_SWELLING])
    c[_INTRACRANIAL] = skull
    drop = arterial - p_veins
    c[_BRAIN] = max(arterial - max(skull, p_veins), 0.0) / brain
    if pulsatile:
        driving = max(arterial - max(c[_LEFT_VENTRICULAR], p_ra), 0.0) * _IN_BEATS
    else:
        driving = max(c[_DIASTOLIC] - p_ra, 0.0) * _AVERAGED
    c[_HEART] = driving / heart
    c[_KIDNEY], c[_GUT], c[_MUSCLE], c[_SKIN] = drop / kidney, drop / gut, drop / muscles, drop / skin
    dydt[_MEAN_CORONARY] += (c[_HEART] - y[_MEAN_CORONARY]) / _STRETCH_SECONDS
    mean_brain = max(y[_MEAN_PRESSURE] - max(skull, p_veins), 0.0) / brain
    local_control(mean_brain, y[_MEAN_CORONARY], 1.0 - y[_FIBRILLATION], y, p, c, dydt)
    return c[_BRAIN] + c[_HEART] + c[_KIDNEY] + c[_GUT] + c[_MUSCLE] + c[_SKIN]


@part
def _behind(driving: float, c: Any, p: Any) -> float:
    """What is lost behind the capillaries, mmHg; where arterioles narrow, venules do not, and it goes with the flow.

    Where arterioles widen it stays the share of arterial pressure that it is at rest: venules and the number of
    capillaries follow (a choice). The muscles are left out: their capillaries multiply as they work.
    """
    rest = 1.0 / p[_KIDNEY_R] + 1.0 / p[_GUT_R] + 1.0 / p[_SKIN_R]
    by_flow = _BEHIND * (c[_KIDNEY] + c[_GUT] + c[_SKIN]) / rest
    return min(by_flow, _BEHIND * max(driving, 0.0))


@part
def _illness(y: Any, p: Any, dydt: Any) -> None:
    """What illnesses fill, swell and disturb."""
    effusion = (_WORST_FLUID * p[_TAMPONADE] - y[_FLUID]) / _FLUID_SECONDS
    drained = p[_DRAINAGE] / 60.0 * min(max(y[_FLUID], 0.0), 1.0)
    dydt[_FLUID] += effusion - drained
    dydt[_SWELLING] += (WORST_SWELLING * p[_BRAIN_INJURY] - y[_SWELLING]) / SWELLING_SECONDS
    chaos = p[_VENTRICULAR_FIBRILLATION] * (1.0 - p[_DEFIBRILLATION])
    dydt[_FIBRILLATION] += (chaos - y[_FIBRILLATION]) / _RHYTHM_SECONDS
