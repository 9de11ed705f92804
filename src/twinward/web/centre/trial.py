"""Designing a trial: sliders, what it needs with its twins and without, what being wrong costs; the kept twins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from nicegui import ui

from twinward.errors import TwinwardError
from twinward.twins.trial import shelf
from twinward.twins.trial.design import (
    Caution,
    Design,
    Endpoint,
    Hazards,
    Means,
    Rates,
    Recruitment,
    Risks,
    Squared,
    design,
)
from twinward.twins.trial.design.sizing import ANCOVA, CAUTIOUS, TWIN, UNADJUSTED
from twinward.twins.trial.locked import LockedTwin
from twinward.web.centre.participant import ParticipantCard
from twinward.web.centre.parts.chart import Chart
from twinward.web.centre.parts.fan import GRID, WORDS
from twinward.web.centre.parts.fields import choice
from twinward.web.centre.parts.table import table
from twinward.web.centre.prognosis import twin_card
from twinward.web.centre.screen import Screen, card
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

# name, label, unit, low, high, step, start
_EFFECTS = {
    "a number": (("effect", "Effect to be found", "SD of the outcome", 0.1, 1.5, 0.05, 0.4),),
    "whether it happens": (("control", "Risk under control", "", 0.02, 0.98, 0.01, 0.3),
                           ("treated", "Risk when treated", "", 0.02, 0.98, 0.01, 0.22)),
    "how often it happens": (("often", "Rate under control", "a year", 0.1, 5.0, 0.1, 1.2),
                             ("rarer", "Rate when treated", "a year", 0.1, 5.0, 0.1, 0.9)),
    "when it happens": (("median", "Half of the controls have it after", "months", 1.0, 120.0, 1.0, 24.0),
                        ("hazard", "Hazard ratio", "", 0.3, 0.95, 0.01, 0.7),
                        ("accrual", "Recruitment lasts", "months", 3.0, 60.0, 1.0, 24.0),
                        ("follow", "Everybody is followed after it for", "months", 1.0, 60.0, 1.0, 12.0)),
}  # fmt: skip
_SLIDERS = (
    ("power", "Power wanted", "", 0.7, 0.98, 0.01, 0.9),
    ("covariates", "R² of the covariates", "", 0.0, 0.8, 0.01, 0.2),
    ("twins", "R² that the twins add", "", 0.0, 0.6, 0.01, 0.15),
    ("between", "R² differs between trials by", "SD", 0.0, 0.2, 0.01, 0.05),
    ("dropout", "Without an outcome", "", 0.0, 0.5, 0.01, 0.1),
    ("ratio", "Treated for each control", "", 0.5, 3.0, 0.5, 1.0),
    ("rate", "Recruited by all centres", "a month", 2.0, 100.0, 1.0, 20.0),
)
_CAUTION = Caution(inflation=1.1, deflation=0.9)
_MOST_R2 = 0.95
_COLOURS = {UNADJUSTED: "var(--muted)", ANCOVA: "var(--watch)", TWIN: "var(--accent)", CAUTIOUS: "var(--fine)"}


def build(screen: Screen) -> None:
    """The page; it reads no patient and writes nothing."""
    _Page(screen)


class _Page:
    """Sliders on the left, what they mean on the right."""

    def __init__(self, screen: Screen) -> None:
        every = (*_SLIDERS, *(slider for sliders in _EFFECTS.values() for slider in sliders))
        self.values = {name: start for name, *_, start in every}
        self.outcome = next(iter(_EFFECTS))
        self.look = False
        self.chart: Chart | None = None
        with ui.element("div").classes("cards"):
            with card("The trial", screen, "two arms", "w4"):
                self._controls()
            with card("What it needs", screen, "participants to randomise, months to recruit them", "w8"):
                self.told = screen.part(lambda _: self._told())
                band = tag("span", "the band: R² is what it may be, 90 %", class_="sub")
                ui.html(tag("h3", "Power by participants ", band), sanitize=False)
                self.room = ui.element("div").style("height:260px")
                ui.html(tag("h3", "Being wrong about R²"), sanitize=False)
                self.risk = screen.part(lambda _: self._risk())
            twins = shelf.kept()
            if sound := {name: twin for name, twin in twins if isinstance(twin, LockedTwin)}:
                ParticipantCard(screen, sound)
            for name, twin in twins:
                twin_card(screen, name, twin)
        screen._late.append(self._draw)

    def _controls(self) -> None:
        choice("Outcome", {name: name for name in _EFFECTS}, self.outcome, self._other)
        self.effects = ui.element("div")
        with self.effects:
            self._sliders(_EFFECTS[self.outcome])
        self._sliders(_SLIDERS)

        def looked(event: Any) -> None:
            self.look = bool(event.value)
            self._show()

        ui.switch("An interim look at half (O'Brien-Fleming)", value=False).on_value_change(looked)

    def _other(self, outcome: str) -> None:
        """Sliders of another kind of outcome."""
        if outcome not in _EFFECTS:
            return
        self.outcome = outcome
        self.effects.clear()
        with self.effects:
            self._sliders(_EFFECTS[outcome])
        self._show()

    def _sliders(self, told: Iterable[tuple[str, str, str, float, float, float, float]]) -> None:
        for name, label, unit, low, high, step, _ in told:
            start = self.values[name]
            heading = f"{label} [{unit}]" if unit else label
            with ui.element("div").style("margin:8px 0"):
                words = ui.label(f"{heading}: {number(start)}").classes("sub")
                slider = ui.slider(min=low, max=high, step=step, value=start).props(f'aria-label="{heading}"')

                def moved(event: Any, name: str = name, words: Any = words, heading: str = heading) -> None:
                    words.text = f"{heading}: {number(float(event.value))}"
                    self._moved(name, float(event.value))

                slider.on_value_change(moved)

    def _moved(self, name: str, value: float) -> None:
        self.values[name] = value
        self._show()

    def _show(self) -> None:
        self.told.show(self._told())
        self.risk.show(self._risk())
        self._draw()

    def _design(self) -> Design:
        """As the sliders stand; one centre stands for all, its rate known."""
        at = self.values
        covariates = at["covariates"]
        r2 = min(covariates + at["twins"], _MOST_R2)
        endpoints: dict[str, Callable[[], Endpoint]] = {
            "a number": lambda: Means(at["effect"], 1.0),
            "whether it happens": lambda: Risks(at["control"], at["treated"]),
            "how often it happens": lambda: Rates(at["often"], at["rarer"]),
            "when it happens": lambda: Hazards(
                np.log(2.0) / at["median"], at["hazard"], at["accrual"], at["follow"], _leaving(at)
            ),
        }
        return design(
            endpoints[self.outcome](), Squared(r2, between=at["between"] if r2 > 0 else 0.0), covariate_r2=covariates,
            caution=_CAUTION, power=at["power"], allocation=at["ratio"],
            dropout=0.0 if self.outcome == "when it happens" else at["dropout"],
            looks=(0.5, 1.0) if self.look else (1.0,), recruitment=Recruitment(at["rate"], 1, spread=0.0),
        )  # fmt: skip

    def _told(self) -> Html:
        try:
            found = self._design()
        except TwinwardError as why:
            return tag("p", str(why), class_="empty", role="alert")
        plain = found[UNADJUSTED].n
        rows = []
        for one in found.sized:
            spared = plain - one.n
            share = f"{100 * spared / plain:.0f} %" if spared > 0 else "–"
            expected = f"{one.expected:.0f}" if self.look else "–"
            events = (f"{one.events:.0f}",) if np.isfinite(one.events) else ()
            rows.append((one.analysis, f"{one.r2:.2f}", str(one.n), share, f"{one.months:.1f}", expected, *events))
        heads = ("Analysis", "R²", "Participants", "Spared", "Months", "Expected with the look")
        heads += ("Events",) if len(rows[0]) > len(heads) else ()
        note = tag(
            "p", "Cautious: the outcome 10 % wider and the twins' correlation 10 % lower than history says. No "
            "forecast stands for a control: the error rate holds whatever the twins are worth.", class_="sub",
        )  # fmt: skip
        parts = [table(heads, rows, "Sizes by analysis"), note]
        if self.outcome == "when it happens":
            words = (
                f"Events are those of a recruitment of {number(self.values['accrual'])} months; the months above come "
            )
            parts.append(tag("p", f"{words}of the centres' rate: set one by the other.", class_="sub"))
        return join(parts)

    def _risk(self) -> Html:
        try:
            found = self._design()
        except TwinwardError:
            return tag("p", "Nothing to say yet.", class_="empty")
        if not found.risks:
            return tag("p", tag("strong", "R² is taken as known"), "Move its spread to see the risk.", class_="empty")
        rows = [
            (risk.analysis, join([f"{risk.mean:.2f}", tag("small", f"{risk.low:.2f} to {risk.high:.2f}")]),
             f"{100 * risk.far:.0f} %")
            for risk in found.risks
        ]  # fmt: skip
        return table(("Sized by", "Power", "More than 0.05 short"), rows, "What R² may do to the power")

    def _draw(self) -> None:
        try:
            found = self._design()
        except TwinwardError:
            return
        options, words = _picture(found)
        if self.chart is None:
            with self.room:
                self.chart = Chart(options, words, "260px")
        else:
            self.chart.show(options, words)


def _leaving(at: Mapping[str, float]) -> float:
    """Hazard a month of leaving without the event, of one who enters in the middle of recruitment."""
    return float(-np.log1p(-at["dropout"]) / (0.5 * at["accrual"] + at["follow"]))


def _picture(found: Design) -> tuple[dict[str, Any], str]:
    """Power by participants, a line an analysis, the twins' with a band; and the same in a sentence."""
    most = 1.3 * max(one.n for one in found.sized)
    sizes = np.linspace(0.05 * most, most, 50)
    low, high = found.r2.quantile(0.05), found.r2.quantile(0.95)
    under, over = ([found.power(n, r2) for n in sizes] for r2 in (low, high))
    points = [[round(float(n), 1), round(p, 4)] for n, p in zip(sizes, under, strict=True)]
    rest = [[round(float(n), 1), round(q - p, 4)] for n, p, q in zip(sizes, under, over, strict=True)]
    quiet = {"type": "line", "stack": "band", "showSymbol": False, "silent": True, "lineStyle": {"opacity": 0}}
    series: list[dict[str, Any]] = [
        quiet | {"data": points},
        quiet | {"data": rest, "areaStyle": {"color": "var(--accent)", "opacity": 0.18}},
    ]
    for one in found.sized:
        caution = found.caution if one.analysis == CAUTIOUS else Caution()
        r2 = found.r2.found if one.analysis == CAUTIOUS else one.r2
        data = [[round(float(n), 1), round(found.power(float(n), r2, caution), 4)] for n in sizes]
        style = {"color": _COLOURS[one.analysis]}
        series.append({"name": one.analysis, "type": "line", "showSymbol": False, "data": data,
                       "lineStyle": style | {"width": 2.2}, "itemStyle": style,
                       "markLine": {"silent": True, "symbol": "none", "label": {"show": False},
                                    "data": [{"xAxis": one.n}], "lineStyle": style | {"type": "dashed"}}})  # fmt: skip
    options = {
        "animation": False,
        "grid": {"left": 44, "right": 20, "top": 34, "bottom": 40},
        "legend": {"top": 0, "data": [one.analysis for one in found.sized], "textStyle": WORDS},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "value", "max": round(most), "name": "participants", "nameLocation": "middle", "nameGap": 26,
                  "axisLabel": WORDS | {"showMaxLabel": False}, "splitLine": {"show": False}},
        "yAxis": {"type": "value", "min": 0, "max": 1, "name": "power", "axisLabel": WORDS, "splitLine": GRID},
        "series": series,
    }  # fmt: skip
    words = "; ".join(f"{one.analysis}: {one.n} participants for a power of {one.power:.2f}" for one in found.sized)
    return options, words
