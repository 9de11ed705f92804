"""What the circulation remembers, what makes one circulation differ from another, and what is done to it."""

from collections.abc import Mapping

from twinward.twins.patient.body.circulation.at_rest import at_rest
from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.person import Person

# Heldt T, Shim EB, Kamm RD, Mark RG 2002, J Appl Physiol 92:1239-1254, and Heldt's thesis (MIT 2004), tables of the
# 21-compartment circulation; several of its vessels are one here: compliances and volumes add, resistances are joined
# as they lie.
_HELDT = "Heldt 2004 (thesis), 21-compartment model"
_URSINO = "Ursino 1998, Am J Physiol 275:H1733-1747, Table 2"
_ALBANESE = "Albanese et al. 2016, Am J Physiol 310:H899-921, Table 1"
_ICRP = "Valentin 2002 (ICRP 89) as in the Pulse engine's validation data; resistance = pressure difference / flow"
_STERGIOPULOS = "Stergiopulos et al. 1999, Am J Physiol 276:H81-88, four-element windkessel of men"
# Ursino has 1.4e-3 on the right, which bounds its flow to 0.7 L/s and so the cardiac output to 12 L/min.
_AS_LEFT = "as the left ventricle"
_SIMAAN = "Simaan et al. 2009, IEEE Trans Control Syst Technol 17:217-233 (mitral valve)"
# 14 mmHg at 100 mL/s, of which about 40 % lie behind the capillaries (Cope 1992, Chest 102:1-8).
_GUYTON = "Guyton & Hall 2006: pulmonary vascular resistance 0.14 mmHg s/mL"
# With the other vessels 150 mL/mmHg, or 1.9 per kg; Heldt adds up to 1.5.
_ECHT = "Echt et al. 1974, Circ Res 34:61-68: 2.3 mL/mmHg per kg in man, all vessels"
_CHEMLA = "Chemla et al. 1998, Am J Physiol 274:H500-505"
_LANGEWOUTERS = "Langewouters 1984, J Biomech 17:425-435: thoracic aorta by age, middle by sex"
_CAVAL = "Albanese et al. 2016, Am J Physiol 310:H899-921, Table 2"
_SUN = "Sun et al. 1997, Am J Physiol 272:H1499-1515"
_CHOSEN = "what is left of the person's blood (Nadler 1962) at the resting pressures"

STATES = (
    State("left_atrium", "mL", "Blood in the left atrium", 46.0),
    State("left_ventricle", "mL", "Blood in the left ventricle", 120.0),
    State("aorta", "mL", "Blood in the aorta and large arteries", 676.0),
    State("arteries", "mL", "Blood in the arteries of arms and head", 233.0),
    State("systemic_veins", "mL", "Blood in venules and veins", 2900.0),
    State("vena_cava", "mL", "Blood in the great veins of the chest", 180.0),
    State("right_atrium", "mL", "Blood in the right atrium", 39.0),
    State("right_ventricle", "mL", "Blood in the right ventricle", 125.0),
    State("pulmonary_arteries", "mL", "Blood in the pulmonary arteries", 228.0),
    State("pulmonary_capillaries", "mL", "Blood in the pulmonary capillaries", 110.0),
    State("pulmonary_veins", "mL", "Blood in the pulmonary veins", 529.0),
    State("arterial_flow", "mL/s", "Flow from the aorta on", 93.0),
    State("heart_phase", "1", "Heart beats since the start", 0.0),
    State("cpr_phase", "1", "Chest compressions since the start", 0.0),
    State("baroreceptor_pressure", "mm[Hg]", "Arterial pressure as the baroreceptors feel it", 93.0),
    State("atrial_stretch", "mm[Hg]", "Transmural pressure of the right atrium, over some beats", 7.0),
    State("mean_arterial_pressure", "mm[Hg]", "Mean arterial pressure", 93.0),
    State("mean_cardiac_output", "mL/s", "Mean cardiac output", 93.0),
    State("mean_coronary_flow", "mL/s", "Coronary flow over some beats", 3.7333),
    State("cerebral_dilation", "1", "Dilation of the brain's vessels by lack of oxygen", 0.0),
    State("cerebral_carbon_dioxide", "1", "Dilation of the brain's vessels by carbon dioxide", 0.0),
    State("coronary_dilation", "1", "Dilation of the coronary vessels by lack of oxygen", 0.0),
    State("muscle_dilation", "1", "Dilation of the muscles' vessels by work", 0.0),
    State("renal_tone", "1", "Autoregulation of the renal arterioles, times at rest", 1.0),
    State("myocardial_supply", "1", "Oxygen the heart's muscle got of late, share of what it asked for", 1.0),
    State("pericardial_fluid", "mL", "Fluid in the pericardium", 0.0),
    State("fibrillation", "1", "Share of the heart's beat lost to ventricular fibrillation", 0.0),
    State("brain_swelling", "mL", "Volume added inside the skull", 0.0),
    State("bled", "mL", "Blood lost", 0.0, ledger=True),
    State("infused", "mL", "Fluid and blood infused", 0.0, ledger=True),
)

PARAMETERS = (
    Parameter("left_systolic_elastance", "mm[Hg]/mL", "Left ventricle, end-systolic elastance", 2.5, _HELDT),
    Parameter("left_diastolic_stiffness", "/mL", "Left ventricle, exponent of the filling curve", 0.014, _URSINO),
    Parameter("left_unstressed_volume", "mL", "Left ventricle, unstressed volume", 16.77, _URSINO),
    Parameter("right_systolic_elastance", "mm[Hg]/mL", "Right ventricle, end-systolic elastance", 1.3, _HELDT),
    Parameter("right_diastolic_stiffness", "/mL", "Right ventricle, exponent of the filling curve", 0.011, _URSINO),
    Parameter("right_unstressed_volume", "mL", "Right ventricle, unstressed volume", 40.8, _URSINO),
    Parameter("left_viscosity", "s/mL", "Left ventricle, internal resistance per pressure", 3.75e-4, _URSINO),
    Parameter("right_viscosity", "s/mL", "Right ventricle, internal resistance per pressure", 3.75e-4, _AS_LEFT),
    Parameter("mitral_resistance", "mm[Hg].s/mL", "Mitral valve", 0.005, _SIMAAN),
    Parameter("tricuspid_resistance", "mm[Hg].s/mL", "Tricuspid valve", 0.0025, _URSINO),
    Parameter("outflow_resistance", "mm[Hg].s/mL", "Aortic and pulmonary valve, each", 0.007, _HELDT),
    Parameter("filling_pressure_scale", "mm[Hg]", "Ventricles, scale of the filling curve", 1.5, _URSINO),
    Parameter("left_atrial_elastance", "mm[Hg]/mL", "Left atrium, diastolic elastance", 0.50, _HELDT),
    Parameter("left_atrial_systolic_elastance", "mm[Hg]/mL", "Left atrium, systolic elastance", 0.61, _HELDT),
    Parameter("left_atrial_unstressed_volume", "mL", "Left atrium, unstressed volume", 24.0, _HELDT),
    Parameter("right_atrial_elastance", "mm[Hg]/mL", "Right atrium, diastolic elastance", 0.30, _HELDT),
    Parameter("right_atrial_systolic_elastance", "mm[Hg]/mL", "Right atrium, systolic elastance", 0.74, _HELDT),
    Parameter("right_atrial_unstressed_volume", "mL", "Right atrium, unstressed volume", 14.0, _HELDT),
    Parameter("pericardial_volume", "mL", "Heart volume at which the pericardium presses with 1 mmHg", 380.0, _SUN),
    Parameter("pericardial_scale", "mL", "Volume that makes the pericardium press e times more", 40.0, _SUN),
    # Aorta and its large branches together 1.6: stroke volume over pulse pressure of healthy adults, 1.4 to 2.0
    # (Chemla 1998, de Simone 1999), of which 0.3 in the arteries of arms and head, where the pressure is measured.
    Parameter("aortic_compliance", "mL/mm[Hg]", "Aorta, compliance", 1.3, _CHEMLA),
    Parameter("aortic_unstressed_volume", "mL", "Aorta and large arteries, unstressed volume", 548.0, _HELDT),
    Parameter("aortic_middle_pressure", "mm[Hg]", "Aorta, pressure in the middle of its curve", 76.0 - 0.89 * 44.0,
              _LANGEWOUTERS),
    Parameter("aortic_pressure_width", "mm[Hg]", "Aorta, pressure over which its curve bends", 57.0 - 0.44 * 44.0,
              _LANGEWOUTERS),
    Parameter("arterial_compliance", "mL/mm[Hg]", "Arteries of arms and head, compliance", 0.3, _HELDT),
    Parameter("arterial_unstressed_volume", "mL", "Arteries of arms and head, unstressed volume", 205.0, _HELDT),
    Parameter("arterial_resistance", "mm[Hg].s/mL", "Aorta to the arteries of arms and head", 0.03, _STERGIOPULOS),
    Parameter("arterial_inertance", "mm[Hg].s2/mL", "Aorta to the arteries of arms and head", 0.005, _STERGIOPULOS),
    Parameter("venous_compliance", "mL/mm[Hg]", "Venules and veins, compliance", 120.0, _ECHT),
    Parameter("venous_unstressed_volume", "mL", "Venules and veins, unstressed volume", 2200.0, _CHOSEN),
    Parameter("venous_resistance", "mm[Hg].s/mL", "Veins to the great veins of the chest", 0.0112, _ALBANESE),
    Parameter("caval_compliance", "mL/mm[Hg]", "Great veins of the chest, compliance", 1.0 / 0.15, _CAVAL),
    Parameter("caval_unstressed_volume", "mL", "Great veins of the chest, unstressed volume", 130.0, _CAVAL),
    Parameter("caval_resistance", "mm[Hg].s/mL", "Great veins to the right atrium", 0.0137, _HELDT),
    Parameter("pulmonary_arterial_compliance", "mL/mm[Hg]", "Pulmonary arteries, compliance", 3.4, _HELDT),
    Parameter("pulmonary_arterial_unstressed_volume", "mL", "Pulmonary arteries, unstressed volume", 160.0, _HELDT),
    Parameter("pulmonary_arterial_resistance", "mm[Hg].s/mL", "Pulmonary arteries to capillaries", 0.079, _GUYTON),
    Parameter("pulmonary_capillary_compliance", "mL/mm[Hg]", "Pulmonary capillaries, compliance", 5.8, _ALBANESE),
    Parameter("pulmonary_capillary_unstressed_volume", "mL", "Pulmonary capillaries, unstressed volume", 50.0, _ICRP),
    Parameter("pulmonary_venous_resistance", "mm[Hg].s/mL", "Pulmonary capillaries to veins", 0.051, _GUYTON),
    Parameter("pulmonary_venous_compliance", "mL/mm[Hg]", "Pulmonary veins, compliance", 9.0, _HELDT),
    Parameter("pulmonary_venous_unstressed_volume", "mL", "Pulmonary veins, unstressed volume", 430.0, _HELDT),
    Parameter("left_atrial_inflow_resistance", "mm[Hg].s/mL", "Pulmonary veins to the left atrium", 0.006, _HELDT),
    Parameter("brain_resistance", "mm[Hg].s/mL", "Brain, vascular resistance", 83.0 / 11.2, _ICRP),
    Parameter("heart_resistance", "mm[Hg].s/mL", "Heart muscle, vascular resistance", 87.2 / 3.7333, _ICRP),
    Parameter("kidney_resistance", "mm[Hg].s/mL", "Kidneys, vascular resistance", 87.2 / 17.7333, _ICRP),
    Parameter("gut_resistance", "mm[Hg].s/mL", "Gut, liver and spleen, vascular resistance", 87.2 / 23.8, _ICRP),
    Parameter("muscle_resistance", "mm[Hg].s/mL", "Muscle, vascular resistance", 87.2 / 15.8667, _ICRP),
    Parameter("skin_resistance", "mm[Hg].s/mL", "Skin, fat, bone, the rest: vascular resistance", 87.2 / 20.7, _ICRP),
)  # fmt: skip

# mL/min: what the fastest infusion pumps give (Belmont Rapid Infuser), and about what a heart puts out at rest.
_FASTEST, _CARDIAC_OUTPUT = 1000.0, 6000.0

INPUTS = (
    Input("crystalloid_rate", "mL/min", "Crystalloid given into a vein", allowed=(0.0, _FASTEST)),
    Input("colloid_rate", "mL/min", "Colloid given into a vein", allowed=(0.0, _FASTEST)),
    Input("red_cells_rate", "mL/min", "Red cells given into a vein", allowed=(0.0, _FASTEST)),
    Input("bleeding_rate", "mL/min", "Bleeding at a given rate", allowed=(0.0, _CARDIAC_OUTPUT)),
    Input("tourniquet", "1", "Share of the bleeding stopped", 0.0, (0.0, 1.0)),
    Input("cpr_rate", "/min", "Chest compressions, rate", 0.0, (0.0, 200.0)),
    Input("cpr_depth", "cm", "Chest compressions, depth", 0.0, (0.0, 8.0)),
    Input("defibrillation", "1", "A shock has ended fibrillation", 0.0, (0.0, 1.0)),
    Input("pericardial_drainage", "mL/min", "Drainage of the pericardium", allowed=(0.0, _FASTEST)),
)


def of_person(person: Person) -> Mapping[str, float]:
    """Parameters, and states at rest, that differ from the reference person's."""
    curve = {
        "aortic_middle_pressure": (76.0 if person.male else 72.0) - 0.89 * person.age,
        "aortic_pressure_width": 57.0 - 0.44 * person.age,
    }
    return at_rest({one.name: one.value for one in PARAMETERS}, person) | curve
