"""The clinic: a person's risk over years, what-if sliders, and a plan of prevention."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from math import isfinite, nan
from typing import Any

import numpy as np
from nicegui import ui

from twinward.core.arrays import FloatArray
from twinward.errors import TwinwardError
from twinward.twins.patient.commands import NOT_A_DEVICE
from twinward.twins.patient.derived import derived
from twinward.twins.patient.oncology.schedules import WEEK
from twinward.twins.patient.present import TO_UMOL
from twinward.twins.patient.risk import Egfr, Prevent, risk_by_age
from twinward.twins.patient.risk.prevention import STEPS, modifiable_share, prevention_plan
from twinward.web.centre import twin
from twinward.web.centre.glucose import GlucosePlans
from twinward.web.centre.parts.chart import Chart
from twinward.web.centre.parts.fan import GRID, WORDS
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.tumour import TumourPlans
from twinward.web.clinic.insulin import LOOK_BACK, seen_by_sensor
from twinward.web.clinic.tumour import Size
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

_YEAR = 365.25 * 86400.0
_TO_MMOL = 0.02586  # cholesterol, mg/dL to mmol/L (as PREVENT has it)

# (input of PREVENT, label, unit, step, where it begins if nothing was measured); signal and factor to PREVENT's unit
_SLIDERS: tuple[tuple[str, str, str, float, float, str, float], ...] = (
    ("age", "Age", "years", 1.0, 55.0, "", 1.0),
    ("systolic_blood_pressure", "Systolic pressure", "mmHg", 1.0, 130.0, "systolic_blood_pressure", 1.0),
    ("total_cholesterol", "Total cholesterol", "mmol/L", 0.1, 5.2, "cholesterol", _TO_MMOL),
    ("hdl_cholesterol", "HDL cholesterol", "mmol/L", 0.05, 1.3, "cholesterol_hdl", _TO_MMOL),
    ("bmi", "Body mass index", "kg/m2", 0.5, 27.0, "body_mass_index", 1.0),
    ("egfr", "Kidney function (eGFR)", "mL/min/1.73 m2", 1.0, 90.0, "glomerular_filtration_rate", 1.0),
)
_SWITCHES = (
    ("smoker", "Smokes"),
    ("diabetes", "Diabetes"),
    ("treated_blood_pressure", "Blood pressure treated"),
    ("statin", "Takes a statin"),
)
# What prevention asks besides PREVENT's inputs; as everything here, a person sets it.
_HABITS = (
    ("active", "150 minutes of moderate activity a week"),
    ("mediterranean_diet", "Eats a Mediterranean diet"),
)
_LIFE = ("stop_smoking", "lose_weight", "be_active", "mediterranean_diet")  # the steps that no doctor prescribes
_TRENDS = (
    ("systolic_blood_pressure", "Systolic blood pressure", "mmHg"),
    ("glucose", "Glucose", "mg/dL"),
    ("hba1c", "HbA1c", "%"),
    ("body_weight", "Weight", "kg"),
)


async def build(screen: Screen, asked: str) -> None:
    """The page of one person, by reference or pseudonym; reading it is audited."""
    reference = await twin.permitted(screen, asked)
    if reference is not None:
        _Clinic(screen, reference)


class _Clinic:
    """Sliders on the left, what they mean on the right; nothing is written anywhere."""

    def __init__(self, screen: Screen, reference: str) -> None:
        self.screen, self.reference = screen, reference
        self.person, self.begun = _start(screen, reference)
        self.habits = {name: False for name, _ in _HABITS}
        self.chosen = dict.fromkeys(_LIFE, True)
        self.chart: Chart | None = None
        with ui.element("div").classes("cards"):
            with card("What if?", screen, "moved values are yours; nothing is written to the record", "w4"):
                self._controls()
            with card("Risk of heart attack, stroke or heart failure", screen, "PREVENT 2023", "w8"):
                self.told = screen.part(lambda _: self._told())
                self.room = ui.element("div").style("height:220px")
            with card("What would prevention bring?", screen, "each step alone, 90 %, largest first", "w8"):
                self.plan = screen.part(lambda _: self._plan())
            with card("Another way of life", screen, "what these bring together", "w4"):
                self._steps()
                self.life = screen.part(lambda _: self._lived())
            with card("What was measured", screen, "", "w4"):
                screen.part(lambda _: self._trends())
            self._glucose()
            self._tumour()
        screen._late.append(self._draw)

    def _glucose(self) -> None:
        now = self.screen.centre.now()
        seen = seen_by_sensor(self.screen.centre.seen(self.reference, now - LOOK_BACK, now))
        if len(seen):
            with card("What would glucose do?", self.screen, "plans round a meal, paired, 90 %", "w8"):
                GlucosePlans(self.screen, self.reference, self._size(), seen)

    def _tumour(self) -> None:
        """Shown where a tumour was measured, or where somebody says that there is one."""
        sizes, size = _sizes(self.screen, self.reference), self._size()
        counted = _values(self.screen, self.reference, "neutrophils")
        surface = {one.name: one.value for one in derived("", size.get("weight", nan), size.get("height", nan))}
        with card("What would other doses do to a tumour?", self.screen, "12 weeks, paired, 90 %", "w12") as room:
            TumourPlans(
                self.screen, self.person, sizes, float(counted[-1]) if len(counted) else None,
                surface.get("body_surface_area"),
            )  # fmt: skip
        room.set_visibility(bool(sizes))
        self.switch.value = bool(sizes)
        self.switch.on_value_change(lambda event: room.set_visibility(bool(event.value)))

    def _size(self) -> dict[str, float]:
        """Weight, kg, and height, cm, where they were measured."""
        found = {}
        for name in ("weight", "height"):
            values = _values(self.screen, self.reference, f"body_{name}")
            if len(values):
                found[name] = float(values[-1])
        return found

    def _controls(self) -> None:
        score = Prevent(10)
        ranges = {i.name: i.allowed for i in score.inputs}
        with ui.element("label").classes("row"):
            ui.html("Sex", sanitize=False, tag="span")
            choice = ui.toggle({"female": "female", "male": "male"}, value=self.person["sex"]).props("dense no-caps")
            choice.on_value_change(lambda event: self._moved("sex", event.value))
        for name, label, unit, step, _, _, _ in _SLIDERS:
            low, high = ranges[name]
            heading = f"{label} [{unit}], {self.begun[name]}"
            with ui.element("div").style("margin:8px 0"):
                words = ui.label(f"{heading}: {number(self.person[name])}").classes("sub")
                slider = ui.slider(min=low, max=high, step=step, value=self.person[name])
                slider.props(f'aria-label="{heading}"')

                def moved(event: Any, name: str = name, words: Any = words, heading: str = heading) -> None:
                    words.text = f"{heading}: {number(float(event.value))}"
                    self._moved(name, float(event.value))

                slider.on_value_change(moved)
        for name, label in _SWITCHES:
            ui.switch(label, value=self.person[name]).on_value_change(
                lambda event, name=name: self._moved(name, bool(event.value))
            )

        for name, label in _HABITS:
            ui.switch(label, value=False).on_value_change(
                lambda event, name=name: self._moved(name, bool(event.value), self.habits)
            )

        self.switch = ui.switch("A tumour is treated")

    def _steps(self) -> None:
        def chose(event: Any, name: str) -> None:
            self.chosen[name] = bool(event.value)
            self.life.show(self._lived())

        with ui.element("div").style("display:flex;flex-wrap:wrap;gap:4px 18px"):
            for name in _LIFE:
                ui.switch(STEPS[name].label, value=True).on_value_change(lambda event, name=name: chose(event, name))

    def _moved(self, name: str, value: Any, of: dict[str, Any] | None = None) -> None:
        (self.person if of is None else of)[name] = value
        self.told.show(self._told())
        self.plan.show(self._plan())
        self.life.show(self._lived())
        self._draw()

    def _lived(self) -> Html:
        """The chosen steps of life taken together: risk before and after, and why one is left out."""
        try:
            plan = prevention_plan(self.person | self.habits, only=[name for name in _LIFE if self.chosen[name]])
        except TwinwardError as why:
            return tag("p", str(why), class_="empty")
        low, high = plan.together.interval
        cells = [
            tag("div", tag("span", label, class_="sub"), tag("b", value), tag("span", words, class_="sub"),
                class_="vital")
            for label, value, words in (
                ("as it is", f"{100 * plan.risk:.1f} %", "within 10 years"),
                ("with these", f"{100 * plan.together.risk_after:.1f} %",
                 f"{100 * low:.1f} to {100 * high:.1f} points less, 90 %"),
            )
        ]  # fmt: skip
        left = [f"{STEPS[name].label}: {why}" for name, why in plan.not_offered.items()]
        without = tag("p", "Changes nothing here: " + "; ".join(left), class_="sub") if left else None
        granted = plan.together.assumes
        taken = tag("p", f"Taken for granted: {granted}", class_="sub") if granted else None
        return join([tag("div", *cells, class_="vitals"), without, taken])

    def _told(self) -> Html:
        said = []
        for years in (10, 30):
            try:
                risk = Prevent(years).risk(**self.person).value
                said.append(tag("div", tag("span", f"within {years} years", class_="sub"),
                                tag("b", f"{100 * risk:.1f} %"), class_="vital"))  # fmt: skip
            except TwinwardError as why:
                said.append(tag("div", tag("span", f"within {years} years", class_="sub"), tag("small", str(why)),
                                class_="vital"))  # fmt: skip
        try:
            share = modifiable_share(self.person)
            said.append(
                tag("div", tag("span", "goes with what can be changed", class_="sub"),
                    tag("b", f"{100 * share.share:.0f} %"),
                    tag("span", f"at optimal levels {100 * share.optimal:.1f} % within 10 years", class_="sub"),
                    class_="vital")
            )  # fmt: skip
        except TwinwardError:
            said.append(tag("span", "what can be changed cannot be told", class_="sub"))
        return join([tag("div", *said, class_="vitals"), tag("p", NOT_A_DEVICE, class_="sub")])

    def _draw(self) -> None:
        """Risk by age, now and at optimal levels of what can be changed."""
        score = Prevent(10)
        low, high = next(i.allowed for i in score.inputs if i.name == "age")
        ages = np.arange(max(self.person["age"], low), high + 0.5, 1.0)
        if not len(ages):
            return
        better = self.person | {
            "systolic_blood_pressure": min(self.person["systolic_blood_pressure"], 110.0),
            "smoker": False,
            "bmi": min(self.person["bmi"], 24.9),
        }
        lines = [
            ("as it is", self.person, "var(--accent)"),
            ("pressure, weight, smoking at their best", better, "var(--fine)"),
        ]
        series: list[dict[str, Any]] = []
        for label, person, colour in lines:
            try:
                risks = 100.0 * risk_by_age(score, ages.tolist(), **person)
            except TwinwardError:
                return
            data = [[float(a), round(float(r), 2)] for a, r in zip(ages, risks, strict=True)]
            style = {"color": colour, "width": 2.2}
            series.append({"name": label, "type": "line", "showSymbol": False, "data": data, "lineStyle": style,
                           "itemStyle": {"color": colour}})  # fmt: skip
        options = {
            "animation": False,
            "grid": {"left": 44, "right": 16, "top": 34, "bottom": 30},
            "legend": {"top": 0, "textStyle": WORDS},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "value", "min": float(ages[0]), "max": high, "name": "age", "axisLabel": WORDS,
                      "splitLine": {"show": False}},
            "yAxis": {"type": "value", "axisLabel": WORDS | {"formatter": "{value} %"}, "splitLine": GRID},
            "series": series,
        }  # fmt: skip
        last = series[0]["data"][-1]
        words = f"Ten-year risk by age, everything else as it is: {last[1]} % at {last[0]:.0f}"
        if self.chart is None:
            with self.room:
                self.chart = Chart(options, words, "220px")
        else:
            self.chart.show(options, words)

    def _plan(self) -> Html:
        try:
            plan = prevention_plan(self.person | self.habits)
        except TwinwardError as why:
            return tag("p", str(why), class_="empty")
        rows = []
        for step in (*plan.steps, plan.together):
            low, high = step.interval
            needed = "–" if not np.isfinite(step.number_needed_to_treat) else f"{step.number_needed_to_treat:.0f}"
            harms = "; ".join(harm.what for harm in step.harms) if step.harms else "none counted"
            rows.append(
                (step.label, f"{100 * step.risk_after:.1f} %",
                 join([f"−{100 * step.reduction:.1f}", tag("small", f"{100 * low:.1f} to {100 * high:.1f} points")]),
                 needed, tag("small", harms))
            )  # fmt: skip
        heads = ("Step", "10-year risk after", "Less, absolute", "To treat for one", "Harms")
        made = table(heads, rows, f"From {100 * plan.risk:.1f} % within 10 years")
        notes = [tag("li", words) for words in plan.assumes]
        skipped = [tag("li", f"{name.replace('_', ' ')}: {why}") for name, why in plan.not_offered.items()]
        details = tag("details", tag("summary", "What the numbers take for granted, and what is not offered"),
                      tag("ul", *notes, *skipped))  # fmt: skip
        return join([made, details])

    def _trends(self) -> Html:
        rows = []
        for signal, label, unit in _TRENDS:
            values = _values(self.screen, self.reference, signal)
            if len(values):
                change = "" if len(values) < 2 else number(float(values[-1] - values[0]), signed=True)
                rows.append((f"{label} [{unit}]", number(float(values[-1])), change, f"{len(values)}"))
        if not rows:
            return tag("p", tag("strong", "Nothing yet"), "The sliders begin at usual values.", class_="empty")
        return table(("", "Newest", "Since the first", "Values"), rows, "Measured in five years")


def _start(screen: Screen, reference: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Where the sliders begin: what was measured, else usual values; and in words which it is."""
    told: Mapping[str, Any] = screen.centre.graph(reference).get("attributes") or {}
    ranges = {i.name: i.allowed for i in Prevent(10).inputs}
    person: dict[str, Any] = {"sex": str(told.get("sex", "female"))}
    begun, computed = {}, _computed(screen, reference, told)
    for name, _, _, _, usual, signal, factor in _SLIDERS:
        value = None
        if name == "age" and "age" in told:
            value = float(told["age"])
        elif signal:
            values = _values(screen, reference, signal)
            value = float(values[-1]) * factor if len(values) else None
        how = "measured"
        if value is None and name in computed:
            value, how = computed[name]
        low, high = ranges[name]
        begun[name] = "assumed" if value is None else how
        if value is not None and not low <= value <= high:
            begun[name] = f"{how} {number(value)}, which is beyond the score: its nearest"
        person[name] = min(max(value if value is not None else usual, low), high)
    return person | {name: False for name, _ in _SWITCHES}, begun


def _computed(screen: Screen, reference: str, told: Mapping[str, Any]) -> dict[str, tuple[float, str]]:
    """What was not measured itself and follows from what was: body mass index and kidney function, and from what."""

    def newest(signal: str) -> float:
        values = _values(screen, reference, signal)
        return float(values[-1]) if len(values) else nan

    sizes = {one.name: one.value for one in derived("", newest("body_weight"), newest("body_height"))}
    found = {"bmi": (sizes["body_mass_index"], "of weight and height")} if "body_mass_index" in sizes else {}
    creatinine = newest("creatinine") * TO_UMOL
    if isfinite(creatinine) and {"sex", "age"} <= told.keys():
        with suppress(TwinwardError):  # out of the equation's range
            rate = Egfr().risk(sex=str(told["sex"]), age=float(told["age"]), creatinine=creatinine).value
            found["egfr"] = (rate, "of creatinine")
    return found


def _sizes(screen: Screen, reference: str) -> list[Size]:
    """Sums of diameters that were measured, in weeks from the first one."""
    now = screen.centre.now()
    seen = screen.centre.seen(reference, now - 5 * _YEAR, now)
    rows = (seen.signal == "tumour_size") & np.isfinite(seen.value)
    times, values = seen.time[rows], seen.value[rows]
    return [Size(float(t - times[0]) / WEEK, float(mm)) for t, mm in zip(times, values, strict=True)]


def _values(screen: Screen, reference: str, signal: str) -> FloatArray:
    """What was measured of a signal in five years, as far as the twin holds it."""
    now = screen.centre.now()
    seen = screen.centre.seen(reference, now - 5 * _YEAR, now)
    found: FloatArray = seen.value[(seen.signal == signal) & np.isfinite(seen.value)]
    return found
