"""What the part declares: for each row of the table its compartments, its kinetics, its rate; and two enzymes."""

import math
from collections.abc import Iterator, Mapping

from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.drugs.drug import Drug
from twinward.twins.patient.body.drugs.table import DRUGS
from twinward.twins.patient.body.person import Person

_REFERENCE = Person()


def _states(drug: Drug) -> Iterator[State]:
    kinetics, name, unit = drug.kinetics(_REFERENCE), drug.name, drug.unit
    yield State(f"{name}_central", unit, f"{drug.label} in the central compartment", 0.0)
    if kinetics.fast_flow > 0.0:
        yield State(f"{name}_fast", unit, f"{drug.label} in the compartment that fills fast", 0.0)
    if kinetics.slow_flow > 0.0:
        yield State(f"{name}_slow", unit, f"{drug.label} in the compartment that fills slowly", 0.0)
    if drug.absorption > 0.0:
        yield State(f"{name}_airways", unit, f"{drug.label} in the airways", 0.0)
    concentration = "%" if drug.inhaled else f"{unit}/L"
    yield State(f"{name}_effect", concentration, f"{drug.label} at the effect site", 0.0)
    yield State(f"{name}_given", unit, f"{drug.label} infused or inhaled", 0.0, ledger=True)
    yield State(f"{name}_eliminated", unit, f"{drug.label} eliminated", 0.0, ledger=True)


def parameters_of(drug: Drug, person: Person) -> Iterator[tuple[str, str, str, float]]:
    """(name, unit, label, value) of the parameters of a drug's kinetics in a person."""
    kinetics, reference = drug.kinetics(person), drug.kinetics(_REFERENCE)
    name, label = drug.name, drug.label
    yield f"{name}_volume", "L", f"{label}: central volume", kinetics.volume
    yield f"{name}_clearance", "L/min", f"{label}: clearance", kinetics.clearance
    if reference.fast_flow > 0.0:
        yield f"{name}_fast_volume", "L", f"{label}: volume that fills fast", kinetics.fast_volume
        yield f"{name}_fast_flow", "L/min", f"{label}: flow into it", kinetics.fast_flow
    if reference.slow_flow > 0.0:
        yield f"{name}_slow_volume", "L", f"{label}: volume that fills slowly", kinetics.slow_volume
        yield f"{name}_slow_flow", "L/min", f"{label}: flow into it", kinetics.slow_flow
    yield f"{name}_ke0", "/min", f"{label}: rate at which the effect site follows", kinetics.ke0
    if drug.absorption > 0.0:
        yield f"{name}_absorption", "/min", f"{label}: rate at which it leaves the airways for blood", drug.absorption


def _input(drug: Drug) -> Input:
    if drug.inhaled:
        return Input(f"{drug.name}_inspired", "%", f"{drug.label}, inspired as set", allowed=(0.0, 20.0))
    return Input(f"{drug.name}_rate", f"{drug.unit}/min", f"{drug.label}, infusion", allowed=(0.0, drug.highest[1]))


def _hypnotic_sensitivity(person: Person) -> float:
    """Eleveld et al. 2018, Table 3: the concentration for half the effect falls with age, and is 1 at 35 years."""
    return math.exp(0.00635 * (person.age - 35.0))


STATES: tuple[State, ...] = (
    *(state for drug in DRUGS for state in _states(drug)),
    State("acetylcholinesterase", "1", "Acetylcholinesterase, active share", 1.0),
    State("eye_acetylcholinesterase", "1", "Acetylcholinesterase of the eyes, active share", 1.0),
)
PARAMETERS: tuple[Parameter, ...] = (
    *(Parameter(*one, drug.source) for drug in DRUGS for one in parameters_of(drug, _REFERENCE)),
    Parameter(
        "hypnotic_sensitivity", "1", "Sensitivity to hypnotics, times at 35 years", _hypnotic_sensitivity(_REFERENCE),
        "Eleveld 2018, Br J Anaesth 120:942, Table 3",
    ),
)  # fmt: skip
INPUTS: tuple[Input, ...] = (
    *(_input(drug) for drug in DRUGS),
    Input("vaporizer_failure", "1", "Share of the vapour that a broken vaporizer does not give", 0.0, (0.0, 1.0)),
)


def of_person(person: Person) -> Mapping[str, float]:
    """Kinetics and sensitivity of a person."""
    own = {name: value for drug in DRUGS for name, _, _, value in parameters_of(drug, person)}
    return own | {"hypnotic_sensitivity": _hypnotic_sensitivity(person)}
