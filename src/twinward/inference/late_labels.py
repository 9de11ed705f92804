"""Forecasts whose labels come months later: what may be learnt from at any moment, and nothing else.

A label has a date of its own, at which it became known. What is issued at a moment may rest only on labels whose date
lies strictly before that moment; the order within one moment therefore never matters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from twinward.core.arrays import AnyArray, BoolArray, FloatArray
from twinward.errors import BadInput


class Corrected(Protocol):
    """What a learner gives: the correction of a forecast (`LogisticRecalibration` is one)."""

    def apply(self, chance: FloatArray, group: AnyArray | None = None) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class LateLabels:
    """Forecasts in the order of time, with labels that come later.

    Args:
        issued: (cases,) when each was forecast, not falling; any unit.
        known: (cases,) when its label became known, in the same unit, not before it was forecast; infinity: never.
        chance: (cases,) as forecast by the model itself.
        label: (cases,) 0 or 1; NaN where it never became known.
        group: (cases,) hospital, country ..., or None.

    Example:
        >>> issued, chance, label = np.array([0.0, 1.0, 7.0]), np.full(3, 0.2), np.array([0.0, 1.0, 0.0])
        >>> told = LateLabels(issued, issued + 6.0, chance, label)
        >>> told.usable(7.0).tolist()
        [True, False, False]
    """

    issued: FloatArray
    known: FloatArray
    chance: FloatArray
    label: FloatArray
    group: AnyArray | None = None

    def __post_init__(self) -> None:
        shapes = {len(self.issued), len(self.known), len(self.chance), len(self.label)}
        if self.group is not None:
            shapes.add(len(self.group))
        if len(shapes) > 1:
            raise BadInput("issued, known, chance, label, group", sorted(shapes), "as many of each")
        if len(self.issued) and (np.diff(self.issued) < 0).any():
            raise BadInput("issued", float(self.issued[1:][np.diff(self.issued) < 0][0]), "moments in their order")
        if (early := self.known < self.issued).any():
            raise BadInput("known", float(self.known[early][0]), "no label before its forecast")
        if (odd := np.isfinite(self.known) & ~np.isin(self.label, (0.0, 1.0))).any():
            raise BadInput("label", float(self.label[odd][0]), "0 or 1 where it became known")

    def usable(self, now: float) -> BoolArray:
        """(cases,) whose labels may be learnt from at a moment: known strictly before it."""
        return np.asarray(self.known < now)

    def arrivals(self, now: float = np.inf) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Rows of the labels known before a moment, in the order they became known (forecasts' order within a date)."""
        rows = np.flatnonzero(self.usable(now) & np.isfinite(self.known))
        return rows[np.argsort(self.known[rows], kind="stable")]

    def replay(self, learn: Callable[[BoolArray], Corrected], every: int = 1) -> FloatArray:
        """What would have been told, had the correction been learnt anew at each moment from the labels known by then.

        Args:
            learn: from the mask of usable cases to a correction.
            every: learn only once so many new labels are there; the last correction holds until then.

        Returns:
            (cases,) chances as issued. Changing a label changes nothing that was issued up to its date.
        """
        told = np.empty(len(self.issued))
        correction: Corrected | None = None
        learnt = -1
        for now in np.unique(self.issued):
            usable = self.usable(float(now))
            count = int(usable.sum())
            if correction is None or (count > learnt and count - learnt >= every):
                correction, learnt = learn(usable), count
            rows = self.issued == now
            told[rows] = correction.apply(self.chance[rows], None if self.group is None else self.group[rows])
        return told
