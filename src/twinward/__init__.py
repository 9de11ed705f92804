"""Open, live digital twins for healthcare: mirror, forecast, rehearse, decide, learn.

Example:
    >>> import twinward
    >>> twinward.Action("arrivals", 1.3).value
    1.3
"""

from twinward.core import (
    Action,
    Belief,
    Comparison,
    Evidence,
    Forecast,
    Observation,
    Observations,
    Quarantine,
    Scenario,
    Subject,
    Twin,
    kind,
    kinds,
)

__all__ = [
    "Action",
    "Belief",
    "Comparison",
    "Evidence",
    "Forecast",
    "Observation",
    "Observations",
    "Quarantine",
    "Scenario",
    "Subject",
    "Twin",
    "kind",
    "kinds",
]
