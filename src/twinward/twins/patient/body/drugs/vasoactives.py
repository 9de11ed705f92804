"""Drugs on heart and vessels: catecholamines, vasopressin, phenylephrine, esmolol, amiodarone."""

import math

from twinward.twins.patient.body.drugs.drug import Drug, Kinetics, Potency, from_rates
from twinward.twins.patient.body.person import Person

_STRATTON = "Stratton 1985, J Appl Physiol 58:1199: with the clearance here"
_GREEN = "Green 1992, Clin Sci 82:77, at 135 ug/L (10 ug/kg/min)"
_VOLZ = "Volz-Zang 1994, Eur J Clin Pharmacol 46:399: 113 ug/kg/min, by the clearance here"
ESMOLOL_DOUBLES = 0.396


def _noradrenaline(person: Person) -> Kinetics:
    # 3 L/min and a half-life of 2 min at a SAPS II of 20; group, sex and weight do not matter.
    return Kinetics(3.0 * 2.0 / math.log(2.0), 3.0, ke0=2.0)


def _adrenaline(person: Person) -> Kinetics:
    # 127 L/h (weight / 70)^0.60 (SAPS II / 50)^-0.67, half-life 3.5 min at 50; here at a SAPS II of 20.
    typical = 127.0 / 60.0
    size = (person.weight / 70.0) ** 0.60
    return Kinetics(typical * 3.5 / math.log(2.0), typical * size * (20.0 / 50.0) ** -0.67, ke0=2.0)


def _vasopressin(person: Person) -> Kinetics:
    # 140 mL/kg and a half-life of 10 min.
    return Kinetics(0.140 * person.weight, 0.140 * person.weight * math.log(2.0) / 10.0, ke0=1.0)


def _phenylephrine(person: Person) -> Kinetics:
    # The two compartments with half-lives of 5 min and 2.5 h, 2.1 L/min of clearance and, at steady state, 340 L.
    size = person.weight / 70.0
    return Kinetics(53.1 * size, 2.1 * size, 286.9 * size, 4.65 * size, ke0=1.0)


def _dobutamine(person: Person) -> Kinetics:
    # 403 ug/L at 30 ug/kg/min; half-life 2 min.
    clearance = 30.0 / 403.0 * person.weight
    return Kinetics(clearance * 2.0 / math.log(2.0), clearance, ke0=1.0)


def _esmolol(person: Person) -> Kinetics:
    # 285 mL/min/kg, half-lives of 2.03 and 9.19 min, a quarter of 3.43 L/kg in the central compartment.
    volume = 3.43 / 4.0
    k10, fast, slow = 0.285 / volume, math.log(2.0) / 2.03, math.log(2.0) / 9.19
    k21 = fast * slow / k10
    return from_rates(volume * person.weight, k10, fast + slow - k10 - k21, k21, ke0=1.0)


def _amiodarone(person: Person) -> Kinetics:
    kg = person.weight
    return Kinetics(0.30 * kg, 0.22 / 60.0 * kg, 10.0 * kg, 0.71 / 60.0 * kg, ke0=0.1)


VASOACTIVES = (
    Drug("noradrenaline", "Noradrenaline", "ug", _noradrenaline, "Beloeil 2005, Br J Anaesth 95:782; ke0 chosen", (
        Potency("alpha_resistance", 8.0, "BioGears substance data (slope of Beloeil 2005)"),
        Potency("alpha_veins", 8.0, "as for resistance"), Potency("noradrenaline_heart", 8.0, "as for resistance",
                                                                  "esmolol")),
        (4.0, 20.0), (2.0, 40.0), (100.0, 200.0)),
    Drug("adrenaline", "Adrenaline", "ug", _adrenaline, "Abboud 2009, Crit Care 13:R120; ke0 chosen", (
        Potency("alpha_resistance", 8.0, "equipotent with noradrenaline; chosen"),
        Potency("alpha_veins", 8.0, "as for resistance"), Potency("beta_resistance", 1.0, _STRATTON),
        Potency("beta_heart_rate", 2.0, _STRATTON, "esmolol"), Potency("beta_heart", 2.0, "as for the rate", "esmolol"),
        Potency("beta_metabolism", 2.0, "as for the rate; chosen"),
        Potency("bronchodilation", 0.9, "BioGears substance data")),
        (5.0, 1000.0), (1.0, 30.0), (5000.0, 200.0)),
    Drug("vasopressin", "Vasopressin", "[U]", _vasopressin, "label of Vasostrict; ke0 chosen", (
        Potency("vasopressin_resistance", 0.3 / 1.89, "BioGears substance data, 0.3 ug/L; 530 U are 1 mg"),),
        (0.5, 2.0), (0.01, 0.06), (40.0, 0.5)),
    Drug("phenylephrine", "Phenylephrine", "ug", _phenylephrine, "label; Hengstmann 1982, Eur J Clin Pharmacol 21:335; "
         "ke0 chosen", (
        Potency("alpha_resistance", 13.1 * 8.0 * 8.66 / 53.1, "a bolus of noradrenaline is 13.1 times as potent: Ngan "
                "Kee 2017, Anesthesiology 127:934; by the central volumes"),
        Potency("alpha_veins", 13.1 * 8.0 * 8.66 / 53.1, "as for resistance")),
        (50.0, 200.0), (20.0, 180.0), (1000.0, 500.0)),
    Drug("dobutamine", "Dobutamine", "ug", _dobutamine, "Daly 1997, Am J Cardiol 79:1381; half-life: label; ke0 chosen",
         (Potency("dobutamine_heart_rate", 80.0, _GREEN, "esmolol"),
          Potency("dobutamine_heart", 80.0, "Vatner 1974: doubled at 10 ug/kg/min", "esmolol"),
          Potency("dobutamine_resistance", 80.0, "Vatner 1974"), Potency("beta_metabolism", 70.0, _GREEN)),
         (0.0, 0.0), (150.0, 1500.0), (1000.0, 4000.0)),
    Drug("esmolol", "Esmolol", "mg", _esmolol, "Sum 1983, Clin Pharmacol Ther 34:427; ke0 chosen", (
        Potency("blocker_heart_rate", ESMOLOL_DOUBLES, _VOLZ), Potency("blocker_heart", ESMOLOL_DOUBLES, _VOLZ)),
        (10.0, 80.0), (3.0, 20.0), (200.0, 40.0), affinity=ESMOLOL_DOUBLES),
    Drug("amiodarone", "Amiodarone", "mg", _amiodarone, "Korth-Bradley 1996, J Clin Pharmacol 36:715; first three days "
         "alone; ke0 chosen", (
        Potency("amiodarone_heart_rate", 1.5, "chosen: the window of 1.0 to 2.5 mg/L"),
        Potency("amiodarone_resistance", 5.0, "chosen: hypotension comes with fast boluses")),
        (150.0, 300.0), (0.5, 1.0), (1000.0, 30.0)),
)  # fmt: skip
