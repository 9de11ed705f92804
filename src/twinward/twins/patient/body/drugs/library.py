"""The drugs for people: what there is, how it is given, usual doses and where each model comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from twinward.errors import BadInput
from twinward.twins.patient.body.drugs.declarations import parameters_of
from twinward.twins.patient.body.drugs.drug import Kinetics
from twinward.twins.patient.body.drugs.populations import eleveld, schnider
from twinward.twins.patient.body.drugs.table import DRUGS
from twinward.twins.patient.body.person import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """One drug as a user sees it.

    Args:
        route: "intravenous" or "inhaled".
        bolus: the state a single dose is added to (`Body.give`); empty where it is not given so.
        aerosol: the state that takes what reaches the lungs of an inhaled dose (`others.LUNG_SHARE` of it); empty where
            it is not given so.
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
    aerosol: str
    rate: str
    usual: tuple[float, float]
    usual_rate: tuple[float, float]
    highest: tuple[float, float]
    kinetics: str
    effects: Mapping[str, str]


LIBRARY: Mapping[str, Entry] = {
    d.name: Entry(
        d.name, d.label, d.unit, "inhaled" if d.inhaled else "intravenous", "" if d.inhaled else f"{d.name}_central",
        f"{d.name}_airways" if d.absorption > 0.0 else "",
        f"{d.name}_inspired" if d.inhaled else f"{d.name}_rate", d.usual, d.usual_rate, d.highest, d.source,
        {q.group: q.source for q in d.potencies},
    )
    for d in DRUGS
}  # fmt: skip

# Of every drug that is injected: the state a bolus is added to, and its unit.
BOLUS: Mapping[str, tuple[str, str]] = {one.name: (one.bolus, one.unit) for one in LIBRARY.values() if one.bolus}

# Published models of one drug among which a user can choose; the first is the one a body has.
MODELS: Mapping[str, Mapping[str, Callable[[Person], Kinetics]]] = {
    "propofol": {"eleveld": eleveld, "schnider": schnider}
}


def model(drug: str, name: str, person: Person | None = None) -> dict[str, float]:
    """Parameters of another published model of a drug, for `Body.set`.

    Args:
        drug: one of `MODELS`.
        name: one of its models.
        person: whose; the reference man where None.

    Raises:
        BadInput: there is no such model.

    Example:
        >>> model("propofol", "schnider")["propofol_volume"]
        4.27
    """
    choice = MODELS.get(drug, {})
    if name not in choice:
        known = "; ".join(f"{one}: {', '.join(models)}" for one, models in MODELS.items())
        raise BadInput("drug, name", (drug, name), f"one of {known}")
    row = next(one for one in DRUGS if one.name == drug)
    return {key: value for key, _, _, value in parameters_of(replace(row, kinetics=choice[name]), person or Person())}
