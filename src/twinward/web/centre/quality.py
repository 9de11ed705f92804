"""Data quality: what came and could not be used, counted, so that somebody can mend it at its source."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from twinward.web.centre.parts import feeds
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot
from twinward.web.report.html import Html, tag


def build(screen: Screen) -> None:
    """Draw the page."""
    with ui.element("div").classes("cards"):
        with card("Feeds", screen, "as they are now", "w6 stretch"):
            screen.part(feeds.listed)
        with card("In quarantine", screen, "open entries by kind of fault", "w6 stretch"):
            screen.part(_quarantine)
        with card("Codes that nothing is known of", screen, "kept with their code, counted, never guessed"):
            screen.part(lambda shown: _signals(shown, "unknown"))
        with card("Signals that no twin uses", screen, "known, stored, and waiting for a model that asks for them"):
            screen.part(lambda shown: _signals(shown, "unused"))


def _quarantine(shown: Snapshot) -> Html:
    counts: dict[str, int] = shown.history.quality().get("quarantine", {})
    if not counts:
        return tag("p", tag("strong", "Empty"), "Everything that came could be used.", class_="empty")
    rows = [(kind or "not said", f"{count:,}") for kind, count in counts.items()]
    link = tag("p", tag("a", "Look at them", href="/quarantine", class_="button press"), style="margin-top:10px")
    return Html(
        table(("Fault", "Entries"), rows, "Quarantine by kind of fault")
        + (link if shown.visitor.may("quarantine.read") else "")
    )


def _signals(shown: Snapshot, which: str) -> Html:
    found: Sequence[dict[str, Any]] = shown.history.quality().get(which, [])
    if not found:
        return tag(
            "p",
            tag("strong", "None"),
            "Every code that came is known." if which == "unknown" else "Every signal is used.",
            class_="empty",
        )
    rows = []
    for row in found[:200]:
        example = tag("code", str(row.get("example", ""))[:200])
        rows.append((tag("code", row["signal"]), row.get("source", ""), f"{row['count']:,}", example))
    return table(("Signal", "Source", "Observations", "Example"), rows, f"{len(found)} signals", numbers=(2,))
