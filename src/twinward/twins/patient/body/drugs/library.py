"""The drugs for people: what there is, how it is given, usual doses and where each model comes from."""

from collections.abc import Mapping
from dataclasses import dataclass

from twinward.twins.patient.body.drugs.table import DRUGS


@dataclass(frozen=True, slots=True)
class Entry:
    """One drug as a user sees it.

    Args:
        route: "intravenous" or "inhaled".
        bolus: the state a single dose is added to (`Body.give`); empty where it is not given so.
        rate: the input that is set for an infusion, `unit`/min, or, inhaled, the inspired vol% (`Body.set`).
        usual: usual single doses, and `usual_rate` rates, of an adult; (0, 0) where it is not given so.
        highest: single dose and rate beyond which everything is extrapolation.
        kinetics: source of the kinetics; `effects`: source of each effect.
    """

    name: str
    label: str
    unit: str
    route: str
    bolus: str
    rate: str
    usual: tuple[float, float]
    usual_rate: tuple[float, float]
    highest: tuple[float, float]
    kinetics: str
    effects: Mapping[str, str]


LIBRARY: Mapping[str, Entry] = {
    d.name: Entry(
        d.name, d.label, d.unit, "inhaled" if d.inhaled else "intravenous", "" if d.inhaled else f"{d.name}_central",
        f"{d.name}_inspired" if d.inhaled else f"{d.name}_rate", d.usual, d.usual_rate, d.highest, d.source,
        {q.group: q.source for q in d.potencies},
    )
    for d in DRUGS
}  # fmt: skip

# Of every drug that is injected: the state a bolus is added to, and its unit.
BOLUS: Mapping[str, tuple[str, str]] = {one.name: (one.bolus, one.unit) for one in LIBRARY.values() if one.bolus}
