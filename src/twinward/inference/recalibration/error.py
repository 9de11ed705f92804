"""How far forecast chances are from what came."""

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


def expected_calibration_error(chance: FloatArray, label: FloatArray, bins: int = 10) -> float:
    """Mean gap between forecast and frequency over bins of equally many forecasts.

    Args:
        chance: (forecasts,) in [0, 1]; label: (forecasts,) 0 or 1.
        bins: of equal count, by rank of the forecast (ties in the order given).

    Source: Naeini, Cooper & Hauskrecht 2015 (AAAI 29), with bins of equal count. It is above 0 for calibrated
    forecasts, too: about 0.8 times the standard error of a bin's frequency.

    Example:
        >>> round(expected_calibration_error(np.full(10, 0.3), np.repeat([0.0, 1.0], 5), bins=1), 6)
        0.2
    """
    p, y = np.asarray(chance, dtype=np.float64), np.asarray(label, dtype=np.float64)
    if p.shape != y.shape or p.ndim != 1 or len(p) < bins:
        raise BadInput("chance, label", (p.shape, y.shape), f"as many of each, at least {bins}")
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, bins)
    return float(sum(len(rows) * abs(p[rows].mean() - y[rows].mean()) for rows in parts) / len(p))
