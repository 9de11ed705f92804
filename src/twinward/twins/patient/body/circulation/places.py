"""Where heart and large vessels have their states, parameters and couplings, within a beat and averaged over beats.

The left heart is `L`, the right `R`; `A` its atrium, `V` its ventricle; `PA`, `PC`, `PV` are the lungs' arteries,
capillaries and veins, `VC` the vena cava. Of a volume: `C` compliance, `E` elastance (`ES` at the end of systole), `V0`
unstressed volume, `R` resistance. `P_` is a pressure that is told.
"""

from twinward.twins.patient.body.layout import coupling, parameter, state

LA, LV, AO, ART = state("left_atrium"), state("left_ventricle"), state("aorta"), state("arteries")
VC, RA, RV = state("vena_cava"), state("right_atrium"), state("right_ventricle")
PA, PC, PV = state("pulmonary_arteries"), state("pulmonary_capillaries"), state("pulmonary_veins")
PHASE = state("heart_phase")
P0 = parameter("filling_pressure_scale")
LA_E, LA_ES, LA_V0 = (
    parameter("left_atrial_elastance"),
    parameter("left_atrial_systolic_elastance"),
    parameter("left_atrial_unstressed_volume"),
)
RA_E, RA_ES, RA_V0 = (
    parameter("right_atrial_elastance"),
    parameter("right_atrial_systolic_elastance"),
    parameter("right_atrial_unstressed_volume"),
)
LV_V0, RV_V0, RV_K = (
    parameter("left_unstressed_volume"),
    parameter("right_unstressed_volume"),
    parameter("right_diastolic_stiffness"),
)
MITRAL, TRICUSPID = parameter("mitral_resistance"), parameter("tricuspid_resistance")
AO_C, AO_V0 = parameter("aortic_compliance"), parameter("aortic_unstressed_volume")
ART_C, ART_V0 = parameter("arterial_compliance"), parameter("arterial_unstressed_volume")
ART_R = parameter("arterial_resistance")
VEINS = state("systemic_veins")
VEINS_C, VEINS_V0 = parameter("venous_compliance"), parameter("venous_unstressed_volume")
VENOUS_VOLUME = coupling("venous_volume")
VC_C, VC_V0, VC_R = parameter("caval_compliance"), parameter("caval_unstressed_volume"), parameter("caval_resistance")
PA_C, PA_V0, PA_R = (
    parameter("pulmonary_arterial_compliance"),
    parameter("pulmonary_arterial_unstressed_volume"),
    parameter("pulmonary_arterial_resistance"),
)
PC_C, PC_V0 = parameter("pulmonary_capillary_compliance"), parameter("pulmonary_capillary_unstressed_volume")
PV_C, PV_V0, PV_R = (
    parameter("pulmonary_venous_compliance"),
    parameter("pulmonary_venous_unstressed_volume"),
    parameter("pulmonary_venous_resistance"),
)
LA_R = parameter("left_atrial_inflow_resistance")
HEART_RATE, CONTRACTILITY = coupling("heart_rate"), coupling("contractility")
ALVEOLAR, PLEURAL = coupling("alveolar_pressure"), coupling("pleural_pressure")
P_ART, P_CVP, P_PA, P_PC = (
    coupling("arterial_pressure"),
    coupling("central_venous_pressure"),
    coupling("pulmonary_arterial_pressure"),
    coupling("pulmonary_capillary_pressure"),
)
P_WEDGE, P_LA, P_LV, P_RV = (
    coupling("wedge_pressure"),
    coupling("left_atrial_pressure"),
    coupling("left_ventricular_pressure"),
    coupling("right_ventricular_pressure"),
)
