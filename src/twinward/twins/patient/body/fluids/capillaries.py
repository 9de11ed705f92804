"""Starling's forces between blood and interstitium, lymph, and the protein that goes with them."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids.composition import PLASMA_PROTEIN, TISSUE_PROTEIN
from twinward.twins.patient.body.layout import coupling, parameter, state

_PLASMA_PROTEIN, _TISSUE_PROTEIN = state("plasma_protein"), state("interstitial_protein")
_INTERSTITIAL = state("interstitial_volume")
_REST_INTERSTITIAL = parameter("resting_interstitial_volume")
_REST_PRESSURE = parameter("resting_capillary_pressure")
_COEFFICIENT = parameter("filtration_coefficient")
_SEPSIS, _ANAPHYLAXIS, _BURNS = parameter("sepsis"), parameter("anaphylaxis"), parameter("burns")
_CAPILLARY_PRESSURE = coupling("capillary_pressure")

_REFERENCE_VOLUME = 11000.0  # mL, to which the values below belong: Guyton & Hall, 11th ed., ch. 25
_LYMPH = 2.0 / 60.0  # mL/s at rest: Guyton & Hall ch. 16, 2 to 3 L a day
_LYMPH_GAIN = 20.0  # times more lymph at 0 than at -3 mmHg, and no more above: ibid., Fig. 16-11
_RESTING_PRESSURE = -3.0  # mmHg of the interstitium: ibid.
# Of the interstitium below and above 0 mmHg: Ursino & Innocenti 1997, Am J Nephrol 17:498 (2.45 mmHg/L); Guyton,
# Taylor & Granger 1975 (a compliance 24 times larger once the pressure is above the atmosphere's).
_ELASTANCE, _LOOSE_ELASTANCE = 2.45e-3, 2.45e-3 / 24.0  # mmHg/mL
# Protein: diffusion 0.00104 L/min, Guyton 1992 (capillary dynamics). Reflection follows from the balance at rest:
# lymph 2 mL/min times 2.97 g/dL = 1.04 times (7.37 - 2.97) + (1 - s) 2 times 7.37.
_DIFFUSION = 1.04 / 60.0  # mL/s
_REFLECTION = 1.0 - (_LYMPH * TISSUE_PROTEIN - _DIFFUSION * (PLASMA_PROTEIN - TISSUE_PROTEIN)) / (
    _LYMPH * PLASMA_PROTEIN
)


@part
def oncotic(protein: float) -> float:
    """mmHg, of g/mL; Landis & Pappenheimer 1963 (Handbook of Physiology, Circulation II): 2.1 c + 0.16 c2 + 0.009 c3,
    c in g/dL."""
    grams = 100.0 * max(protein, 0.0)
    return grams * (2.1 + grams * (0.16 + grams * 0.009))


REST_ONCOTIC = (oncotic.py_func(PLASMA_PROTEIN), oncotic.py_func(TISSUE_PROTEIN))


@part
def exchange(y: Any, p: Any, c: Any, dydt: Any, plasma: float) -> float:
    """Net flow out of the blood, mL/s; protein is moved here.

    Leaks. Sepsis: albumin escapes more than four times faster in septic shock (Fleck et al. 1985, Lancet 1:781).
    Anaphylaxis: up to 35 % of the plasma leaves within 10 minutes (Fisher 1986, Anaesth Intensive Care 14:17); at
    severity 1 reflection falls to 0.2 and the coefficient doubles, chosen to reach that. Burns: the burnt share of the
    capillaries holds back nothing; only a third of all filtration is the skin's, chosen so that 40 % ask for the
    4 mL/kg/% of 24 h that Baxter & Shires 1968 (Ann N Y Acad Sci 150:874) found.
    """
    volume = y[_INTERSTITIAL]
    tissue = volume / p[_REST_INTERSTITIAL] * _REFERENCE_VOLUME - _REFERENCE_VOLUME
    rise = _ELASTANCE * tissue
    knee = -_RESTING_PRESSURE
    if rise > knee:
        rise = knee + _LOOSE_ELASTANCE * (tissue - knee / _ELASTANCE)
    size = p[_REST_INTERSTITIAL] / _REFERENCE_VOLUME
    lymph = size * _LYMPH * _LYMPH_GAIN ** (min(rise, knee) / knee)
    sepsis, anaphylaxis, burns = p[_SEPSIS], p[_ANAPHYLAXIS], p[_BURNS] / 3.0
    tight = (1.0 - burns) * (1.0 - 0.4 * sepsis) * (1.0 - 0.78 * anaphylaxis)
    reflection = _REFLECTION * tight
    more = 1.0 + anaphylaxis
    in_plasma = y[_PLASMA_PROTEIN] / plasma
    in_tissue = y[_TISSUE_PROTEIN] / volume
    held_back = oncotic(in_plasma) - oncotic(in_tissue)
    at_rest = _REFLECTION * (REST_ONCOTIC[0] - REST_ONCOTIC[1])
    push = c[_CAPILLARY_PRESSURE] - p[_REST_PRESSURE] - rise - reflection * held_back + at_rest
    filtered = size * _LYMPH + more * p[_COEFFICIENT] * push
    convected = (1.0 - reflection) * (filtered * in_plasma if filtered > 0.0 else filtered * in_tissue)
    diffused = size * _DIFFUSION * (1.0 + 3.0 * sepsis + 3.0 * anaphylaxis + 3.0 * burns) * (in_plasma - in_tissue)
    escaped = convected + diffused - lymph * in_tissue
    dydt[_PLASMA_PROTEIN] -= escaped
    dydt[_TISSUE_PROTEIN] += escaped
    dydt[_INTERSTITIAL] += filtered - lymph
    return filtered - lymph
