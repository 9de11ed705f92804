"""From a diplotype to a metaboliser phenotype, as CPIC translates it (Caudle et al., Clin Transl Sci 2020;13:116)."""

import re
from dataclasses import dataclass

from twinward.errors import BadInput
from twinward.twins.patient.genetics.alleles import CYP2C19_FUNCTION, CYP2D6_ACTIVITY

POOR, INTERMEDIATE, NORMAL, RAPID, ULTRARAPID = "poor", "intermediate", "normal", "rapid", "ultrarapid"


@dataclass(frozen=True, slots=True)
class Phenotype:
    """How fast an enzyme works in a person.

    Args:
        gene: "CYP2D6" or "CYP2C19".
        diplotype: as it was given.
        metaboliser: "poor", "intermediate", "normal", "rapid" or "ultrarapid".
        activity_score: of CYP2D6; None for CYP2C19.
    """

    gene: str
    diplotype: str
    metaboliser: str
    activity_score: float | None = None


def activity_score(diplotype: str) -> float:
    """The sum of the activity values of both CYP2D6 alleles; "*1x2" is two copies.

    Example:
        >>> activity_score("*1/*4"), activity_score("*1x2/*41"), activity_score("*10/*10")
        (1.0, 2.25, 0.5)
    """
    return sum(_activity(allele) for allele in _alleles(diplotype, "CYP2D6"))


def cyp2d6(diplotype: str) -> Phenotype:
    """Poor at 0, intermediate below 1.25, normal to 2.25, ultrarapid above.

    Raises:
        BadInput: the diplotype is not of two star alleles, or an allele's function is unknown.

    Example:
        >>> cyp2d6("*4/*4").metaboliser, cyp2d6("*1/*10").metaboliser, cyp2d6("*2x2/*1").metaboliser
        ('poor', 'normal', 'ultrarapid')
    """
    score = activity_score(diplotype)
    if score == 0:
        metaboliser = POOR
    elif score < 1.25:
        metaboliser = INTERMEDIATE
    else:
        metaboliser = NORMAL if score <= 2.25 else ULTRARAPID
    return Phenotype("CYP2D6", diplotype, metaboliser, score)


def cyp2c19(diplotype: str) -> Phenotype:
    """By the functions of both alleles, as CPIC's diplotype-phenotype table.

    Combinations with a decreased-function allele (CPIC: "likely" intermediate or poor) are named without "likely".

    Example:
        >>> [cyp2c19(d).metaboliser for d in ("*1/*1", "*1/*2", "*2/*17", "*2/*3", "*1/*17", "*17/*17")]
        ['normal', 'intermediate', 'intermediate', 'poor', 'rapid', 'ultrarapid']
    """
    functions = []
    for allele in _alleles(diplotype, "CYP2C19"):
        if allele not in CYP2C19_FUNCTION:
            raise BadInput("CYP2C19 allele", allele, f"one of {', '.join(CYP2C19_FUNCTION)}")
        functions.append(CYP2C19_FUNCTION[allele])
    return Phenotype("CYP2C19", diplotype, _of_functions(*sorted(functions, key=_ORDER.index)))


_ORDER = ("none", "decreased", "normal", "increased")


def _of_functions(lower: str, higher: str) -> str:
    if lower == "none":
        return POOR if higher in ("none", "decreased") else INTERMEDIATE
    if lower == "decreased":
        return INTERMEDIATE
    if lower == "increased":
        return ULTRARAPID
    return RAPID if higher == "increased" else NORMAL


def _alleles(diplotype: str, gene: str) -> tuple[str, str]:
    parts = diplotype.replace(" ", "").removeprefix(gene).split("/") if isinstance(diplotype, str) else []
    if len(parts) != 2 or not all(re.fullmatch(r"\*\d+(x\d+)?", part) for part in parts):
        raise BadInput(f"{gene}: diplotype", diplotype, "two star alleles such as '*1/*4' ('*1x2' for two copies)")
    return parts[0], parts[1]


def _activity(allele: str) -> float:
    name, _, copies = allele.partition("x")
    if name not in CYP2D6_ACTIVITY:
        raise BadInput("CYP2D6 allele", allele, f"one of known function: {', '.join(CYP2D6_ACTIVITY)}")
    return CYP2D6_ACTIVITY[name] * int(copies or 1)
