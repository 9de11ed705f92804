"""The floor: each unit by colour, shape and words."""

from urllib.parse import quote

from twinward.twins.hospital.board import UnitNow
from twinward.web.centre.look.icons import STATES
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.words import between, count
from twinward.web.report.html import Html, tag
from twinward.web.report.numbers import percent


def floor(shown: Snapshot) -> Html:
    """One tile a unit, in the floor's order."""
    if shown.board is None:
        return tag("p", tag("strong", "No units yet"), "They appear with the first forecast.", class_="empty")
    units = shown.visitor.units(shown.board.units)
    if not units:
        return tag(
            "p", tag("strong", "No unit in your scope"), "Ask an administrator for the units you need.", class_="empty"
        )
    return tag("ul", *(tag("li", tile(unit)) for unit in units), class_="units")


def tile(unit: UnitNow) -> Html:
    """One unit: occupied / staffed, how full, who is likely to leave in four hours."""
    level, shape, words = STATES[unit.pressure]
    beds = f"/ {unit.beds}" if unit.beds is not None else "no beds"
    share = min(1.0, unit.occupancy) if unit.occupancy is not None else 0.0
    chance = ""
    if unit.p_full is not None and unit.p_full >= 0.05 and unit.pressure != "full":
        chance = f" · full {percent(unit.p_full)}"
    of = unit.beds if unit.beds is not None else "any number of"
    label = (
        f"{unit.label}: {count(unit.occupied)} of {of} beds, {words}, "
        f"{unit.leaving.mean:.0f} likely to leave within 4 hours"
    )
    return tag(
        "a",
        tag("div", unit.label, class_="n"),
        tag("span", shape, class_=f"m {level}", aria_hidden="true"),
        tag("div", count(unit.occupied), " ", tag("small", beds), class_="o"),
        tag("span", tag("b", class_=level, style=f"width:{100 * share:.0f}%"), class_="bar", aria_hidden="true"),
        tag("div", f"↓ {between(unit.leaving.low, unit.leaving.high)} likely{chance}", class_="t"),
        class_=f"unit {unit.pressure}",
        href=f"/unit/{quote(unit.name)}",
        aria_label=label,
    )
