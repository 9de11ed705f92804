"""What drugs do: groups of drugs with one action on one quantity, each with its greatest effect and slope."""

from twinward.twins.patient.body.drugs.drug import Group

_SU = "Su 2023, Br J Anaesth 131:222 (haemodynamics of propofol and remifentanil in volunteers)"
_BOUILLON_REMIFENTANIL = "Bouillon 2003, Anesthesiology 99:779: Hill 1.25, isolated from the response to CO2"
_BOUILLON_PROPOFOL = "Bouillon 2004, Anesthesiology 100:240: Hill 1.68"
_BIOGEARS = "BioGears substance data"
# BioGears gives changes of systolic and diastolic pressure: here the diastolic one is taken as resistance, the rest of
# the systolic one as contractility.
_PARTED = _BIOGEARS + "; diastolic change as resistance, the rest of the systolic one as contractility"
_STRATTON = "Stratton 1985, J Appl Physiol 58:1199: infusions of 25, 50, 100 ng/kg/min"
_BELOEIL = "Beloeil 2005, Br J Anaesth 95:782: +98.7 mmHg, slope 1.8; over a resting pressure of 93 mmHg"
_DOBUTAMINE = "Daly 1997, Am J Cardiol 79:1381 (concentrations)"

GROUPS: tuple[Group, ...] = (
    # consciousness: share of the awake bispectral index
    Group("hypnosis", "consciousness", -1.0, 1.47, "Eleveld 2018: 1.47 below, 1.89 above half effect; concentrations "
          "of propofol and opioids add (Bouillon 2004, Anesthesiology 100:1353), taken so for all", 1.89,
          sensitivity="hypnotic_sensitivity"),
    # ventilation
    Group("opioid_ventilation", "ventilatory_drive", -1.0, 1.25, _BOUILLON_REMIFENTANIL),
    Group("propofol_ventilation", "ventilatory_drive", -1.0, 1.68, _BOUILLON_PROPOFOL),
    Group("benzodiazepine_ventilation", "ventilatory_drive", -1.0, 1.0, _BIOGEARS + " (midazolam)"),
    Group("ketamine_ventilation", "ventilatory_drive", -0.5, 1.0, "Hamza 1989, Anesthesiology 70:422: response to CO2 "
          "-39 % five minutes after 2 mg/kg, in children; in adults less (Bourke 1987, Anesthesiology 66:153)"),
    Group("volatile_ventilation", "ventilatory_drive", -1.0, 2.3, "Lockhart 1991: see its potency"),
    Group("volatile_breathing", "breathing_rate", 6.8, 2.0, "Lockhart 1991, Anesthesiology 74:484: 15 breaths a minute "
          "awake, 32 at 1.66 MAC; found together with the drive that is left"),
    # muscles
    Group("curare", "neuromuscular_block", -1.0, 4.8, "Plaud 1995, Clin Pharmacol Ther 58:185"),
    Group("depolarising", "neuromuscular_block", -1.0, 6.4, "Torda 1997, Anaesth Intensive Care 25:272"),
    # heart and vessels: anaesthetics
    Group("propofol_resistance", "resistance", -0.778, 1.83, _SU),
    Group("propofol_heart", "contractility", -0.208, 1.0, _SU + ": stroke volume -0.154 exp(0.0333 (age - 35)), at 44"),
    Group("anaesthetic_baroreflex", "baroreflex", -0.8, 1.5,
          "Ebert 1992, Anesthesiology 76:725 and Muzi & Ebert 1995, 82:919: less than half at usual depths; chosen"),
    Group("heart_reflex", "heart_reflex", -0.9, 1.0, "the pulse does not quicken as pressure falls: propofol resets "
          "the reflex (Cullen 1987, Anesth Analg 66:1115), fentanyl excites vagal fibres to the heart and flattens the "
          "depressor test; size chosen"),
    Group("opioid_resistance", "resistance", -0.5, 1.0, _SU + ": loss of resistance up to doubled"),
    Group("opioid_heart", "contractility", -1.0, 1.0, _SU + ": loss of stroke volume + 0.058 per ug/L"),
    Group("opioid_heart_rate", "heart_rate", -1.0, 1.0, _SU + ": loss of heart rate + 0.033 per ug/L"),
    Group("benzodiazepine_resistance", "resistance", -0.25, 1.0, _PARTED),
    Group("benzodiazepine_heart", "contractility", -0.25, 1.0, _PARTED),
    Group("ketamine_heart_rate", "heart_rate", 0.25, 1.0, _BIOGEARS),
    Group("ketamine_resistance", "resistance", 0.1, 1.0, _PARTED),
    Group("ketamine_heart", "contractility", 0.3, 1.0, _PARTED),
    Group("ketamine_baroreflex", "baroreflex", -0.8, 1.0, "depressed: Slogoff & Allen 1974, Anesth Analg 53:704; size "
          "chosen"),
    Group("desflurane_heart_rate", "heart_rate", 0.4, 2.0, _BIOGEARS + "; its slope of 10 is softened to 2 (chosen)"),
    Group("volatile_resistance", "resistance", -0.8, 1.5,
          "Weiskopf 1991, Anesth Analg 73:143: about -40 % at 1 MAC; greatest effect and slope chosen"),
    Group("volatile_metabolism", "metabolic_rate", -0.2, 1.0, "general anaesthesia: about -15 to -20 %, chosen"),
    # heart and vessels: catecholamines and their antagonists
    Group("alpha_resistance", "resistance", 98.7 / 93.0, 1.8, _BELOEIL),
    Group("alpha_veins", "venous_volume", -0.1, 1.8, "Persichini 2012, Crit Care Med 40:3146: mobilises unstressed "
          "volume; size chosen"),
    Group("noradrenaline_heart", "contractility", 0.3, 1.8, "Monnet 2011, Crit Care Med 39:689: output +11 %; chosen"),
    Group("beta_resistance", "resistance", -0.63, 1.0, _STRATTON + ": -31, -48 %"),
    Group("beta_heart_rate", "heart_rate", 0.56, 1.0, _STRATTON + ": +8, +17 of 60 /min"),
    Group("beta_heart", "contractility", 1.0, 1.0, _STRATTON + ": ejection fraction + 0.16 with more pressure"),
    Group("beta_metabolism", "metabolic_rate", 0.5, 1.0, "Green 1992, Clin Sci 82:77 (dobutamine): +33 % at 10 "
          "ug/kg/min"),
    Group("dobutamine_heart_rate", "heart_rate", 0.9, 1.0, "Green 1992, Clin Sci 82:77: 59 to 92 /min at 10 ug/kg/min"),
    Group("dobutamine_heart", "contractility", 1.6, 1.0, "Vatner 1974, J Clin Invest 53:1265 (dogs): doubled; "
          + _DOBUTAMINE),
    Group("dobutamine_resistance", "resistance", -0.38, 1.0, "Vatner 1974: 0.042 to 0.028 at 40 ug/kg/min"),
    Group("vasopressin_resistance", "resistance", 1.0, 1.0, _BIOGEARS + " (vasopressin)"),
    Group("blocker_heart_rate", "heart_rate", -0.3, 1.0, "blockade of the sinus node's resting beta drive; chosen"),
    Group("blocker_heart", "contractility", -0.3, 1.0, "chosen as for the rate"),
    Group("amiodarone_heart_rate", "heart_rate", -0.25, 1.0, "label (10-20 % slower); chosen"),
    Group("amiodarone_resistance", "resistance", -0.2, 1.0, "label (hypotension in 16 %); chosen"),
    Group("antimuscarinic_heart_rate", "heart_rate", 0.7, 1.0, "Maciel 1985, Braz J Med Biol Res 18:303: 70 to 119 "
          "/min at 0.04 mg/kg"),
    Group("salbutamol_heart_rate", "heart_rate", 0.5, 1.0, "chosen; Morgan 1986, Br J Clin Pharmacol 22:587 (rises "
          "with concentration)"),
    Group("salbutamol_resistance", "resistance", -0.3, 1.0, "beta-2 vasodilation; chosen"),
    # airways, kidneys, pupils
    Group("bronchodilation", "airway_resistance", -0.7, 1.0, "what inflammation narrows stays; size chosen"),
    Group("loop_diuresis", "natriuresis", 19.0, 1.235, "fractional excretion from 1 to 20 % (Brater 1998, N Engl J Med "
          "339:387); slope from Chennavasin 1982: most efficient at 21.5 of 69.8 ug/min"),
    Group("opioid_pupil", "pupil", -0.6, 1.0, "pinpoint pupils: from 5 to 2 mm; chosen"),
    Group("antimuscarinic_pupil", "pupil", 0.5, 1.0, "from 5 to 7.5 mm at most; chosen"),
)  # fmt: skip
