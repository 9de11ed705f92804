"""Anaesthetics and sedatives: propofol, ketamine, midazolam, desflurane."""

from twinward.twins.patient.body.drugs.drug import Drug, Kinetics, Potency, from_rates
from twinward.twins.patient.body.drugs.populations import eleveld, volatile
from twinward.twins.patient.body.person import Person

_SU = "Su 2023, Br J Anaesth 131:222"
_BIOGEARS = "BioGears substance data"
# MAC at 40 years, vol% (Nickalls & Mapleson 2003, Br J Anaesth 91:170).
DESFLURANE_MAC, _SEVOFLURANE_MAC = 6.6, 1.80
# Half of the effect on the bispectral index: sevoflurane 1.53 vol% (Schumacher 2009, Anesthesiology 111:790).
_HYPNOTIC_MAC = 1.53 / _SEVOFLURANE_MAC
# The MAC that halves the drive, and its slope, are found by PaCO2: 58 mmHg at 1.24 MAC and 84 at 1.66 (Lockhart 1991,
# Anesthesiology 74:484); here 51 and 55, and 47 at 0.83: breaths that are as quick as measured are not yet as shallow.
_VENTILATORY_MAC = 0.40


def _ketamine(person: Person) -> Kinetics:
    return from_rates(0.063 * person.weight, 0.438, 0.592, 0.247, 0.590, 0.0146, ke0=3.0)


def _midazolam(person: Person) -> Kinetics:
    return Kinetics(3.3, 0.5352, 17.563, 2.0145, 96.757, 0.8321, 0.11)


def _desflurane(person: Person) -> Kinetics:
    return volatile(person, 0.42, 1.3, 2.0, 0.55)


def _volatile(mac: float) -> tuple[Potency, ...]:
    return (
        Potency("hypnosis", _HYPNOTIC_MAC * mac, "0.85 MAC: Schumacher 2009"),
        Potency("volatile_ventilation", _VENTILATORY_MAC * mac, "0.40 MAC: Lockhart 1991"),
        Potency("volatile_breathing", 1.66 * mac, "half of the effect at 1.66 MAC: chosen"),
        Potency("volatile_resistance", mac, "1 MAC: Weiskopf 1991"),
        Potency("anaesthetic_baroreflex", mac, "1 MAC: Muzi & Ebert 1995"),
        Potency("volatile_metabolism", 0.3 * mac, "chosen"),
    )


HYPNOTICS = (
    Drug("propofol", "Propofol", "mg", eleveld, "Eleveld 2018, Br J Anaesth 120:942", (
        Potency("hypnosis", 3.08, "Eleveld 2018: at 35 years"),
        Potency("propofol_ventilation", 1.33, "Bouillon 2004, Anesthesiology 100:240"),
        Potency("propofol_resistance", 3.21, _SU), Potency("propofol_heart", 0.44, _SU),
        Potency("anaesthetic_baroreflex", 3.21, "as for resistance; chosen"),
        Potency("heart_reflex", 1.6, "half of that for resistance; chosen"),
        Potency("volatile_metabolism", 1.5, "chosen")),
        (70.0, 200.0), (2.0, 15.0), (400.0, 30.0)),
    Drug("ketamine", "Ketamine", "mg", _ketamine, "Domino 1984, Clin Pharmacol Ther 36:645; ke0 BioGears", (
        Potency("hypnosis", 0.4, _BIOGEARS), Potency("ketamine_ventilation", 0.5, _BIOGEARS),
        Potency("ketamine_heart_rate", 0.75, _BIOGEARS), Potency("ketamine_resistance", 0.75, _BIOGEARS),
        Potency("ketamine_heart", 0.75, _BIOGEARS), Potency("ketamine_baroreflex", 0.75, "chosen"),
        Potency("bronchodilation", 0.4, _BIOGEARS)),
        (20.0, 150.0), (0.1, 2.0), (400.0, 10.0)),
    Drug("midazolam", "Midazolam", "mg", _midazolam, "Zomorodi 1998 and Barr 2001 as in stanpumpR; ke0 BioGears", (
        Potency("hypnosis", 0.208, "Barr 2001, Anesthesiology 95:286: Ramsay 4"),
        Potency("benzodiazepine_ventilation", 0.0558, _BIOGEARS),
        Potency("benzodiazepine_resistance", 0.0558, _BIOGEARS), Potency("benzodiazepine_heart", 0.0558, _BIOGEARS),
        Potency("anaesthetic_baroreflex", 0.0558, "Marty 1986, Anesth Analg 65:113: depressed; size chosen")),
        (1.0, 10.0), (0.02, 0.2), (25.0, 1.0)),
    Drug("desflurane", "Desflurane", "%.L", _desflurane, "Eger 1987, Anesth Analg 66:971 (0.42); Yasuda 1989, 69:370",
         (*_volatile(DESFLURANE_MAC), Potency("desflurane_heart_rate", DESFLURANE_MAC, "1 MAC: Weiskopf 1991")),
         (0.0, 0.0), (2.0, 8.0), (0.0, 12.0), inhaled=True),
)  # fmt: skip
