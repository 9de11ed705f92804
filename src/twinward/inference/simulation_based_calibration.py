"""Is an inference right? Truths from the prior must rank uniformly in their posteriors (Talts et al. 2018)."""

from dataclasses import dataclass

import numpy as np
import scipy

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput


def ranks(truth: FloatArray, posterior: FloatArray, rng: np.random.Generator) -> IntArray:
    """The rank of each truth among the members of its posterior, ties broken at random.

    Args:
        truth: shape (trials, ...).
        posterior: shape (trials, members, ...), nearly independent members.

    Returns:
        Shape (trials, ...), values 0..members.

    Example:
        >>> ranks(np.array([2.5]), np.array([[1.0, 2.0, 3.0]]), np.random.default_rng(0)).tolist()
        [2]
    """
    if posterior.shape[:1] + posterior.shape[2:] != truth.shape:
        raise BadInput("posterior", posterior.shape, f"shape ({truth.shape[0]}, members, *{truth.shape[1:]})")
    below = (posterior < truth[:, None]).sum(axis=1)
    ties = (posterior == truth[:, None]).sum(axis=1)
    return np.asarray(below + rng.integers(0, ties + 1), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Uniformity:
    """A chi-square test of ranks against the uniform distribution.

    Args:
        chi_square, degrees, p: statistic, degrees of freedom, probability of a larger one by chance.
        shares: of the bins; too full at both ends: overconfident; too full in the middle: timid; one side: biased.
    """

    chi_square: float
    degrees: int
    p: float
    shares: tuple[float, ...]


def uniformity(rank: IntArray, members: int, bins: int = 10) -> Uniformity:
    """Test ranks 0..members.

    Args:
        bins: of as equal a width as `members + 1` allows.

    Example:
        >>> uniformity(np.arange(100) % 20, members=19).p
        1.0
    """
    if not 2 <= bins <= members + 1:
        raise BadInput("bins", bins, f"2..{members + 1}")
    if len(rank) < 5 * bins:
        raise BadInput("rank", len(rank), f"at least {5 * bins} trials for {bins} bins")
    edges = np.round(np.linspace(0, members + 1, bins + 1)).astype(np.int64)
    seen = np.histogram(rank, edges - 0.5)[0]
    if seen.sum() != len(rank):
        raise BadInput("rank", (int(rank.min()), int(rank.max())), f"values 0..{members}")
    expected = np.diff(edges) / (members + 1) * len(rank)
    found = scipy.stats.chisquare(seen, expected)
    shares = tuple((seen / len(rank)).tolist())
    return Uniformity(float(found.statistic), bins - 1, float(found.pvalue), shares)
