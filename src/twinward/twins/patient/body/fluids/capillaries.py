"""Starling's forces between blood and interstitium, lymph, and the protein that goes with them."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids import composition
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
# Oncotic reflection of most capillaries: Michel & Curry 1999, Physiol Rev 79:703. Protein diffuses (0.00104 L/min in
# Guyton 1992; half of it here) and is dragged through leaky capillaries, above all of the liver, which with the gut
# makes two thirds of the lymph (Guyton & Hall ch. 16): the half is chosen, between a plasma that loses protein in a day
# without drink and one that gains it; the drag follows from the balance with lymph at rest.
_REFLECTION = 0.9
_DIFFUSION = 0.52 / 60.0  # mL/s
_DRAG = (_LYMPH * TISSUE_PROTEIN - _DIFFUSION * (PLASMA_PROTEIN - TISSUE_PROTEIN)) / (_LYMPH * PLASMA_PROTEIN)

_BURNT_LOSS, _BURNT_RISE = 1.0 - 0.45 / 0.87, 23.0  # 1; mmHg

oncotic = part(composition.oncotic)
# mmHg at rest, between plasma and interstitium
_HELD_BACK = composition.oncotic(PLASMA_PROTEIN) - composition.oncotic(TISSUE_PROTEIN)


@part
def exchange(y: Any, p: Any, c: Any, dydt: Any, plasma: float) -> float:
    """Net flow out of the blood, mL/s; protein is moved here.

    Leaks. Sepsis: albumin escapes more than four times faster in septic shock (Fleck et al. 1985, Lancet 1:781).
    Anaphylaxis: up to 35 % of the plasma leaves within 10 minutes (Fisher 1986, Anaesth Intensive Care 14:17); at
    severity 1 reflection falls to 0.2 and the coefficient doubles, chosen to reach that. Burns: in burnt skin the
    reflection of proteins falls from 0.87 to 0.45 and the capillary pressure rises by 23 mmHg (Pitt et al. 1987, J Surg
    Res 42:693); half of all filtration counts as the skin's, chosen so that 40 % keep up with the 4 mL/kg/% of
    Parkland's formula.
    """
    volume = y[_INTERSTITIAL]
    tissue = volume / p[_REST_INTERSTITIAL] * _REFERENCE_VOLUME - _REFERENCE_VOLUME
    rise = _ELASTANCE * tissue
    knee = -_RESTING_PRESSURE
    if rise > knee:
        rise = knee + _LOOSE_ELASTANCE * (tissue - knee / _ELASTANCE)
    size = p[_REST_INTERSTITIAL] / _REFERENCE_VOLUME
    lymph = size * _LYMPH * _LYMPH_GAIN ** (min(rise, knee) / knee)
    sepsis, anaphylaxis, burns = p[_SEPSIS], p[_ANAPHYLAXIS], 0.5 * p[_BURNS]
    tight = (1.0 - _BURNT_LOSS * burns) * (1.0 - 0.4 * sepsis) * (1.0 - 0.78 * anaphylaxis)
    reflection = _REFLECTION * tight
    more = 1.0 + anaphylaxis
    in_plasma = y[_PLASMA_PROTEIN] / plasma
    in_tissue = y[_TISSUE_PROTEIN] / volume
    held_back = oncotic(in_plasma) - oncotic(in_tissue)
    at_rest = _REFLECTION * _HELD_BACK
    push = c[_CAPILLARY_PRESSURE] + _BURNT_RISE * burns - p[_REST_PRESSURE] - rise - reflection * held_back + at_rest
    filtered = size * _LYMPH + more * p[_COEFFICIENT] * push
    if filtered > 0.0:  # nothing comes from empty vessels (numerical: from a tenth of the plasma on)
        filtered *= min(plasma / (300.0 * size), 1.0)
    drag = 1.0 - (1.0 - _DRAG) * tight
    convected = drag * (filtered * in_plasma if filtered > 0.0 else filtered * in_tissue)
    diffused = size * _DIFFUSION * (1.0 + 6.0 * (sepsis + anaphylaxis + burns)) * (in_plasma - in_tissue)
    escaped = convected + diffused - lymph * in_tissue
    dydt[_PLASMA_PROTEIN] -= escaped
    dydt[_TISSUE_PROTEIN] += escaped
    dydt[_INTERSTITIAL] += filtered - lymph
    return filtered - lymph
