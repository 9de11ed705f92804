"""What the patient twin shows."""

from twinward.core.kinds import View
from twinward.web.report.patient import render

VIEW = View("patient", render)
