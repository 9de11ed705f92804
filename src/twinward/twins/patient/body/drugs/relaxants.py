"""Neuromuscular blockers: rocuronium, succinylcholine."""

import math

from twinward.twins.patient.body.drugs.drug import Drug, Kinetics, Potency, from_rates
from twinward.twins.patient.body.person import Person


def _rocuronium(person: Person) -> Kinetics:
    return from_rates(0.056 * person.weight, 0.1746, 0.100381, 0.0245, ke0=0.168)


def _succinylcholine(person: Person) -> Kinetics:
    # Clearance 37 mL/min/kg (Roy 2002), half-lives of 47 s (plasma) and 211 s (effect site; Torda 1997).
    clearance = 0.037 * person.weight
    return Kinetics(clearance * 47.0 / 60.0 / math.log(2.0), clearance, ke0=math.log(2.0) * 60.0 / 211.0)


RELAXANTS = (
    Drug("rocuronium", "Rocuronium", "mg", _rocuronium, "Plaud 1995, Clin Pharmacol Ther 58:185, as in stanpumpR",
         (Potency("curare", 0.823, "Plaud 1995: adductor pollicis"),), (40.0, 100.0), (0.3, 1.0), (300.0, 5.0)),
    Drug("succinylcholine", "Succinylcholine", "mg", _succinylcholine, "Roy 2002, Anesthesiology 97:1082 (clearance) "
         "and Torda 1997, Anaesth Intensive Care 25:272 (half-lives)",
         (Potency("depolarising", 0.734, "Roy 2002: 734 ug/L"),), (70.0, 150.0), (0.0, 10.0), (500.0, 20.0)),
)  # fmt: skip
