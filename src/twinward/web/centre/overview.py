"""The overview: how the hospital is, what is likely, and what needs a decision."""

from typing import Any

from nicegui import ui

from twinward.web.centre.parts import arrivals, causes, decisions, emergency, fan, feeds, floor, quick, tiles, trust
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.words import clock
from twinward.web.report.html import Html, tag

LEGEND = tag(
    "span",
    tag("span", tag("i", class_="measured"), "measured"),
    tag("span", tag("i", class_="past"), "forecast a day before"),
    tag("span", tag("i"), "50 / 80 / 95 %"),
    tag("span", tag("i", class_="capacity"), "staffed beds"),
    class_="legend",
    aria_hidden="true",
)


def build(screen: Screen) -> None:
    """Draw the page."""
    with ui.element("div").classes("overview"):
        with ui.element("div").classes("stack"):
            screen.part(tiles.row).classes("tiles")
            _census(screen)
            with ui.element("div").classes("pair"):
                with card("Units", screen, "occupied / staffed, and who is likely to leave in 4 h", "stretch"):
                    screen.part(floor.floor)
                with card("Where ED time goes today", screen, _hours, "stretch"):
                    screen.part(lambda shown: causes.bars(_ed(shown)))
            with ui.element("div").classes("pair even"):
                with card("Emergency department", screen, "waiting by triage class", "stretch"):
                    screen.part(emergency.board)
                with card("Arrivals by the hour", screen, "what came, what is likely", "stretch"):
                    screen.chart(
                        lambda shown: arrivals.options(shown.zone, shown.board),
                        lambda shown: arrivals.words(shown.zone, shown.board),
                        "210px",
                    )
        with ui.element("div").classes("stack side"):
            with card("Needs a decision", screen, decisions.heading, "decisions"):
                screen.part(decisions.needed)
            with card("Rehearse", screen, _from):
                quick.panel(screen)
            with card("Can it be trusted?", screen, "census a day ahead, the last forecasts"):
                screen.part(trust.card)
            with card("Feeds", screen):
                screen.part(feeds.listed)


def _census(screen: Screen) -> None:
    chosen = {"variable": "census"}

    def choices(shown: Snapshot) -> Html:
        units = shown.visitor.units(shown.board.units) if shown.board is not None else []
        named = [
            ("census", "All patients"),
            *((f"unit_census[{u.name}]", u.label) for u in units if u.beds is not None),
        ]
        buttons = [
            tag("button", words, type="button", data_do="choose", data_variable=variable,
                aria_pressed="true" if variable == chosen["variable"] else "false")
            for variable, words in named
        ]  # fmt: skip
        return tag("div", *buttons, class_="tabs", role="group", aria_label="Show the census of")

    def choose(data: dict[str, Any]) -> None:
        chosen["variable"] = data["variable"]
        screen.draw()

    with card("Patients here", screen, "what came, what was forecast a day before, what is likely", legend=LEGEND):
        screen.chart(
            lambda shown: census(shown, chosen["variable"]),
            lambda shown: census_words(shown, chosen["variable"]),
            "262px",
            lambda shown: census_table(shown, chosen["variable"]),
        )
        screen.part(choices, on_do=choose).style("margin-top:6px")


def census(shown: Snapshot, variable: str) -> dict[str, Any]:
    """The fan chart of everybody, or of a unit."""
    return fan.options(
        shown.zone,
        shown.time,
        shown.came(variable),
        shown.foretold(variable),
        shown.ahead(variable),
        capacity(shown, variable),
        now_words="then" if shown.is_past else "now",
    )


def census_words(shown: Snapshot, variable: str) -> str:
    """The same in a sentence."""
    name = "Patients here" if variable == "census" else f"Patients in {variable[12:-1]}"
    return fan.words(name, shown.zone, shown.time, shown.came(variable), shown.ahead(variable))


def capacity(shown: Snapshot, variable: str) -> float | None:
    """Staffed beds: of the hospital, or of the unit in the brackets."""
    if shown.board is None:
        return None
    if variable == "census":
        return shown.board.outlook.total.capacity
    return next((u.beds for u in shown.board.units if variable == f"unit_census[{u.name}]"), None)


def census_table(shown: Snapshot, variable: str) -> Html:
    """The same as a table."""
    return fan.table(shown.zone, shown.came(variable), shown.ahead(variable), "Patients: measured and likely")


def _ed(shown: Snapshot) -> Any:
    if shown.board is None:
        return None
    scope = next((unit.name for unit in shown.board.units if unit.kind == "emergency"), "")
    return causes.chosen(shown.board.past, scope)


def _hours(shown: Snapshot) -> str:
    return causes.hours(_ed(shown))


def _from(shown: Snapshot) -> str:
    return f"from {clock(shown.time, shown.zone)}, 24 h ahead"
