"""What each bed's arterioles do: nerves, drugs, oxygen, carbon dioxide, pressure, work, heat, viscosity, illness."""

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.metabolism.heat import later

_MEAN_ARTERIAL_PRESSURE = state("mean_arterial_pressure")
_CEREBRAL_DILATION = state("cerebral_dilation")
_CEREBRAL_CARBON_DIOXIDE = state("cerebral_carbon_dioxide")
_CORONARY_DILATION = state("coronary_dilation")
_MUSCLE_DILATION = state("muscle_dilation")
_RENAL_TONE = state("renal_tone")
_ARTERIOLAR = state("arteriolar_tone")
_MYOCARDIAL_SUPPLY = state("myocardial_supply")
_CARBON_DIOXIDE = state("brainstem_carbon_dioxide")

_BRAIN_RESISTANCE = parameter("brain_resistance")
_HEART_RESISTANCE = parameter("heart_resistance")
_KIDNEY_RESISTANCE = parameter("kidney_resistance")
_GUT_RESISTANCE = parameter("gut_resistance")
_MUSCLE_RESISTANCE = parameter("muscle_resistance")
_SKIN_RESISTANCE = parameter("skin_resistance")
_RESTING_ARTERIAL_PRESSURE = parameter("resting_arterial_pressure")
_RESTING_HEART_RATE = parameter("resting_heart_rate")
_RESTING_HAEMOGLOBIN = parameter("resting_haemoglobin")
_SEPSIS, _BRAIN_INJURY = parameter("sepsis"), parameter("brain_injury")
_ANAPHYLAXIS = parameter("anaphylaxis")
_LEFT_STENOSIS = parameter("left_renal_artery_stenosis")
_RIGHT_STENOSIS = parameter("right_renal_artery_stenosis")

_RESISTANCE = coupling("resistance")
_DRUG_RESISTANCE = coupling("drug_resistance")
_HEART_RATE = coupling("heart_rate")
_HAEMOGLOBIN = coupling("haemoglobin")
_ARTERIAL_O2_CONTENT = coupling("arterial_o2_content")
_ARTERIAL_PCO2, _ARTERIAL_PO2 = coupling("arterial_pco2"), coupling("arterial_po2")
_OXYGEN_DEMAND = coupling("oxygen_demand")
_METABOLIC_RATE = coupling("metabolic_rate")
_MUSCLE_WORK = coupling("muscle_work")
_CORE_TEMPERATURE = coupling("core_temperature")
_SKIN_TEMPERATURE = coupling("skin_temperature")
_CORONARY_SUPPLY = coupling("coronary_supply")

# How strongly the nerves act on each bed, times the tone of the whole. Relative gains of Ursino & Magosso 2000:
# splanchnic 0.695 of 3.31, extrasplanchnic and muscle about 0.55, mmHg s/mL per unit of ln(activity).
_GUT_NERVES, _OTHER_NERVES = 0.21, 0.55

# Brain, Magosso & Ursino 2001: carbon dioxide (Reivich 1964, Am J Physiol 206:25-35: decimal logarithm; seconds);
# oxygen in venous blood (gain of Albanese 2016, which also makes the autoregulation of pressure; seconds).
_A, _B, _C, _D = 20.9, 92.8, 10570.0, -5.251
_AT_NORMAL = _A + _B / (1.0 + _C * math.exp(_D * math.log10(40.0)))
_CARBON_DIOXIDE_SECONDS, _OXYGEN_SECONDS = 20.0, 10.0
# The lack is told by the share of the arterial oxygen that is taken, not by venous content as there: at normal content
# it is the same, and at a low one (anaemia) flow keeps the oxygen delivery (Hare 2013, Anesth Analg 117:1443).
_NORMAL_CONTENT = 0.20
_BRAIN_GAIN, _HEART_GAIN = 140.0 * _NORMAL_CONTENT, 35.0 * _NORMAL_CONTENT
# Shares taken at rest: Albanese 2016 (oxygen use 47.5 mL/min over 11.2 mL/s); Magosso & Ursino 2002.
_BRAIN_EXTRACTED, _HEART_EXTRACTED = 0.0707 / _NORMAL_CONTENT, 0.09 / _NORMAL_CONTENT
# An injured brain loses its autoregulation (Czosnyka 2001, J Neurosurg 95:756-763) and, in coma, half of its need of
# oxygen (Obrist 1984, J Neurosurg 61:241-253), and flow goes with it.
_SILENT = 0.5
# Widest and narrowest that lack or plenty of oxygen makes the brain's vessels: such that flow holds between cerebral
# perfusion pressures of about 50 and 150 mmHg (Lassen 1959, Physiol Rev 39:183-238) around 83.
_BRAIN_WIDEST, _BRAIN_NARROWEST = 0.66, -0.45
# The coronary vessels widen up to fourfold (coronary flow reserve; Gould & Lipscomb 1974, Am J Cardiol 34:48-55).
_HEART_WIDEST, _HEART_NARROWEST = 3.0, -0.5
# Share of the arterial oxygen that the heart's muscle can take (Duncker & Bache 2008, Physiol Rev 88:1009-1086).
_HEART_EXTRACTABLE = 0.85
# Force is lost within a minute of ischaemia and comes back in some beats (Tennant & Wiggers 1935, Am J Physiol
# 112:351-361).
_RESERVE_SECONDS, _RECOVERY_SECONDS = 30.0, 10.0
# Cardiac output rises by 5 to 6 mL for each mL of oxygen in exercise (Astrand 1964, J Appl Physiol 19:268-274; Lewis
# 1983, J Appl Physiol 54:1314-1323), almost all to the muscles, at a pressure that rises by up to 15 %. Half of it is
# there in about 15 s (Grassi 1996, J Appl Physiol 80:988-998). Nerves cannot narrow the vessels of working muscle
# (functional sympatholysis: Remensnyder 1962, Circ Res 11:370-380): their effect is shared out over the dilated bed.
_FLOW_PER_OXYGEN, _PRESSURE_RISE, _MUSCLE_SECONDS = 5.0, 0.15, 20.0
# Blood that lacks oxygen widens vessels, against nerves that narrow them (Casey 2014, J Appl Physiol 116:927):
# conductance gained for a saturation lost, found so that arterial pressure does what it does in man (reflexes.py). The
# saturation is that of the standard curve (Severinghaus 1979, J Appl Physiol 46:599): what acid and heat take from
# haemoglobin in exercise is there for the tissues.
_HYPOXIC, _NORMAL_SATURATION = 6.0, 0.97
# Carbon dioxide widens vessels likewise, conductance for each mmHg above rest: found with the nerves (reflexes.py).
_HYPERCAPNIC = 0.02
# Kidneys: flow holds between arterial pressures of 80 and 160 mmHg (Guyton; Loutzenhiser 2006, Am J Physiol
# 290:R1153-1167); myogenic and tubular response together settle in about 20 s.
_RENAL_LOW, _RENAL_HIGH, _RENAL_SECONDS = 80.0, 160.0, 20.0
# Skin blood flow of the two-node model, L/(h m2): 6.3 at rest, +200 per K of the core above neutral, divided by
# 1 + 0.5 per K of the skin below neutral, at most 90 (Gagge, Fobelets & Berglund 1986, ASHRAE Trans 92:709-731).
_SKIN_DILATION, _SKIN_CONSTRICTION, _SKIN_MOST = 200.0 / 6.3, 0.5, 90.0 / 6.3
_NEUTRAL_CORE, _NEUTRAL_SKIN = 37.0, 33.0
# Share of that bed's flow that goes to skin (ICRP 89: 5 % of the cardiac output of the bed's 22 %).
_SKIN_SHARE = 4.667 / 20.7
# Viscosity of blood in small vessels of a living limb: 2.2 times that of plasma at a haematocrit of 0.45, about half of
# what a viscometer finds (Whittaker & Winton 1933, J Physiol 78:339-369); exponential in haematocrit, 0.03 per g/dL.
_VISCOSITY = math.log(2.2) / 0.45 * 0.03
# Septic shock lowers systemic resistance to about half (Parrillo 1990, Ann Intern Med 113:227-242); anaphylaxis
# likewise (Fisher 1986, Anaesth Intensive Care 14:17-21). The worst severities here: to 45 %.
_SEPTIC, _ANAPHYLACTIC = 0.55, 0.55


@part
def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


@part
def resistances(y: Any, p: Any, c: Any) -> tuple[float, float, float, float, float, float]:
    """Resistances of brain, heart, kidneys, gut, muscle, skin and rest, mmHg s/mL."""
    blood = math.exp(_VISCOSITY * (c[_HAEMOGLOBIN] - p[_RESTING_HAEMOGLOBIN]))
    drug = c[_DRUG_RESISTANCE]
    nerves = c[_RESISTANCE] / drug - 1.0
    pressure = max(c[_ARTERIAL_PO2], 1.0)
    standard = 1.0 / (23400.0 / (pressure * pressure * pressure + 150.0 * pressure) + 1.0)
    lack = max(_NORMAL_SATURATION - standard, 0.0)
    ill = (
        blood
        / (1.0 + _HYPOXIC * lack + _HYPERCAPNIC * max(y[_CARBON_DIOXIDE], 0.0))
        * drug
        * (1.0 - _SEPTIC * p[_SEPSIS])
        * (1.0 - _ANAPHYLACTIC * p[_ANAPHYLAXIS])
    )
    # Unloaded receptors of the atria narrow every bed alike (Heldt 2002), the gut more than other nerves do.
    unloaded = max(nerves - y[_ARTERIOLAR], 0.0)
    gut = max(1.0 + _GUT_NERVES * y[_ARTERIOLAR] + _OTHER_NERVES * unloaded, 0.3) * ill
    other = max(1.0 + _OTHER_NERVES * nerves, 0.3) * ill
    brain = blood / max(1.0 + y[_CEREBRAL_DILATION] + y[_CEREBRAL_CARBON_DIOXIDE], 0.2)
    heart = blood / max(1.0 + y[_CORONARY_DILATION], 0.3)
    core = c[_CORE_TEMPERATURE] - _NEUTRAL_CORE - later(c[_MUSCLE_WORK])
    skin = c[_SKIN_TEMPERATURE] - _NEUTRAL_SKIN
    warm = min(1.0 + _SKIN_DILATION * max(core, 0.0), _SKIN_MOST) / (1.0 + _SKIN_CONSTRICTION * max(-skin, 0.0))
    # Two kidneys side by side; a stenosis adds in series: at 1 the artery is all but closed.
    open_left = 1.0 - 0.98 * p[_LEFT_STENOSIS]
    open_right = 1.0 - 0.98 * p[_RIGHT_STENOSIS]
    kidney = y[_RENAL_TONE] * other
    kidneys = 2.0 / (1.0 / (kidney + 1.0 / open_left - 1.0) + 1.0 / (kidney + 1.0 / open_right - 1.0))
    return (
        p[_BRAIN_RESISTANCE] * brain,
        p[_HEART_RESISTANCE] * heart,
        p[_KIDNEY_RESISTANCE] * kidneys,
        p[_GUT_RESISTANCE] * gut,
        p[_MUSCLE_RESISTANCE] * (ill + (other - ill) / (1.0 + y[_MUSCLE_DILATION])) / (1.0 + y[_MUSCLE_DILATION]),
        p[_SKIN_RESISTANCE] * other / (1.0 + _SKIN_SHARE * (warm - 1.0)),
    )


@part
def local_control(brain_flow: float, heart_flow: float, beating: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """How the beds' vessels adapt to what flows through them; writes the coronary supply.

    Args:
        brain_flow, heart_flow: mL/s; beating: share of the heart's beat that is left.
    """
    content = max(c[_ARTERIAL_O2_CONTENT], 0.01)
    rest = 83.0 / p[_BRAIN_RESISTANCE]  # the same perfusion pressure in everybody gives the flow at rest
    extracted = _BRAIN_EXTRACTED * _NORMAL_CONTENT * rest / (content * max(brain_flow, 0.02 * rest))
    hurt = p[_BRAIN_INJURY]
    gain = _BRAIN_GAIN * (1.0 - hurt)
    # flow that carbon dioxide asks for is not taken for plenty of oxygen
    extracted *= (1.0 - _SILENT * hurt) * (1.0 + y[_CEREBRAL_CARBON_DIOXIDE])
    lack = _within(gain * (extracted - _BRAIN_EXTRACTED), _BRAIN_NARROWEST, _BRAIN_WIDEST)
    dydt[_CEREBRAL_DILATION] += (lack - y[_CEREBRAL_DILATION]) / _OXYGEN_SECONDS
    tension = (_A + _B / (1.0 + _C * math.exp(_D * math.log10(max(c[_ARTERIAL_PCO2], 1.0))))) / _AT_NORMAL - 1.0
    dydt[_CEREBRAL_CARBON_DIOXIDE] += (tension - y[_CEREBRAL_CARBON_DIOXIDE]) / _CARBON_DIOXIDE_SECONDS

    # The heart's need goes with rate times pressure (Nelson 1974, Circulation 50:1179-1189; Gobel 1978, Circulation
    # 57:549-556); a still heart needs about a fifth (McKeever 1958, Circ Res 6:612-620).
    load = (
        c[_HEART_RATE] / p[_RESTING_HEART_RATE] * max(y[_MEAN_ARTERIAL_PRESSURE], 0.0) / p[_RESTING_ARTERIAL_PRESSURE]
    )
    rest = 87.2 / p[_HEART_RESISTANCE]
    need = _HEART_EXTRACTED * _NORMAL_CONTENT * rest * (0.2 + 0.8 * load * beating)
    extracted = need / (content * max(heart_flow, 0.02 * rest))
    lack = _HEART_GAIN * (extracted - _HEART_EXTRACTED)
    dydt[_CORONARY_DILATION] += (
        _within(lack, _HEART_NARROWEST, _HEART_WIDEST) - y[_CORONARY_DILATION]
    ) / _OXYGEN_SECONDS
    supply = min(heart_flow * content * _HEART_EXTRACTABLE / need, 1.0)
    c[_CORONARY_SUPPLY] = supply
    seconds = _RECOVERY_SECONDS if supply > y[_MYOCARDIAL_SUPPLY] else _RESERVE_SECONDS
    dydt[_MYOCARDIAL_SUPPLY] += (supply - y[_MYOCARDIAL_SUPPLY]) / seconds

    extra = c[_OXYGEN_DEMAND] * max(1.0 - 1.0 / max(c[_METABOLIC_RATE], 0.1), 0.0)
    pressed = 1.0 + _PRESSURE_RISE * min(max(c[_MUSCLE_WORK], 0.0), 1.0)
    dilation = _FLOW_PER_OXYGEN / pressed * extra * p[_MUSCLE_RESISTANCE] / 87.2
    dydt[_MUSCLE_DILATION] += (dilation - y[_MUSCLE_DILATION]) / _MUSCLE_SECONDS

    pressure = _within(y[_MEAN_ARTERIAL_PRESSURE], _RENAL_LOW, _RENAL_HIGH) - 5.8
    tone = pressure / (_within(p[_RESTING_ARTERIAL_PRESSURE], _RENAL_LOW, _RENAL_HIGH) - 5.8)
    dydt[_RENAL_TONE] += (tone - y[_RENAL_TONE]) / _RENAL_SECONDS
