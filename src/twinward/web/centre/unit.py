"""One unit: its beds, who is likely to leave when, staff against need, and where its waiting arises."""

from nicegui import ui

from twinward.twins.hospital.board import Leaver, StaffNeed, UnitNow
from twinward.web.centre.look.icons import STATES
from twinward.web.centre.overview import LEGEND, census, census_table, census_words
from twinward.web.centre.parts import beds, causes, leavers, staff
from twinward.web.centre.parts.quick import suggested
from twinward.web.centre.parts.tiles import tile
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot, quantile
from twinward.web.centre.words import between, count, span
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import percent


def found(shown: Snapshot, name: str) -> UnitNow | None:
    """The unit, if there is one of that name."""
    return next((unit for unit in shown.board.units if unit.name == name), None) if shown.board is not None else None


def patients(shown: Snapshot, name: str) -> list[Leaver]:
    """Who stays in it."""
    return [row for row in shown.board.leavers if name in (row.unit, row.place)] if shown.board is not None else []


def pools(shown: Snapshot, name: str) -> list[StaffNeed]:
    """Staff and equipment for which its patients wait, or have waited."""
    if shown.board is None:
        return []
    waited = {
        cause.name
        for table in (*shown.board.ahead, *shown.board.past)
        if table.scope == name
        for cause in table.causes
        if cause.cause in ("staff", "equipment")
    }
    return [pool for pool in shown.board.staff if pool.pool in waited]


def build(screen: Screen, name: str) -> None:
    """Draw the page."""
    variable = f"unit_census[{name}]"
    with ui.element("div").classes("stack"):
        screen.part(lambda shown: _tiles(shown, name)).classes("tiles")
        with ui.element("div").classes("cards"):
            with card(
                "Patients in the unit",
                screen,
                "what came, what was forecast a day before, what is likely",
                "w8 stretch",
                legend=LEGEND,
            ):
                screen.chart(
                    lambda shown: census(shown, variable),
                    lambda shown: census_words(shown, variable),
                    "250px",
                    lambda shown: census_table(shown, variable),
                )
            with card("Where waiting arises", screen, lambda shown: _hours(shown, name), "w4 stretch"):
                screen.part(lambda shown: _causes(shown, name))
            with card("Beds", screen, lambda shown: _beds_said(shown, name)):
                screen.part(lambda shown: beds.grid(shown, found(shown, name), patients(shown, name)))
            with card("Who is likely to leave when", screen, "chance of having left the unit, hour by hour"):
                screen.part(lambda shown: leavers.table(shown, patients(shown, name)))
            for pool in pools(screen.shown, name):
                _staff(screen, pool.pool, pool.label)


def _staff(screen: Screen, pool: str, label: str) -> None:
    def now(shown: Snapshot) -> StaffNeed | None:
        return next((p for p in shown.board.staff if p.pool == pool), None) if shown.board is not None else None

    with card(
        f"{label[:1].upper()}{label[1:]}: on duty against need",
        screen,
        lambda shown: staff.said(now(shown), shown.zone),
        "w6",
    ):
        screen.chart(
            lambda shown: staff.options(now(shown), shown.zone),
            lambda shown: staff.words(now(shown), shown.zone),
            "180px",
        )


def _tiles(shown: Snapshot, name: str) -> Html:
    unit = found(shown, name)
    if unit is None:
        return tile(name, "none", tag("span", "–"), "no such unit in the present forecast")
    level, _, words = STATES[unit.pressure]
    of = tag("small", f"/ {unit.beds} beds" if unit.beds is not None else "patients")
    here = patients(shown, name)
    longest = max((row.hours_here for row in here), default=None)
    middle, low, high = (quantile(unit.soon, q) for q in (0.5, 0.1, 0.9))
    chance = unit.p_full
    full = "none" if chance is None else "act" if chance >= 0.5 else "watch" if chance >= 0.2 else "fine"
    return join(
        (
            tile("Patients", level, tag("span", count(unit.occupied), of), words),
            tile(
                "In four hours",
                "none",
                tag("span", count(middle), tag("small", "patients")),
                between(low, high),
                " in 80 of 100 futures",
            ),
            tile(
                "Full within 4 h",
                full,
                tag("span", percent(chance) if chance is not None else "–"),
                "chance at some hour",
            ),
            tile(
                "Leaving within 4 h",
                "none",
                tag("span", f"{unit.leaving.mean:.1f}", tag("small", "patients")),
                between(unit.leaving.low, unit.leaving.high),
                " likely",
            ),
            tile(
                "Longest here",
                "none",
                tag("span", span(3600 * longest) if longest is not None else "–"),
                f"{unit.boarding} wait for a bed elsewhere",
            ),
        )
    )


def _hours(shown: Snapshot, name: str) -> str:
    table = causes.chosen(shown.board.past, name) if shown.board is not None else None
    return causes.hours(table)


def _causes(shown: Snapshot, name: str) -> Html:
    if shown.board is None:
        return causes.bars(None)
    past, ahead = (causes.chosen(tables, name) for tables in (shown.board.past, shown.board.ahead))
    waiting = sum(c.share for c in ahead.causes if c.cause in ("bed", "staff", "equipment", "next")) if ahead else 0.0
    parts = [tag("h3", "The last day"), causes.bars(past, 6)]
    if ahead is not None:
        parts.append(
            tag(
                "p",
                f"In the next two days {percent(waiting)} of the time here will be waiting.",
                class_="sub",
                style="margin-top:10px",
            )
        )
    if not shown.is_past and shown.visitor.may("compare.run") and suggested(shown.board, name):
        parts.append(
            tag(
                "p",
                tag("a", "Rehearse a way out", href=f"/rehearse?unit={name}", class_="button press"),
                style="margin-top:10px",
            )
        )
    return join(parts)


def _beds_said(shown: Snapshot, name: str) -> str:
    unit = found(shown, name)
    if unit is None or unit.beds is None:
        return "this unit has none"
    taken = unit.beds_taken or 0
    return f"{taken} of {unit.beds} taken, {max(0, unit.beds - taken)} free"
