"""What a row of the table of drugs is: how a drug moves in a person, and what it does at which concentration."""

from collections.abc import Callable
from dataclasses import dataclass

from twinward.twins.patient.body.person import Person


@dataclass(frozen=True, slots=True)
class Kinetics:
    """A mammillary model of up to three compartments with an effect site.

    Args:
        volume: of the central compartment, L.
        clearance: out of it, L/min.
        fast_volume, fast_flow: of the compartment that fills fast, L and L/min; 0 where there is none.
        slow_volume, slow_flow: of the one that fills slowly.
        ke0: rate at which the effect site follows the central compartment, 1/min.
    """

    volume: float
    clearance: float
    fast_volume: float = 0.0
    fast_flow: float = 0.0
    slow_volume: float = 0.0
    slow_flow: float = 0.0
    ke0: float = 2.0


def from_rates(
    volume: float, k10: float, k12: float = 0.0, k21: float = 0.0, k13: float = 0.0, k31: float = 0.0, ke0: float = 2.0
) -> Kinetics:
    """Kinetics from rate constants in 1/min, as older papers give them.

    Example:
        >>> from_rates(10.0, 0.1, 0.2, 0.05)
        Kinetics(volume=10.0, clearance=1.0, fast_volume=40.0, fast_flow=2.0, slow_volume=0.0, slow_flow=0.0, ke0=2.0)
    """
    return Kinetics(
        volume,
        volume * k10,
        volume * k12 / k21 if k21 else 0.0,
        volume * k12 if k21 else 0.0,
        volume * k13 / k31 if k31 else 0.0,
        volume * k13 if k31 else 0.0,
        ke0,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Drugs that act on one quantity in the same way: their concentrations, each over its own EC50, add up (Loewe).

    The quantity is multiplied by 1 + emax u^gamma / (1 + u^gamma), where u is that sum. Groups multiply.

    Args:
        target: the coupling `drug_<target>` that is multiplied; of "neuromuscular_block" what is left is.
        emax: the greatest change, share of the resting value; -1 abolishes.
        gamma: slope for u < 1.
        steeper: slope for u > 1; None: the same.
        sensitivity: name of a parameter that multiplies u.
    """

    name: str
    target: str
    emax: float
    gamma: float
    source: str
    steeper: float | None = None
    sensitivity: str | None = None


@dataclass(frozen=True, slots=True)
class Potency:
    """Concentration at the effect site for half of a group's greatest effect, amount/L, when given alone.

    Args:
        antagonist: the drug that competes for the receptor: it divides the concentration by 1 + its own / its affinity.
        airways: it acts from the airways: `ec50` is the amount there.
    """

    group: str
    ec50: float
    source: str
    antagonist: str | None = None
    airways: bool = False


@dataclass(frozen=True, slots=True)
class Drug:
    """One row.

    Args:
        unit: UCUM unit of amounts; concentrations are in that unit per L.
        kinetics: of a person.
        source: of the kinetics.
        usual: usual single doses of an adult, amount; (0, 0) where it is not given so.
        usual_rate: usual rates, amount/min; of an inhaled one: inspired vol%.
        highest: amount, and rate, that nobody gives: beyond them everything here is extrapolation.
        inhaled: a volatile: it comes and goes with the alveolar ventilation; amounts are L of vapour times 100.
        absorption: out of the airways into blood, 1/min, of one that is also inhaled as an aerosol; 0: it is not.
        affinity: concentration at the effect site that doubles what its agonists need, amount/L; 0: no antagonist.
    """

    name: str
    label: str
    unit: str
    kinetics: Callable[[Person], Kinetics]
    source: str
    potencies: tuple[Potency, ...]
    usual: tuple[float, float]
    usual_rate: tuple[float, float]
    highest: tuple[float, float]
    inhaled: bool = False
    affinity: float = 0.0
    absorption: float = 0.0
