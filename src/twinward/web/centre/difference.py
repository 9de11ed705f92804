"""The difference of two instants, each as it was known then."""

from datetime import datetime
from typing import Any

from nicegui import ui

from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.visitor import unit_of
from twinward.web.centre.words import date_clock, local, span, with_unit
from twinward.web.report.html import Html, tag


async def build(screen: Screen, a: float, b: float) -> None:
    """Draw the page."""
    with ui.element("div").classes("stack"):
        _instants(screen, a, b)
        try:
            found = await screen.centre.difference(a, b)
        except Exception as error:
            words = tag(
                "div", tag("strong", "These two cannot be compared"), str(error), class_="nothing", role="alert"
            )
            ui.html(words, sanitize=False)
            return
        zone = screen.shown.zone
        with ui.element("div").classes("cards"):
            with card(
                "What is other",
                screen,
                f"{span(b - a)} and {found.get('messages', 0):,} messages lie between them",
                "w8",
            ):
                ui.html(_bands(screen, found, a, b), sanitize=False)
            with card("Alerts", screen, f"from {date_clock(a, zone)} to {date_clock(b, zone)}", "w4"):
                ui.html(_alerts(screen, found), sanitize=False)


def _instants(screen: Screen, a: float, b: float) -> None:
    zone = screen.shown.zone
    asked = {"a": a, "b": b}
    with ui.element("section").classes("card").props('aria-label="Two instants"'), ui.element("div").classes("row"):
        for key, words in (("a", "From"), ("b", "To")):
            with ui.element("label").classes("field"):
                ui.html(words, sanitize=False, tag="span")
                field = ui.element("input").props('type="datetime-local" step="60"')
                field.props["value"] = local(asked[key], zone).strftime("%Y-%m-%dT%H:%M")

                def chosen(event: Any, key: str = key) -> None:
                    if event.args:
                        asked[key] = datetime.fromisoformat(str(event.args)).replace(tzinfo=zone).timestamp()

                field.on("change", chosen, js_handler="(e) => emit(e.target.value)")
        compare = ui.element("button").props('type="button"').classes("press")
        with compare:
            ui.html("Compare", sanitize=False, tag="span")
        compare.on("click", lambda: ui.navigate.to(f"/difference?a={asked['a']:.0f}&b={asked['b']:.0f}"))


def _bands(screen: Screen, found: dict[str, Any], a: float, b: float) -> Html:
    rows = [
        row for row in found.get("bands", []) if not (unit := unit_of(row["variable"])) or screen.visitor.sees(unit)
    ]
    if not rows:
        return tag("p", tag("strong", "Nothing"), "What was known at the two instants is the same.", class_="empty")
    cells = [
        (row["label"], with_unit(row["then"], row["unit"]), with_unit(row["now"], row["unit"]),
         with_unit(row["now"] - row["then"], row["unit"], True))
        for row in rows[:100]
    ]  # fmt: skip
    zone = screen.shown.zone
    return table(("What", date_clock(a, zone), date_clock(b, zone), "Difference"), cells, "Differences")


def _alerts(screen: Screen, found: dict[str, Any]) -> Html:
    names = {alert.id: alert.name for alert in screen.centre.alerts(False)}
    raised, gone = (
        [tag("li", names.get(id, id)) for id in found.get(key, [])] for key in ("alerts_raised", "alerts_gone")
    )
    same = "The belief is the same, bit for bit." if found.get("same_belief") else ""
    return Html(
        tag("h3", "Raised between them")
        + (tag("ul", *raised) if raised else tag("p", "none", class_="sub"))
        + tag("h3", "Gone between them")
        + (tag("ul", *gone) if gone else tag("p", "none", class_="sub"))
        + tag("p", same, class_="sub")
    )
