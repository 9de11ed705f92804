"""Whole trials by the ten thousand: ANCOVA with a score, dropout, interim looks; compiled.

Every number drawn is a function of (seed, trial, participant), so that the result is the same with any number of
threads. The outcome is sd (sqrt(R2) score + sqrt(1 - R2) rest) plus the effect of the arm; ANCOVA of the outcome on arm
and score has a closed form in the arms' sums (Cochran 1957, Biometrics 13:261).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from scipy.stats import norm, t

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.engines.random import normal_quantile, philox, to_uniform
from twinward.errors import BadInput
from twinward.twins.trial.design.normal import Design


@dataclass(frozen=True, eq=False)
class Simulated:
    """What trials came to.

    Args:
        z: (trials, looks) test statistics of the adjusted effect, on the normal scale (through the t distribution).
        effect: (trials, looks) estimates.
        rejected: (trials,) looks at which the first boundary was crossed, -1 never.
        participants: of each look, randomised.
    """

    z: FloatArray
    effect: FloatArray
    rejected: FloatArray
    participants: tuple[int, ...]

    @property
    def power(self) -> float:
        """Share of trials that found an effect."""
        return float((self.rejected >= 0).mean())

    @property
    def standard_error(self) -> float:
        """Of `power`, by chance of simulation."""
        return float(np.sqrt(self.power * (1.0 - self.power) / len(self.rejected)))

    @property
    def mean_participants(self) -> float:
        """Randomised until a trial stops."""
        last = len(self.participants) - 1
        stopped = np.where(self.rejected < 0, last, self.rejected).astype(int)
        return float(np.array(self.participants)[stopped].mean())


def simulate(
    design: Design,
    participants: int,
    trials: int,
    *,
    seed: int = 1,
    adjust: bool = True,
    looks: tuple[float, ...] = (1.0,),
    bounds: tuple[float, ...] | None = None,
) -> Simulated:
    """Play trials of a design.

    Args:
        participants: randomised in a whole trial, at `design.ratio`, in random order.
        adjust: for the score; else the arms' means are compared.
        looks: shares of the participants at which is looked, the last 1.
        bounds: of abs(z) at each look; the fixed one of alpha where there is one look.

    Raises:
        BadInput: too few participants at a look, or as many bounds as looks are not given.

    Example:
        >>> from twinward.twins.trial.design.simulate import simulate
        >>> design = Design(sd=10.0, effect=5.0, r2=0.35)
        >>> abs(simulate(design, 112, 4000).power - design.power(112)) < 0.03
        True
    """
    if bounds is None:
        bounds = (float(norm.ppf(1.0 - design.alpha / 2.0)),) if len(looks) == 1 else ()
    if len(bounds) != len(looks) or list(looks) != sorted(looks) or looks[-1] != 1.0:
        raise BadInput("looks, bounds", (looks, bounds), "a bound each look, looks rising to 1")
    sizes = tuple(round(share * participants) for share in looks)
    if sizes[0] * (1.0 - design.dropout) < 12:
        raise BadInput("participants", participants, "at least 12 with an outcome at the first look")
    key = Streams(seed).child("trials").key()
    share = design.ratio / (1.0 + design.ratio)
    found = np.empty((trials, len(looks), 3))
    effect = design.effect - design.margin
    _play(key, np.array(sizes), share, design.sd, design.r2, effect, design.dropout, adjust, found)
    statistic = found[:, :, 1]
    z = norm.isf(t.sf(np.abs(statistic), found[:, :, 2])) * np.sign(statistic)
    crossed = np.abs(z) >= np.array(bounds)
    rejected = np.where(crossed.any(axis=1), crossed.argmax(axis=1), -1).astype(float)
    return Simulated(z, found[:, :, 0], rejected, sizes)


@njit(parallel=True, cache=True, error_model="numpy")
def _play(key, sizes, share, sd, r2, effect, dropout, adjust, found):  # type: ignore[no-untyped-def]
    told, rest = np.sqrt(r2), np.sqrt(1.0 - r2)
    for trial in prange(found.shape[0]):
        sums = np.zeros((2, 6))  # n, score, outcome, their squares and product, of each arm
        look = 0
        treated = 0
        for i in range(sizes[-1]):
            a, b, c, d = philox(np.uint64(i), np.uint64(0), np.uint64(0), np.uint64(trial), key[0], key[1])
            # the arm with the greater want takes the next, by chance in proportion: exact at the end
            wanted = round(share * sizes[-1]) - treated
            arm = 1 if to_uniform(c) * (sizes[-1] - i) < wanted else 0
            treated += arm
            if to_uniform(d) >= dropout:
                score = normal_quantile(to_uniform(a))
                y = sd * (told * score + rest * normal_quantile(to_uniform(b))) + effect * arm
                sums[arm, 0] += 1.0
                sums[arm, 1] += score
                sums[arm, 2] += y
                sums[arm, 3] += score * score
                sums[arm, 4] += y * y
                sums[arm, 5] += score * y
            if i + 1 == sizes[look]:
                _look(sums, adjust, found[trial, look])
                look += 1


@njit(cache=True, error_model="numpy")
def _look(sums, adjust, out):  # type: ignore[no-untyped-def]
    """Estimate, t statistic and degrees of freedom."""
    n0, n1 = sums[0, 0], sums[1, 0]
    x0, x1, y0, y1 = sums[0, 1] / n0, sums[1, 1] / n1, sums[0, 2] / n0, sums[1, 2] / n1
    xx = sums[0, 3] + sums[1, 3] - n0 * x0 * x0 - n1 * x1 * x1
    yy = sums[0, 4] + sums[1, 4] - n0 * y0 * y0 - n1 * y1 * y1
    xy = sums[0, 5] + sums[1, 5] - n0 * x0 * y0 - n1 * x1 * y1
    slope = xy / xx if adjust else 0.0
    df = n0 + n1 - (3.0 if adjust else 2.0)
    variance = (yy - slope * xy) / df * (1.0 / n0 + 1.0 / n1 + ((x1 - x0) ** 2 / xx if adjust else 0.0))
    out[0] = y1 - y0 - slope * (x1 - x0)
    out[1] = out[0] / np.sqrt(variance)
    out[2] = df
