"""What the common star alleles of CYP2D6 and CYP2C19 do: CPIC's allele functionality tables, as PharmCAT ships them."""

from collections.abc import Mapping
from types import MappingProxyType

# Activity values (CPIC, CYP2D6 Allele Functionality Table; read from PharmGKB/PharmCAT, phenotype/cpic/CYP2D6.json:
# *9 and *41 count 0.25 there, 0.5 in guidelines before). Alleles of unknown function are left out: they are refused.
CYP2D6_ACTIVITY: Mapping[str, float] = MappingProxyType(
    {
        "*1": 1.0, "*2": 1.0, "*3": 0.0, "*4": 0.0, "*5": 0.0, "*6": 0.0, "*7": 0.0, "*8": 0.0, "*9": 0.25,
        "*10": 0.25, "*11": 0.0, "*12": 0.0, "*13": 0.0, "*14": 0.5, "*15": 0.0, "*17": 0.5, "*18": 0.0, "*19": 0.0,
        "*20": 0.0, "*21": 0.0, "*27": 1.0, "*29": 0.5, "*31": 0.0, "*32": 0.25, "*33": 1.0, "*34": 1.0, "*35": 1.0,
        "*36": 0.0, "*38": 0.0, "*39": 1.0, "*40": 0.0, "*41": 0.25, "*42": 0.0, "*44": 0.0, "*45": 1.0, "*46": 1.0,
        "*47": 0.0, "*48": 1.0, "*49": 0.5, "*50": 0.5, "*51": 0.0, "*52": 0.25, "*53": 1.0, "*54": 0.5, "*55": 0.5,
        "*56": 0.0, "*59": 0.5, "*60": 0.0, "*62": 0.0,
    }
)  # fmt: skip

# Functions (CPIC, CYP2C19 Allele Functionality Table; read from PharmCAT, phenotype/cpic/CYP2C19.json). Alleles of
# uncertain function are left out.
CYP2C19_FUNCTION: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("*1", "*11", "*13", "*15", "*18", "*28", "*38"), "normal"),
        **dict.fromkeys(("*2", "*3", "*4", "*5", "*6", "*7", "*8", "*22", "*24", "*35", "*36", "*37"), "none"),
        **dict.fromkeys(("*9", "*10", "*16", "*19", "*25", "*26"), "decreased"),
        "*17": "increased",
    }
)
