"""Designing a trial: its size with and without twins, its looks, its recruitment, and the trial simulated."""

from twinward.twins.trial.design.adjustment import Caution, adjusted_variance, frison_pocock
from twinward.twins.trial.design.endpoints import Endpoint, Hazards, Means, Rates, Risks
from twinward.twins.trial.design.group_sequential import Boundary, boundary
from twinward.twins.trial.design.guenther_schouten import power_exact, power_of, sample_size
from twinward.twins.trial.design.recruitment import Recruitment
from twinward.twins.trial.design.reestimation import Promising, blinded_variance, promising, reestimated
from twinward.twins.trial.design.sizing import Design, Risk, Saving, Sized, design
from twinward.twins.trial.design.uncertainty import Squared, bootstrap

__all__ = [
    "Boundary",
    "Caution",
    "Design",
    "Endpoint",
    "Hazards",
    "Means",
    "Promising",
    "Rates",
    "Recruitment",
    "Risk",
    "Risks",
    "Saving",
    "Sized",
    "Squared",
    "adjusted_variance",
    "blinded_variance",
    "bootstrap",
    "boundary",
    "design",
    "frison_pocock",
    "power_exact",
    "power_of",
    "promising",
    "reestimated",
    "sample_size",
]
