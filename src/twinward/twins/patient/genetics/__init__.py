"""Pharmacogenetics after CPIC: from star alleles to a metaboliser phenotype, and to what it means for a drug."""

from twinward.twins.patient.genetics.drugs import Advice, advice, clearance_factor
from twinward.twins.patient.genetics.phenotype import Phenotype, activity_score, cyp2c19, cyp2d6

__all__ = ["Advice", "Phenotype", "activity_score", "advice", "clearance_factor", "cyp2c19", "cyp2d6"]
