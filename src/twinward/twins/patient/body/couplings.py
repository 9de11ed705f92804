"""What the parts of the body tell each other within one evaluation, in the order in which it is written.

Pressures are in mmHg relative to the atmosphere, flows in mL/s, volumes in mL, gas volumes in mL STPD, contents in mL
STPD per mL of blood. A part may read what is written before it; of what is written later it may read the states alone.
"""

from twinward.twins.patient.body.declare import Coupling

_BEDS = {"brain": "Brain", "heart": "Heart muscle", "kidney": "Kidneys", "gut": "Gut, liver and spleen",
         "muscle": "Muscle", "skin": "Skin, fat, bone and the rest"}  # fmt: skip
BEDS = tuple(_BEDS)

COUPLINGS = (
    # 0 circulation: how much blood is where
    Coupling("blood_volume", "mL", "Blood volume", "circulation"),
    Coupling("arterial_blood_volume", "mL", "Blood from the pulmonary veins to the arterioles", "circulation"),
    Coupling("venous_blood_volume", "mL", "Blood from the venules to the pulmonary arteries", "circulation"),
    Coupling("pulmonary_capillary_volume", "mL", "Blood in the pulmonary capillaries", "circulation"),
    # 1 drugs: what the concentrations at the effect sites do; multipliers are 1 where nothing was given
    Coupling("drug_heart_rate", "1", "Heart rate, times by drugs", "drugs"),
    Coupling("drug_contractility", "1", "Contractility, times by drugs", "drugs"),
    Coupling("drug_resistance", "1", "Systemic vascular resistance, times by drugs", "drugs"),
    Coupling("drug_venous_volume", "1", "Unstressed venous volume, times by drugs", "drugs"),
    Coupling("drug_pulmonary_resistance", "1", "Pulmonary vascular resistance, times by drugs", "drugs"),
    Coupling("drug_baroreflex", "1", "Gain of the baroreflex, times by drugs", "drugs"),
    Coupling("drug_ventilatory_drive", "1", "Ventilatory drive, times by drugs", "drugs"),
    Coupling("drug_neuromuscular_block", "1", "Share of the respiratory muscles' force lost to drugs", "drugs"),
    Coupling("drug_airway_resistance", "1", "Airway resistance, times by drugs", "drugs"),
    Coupling("drug_natriuresis", "1", "Fractional excretion of sodium and water, times by drugs", "drugs"),
    Coupling("drug_consciousness", "1", "Consciousness left by drugs, 0 to 1", "drugs"),
    Coupling("drug_metabolic_rate", "1", "Metabolic rate, times by drugs", "drugs"),
    Coupling("drug_pupil", "1", "Pupil diameter, times by drugs", "drugs"),
    # 2 metabolism: what the tissues ask for
    Coupling("core_temperature", "Cel", "Core temperature", "metabolism"),
    Coupling("skin_temperature", "Cel", "Skin temperature", "metabolism"),
    Coupling("metabolic_rate", "1", "Metabolic rate, times at rest", "metabolism"),
    Coupling("muscle_work", "1", "Exercise, share of the greatest", "metabolism"),
    Coupling("oxygen_demand", "mL/s", "Oxygen the tissues ask for", "metabolism"),
    Coupling("carbon_dioxide_production", "mL/s", "Carbon dioxide the tissues make", "metabolism"),
    # 3 respiration: gases in blood
    Coupling("haemoglobin", "g/dL", "Haemoglobin", "respiration"),
    Coupling("arterial_po2", "mm[Hg]", "PaO2", "respiration"),
    Coupling("arterial_pco2", "mm[Hg]", "PaCO2", "respiration"),
    Coupling("arterial_ph", "[pH]", "Arterial pH", "respiration"),
    Coupling("arterial_so2", "1", "Arterial oxygen saturation", "respiration"),
    Coupling("arterial_bicarbonate", "mmol/L", "Arterial bicarbonate", "respiration"),
    Coupling("arterial_o2_content", "mL/mL", "Arterial oxygen content", "respiration"),
    Coupling("venous_po2", "mm[Hg]", "Mixed venous PO2", "respiration"),
    Coupling("venous_pco2", "mm[Hg]", "Mixed venous PCO2", "respiration"),
    Coupling("venous_so2", "1", "Mixed venous oxygen saturation", "respiration"),
    Coupling("brain_po2", "mm[Hg]", "PO2 of the brain's tissue", "respiration"),
    Coupling("brain_pco2", "mm[Hg]", "PCO2 of the brain's tissue", "respiration"),
    Coupling("heart_po2", "mm[Hg]", "PO2 of the heart's muscle", "respiration"),
    # 4 reflexes: what the nerves do with heart and vessels; multipliers are 1 at rest
    Coupling("sympathetic", "1", "Sympathetic activity, times at rest", "reflexes"),
    Coupling("heart_rate", "/min", "Heart rate", "reflexes"),
    Coupling("contractility", "1", "Contractility, times at rest", "reflexes"),
    Coupling("resistance", "1", "Tone of the systemic arterioles, times at rest", "reflexes"),
    Coupling("venous_volume", "1", "Unstressed venous volume, times at rest", "reflexes"),
    # 5 respiration: breathing and the ventilator
    Coupling("respiratory_rate", "/min", "Respiratory rate", "respiration"),
    Coupling("tidal_volume", "mL", "Tidal volume, as the drive or the machine makes it now", "respiration"),
    Coupling("minute_ventilation", "mL/s", "Ventilation of the airway, averaged over breaths", "respiration"),
    Coupling("alveolar_ventilation", "mL/s", "Ventilation of the alveoli, averaged over breaths", "respiration"),
    Coupling("pleural_pressure", "mm[Hg]", "Pleural pressure", "respiration"),
    Coupling("alveolar_pressure", "mm[Hg]", "Alveolar pressure", "respiration"),
    Coupling("airway_pressure", "cm[H2O]", "Airway pressure", "respiration"),
    Coupling("airflow", "mL/s", "Flow into the airway", "respiration"),
    Coupling("lung_volume", "mL", "Gas in the lungs", "respiration"),
    Coupling("pulmonary_resistance", "1", "Pulmonary vascular resistance by hypoxia and lung volume, times at rest",
             "respiration"),
    Coupling("shunt", "1", "Share of the lung's blood flow past unventilated alveoli", "respiration"),
    # 6 circulation
    Coupling("arterial_pressure", "mm[Hg]", "Arterial pressure", "circulation"),
    Coupling("central_venous_pressure", "mm[Hg]", "Central venous pressure", "circulation"),
    Coupling("pulmonary_arterial_pressure", "mm[Hg]", "Pulmonary arterial pressure", "circulation"),
    Coupling("pulmonary_capillary_pressure", "mm[Hg]", "Pulmonary capillary pressure", "circulation"),
    Coupling("wedge_pressure", "mm[Hg]", "Pulmonary capillary wedge pressure", "circulation"),
    Coupling("left_atrial_pressure", "mm[Hg]", "Left atrial pressure", "circulation"),
    Coupling("left_ventricular_pressure", "mm[Hg]", "Left ventricular pressure", "circulation"),
    Coupling("right_ventricular_pressure", "mm[Hg]", "Right ventricular pressure", "circulation"),
    Coupling("capillary_pressure", "mm[Hg]", "Systemic capillary pressure", "circulation"),
    Coupling("systolic_pressure", "mm[Hg]", "Systolic pressure; of the beat-averaged heart alone", "circulation"),
    Coupling("diastolic_pressure", "mm[Hg]", "Diastolic pressure; of the beat-averaged heart alone", "circulation"),
    Coupling("stroke_volume", "mL", "Stroke volume; of the beat-averaged heart alone", "circulation"),
    Coupling("cardiac_output", "mL/s", "Flow out of the left ventricle", "circulation"),
    Coupling("right_output", "mL/s", "Flow out of the right ventricle", "circulation"),
    Coupling("pulmonary_capillary_flow", "mL/s", "Flow from the pulmonary arteries into capillaries", "circulation"),
    Coupling("pulmonary_venous_flow", "mL/s", "Flow from the pulmonary capillaries into veins", "circulation"),
    *(Coupling(f"{bed}_flow", "mL/s", f"Blood flow: {label.lower()}", "circulation") for bed, label in _BEDS.items()),
    Coupling("bleeding", "mL/s", "Blood lost", "circulation"),
    Coupling("intracranial_pressure", "mm[Hg]", "Intracranial pressure", "circulation"),
    Coupling("coronary_supply", "1", "Oxygen the heart's muscle gets, share of what it asks for", "circulation"),
    # 7 respiration: gas exchange
    Coupling("alveolar_po2", "mm[Hg]", "Alveolar PO2", "respiration"),
    Coupling("alveolar_pco2", "mm[Hg]", "Alveolar PCO2", "respiration"),
    Coupling("airway_pco2", "mm[Hg]", "PCO2 at the airway (capnogram)", "respiration"),
    Coupling("end_tidal_pco2", "mm[Hg]", "End-tidal PCO2", "respiration"),
    Coupling("oxygen_uptake", "mL/s", "Oxygen from the alveoli into blood", "respiration"),
    Coupling("carbon_dioxide_output", "mL/s", "Carbon dioxide from blood into the alveoli", "respiration"),
    Coupling("oxygen_consumption", "mL/s", "Oxygen the tissues use", "respiration"),
    Coupling("oxygen_deficit", "mL/s", "Oxygen the tissues ask for and do not get", "respiration"),
    # 8 fluids: capillaries, kidneys, electrolytes
    Coupling("filtration", "mL/s", "Net flow from blood into the interstitium", "fluids"),
    Coupling("glomerular_filtration_rate", "mL/s", "Glomerular filtration rate", "fluids"),
    Coupling("urine_flow", "mL/s", "Urine flow", "fluids"),
    Coupling("sodium", "mmol/L", "Sodium in plasma", "fluids"),
    Coupling("potassium", "mmol/L", "Potassium in plasma", "fluids"),
    Coupling("haematocrit", "1", "Haematocrit", "fluids"),
    Coupling("creatinine", "mg/dL", "Creatinine in plasma", "fluids"),
    Coupling("sodium_excretion", "mmol/s", "Sodium in urine", "fluids"),
    Coupling("body_weight", "kg", "Body weight", "fluids"),
    # 9 metabolism: fuel
    Coupling("glucose", "mg/dL", "Glucose in plasma", "metabolism"),
    Coupling("insulin", "u[IU]/mL", "Insulin in plasma", "metabolism"),
    Coupling("lactate", "mmol/L", "Lactate in blood", "metabolism"),
    Coupling("ketones", "mmol/L", "Ketones in blood", "metabolism"),
)  # fmt: skip
