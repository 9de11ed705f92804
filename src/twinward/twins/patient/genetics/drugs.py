"""What a metaboliser phenotype means for a drug: CPIC's recommendations, and published factors on clearance."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from twinward.errors import BadInput
from twinward.twins.patient.genetics.phenotype import INTERMEDIATE, NORMAL, POOR, RAPID, ULTRARAPID, Phenotype


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation for a drug and a phenotype.

    Args:
        drug, gene, metaboliser: what it is of.
        recommendation: in the project's words, after the guideline.
        change: "none", "alternative" or "dose".
        source: the guideline.
    """

    drug: str
    gene: str
    metaboliser: str
    recommendation: str
    change: str
    source: str


_USUAL = ("Label-recommended dose", "none")
_CLOPIDOGREL = "CPIC: Lee et al., Clin Pharmacol Ther 2022;112:959"
_OPIOIDS = "CPIC: Crews et al., Clin Pharmacol Ther 2021;110:888"
_PPI = "CPIC: Lima et al., Clin Pharmacol Ther 2021;109:1417"
_TCA = "CPIC: Hicks et al., Clin Pharmacol Ther 2017;102:37"
_SSRI = "CPIC: Bousman et al., Clin Pharmacol Ther 2023;114:51"
_TAMOXIFEN = "CPIC: Goetz et al., Clin Pharmacol Ther 2018;103:770"
_ONDANSETRON = "CPIC: Bell et al., Clin Pharmacol Ther 2017;102:213"
_VORICONAZOLE = "CPIC: Moriyama et al., Clin Pharmacol Ther 2017;102:45"

_NO_CLOPIDOGREL = ("Use prasugrel or ticagrelor where not contraindicated", "alternative")
_NO_CODEINE_FAST = ("Avoid: risk of toxicity by morphine; another analgesic, not tramadol", "alternative")
_NO_CODEINE_SLOW = ("Avoid: too little morphine is formed; another analgesic, not tramadol", "alternative")
_OPIOID_WATCH = ("Label-recommended dose; another opioid if there is no response", "none")
_PPI_MORE = ("Start with the standard dose; consider 50-100 % more for H. pylori or erosive oesophagitis", "dose")
_PPI_DOUBLE = ("Increase the starting daily dose by 50-100 %; watch the effect", "dose")
_PPI_LESS = ("Standard starting dose; beyond 12 weeks consider 50 % less", "dose")
_SSRI_FAST = ("Consider another antidepressant not mainly cleared by CYP2C19", "alternative")
_SSRI_RAPID = ("Standard start; titrate, or change the drug if the response is inadequate", "dose")
_SSRI_INTERMEDIATE = ("Standard start; titrate slower, lower maintenance dose", "dose")
_SSRI_POOR = (
    "Consider another drug, or a lower start, slower titration and 50 % of the maintenance dose",
    "alternative",
)
_TCA_AVOID = ("Avoid tricyclics; if warranted, guide the dose by levels", "alternative")
_TCA_POOR = ("Avoid tricyclics; if warranted, 50 % of the starting dose, guided by levels", "alternative")

_TCA_LESS = ("Consider 25 % less of the starting dose, guided by levels", "dose")
_NO_VORICONAZOLE = ("Another antifungal not cleared by CYP2C19", "alternative")
_NO_ONDANSETRON = ("Another antiemetic not mainly cleared by CYP2D6", "alternative")
_TAMOXIFEN_POOR = ("An aromatase inhibitor; before the menopause with ovarian suppression", "alternative")
_TAMOXIFEN_LESS = ("Consider an aromatase inhibitor, else a higher dose of tamoxifen", "alternative")

# By metaboliser: (recommendation, change); what is not named is the usual dose.
_By = Mapping[str, tuple[str, str]]
_OPIOID: _By = {ULTRARAPID: _NO_CODEINE_FAST, INTERMEDIATE: _OPIOID_WATCH, POOR: _NO_CODEINE_SLOW}
_PUMP: _By = {ULTRARAPID: _PPI_DOUBLE, RAPID: _PPI_MORE, NORMAL: _PPI_MORE, INTERMEDIATE: _PPI_LESS, POOR: _PPI_LESS}
_SEROTONIN: _By = {ULTRARAPID: _SSRI_FAST, RAPID: _SSRI_RAPID, INTERMEDIATE: _SSRI_INTERMEDIATE, POOR: _SSRI_POOR}
_TRICYCLIC_2D6: _By = {ULTRARAPID: _TCA_AVOID, INTERMEDIATE: _TCA_LESS, POOR: _TCA_POOR}
_TRICYCLIC_2C19: _By = {ULTRARAPID: _TCA_AVOID, RAPID: _TCA_AVOID, POOR: _TCA_POOR}
_ANTIFUNGAL: _By = {ULTRARAPID: _NO_VORICONAZOLE, RAPID: _NO_VORICONAZOLE, POOR: _NO_VORICONAZOLE}

_TABLE: Mapping[str, Mapping[str, tuple[str, _By]]] = MappingProxyType(
    {
        "clopidogrel": {"CYP2C19": (_CLOPIDOGREL, {INTERMEDIATE: _NO_CLOPIDOGREL, POOR: _NO_CLOPIDOGREL})},
        "codeine": {"CYP2D6": (_OPIOIDS, _OPIOID)},
        "tramadol": {"CYP2D6": (_OPIOIDS, _OPIOID)},
        "omeprazole": {"CYP2C19": (_PPI, _PUMP)},
        "lansoprazole": {"CYP2C19": (_PPI, _PUMP)},
        "pantoprazole": {"CYP2C19": (_PPI, _PUMP)},
        "dexlansoprazole": {"CYP2C19": (_PPI, _PUMP)},
        "citalopram": {"CYP2C19": (_SSRI, _SEROTONIN)},
        "escitalopram": {"CYP2C19": (_SSRI, _SEROTONIN)},
        "amitriptyline": {"CYP2D6": (_TCA, _TRICYCLIC_2D6), "CYP2C19": (_TCA, _TRICYCLIC_2C19)},
        "nortriptyline": {"CYP2D6": (_TCA, _TRICYCLIC_2D6)},
        "tamoxifen": {"CYP2D6": (_TAMOXIFEN, {POOR: _TAMOXIFEN_POOR, INTERMEDIATE: _TAMOXIFEN_LESS})},
        "ondansetron": {"CYP2D6": (_ONDANSETRON, {ULTRARAPID: _NO_ONDANSETRON})},
        "voriconazole": {"CYP2C19": (_VORICONAZOLE, _ANTIFUNGAL)},
    }
)

# Published factors on clearance, relative to normal metabolisers: the reciprocal of how much the exposure rises.
_CLEARANCE: Mapping[tuple[str, str, str], tuple[float, str]] = MappingProxyType(
    {
        ("atomoxetine", "CYP2D6", POOR): (1 / 10, "US label of atomoxetine: exposure 10-fold in poor metabolisers"),
        ("aripiprazole", "CYP2D6", POOR): (1 / 1.8, "US label of aripiprazole: exposure 80 % higher"),
        ("citalopram", "CYP2C19", POOR): (1 / 2.07, "US label of citalopram: exposure 107 % higher"),
        ("voriconazole", "CYP2C19", POOR): (1 / 4, "US label of voriconazole: exposure 4-fold on average"),
        ("voriconazole", "CYP2C19", INTERMEDIATE): (1 / 2, "US label of voriconazole: exposure 2-fold on average"),
    }
)


def advice(drug: str, phenotype: Phenotype) -> Advice:
    """The recommendation for a drug and a phenotype.

    Raises:
        BadInput: no guideline is held for this drug and gene.

    Example:
        >>> from twinward.twins.patient.genetics.phenotype import cyp2c19
        >>> advice("clopidogrel", cyp2c19("*2/*2")).change
        'alternative'
    """
    held = _TABLE.get(drug)
    if held is None:
        raise BadInput("drug", drug, f"one of {', '.join(_TABLE)}")
    if phenotype.gene not in held:
        raise BadInput(f"{drug}: gene", phenotype.gene, f"one of {', '.join(held)}")
    source, by_metaboliser = held[phenotype.gene]
    recommendation, change = by_metaboliser.get(phenotype.metaboliser, _USUAL)
    return Advice(drug, phenotype.gene, phenotype.metaboliser, recommendation, change, source)


def clearance_factor(drug: str, phenotype: Phenotype) -> tuple[float, str] | None:
    """By how much clearance differs from that of a normal metaboliser, and where that is published.

    Returns:
        (factor, source); (1.0, ...) for a normal metaboliser of a drug with a published factor; None where no number
        is published or held: a factor is never made up.

    Example:
        >>> from twinward.twins.patient.genetics.phenotype import cyp2d6
        >>> clearance_factor("atomoxetine", cyp2d6("*4/*5"))[0], clearance_factor("codeine", cyp2d6("*4/*5"))
        (0.1, None)
    """
    known = [key for key in _CLEARANCE if key[:2] == (drug, phenotype.gene)]
    if not known:
        return None
    if phenotype.metaboliser == NORMAL:
        return 1.0, "the reference of the published factors"
    return _CLEARANCE.get((drug, phenotype.gene, phenotype.metaboliser))
