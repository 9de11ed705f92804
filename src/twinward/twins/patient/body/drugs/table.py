"""All drugs. To add one, add a row."""

from twinward.twins.patient.body.drugs.drug import Drug
from twinward.twins.patient.body.drugs.hypnotics import HYPNOTICS
from twinward.twins.patient.body.drugs.opioids import OPIOIDS
from twinward.twins.patient.body.drugs.others import OTHERS
from twinward.twins.patient.body.drugs.relaxants import RELAXANTS
from twinward.twins.patient.body.drugs.vasoactives import VASOACTIVES

DRUGS: tuple[Drug, ...] = (*HYPNOTICS, *OPIOIDS, *RELAXANTS, *VASOACTIVES, *OTHERS)
