"""What a rested person's fluids are made of."""

from twinward.twins.patient.body.person import Person

HAEMATOCRIT = {True: 0.44, False: 0.40}  # men, women; within Guyton & Hall ch. 25 and ICRP 89
CELL_HAEMOGLOBIN = 0.341  # g/mL of red cells: 15 g/dL at 0.44, Guyton & Hall, 11th ed., ch. 32
SODIUM, POTASSIUM = 140.0, 4.2  # mmol/L outside the cells: Guyton & Hall ch. 4, Valtin 1995 (135 to 145, 3.5 to 5)
CELL_POTASSIUM = 140.0  # mmol/L: Guyton & Hall ch. 4
PLASMA_PROTEIN, TISSUE_PROTEIN = 0.0737, 0.0297  # g/mL; 28 and 8 mmHg (Guyton & Hall ch. 16) by Landis & Pappenheimer
GLOMERULAR, BOWMAN = 60.0, 18.0  # mmHg: Guyton & Hall ch. 26, reference table of the Pulse engine
VASOPRESSIN = 2.1  # pmol/L; makes 1.5 L of urine a day (Pulse reference table) of the resting solutes
KIDNEY_FLOW = 1064.0 / 60.0  # mL/s: reference table of the Pulse engine; by body surface, as the circulation does
FRACTIONAL_UREA = 18.0 / 31.0  # excreted of filtered, mg/min: reference table of the Pulse engine


def at_rest(person: Person) -> dict[str, float]:
    """Volumes and amounts of a person at rest, by the name of the state or parameter.

    Example:
        >>> found = at_rest(Person())
        >>> round(found["interstitial_volume"]), round(found["intracellular_volume"]), round(found["haemoglobin_mass"])
        (11387, 29167, 784)
    """
    blood = person.blood_volume
    red_cells = HAEMATOCRIT[person.male] * blood
    plasma = blood - red_cells
    water = total_body_water(person)
    # 11 of 42 L of water (Guyton & Hall, 11th ed., ch. 25): the same share of everybody's
    interstitial = 11.0 / 42.0 * water
    cells = water - interstitial - plasma
    outside = plasma + interstitial
    surface = person.body_surface_area / REFERENCE_SURFACE
    # with age as in CKD-EPI 2021 (Inker et al., N Engl J Med 385:1737)
    filtration = 125.0 / 60.0 * surface * 0.9938 ** (person.age - Person().age)
    creatinine = 0.176e-3 * 113.12 * _creatinine(person) / _creatinine(Person())
    plasma_flow = (1.0 - HAEMATOCRIT[person.male]) * KIDNEY_FLOW * surface
    leaving = PLASMA_PROTEIN / (1.0 - filtration / plasma_flow)
    held_back = 0.5 * (oncotic(PLASMA_PROTEIN) + oncotic(leaving))
    urea = 18.0 / 60.06 / 60.0 * person.weight / Person().weight
    return {
        "resting_blood_volume": blood,
        "red_cell_volume": red_cells,
        "haemoglobin_mass": CELL_HAEMOGLOBIN * red_cells,
        "plasma_protein": PLASMA_PROTEIN * plasma,
        "interstitial_protein": TISSUE_PROTEIN * interstitial,
        "interstitial_volume": interstitial,
        "intracellular_volume": cells,
        "sodium_amount": SODIUM * outside / 1000.0,
        "potassium_amount": POTASSIUM * outside / 1000.0,
        "cell_potassium": CELL_POTASSIUM * cells / 1000.0,
        "urea_amount": urea / (FRACTIONAL_UREA * filtration) * (outside + cells),
        "creatinine_amount": creatinine / filtration * (outside + cells),
        "vasopressin": VASOPRESSIN,
        "resting_filtration": filtration,
        "resting_kidney_flow": KIDNEY_FLOW * surface,
        "mean_kidney_flow": KIDNEY_FLOW * surface,
        "glomerular_coefficient": filtration / (GLOMERULAR - BOWMAN - held_back),
        "sodium_excretion": 3450.0 / 22.99 / 86400.0 * surface,
        "urea_production": urea,
        "creatinine_production": creatinine,
    }


REFERENCE_SURFACE = Person().body_surface_area


def total_body_water(person: Person) -> float:
    """mL; Watson, Watson & Batt 1980, Am J Clin Nutr 33:27-39."""
    if person.male:
        return 1000.0 * (2.447 - 0.09516 * person.age + 0.1074 * person.height + 0.3362 * person.weight)
    return 1000.0 * (-2.097 + 0.1069 * person.height + 0.2466 * person.weight)


def _creatinine(person: Person) -> float:
    """What muscles make, in units of their own: by fat-free mass (Forbes & Bruining 1976, Am J Clin Nutr 29:1359), with
    age as Cockcroft & Gault 1976 (Nephron 16:31) have it."""
    return (140.0 - person.age) * person.fat_free_mass


def oncotic(protein: float) -> float:
    """mmHg, of g/mL; Landis & Pappenheimer 1963 (Handbook of Physiology, Circulation II): 2.1 c + 0.16 c2 + 0.009 c3,
    c in g/dL.

    Example:
        >>> round(oncotic(0.0737), 1)
        27.8
    """
    grams = 100.0 * max(protein, 0.0)
    return grams * (2.1 + grams * (0.16 + grams * 0.009))
