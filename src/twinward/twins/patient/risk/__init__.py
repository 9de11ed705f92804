"""Risk and prevention: published scores with one interface, each in its own file."""

from twinward.twins.patient.risk.acute_kidney_injury import AcuteKidneyInjury
from twinward.twins.patient.risk.ages import risk_by_age
from twinward.twins.patient.risk.base import Input, Risk, Score
from twinward.twins.patient.risk.chads_vasc import ChadsVasc
from twinward.twins.patient.risk.egfr import Egfr, albuminuria_category, ckd_prognosis, gfr_category
from twinward.twins.patient.risk.findrisc import Findrisc
from twinward.twins.patient.risk.framingham import Framingham
from twinward.twins.patient.risk.gather import gather, hba1c_ifcc
from twinward.twins.patient.risk.inputs import cholesterol_mmol_per_l
from twinward.twins.patient.risk.kidney_failure import KidneyFailure
from twinward.twins.patient.risk.news2 import News2
from twinward.twins.patient.risk.prevent import Prevent
from twinward.twins.patient.risk.score2 import Score2
from twinward.twins.patient.risk.score2_diabetes import Score2Diabetes
from twinward.twins.patient.risk.score2_op import Score2OP
from twinward.twins.patient.risk.uncertainty import risk_with_uncertainty

__all__ = [
    "AcuteKidneyInjury",
    "ChadsVasc",
    "Egfr",
    "Findrisc",
    "Framingham",
    "Input",
    "KidneyFailure",
    "News2",
    "Prevent",
    "Risk",
    "Score",
    "Score2",
    "Score2Diabetes",
    "Score2OP",
    "albuminuria_category",
    "cholesterol_mmol_per_l",
    "ckd_prognosis",
    "gather",
    "gfr_category",
    "hba1c_ifcc",
    "risk_by_age",
    "risk_with_uncertainty",
]
