"""The emergency department's board: who waits, by triage class."""

from twinward.twins.hospital.board import Board, EdBoard
from twinward.web.centre.snapshot import Snapshot, quantile
from twinward.web.centre.words import between, span
from twinward.web.report.html import Html, join, tag


def board(shown: Snapshot) -> Html:
    """Figures above, a bar a triage class below."""
    found: Board | None = shown.board
    if found is None or found.emergency is None:
        return tag("p", tag("strong", "No emergency department"), "This hospital's model has none.", class_="empty")
    ed = found.emergency
    return join((_figures(shown, ed), _waiting(ed)))


def _figures(shown: Snapshot, ed: EdBoard) -> Html:
    later = shown.later
    figures = [
        (str(sum(row.count for row in ed.waiting)), "waiting"),
        (str(ed.being_seen), "being seen"),
        (str(ed.boarding), "boarding"),
        (str(ed.over_four_hours), "over 4 h"),
        ("–" if ed.arrived_last_hour is None else str(ed.arrived_last_hour), "came in the last hour"),
        (between(ed.arriving.low, ed.arriving.high), f"to come by {later}"),
        (between(quantile(ed.soon, 0.1), quantile(ed.soon, 0.9)), f"there at {later}"),
    ]
    return tag("div", *(tag("div", tag("b", value), tag("span", words)) for value, words in figures), class_="figures")


def _waiting(ed: EdBoard) -> Html:
    most = max((row.count for row in ed.waiting), default=0) or 1
    rows = []
    for row in ed.waiting:
        longest = f"up to {span(60 * row.longest)}" if row.longest is not None else "–"
        level = (
            "act" if row.longest and row.longest > 120 else "watch" if row.longest and row.longest > 60 else "accent"
        )
        bar = tag(
            "span",
            tag("b", class_=level, style=f"width:{100 * row.count / most:.0f}%"),
            class_="bar",
            aria_hidden="true",
        )
        told = (tag("b", str(row.count)), tag("span", longest, class_="sub"))
        rows.append(tag("li", tag("span", f"{row.priority} {row.label}"), bar, *told, class_="r"))
    return tag("ul", *rows, class_="triage", aria_label="Waiting by triage class: patients, longest wait")
