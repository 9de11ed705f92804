"""The clinic's card of insulin: a meal, a bolus, a basal rate, rehearsed for a person who wears a sensor."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import background_tasks, ui

from twinward.core.observation import Observations
from twinward.errors import TwinwardError
from twinward.twins.patient.commands import NOT_A_DEVICE
from twinward.web.centre.parts.plans import differences
from twinward.web.centre.screen import Screen, Shown
from twinward.web.centre.words import ago
from twinward.web.clinic.insulin import NONE, Insulin
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

# (name, label, unit, where it begins, most, step); it begins with the breakfast of the UVA/Padova simulator's day
# (Kovatchev 2009) and a tenth of its carbohydrate as units: a beginning and no advice.
_SLIDERS = (
    ("carbohydrate", "Carbohydrate of the meal", "g", 45.0, 150.0, 5.0),
    ("bolus", "Bolus", "U", 4.5, 20.0, 0.5),
    ("basal", "Basal rate", "% of now", 100.0, 200.0, 10.0),
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
        self.asked = {name: begins for name, _, _, begins, _, _ in _SLIDERS}
        self.twin: Insulin | None = None
        with ui.element("div").style(
            "display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:4px 24px"
        ):
            for name, label, unit, begins, most, step in _SLIDERS:
                self._slider(name, f"{label} [{unit}]", begins, most, step)
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

    def _slider(self, name: str, heading: str, begins: float, most: float, step: float) -> None:
        with ui.element("div").style("margin:8px 0"):
            words = ui.label(f"{heading}: {number(begins)}").classes("sub")
            slider = ui.slider(min=0.0, max=most, step=step, value=begins).props(f'aria-label="{heading}"')

            def moved(event: Any) -> None:
                self.asked[name] = float(event.value)
                words.text = f"{heading}: {number(self.asked[name])}"

            slider.on_value_change(moved)

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
