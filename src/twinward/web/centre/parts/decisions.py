"""Alerts as somebody reads them: what, how likely, why, how long until, and what can be done about it."""

from urllib.parse import quote

from twinward.live.facts import Alert
from twinward.web.centre.look.icons import mark
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.words import ago, clock, span
from twinward.web.report.html import Html, tag
from twinward.web.report.numbers import percent

LEVELS = {"critical": "act", "warning": "watch", "info": "fine"}


def needed(shown: Snapshot, most: int = 4) -> Html:
    """The most pressing open alerts."""
    alerts = shown.open_alerts
    if not alerts:
        return tag("p", tag("strong", "Nothing needs a decision"), _quiet(shown), class_="empty")
    listed = [tag("li", alert(shown, found, False), class_="alert") for found in alerts[:most]]
    return tag("ul", *listed)


def heading(shown: Snapshot, most: int = 4) -> str:
    """How many of how many are shown."""
    total = len(shown.open_alerts)
    return f"{min(most, total)} of {total} shown" if total else ""


def alert(shown: Snapshot, found: Alert, is_full: bool) -> Html:
    """One alert; `is_full` with everything that can be done about it."""
    lead = f"likely in {span(found.lead)}" if found.lead is not None else "not likely soon"
    words = [found.why, lead]
    if found.escalated:
        words.append(f"escalated {found.escalated}×")
    if is_full:
        words.append(f"raised {ago(found.raised, shown.time)}")
        words.append(f"forecast of {clock(found.forecast, shown.zone)}" if found.forecast else "")
        if found.by:
            words.append(f"{found.state} by {found.by}")
        if found.state == "snoozed" and found.until is not None:
            words.append(f"until {clock(found.until, shown.zone)}")
    level = LEVELS.get(found.severity, "watch")
    return tag(
        "div",
        tag("div", mark(level, found.severity)),
        tag(
            "div",
            tag("div", found.name, class_="w"),
            tag("div", "; ".join(word for word in words if word), class_="why"),
            tag("div", found.rule, class_="why") if is_full else None,
            _acts(shown, found) if is_full and not shown.is_past else None,
        ),
        tag(
            "div", tag("div", percent(found.probability), tag("span", " probable", class_="hidden"), class_="p"),
            _rehearse(shown, found),
        ),
        style="display:contents",
    )  # fmt: skip


def _rehearse(shown: Snapshot, found: Alert) -> Html | None:
    if shown.is_past or not shown.visitor.may("compare.run") or found.state == "resolved":
        return None
    label = f"Rehearse what to do about: {found.name}"
    return tag("a", "Rehearse", class_="button press", href=f"/rehearse?alert={quote(found.id)}", aria_label=label)


def _acts(shown: Snapshot, found: Alert) -> Html | None:
    if not shown.visitor.may("alerts.act"):
        return None

    def button(action: str, words: str, **more: str) -> Html:
        data = {f"data_{key}": value for key, value in more.items()}
        return tag(
            "button",
            words,
            type="button",
            data_do=action,
            data_id=found.id,
            aria_label=f"{words}: {found.name}",
            **data,
        )

    acts = {
        "open": [button("acknowledge", "Acknowledge"), button("snooze", "Snooze 1 h", hours="1"),
                 button("snooze", "Snooze 4 h", hours="4"), button("resolve", "Resolve")],
        "acknowledged": [button("resolve", "Resolve"), button("reopen", "Reopen")],
        "snoozed": [button("reopen", "Wake"), button("resolve", "Resolve")],
        "resolved": [button("reopen", "Reopen")],
    }  # fmt: skip
    return tag("div", *acts.get(found.state, []), class_="acts")


def _quiet(shown: Snapshot) -> str:
    known = [alert for alert in shown.alerts if alert.state in ("acknowledged", "snoozed")]
    return f"{len(known)} acknowledged or snoozed." if known else "No rule speaks on the present forecast."
