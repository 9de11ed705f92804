"""Standard normal numbers addressed by what they are for: (key, instant, purpose, member, component)."""

from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.engines.random import normal_quantile, philox, to_uniform

_SHIFT = np.uint64(32)


def stamp(times: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """Instants as counter words: their bits. Equal times give equal numbers, whatever came between.

    Example:
        >>> stamp(np.array([0.0, 1.0])).tolist()
        [0, 4607182418800017408]
    """
    return np.ascontiguousarray(times, dtype=np.float64).view(np.uint64)


@njit(cache=True)
def fill_normals(key: Any, instant: Any, purpose: int, member: int, out: Any) -> None:
    """Fill `out` with the numbers of one member; component i does not depend on how many there are.

    Args:
        key: two uint64 (`Streams.key()`).
        instant: uint64, see `stamp`.
        purpose: what the numbers are for, so that two uses at one instant are independent.
        member: which member.
        out: shape (components,), overwritten.

    Example:
        >>> short, long = np.empty(2), np.empty(5)
        >>> fill_normals(np.array([1, 2], dtype=np.uint64), np.uint64(7), 0, 3, short)
        >>> fill_normals(np.array([1, 2], dtype=np.uint64), np.uint64(7), 0, 3, long)
        >>> (short == long[:2]).all()
        np.True_
    """
    lane = np.uint64(purpose) << _SHIFT
    for first in range(0, out.shape[0], 4):
        a, b, c, d = philox(np.uint64(member), lane | np.uint64(first), instant, np.uint64(0), key[0], key[1])
        left = out.shape[0] - first
        out[first] = normal_quantile(to_uniform(a))
        if left > 1:
            out[first + 1] = normal_quantile(to_uniform(b))
        if left > 2:
            out[first + 2] = normal_quantile(to_uniform(c))
        if left > 3:
            out[first + 3] = normal_quantile(to_uniform(d))
