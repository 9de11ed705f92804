"""The bedside: a patient's monitor drawn by the fitted body, its next hours, treatments compared, what it is like."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import numpy as np
from nicegui import background_tasks, ui

from twinward.core.comparison import Comparison
from twinward.errors import TwinwardError
from twinward.twins.patient.commands import NOT_A_DEVICE
from twinward.twins.patient.present import EARLY_WARNING, EARLY_WARNING_FROM, MEASURED, on_oxygen
from twinward.twins.patient.risk import News2
from twinward.web.bedside.session import Bedside, Session, Sure
from twinward.web.bedside.waves import Channel, Waves
from twinward.web.centre import twin
from twinward.web.centre.parts import fan
from twinward.web.centre.parts.chart import Chart
from twinward.web.centre.parts.plans import differences
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, Shown, card
from twinward.web.centre.words import ago
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number, unit
from twinward.web.report.patient import not_explained

CHUNK = 1.0  # seconds of traces that are sent at once
REFRESH = 20.0  # seconds between two looks at what came
_SIZE_HOLDS = 365.0 * 86400.0  # seconds for which a weight or a height is taken for today's: a choice

_CHANNELS = (
    Channel("ecg", "ECG II", "--fine", -0.6, 1.4),
    Channel("arterial_pressure", "ART", "--act", 20.0, 180.0),
    Channel("plethysmogram", "Pleth", "--accent", -0.4, 1.6),
    Channel("capnogram", "CO2", "--watch", -2.0, 55.0),
)
# Input of NEWS2 -> the signal that tells it.
_NEWS = {one.name: MEASURED[one.name][0] for one in News2.inputs if one.name in MEASURED}
_SHAPES = {"act": "▲", "watch": "◆", "fine": "●"}
_CHARTS = ("mean_arterial_pressure", "oxygen_saturation", "lactate", "respiratory_rate")


async def build(screen: Screen, asked: str) -> None:
    """The page of one patient, by reference or pseudonym; reading it is audited."""
    reference = await twin.permitted(screen, asked)
    if reference is None:
        return
    waiting = tag("p", tag("span", class_="spin", aria_hidden="true"), "Fitting the body to what was measured",
                  class_="wait")  # fmt: skip
    with ui.element("div").classes("cards"):
        with card("Monitor", screen, "drawn by this patient's twin", "w7 monitor"):
            waves = Waves(_CHANNELS, "Waveforms of the twin: ECG, arterial pressure, plethysmogram, capnogram")
            numbers = Shown(screen, waiting)
        with card("What comes if nothing changes?", screen, "6 h", "w5"):
            room = ui.element("div")
        with card("Compare treatments", screen, "6 h, paired, 90 %", "w7"):
            _comparing = _Comparing(screen)
        with card("What this body is like", screen, "prior and now", "w5"):
            body = Shown(screen, waiting)
    page = _Page(screen, reference, waves, numbers, room, body, _comparing)
    background_tasks.create(page.live(), name=f"bedside {screen.client.id}")


class _Page:
    """Keeps one page alive: chunks of traces, and a new fit where something came."""

    def __init__(
        self, screen: Screen, reference: str, waves: Waves, numbers: Any, room: Any, body: Any, comparing: _Comparing
    ) -> None:
        self.screen, self.reference, self.waves = screen, reference, waves
        self.numbers, self.room, self.body, self.comparing = numbers, room, body, comparing
        self.charts: dict[str, Chart] = {}
        self.closed = False
        screen.client.on_delete(self._close)

    def _close(self) -> None:
        self.closed = True

    async def live(self) -> None:
        """Until the browser is gone."""
        attributes = _attributes(self.screen, self.reference)
        try:
            session = await asyncio.to_thread(Session, self.screen.centre, self.reference, attributes)
            told = await asyncio.to_thread(session.refresh)
        except TwinwardError as why:
            self.numbers.show(tag("p", f"The body could not be fitted: {why}", class_="empty", role="alert"))
            return
        if told is None:
            self.numbers.show(
                tag("p", tag("strong", "Nothing was measured"), "The monitor begins with the first vital sign.",
                    class_="empty")
            )  # fmt: skip
            return
        self._show(told)
        self.comparing.ready(session)
        clock, due = asyncio.get_running_loop().time, 0.0
        refreshed = clock()
        due = clock()
        while not self.closed:
            assert session.monitor is not None
            try:
                chunk = await asyncio.to_thread(session.monitor.next, CHUNK)
            except TwinwardError as why:
                self.numbers.show(tag("p", f"The body could not go on: {why}", class_="empty", role="alert"))
                return
            with contextlib.suppress(RuntimeError):  # the browser has just gone
                self.waves.push(chunk.start, chunk.step, chunk.traces)
            if clock() - refreshed > REFRESH:
                refreshed = clock()
                with contextlib.suppress(TwinwardError):
                    again = await asyncio.to_thread(session.refresh)
                    if again is not None:
                        self._show(again)
            due += CHUNK
            await asyncio.sleep(max(due - clock(), 0.0))

    def _show(self, told: Bedside) -> None:
        self.numbers.show(_numbers(self.screen, told))
        self.body.show(_parameters(told))
        zone, nothing = self.screen.shown.zone, ((), ())
        for name in _CHARTS:
            band = told.bands[name]
            now = self.screen.centre.now()
            seen = self.screen.centre.seen(self.reference, told.at - 6 * 3600.0, now)
            rows = seen.signal == name
            came = (seen.time[rows].tolist(), seen.value[rows].tolist()) if rows.any() else nothing
            options = fan.options(zone, told.at, came, None, band)
            words = fan.words(name, zone, told.at, came, band)
            if name in self.charts:
                self.charts[name].show(options, words)
            else:
                with self.room:
                    ui.html(tag("h3", f"{band.label} [{unit(band.unit)}]"), sanitize=False)
                    self.charts[name] = Chart(options, words, "130px")


def _attributes(screen: Screen, reference: str) -> dict[str, float | str]:
    """Sex and age as messages tell them, size as it was measured; the rest is the reference man's."""
    told = screen.centre.graph(reference).get("attributes") or {}
    found: dict[str, float | str] = {}
    for name in ("sex", "age"):
        if name in told:
            with contextlib.suppress(ValueError):
                found[name] = str(told[name]) if name == "sex" else float(told[name])
    now = screen.centre.now()
    seen = screen.centre.seen(reference, now - _SIZE_HOLDS, now)
    for name, signal in (("weight", "body_weight"), ("height", "body_height")):
        values = seen.value[(seen.signal == signal) & np.isfinite(seen.value)]
        if len(values):
            found[name] = float(values[-1])
    return found


def _numbers(screen: Screen, told: Bedside) -> Html:
    """As on a monitor: large numbers, with where they are likely in an hour."""

    def cell(label: str, value: str, units: str, ahead: str, state: str) -> Html:
        return tag(
            "div", tag("span", f"{label} {units}", class_="sub"), tag("b", value, class_=state),
            tag("span", ahead, class_="sub"), class_="vital",
        )  # fmt: skip

    def around(name: str, digits: int = 0) -> str:
        _, low, high = told.ahead[name]
        return f"in 1 h {low:.{digits}f}–{high:.{digits}f}"

    v = told.vitals
    pressure = f"{v['systolic_blood_pressure'][0]:.0f}/{v['diastolic_blood_pressure'][0]:.0f}"
    cells = [
        cell("HR", f"{v['heart_rate'][0]:.0f}", "/min", around("heart_rate"), "fine"),
        cell("ABP", pressure, "mmHg", f"MAP {v['mean_arterial_pressure'][0]:.0f}, {around('mean_arterial_pressure')}",
             "act"),
        cell("SpO2", f"{v['oxygen_saturation'][0]:.0f}", "%", around("oxygen_saturation"), "accent"),
        cell("EtCO2", f"{v['end_tidal_carbon_dioxide'][0]:.0f}", "mmHg", around("end_tidal_carbon_dioxide"), "watch"),
        cell("RR", f"{v['respiratory_rate'][0]:.0f}", "/min", around("respiratory_rate"), "watch"),
        cell("T", f"{v['body_temperature'][0]:.1f}", "°C", around("body_temperature", 1), "text"),
        _warning(told),
    ]  # fmt: skip
    foot = f"Fitted to {told.fitted} observations of the last day; the last came {ago(told.at, screen.centre.now())}."
    more = [tag("p", "Outside the model's validity: " + "; ".join(told.outside), class_="sub")] if told.outside else []
    note = not_explained(told.unexplained)
    return join([tag("div", *cells, class_="vitals"), tag("p", foot, class_="sub"), *more, *([note] if note else [])])


def _warning(told: Bedside) -> Html:
    """NEWS2 of what was measured, as if awake, and on room air unless oxygen is known to be given."""
    signs = told.signs
    missing = [name.replace("_", " ") for name, signal in _NEWS.items() if signal not in signs]
    if told.age is not None and told.age < EARLY_WARNING_FROM:
        value, state, words = "–", "", f"not for people under {EARLY_WARNING_FROM:g}"
    elif missing:
        value, state, words = "–", "", f"not measured in {EARLY_WARNING / 3600:g} h: {', '.join(missing)}"
    else:
        oxygen = on_oxygen(signs)
        given = {name: signs[signal] for name, signal in _NEWS.items()}
        try:
            score = News2().risk(**given, oxygen=oxygen, consciousness="alert").value
            state = "act" if score >= 7 else "watch" if score >= 5 else "fine"
            value = f"{_SHAPES[state]} {score:.0f}"
            air = "oxygen" if oxygen else "room air"
            words = f"of what was measured; awake, on {air} (Royal College of Physicians 2017)"
        except TwinwardError as why:  # a value beyond what a chart has room for
            value, state, words = "–", "", str(why)
    return tag(
        "div", tag("span", "NEWS2", class_="sub"), tag("b", value, class_=state), tag("span", words, class_="sub"),
        class_="vital",
    )  # fmt: skip


def _parameters(told: Bedside) -> Html:
    rows = []
    for one in told.parameters:
        bar = _range(one)
        rows.append((one.label, number(one.now[1]), bar, "inferred" if one.inferred else "prior"))
    made = table(("Times what size, age and sex say", "Now", "Prior and now, 90 %", "Origin"), rows, "Parameters")
    return join([made, tag("p", NOT_A_DEVICE, class_="sub")])


def _range(one: Sure) -> Html:
    """Prior and now as two bars, one over the other."""
    low, high = min(one.before[0], one.now[0]), max(one.before[2], one.now[2])
    span = (high - low) or 1.0

    def bar(of: tuple[float, float, float], class_: str) -> Html:
        left, width = 100.0 * (of[0] - low) / span, max(100.0 * (of[2] - of[0]) / span, 2.0)
        return tag("i", class_=class_, style=f"left:{left:.0f}%;width:{width:.0f}%")

    before, now = (f"{number(of[0])} to {number(of[2])}" for of in (one.before, one.now))
    told = f"before {before}, now {now}"
    return tag("span", bar(one.before, "p"), bar(one.now, "q"), class_="range", role="img", aria_label=told)


class _Comparing:
    """The card in which treatments are rehearsed."""

    def __init__(self, screen: Screen) -> None:
        self._session: Session | None = None
        self._press = ui.element("button").props('type="button"').classes("press")
        with self._press:
            ui.html("Rehearse the ready plans", sanitize=False, tag="span")
        told = "500 mL of fluid, oxygen, noradrenaline, against going on as it is."
        self._said = Shown(screen, tag("p", told, class_="sub"), live=True)
        self._press.on("click", lambda: background_tasks.create(self._ask()))

    def ready(self, session: Session) -> None:
        """The body stands: it can be asked."""
        self._session = session

    async def _ask(self) -> None:
        if self._session is None:
            self._said.show(tag("p", "The body is still being fitted.", class_="sub"))
            return
        self._said.show(tag("p", tag("span", class_="spin", aria_hidden="true"), "Rehearsing", class_="wait"))
        try:
            compared = await asyncio.to_thread(self._session.compare)
        except TwinwardError as why:
            self._said.show(tag("p", f"It could not be rehearsed: {why}", class_="empty", role="alert"))
            return
        self._said.show(_compared(compared))


_JUDGED = ("hypotension", "hypoxaemia", "tachycardia", "lactate_end", "fluid_given", "lung_water")


def _compared(compared: Comparison) -> Html:
    note = "Best first by time with low pressure; differences from going on as it is, on the same futures. "
    made = differences(compared, _JUDGED, "hypotension", "Treatments")
    return join([made, tag("p", note + NOT_A_DEVICE, class_="sub")])
