"""Opioids and their antagonist: fentanyl, morphine, remifentanil, naloxone."""

from twinward.twins.patient.body.drugs.drug import Drug, Kinetics, Potency, from_rates
from twinward.twins.patient.body.drugs.populations import minto
from twinward.twins.patient.body.person import Person

# Equipotent concentrations, ug/L: minimum effective analgesic concentrations (stanpumpR, Shafer). Remifentanil has
# been measured for every effect; the others follow by this ratio.
_EQUIPOTENT = {"remifentanil": 1.0, "fentanyl": 0.6, "morphine": 8.0}
_BY_RATIO = "by equipotency (minimum effective analgesic concentrations, stanpumpR) from remifentanil"
_SU = "Su 2023, Br J Anaesth 131:222"
# Naloxone, ug/L, that doubles the opioid concentration needed (BioGears; 4.6 nmol/L, the affinity at mu receptors).
NALOXONE_DOUBLES = 1.5
# Fentanyl, ug/L, found in overdoses that still breathe, and the worst severity here (25 to 75: Moss 2020, PLoS One
# 15:e0234683).
OVERDOSE = 25.0


def _fentanyl(person: Person) -> Kinetics:
    size = person.weight / 70.0
    slow = size**0.75
    return Kinetics(12.1 * size, 0.632 * slow, 35.7 * size, 2.8 * slow, 224.0 * size, 1.55 * slow, 0.147)


def _morphine(person: Person) -> Kinetics:
    # ke0: such that a bolus acts most after 93.8 min (stanpumpR).
    return from_rates(0.25 * person.weight, 0.070505618, 0.127340824, 0.025964108, 0.018258427, 0.001633166, ke0=0.0050)


def _naloxone(person: Person) -> Kinetics:
    kg = person.weight
    return Kinetics(0.408 * kg, 0.049 * kg, 0.636 * kg, 0.046 * kg, 1.637 * kg, 0.026 * kg, 0.106)


def _potencies(name: str, per_ug: float = 1.0) -> tuple[Potency, ...]:
    """`per_ug`: the drug's unit in one microgram."""
    ratio = _EQUIPOTENT[name] * per_ug
    how = "" if name == "remifentanil" else "; " + _BY_RATIO
    return (
        Potency("hypnosis", 19.3 * ratio, "Bouillon 2004, Anesthesiology 100:1353" + how, "naloxone"),
        Potency("opioid_ventilation", 0.92 * ratio, "Bouillon 2003, Anesthesiology 99:779" + how, "naloxone"),
        Potency("opioid_heart_rate", ratio / 0.033, _SU + how, "naloxone"),
        Potency("opioid_resistance", ratio * 4.59 / 2.0, _SU + how, "naloxone"),
        Potency("opioid_heart", ratio / 0.058, _SU + how, "naloxone"),
        Potency(
            "heart_reflex", 0.5 * ratio, "half of the minimum effective analgesic concentration; chosen", "naloxone"
        ),
        Potency("opioid_pupil", 1.0 * ratio, "minimum effective analgesic concentration; chosen", "naloxone"),
    )


OPIOIDS = (
    Drug("fentanyl", "Fentanyl", "ug", _fentanyl, "Scott & Stanski 1987, J Pharmacol Exp Ther 240:159; ke0 Scott 1985",
         _potencies("fentanyl"), (25.0, 300.0), (0.5, 5.0), (1500.0, 20.0)),
    Drug("morphine", "Morphine", "mg", _morphine, "Lotsch 2002, Clin Pharmacol Ther 72:151, as in stanpumpR",
         _potencies("morphine", 1e-3), (2.0, 15.0), (0.015, 0.1), (200.0, 10.0)),
    Drug("remifentanil", "Remifentanil", "ug", minto, "Minto 1997, Anesthesiology 86:10", _potencies("remifentanil"),
         (35.0, 100.0), (2.0, 30.0), (200.0, 80.0)),
    Drug("naloxone", "Naloxone", "ug", _naloxone, "Papathanasiou 2019, Br J Anaesth 123:e204; ke0 Yassen "
         "2007 (BioGears)",
         (), (40.0, 2000.0), (1.0, 15.0), (10000.0, 200.0), affinity=NALOXONE_DOUBLES),
)  # fmt: skip
