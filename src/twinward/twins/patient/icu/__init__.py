"""Intensive care: reading bedside values, putting artefacts aside, forecasting an hour ahead."""

from twinward.twins.patient.icu.forecaster import SIGNALS, VitalForecast, VitalForecaster
from twinward.twins.patient.icu.physionet import read_stay, read_stays
from twinward.twins.patient.icu.stay import Series, Stay

__all__ = ["SIGNALS", "Series", "Stay", "VitalForecast", "VitalForecaster", "read_stay", "read_stays"]
