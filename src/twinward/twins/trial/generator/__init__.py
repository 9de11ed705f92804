"""Synthetic participants: a generator learned from a history, sampled, continued, and judged for what it gives away."""

from twinward.twins.trial.generator.cohort import Cohort, from_table, read
from twinward.twins.trial.generator.declared import CohortFile, parse
from twinward.twins.trial.generator.model import Generator, learn
from twinward.twins.trial.generator.privacy import Privacy, privacy
from twinward.twins.trial.generator.store import load, save

__all__ = [
    "Cohort", "CohortFile", "Generator", "Privacy", "from_table", "learn", "load", "parse", "privacy", "read", "save",
]  # fmt: skip
