"""AHA PREVENT 2023, base model (Khan et al., Circulation 2024;149:430-449): 10 and 30 years, five outcomes."""

from twinward.twins.patient.risk.prevent.coefficients import OUTCOMES
from twinward.twins.patient.risk.prevent.prevent import Prevent

__all__ = ["OUTCOMES", "Prevent"]
