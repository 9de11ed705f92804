"""Oncology: tumour growth inhibition and survival, radiotherapy, neutropenia, schedules against each other."""

from twinward.twins.patient.oncology.growth_inhibition import GrowthInhibition
from twinward.twins.patient.oncology.radiation_course import Course, complication_probability, radiation_course
from twinward.twins.patient.oncology.radiotherapy import (
    Schedule,
    Tissue,
    biologically_effective_dose,
    equivalent_dose_2gy,
    incomplete_repair,
    linear_quadratic_survival,
    surviving_fraction,
    tumour_control_probability,
)
from twinward.twins.patient.oncology.survival import Survival, lung_cancer_survival, time_to_growth

__all__ = [
    "Course",
    "GrowthInhibition",
    "Schedule",
    "Survival",
    "Tissue",
    "biologically_effective_dose",
    "complication_probability",
    "equivalent_dose_2gy",
    "incomplete_repair",
    "linear_quadratic_survival",
    "lung_cancer_survival",
    "radiation_course",
    "surviving_fraction",
    "time_to_growth",
    "tumour_control_probability",
]
