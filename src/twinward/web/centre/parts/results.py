"""What a rehearsal gave: differences with their intervals, never bare levels."""

from collections.abc import Sequence
from typing import Any

from twinward.live.facts import Rehearsed
from twinward.web.centre.words import with_unit
from twinward.web.report.html import Html, tag

BASELINE = "as it is"
DIRECTIONS = {"lower": "less is better", "higher": "more is better"}


def outcomes(done: Rehearsed) -> list[str]:
    """Names of the outcomes, in order."""
    return list(dict.fromkeys(row["outcome"] for row in done.rows))


def table(done: Rehearsed, only: Sequence[str] = ()) -> Html:
    """One row a scenario, one column an outcome: first things as they are, then differences from them.

    The scenario with the most clear improvements, clear worsenings taken off, is ticked.
    """
    rows = {(row["scenario"], row["outcome"]): row for row in done.rows}
    names = list(dict.fromkeys(row["scenario"] for row in done.rows))
    shown = [name for name in outcomes(done) if not only or name in only]
    proposed = best(done)
    head = [tag("th", "Scenario", scope="col")]
    head += [
        tag("th", rows[names[0], name]["label"], scope="col", class_="num", style="white-space:normal")
        for name in shown
    ]
    body = []
    for scenario in sorted(names, key=lambda name: name != BASELINE):
        tick = "✓ " if scenario == proposed else ""
        title = scenario[:1].upper() + scenario[1:]
        cells = [tag("th", tick, title, scope="row", style="color:inherit")]
        for name in shown:
            row = rows[scenario, name]
            cells.append(_level(row) if scenario == BASELINE else _difference(row))
        body.append(tag("tr", *cells, class_="best" if tick else None))
    whole = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body))
    return tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label="Scenarios and what they change")


def by_outcome(done: Rehearsed) -> Html:
    """One row an outcome, one column a scenario: what the page of a rehearsal shows."""
    rows = {(row["scenario"], row["outcome"]): row for row in done.rows}
    names = sorted(dict.fromkeys(row["scenario"] for row in done.rows), key=lambda name: name != BASELINE)
    proposed = best(done)
    head = [tag("th", "Outcome", scope="col")]
    for name in names:
        title = ("✓ " if name == proposed else "") + name[:1].upper() + name[1:]
        head.append(tag("th", title, scope="col", class_="num", style="white-space:normal;min-width:96px"))
    body = []
    for outcome in outcomes(done):
        row = rows[names[0], outcome]
        direction = DIRECTIONS.get(row["better"], "")
        cells = [tag("th", row["label"], tag("small", direction), scope="row", style="color:inherit")]
        cells += [_level(rows[n, outcome]) if n == BASELINE else _difference(rows[n, outcome]) for n in names]
        body.append(tag("tr", *cells))
    whole = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body))
    return tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label="Scenarios and what they change")


def between(low: float, high: float, ucum: str) -> str:
    """An interval of differences, its unit once."""
    lower, upper = with_unit(low, ucum, True), with_unit(high, ucum, True)
    return f"{lower.partition(' ')[0]} to {upper}" if " " in lower else f"{lower} to {upper}"


def _level(row: dict[str, Any]) -> Html:
    return tag("td", with_unit(row.get("level"), row["unit"]), class_="num")


def _difference(row: dict[str, Any]) -> Html:
    judged = good(row)
    told = {True: "good", False: "bad", None: ""}[judged]
    said = {True: " better", False: " worse", None: ""}[judged]
    interval = "not known"
    if row.get("low") is not None and row.get("high") is not None:
        interval = between(row["low"], row["high"], row["unit"])
    return tag(
        "td", with_unit(row.get("difference"), row["unit"], True), tag("span", said, class_="hidden"),
        tag("small", interval), class_=f"num {told}".strip(),
    )  # fmt: skip


def good(row: dict[str, Any]) -> bool | None:
    """Whether a clear difference is in the better direction; None where it is not clear, or neither is better."""
    if not row.get("clear") or row.get("better") == "neither" or not row.get("difference"):
        return None
    return (row["difference"] < 0) == (row["better"] == "lower")


def best(done: Rehearsed) -> str:
    """The scenario with the most clear improvements, clear worsenings taken off; "" where none is left with any."""
    scores = {}
    for scenario in done.scenarios:
        judged = [good(row) for row in done.rows if row["scenario"] == scenario]
        scores[scenario] = judged.count(True) - judged.count(False)
    top = max(scores, key=lambda name: scores[name], default="")
    return top if top and scores[top] > 0 else ""
