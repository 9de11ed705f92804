"""What can befall the body, each with a severity from 0 (changes nothing) to 1.

A condition has no script: each part reads the severities that concern it and changes what the illness changes there (a
resistance, a leak, a lost muscle). Signs arise from the whole.
"""

from twinward.twins.patient.body.declare import severity

CONDITIONS = (
    severity("haemorrhage", "Haemorrhage"),
    severity("tamponade", "Pericardial effusion with tamponade"),
    severity("sepsis", "Sepsis"),
    severity("anaphylaxis", "Anaphylaxis"),
    severity("systolic_heart_failure", "Heart failure, systolic"),
    severity("diastolic_heart_failure", "Heart failure, diastolic"),
    severity("myocardial_infarction", "Myocardial infarction"),
    severity("sinus_bradycardia", "Sinus bradycardia"),
    severity("sinus_tachycardia", "Sinus tachycardia"),
    severity("atrial_fibrillation", "Atrial fibrillation"),
    severity("ventricular_fibrillation", "Ventricular fibrillation"),
    severity("pulmonary_embolism", "Pulmonary embolism"),
    severity("brain_injury", "Brain injury with swelling"),
    severity("acute_stress", "Acute stress"),
    severity("left_pneumothorax", "Pneumothorax, left, with a valve (tension)"),
    severity("right_pneumothorax", "Pneumothorax, right, with a valve (tension)"),
    severity("left_open_chest_wound", "Open chest wound, left"),
    severity("right_open_chest_wound", "Open chest wound, right"),
    severity("asthma", "Acute asthma"),
    severity("bronchoconstriction", "Bronchoconstriction"),
    severity("copd", "Chronic obstructive pulmonary disease"),
    severity("ards", "Acute respiratory distress syndrome"),
    severity("left_pneumonia", "Pneumonia, left"),
    severity("right_pneumonia", "Pneumonia, right"),
    severity("airway_obstruction", "Airway obstruction"),
    severity("apnoea", "Apnoea: lost drive to breathe"),
    severity("opioid_overdose", "Opioid overdose"),
    severity("nerve_agent", "Nerve agent (inhibited acetylcholinesterase)"),
    severity("diabetic_ketoacidosis", "Diabetic ketoacidosis (lost insulin secretion)"),
    severity("hypoglycaemia", "Hypoglycaemia (too much insulin)"),
    severity("burns", "Burns (share of the body surface)"),
    severity("acute_kidney_injury", "Acute kidney injury"),
    severity("left_renal_artery_stenosis", "Renal artery stenosis, left"),
    severity("right_renal_artery_stenosis", "Renal artery stenosis, right"),
    severity("anaemia", "Anaemia"),
    severity("dehydration", "Dehydration (1: a tenth of the body weight)"),
)
