"""The clinic's card of glucose: plans round a meal, rehearsed for a person who wears a sensor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import background_tasks, ui

from twinward.core.comparison import Comparison
from twinward.core.observation import Observations
from twinward.errors import TwinwardError
from twinward.twins.patient.commands import NOT_A_DEVICE
from twinward.web.centre.parts.fields import choice
from twinward.web.centre.parts.knobs import Knob, knobs
from twinward.web.centre.parts.plans import differences
from twinward.web.centre.screen import Screen, Shown
from twinward.web.centre.words import ago
from twinward.web.clinic.insulin import NONE, Insulin
from twinward.web.clinic.type2 import MEAL_ALONE, Type2
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

# The meal is the breakfast of the UVA/Padova simulator's day (Kovatchev 2009), the bolus a tenth of its grams as units,
# the walk brisk: beginnings and no advice.
_MEAL = Knob("carbohydrate", "Carbohydrate of the meal [g]", 45.0, 0.0, 150.0, 5.0)
_GIVEN = {"carbohydrate", "insulin_bolus", "insulin_basal"}
_JUDGED = ("time_in_range", "time_below_70", "time_above_180", "lowest_glucose", "mean_glucose")


@dataclass(frozen=True)
class _Way:
    """How one type of diabetes is rehearsed.

    Args:
        begin: makes the twin; `plans`: compares as the sliders stand.
        alone: the plan that the others are held against.
        span: how long it looks ahead; `caution`: what it does not know.
    """

    knobs: tuple[Knob, ...]
    begin: Callable[..., Any]
    plans: Callable[[Any, Mapping[str, float]], Comparison]
    alone: str
    span: str
    caution: str = ""


_WAYS = {
    "type 1": _Way(
        (_MEAL, Knob("bolus", "Bolus [U]", 4.5, 0.0, 20.0, 0.5),
         Knob("basal", "Basal rate [% of now]", 100.0, 0.0, 200.0, 10.0)),
        Insulin, lambda twin, at: twin.compare(at["carbohydrate"], at["bolus"], at["basal"] / 100.0), NONE,
        "6 h",
    ),
    "type 2": _Way(
        (_MEAL, Knob("walk", "Walk after it [% of the heart-rate reserve]", 40.0, 0.0, 80.0, 5.0),
         Knob("minutes", "Walk [min]", 30.0, 5.0, 120.0, 5.0),
         Knob("basal", "Basal insulin besides [U/h]", 0.5, 0.0, 3.0, 0.1),
         Knob("metformin", "Metformin [% of a full dose]", 100.0, 0.0, 100.0, 10.0)),
        Type2, lambda twin, at: twin.compare(
            at["carbohydrate"], at["walk"], int(at["minutes"]), at["basal"], at["metformin"] / 100.0
        ), MEAL_ALONE,
        "24 h",
        "Metformin is told as if it had long been taken. It was set by people with a fasting glucose of 170 mg/dL and "
        "more; nearer to normal, where it seldom makes glucose low, it is held against nothing. The intervals of the "
        "liver's sensitivity hold 77 % for 90 %.",
    ),
}  # fmt: skip


class GlucosePlans:
    """The type of diabetes, sliders, a button, and what the plans would do; nothing is written anywhere.

    Args:
        seen: what the sensor and the person told.
    """

    def __init__(self, screen: Screen, reference: str, attributes: dict[str, Any], seen: Observations) -> None:
        self.screen, self._made = screen, (reference, attributes, seen)
        self.kind, self.asked, self.twins = "type 1", dict[str, float](), dict[str, Any]()
        choice("Diabetes", {kind: kind for kind in _WAYS}, self.kind, self._choose)
        self.room = ui.element("div")
        press = ui.element("button").props('type="button"').classes("press")
        with press:
            ui.html("Compare the plans", sanitize=False, tag="span")
        given = sum(signal in _GIVEN for signal in seen.signal)
        told = (
            f"{len(seen) - given} readings of three days, the last {self._last()}; meals and doses told: {given}. "
            "What was eaten or injected and not told is taken for the body's."
        )
        self.said = Shown(screen, tag("p", told, class_="sub"), live=True)
        press.on("click", lambda: background_tasks.create(self._ask()))
        self._choose(self.kind)

    def _choose(self, kind: str) -> None:
        """Other sliders for another type."""
        if kind not in _WAYS:
            return
        self.kind = kind
        self.room.clear()
        with self.room:
            self.asked = knobs(_WAYS[kind].knobs)

    def _last(self) -> str:
        return ago(float(self._made[2].time.max()), self.screen.centre.now())

    async def _ask(self) -> None:
        self.said.show(tag("p", tag("span", class_="spin", aria_hidden="true"), "Rehearsing", class_="wait"))
        self.said.show(await asyncio.to_thread(self.compare))

    def compare(self) -> Html:
        """What the plans of the sliders would do; seconds, the first time."""
        kind, way = self.kind, _WAYS[self.kind]
        try:
            if kind not in self.twins:
                self.twins[kind] = way.begin(*self._made)
            compared = way.plans(self.twins[kind], self.asked)
        except TwinwardError as why:
            return tag("p", f"It could not be rehearsed: {why}", class_="empty", role="alert")
        note = (
            f"{way.span} from the last reading ({self._last()}); the meal a quarter of an hour later; basal rate now "
            f"{number(self.twins[kind].basal)} U/h. Best first by time in range; differences from {way.alone}, on the "
            f"same futures. {way.caution} Holds for diabetes of {kind} alone. {NOT_A_DEVICE}"
        )
        return join([differences(compared, _JUDGED, "time_in_range", "Glucose plans"), tag("p", note, class_="sub")])
