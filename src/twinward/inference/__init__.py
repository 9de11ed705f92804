"""How a belief is updated: one method a file."""

from twinward.inference.base import Update, UpdateFailed
from twinward.inference.conformal import AdaptiveConformal
from twinward.inference.conjugate import BetaBinomial, DirichletMultinomial, GammaPoisson, NormalNormal
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.inference.ensemble_square_root import EnsembleSquareRoot
from twinward.inference.kaplan_meier import KaplanMeier
from twinward.inference.localisation import gaspari_cohn
from twinward.inference.particles import Particles, effective_size, systematic

__all__ = [
    "AdaptiveConformal",
    "BetaBinomial",
    "DirichletMultinomial",
    "EnsembleKalman",
    "EnsembleSquareRoot",
    "GammaPoisson",
    "KaplanMeier",
    "NormalNormal",
    "Particles",
    "Update",
    "UpdateFailed",
    "effective_size",
    "gaspari_cohn",
    "systematic",
]
