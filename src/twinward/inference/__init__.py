"""How a belief is updated: one method a file."""

from twinward.inference.base import Update, UpdateFailed
from twinward.inference.champion import PairedComparison
from twinward.inference.conformal import AdaptiveConformal
from twinward.inference.conjugate import BetaBinomial, DirichletMultinomial, GammaPoisson, NormalNormal
from twinward.inference.drift import DriftDetector
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.inference.ensemble_square_root import EnsembleSquareRoot
from twinward.inference.kaplan_meier import KaplanMeier
from twinward.inference.late_labels import LateLabels
from twinward.inference.learning import History, Learning, Review
from twinward.inference.localisation import gaspari_cohn
from twinward.inference.particles import Particles, effective_size, systematic
from twinward.inference.recalibration import (
    IsotonicRecalibration,
    LogisticRecalibration,
    expected_calibration_error,
)

__all__ = [
    "AdaptiveConformal",
    "BetaBinomial",
    "DirichletMultinomial",
    "DriftDetector",
    "EnsembleKalman",
    "EnsembleSquareRoot",
    "GammaPoisson",
    "History",
    "IsotonicRecalibration",
    "KaplanMeier",
    "LateLabels",
    "Learning",
    "LogisticRecalibration",
    "NormalNormal",
    "PairedComparison",
    "Particles",
    "Review",
    "Update",
    "UpdateFailed",
    "effective_size",
    "expected_calibration_error",
    "gaspari_cohn",
    "systematic",
]
