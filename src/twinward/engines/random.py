"""Counter-based random numbers, compiled: Philox4x64-10.

Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". A number is a function of a key and a four-word
counter, so that a draw can be addressed by what it is for (patient, purpose, visit, replication) whatever the order of
events. A block of four words costs 15 ns; seven rounds pass BigCrush too and cost 10 ns, but the default ten are kept
for their margin, and so that NumPy's Philox is an oracle.
"""

import math
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

# Multipliers and Weyl constants of Philox4x64 (Salmon et al. 2011, table 2; the same as numpy.random.Philox).
_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_TWELVE = np.uint64(12)
_STEP = 2.0**-52
_compiled: Any = cast(Any, njit)(cache=True, error_model="numpy", _nrt=False)  # nothing is allocated
_inlined: Any = cast(Any, njit)(cache=True, error_model="numpy", _nrt=False, forceinline=True)


def _multiply_high(typing_context: Any, a: Any, b: Any) -> Any:
    """The upper 64 bits of the 128-bit product of two uint64."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), code


_high_product: Any = intrinsic(_multiply_high)


@_inlined
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Four uint64 of the block with counter (c0, c1, c2, c3) under the key (k0, k1)."""
    for _ in range(10):
        high0, low0 = _high_product(_M0, c0), _M0 * c0
        high1, low1 = _high_product(_M1, c2), _M1 * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 += _W0
        k1 += _W1
    return c0, c1, c2, c3


@_compiled
def to_uniform(word: Any) -> float:
    """A number in the open interval (0, 1) from the upper 52 bits of a word (with 53 the last would round to 1)."""
    return (float(word >> _TWELVE) + 0.5) * _STEP


@_compiled
def uniform(key: Any, replication: int, who: int, purpose: int, visit: int) -> float:
    """The uniform number in (0, 1) addressed by (key, replication, who, purpose, visit)."""
    word = philox(np.uint64(who), np.uint64(purpose), np.uint64(visit), np.uint64(replication), key[0], key[1])[0]
    return to_uniform(word)


@njit(cache=True, error_model="numpy", nogil=True)
def uniforms(key: Any, first: int, replications: int, who: Any, purpose: int, out: Any) -> None:
    """Two uniform numbers a replication and patient, written into `out` of shape (2, replications, len(who))."""
    for i in range(replications):
        for j in range(len(who)):
            block = philox(np.uint64(who[j]), np.uint64(purpose), np.uint64(0), np.uint64(first + i), key[0], key[1])
            out[0, i, j] = to_uniform(block[0])
            out[1, i, j] = to_uniform(block[1])


@_compiled
def normal_quantile(p: float) -> float:
    """Inverse of the standard normal distribution; relative accuracy about 1e-16 (Wichura 1988, AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                   + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
                + 133.14166789178437745) * r + 3.387132872796366608)  # fmt: skip
        bottom = (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                      + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
                   + 42.313330701600911252) * r + 1.0)  # fmt: skip
        return q * top / bottom
    r = math.sqrt(-math.log(p if q < 0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        top = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                   + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
                + 4.6303378461565452959) * r + 1.42343711074968357734)  # fmt: skip
        bottom = (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                      + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
                   + 2.05319162663775882187) * r + 1.0)  # fmt: skip
    else:
        r -= 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                   + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
                + 5.4637849111641143699) * r + 6.6579046435011037772)  # fmt: skip
        bottom = (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                       + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r
                    + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1.0)  # fmt: skip
    return -top / bottom if q < 0 else top / bottom
