"""Pressures and flows of heart and large vessels within a beat."""

from typing import Any

from twinward.twins.patient.body.circulation.heart import beat, filling_pressure, speed, valve, ventricle
from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_LA, _LV, _AO, _ART = state("left_atrium"), state("left_ventricle"), state("aorta"), state("arteries")
_VC, _RA, _RV = state("vena_cava"), state("right_atrium"), state("right_ventricle")
_PA, _PC, _PV = state("pulmonary_arteries"), state("pulmonary_capillaries"), state("pulmonary_veins")
_ONWARD, _PHASE = state("arterial_flow"), state("heart_phase")
_P0 = parameter("filling_pressure_scale")
_LA_E, _LA_ES, _LA_V0 = (
    parameter("left_atrial_elastance"),
    parameter("left_atrial_systolic_elastance"),
    parameter("left_atrial_unstressed_volume"),
)
_RA_E, _RA_ES, _RA_V0 = (
    parameter("right_atrial_elastance"),
    parameter("right_atrial_systolic_elastance"),
    parameter("right_atrial_unstressed_volume"),
)
_LV_V0, _RV_V0, _RV_K = (
    parameter("left_unstressed_volume"),
    parameter("right_unstressed_volume"),
    parameter("right_diastolic_stiffness"),
)
_LV_VISCOSITY, _RV_VISCOSITY = parameter("left_viscosity"), parameter("right_viscosity")
_MITRAL, _TRICUSPID, _OUTFLOW = (
    parameter("mitral_resistance"),
    parameter("tricuspid_resistance"),
    parameter("outflow_resistance"),
)
_AO_C, _AO_V0 = parameter("aortic_compliance"), parameter("aortic_unstressed_volume")
_ART_C, _ART_V0 = parameter("arterial_compliance"), parameter("arterial_unstressed_volume")
_ART_R, _ART_L = parameter("arterial_resistance"), parameter("arterial_inertance")
_VEINS = state("systemic_veins")
_VEINS_C, _VEINS_V0 = parameter("venous_compliance"), parameter("venous_unstressed_volume")
_VENOUS_VOLUME = coupling("venous_volume")
_VC_C, _VC_V0, _VC_R = (
    parameter("caval_compliance"),
    parameter("caval_unstressed_volume"),
    parameter("caval_resistance"),
)
_PA_C, _PA_V0, _PA_R = (
    parameter("pulmonary_arterial_compliance"),
    parameter("pulmonary_arterial_unstressed_volume"),
    parameter("pulmonary_arterial_resistance"),
)
_PC_C, _PC_V0 = parameter("pulmonary_capillary_compliance"), parameter("pulmonary_capillary_unstressed_volume")
_PV_C, _PV_V0, _PV_R = (
    parameter("pulmonary_venous_compliance"),
    parameter("pulmonary_venous_unstressed_volume"),
    parameter("pulmonary_venous_resistance"),
)
_LA_R = parameter("left_atrial_inflow_resistance")

_HEART_RATE, _CONTRACTILITY = coupling("heart_rate"), coupling("contractility")
_ALVEOLAR, _PLEURAL = coupling("alveolar_pressure"), coupling("pleural_pressure")
_P_ART, _P_CVP, _P_PA, _P_PC = (
    coupling("arterial_pressure"),
    coupling("central_venous_pressure"),
    coupling("pulmonary_arterial_pressure"),
    coupling("pulmonary_capillary_pressure"),
)
_P_WEDGE, _P_LA, _P_LV, _P_RV = (
    coupling("wedge_pressure"),
    coupling("left_atrial_pressure"),
    coupling("left_ventricular_pressure"),
    coupling("right_ventricular_pressure"),
)

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
    rate = c[_HEART_RATE]
    dydt[_PHASE] += rate / 60.0
    pleural = c[_PLEURAL]
    kick, squeeze = beat(y[_PHASE], 60.0 / max(rate, 20.0), speed(c[_CONTRACTILITY]))
    kick *= atria
    p_la = around + (p[_LA_E] + kick * (p[_LA_ES] - p[_LA_E])) * (y[_LA] - p[_LA_V0])
    p_ra = around + (p[_RA_E] + kick * (p[_RA_ES] - p[_RA_E])) * (y[_RA] - p[_RA_V0])
    lv = ventricle(y[_LV], squeeze, left, p[_LV_V0], filling_pressure(y[_LV], p[_P0], stiffness))
    rv = ventricle(y[_RV], squeeze, right, p[_RV_V0], filling_pressure(y[_RV], p[_P0], p[_RV_K]))
    p_ao = pleural + (y[_AO] - p[_AO_V0]) / p[_AO_C]
    p_art = (y[_ART] - p[_ART_V0]) / p[_ART_C]
    p_vc = pleural + (y[_VC] - p[_VC_V0]) / p[_VC_C]
    p_pa = pleural + (y[_PA] - p[_PA_V0]) / p[_PA_C]
    p_pc = c[_ALVEOLAR] + (y[_PC] - p[_PC_V0]) / p[_PC_C] - COLLAPSE * max(LEAST_CAPILLARY - y[_PC], 0.0)
    p_pv = pleural + (y[_PV] - p[_PV_V0]) / p[_PV_C]
    mitral = valve(p_la, around + lv, p[_MITRAL]) * holds(y[_LA])
    tricuspid = valve(p_ra, around + rv, p[_TRICUSPID]) * holds(y[_RA])
    lv_inner, rv_inner = p[_LV_VISCOSITY] * max(lv, 0.0), p[_RV_VISCOSITY] * max(rv, 0.0)
    aortic = valve(around + lv, p_ao, p[_OUTFLOW] + lv_inner) * holds(y[_LV])
    pulmonary = valve(around + rv, p_pa, p[_OUTFLOW] + rv_inner) * holds(y[_RV])
    onward = y[_ONWARD]
    dydt[_ONWARD] += (p_ao - p_art - p[_ART_R] * onward) / p[_ART_L]
    c[_P_ART], c[_P_CVP], c[_P_PA], c[_P_PC] = p_art, p_vc, p_pa, p_pc
    c[_P_WEDGE], c[_P_LA] = p_pv, p_la
    c[_P_LV] = around + lv - lv_inner * aortic
    c[_P_RV] = around + rv - rv_inner * pulmonary
    return (
        mitral,
        aortic,
        onward,
        (p_vc - p_ra) / p[_VC_R],
        tricuspid,
        pulmonary,
        (p_pa - p_pc) / (p[_PA_R] * lung),
        (p_pc - p_pv) / (p[_PV_R] * lung),
        (p_pv - p_la) / p[_LA_R],
        (y[_VEINS] - p[_VEINS_V0] * c[_VENOUS_VOLUME]) / p[_VEINS_C],
        p_vc,
        p_ra,
        0.0,
    )
