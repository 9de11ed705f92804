"""Alerts: what each says and why, storms as one, and what somebody did about them."""

from collections.abc import Iterable
from typing import Any

from nicegui import background_tasks, ui

from twinward.core.times import HOUR
from twinward.live.facts import Alert
from twinward.web.centre.parts import decisions
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot
from twinward.web.report.html import Html, join, tag

_STATES = (("open", "Open"), ("acknowledged", "Acknowledged"), ("snoozed", "Snoozed"), ("resolved", "Resolved"))


def build(screen: Screen) -> None:
    """Draw the page."""
    said = ui.html("", sanitize=False).props('role="status"').classes("sub")

    def pressed(data: dict[str, Any]) -> None:
        background_tasks.create(_act(screen, data, said))

    with ui.element("div").classes("cards"):
        for state, name in _STATES:
            wide = "" if state == "open" else "w4"
            with card(name, screen, lambda shown, state=state: _count(shown, state), wide):
                screen.part(lambda shown, state=state: listed(shown, state), on_do=pressed)


async def _act(screen: Screen, data: dict[str, Any], said: Any) -> None:
    action, id = data["do"], data["id"]
    if not screen.visitor.may("alerts.act"):
        said.content = "Acting on alerts takes a clinician's rights."
        return
    until = screen.centre.now() + float(data["hours"]) * HOUR if action == "snooze" else None
    try:
        entries = screen.visitor.entries("update", f"alert {id}: {action}")
        changed = await screen.centre.act_on_alert(id, action, screen.visitor.who, until, accesses=entries)
        said.content = str(tag("span", f"{changed.name}: {changed.state}"))
    except Exception as error:
        said.content = str(tag("span", f"It could not be done: {error}"))
    await screen.refresh()


def _count(shown: Snapshot, state: str) -> str:
    return str(sum(alert.state == state for alert in shown.alerts))


def listed(shown: Snapshot, state: str) -> Html:
    """The alerts of a state; those of one storm together."""
    alerts = [alert for alert in shown.alerts if alert.state == state]
    if not alerts:
        words = "No rule speaks on the present forecast." if state == "open" else "None."
        return (
            tag("p", tag("strong", "Nothing"), words, class_="empty")
            if state == "open"
            else tag("p", words, class_="sub")
        )
    return join(_group(shown, name, members) for name, members in groups(alerts))


def groups(alerts: Iterable[Alert]) -> list[tuple[str, list[Alert]]]:
    """Alerts of one storm together, the gravest first; the others alone."""
    order = {"critical": 0, "warning": 1, "info": 2}
    found: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda alert: (order.get(alert.severity, 3), -alert.probability)):
        found.setdefault(alert.group or alert.id, []).append(alert)
    return [(key if len(members) > 1 else "", members) for key, members in found.items()]


def _group(shown: Snapshot, name: str, members: list[Alert]) -> Html:
    rows = tag("ul", *(tag("li", decisions.alert(shown, alert, True), class_="alert") for alert in members))
    if not name:
        return rows
    return tag("div", tag("h3", f"{len(members)} alerts of one storm"), rows, class_="storm")
