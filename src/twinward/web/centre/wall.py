"""Every chart at once: each variable of the forecast as a small fan, for a wall."""

from nicegui import ui

from twinward.web.centre.parts import fan, small
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.visitor import unit_of
from twinward.web.centre.words import between, count, unit
from twinward.web.report.html import Html, tag

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
        return tag("span", f"{count(row[3])} ({between(row[1], row[5])}) {unit(band.unit)} soon")

    with card(label, screen, now):
        screen.part(lambda shown: drawn(shown, name))


def drawn(shown: Snapshot, name: str) -> Html:
    """One small fan and its sentence."""
    came, ahead = shown.came(name), shown.ahead(name)
    label = fan.words(ahead.label if ahead is not None else name, shown.zone, shown.time, came, ahead)
    return small.fan(shown.zone, shown.time, came, ahead, label)
