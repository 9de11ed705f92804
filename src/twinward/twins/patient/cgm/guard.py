"""A guard: where the richer forecast has not earned it on this patient, it steps back towards the reference."""

from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray, IntArray

# Our own choice: the trust at the start counts as this many rows (a day), past rows fade with a time of four days.
_TRUST = 96.0
_FADE = 1 - 1 / 384.0


@dataclass(frozen=True, slots=True)
class Trust:
    """Running sums of one patient and horizon.

    Args:
        product: of (what came - reference) and (richer - reference).
        square: of (richer - reference).
    """

    product: float = 0.0
    square: float = 0.0

    def follow(
        self, reference: FloatArray, richer: FloatArray, seen: FloatArray, slot: IntArray, ahead: int, typical: float
    ) -> tuple[FloatArray, "Trust"]:
        """The guarded forecast of each row of a session, and the sums afterwards.

        The weight of the richer one is the least-squares weight (Bates & Granger 1969, the combination of forecasts)
        on outcomes known by then, shrunk to 1 and kept within 0 to 1.

        Args:
            reference, richer: forecasts, shape (rows,).
            seen: what came; NaN where never known.
            slot: rows of the grid.
            ahead: rows after which an outcome is known.
            typical: mean square of richer - reference among the training patients.
        """
        product, square, due = self.product, self.square, 0
        apart, came = richer - reference, seen - reference
        prior = _TRUST * typical
        out = np.empty(len(reference))
        for row in range(len(reference)):
            while slot[due] + ahead <= slot[row]:
                if np.isfinite(came[due]):
                    product = _FADE * product + apart[due] * came[due]
                    square = _FADE * square + apart[due] ** 2
                due += 1
            weight = min(max((product + prior) / (square + prior), 0.0), 1.0)
            out[row] = reference[row] + weight * apart[row]
        return out, Trust(product, square)
