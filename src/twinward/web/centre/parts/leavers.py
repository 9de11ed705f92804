"""Who is likely to leave when: the chance by hour as a strip of colour, and in numbers."""

from urllib.parse import quote

from twinward.twins.hospital.board import Leaver
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.words import span
from twinward.web.report.html import Html, tag
from twinward.web.report.numbers import percent

_HOURS = (1, 4, 8, 12, 24)
_MOST = 60


def table(shown: Snapshot, patients: list[Leaver]) -> Html:
    """The patients, the likeliest to leave the unit first."""
    if not patients:
        return tag("p", tag("strong", "Nobody is here"), "Nobody can leave.", class_="empty")
    order = sorted(patients, key=lambda row: -sum(row.p_left_unit))
    head = [tag("th", "Patient", scope="col"), tag("th", "Now", scope="col"), tag("th", "Next 24 hours", scope="col")]
    head += [tag("th", f"{hour} h", scope="col", class_="num") for hour in _HOURS]
    head.append(tag("th", "Leaves the hospital in", scope="col", class_="num"))
    body = [_row(shown, row) for row in order[:_MOST]]
    whole = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body))
    more = tag("p", f"and {len(order) - _MOST} more", class_="sub") if len(order) > _MOST else ""
    return tag(
        "div", whole, more, class_="scroll", tabindex="0", role="region", aria_label="Who is likely to leave when"
    )


def _row(shown: Snapshot, row: Leaver) -> Html:
    name = shown.visitor.name(row.case)
    link = tag("a", name, href=f"/twin/{quote(shown.visitor.reference(row.case))}")
    phase = {"boarding": "waits for a bed elsewhere", "waiting": "waits after", "under way": ""}.get(row.phase, "")
    doing = " ".join(word for word in (phase, row.step) if word) or "not told"
    if row.phase == "boarding":
        doing = f"▲ {phase}"
    cells = [tag("td", percent(_at(row, hour)), class_="num") for hour in _HOURS]
    low, high = span(3600 * row.hours_low), span(3600 * row.hours_high)
    return tag(
        "tr",
        tag(
            "td",
            link,
            tag("small", " · ".join(word for word in (row.bed, f"class {row.klass}" if row.klass else "") if word)),
        ),
        tag("td", doing, tag("small", f"for {span(3600 * row.phase_hours)}, here {span(3600 * row.hours_here)}")),
        tag("td", heat(row.p_left_unit)),
        *cells,
        tag("td", span(3600 * row.hours_left), tag("small", f"{low} to {high}"), class_="num"),
    )


def heat(chances: tuple[float, ...]) -> Html:
    """A strip of one cell an hour, the darker the likelier."""
    cells = [
        tag("i", style=f"--p:{chance:.2f}", title=f"{i + 1} h: {percent(chance)}") for i, chance in enumerate(chances)
    ]
    return tag("div", *cells, class_="heat", aria_hidden="true")


def _at(row: Leaver, hour: int) -> float:
    return row.p_left_unit[min(hour, len(row.p_left_unit)) - 1] if row.p_left_unit else float("nan")
