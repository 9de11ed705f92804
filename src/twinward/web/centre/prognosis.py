"""Cards of the locked twins that are kept: how each forecasts hospitals it has not seen, and how it has fared since."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from twinward.twins.trial import shelf
from twinward.twins.trial.card import MEASURES
from twinward.twins.trial.locked import LockedTwin
from twinward.twins.trial.watching import Watched
from twinward.web.centre.parts.chart import Chart
from twinward.web.centre.parts.fan import GRID, WORDS
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, card
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number


def twin_card(screen: Screen, name: str, twin: LockedTwin | str) -> None:
    """One kept twin, or why it cannot be read."""
    if isinstance(twin, str):
        with card(f"{name} cannot be read", screen, "", "w4"):
            ui.html(tag("p", twin, class_="empty", role="alert"), sanitize=False)
        return
    told = twin.card
    words = f"{told['participants']} participants of {twin.provenance['history']} · {twin.digest[:12]}"
    with card(f"Twin: {told['endpoint']}", screen, words, "w4"):
        ui.html(performance(told), sanitize=False)
        _chart(screen, *calibration(told))
        rows = [
            (one["group"], str(one["participants"]), *(number(one[of]) for of in ("seen", "forecast", "r2")))
            for one in told["subgroups"]
        ]
        groups = table(("Group", "People", "Seen", "Forecast", "R²"), rows, "Subgroups")
        ui.html(tag("details", tag("summary", "Subgroups"), groups), sanitize=False)
        since = shelf.watched(name)
        ui.html(fared(since, twin.digest), sanitize=False)
        if isinstance(since, Watched) and since.twin == twin.digest:
            _chart(screen, *drift(since))


def _chart(screen: Screen, options: dict[str, Any], words: str) -> None:
    room = ui.element("div").style("height:230px")

    def draw() -> None:
        with room:
            Chart(options, words, "230px")

    screen._late.append(draw)


def performance(told: Mapping[str, Any]) -> Html:
    """Scores and calibration."""
    found = told["performance"]
    shown = [(label, number(found[name])) for name, label in MEASURES.items() if name in found]
    at = told["calibration"]
    shown += [("Calibration slope", number(at["slope"])), ("Calibration error", number(at["ece"]))]
    cells = [tag("div", tag("span", label, class_="sub"), tag("b", value), class_="vital") for label, value in shown]
    return tag("div", *cells, class_="vitals")


def calibration(told: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What was forecast against what came, in bins of equal count; and the same in a sentence."""
    points = [[round(one["forecast"], 4), round(one["seen"], 4)] for one in told["calibration"]["bins"]]
    low, high = min(min(point) for point in points), max(max(point) for point in points)
    line = {"type": "line", "showSymbol": False, "silent": True, "data": [[low, low], [high, high]],
            "lineStyle": {"color": "var(--muted)", "type": "dashed"}}  # fmt: skip
    seen = {"type": "line", "data": points, "symbolSize": 7, "itemStyle": {"color": "var(--accent)"},
            "lineStyle": {"color": "var(--accent)", "width": 1.6}}  # fmt: skip
    options = {
        "animation": False,
        "grid": {"left": 50, "right": 16, "top": 30, "bottom": 40},
        "xAxis": {"type": "value", "scale": True, "name": "forecast", "nameLocation": "middle", "nameGap": 26,
                  "axisLabel": WORDS, "splitLine": {"show": False}},
        "yAxis": {"type": "value", "scale": True, "name": "seen", "axisLabel": WORDS, "splitLine": GRID},
        "series": [line, seen],
    }  # fmt: skip
    worst = max(points, key=lambda point: abs(point[0] - point[1]))
    words = f"Forecast against seen in {len(points)} bins; furthest apart: {worst[0]:g} forecast, {worst[1]:g} seen"
    return options, words


def fared(since: Watched | str | None, digest: str) -> Html:
    """Whether it has drifted, in words."""
    heading = tag("h3", "Since it was locked")
    if since is None:
        told = tag(
            "p", "Nobody has held it against later outcomes: ", tag("code", "twinward trial watch"), class_="sub"
        )
    elif isinstance(since, str):
        told = tag("p", since, class_="empty", role="alert")
    elif since.twin != digest:
        told = tag("p", "What was watched is another twin's.", class_="empty", role="alert")
    else:
        span = f"{since.first} to {since.last}" if since.ordered else "in the order of the rows"
        words = f"{since.labels} outcomes of {since.data}, {span}. Calibration error {number(since.error)}."
        alarms = ", ".join(
            f"{one['direction']} often than forecast after {one['label']} outcomes"
            + (f" ({one['day']})" * bool(one["day"]))
            for one in since.alarms
        )
        quiet = f"No drift: evidence {number(since.evidence[-1][1])} of {number(since.every)}."
        drifted = tag("p", tag("strong", "It has drifted. "), f"It came {alarms}.", class_="empty", role="alert")
        told = join([tag("p", words, class_="sub"), drifted if alarms else tag("p", quiet, class_="sub")])
    return join([heading, told])


def drift(since: Watched) -> tuple[dict[str, Any], str]:
    """Forecast and seen along the stream, and the evidence of drift (logarithmic); and the same in a sentence."""
    ends, total = [], 0
    for part in since.parts:
        total += part["labels"]
        ends.append(total - part["labels"] / 2)
    lines = [
        {"name": words, "type": "line", "symbolSize": 5, "itemStyle": {"color": colour}, "lineStyle": {"color": colour},
         "data": [[at, round(part[of], 4)] for at, part in zip(ends, since.parts, strict=True)]}
        for of, words, colour in (("chance", "forecast", "var(--muted)"), ("seen", "seen", "var(--accent)"))
    ]  # fmt: skip
    evidence = {
        "name": "evidence of drift", "type": "line", "yAxisIndex": 1, "showSymbol": False,
        "data": [[label, max(level, 0.01)] for label, level in since.evidence],
        "itemStyle": {"color": "var(--act)"}, "lineStyle": {"color": "var(--act)", "width": 1.2, "type": "dotted"},
    }  # fmt: skip
    options = {
        "animation": False, "grid": {"left": 44, "right": 52, "top": 34, "bottom": 40},
        "legend": {"top": 0, "textStyle": WORDS}, "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "value", "max": total, "name": "outcomes", "nameLocation": "middle", "nameGap": 26,
                  "axisLabel": WORDS, "splitLine": {"show": False}},
        "yAxis": [{"type": "value", "scale": True, "axisLabel": WORDS, "splitLine": GRID},
                  {"type": "log", "min": 0.01, "max": since.every, "axisLabel": WORDS, "splitLine": {"show": False}}],
        "series": [*lines, evidence],
    }  # fmt: skip
    first, last = since.parts[0], since.parts[-1]
    words = (
        f"The chance that {since.question}: forecast {number(first['chance'])}, seen {number(first['seen'])} at first; "
        f"forecast {number(last['chance'])}, seen {number(last['seen'])} at last; {len(since.alarms)} alarms of drift"
    )
    return options, words
