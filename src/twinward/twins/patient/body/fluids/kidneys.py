"""Glomerular filtration of two kidneys, each behind its own artery."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids.capillaries import oncotic
from twinward.twins.patient.body.fluids.composition import BOWMAN, GLOMERULAR
from twinward.twins.patient.body.layout import parameter, state

_MEAN_PRESSURE, _MEAN_VENOUS = state("mean_arterial_pressure"), state("mean_venous_pressure")
_MEAN_FLOW, _TONE, _RENIN = state("mean_kidney_flow"), state("renal_tone"), state("renin")
_REST_FLOW, _REST_VENOUS = parameter("resting_kidney_flow"), parameter("resting_venous_pressure")
_REST_PRESSURE, _REST_FILTRATION = parameter("resting_arterial_pressure"), parameter("resting_filtration")
_COEFFICIENT = parameter("glomerular_coefficient")
_LEFT, _RIGHT = parameter("left_renal_artery_stenosis"), parameter("right_renal_artery_stenosis")
_INJURY = parameter("acute_kidney_injury")

# Bowman's pressure without filtration is the interstitium's, 6 mmHg (Guyton & Hall ch. 26); the flow makes the rest.
_INTERSTITIAL = 6.0
# Nerves and circulating constrictors narrow both arterioles, the afferent one more (Denton et al. 2004, Am J Physiol
# 286:R1 ): the efferent takes this power of their common effect; chosen.
_BOTH = 0.7
# Acute kidney injury: what is left of the coefficient falls with the third power of what the severity leaves:
# chosen, so that half the severity doubles creatinine in days and 1 is failure (KDIGO 2012, stages 2 and 3).
_LOST_GLOMERULI = 0.98


@part
def _filtered(pressure: float, protein: float, plasma_flow: float, coefficient: float, rest: float) -> float:
    """Of one kidney, mL/s: coefficient x (glomerular pressure - Bowman's - mean oncotic pressure along the way)."""
    if plasma_flow <= 1e-9:
        return 0.0
    before = oncotic(protein)
    if pressure - _INTERSTITIAL - before <= 0.0:
        return 0.0
    share = 0.25  # filtered part of plasma: what is filtered raises what holds back. Newton; concave, so from above
    for _ in range(5):
        left = 1.0 / (1.0 - share)
        grams = 100.0 * protein * left
        held = 0.5 * (before + grams * (2.1 + grams * (0.16 + grams * 0.009)))
        steeper = 0.5 * grams * (2.1 + grams * (0.32 + grams * 0.027)) * left
        filling = (BOWMAN - _INTERSTITIAL) * plasma_flow / rest
        missing = coefficient * (pressure - _INTERSTITIAL - filling * share - held) - share * plasma_flow
        share = min(share + missing / (coefficient * (filling + steeper) + plasma_flow), 0.6)
    return max(share, 0.0) * plasma_flow


@part
def filtration(y: Any, p: Any, protein: float, haematocrit: float) -> float:
    """Glomerular filtration rate, mL/s.

    The circulation says how much blood flows; autoregulation is the afferent arteriole's; what else narrows the kidneys
    is shared by both arterioles. Angiotensin II's effect on the efferent one: Leete & Layton 2018.
    """
    flow = max(y[_MEAN_FLOW], 1e-6)
    size = flow / p[_REST_FLOW]
    drop = max(y[_MEAN_PRESSURE] - y[_MEAN_VENOUS], 1.0) / (p[_REST_PRESSURE] - p[_REST_VENOUS])
    # Two kidneys side by side, each with its stenosis in series as the circulation has them: their common resistance
    # gives that of the arterioles behind, 2 (k + a)(k + b) = r (2 k + a + b).
    left, right = 1.0 / (1.0 - 0.98 * p[_LEFT]) - 1.0, 1.0 / (1.0 - 0.98 * p[_RIGHT]) - 1.0
    whole = drop / size
    half = 0.5 * (left + right - whole)
    behind = -half + max(half * half - left * right + 0.5 * whole * (left + right), 0.0) ** 0.5
    behind = max(behind, 0.05)
    others = max(behind / max(y[_TONE], 0.05), 0.05)
    angiotensin = 20.0 * max(y[_RENIN], 0.05)
    efferent = (0.925 + 0.0835 * 0.05 * angiotensin - 0.17 / angiotensin) * others**_BOTH
    after = (GLOMERULAR - p[_REST_VENOUS]) * efferent
    coefficient = 0.5 * p[_COEFFICIENT] * (1.0 - _LOST_GLOMERULI * p[_INJURY]) ** 3
    rest = 0.5 * p[_REST_FILTRATION]
    share = (behind + right) / (2.0 * behind + left + right)  # of the flow that goes to the left
    pressure = min(y[_MEAN_VENOUS] + after * 2.0 * share * size, y[_MEAN_PRESSURE])
    first = _filtered(pressure, protein, flow * share * (1.0 - haematocrit), coefficient, rest)
    if left == right:
        return 2.0 * first
    share = 1.0 - share
    pressure = min(y[_MEAN_VENOUS] + after * 2.0 * share * size, y[_MEAN_PRESSURE])
    return first + _filtered(pressure, protein, flow * share * (1.0 - haematocrit), coefficient, rest)
