"""The clinic's card of a tumour: other doses of chemotherapy, other courses of radiotherapy, against the usual ones."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import background_tasks, ui

from twinward.errors import TwinwardError
from twinward.twins.patient.commands import NOT_A_DEVICE
from twinward.twins.patient.oncology import Schedule
from twinward.twins.patient.oncology.schedules import Chemotherapy
from twinward.twins.patient.oncology.tumour import LUNG
from twinward.web.centre.parts.knobs import Knob, knobs
from twinward.web.centre.parts.plans import differences
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, Shown
from twinward.web.clinic.tumour import CONVENTIONAL, USUAL, WEEKS, Size, compare_marrow, compare_tumour, doses
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

_TUMOUR = ("final_size", "best_change", "progression")
_MARROW = ("nadir", "grade_4", "days_grade_4")


class TumourPlans:
    """Sliders, a button, and what the plans would do; nothing is written anywhere.

    Args:
        person: its `sex`, "female" or "male", whenever it is asked for.
        sizes: measured ones, the first before treatment; may be none.
        neutrophils: 10^9/L, None where they were not counted.
        body_surface_m2: None where size is not known.
    """

    def __init__(
        self,
        screen: Screen,
        person: Mapping[str, Any],
        sizes: Sequence[Size],
        neutrophils: float | None,
        body_surface_m2: float | None,
    ) -> None:
        self.person, self.sizes, self.neutrophils = person, sizes, neutrophils
        told = "measured" if len(sizes) > 1 else "assumed"
        first = sizes[0].mm if sizes else LUNG.baseline_mm[0]
        last = sizes[-1] if len(sizes) > 1 else Size(6.0, first)  # RECIST 1.1 looks again after 6 to 8 weeks
        surface = "assumed" if body_surface_m2 is None else "measured"
        self.asked = knobs(
            (
                Knob("before", f"Sum of diameters before treatment [mm], {told}", first, 10.0, 300.0, 1.0),
                Knob("now", f"Now [mm], {told}", last.mm, 1.0, 300.0, 1.0),
                Knob("weeks", f"Weeks treated, {told}", last.week, 1.0, 52.0, 1.0),
                Knob("dose", "Docetaxel [mg/m2 a dose]", 60.0, 10.0, 100.0, 5.0),
                Knob("interval", "Every [weeks]", 3.0, 1.0, 4.0, 1.0),
                # 1.79 m2: the mean of adults in cancer treatment (Sacco 2010, PLoS One 5:e8933)
                Knob("surface", f"Body surface [m2], {surface}", body_surface_m2 or 1.79, 1.2, 2.6, 0.01),
                Knob("fractions", "Fractions of radiotherapy", 20.0, 1.0, 40.0, 1.0),
                Knob("gray", "Dose a fraction [Gy]", 2.75, 1.0, 10.0, 0.05),
                # 10 and 3 Gy: early-reacting tissues and tumours, late-reacting ones (Fowler 1989, Br J Radiol 62:679)
                Knob("tumour_alpha_beta", "alpha/beta of the tumour [Gy]", 10.0, 1.0, 20.0, 0.5),
                Knob("late_alpha_beta", "alpha/beta of the late tissue [Gy]", 3.0, 1.0, 6.0, 0.5),
            )
        )
        press = ui.element("button").props('type="button"').classes("press")
        with press:
            ui.html("Compare the courses", sanitize=False, tag="span")
        self.said = Shown(screen, tag("p", f"What is known before: {LUNG.label}.", class_="sub"), live=True)
        press.on("click", lambda: background_tasks.create(self._ask()))

    async def _ask(self) -> None:
        self.said.show(tag("p", tag("span", class_="spin", aria_hidden="true"), "Rehearsing", class_="wait"))
        self.said.show(await asyncio.to_thread(self.compare))

    def compare(self) -> Html:
        """What the plans of the sliders would do; a second."""
        try:
            return join([self._chemotherapy(), self._radiotherapy(), tag("p", NOT_A_DEVICE, class_="sub")])
        except TwinwardError as why:
            return tag("p", f"It could not be rehearsed: {why}", class_="empty", role="alert")

    def _chemotherapy(self) -> Html:
        asked = self.asked
        between = [one for one in self.sizes[1:-1] if 0.0 < one.week < asked["weeks"]]
        sizes = [Size(0.0, asked["before"]), *between, Size(asked["weeks"], asked["now"])]
        plan = Chemotherapy(asked["dose"], asked["interval"], int(WEEKS // asked["interval"]))
        tumour = compare_tumour(sizes, plan)
        marrow = compare_marrow(plan, asked["surface"], self.person["sex"], self.neutrophils)
        note = (
            f"{WEEKS} weeks; changed: {number(plan.dose)} mg/m2 every {number(plan.interval_weeks)} weeks. Told from "
            f"{len(sizes)} sizes, taken as if under {USUAL.dose:g} mg/m2 every {USUAL.interval_weeks:g} weeks until "
            f"now; the kill is taken to go with the dose a week. Before sizes: {LUNG.label} ({LUNG.source})."
        )
        return join([
            differences(tumour, _TUMOUR, "final_size", "The tumour under chemotherapy"),
            differences(marrow, _MARROW, "nadir", "Neutrophils under chemotherapy"), tag("p", note, class_="sub"),
        ])  # fmt: skip

    def _radiotherapy(self) -> Html:
        asked = self.asked
        rows = []
        for course in (CONVENTIONAL, Schedule(int(asked["fractions"]), asked["gray"])):
            told = doses(course, asked["tumour_alpha_beta"], asked["late_alpha_beta"])
            cells = (told.total, told.days, told.tumour_bed, told.tumour_eqd2, told.late_eqd2)
            rows.append((f"{course.fractions} x {number(course.dose)} Gy", *(number(float(one)) for one in cells)))
        heads = ("Radiotherapy", "Total [Gy]", "Days", "Tumour, BED [Gy]", "Tumour, EQD2 [Gy]", "Late, EQD2 [Gy]")
        note = "Linear-quadratic, without regrowth: more is better for the tumour, less for the tissue that limits it."
        return join([table(heads, rows, "Courses of radiotherapy"), tag("p", note, class_="sub")])
