"""What the running system tells of itself: plain data for the API, the stream and the pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Band:
    """The quantiles of one forecast variable over time.

    Args:
        variable: as the model names it, with its label in brackets where it has several ("unit_census[ED]").
        label: what a person reads.
        unit: UCUM.
        times: POSIX seconds.
        quantiles: one row an instant, at the levels of `LEVELS`.
    """

    variable: str
    label: str
    unit: str
    times: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...]


LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


@dataclass(frozen=True, slots=True)
class Forecasted:
    """A forecast as it was made.

    Args:
        twin: subject of the twin.
        kind, model_version, seed, members: of the twin.
        at: POSIX seconds from which it looks ahead.
        position: of the journal up to which everything was known.
        belief: digest of the belief: equal digests, equal bits.
        digest: of every member of the forecast.
        outside: why the subject lies outside the model's validity; empty where it lies inside.
        evidence: "3 of 4 passed", or why there is none.
        scenario: "as it is", or the scenario's name.
        bands: of every numeric variable.
        board: what the kind's pages show besides (for a hospital: `twins.hospital.board.Board` as plain JSON data).
        seconds: that it took.
    """

    twin: str
    kind: str
    model_version: str
    seed: int
    members: int
    at: float
    position: int
    belief: str
    digest: str
    outside: tuple[str, ...]
    evidence: str
    scenario: str
    bands: Mapping[str, Band]
    board: Any = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How a feed is.

    Args:
        source: as in its messages.
        format: hl7v2, fhir, mqtt, ...
        messages, observations, refused, duplicates: since the system started.
        last: POSIX seconds (system clock) of the last message.
        expected: seconds in which its next message is expected: the second longest of its last fifty intervals; None
            while too few came.
        state: "live", "late" (nothing for two expected intervals) or "silent" (for ten).
        lag: seconds between a message being sent and received, median of the last ones; None where unknown.
    """

    source: str
    format: str
    messages: int
    observations: int
    refused: int
    duplicates: int
    last: float
    expected: float | None
    state: str
    lag: float | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Args:
        id: of this alert, stable over its life.
        rule: the rule's text, "P(unit_census[ED] > 40 within 4 h) > 0.7".
        name: what a person reads.
        twin: subject.
        severity: "info", "warning", "critical"; escalation raises it.
        state: "open", "acknowledged", "snoozed", "resolved".
        raised, changed: POSIX seconds.
        probability: now.
        lead: seconds until it is likely to happen (median over the members in which it does); None where none does.
        why: numbers behind it, in words.
        by: who acted on it last.
        until: POSIX seconds until which it is snoozed.
        escalated: how often.
        group: alerts of one storm share it.
        forecast: `Forecasted.at` of the forecast that says so.
    """

    id: str
    rule: str
    name: str
    twin: str
    severity: str
    state: str
    raised: float
    changed: float
    probability: float
    lead: float | None
    why: str
    by: str = ""
    until: float | None = None
    escalated: int = 0
    group: str = ""
    forecast: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, in the order of the journal.

    Args:
        position: of the journal entry that says so.
        at: POSIX seconds (system clock).
        what: "observed", "forecast", "alert", "rehearsal" or "quarantined".
        twins: subjects of the twins concerned.
        subjects: references in the message.
        estimates: twin -> signal -> (mean, standard deviation), for twins that summarise themselves quickly.
    """

    position: int
    at: float
    what: str
    twins: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    estimates: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What rehearsing scenarios gave: paired differences from "as it is" and the futures of each.

    Args:
        id: of the rehearsal; a link to it can be shared.
        twin, at, horizon, members, position: from where; horizon in seconds.
        scenarios: name -> actions, each {"control", "value", "target", "start", "end"} (POSIX seconds).
        rows: one a scenario and outcome: scenario, outcome, label, unit, difference, low, high, better, clear.
        bands: scenario -> variable -> Band.
        boards: scenario -> the kind's board.
        seconds: that it took.
        by: who asked.
    """

    id: str
    twin: str
    at: float
    horizon: float
    members: int
    position: int
    scenarios: Mapping[str, list[dict[str, Any]]]
    rows: list[dict[str, Any]]
    bands: Mapping[str, Mapping[str, Band]]
    boards: Mapping[str, Any]
    seconds: float
    by: str = ""
