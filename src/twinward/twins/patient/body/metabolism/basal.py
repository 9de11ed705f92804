"""What follows from the person for a body at rest: power, the glucose model's fasting state, thermal neutrality."""

import math

from twinward.twins.patient.body.person import Person

# Dalla Man, Rizza & Cobelli 2007, IEEE Trans Biomed Eng 54:1740-1749, Table I, normal subject; per kg and minute.
VG, K1, K2 = 1.88, 0.065, 0.079  # dL/kg; 1/min; 1/min
VI, M1, M2, M4, M5, M6 = 0.05, 0.190, 0.484, 0.194, 0.0304, 0.6471  # L/kg; 1/min; 1/min; 1/min; min kg/pmol; 1
KP1, KP2, KP3, KP4 = 2.70, 0.0021, 0.009, 0.0618  # mg/kg/min; 1/min; mg/kg/min per pmol/L; mg/kg/min per pmol/kg
FCNS, KM0 = 1.0, 225.59  # mg/kg/min; mg/kg
GAMMA = 0.5  # 1/min
# Fasting glucose and insulin of the same subject (ibid., Fig. 2 and BioModels BIOMD0000000379).
BASAL_GLUCOSE, BASAL_INSULIN = 91.76, 25.49  # mg/dL, pmol/L

# Gagge, Fobelets & Berglund 1986, ASHRAE Trans 92:709 (two-node model).
TISSUE_CONDUCTANCE, BLOOD_CONDUCTANCE = 5.28, 1.163  # W/m2/K; W/m2/K per L/h/m2
RADIATION, CONVECTION, LEWIS = 4.7, 3.0, 2.2  # W/m2/K; W/m2/K, still air; K/mmHg
CLOTHING_PERMEATION = 0.45  # of vapour through clothes (ibid., icl)
CORE, SKIN, AMBIENT, HUMIDITY = 37.0, 33.0, 22.0, 0.5  # rest: reference table of the Pulse engine; neutral inputs
WETNESS = 0.06  # share of the skin wet by diffusion (ibid.)


def resting_power(person: Person) -> float:
    """W; Mifflin, St Jeor et al. 1990, Am J Clin Nutr 51:241-247, kcal/day: 10 kg + 6.25 cm - 5 years + 5 (men), - 161.

    Example:
        >>> round(resting_power(Person()), 1)
        81.4
    """
    daily = 10.0 * person.weight + 6.25 * person.height - 5.0 * person.age + (5.0 if person.male else -161.0)
    return daily * 4184.0 / 86400.0


def greatest_oxygen_uptake(person: Person) -> float:
    """mL/s, on a bicycle; de Souza e Silva et al. 2018, Eur J Prev Cardiol 25:742-750 (FRIEND registry), mL/kg/min:
    45.2 - 0.35 years - 10.9 (men; women twice) - 0.15 pounds + 0.68 inches - 0.46 x 2.

    At least three times rest, where the equation, made of adults up to about 100 kg, would fall below it.

    Example:
        >>> round(greatest_oxygen_uptake(Person()) * 60.0)
        3134
    """
    sex = 1.0 if person.male else 2.0
    pounds, inches = person.weight / 0.45359237, person.height / 2.54
    per_kilogram = 45.2 - 0.35 * person.age - 10.9 * sex - 0.15 * pounds + 0.68 * inches - 0.46 * 2.0
    return max(per_kilogram * person.weight / 60.0, 3.0 * resting_power(person) / 20.35)


def body_fat(person: Person) -> float:
    """Percent of the weight; what is not fat-free (Janmahasatian 2005), at least 3 %: essential fat."""
    return max(100.0 * (1.0 - person.fat_free_mass / person.weight), 3.0)


def basal_glucose(weight: float) -> dict[str, float]:
    """The fasting steady state of the glucose-insulin model, of the whole body.

    Plasma glucose and insulin are the normal subject's; all else follows from the balances (eqs 1, 3, 5, 10, 18).

    Args:
        weight: kg.
    """
    plasma = BASAL_GLUCOSE * VG
    insulin = BASAL_INSULIN * VI
    liver = (M2 + M4) * insulin / M1
    secretion = 1.5
    for _ in range(60):  # m1 + m3 = m1 / (1 - HE), HE = m6 - m5 S; a contraction
        secretion = M1 / (1.0 - (M6 - M5 * secretion)) * liver - M2 * insulin
    portal = secretion / GAMMA
    production = KP1 - KP2 * plasma - KP3 * BASAL_INSULIN - KP4 * portal
    tissue = (K1 * plasma - (production - FCNS)) / K2
    return {
        "basal_glucose": BASAL_GLUCOSE,
        "basal_insulin": BASAL_INSULIN,
        "plasma_glucose": plasma * weight,
        "tissue_glucose": tissue * weight,
        "liver_insulin": liver * weight,
        "plasma_insulin": insulin * weight,
        "portal_insulin": portal * weight,
        "basal_secretion": secretion * weight,
        "uptake_capacity": (production - FCNS) * (KM0 + tissue) / tissue * weight,
    }


def vapour_pressure(temperature: float) -> float:
    """Saturated, mmHg, of a temperature in degrees Celsius (Antoine's equation as in Gagge 1986)."""
    return math.exp(18.6686 - 4030.183 / (temperature + 235.0))


def thermal_neutrality(person: Person) -> dict[str, float]:
    """What lets resting heat leave at the neutral ambient temperature.

    Skin flow (L/h/m2), clothing (m2 K/W), and the share of the body that is shell.

    The core is at 37 and the skin at 33 degrees Celsius then.
    """
    heat = resting_power(person) / person.body_surface_area
    vapour = HUMIDITY * vapour_pressure(AMBIENT)
    breath = 0.0023 * heat * (44.0 - vapour) + 0.0014 * heat * (34.0 - AMBIENT)
    through = heat - breath
    flow = (through / (CORE - SKIN) - TISSUE_CONDUCTANCE) / BLOOD_CONDUCTANCE
    air = 1.0 / (RADIATION + CONVECTION)
    low, high = 0.0, 3.0
    for _ in range(80):  # more clothing lets less heat out: bisection
        clothing = 0.5 * (low + high)
        wet = WETNESS * (vapour_pressure(SKIN) - vapour) / evaporative_resistance(clothing)
        lost = (SKIN - AMBIENT) / (air + clothing) + wet
        low, high = (clothing, high) if lost > through else (low, clothing)
    flow = max(flow, 0.5)
    # share of the body's mass that is as cold as the skin: Gagge 1986, kept as it is at rest, so that heat is conserved
    shell = 0.0417737 + 0.7451833 / (flow + 0.585417)
    return {"skin_flow": flow, "clothing": 0.5 * (low + high), "shell": min(shell, 0.35)}


def evaporative_resistance(clothing: float) -> float:
    """From skin to air, mmHg m2/W, in still air."""
    return 1.0 / (LEWIS * CONVECTION) + clothing / (LEWIS * CLOTHING_PERMEATION)
