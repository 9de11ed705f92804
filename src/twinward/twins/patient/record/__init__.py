"""A patient's record: who it is, what was seen, diagnosed and given, each fact with where it comes from."""

from twinward.twins.patient.record.facts import Diagnosis, Fact, Medication, PatientRecord, Procedure, Refused, Report
from twinward.twins.patient.record.read import read

__all__ = ["Diagnosis", "Fact", "Medication", "PatientRecord", "Procedure", "Refused", "Report", "read"]
