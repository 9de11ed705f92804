"""The book of alerts: raised by forecasts, acted on by people, escalated when nobody acts, grouped in a storm.

A pure state machine: every transition is handed out to be written in the journal, and reading the journal back gives
the same book.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from twinward.errors import BadInput
from twinward.live.facts import Alert
from twinward.live.rules import Rule, Verdict

SEVERITIES = ("info", "warning", "critical")
ACTIONS = ("acknowledge", "snooze", "resolve", "reopen")
HYSTERESIS = 0.1  # an alert ends when its probability is this far below the rule's: it must not flutter at the edge
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9]+")
STORM, STORM_WINDOW = 4, 900.0  # so many alerts of one twin raised within so many seconds are one group


class Alerts:
    """Alerts by rule and twin.

    Example:
        >>> from twinward.live.rules import rule
        >>> book, full = Alerts(), rule("P(census > 40 within 4 h) > 0.7", "full")
        >>> raised = book.judge("Organization/1", 60.0, [full], [Verdict(full.text, 0.8, 3600.0, "42")])
        >>> [(alert.state, alert.probability) for alert in raised]
        [('open', 0.8)]
        >>> book.act(raised[0].id, "acknowledge", by="ann", now=70.0).state
        'acknowledged'
    """

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}
        self._last: dict[tuple[str, str], str] = {}

    def judge(
        self, twin: str, at: float, rules: Sequence[Rule], verdicts: Sequence[Verdict], now: float | None = None
    ) -> list[Alert]:
        """What changes by the verdicts of one forecast; the alerts that changed, as they are now.

        An alert that a person resolved is raised again only after its probability has fallen once: until then it is
        the same trouble, and somebody has decided on it.

        Args:
            twin, at: of the forecast.
            rules, verdicts: in the same order.
            now: POSIX seconds at which it is judged; `at` where left out.
        """
        now = at if now is None else now
        changed = []
        for one, verdict in zip(rules, verdicts, strict=True):
            held = self._held(twin, one.text)
            calm = max(one.probability - HYSTERESIS, 0.0)
            if held is None or (held.state == "resolved" and held.probability <= calm):
                if verdict.probability > one.probability:
                    changed.append(self._keep(self._raise(twin, at, one, verdict, now)))
                continue
            told = replace(
                held, probability=verdict.probability, lead=verdict.lead, why=verdict.why, forecast=at, changed=now
            )
            if verdict.probability <= calm:
                changed.append(self._keep(replace(told, state="resolved", until=None)))
            elif held.state != "resolved" and _reads_differently(held, told):
                changed.append(self._keep(told))
        return self._grouped(changed, now)

    def escalate(self, now: float, after: Mapping[str, float]) -> list[Alert]:
        """Open alerts on which nobody has acted in time, one step graver each time so many seconds have passed.

        Args:
            now: POSIX seconds.
            after: text of a rule -> seconds.
        """
        return [
            self._keep(_graver(alert, now))
            for alert in list(self._alerts.values())
            if alert.state == "open"
            and alert.rule in after
            and now - alert.raised >= after[alert.rule] * (alert.escalated + 1)
        ]

    def act(self, id: str, action: str, *, by: str, now: float, until: float | None = None, why: str = "") -> Alert:
        """A person acknowledges, snoozes (`until` POSIX seconds), resolves or reopens an alert.

        Raises:
            BadInput: no such alert or action, a snooze without an end in the future, or the alert is resolved.
        """
        held = self._alerts.get(id)
        if held is None:
            raise BadInput("alert", id, "the id of an alert")
        if action not in ACTIONS:
            raise BadInput("action", action, f"one of {', '.join(ACTIONS)}")
        if held.state == "resolved" and action != "reopen":
            raise BadInput("action", action, "reopen: this alert is resolved")
        if action == "snooze" and (until is None or until <= now):
            raise BadInput("until", until, f"an instant after now ({now:.0f})")
        state = {"acknowledge": "acknowledged", "snooze": "snoozed", "resolve": "resolved", "reopen": "open"}[action]
        end = until if action == "snooze" else None
        told = f"{held.why.split(' · ')[0]}{f' · {by}: {why}' if why else ''}"
        return self._keep(replace(held, state=state, by=by, changed=now, until=end, why=told))

    def wake(self, now: float) -> list[Alert]:
        """Snoozed alerts whose time is over are open again."""
        due = [a for a in self._alerts.values() if a.state == "snoozed" and a.until is not None and a.until <= now]
        return [self._keep(replace(alert, state="open", until=None, changed=now)) for alert in due]

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Take in transitions as the journal has them."""
        for alert in alerts:
            self._keep(alert)

    def all(self, open_only: bool = False) -> list[Alert]:
        """Alerts, the gravest and likeliest first."""
        found = [a for a in self._alerts.values() if not open_only or a.state != "resolved"]
        return sorted(found, key=lambda a: (a.state == "resolved", -SEVERITIES.index(a.severity), -a.probability, a.id))

    def get(self, id: str) -> Alert | None:
        """The alert of that id."""
        return self._alerts.get(id)

    def __contains__(self, id: object) -> bool:
        return id in self._alerts

    # -- inside ------------------------------------------------------------------------------------------------

    def _held(self, twin: str, text: str) -> Alert | None:
        return self._alerts.get(self._last.get((twin, text), ""))

    def _keep(self, alert: Alert) -> Alert:
        self._alerts[alert.id] = alert
        self._last[alert.twin, alert.rule] = alert.id
        return alert

    def _raise(self, twin: str, at: float, one: Rule, verdict: Verdict, now: float) -> Alert:
        # of the twin only a hash: an id is shown to those who may not know whose twin it is
        about = hashlib.blake2b(f"{twin}\0{one.text}".encode(), digest_size=4).hexdigest()
        id = f"{_NOT_IN_AN_ID.sub('-', one.name).strip('-').casefold()[:60]}-{about}-{now:.0f}"
        while id in self._alerts:
            id += "+"
        return Alert(
            id=id,
            rule=one.text,
            name=one.name,
            twin=twin,
            severity=one.severity,
            state="open",
            raised=now,
            changed=now,
            probability=verdict.probability,
            lead=verdict.lead,
            why=verdict.why,
            forecast=at,
        )

    def _grouped(self, changed: list[Alert], now: float) -> list[Alert]:
        """Many alerts of one twin within a short time are shown as one."""
        found = []
        for alert in changed:
            near = [
                a
                for a in self._alerts.values()
                if a.twin == alert.twin and a.state == "open" and abs(a.raised - alert.raised) <= STORM_WINDOW
            ]
            if alert.state == "open" and not alert.group and len(near) >= STORM:
                group = next((a.group for a in near if a.group), f"storm-{alert.id}")
                for one in near:
                    if not one.group:
                        found.append(self._keep(replace(one, group=group)))
            elif alert.id not in {a.id for a in found}:
                found.append(alert)
        return found


def _graver(alert: Alert, now: float) -> Alert:
    severity = SEVERITIES[min(SEVERITIES.index(alert.severity) + 1, len(SEVERITIES) - 1)]
    return replace(alert, severity=severity, escalated=alert.escalated + 1, changed=now)


def _reads_differently(held: Alert, told: Alert) -> bool:
    """Whether a person would see the difference: a percent, a minute, another state. The journal keeps no others."""
    if round(held.probability, 2) != round(told.probability, 2) or (held.lead is None) != (told.lead is None):
        return True
    return held.lead is not None and told.lead is not None and abs(held.lead - told.lead) >= 60.0
