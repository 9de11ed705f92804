"""Star alleles become phenotypes as CPIC's tables say, and phenotypes become advice; nothing is made up."""

import pytest

from twinward.errors import BadInput
from twinward.twins.patient.genetics import activity_score, advice, clearance_factor, cyp2c19, cyp2d6


@pytest.mark.parametrize(
    ("diplotype", "score", "metaboliser"),
    [("*1/*1", 2.0, "normal"), ("*1/*1x2", 3.0, "ultrarapid"), ("*1/*3", 1.0, "intermediate"),
     ("*1/*9", 1.25, "normal"), ("*1/*10", 1.25, "normal"), ("*1/*17", 1.5, "normal"), ("*4/*5", 0.0, "poor"),
     ("*4x2/*6", 0.0, "poor"), ("*10/*10", 0.5, "intermediate"), ("*1x2/*10", 2.25, "normal"),
     ("*4/*41", 0.25, "intermediate"), ("*2x2/*17", 2.5, "ultrarapid")],
)  # fmt: skip
def test_cyp2d6_as_cpic_translates_it(diplotype: str, score: float, metaboliser: str) -> None:
    """Rows of PharmCAT's diplotype table, and of the thresholds of the 2020 consensus."""
    found = cyp2d6(diplotype)
    assert (found.activity_score, found.metaboliser) == (score, metaboliser)
    first, second = diplotype.split("/")
    assert cyp2d6(f"{second}/{first}").metaboliser == metaboliser


@pytest.mark.parametrize(
    ("diplotype", "metaboliser"),
    [("*1/*1", "normal"), ("*1/*2", "intermediate"), ("*1/*9", "intermediate"), ("*1/*17", "rapid"),
     ("*17/*17", "ultrarapid"), ("*2/*2", "poor"), ("*2/*17", "intermediate"), ("*10/*10", "intermediate"),
     ("*10/*17", "intermediate"), ("*10/*22", "poor"), ("*1/*38", "normal")],
)  # fmt: skip
def test_cyp2c19_as_cpic_translates_it(diplotype: str, metaboliser: str) -> None:
    assert cyp2c19(diplotype).metaboliser == metaboliser
    first, second = diplotype.split("/")
    assert cyp2c19(f"{second}/{first}").metaboliser == metaboliser


@pytest.mark.parametrize("bad", ["*1", "*1/*2/*3", "1/2", "", "*1/*999", "*1/abc", "*1/*22"])
def test_what_is_not_a_known_diplotype_is_refused(bad: str) -> None:
    with pytest.raises(BadInput, match="CYP2D6"):
        activity_score(bad)


@pytest.mark.parametrize("bad", ["*1", "*1/*12", "*2-*3"])
def test_alleles_of_uncertain_function_are_refused(bad: str) -> None:
    with pytest.raises(BadInput, match="CYP2C19"):
        cyp2c19(bad)


def test_the_gene_s_name_may_stand_before() -> None:
    assert cyp2d6("CYP2D6 *1/*4").metaboliser == "intermediate"


@pytest.mark.parametrize(
    ("drug", "phenotype", "change"),
    [("clopidogrel", cyp2c19("*2/*2"), "alternative"), ("clopidogrel", cyp2c19("*1/*2"), "alternative"),
     ("clopidogrel", cyp2c19("*1/*17"), "none"), ("codeine", cyp2d6("*1x2/*1"), "alternative"),
     ("codeine", cyp2d6("*4/*4"), "alternative"), ("codeine", cyp2d6("*1/*1"), "none"),
     ("omeprazole", cyp2c19("*17/*17"), "dose"), ("omeprazole", cyp2c19("*2/*2"), "dose"),
     ("amitriptyline", cyp2d6("*1/*4"), "dose"), ("escitalopram", cyp2c19("*2/*2"), "alternative"),
     ("tamoxifen", cyp2d6("*4/*4"), "alternative"), ("ondansetron", cyp2d6("*4/*4"), "none")],
)  # fmt: skip
def test_advice_of_the_guidelines(drug: str, phenotype: object, change: str) -> None:
    found = advice(drug, phenotype)  # type: ignore[arg-type]
    assert found.change == change
    assert found.source.startswith("CPIC")


def test_a_drug_or_gene_without_a_guideline_is_refused() -> None:
    with pytest.raises(BadInput, match="drug"):
        advice("paracetamol", cyp2d6("*1/*1"))
    with pytest.raises(BadInput, match="gene"):
        advice("clopidogrel", cyp2d6("*1/*1"))


def test_a_factor_is_published_or_there_is_none() -> None:
    poor, normal = cyp2c19("*2/*2"), cyp2c19("*1/*1")
    found = clearance_factor("citalopram", poor)
    assert found is not None
    assert found[0] == pytest.approx(1 / 2.07)
    assert "label" in found[1]
    assert clearance_factor("citalopram", normal) == (1.0, "the reference of the published factors")
    assert clearance_factor("citalopram", cyp2c19("*17/*17")) is None
    assert clearance_factor("clopidogrel", poor) is None
