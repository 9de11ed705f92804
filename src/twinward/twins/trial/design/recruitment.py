"""How long recruitment takes: centres whose rates differ and are not known (Anisimov & Fedorov 2007, Stat Med 26:4958).

The rate of centre i is drawn from a gamma distribution, its participants arrive as a Poisson process from its opening.
With L(t) = sum_i rate_i (t - opening_i)+ the n-th participant arrives when L reaches a gamma(n) variate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Recruitment:
    """What is expected of the centres.

    Args:
        rate: participants a centre and month, on average over centres.
        centres: how many.
        spread: standard deviation of the centres' rates over their mean; 0: all alike.
        opening: months until the last centre opens; they open at even intervals from the start.

    Example:
        >>> Recruitment(rate=0.5, centres=40).mean_months(200)
        10.0
    """

    rate: float
    centres: int
    spread: float = 0.5
    opening: float = 0.0

    def __post_init__(self) -> None:
        if not (self.rate > 0 and self.centres >= 1 and self.spread >= 0 and self.opening >= 0):
            raise BadInput(
                "rate, centres, spread, opening", (self.rate, self.centres, self.spread, self.opening),
                "a rate > 0, at least one centre, a spread and an opening >= 0",
            )  # fmt: skip

    @property
    def openings(self) -> FloatArray:
        """Months at which the centres open."""
        return np.linspace(0.0, self.opening, self.centres)

    def mean_months(self, n: float) -> float:
        """When n are expected to be there: where the mean of L reaches n."""
        return float(_reached(np.full((1, self.centres), self.rate), self.openings, np.array([float(n)]))[0])

    def months(self, participants: Sequence[float], draws: int, rng: np.random.Generator) -> FloatArray:
        """Possible months until each of several sizes is reached, by the same centres and arrivals; (sizes, draws).

        Example:
            >>> drawn = Recruitment(0.5, 40).months([100, 200], 500, np.random.default_rng(1))
            >>> bool((drawn[1] > drawn[0]).all())
            True
        """
        sizes = np.asarray(participants, dtype=np.float64)
        if not (sizes > 0).all():
            raise BadInput("participants", sizes.tolist(), "numbers > 0")
        rates = np.full((draws, self.centres), self.rate)
        if self.spread > 0:
            shape = self.spread**-2
            rates = rng.gamma(shape, self.rate / shape, (draws, self.centres))
        order = np.argsort(sizes)
        steps = np.diff(sizes[order], prepend=0.0)
        needed = np.empty((len(sizes), draws))
        needed[order] = np.cumsum(
            [rng.gamma(step, size=draws) if step > 0 else np.zeros(draws) for step in steps], axis=0
        )
        return np.array([_reached(rates, self.openings, row) for row in needed])


def _reached(rates: FloatArray, openings: FloatArray, needed: FloatArray) -> FloatArray:
    """When sum_i rates_i (t - openings_i)+ reaches what is needed; (draws, centres), (centres,), (draws,)."""
    together = np.cumsum(rates, axis=1)
    there = np.concatenate([np.zeros((len(rates), 1)), np.cumsum(together[:, :-1] * np.diff(openings), axis=1)], axis=1)
    last = (there <= needed[:, None]).sum(axis=1) - 1  # the last centre that is open when it is reached
    rows = np.arange(len(rates))
    return np.asarray(openings[last] + (needed - there[rows, last]) / together[rows, last])
