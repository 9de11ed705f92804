"""Codes and units of the wards and laboratories: LOINC to signals, and the spellings of units to UCUM."""

from twinward.connect.codes.signals import CodedSignal, known_signals, signal_named, signal_of, unknown_signal
from twinward.connect.codes.units import ucum
from twinward.connect.codes.values import fault, unit_of

__all__ = ["CodedSignal", "fault", "known_signals", "signal_named", "signal_of", "ucum", "unit_of", "unknown_signal"]
