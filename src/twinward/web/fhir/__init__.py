"""The FHIR R4 endpoint."""

from twinward.web.fhir.bodies import Limits
from twinward.web.fhir.ports import System
from twinward.web.fhir.routes import Guard, open_to_all, router

__all__ = ["Guard", "Limits", "System", "open_to_all", "router"]
