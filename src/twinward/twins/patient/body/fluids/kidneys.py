"""Glomerular filtration of two kidneys, each behind its own artery."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids.capillaries import REST_ONCOTIC, oncotic
from twinward.twins.patient.body.fluids.composition import PLASMA_PROTEIN
from twinward.twins.patient.body.layout import coupling, parameter, state

_MEAN_PRESSURE, _MEAN_VENOUS = state("mean_arterial_pressure"), state("mean_venous_pressure")
_MEAN_FLOW, _RENIN = state("mean_kidney_flow"), state("renin")
_REST_FLOW, _REST_VENOUS = parameter("resting_kidney_flow"), parameter("resting_venous_pressure")
_REST_FILTRATION = parameter("resting_filtration")
_LEFT, _RIGHT = parameter("left_renal_artery_stenosis"), parameter("right_renal_artery_stenosis")
_INJURY = parameter("acute_kidney_injury")
_SYMPATHETIC = coupling("sympathetic")

# mmHg at rest: reference table of the Pulse engine (Guyton & Hall ch. 26).
_GLOMERULAR, _BOWMAN = 60.0, 18.0
_STENOSED = 0.05  # least open share of a diameter: chosen, so that a severity of 1 stays finite


@part
def open_flow(severity: float, drop: float, flow: float) -> float:
    """Flow of one kidney, times its own without the stenosis, at the same driving pressure.

    Pressure falls over a narrowed artery with the square of the flow: Kt rho / 2 (A0 / As - 1)^2 v^2, Kt 1.52 (Young &
    Tsai 1973, J Biomech 6:395). v: 30 cm/s of the open artery (500 mL/min through 6 mm), 0.36 mmHg; severity is the
    lost share of the diameter.
    """
    left = max(1.0 - severity, _STENOSED)
    narrow = 1.52 * 0.36 * (1.0 / (left * left) - 1.0) ** 2 * flow * flow / max(drop, 1.0)
    return 2.0 / (1.0 + (1.0 + 4.0 * narrow) ** 0.5)


@part
def filtered(pressure: float, protein: float, plasma_flow: float, coefficient: float) -> float:
    """Of one kidney, mL/s: coefficient x (glomerular pressure - Bowman's - mean oncotic pressure along the way)."""
    if plasma_flow <= 1e-9:
        return 0.0
    before = oncotic(protein)
    low, high = 0.0, 0.6
    for _ in range(12):  # filtered share of plasma: what is filtered raises what holds back; bisection, to 1.5e-4
        share = 0.5 * (low + high)
        after = oncotic(protein / (1.0 - share))
        if coefficient * (pressure - _BOWMAN - 0.5 * (before + after)) > share * plasma_flow:
            low = share
        else:
            high = share
    return 0.5 * (low + high) * plasma_flow


@part
def filtration(y: Any, p: Any, c: Any, protein: float, haematocrit: float) -> float:
    """Glomerular filtration rate, mL/s. Efferent tone: angiotensin II as in Leete & Layton 2018 (J Theor Biol), nerves
    as the square root of what Karaaslan 2005 lets them do to the afferent arteriole (chosen: they constrict both)."""
    drop = max(y[_MEAN_PRESSURE] - y[_MEAN_VENOUS], 0.1)
    flow = max(y[_MEAN_FLOW], 0.0)
    size = flow / p[_REST_FLOW]
    left, right = open_flow(p[_LEFT], drop, size), open_flow(p[_RIGHT], drop, size)
    angiotensin = 20.0 * max(y[_RENIN], 0.05)
    nerves = 2.0 / (1.0 + 2.718281828 ** (-3.16 * (c[_SYMPATHETIC] - 1.0)))
    efferent = (0.925 + 0.0835 * 0.05 * angiotensin - 0.17 / angiotensin) * nerves**0.5
    rest_drop = _GLOMERULAR - p[_REST_VENOUS]
    # the coefficient that gives the resting rate with the resting pressures
    held = 0.5 * (REST_ONCOTIC[0] + oncotic(PLASMA_PROTEIN / (1.0 - _rest_share(p))))
    coefficient = 0.5 * p[_REST_FILTRATION] / (_GLOMERULAR - _BOWMAN - held) * (1.0 - 0.95 * p[_INJURY])
    total = 0.0
    for share in (left / (left + right), right / (left + right)):
        own = 2.0 * share * size  # flow of this kidney, times at rest
        pressure = y[_MEAN_VENOUS] + rest_drop * own * efferent
        pressure = min(pressure, y[_MEAN_PRESSURE])
        total += filtered(pressure, protein, flow * share * (1.0 - haematocrit), coefficient)
    return total


@part
def _rest_share(p: Any) -> float:
    return p[_REST_FILTRATION] / (p[_REST_FLOW] * 0.56)
