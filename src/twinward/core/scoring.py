"""Proper scores and calibration measures of ensemble forecasts."""

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


def _ensemble(members: FloatArray, observed: FloatArray) -> tuple[FloatArray, FloatArray]:
    ensemble = np.asarray(members, dtype=np.float64)
    truth = np.asarray(observed, dtype=np.float64)
    if ensemble.ndim < 1 or ensemble.shape[0] < 1 or ensemble.shape[1:] != truth.shape:
        raise BadInput("members", ensemble.shape, f"shape (members, *{truth.shape})")
    return ensemble, truth


def crps(members: FloatArray, observed: FloatArray) -> FloatArray:
    """Continuous ranked probability score of an ensemble, in the unit of what was forecast; smaller is better.

    Args:
        members: shape (members, ...).
        observed: shape (...).

    Returns:
        Shape (...): mean |x - y| - mean |x - x'| / 2 (Gneiting & Raftery 2007, eq. 21), over all pairs of members;
        for one member it is the absolute error.

    Example:
        >>> crps(np.array([1.0, 3.0]), np.array(2.0)).item()
        0.5
    """
    ensemble, truth = _ensemble(members, observed)
    count = ensemble.shape[0]
    ordered = np.sort(ensemble, axis=0)
    rank = (2 * np.arange(1, count + 1) - count - 1).reshape(-1, *([1] * truth.ndim))
    spread = (rank * ordered).sum(axis=0) / count**2  # = mean |x - x'| / 2
    error: FloatArray = np.abs(ensemble - truth).mean(axis=0) - spread
    return error


def crps_of_quantiles(quantiles: FloatArray, chances: FloatArray, observed: FloatArray) -> FloatArray:
    """Continuous ranked probability score of a forecast told by quantiles: twice the mean pinball loss.

    Args:
        quantiles: shape (..., chances); chances: shape (chances,), evenly spread over (0, 1).
        observed: shape (...).

    Returns:
        Shape (...), in the unit of what was forecast (Gneiting & Raftery 2007; Laio & Tamea 2007).

    Example:
        >>> crps_of_quantiles(np.array([1.0, 2.0, 3.0]), np.array([0.25, 0.5, 0.75]), np.array(2.0)).round(3).item()
        0.333
    """
    error = observed[..., None] - quantiles
    score: FloatArray = 2.0 * (error * (chances - (error < 0.0))).mean(axis=-1)
    return score


def pit_bounds(members: FloatArray, observed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The interval [P(X < y), P(X <= y)] within which the randomised PIT is uniform.

    For a continuous forecast both ends (nearly) meet; for counts the interval is as wide as the probability of the
    observed count (Czado, Gneiting & Held 2009, "Predictive model assessment for count data", eq. 1).
    """
    ensemble, truth = _ensemble(members, observed)
    below: FloatArray = (ensemble < truth).mean(axis=0)
    up_to: FloatArray = (ensemble <= truth).mean(axis=0)
    return below, up_to


def covered(members: FloatArray, observed: FloatArray, level: float = 0.8) -> FloatArray:
    """The probability (0..1) that the randomised PIT lies in the central band of `level`.

    Its mean over many forecasts is the band's coverage; unlike the share inside [q10, q90] it is exact for counts,
    where a closed band holds more than it promises. For continuous forecasts both agree.

    Example:
        >>> members = np.arange(10.0)
        >>> covered(members, np.array(5.0)).item(), covered(members, np.array(42.0)).item()
        (1.0, 0.0)
    """
    low, high = pit_bounds(members, observed)
    edge = (1 - level) / 2
    width = high - low
    overlap = np.clip(np.minimum(high, 1 - edge) - np.maximum(low, edge), 0, None)
    inside = ((low >= edge) & (high <= 1 - edge)).astype(np.float64)
    share: FloatArray = np.where(width > 0, overlap / np.where(width > 0, width, 1.0), inside)
    return share


def covered_closed(members: FloatArray, observed: FloatArray, level: float = 0.8) -> FloatArray:
    """1 where the observation lies inside the closed central band of `level`, as a reader of a picture counts."""
    ensemble, truth = _ensemble(members, observed)
    edge = (1 - level) / 2
    low = np.quantile(ensemble, edge, axis=0, method="inverted_cdf")
    high = np.quantile(ensemble, 1 - edge, axis=0, method="inverted_cdf")
    inside: FloatArray = ((truth >= low) & (truth <= high)).astype(np.float64)
    return inside


def pit_histogram(members: FloatArray, observed: FloatArray, bins: int = 10) -> FloatArray:
    """Shares of the (non-random) PIT histogram for counts: flat at 1 / bins where the forecast is calibrated."""
    low, high = pit_bounds(members, observed)
    return pit_shares(low.ravel(), high.ravel(), bins)


def pit_shares(low: FloatArray, high: FloatArray, bins: int = 10) -> FloatArray:
    """The PIT histogram of forecasts whose PIT is uniform between `low` and `high`; shares sum to 1.

    Source: Czado, Gneiting & Held 2009, eq. 2-3.

    Example:
        >>> pit_shares(np.array([0.0, 0.5]), np.array([0.5, 1.0]), bins=4).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    if not low.size:
        return np.full(bins, np.nan)
    edges = np.linspace(0, 1, bins + 1)[:, None]
    wide = high > low
    width = np.where(wide, high - low, 1.0)
    cumulative = np.where(wide, np.clip((edges - low) / width, 0, 1), (edges >= high).astype(np.float64))
    shares: FloatArray = np.diff(cumulative.mean(axis=1))
    shares[0] += float(cumulative[0].mean())
    return shares


def log_loss(probabilities: FloatArray, happened: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> FloatArray:
    """Minus the logarithm of the probability given to what happened; shape (n, outcomes), (n,) -> (n,)."""
    chosen = probabilities[np.arange(len(happened)), happened]
    loss: FloatArray = -np.log(np.clip(chosen, 1e-12, 1.0))
    return loss


def brier(probabilities: FloatArray, happened: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> FloatArray:
    """Multi-category Brier score (Brier 1950): sum of squared differences; 0 is perfect, 2 the worst."""
    truth = np.zeros_like(probabilities)
    truth[np.arange(len(happened)), happened] = 1.0
    score: FloatArray = ((probabilities - truth) ** 2).sum(axis=1)
    return score
