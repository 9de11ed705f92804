"""The heart averaged over beats: stroke volume where filling, contractility and afterload meet (Sunagawa 1983).

The same ventricles as within a beat, without following it: the end-diastolic volume lies on the filling curve at the
atrial pressure, the end-systolic volume on the end-systolic line at the arterial pressure. What the beat adds (the
atrial kick, the pressure lost at a valve in a short diastole, the pressure at end-systole against its mean) are the
coefficients below. They are not from a paper: they were fitted by least squares to the beating heart of `heart.py` in
160 random circulations (rate 45-160 /min, blood volume +-900 mL, resistance x0.55-1.65, contractility x0.5-1.8,
stiffness x0.9-1.4, pleural pressure -7 to +4 mmHg, with and without atrial contraction), where they are right to
0.3 mmHg at end-diastole, and at end-systole to 4 mmHg on the left (pressures of 30 to 225) and 0.8 on the right.
"""

import math
from typing import Any

from twinward.twins.patient.body.circulation import places as at
from twinward.twins.patient.body.circulation.aorta import wall
from twinward.twins.patient.body.circulation.beating import LEAST_CAPILLARY, holds
from twinward.twins.patient.body.circulation.heart import VENTRICULAR_SYSTOLE, speed
from twinward.twins.patient.body.circulation.treatment import compressed_flow
from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_LV_E, _RV_E = parameter("left_systolic_elastance"), parameter("right_systolic_elastance")
_VEINS_R = parameter("venous_resistance")

_MEAN_OUTPUT = state("mean_cardiac_output")
_SYSTOLIC, _DIASTOLIC, _STROKE = (
    coupling("systolic_pressure"),
    coupling("diastolic_pressure"),
    coupling("stroke_volume"),
)

# Seconds in which compartments that share their blood within a beat come to the shares of a steady flow (chosen here:
# slow enough for steps of 0.5 s, with a full pericardium too).
SETTLING = 2.5
# Resistance of a heart at rest to blood that flows through it, mmHg s/mL (valves 0.02; more here for large steps).
THROUGH = 0.15
# End-diastolic pressure = atrial pressure + these times its transmural part, the kick's force, the valve's resistance.
LEFT_FILLING = (0.031, 0.1385, 0.94)
RIGHT_FILLING = (0.0838, 0.0923, 2.48)
# End-systolic pressure of the left ventricle: times the mean aortic pressure; times stroke volume and resting
# elastance, and that per R-R interval.
LEFT_EJECTION = (1.131, 0.0456, -0.0072)
# Of the right: times the pulmonary arterial pressure above the pleural; times the pleural; times stroke volume and
# resting elastance, and that per root of the R-R interval.
RIGHT_EJECTION = (1.2397, 1.0165, 0.0864, -0.0654)
# Mean volume = end-diastolic volume less this share of the stroke volume: constant, and per second of R-R interval.
LEFT_MEAN, RIGHT_MEAN = (0.500, -0.141), (0.544, -0.073)
# The pericardium is stretched at the end of diastole by the heart's mean volume and this share of the stroke volume.
SWING = 0.35
# Pulse pressure times compliance over stroke volume: constant, and per R-R interval in time constants of the arteries;
# and the part of it above the mean.
PULSE, ABOVE_MEAN = (1.131, -0.225), 0.62


@part
def diastolic_share(interval: float, speed: float) -> float:
    """Share of the beat in which a ventricle fills; systole and relaxation take 1.5 times Heldt's systole."""
    return max(1.0 - 1.5 * VENTRICULAR_SYSTOLE / (math.sqrt(interval) * speed), 0.1)


@part
def filled(atrial: float, around: float, kick: float, flow: float, resistance: float, scale: float, stiffness: float,
           how: Any) -> float:  # fmt: skip
    """End-diastolic volume, mL, to which a ventricle fills.

    Args:
        atrial, around: pressures in the atrium and around the heart, mmHg.
        kick: pressure that the atrium's contraction adds to its own, mmHg.
        flow: mean flow through the valve over the share of the beat it is open, mL/s; resistance: of the valve.
        scale, stiffness: of the filling curve.
        how: coefficients.
    """
    pressure = atrial - around
    pressure += how[0] * pressure + how[1] * kick - how[2] * resistance * flow
    # Below zero the relaxed ventricle does not stretch; the bound keeps the logarithm finite (chosen here).
    return math.log1p(max(pressure, 0.01 * scale) / scale) / stiffness


@part
def stroke(mean: float, share: float, unstressed: float, elastance: float, pressure: float, slope: float) -> Any:
    """Stroke volume and end-diastolic volume, mL, of a ventricle that holds so much on average.

    Args:
        mean: volume over a beat, mL; share: of the stroke volume by which it lies below the end-diastolic volume.
        unstressed, elastance: end-systolic line.
        pressure: transmural end-systolic pressure against which it ejects, mmHg, at a stroke volume of nothing.
        slope: mmHg that each mL ejected adds to it.
    """
    if elastance < 1e-3:
        return 0.0, mean
    gain = 1.0 / (1.0 + slope / elastance)
    rest = unstressed + max(pressure, 0.0) / elastance
    full = (mean - share * gain * rest) / (1.0 - share * gain)
    if full <= rest:
        return 0.0, mean
    return gain * (full - rest), full


@part
def over_beats(muscle: Any, around: float, lung: float, y: Any, p: Any, c: Any, dydt: Any) -> Any:
    """Write the mean pressures; arguments and result as those of `within_beat`, averaged over beats."""
    left, right, stiffness, atria = muscle
    rate = c[at.HEART_RATE]
    interval = 60.0 / max(rate, 20.0)
    dydt[at.PHASE] += rate / 60.0
    pleural, flow = c[at.PLEURAL], y[_MEAN_OUTPUT]

    # Arteries: one volume, at the pressures between which the mean output flows.
    compliance, unstressed = wall(y, p)
    held = y[at.AO] + y[at.ART] - unstressed - p[at.ART_V0]
    p_art = (held + compliance * (pleural - p[at.ART_R] * flow)) / (compliance + p[at.ART_C])
    p_ao = p_art + p[at.ART_R] * flow
    aorta = unstressed + compliance * (p_ao - pleural)
    # Veins, great veins and right atrium.
    veins_v0 = p[at.VEINS_V0] * c[at.VENOUS_VOLUME]
    held = y[at.VEINS] + y[at.VC] + y[at.RA] - veins_v0 - p[at.VC_V0] - p[at.RA_V0]
    slack, resist = 1.0 / p[at.RA_E], p[at.VC_R] + p[_VEINS_R]
    held += p[at.VC_C] * (pleural - p[at.VC_R] * flow) + slack * around - p[at.VEINS_C] * resist * flow
    p_ra = held / (p[at.VEINS_C] + p[at.VC_C] + slack)
    right_atrium = p[at.RA_V0] + slack * (p_ra - around)
    p_vc = p_ra + p[at.VC_R] * flow
    p_veins = p_vc + p[_VEINS_R] * flow
    stays = (veins_v0 + p[at.VEINS_C] * p_veins - y[at.VEINS]) / SETTLING
    # Lungs and left atrium: capillaries and atrium move towards the pressures that the flow makes.
    resist_a, resist_v = p[at.PA_R] * lung, p[at.PV_R] * lung
    soft = 1.0 / p[at.LA_E]
    held = y[at.PA] + y[at.PC] + y[at.PV] + y[at.LA] - p[at.PA_V0] - p[at.PC_V0] - p[at.PV_V0] - p[at.LA_V0]
    held += (p[at.PA_C] + p[at.PV_C]) * pleural + p[at.PC_C] * c[at.ALVEOLAR] + soft * around
    held -= flow * (
        p[at.PA_C] * (resist_a + resist_v + p[at.LA_R]) + p[at.PC_C] * (resist_v + p[at.LA_R]) + p[at.PV_C] * p[at.LA_R]
    )
    p_la = held / (p[at.PA_C] + p[at.PC_C] + p[at.PV_C] + soft)
    p_pv = p_la + p[at.LA_R] * flow
    p_pc = p_pv + resist_v * flow
    p_pa = p_pc + resist_a * flow

    # Ventricles.
    share_l, share_r = LEFT_MEAN[0] + LEFT_MEAN[1] * interval, RIGHT_MEAN[0] + RIGHT_MEAN[1] * interval
    share_l, share_r = max(share_l, 0.2), max(share_r, 0.2)
    end_l = LEFT_EJECTION[0] * p_ao - around
    slope_l = (LEFT_EJECTION[1] + LEFT_EJECTION[2] / interval) * p[_LV_E]
    stroke_l, full_l = stroke(y[at.LV], share_l, p[at.LV_V0], left, end_l, slope_l)
    end_r = RIGHT_EJECTION[0] * (p_pa - pleural) + RIGHT_EJECTION[1] * pleural - around
    slope_r = (RIGHT_EJECTION[2] + RIGHT_EJECTION[3] / math.sqrt(interval)) * p[_RV_E]
    stroke_r, full_r = stroke(y[at.RV], share_r, p[at.RV_V0], right, end_r, slope_r)
    aortic, pulmonary = stroke_l * rate / 60.0, stroke_r * rate / 60.0
    # Where the blood before a ventricle is under more pressure than behind it, it flows through it at rest (arrest).
    pumped_l, pumped_r = compressed_flow(p_la - p_ao, p_ra - p_pa, p)
    aortic += max(p_la - p_ao, 0.0) / THROUGH + pumped_l * holds(y[at.LV])
    pulmonary += max(p_ra - p_pa, 0.0) / THROUGH + pumped_r * holds(y[at.RV])
    through = flow / diastolic_share(interval, speed(c[at.CONTRACTILITY]))
    kick_l = atria * (p[at.LA_ES] - p[at.LA_E]) * max(y[at.LA] - p[at.LA_V0], 0.0)
    kick_r = atria * (p[at.RA_ES] - p[at.RA_E]) * max(y[at.RA] - p[at.RA_V0], 0.0)
    fill_l = filled(p_la, around, kick_l, through, p[at.MITRAL], p[at.P0], stiffness, LEFT_FILLING)
    fill_r = filled(p_ra, around, kick_r, through, p[at.TRICUSPID], p[at.P0], p[at.RV_K], RIGHT_FILLING)
    mitral = aortic + (fill_l - full_l) / SETTLING * holds(y[at.LA])
    tricuspid = pulmonary + (fill_r - full_r) / SETTLING * holds(y[at.RA])

    # Pressures around the mean.
    total = compliance + p[at.ART_C]
    tau = max(p_art, 1.0) / max(flow, 1.0) * total
    pulse = max(stroke_l / total * (PULSE[0] + PULSE[1] * min(interval / tau, 2.0)), 0.0)
    c[_SYSTOLIC], c[_DIASTOLIC] = p_art + ABOVE_MEAN * pulse, p_art - (1.0 - ABOVE_MEAN) * pulse
    c[_STROKE] = stroke_l
    c[at.P_ART], c[at.P_CVP], c[at.P_PA], c[at.P_PC] = p_art, p_vc, p_pa, p_pc
    c[at.P_WEDGE], c[at.P_LA] = p_pv, p_la
    c[at.P_LV], c[at.P_RV] = p_la, p_ra  # at the end of diastole
    onward = aortic - (aorta - y[at.AO]) / SETTLING
    cava = (right_atrium - y[at.RA]) / SETTLING + tricuspid
    to_capillaries = pulmonary - (p[at.PA_V0] + p[at.PA_C] * (p_pa - pleural) - y[at.PA]) / SETTLING
    capillaries = max(p[at.PC_V0] + p[at.PC_C] * (p_pc - c[at.ALVEOLAR]), LEAST_CAPILLARY)
    from_capillaries = to_capillaries - (capillaries - y[at.PC]) / SETTLING
    into_atrium = (p[at.LA_V0] + soft * (p_la - around) - y[at.LA]) / SETTLING + mitral
    return (mitral, aortic, onward, cava, tricuspid, pulmonary, to_capillaries, from_capillaries, into_atrium, p_veins,
            p_vc, p_ra, stays)  # fmt: skip
