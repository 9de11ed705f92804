"""A hospital learned from its event log: who stays how long, goes where, and how many come."""

from twinward.twins.hospital.learned.learn import learn
from twinward.twins.hospital.learned.model import LearnedHospital

__all__ = ["LearnedHospital", "learn"]
