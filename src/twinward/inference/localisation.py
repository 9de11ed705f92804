"""Localisation: correlations with what is far away are sampling noise and are tapered off (Gaspari & Cohn 1999)."""

import numpy as np

from twinward.core.arrays import FloatArray


def gaspari_cohn(distance: FloatArray, half_width: float) -> FloatArray:
    """Compactly supported fifth-order correlation function: 1 at distance 0, 0 from twice `half_width` on.

    Source: Gaspari & Cohn 1999, "Construction of correlation functions in two and three dimensions", eq. 4.10.

    Example:
        >>> gaspari_cohn(np.array([0.0, 2.0, 4.0]), 2.0).round(4).tolist()
        [1.0, 0.2083, 0.0]
    """
    r = np.abs(np.asarray(distance, dtype=np.float64)) / half_width
    near = (((-r / 4 + 1 / 2) * r + 5 / 8) * r - 5 / 3) * r**2 + 1
    safe = np.where(r > 0, r, 1.0)
    far = ((((r / 12 - 1 / 2) * r + 5 / 8) * r + 5 / 3) * r - 5) * r + 4 - 2 / (3 * safe)
    value: FloatArray = np.where(r <= 1, near, np.where(r < 2, far, 0.0))
    return value
