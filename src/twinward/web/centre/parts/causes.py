"""Where patients' time goes: bars by share, the waiting in the colours of a warning."""

from twinward.twins.hospital.board import Bottleneck, grouped
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import percent

_COLOURS = {"bed": "act", "staff": "watch", "equipment": "watch", "next": "muted", "results": "accent",
            "examination": "accent", "intake": "past", "treatment": "fine", "stay": "fine"}  # fmt: skip
_SHOWN = 7


def chosen(tables: tuple[Bottleneck, ...], scope: str) -> Bottleneck | None:
    """The table of a scope; None where there is none."""
    return next((table for table in tables if table.scope == scope), None)


def bars(found: Bottleneck | None, shown: int = _SHOWN) -> Html:
    """The largest causes as bars."""
    if found is None or not found.causes:
        return tag("p", tag("strong", "Nothing to share out yet"), "It needs a day of observations.", class_="empty")
    rows = grouped(found).causes
    largest = max(row.share for row in rows)
    listed = [
        tag(
            "li",
            tag("div", tag("span", row.label), tag("b", percent(row.share)), class_="c"),
            tag("span", tag("b", class_=_COLOURS[row.cause], style=f"width:{100 * row.share / largest:.0f}%"),
                class_="bar", aria_hidden="true"),
        )
        for row in rows[:shown]
    ]  # fmt: skip
    return join([tag("ul", *listed, class_="causes")])


def hours(found: Bottleneck | None) -> str:
    """What the shares are of."""
    return f"share of {found.hours:,.0f} patient-hours" if found is not None else ""
