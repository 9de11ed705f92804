"""What the hospital twin shows."""

from twinward.core.kinds import View
from twinward.web.report import render

VIEW = View("hospital", render)
