"""Forecast skill: how good the forecasts of the last month were, so that users see whether to trust them."""

from typing import Any
from urllib.parse import quote

from nicegui import ui

from twinward.web.centre.look.icons import mark
from twinward.web.centre.parts import trust
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.visitor import unit_of
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number, percent

_LEVEL = 0.8  # of the band whose coverage is kept
_SLACK = 0.1  # display choice: a band of 80 % that holds 70 to 90 % is called well calibrated


def build(screen: Screen, variable: str = "census", lead_hours: float = 24.0) -> None:
    """Draw the page."""
    with ui.element("div").classes("cards"):
        with card(
            lambda _: f"{_name(variable)}, {lead_hours:g} h ahead",
            screen,
            "the 80 % band of each forecast, centred, and what came",
            "stretch",
        ):
            screen.part(lambda shown: trust.card(shown, variable, lead_hours, wide=True))
        with card("Every forecast that is scored", screen, "rolling, the last month"):
            screen.part(lambda shown: scores(shown, shown.history.skill(shown.twin)))
            words = (
                "CRPS is the error of the whole distribution, in the variable's unit; smaller is better. "
                "Persistence forecasts that nothing changes. Coverage should be near 80 %."
            )
            ui.html(tag("p", words, class_="sub", style="margin-top:8px"), sanitize=False)


def scores(shown: Snapshot, rows: list[dict[str, Any]]) -> Html:
    """One row a variable and lead: our error beside persistence, and coverage."""
    seen = [row for row in rows if not (unit := unit_of(row["variable"])) or shown.visitor.sees(unit)]
    by = {(row["variable"], row["lead_hours"], row["method"]): row for row in seen}
    ours = sorted({(variable, lead) for variable, lead, method in by if method == "twin"})
    if not ours:
        return tag(
            "p",
            tag("strong", "No forecast has been scored yet"),
            "Each is, as soon as its time has come.",
            class_="empty",
        )
    cells = []
    for variable, lead in ours:
        row, other = by[variable, lead, "twin"], by.get((variable, lead, "persistence"))
        gain = 1 - row["crps"] / other["crps"] if other and other["crps"] else float("nan")
        where = f"/skill?variable={quote(variable)}&lead={lead:g}"
        held = row["covered"]
        level = "fine" if abs(held - _LEVEL) <= _SLACK else "watch"
        words = "well calibrated" if level == "fine" else "bands too narrow" if held < _LEVEL else "bands too wide"
        cells.append(
            (
                tag("a", _name(variable), href=where), f"{lead:g} h", f"{row['n']:,}", number(row["crps"]),
                number(other["crps"]) if other else "–", percent(gain, True),
                join((mark(level, words), f" {percent(held)}")), number(row["bias"], True),
            )
        )  # fmt: skip
    head = ("Variable", "Ahead", "Forecasts", "CRPS", "Persistence", "Gain", "80 % band held", "Bias")
    return table(head, cells, "Scores by variable and lead")


def _name(variable: str) -> str:
    unit = unit_of(variable)
    name = variable.partition("[")[0].replace("_", " ")
    return f"{unit}: {name}" if unit else name[:1].upper() + name[1:]
