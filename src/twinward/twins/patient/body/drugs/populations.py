"""Published population models whose parameters depend on the person: L, L/min, 1/min."""

import math

from twinward.twins.patient.body.drugs.drug import Kinetics
from twinward.twins.patient.body.person import Person


def lean_mass(person: Person) -> float:
    """Lean body mass, kg (James 1976), as Schnider 1998 and Minto 1997 use it.

    Example:
        >>> round(lean_mass(Person()), 1)
        61.3
    """
    slope, curve = (1.10, 128.0) if person.male else (1.07, 148.0)
    return slope * person.weight - curve * (person.weight / person.height) ** 2


def fat_free_mass(person: Person) -> float:
    """Fat-free mass, kg (Al-Sallami 2015, Clin Pharmacokinet 54:1169): that of Janmahasatian by age."""
    if person.male:
        grown = 0.88 + 0.12 / (1.0 + (person.age / 13.4) ** -12.7)
    else:
        grown = 1.11 - 0.11 / (1.0 + (person.age / 7.1) ** -1.1)
    return grown * person.fat_free_mass


def eleveld(person: Person) -> Kinetics:
    """Propofol in arterial blood without opioids, adults.

    Eleveld et al. 2018, Br J Anaesth 120:942-959, Tables 2 and 3 (maturation is complete in adults).
    """
    age, size = person.age, person.weight / 70.0
    reference = Person("male", 35.0, 70.0, 170.0)
    weeks = 52.0 * age + 40.0
    mature = weeks / (weeks + 68.3)
    mature_35 = 1860.0 / (1860.0 + 68.3)
    volume = 6.28 * (person.weight / (person.weight + 33.6)) / (70.0 / 103.6)
    fast = 25.5 * size * math.exp(-0.0156 * (age - 35.0))
    slow = 273.0 * fat_free_mass(person) / fat_free_mass(reference)
    clearance = (1.79 if person.male else 2.10) * size**0.75
    fast_flow = 1.75 * (fast / 25.5) ** 0.75 * (1.0 + 1.30 * (1.0 - mature))
    slow_flow = 1.11 * (slow / 273.0) ** 0.75 * mature / mature_35
    return Kinetics(volume, clearance, fast, fast_flow, slow, slow_flow, 0.146 * size**-0.25)


def schnider(person: Person) -> Kinetics:
    """Propofol; Schnider et al. 1998, Anesthesiology 88:1170-1182; ke0: Schnider 1999, 90:1502-1516.

    Its lean mass falls again beyond a body mass index of about 42 (men) and 37 (women): it is not for them. Floors keep
    the lines positive.
    """
    clearance = 1.89 + 0.0456 * (person.weight - 77.0) - 0.0681 * (lean_mass(person) - 59.0)
    clearance += 0.0264 * (person.height - 177.0)
    old = person.age - 53.0
    return Kinetics(
        4.27, max(clearance, 0.3), max(18.9 - 0.391 * old, 1.0), max(1.29 - 0.024 * old, 0.1), 238.0, 0.836, 0.456
    )


def minto(person: Person) -> Kinetics:
    """Remifentanil; Minto et al. 1997, Anesthesiology 86:10-23, Table 5 and ke0. Floors keep the lines positive."""
    old, lean = person.age - 40.0, lean_mass(person) - 55.0
    return Kinetics(
        max(5.1 - 0.0201 * old + 0.072 * lean, 2.0),
        max(2.6 - 0.0162 * old + 0.0191 * lean, 0.8),
        max(9.82 - 0.0811 * old + 0.108 * lean, 2.0),
        max(2.05 - 0.0301 * old, 0.2),
        5.42,
        max(0.076 - 0.00113 * old, 0.005),
        max(0.595 - 0.007 * old, 0.1),
    )


def volatile(person: Person, blood: float, brain: float, muscle: float, ke0: float) -> Kinetics:
    """A vapour in alveoli and blood, vessel-rich organs, muscle; volumes and flows as of gas at equal pressure.

    Args:
        blood, brain, muscle: partition coefficients blood/gas, brain/blood, muscle/blood.

    Organs of 6 L with 75 % and muscles of 33 L with 18 % of a cardiac output of 5.6 L/min at 70 kg (Eger 1974,
    Anesthetic uptake and action; Lerou 1991, Anesthesiology 75:222). The flows follow the cardiac output, clearance is
    the alveolar ventilation: kinetics.py. Gas 2.4 L and arterial blood 1 L are the central compartment; fat is left
    out: it matters after hours.
    """
    size = person.weight / 70.0
    return Kinetics(
        (2.4 + blood) * size,
        4.3 * size,
        6.0 * brain * blood * size,
        0.75 * 5.6 * blood * size,
        33.0 * muscle * blood * size,
        0.181 * 5.6 * blood * size,
        ke0,
    )
