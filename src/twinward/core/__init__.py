"""The loop: mirror, forecast, rehearse, decide, learn. It knows no domain, no protocol and no screen."""

from twinward.core.belief import Belief
from twinward.core.comparison import Comparison
from twinward.core.coupling import Coupling
from twinward.core.evidence import Check, Evidence
from twinward.core.forecast import Forecast
from twinward.core.kinds import Kind, kind, kinds
from twinward.core.message import Message
from twinward.core.model import Model, Times
from twinward.core.observation import Observation, Observations
from twinward.core.outcome import Outcome
from twinward.core.quarantine import Quarantine, Quarantined
from twinward.core.scenario import Action, Scenario
from twinward.core.scoreboard import Scoreboard
from twinward.core.signal import LOINC, MDC, SNOMED, Code, Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.twin import Observed, Twin

__all__ = [
    "LOINC",
    "MDC",
    "SNOMED",
    "Action",
    "Belief",
    "Check",
    "Code",
    "Comparison",
    "Control",
    "Coupling",
    "Evidence",
    "Forecast",
    "Kind",
    "Message",
    "Model",
    "Observation",
    "Observations",
    "Observed",
    "Outcome",
    "Quarantine",
    "Quarantined",
    "Scenario",
    "Scoreboard",
    "Signal",
    "Streams",
    "Subject",
    "Times",
    "Twin",
    "kind",
    "kinds",
]
