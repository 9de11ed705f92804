"""Every chart at once: each variable of the forecast as a small fan, for a wall."""

from nicegui import ui

from twinward.web.centre.parts import fan
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.visitor import unit_of
from twinward.web.report.html import Html, tag
from twinward.web.report.numbers import number, unit

MOST = 40


def variables(shown: Snapshot) -> list[str]:
    """What is worth a chart: everything that moves, units out of scope left out; the first forty."""
    if shown.forecast is None:
        return []
    found = []
    for name, band in shown.forecast.bands.items():
        inside = unit_of(name)
        hidden = name.startswith("unit_") and inside and not shown.visitor.sees(inside)
        if not hidden and any(row[6] > 0 for row in band.quantiles):
            found.append(name)
    return found[:MOST]


def build(screen: Screen) -> None:
    """Draw the page."""
    names = variables(screen.shown)
    if not names:
        ui.html(
            tag("div", tag("strong", "No forecast yet"), "Charts appear with the first one.", class_="nothing"),
            sanitize=False,
        )
        return
    with ui.element("div").classes("walls"):
        for name in names:
            _small(screen, name)


def _small(screen: Screen, name: str) -> None:
    def label(shown: Snapshot) -> str:
        band = shown.ahead(name)
        return band.label if band is not None else name

    def now(shown: Snapshot) -> Html:
        band = shown.ahead(name)
        if band is None or not band.quantiles:
            return tag("span", "–")
        row = band.quantiles[min(3, len(band.quantiles) - 1)]
        return tag("span", f"{number(row[3])} ({number(row[1])} to {number(row[5])}) {unit(band.unit)} soon")

    with card(label, screen, now):
        screen.chart(
            lambda shown: fan.options(shown.zone, shown.time, shown.came(name), None, shown.ahead(name), small=True),
            lambda shown: fan.words(label(shown), shown.zone, shown.time, shown.came(name), shown.ahead(name)),
            "110px",
        )
