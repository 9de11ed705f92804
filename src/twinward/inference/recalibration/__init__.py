"""Forecast chances corrected by the labels that came: one method a file."""

from twinward.inference.recalibration.error import expected_calibration_error
from twinward.inference.recalibration.isotonic import IsotonicRecalibration
from twinward.inference.recalibration.logistic import LogisticRecalibration, Prior

__all__ = ["IsotonicRecalibration", "LogisticRecalibration", "Prior", "expected_calibration_error"]
