"""Risk and prevention: published scores with one interface, each in its own file."""

from twinward.twins.patient.risk.base import Input, Risk, Score
from twinward.twins.patient.risk.prevent import Prevent

__all__ = ["Input", "Prevent", "Risk", "Score"]
