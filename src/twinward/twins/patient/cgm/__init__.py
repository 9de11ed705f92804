"""Glucose sensors: reading them, and forecasting what they will show."""

from twinward.twins.patient.cgm.forecaster import Foretold, GlucoseForecast, GlucoseForecaster
from twinward.twins.patient.cgm.insulin import Dose, read_doses
from twinward.twins.patient.cgm.meals import KINDS, Meal, read_meal
from twinward.twins.patient.cgm.observed import observations_of, session_from
from twinward.twins.patient.cgm.session import Session
from twinward.twins.patient.cgm.shanghai import read_session, read_sessions

__all__ = [
    "KINDS", "Dose", "Foretold", "GlucoseForecast", "GlucoseForecaster", "Meal", "Session", "observations_of",
    "read_doses", "read_meal", "read_session", "read_sessions", "session_from",
]  # fmt: skip
