"""The tables' experiments as settings of the body: who gets what when. Nothing here says what should follow.

Where a table leaves a dose or a setting open, the choice is named beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twinward.twins.patient.evidence.scenarios.segment import Segment as S

Experiment = Sequence[S]

# The anaesthesia machine of the tables: mask, 16 breaths a minute ("16 from machine setting"). The tables do not name
# pressures, oxygen and PEEP: the pressure that moves 7 mL/kg into healthy lungs, 30 % oxygen and 3 cmH2O are taken.
MACHINE = {"airway_device": 1.0, "ventilator_mode": 2.0, "ventilator_rate": 16.0, "ventilator_pressure": 6.0,
           "ventilator_fio2": 0.3, "ventilator_peep": 3.0, "circle_system": 1.0}  # fmt: skip
TUBE = MACHINE | {"airway_device": 2.0}
OFF = {"airway_device": 0.0, "ventilator_mode": 0.0}
AGAIN = {"airway_device": 2.0, "ventilator_mode": 2.0}  # with the rate and the oxygen that were set
PARALYSED = {"succinylcholine_central": 100.0}  # mg; 1.3 mg/kg, the usual dose for intubation


def _fault(name: str, levels: Sequence[float], segments: int) -> Experiment:
    """A paralysed patient on the machine with a fault that comes and goes."""
    steps = [S(0, give=PARALYSED), S(1, MACHINE | {name: levels[0]})]
    steps += [S(i + 2, {name: level}) for i, level in enumerate(levels[1:])]
    assert len(steps) == segments
    return steps


_COMES_AND_GOES = (0.0, 0.5, 0.0, 1.0, 0.0)

# Bleeding from the aorta, severity 4, of the tables' first experiments is looked at after 870 s as a loss with an
# almost held systolic pressure (class II): 1 L, 70 mL/min. Code 42640 for 600 s the same; 41630 for 1,000 s lets the
# systolic pressure fall (class III): 110 mL/min. Spleen and leg, severity 4 each: 60 mL/min each; severity 3: 45.
_AORTA, _FASTER, _SPLEEN, _LEG, _SPLEEN_REDUCED = 70.0, 110.0, 60.0, 60.0, 45.0


def _bled(first: int, fluid: str) -> Experiment:
    return [
        S(first, {"bleeding_rate": _AORTA}),
        S(first + 1, {"bleeding_rate": 0.0}),
        S(first + 2, {fluid: 100.0}, until=1320.0, after={fluid: 0.0}),
    ]


def _two_wounds(first: int, more: Sequence[S]) -> Experiment:
    return [
        S(first, {"bleeding_rate": _SPLEEN + _LEG}),
        S(first + 1, {"bleeding_rate": _SPLEEN_REDUCED + _LEG}),
        S(first + 2, {"bleeding_rate": _SPLEEN_REDUCED}),
        S(first + 3, {"bleeding_rate": 0.0}),
        *more,
    ]


def _saline(row: int, begin: float) -> S:
    return S(row, {"crystalloid_rate": 100.0}, until=begin + 300.0, after={"crystalloid_rate": 0.0})


# Exercise: intensity 1 is 1,200 W in the tables; the body's `exercise` is the share of the person's greatest oxygen
# uptake: 45, 90, 190, 430 W at 10.8 mL/min/W above rest (Poole et al. 2021: 10 mL/min/W), of 3.4 L/min. Its percentages
# are of rest, not of the half-recovered body before the next bout.
_WORK = (0.23, 0.37, 0.68, 1.0)


# A puff of 90 ug, of which the table wants about half (47 to 65 %) in the lungs, with its "spacer" up to 12 %.
_PUFF = 90.0
_DEPOSITED = 0.56 * _PUFF


def _puff(row: int, begin: float, sample: float, deposited: float) -> list[S]:
    """Out as far as it goes, in with the puff, hold the breath, breathe on."""
    return [
        S(None, {"breathing_manoeuvre": 1.0}, at=begin, sample=begin + 3.0),
        S(None, {"breathing_manoeuvre": 2.0}, {"salbutamol_airways": deposited}, at=begin + 3.0, sample=begin + 8.0),
        S(None, {"breathing_manoeuvre": 3.0}, at=begin + 8.0, sample=begin + 18.0),
        S(row, {"breathing_manoeuvre": 0.0}, at=begin + 18.0, sample=sample),
    ]


# Who lives for hours eats and drinks: 2.4 L of water, 150 mmol of sodium, 72 of potassium a day.
_FED = {"pulsatile": 0.0, "drinking_rate": 100.0, "sodium_intake": 6.25, "potassium_intake": 3.0}
# Who starves has neither food nor salt, and is given a litre of water a day.
_STARVED = {"pulsatile": 0.0, "drinking_rate": 1000.0 / 24.0}


def _rest(row: int) -> S:
    return S(row, {"exercise": 0.0})


PROTOCOL: Mapping[tuple[str, str], Sequence[Experiment]] = {
    ("AnesthesiaMachine", "Mask Leak"): [_fault("mask_leak", _COMES_AND_GOES, 6)],
    ("AnesthesiaMachine", "Expiratory Valve Leak"): [_fault("expiratory_valve_leak", _COMES_AND_GOES, 6)],
    ("AnesthesiaMachine", "Inspiratory Valve Leak"): [_fault("inspiratory_valve_leak", _COMES_AND_GOES, 6)],
    ("AnesthesiaMachine", "Expiratory Valve Obstruction"): [_fault("expiratory_valve_obstruction", _COMES_AND_GOES, 6)],
    ("AnesthesiaMachine", "Inspiratory Valve Obstruction"): [
        _fault("inspiratory_valve_obstruction", _COMES_AND_GOES, 6)
    ],
    ("AnesthesiaMachine", "Ventilator Pressure Loss"): [_fault("ventilator_pressure_loss", _COMES_AND_GOES, 6)],
    ("AnesthesiaMachine", "Soda Lime Failure"): [_fault("soda_lime_failure", _COMES_AND_GOES, 6)],
    ("AnesthesiaMachine", "Vaporizer Failure"): [
        [
            S(None, MACHINE, at=60.0, sample=61.0),  # a vaporizer is turned on at a machine that runs
            S(0, {"desflurane_inspired": 6.0, "vaporizer_failure": 1.0}),
            S(1, {"vaporizer_failure": 0.5}),
            S(2, {"vaporizer_failure": 0.0}),
        ]
    ],
    ("AnesthesiaMachine", "Oxygen Wall Pressure Loss"): [
        [
            S(0, give=PARALYSED),
            S(1, MACHINE),
            S(2, {"oxygen_supply_loss": 1.0}),
            S(3, {"oxygen_supply_loss": 0.0}),
            S(4, {"oxygen_supply_loss": 0.0}),
        ]
    ],
    ("AnesthesiaMachine", "Oxygen Tank Pressure Loss"): [
        [
            S(0, give=PARALYSED),
            S(1, MACHINE),
            S(2, {"oxygen_supply_loss": 1.0}),
            S(3, {"oxygen_supply_loss": 0.0}),
            S(4, {"oxygen_supply_loss": 1.0}),
            S(5, {"oxygen_supply_loss": 0.0}),
        ]
    ],
    ("Cardiovascular", "Cardiopulmonary Resuscitation (CPR)"): [
        [
            S(0, {"ventricular_fibrillation": 1.0}),
            S(1, {"cpr_rate": 80.0, "cpr_depth": 5.0}, sample=170.0),
            S(2, {"cpr_rate": 80.0, "cpr_depth": 5.0}, at=171.0, sample=200.0),
        ]
    ],
    ("Cardiovascular", "Heart Failure"): [
        # "Decrease 31 %" (ejection fraction): severity 0.5 of ours; the table's 20 s are given 5 minutes to settle.
        [S(0, {"systolic_heart_failure": 0.5}, at=0.0, sample=300.0)],
        [S(1, give={"furosemide_central": 40.0}, at=0.0, sample=1800.0)],
    ],
    ("Cardiovascular", "Hemorrhage"): [
        _bled(0, "red_cells_rate"),
        _bled(3, "crystalloid_rate"),
        [S(6, {"bleeding_rate": _AORTA}), S(7, {"bleeding_rate": 0.0})],
        [S(8, {"bleeding_rate": _FASTER})],
        _two_wounds(9, [_saline(13, 1070.0)]),
        _two_wounds(14, [S(18, give={"morphine_central": 10.0}, sample=1085.0), _saline(19, 1085.0)]),
    ],
    # a condition, there before the table looks at it: five minutes to settle, then its two
    ("Cardiovascular", "Pericardial Effusion"): [[S(0, {"tamponade": 0.5}, at=0.0, sample=420.0)]],
    ("Cardiovascular", "IV Fluid Administration"): [[_saline(0, 30.0)]],
    ("Cardiovascular", "Sinus Bradycardia"): [[S(0, {"sinus_bradycardia": 0.5}, at=0.0, sample=120.0)]],
    ("Cardiovascular", "Sinus Tachycardia"): [[S(0, {"sinus_tachycardia": 0.5}, at=0.0, sample=120.0)]],
    ("Cardiovascular", "Anemia"): [[S(0, {"anaemia": 0.3}, at=0.0, sample=600.0)]],
    ("Drugs", "Intravenous Administration"): [
        [S(0, give={"adrenaline_central": 10.0}, at=30.0, sample=75.0)],
        [S(1, give={"fentanyl_central": 300.0}, at=30.0, sample=600.0)],
        [S(2, give={"ketamine_central": 115.0}, at=30.0, sample=300.0)],
        [S(3, give={"midazolam_central": 5.0}, at=30.0, sample=210.0)],
        [S(4, {"morphine_rate": 2.75}, at=30.0, sample=5000.0, until=270.0, after={"morphine_rate": 0.0})],
        [
            S(None, give={"fentanyl_central": 300.0}, at=30.0, sample=290.0),
            S(5, give={"naloxone_central": 200.0}, at=300.0, sample=1000.0),
        ],
        [S(6, at=30.0, sample=100.0)],  # prednisone: nothing in the body answers to it within minutes
        [S(7, give={"propofol_central": 200.0}, at=30.0, sample=120.0)],
        [S(8, give={"rocuronium_central": 50.0}, at=30.0, sample=130.0)],
        [S(9, give={"succinylcholine_central": 77.0}, at=30.0, sample=100.0)],
        [
            # "0.04, 0.18 and 0.25 ug", each for 20 minutes: read as mU/kg/min for 77 kg, in U/min
            S(None, {"vasopressin_rate": 0.003}, at=30.0, sample=1200.0),
            S(10, {"vasopressin_rate": 0.014}, at=1230.0, sample=2430.0),
        ],
        [S(11, give={"salbutamol_central": 10.0}, at=30.0, sample=200.0)],
        [S(12, give={"furosemide_central": 40.0}, at=30.0, sample=1800.0)],
    ],
    ("Drugs", "Volatile Anesthetic-Desflurane"): [[S(0, {"desflurane_inspired": 6.0}, at=80.0, sample=1000.0)]],
    ("Drugs", "Morphine Intoxication"): [
        [S(0, {"morphine_rate": 2.75}, at=30.0, sample=5000.0, until=270.0, after={"morphine_rate": 0.0})],
        [S(1, {"morphine_rate": 8.2}, at=30.0, sample=7200.0, until=1470.0, after={"morphine_rate": 0.0})],
    ],
    ("Drugs", "Nerve Gas:  Sarin"): [
        # severity = inhibited share of the enzyme as the table states it
        [S(0, {"nerve_agent": 0.2}, at=30.0, sample=1200.0)],
        [S(1, {"nerve_agent": 0.45}, at=30.0, sample=1100.0)],
        [S(2, {"nerve_agent": 0.45}, at=30.0, sample=2700.0)],
        [S(3, {"nerve_agent": 0.78}, at=30.0, sample=1500.0)],
        [S(4, {"nerve_agent": 1.0}, at=30.0, sample=1050.0)],
        [
            S(5, {"nerve_agent": 0.78}, at=30.0, sample=1520.0),
            S(6, give={"pralidoxime_central": 1155.0}, at=1530.0, sample=2430.0),
        ],
        [
            S(7, {"nerve_agent": 0.78}, at=30.0, sample=1520.0),
            S(8, give={"atropine_central": 4.0}, at=1530.0, sample=2430.0),
        ],
    ],
    ("Endocrine", "Acute Stress"): [
        [
            S(0, {"acute_stress": 0.4}),
            S(1, {"acute_stress": 0.0}),
            S(2, {"acute_stress": 0.8}),
            S(3, {"acute_stress": 0.0}),
            S(4, {"acute_stress": 1.0}),
        ]
    ],
    ("Energy", "Exercise"): [
        [
            S(0, {"exercise": _WORK[0]}),
            _rest(1),
            S(2, {"exercise": _WORK[1]}, from_rest=True),
            _rest(3),
            S(4, {"exercise": _WORK[2]}, from_rest=True),
            _rest(5),
            S(6, {"exercise": _WORK[3]}, from_rest=True),
            _rest(7),
        ]
    ],
    ("Energy", "Cold Water Submersion"): [
        [
            S(0, {"ambient_temperature": 5.0, "immersion": 1.0}),
            S(1, {"ambient_temperature": 22.0, "immersion": 0.0}),
            # the table's 480 s cannot be its beginning: it is judged at 5,450 s, twenty minutes after 4,250 s
            S(2, {"heating": 293.0}, at=4251.0, sample=5450.0),  # 1,000 BTU/h in W
        ]
    ],
    ("Energy", "High Altitude Change"): [[S(0, {"ambient_pressure": 525.0}, at=50.0, sample=950.0)]],  # 70 kPa in mmHg
    ("Energy", "Starvation"): [[S(0, _STARVED, at=0.0, sample=72.0 * 3600.0)]],
    ("Environment", "Carbon Monoxide"): [
        [
            S(None, {"ambient_carbon_monoxide": 200e-6}, at=5.0, sample=6.0),
            S(1, at=7.0, sample=605.0),
            S(2, at=606.0, sample=1805.0),
            S(3, at=1806.0, sample=3605.0),
            S(4, at=3606.0, sample=12005.0),
        ],
        [
            S(None, {"ambient_carbon_monoxide": 5000e-6}, at=5.0, sample=6.0),
            S(6, at=7.0, sample=3605.0),
            S(7, at=3606.0, sample=7205.0),
        ],
    ],
    # Smoke of a forest fire is played as far as the body knows it, by its carbon monoxide: 50 ppm, which OSHA permits
    # over a day's work (29 CFR 1910.1000, table Z-1); a choice.
    ("Environment", "Forest Fire Fighter"): [
        [
            S(0, {"ambient_carbon_monoxide": 50e-6}, at=10.0, sample=240.0),
            S(1, at=250.0, sample=310.0),
        ]
    ],
    ("Inhaler", "Single Actuation with Correct Use"): [_puff(3, 30.0, 180.0, _DEPOSITED)],
    ("Inhaler", "With Spacer"): [_puff(3, 30.0, 180.0, 0.06 * _PUFF)],
    ("Inhaler", "Two Actuations"): [[*_puff(3, 30.0, 85.0, _DEPOSITED), *_puff(7, 85.0, 235.0, _DEPOSITED)]],
    ("Nervous", "Baroreceptor Reflex"): [
        # a tenth of the blood volume within 30 s
        [S(0, {"bleeding_rate": 1045.0}, at=0.0, sample=325.0, until=30.0, after={"bleeding_rate": 0.0})]
    ],
    ("Nervous", "Brain Injury"): [
        [
            S(0, {"brain_injury": 0.2}),
            S(1, {"brain_injury": 0.0}),
            S(2, {"brain_injury": 0.75}),
            S(3, {"brain_injury": 0.0}),
            S(4, {"brain_injury": 1.0}),
        ]
    ],
    ("Renal", "Hemorrhage - Action"): [
        [S(0, {"bleeding_rate": 100.0}), S(1, {"bleeding_rate": 0.0})],
        # 150 mL/min for 1,800 s would be 4.5 L: the rate is halved, so that the second experiment can be lived through
        [S(2, {"bleeding_rate": 75.0}), S(3, {"bleeding_rate": 0.0})],
    ],
    ("Renal", "High Altitude - Action"): [[S(0, {"ambient_pressure": 525.0}, at=50.0, sample=900.0)]],
    ("Renal", "Salt Ingestion - Action"): [
        [S(0, give={"gut_water": 1000.0, "gut_sodium": 1711.0}, at=1.0, sample=7200.0)]  # 100 g of NaCl in mmol
    ],
    ("Renal", "Water Ingestion - Action"): [[S(0, give={"gut_water": 1000.0}, at=1.0, sample=3600.0)]],
    ("Renal", "Starvation"): [[S(0, _STARVED, at=0.0, sample=96.0 * 3600.0)]],
    ("Renal", "Renal Stenosis - Condition"): [
        # a stenosis is a condition of weeks: it is given eight hours of averaged beats, with a day's water and salt
        [S(0, {"left_renal_artery_stenosis": 0.6} | _FED, at=0.0, sample=28800.0)],
        [
            S(
                1,
                {"left_renal_artery_stenosis": 0.9, "right_renal_artery_stenosis": 0.9} | _FED,
                at=0.0,
                sample=28800.0,
            )
        ],
    ],
    ("Respiratory", "COPD"): [
        [S(0, {"copd": 0.7}, at=0.0, sample=600.0)],
        [S(1, {"copd": 0.65}, at=0.0, sample=600.0)],
    ],
    ("Respiratory", "Lobar Pneumonia"): [
        # severity 0.7 of half the left lung, of two thirds of the right, 0.2 of both; a pneumonia is there for hours
        [S(0, {"left_pneumonia": 0.35}, at=0.0, sample=7200.0)],
        [S(1, {"right_pneumonia": 0.47}, at=0.0, sample=7200.0)],
        [S(2, {"left_pneumonia": 0.2, "right_pneumonia": 0.2}, at=0.0, sample=7200.0)],
    ],
    ("Respiratory", "Acute Respiratory Distress"): [
        # this table's times are minutes
        [
            S(0, {"ards": 0.5}, at=1.0, sample=600.0),
            S(1, {"ards": 0.0}, at=601.0, sample=1790.0),
            S(2, {"ards": 0.75}, at=1800.0, sample=2390.0),
            S(3, {"ards": 0.0}, at=2400.0, sample=3590.0),
            S(4, {"ards": 1.0}, at=3600.0, sample=4190.0),
            S(5, {"ards": 0.0}, at=4200.0, sample=5400.0),
        ],
        [
            S(6, {"ards": 0.75}, at=1.0, sample=1790.0),
            S(7, {"propofol_rate": 11.0}, {"propofol_central": 139.0}, at=1800.0, sample=1970.0),
            S(8, TUBE | {"ventilator_rate": 12.0, "ventilator_peep": 1.0}, at=1980.0, sample=2900.0),
        ],
    ],
    ("Respiratory", "Airway Obstruction"): [
        [S(0, {"airway_obstruction": 0.3}, at=30.0, sample=180.0)],
        [S(1, {"airway_obstruction": 0.6}, at=30.0, sample=180.0)],
        [S(2, {"airway_obstruction": 1.0}, at=30.0, sample=180.0)],
    ],
    ("Respiratory", "Bronchoconstriction"): [
        [S(0, {"bronchoconstriction": 0.3}, at=30.0, sample=180.0)],
        [S(1, {"bronchoconstriction": 0.6}, at=30.0, sample=180.0)],
        [S(2, {"bronchoconstriction": 1.0}, at=30.0, sample=180.0)],
    ],
    ("Respiratory", "Pneumothorax"): [
        [
            S(0, {"left_open_chest_wound": 0.0}, at=1.0, sample=15.0),
            S(1, {"left_open_chest_wound": 0.3}),
            S(2, {"left_open_chest_wound": 0.6}),
            S(3, {"left_open_chest_wound": 1.0}),
            S(4, {"left_occlusive_dressing": 1.0}),
            S(5, {"left_needle_decompression": 1.0}),
        ],
        [
            S(6, {"right_pneumothorax": 0.0}, at=1.0, sample=15.0),
            S(7, {"right_pneumothorax": 0.3}),
            S(8, {"right_pneumothorax": 0.6}),
            S(9, {"right_pneumothorax": 1.0}),
            S(10, {"right_needle_decompression": 1.0}),
        ],
        [
            S(11, {"left_open_chest_wound": 0.5, "right_pneumothorax": 0.5}),
            S(12, {"left_occlusive_dressing": 1.0}),
            S(13, {"left_needle_decompression": 1.0}),
            S(14, {"right_needle_decompression": 1.0}),
        ],
    ],
    ("Respiratory", "Mainstem Intubation"): [
        [
            S(0, give={"succinylcholine_central": 96.4}),
            S(1, TUBE | {"airway_device": 3.0}),
            S(2, {"airway_device": 2.0}),
            S(3, {"airway_device": 4.0}),
            S(4, {"airway_device": 2.0}),
        ]
    ],
    ("Respiratory", "Esophageal Intubation"): [
        [
            S(0, give={"succinylcholine_central": 96.4}, sample=58.0),
            S(1, TUBE | {"airway_device": 5.0}),
            S(2, {"airway_device": 2.0}),
        ]
    ],
    ("Respiratory", "Asthma"): [
        [S(0, {"asthma": 0.3}), S(1, {"asthma": 0.0})],
        [S(2, {"asthma": 0.7}), S(3, {"asthma": 0.0})],
        [S(4, {"asthma": 0.9}), S(5, {"asthma": 0.0})],
    ],
    ("Respiratory", "Apnea"): [
        [
            S(0, {"apnoea": 0.3}),
            S(1, {"apnoea": 0.0}),
            S(2, {"apnoea": 0.6}),
            S(3, {"apnoea": 0.0}),
            S(4, {"apnoea": 1.0}),
            S(5, {"apnoea": 0.0}),
        ]
    ],
    ("System", "Cynthia"): [
        [
            S(0, give={"midazolam_central": 3.0}),
            S(1, {"airway_obstruction": 1.0}),
            S(2, MACHINE),
            S(3, {"airway_obstruction": 0.0}, {"ketamine_central": 30.0}),
            S(4, give={"rocuronium_central": 62.0}),
            S(5, {"airway_device": 2.0}),
        ]
    ],
    ("System", "Gus"): [
        [
            S(0, MACHINE | {"ventilator_rate": 10.0, "ventilator_fio2": 1.0}),
            S(1, OFF, {"succinylcholine_central": 100.0}),
            S(2, AGAIN | {"airway_device": 5.0}),
            S(3, {"airway_device": 2.0}),
        ]
    ],
    ("System", "Hassan"): [
        [
            S(0, MACHINE | {"ventilator_rate": 10.0, "ventilator_fio2": 1.0}),
            S(1, OFF, {"ketamine_central": 168.0}),
            S(2, give={"succinylcholine_central": 115.0}),
            S(3, AGAIN | {"airway_device": 3.0}),
            S(4, {"airway_device": 2.0}),
        ]
    ],
    ("System", "Joel"): [
        [
            S(0, {"airway_obstruction": 1.0}),
            S(1, {"airway_obstruction": 0.0}),
            S(2, MACHINE | {"ventilator_fio2": 1.0}),
            S(3, OFF, {"ketamine_central": 27.0}),
            S(4, give={"succinylcholine_central": 115.0}),
            S(5, AGAIN),
        ]
    ],
    ("System", "Nathan"): [
        [
            S(0, give={"fentanyl_central": 150.0}),
            S(1, MACHINE | {"ventilator_rate": 10.0}),
            S(2, {"oxygen_supply_loss": 1.0}),
            S(3, {"oxygen_supply_loss": 0.0}),
        ]
    ],
    ("Tissue", "Dehydration"): [[S(0, {"dehydration": 0.5}, at=0.0, sample=600.0)]],
}
