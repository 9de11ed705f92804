"""What a person eats, injects and does over a time, minute by minute."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

EATING_RATE = 5.0  # g/min; simglucose's `EAT_RATE`, so that a meal lasts as long here as there


@dataclass(frozen=True)
class Plan:
    """Meals, insulin, exercise.

    Args:
        meals: (minute at which it begins, g of carbohydrate); eaten at 5 g/min, one after the other.
        boluses: (minute at which it begins, U); infused within that minute.
        basal: U/h, throughout.
        exercise: (minute at which it begins, minutes that it lasts, % of the heart-rate reserve); where two overlap
            the one named later counts.

    Example:
        >>> plan = Plan(meals=((1, 12.0),), boluses=((0, 2.0),), basal=0.6)
        >>> plan.eaten(5).tolist(), plan.infused(3).round(2).tolist()
        ([0.0, 5.0, 5.0, 2.0, 0.0], [2.01, 0.01, 0.01])
        >>> Plan(exercise=((1, 2, 50.0),)).active(4).tolist()
        [0.0, 50.0, 50.0, 0.0]
    """

    meals: tuple[tuple[int, float], ...] = ()
    boluses: tuple[tuple[int, float], ...] = ()
    basal: float = 0.0
    exercise: tuple[tuple[int, int, float], ...] = ()

    def __post_init__(self) -> None:
        for name, entries in (("meals", self.meals), ("boluses", self.boluses)):
            for minute, amount in entries:
                if minute < 0 or minute != int(minute):
                    raise BadInput(name, minute, "whole minutes >= 0")
                if not (math.isfinite(amount) and amount >= 0):
                    raise BadInput(name, amount, "an amount >= 0")
        if not (math.isfinite(self.basal) and self.basal >= 0):
            raise BadInput("basal", self.basal, "U/h >= 0")
        for minute, lasting, share in self.exercise:
            if minute < 0 or minute != int(minute) or lasting < 1 or lasting != int(lasting):
                raise BadInput("exercise", (minute, lasting), "a whole minute >= 0 and whole minutes >= 1")
            if not (math.isfinite(share) and 0 <= share <= 100):
                raise BadInput("exercise", share, "0 to 100 % of the heart-rate reserve")

    def eaten(self, minutes: int) -> FloatArray:
        """g/min in each minute."""
        rate, left = np.zeros(minutes), 0.0
        announced = _by_minute(self.meals, minutes)
        for minute in range(minutes):
            left += announced[minute]
            rate[minute] = min(EATING_RATE, left)
            left -= rate[minute]
        return rate

    def infused(self, minutes: int) -> FloatArray:
        """U/min in each minute."""
        return _by_minute(self.boluses, minutes) + self.basal / 60.0

    def active(self, minutes: int) -> FloatArray:
        """% of the heart-rate reserve in each minute."""
        share = np.zeros(minutes)
        for minute, lasting, level in self.exercise:
            share[int(minute) : int(minute + lasting)] = level
        return share


def _by_minute(entries: tuple[tuple[int, float], ...], minutes: int) -> FloatArray:
    amount = np.zeros(minutes)
    for minute, value in entries:
        if minute < minutes:
            amount[int(minute)] += value
    return amount
