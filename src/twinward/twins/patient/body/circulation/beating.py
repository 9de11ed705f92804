"""Pressures and flows of heart and large vessels within a beat."""

from typing import Any

from twinward.twins.patient.body.circulation import places as at
from twinward.twins.patient.body.circulation.aorta import wall
from twinward.twins.patient.body.circulation.heart import beat, filling_pressure, speed, valve, ventricle
from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import parameter, state

_ONWARD = state("arterial_flow")
_LV_VISCOSITY, _RV_VISCOSITY = parameter("left_viscosity"), parameter("right_viscosity")
_OUTFLOW = parameter("outflow_resistance")
_ART_L = parameter("arterial_inertance")

# A ventricle or atrium of so few mL gives no more; chosen here, only to keep volumes above zero when a heart is
# squeezed from outside.
_EMPTY = 5.0
# Capillaries that alveolar pressure squeezes keep so many mL: below, their pressure falls by these mmHg per mL (chosen
# here, for the same reason).
LEAST_CAPILLARY, COLLAPSE = 15.0, 2.0


@part
def holds(volume: float) -> float:
    """1, and less where a chamber is all but empty."""
    return min(max(volume / _EMPTY, 0.0), 1.0)


@part
def within_beat(muscle: Any, around: float, lung: float, y: Any, p: Any, c: Any, dydt: Any) -> Any:
    """Write the pressures; move heart phase and arterial flow.

    Args:
        muscle: left and right end-systolic elastance, left stiffness, atria's force.
        around: pressure around the heart, mmHg; lung: pulmonary resistance, times at rest.

    Returns:
        Flows, mL/s: mitral, aortic, aorta to arteries, vena cava to right atrium, tricuspid, pulmonary valve,
        pulmonary arteries to capillaries, capillaries to veins, veins to left atrium; the pressures of veins, vena cava
        and right atrium, mmHg; and, averaged, what stays in the veins, mL/s.
    """
    left, right, stiffness, atria = muscle
    rate = c[at.HEART_RATE]
    dydt[at.PHASE] += rate / 60.0
    pleural = c[at.PLEURAL]
    kick, squeeze = beat(y[at.PHASE], 60.0 / max(rate, 20.0), speed(c[at.CONTRACTILITY]))
    kick *= atria
    p_la = around + (p[at.LA_E] + kick * (p[at.LA_ES] - p[at.LA_E])) * (y[at.LA] - p[at.LA_V0])
    p_ra = around + (p[at.RA_E] + kick * (p[at.RA_ES] - p[at.RA_E])) * (y[at.RA] - p[at.RA_V0])
    lv = ventricle(y[at.LV], squeeze, left, p[at.LV_V0], filling_pressure(y[at.LV], p[at.P0], stiffness))
    rv = ventricle(y[at.RV], squeeze, right, p[at.RV_V0], filling_pressure(y[at.RV], p[at.P0], p[at.RV_K]))
    compliance, unstressed = wall(y, p)
    p_ao = pleural + (y[at.AO] - unstressed) / compliance
    p_art = (y[at.ART] - p[at.ART_V0]) / p[at.ART_C]
    p_vc = pleural + (y[at.VC] - p[at.VC_V0]) / p[at.VC_C]
    p_pa = pleural + (y[at.PA] - p[at.PA_V0]) / p[at.PA_C]
    p_pc = c[at.ALVEOLAR] + (y[at.PC] - p[at.PC_V0]) / p[at.PC_C] - COLLAPSE * max(LEAST_CAPILLARY - y[at.PC], 0.0)
    p_pv = pleural + (y[at.PV] - p[at.PV_V0]) / p[at.PV_C]
    mitral = valve(p_la, around + lv, p[at.MITRAL]) * holds(y[at.LA])
    tricuspid = valve(p_ra, around + rv, p[at.TRICUSPID]) * holds(y[at.RA])
    lv_inner, rv_inner = p[_LV_VISCOSITY] * max(lv, 0.0), p[_RV_VISCOSITY] * max(rv, 0.0)
    aortic = valve(around + lv, p_ao, p[_OUTFLOW] + lv_inner) * holds(y[at.LV])
    pulmonary = valve(around + rv, p_pa, p[_OUTFLOW] + rv_inner) * holds(y[at.RV])
    onward = y[_ONWARD]
    dydt[_ONWARD] += (p_ao - p_art - p[at.ART_R] * onward) / p[_ART_L]
    c[at.P_ART], c[at.P_CVP], c[at.P_PA], c[at.P_PC] = p_art, p_vc, p_pa, p_pc
    c[at.P_WEDGE], c[at.P_LA] = p_pv, p_la
    c[at.P_LV] = around + lv - lv_inner * aortic
    c[at.P_RV] = around + rv - rv_inner * pulmonary
    return (
        mitral,
        aortic,
        onward,
        (p_vc - p_ra) / p[at.VC_R],
        tricuspid,
        pulmonary,
        (p_pa - p_pc) / (p[at.PA_R] * lung),
        (p_pc - p_pv) / (p[at.PV_R] * lung),
        (p_pv - p_la) / p[at.LA_R],
        (y[at.VEINS] - p[at.VEINS_V0] * c[at.VENOUS_VOLUME]) / p[at.VEINS_C],
        p_vc,
        p_ra,
        0.0,
    )
