"""The beds of a unit: who is in which, since when, and how likely they leave soon."""

from urllib.parse import quote

from twinward.twins.hospital.board import Leaver, UnitNow
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.words import span
from twinward.web.report.html import Html, tag
from twinward.web.report.numbers import percent

_SOON = 4  # hours
_FREE = 6  # tiles of free beds; the others are a number


def grid(shown: Snapshot, unit: UnitNow | None, patients: list[Leaver]) -> Html:
    """One tile a patient, by bed where the feed names it, and one for each free bed."""
    if unit is None or (not patients and not unit.beds):
        return tag("p", tag("strong", "Nobody is here"), "Patients appear as the feed tells of them.", class_="empty")
    order = sorted(patients, key=lambda row: (row.bed == "", _natural(row.bed), -row.hours_here))
    tiles = [tag("li", _taken(shown, row), class_="bed") for row in order]
    free = max(0, unit.beds - (unit.beds_taken or 0)) if unit.beds is not None else 0
    tiles += [tag("li", tag("b", "Free"), tag("span", "staffed", class_="sub"), class_="bed free")] * min(free, _FREE)
    if free > _FREE:
        more = tag("span", "free, staffed", class_="sub")
        tiles.append(tag("li", tag("b", f"+ {free - _FREE}"), more, class_="bed free"))
    return tag("ul", *tiles, class_="beds")


def _taken(shown: Snapshot, row: Leaver) -> Html:
    leaves = row.p_left_unit[min(_SOON, len(row.p_left_unit)) - 1] if row.p_left_unit else 0.0
    name = shown.visitor.name(row.case)
    link = tag("a", name, href=f"/twin/{quote(shown.visitor.reference(row.case))}")
    level = "fine" if leaves >= 0.5 else "accent" if leaves >= 0.2 else "muted"
    phase = {"boarding": "▲ waits for a bed", "waiting": "◆ waits", "under way": ""}.get(row.phase, "")
    return tag(
        "div",
        tag("b", row.bed or link),
        tag(
            "div",
            link if row.bed else "",
            f"{' · ' * bool(row.bed)}class {row.klass}" if row.klass else "",
            class_="sub",
        ),
        tag("div", phase or f"here {span(3600 * row.hours_here)}", class_="sub"),
        tag("span", tag("b", class_=level, style=f"width:{100 * leaves:.0f}%"), class_="bar", aria_hidden="true"),
        tag("div", f"gone in 4 h {percent(leaves)}", class_="sub"),
        style="display:contents",
    )


def _natural(bed: str) -> tuple[str, int]:
    """Bed 2 comes before bed 10."""
    digits = "".join(letter for letter in bed if letter.isdigit())
    return bed.rstrip("0123456789 "), int(digits or 0)
