"""Molar masses and charges of what a laboratory measures: without them mass and molar units do not convert."""

import re

# Standard atomic weights, abridged to five figures (IUPAC 2021: Prohaska et al., Pure Appl. Chem. 94, 573 (2022)).
_ATOMS = {
    "H": 1.0080, "Li": 6.94, "C": 12.011, "N": 14.007, "O": 15.999, "Na": 22.990, "Mg": 24.305, "P": 30.974,
    "S": 32.06, "Cl": 35.45, "K": 39.098, "Ca": 40.078, "Fe": 55.845, "I": 126.90,
}  # fmt: skip

# What the mass of each stands for, by the convention of laboratories. The factors that follow agree with the SI
# conversion table of the AMA Manual of Style (JAMA's instructions for authors) to its three or four figures: see tests.
_FORMULAS = {
    "ammonia": "NH3",
    "bicarbonate": "CHO3",
    "bilirubin": "C33H36N4O6",
    "calcium": "Ca",
    "chloride": "Cl",
    "cholesterol": "C27H46O",
    "cortisol": "C21H30O5",
    "creatinine": "C4H7N3O",
    "digoxin": "C41H64O14",
    "ethanol": "C2H6O",
    "glucose": "C6H12O6",
    "iron": "Fe",
    "lactate": "C3H6O3",  # weighed as lactic acid
    "lithium": "Li",
    "magnesium": "Mg",
    "paracetamol": "C8H9NO2",
    "phosphate": "P",  # weighed as phosphorus
    "potassium": "K",
    "sodium": "Na",
    "theophylline": "C7H8N4O2",
    "thyroxine": "C15H11I4NO4",
    "triglycerides": "C57H104O6",  # weighed as triolein
    "urea": "CH4N2O",
    "urea_nitrogen": "N2",  # the nitrogen of one urea: mmol of urea, mg of nitrogen
    "uric_acid": "C5H4N4O3",
}
_CHARGES = {
    "bicarbonate": 1, "calcium": 2, "chloride": 1, "lithium": 1, "magnesium": 2, "potassium": 1, "sodium": 1,
}  # fmt: skip
_OTHER_NAMES = {
    "acetaminophen": "paracetamol", "alcohol": "ethanol", "bun": "urea_nitrogen", "lactic_acid": "lactate",
    "phosphorus": "phosphate", "triglyceride": "triglycerides", "urate": "uric_acid",
}  # fmt: skip
# Words that say where it was measured or which fraction, and change no molecule.
_AROUND = frozenset(
    {
        "arterial", "blood", "capillary", "concentration", "direct", "fasting", "hdl", "indirect", "ionised", "ionized",
        "ldl", "plasma", "serum", "total", "urine", "venous",
    }
)  # fmt: skip


def canonical(analyte: str) -> str:
    """The name under which an analyte is known here: "Serum creatinine" -> "creatinine"; else the name as given.

    Example:
        >>> canonical("blood_glucose"), canonical("BUN"), canonical("crp")
        ('glucose', 'urea_nitrogen', 'crp')
    """
    words = [word for word in re.split(r"[^a-z0-9]+", analyte.lower()) if word and word not in _AROUND]
    name = "_".join(words)
    return _OTHER_NAMES.get(name, name)


def molar_mass(analyte: str) -> float | None:
    """Grams in a mole, from the molecule's formula; None where it is not known (or there is none, as for CRP).

    Example:
        >>> molar_mass("glucose"), molar_mass("crp")
        (180.156, None)
    """
    formula = _FORMULAS.get(canonical(analyte))
    if formula is None:
        return None
    atoms = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    return round(sum(_ATOMS[atom] * int(count or 1) for atom, count in atoms), 6)


def charge(analyte: str) -> int | None:
    """Equivalents in a mole, without sign; None where it is not known.

    Example:
        >>> charge("serum calcium")
        2
    """
    return _CHARGES.get(canonical(analyte))
