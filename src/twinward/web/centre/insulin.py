"""The clinic's card of insulin: a meal, a bolus, a basal rate, rehearsed for a person who wears a sensor."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import background_tasks, ui

from twinward.core.observation import Observations
from twinward.errors import TwinwardError
from twinward.twins.patient.commands import NOT_A_DEVICE
from twinward.web.centre.parts.knobs import Knob, knobs
from twinward.web.centre.parts.plans import differences
from twinward.web.centre.screen import Screen, Shown
from twinward.web.centre.words import ago
from twinward.web.clinic.insulin import NONE, Insulin
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

# It begins with the breakfast of the UVA/Padova simulator's day (Kovatchev 2009) and a tenth of its grams as units: a
# beginning and no advice.
_KNOBS = (
    Knob("carbohydrate", "Carbohydrate of the meal [g]", 45.0, 0.0, 150.0, 5.0),
    Knob("bolus", "Bolus [U]", 4.5, 0.0, 20.0, 0.5),
    Knob("basal", "Basal rate [% of now]", 100.0, 0.0, 200.0, 10.0),
)
_GIVEN = {"carbohydrate", "insulin_bolus", "insulin_basal"}
_JUDGED = ("time_in_range", "time_below_70", "time_above_180", "lowest_glucose", "mean_glucose")


class InsulinPlans:
    """Sliders, a button, and what the plans would do; nothing is written anywhere.

    Args:
        seen: what the sensor and the person told.
    """

    def __init__(self, screen: Screen, reference: str, attributes: dict[str, Any], seen: Observations) -> None:
        self.screen, self._made = screen, (reference, attributes, seen)
        self.twin: Insulin | None = None
        self.asked = knobs(_KNOBS)
        press = ui.element("button").props('type="button"').classes("press")
        with press:
            ui.html("Compare the plans", sanitize=False, tag="span")
        given = sum(signal in _GIVEN for signal in seen.signal)
        told = (
            f"{len(seen) - given} readings of three days, the last {self._last()}; meals and doses told: {given}. "
            "What was eaten or injected and not told is taken for the body's. Holds for type 1 diabetes alone."
        )
        self.said = Shown(screen, tag("p", told, class_="sub"), live=True)
        press.on("click", lambda: background_tasks.create(self._ask()))

    def _last(self) -> str:
        return ago(float(self._made[2].time.max()), self.screen.centre.now())

    async def _ask(self) -> None:
        self.said.show(tag("p", tag("span", class_="spin", aria_hidden="true"), "Rehearsing", class_="wait"))
        self.said.show(await asyncio.to_thread(self.compare))

    def compare(self) -> Html:
        """What the plans of the sliders would do; seconds, the first time."""
        try:
            if self.twin is None:
                self.twin = Insulin(*self._made)
            asked = self.asked
            compared = self.twin.compare(asked["carbohydrate"], asked["bolus"], asked["basal"] / 100.0)
        except TwinwardError as why:
            return tag("p", f"It could not be rehearsed: {why}", class_="empty", role="alert")
        note = (
            f"6 h from the last reading ({self._last()}), the meal a quarter of an hour later; basal rate now "
            f"{number(self.twin.basal)} U/h. Best first by time in range; differences from {NONE}, on the same "
            f"futures. Holds for type 1 diabetes alone. {NOT_A_DEVICE}"
        )
        return join([differences(compared, _JUDGED, "time_in_range", "Insulin plans"), tag("p", note, class_="sub")])
