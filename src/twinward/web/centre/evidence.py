"""Evidence: which checks stand behind each kind of twin, and how they came out."""

from collections import Counter
from typing import Any

from nicegui import ui

from twinward.core.evidence import Evidence
from twinward.web.centre.look.icons import mark
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, card
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number, unit

_LEVELS = {"passed": "fine", "failed": "act", "reported": "watch", "not run": "watch"}


def build(screen: Screen) -> None:
    """Draw the page: one card a kind of the twins that live here."""
    kinds = sorted(
        {forecast.kind for twin in screen.centre.twins() if (forecast := screen.centre.latest(twin))} or {"hospital"}
    )
    with ui.element("div").classes("cards"):
        for kind in kinds:
            with card(f"The {kind} twin", screen, lambda _, kind=kind: summary(screen.centre.evidence(kind))):
                screen.part(lambda _, kind=kind: listed(screen.centre.evidence(kind), kind))


def summary(rows: list[dict[str, Any]]) -> str:
    """ "10 passed, 1 not run"."""
    counts = Counter(verdict(row) for row in rows)
    return ", ".join(f"{count} {word}" for word, count in counts.most_common())


def verdict(row: dict[str, Any]) -> str:
    """As `core.Evidence` says it."""
    fields = {
        name: row.get(name) for name in ("id", "what", "kind", "value", "reference", "tolerance", "source", "passed")
    }
    return Evidence(**fields).verdict  # type: ignore[arg-type]


def listed(rows: list[dict[str, Any]], kind: str) -> Html:
    """One row a check."""
    if not rows:
        command = tag("code", f"twinward evidence {kind}")
        return tag(
            "p",
            tag("strong", "No check has been run for this version"),
            "Run ",
            command,
            ". Forecasts say that they rest on none.",
            class_="empty",
        )
    cells = [
        (
            tag("span", mark(_LEVELS[verdict(row)], ""), f" {verdict(row)}", class_="verdict"),
            join((row["what"], tag("small", f"{row['id']} · {row['kind']}"))),
            _value(row.get("value"), row.get("unit", "1")),
            _value(row.get("reference"), row.get("unit", "1")),
            row.get("tolerance") or "–",
            join((row.get("source") or "–", tag("small", row.get("note") or ""))),
        )
        for row in rows
    ]
    return table(
        ("Verdict", "Check", "Found", "Reference", "Passes within", "Source"),
        cells,
        f"Checks of the {kind} twin",
        (2, 3),
    )


def _value(value: Any, ucum: str) -> str:
    if value is None:
        return "–"
    return f"{number(value) if isinstance(value, int | float) else value} {unit(ucum)}".strip()
