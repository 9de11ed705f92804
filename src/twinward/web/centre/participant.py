"""One participant's twin: what it expects of this baseline, beside what came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from nicegui import ui

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.twins.trial.learn.events import Endings
from twinward.twins.trial.learn.features import Levels
from twinward.twins.trial.learn.visits import Paths
from twinward.twins.trial.locked import LockedTwin
from twinward.twins.trial.participants import MISSING
from twinward.web.centre.parts.chart import Chart
from twinward.web.centre.parts.fan import GRID, WORDS
from twinward.web.centre.parts.fields import amount, choice
from twinward.web.centre.screen import Screen, Shown, card
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

_MEMBERS = 2000
_FAR = 2.0  # spreads beyond the history's outer knots that a slider reaches
_BINS = 40
_COLUMNS = "display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:4px 24px;align-items:start"
_ACCENT = {"color": "var(--accent)"}
_NAMES = {"binary": ("no", "yes")}


class ParticipantCard:
    """Sliders and choices of the baseline, what came, and the forecast; nothing is written anywhere.

    Args:
        twins: the kept ones, by name.
    """

    def __init__(self, screen: Screen, twins: Mapping[str, LockedTwin]) -> None:
        self.screen, self.twins = screen, twins
        self.name = next(iter(twins))
        self.chart: Chart | None = None
        with card("One participant", screen, "what a twin expects under control, beside what came", "w12"):
            if len(twins) > 1:
                with ui.element("div").style(_COLUMNS):
                    endpoints = {name: twin.card["endpoint"] for name, twin in twins.items()}
                    choice("Twin", endpoints, self.name, self._other)
            self.fields = ui.element("div")
            self.said = Shown(screen, tag("p", "", class_="sub"), live=True)
            self.room = ui.element("div").style("height:280px")
        self._begin()
        screen._late.append(self._draw)

    @property
    def locked(self) -> LockedTwin:
        """The twin that is asked."""
        return self.twins[self.name]

    def _other(self, name: str) -> None:
        if name not in self.twins:
            return
        self.name = name
        self._begin()
        self._draw()

    def _begin(self) -> None:
        """The fields of a twin, at the history's middle."""
        self.told: dict[str, float | str] = {}
        words = self.locked.card["words"]
        visits = words["visits"] or [self.locked.card["endpoint"]]
        self.came: list[float | None] = [None] * len(visits)
        self.fields.clear()
        with self.fields:
            with ui.element("div").style(_COLUMNS):
                for name, how in self.locked.twin.features.what.items():
                    label, unit = words["labels"][name], words["units"][name]
                    if isinstance(how, Levels):
                        self._choice(name, label, how)
                    else:
                        reach = (how.knots[0] - _FAR * how.spread, how.knots[-1] + _FAR * how.spread)
                        self._slider(name, label if unit == "1" else f"{label} [{unit}]", how.middle, *reach)
            ui.html(tag("h3", "What came"), sanitize=False)
            with ui.element("div").style(_COLUMNS):
                for place, visit in enumerate(visits):
                    self._outcome(place, str(visit))

    def _slider(self, name: str, label: str, middle: float, low: float, high: float) -> None:
        step = float(f"{max(high - low, 1e-9) / 100:.0e}")
        low, high = (step * round(end / step) for end in (low, high))
        self.told[name] = middle
        with ui.element("div").style("margin:8px 0"):
            words = ui.label(f"{label}: {number(middle)}").classes("sub")
            slider = ui.slider(min=low, max=max(high, low + step), step=step, value=middle)
            slider.props(f'aria-label="{label}"')

        def moved(event: Any) -> None:
            words.text = f"{label}: {number(float(event.value))}"
            self._set(name, float(event.value))

        slider.on_value_change(moved)

    def _choice(self, name: str, label: str, how: Levels) -> None:
        levels = sorted({*how.levels, *how.others} - {MISSING})
        if not levels:
            return
        self.told[name] = how.others[0]
        shown = {level: level for level in levels} | {MISSING: "not told"}
        choice(label, shown, how.others[0], lambda level: self._set(name, level))

    def _outcome(self, place: int, visit: str) -> None:
        scale, levels = self.locked.twin.scale, self.locked.card["words"]["levels"]
        if names := _NAMES.get(scale) or levels:
            shown = {"": "not yet"} | {str(level): text for level, text in enumerate(names)}
            choice(visit, shown, "", lambda level: self._seen(place, float(level) if level else None))
            return
        amount(visit, lambda value: self._seen(place, value))

    def _set(self, name: str, value: float | str) -> None:
        self.told[name] = value
        self._draw()

    def _seen(self, place: int, value: float | None) -> None:
        self.came[place] = value
        self._draw()

    def _draw(self) -> None:
        options, words = picture(self.locked, self.told, self.came)
        self.said.show(_said(words, unlike(self.locked, self.told)))
        if self.chart is None:
            with self.room:
                self.chart = Chart(options, words, "280px")
        else:
            self.chart.show(options, words)


def _said(words: str, odd: list[str]) -> Html:
    notes = [tag("p", f"Unlike the history: {', '.join(odd)}", class_="empty", role="alert")] if odd else []
    return join([tag("p", words), *notes])


def unlike(locked: LockedTwin, told: Mapping[str, float | str]) -> list[str]:
    """Numbers beyond the history's 5th and 95th percentile, by their labels."""
    labels, found = locked.card["words"]["labels"], []
    for name, how in locked.twin.features.what.items():
        if not isinstance(how, Levels) and name in told and not how.knots[0] <= float(told[name]) <= how.knots[-1]:
            found.append(labels[name])
    return found


def picture(
    locked: LockedTwin, told: Mapping[str, float | str], came: list[float | None]
) -> tuple[dict[str, Any], str]:
    """The forecast of one baseline beside what came, as options of a chart; and the same in a sentence.

    Args:
        told: covariate -> value; what is not told is missing.
        came: one a visit; one where there are no visits.
    """
    twin, words = locked.twin, locked.card["words"]
    baseline = pd.DataFrame({
        name: [str(told.get(name, MISSING))] if isinstance(how, Levels) else [float(told.get(name, np.nan))]
        for name, how in twin.features.what.items()
    })  # fmt: skip
    forecast = twin.forecast(baseline)
    drawn = forecast.draw(_MEMBERS, Streams(1).child("participant").generator())
    seen = np.array([np.nan if one is None else one for one in came])
    unit = "" if words["unit"] == "1" else f" {words['unit']}"
    if isinstance(forecast, Paths):
        return _path(forecast.given(drawn, seen[None])[:, 0], seen, words["visits"], unit)
    if isinstance(forecast, Endings):
        return _until(drawn[:, 0], forecast, float(seen[0]), unit)
    names = _NAMES.get(twin.scale) or words["levels"]
    if names:
        return _shares(drawn[:, 0], list(names), float(seen[0]))
    return _amount(drawn[:, 0], float(seen[0]), unit, whole=twin.scale == "count")


def _frame(**others: Any) -> dict[str, Any]:
    return {"animation": False, "grid": {"left": 50, "right": 20, "top": 30, "bottom": 44}} | others


def _value(name: str, **others: Any) -> dict[str, Any]:
    return {"type": "value", "name": name, "nameLocation": "middle", "nameGap": 28, "nameTextStyle": WORDS,
            "axisLabel": WORDS, "splitLine": {"show": False}} | others  # fmt: skip


def _path(paths: FloatArray, seen: FloatArray, visits: list[str], unit: str) -> tuple[dict[str, Any], str]:
    """Bands over the visits, and what came as points."""
    low, quarter, middle, upper, high = np.quantile(paths, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    quiet = {"type": "line", "showSymbol": False, "silent": True, "lineStyle": {"opacity": 0}}
    series: list[dict[str, Any]] = []
    for name, under, over, opacity in (("90 %", low, high, 0.16), ("50 %", quarter, upper, 0.28)):
        series.append(quiet | {"stack": name, "data": under.round(4).tolist()})
        filled = {"color": "var(--accent)", "opacity": opacity}
        series.append(quiet | {"stack": name, "data": (over - under).round(4).tolist(), "areaStyle": filled})
    series.append({"name": "forecast", "type": "line", "data": middle.round(4).tolist(), "lineStyle": _ACCENT,
                   "itemStyle": _ACCENT})  # fmt: skip
    points = [[place, value] for place, value in enumerate(seen.tolist()) if value == value]
    series.append({"name": "came", "type": "scatter", "data": points, "symbolSize": 11, "z": 5,
                   "itemStyle": {"color": "var(--measured)"}})  # fmt: skip
    axis = {"type": "category", "data": visits, "axisLabel": WORDS}
    options = _frame(xAxis=axis, yAxis={"type": "value", "scale": True, "axisLabel": WORDS, "splitLine": GRID},
                     series=series)  # fmt: skip
    words = "; ".join(
        f"{visit}: came {number(value)}{unit}" if value == value
        else f"{visit}: {number(middle[v])}{unit}, 90 of 100 between {number(low[v])} and {number(high[v])}"
        for v, (visit, value) in enumerate(zip(visits, seen, strict=True))
    )  # fmt: skip
    return options, words


def _shares(drawn: FloatArray, names: list[str], seen: float) -> tuple[dict[str, Any], str]:
    shares = [float((drawn == level).mean()) for level in range(len(names))]
    bars = [{"value": round(share, 4), "itemStyle": {"color": "var(--measured)" if level == seen else "var(--accent)"}}
            for level, share in enumerate(shares)]  # fmt: skip
    options = _frame(
        xAxis={"type": "category", "data": names, "axisLabel": WORDS}, yAxis=_value("chance", min=0, splitLine=GRID),
        series=[{"type": "bar", "data": bars, "barMaxWidth": 90}],
    )  # fmt: skip
    words = ", ".join(f"{name}: {100 * share:.0f} %" for name, share in zip(names, shares, strict=True))
    if seen == seen:
        words += f". It came {names[int(seen)]}, of which the chance was {100 * shares[int(seen)]:.0f} %"
    return options, words


def _amount(drawn: FloatArray, seen: float, unit: str, *, whole: bool) -> tuple[dict[str, Any], str]:
    low, middle, high = np.quantile(drawn, (0.05, 0.5, 0.95))
    edges = np.arange(drawn.min(), drawn.max() + 2) - 0.5 if whole else _BINS
    heights, edges = np.histogram(drawn, edges)
    middles = 0.5 * (edges[1:] + edges[:-1])
    data = [[round(float(x), 4), round(float(h) / len(drawn), 4)] for x, h in zip(middles, heights, strict=True)]
    mark = {"symbol": "none", "silent": True, "label": {"formatter": "came", "color": "var(--text)"},
            "lineStyle": {"color": "var(--measured)", "width": 2},
            "data": [{"xAxis": seen}] if seen == seen else []}  # fmt: skip
    bars = {"type": "bar", "data": data, "barWidth": "90%", "itemStyle": _ACCENT, "markLine": mark}
    ends = {} if seen != seen else {"min": float(min(seen, edges[0])), "max": float(max(seen, edges[-1]))}
    options = _frame(
        xAxis=_value(f"outcome{unit}", scale=True, **ends), yAxis=_value("share", splitLine=GRID), series=[bars]
    )
    words = f"Expected {number(middle)}{unit}, 90 of 100 between {number(low)} and {number(high)}"
    if seen == seen:
        words += f". It came {number(seen)}, above {100 * (drawn < seen).mean():.0f} of 100 such participants"
    return options, words


def _until(drawn: FloatArray, forecast: Endings, seen: float, unit: str) -> tuple[dict[str, Any], str]:
    """The chance of the event up to each time, and when it came."""
    times = forecast.edges
    happened = drawn[:, 1] == 1
    grown = [float((happened & (drawn[:, 0] <= time)).mean()) for time in times]
    mark = {"symbol": "none", "silent": True, "label": {"formatter": "came", "color": "var(--text)"},
            "lineStyle": {"color": "var(--measured)", "width": 2},
            "data": [{"xAxis": seen}] if seen == seen else []}  # fmt: skip
    data = [[round(float(time), 3), round(share, 4)] for time, share in zip(times, grown, strict=True)]
    line = {"type": "line", "showSymbol": False, "lineStyle": _ACCENT, "areaStyle": _ACCENT | {"opacity": 0.15},
            "markLine": mark, "data": data}  # fmt: skip
    options = _frame(xAxis=_value(f"time{unit}"), yAxis=_value("chance by then", min=0, splitLine=GRID), series=[line])
    words = f"Chance by {number(times[-1])}{unit}: {100 * float(forecast.incidence[0]):.0f} %"
    if seen == seen:
        share = 100 * float((happened & (drawn[:, 0] <= seen)).mean())
        words += f". It came at {number(seen)}{unit}; by then the chance was {share:.0f} %"
    return options, words
