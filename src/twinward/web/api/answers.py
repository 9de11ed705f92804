"""What the API answers, for its OpenAPI description: the shapes are checked by tests, not again for each answer."""

from typing import Any

from pydantic import BaseModel

from twinward.core.signal import Code
from twinward.live.facts import Alert, Change, FeedHealth, Forecasted, Rehearsed

__all__ = ["Alert", "Change", "FeedHealth", "Forecasted", "Rehearsed"]


class KindLine(BaseModel):
    """A kind that is installed."""

    name: str
    summary: str


class SignalLine(BaseModel):
    """One quantity of a kind; a bound that is not there is null."""

    name: str
    label: str
    unit: str
    code: Code | None
    possible: list[float | None]
    normal: list[float | None] | None


class ControlLine(BaseModel):
    """What may be changed in a rehearsal."""

    name: str
    unit: str
    label: str
    allowed: list[float | None]
    choices: list[str]
    neutral: float | str
    targets: str


class OutcomeLine(BaseModel):
    """What scenarios are judged by."""

    name: str
    label: str
    unit: str
    better: str


class KindPage(BaseModel):
    """A kind that runs here."""

    name: str
    version: str
    signals: list[SignalLine]
    controls: list[ControlLine]
    outcomes: list[OutcomeLine]


class TwinLine(BaseModel):
    """A twin now; `belief` is a hash of its bits, `stale` the feeds it lives on that are late or silent."""

    subject: str
    kind: str
    version: str
    members: int
    observations: int
    last: str | None
    belief: str
    stale: list[str]


class TwinPage(BaseModel):
    """Some twins; `total` counts those the reader may see."""

    total: int
    twins: list[TwinLine]


class EstimateLine(BaseModel):
    """One variable now; null where nothing is known of it."""

    variable: str
    label: str
    unit: str
    mean: float | None
    sd: float | None


class EstimatePage(BaseModel):
    """What is so now."""

    twin: str
    at: str
    stale: list[str]
    variables: list[EstimateLine]


class SeriesPage(BaseModel):
    """What came: POSIX seconds and values."""

    twin: str
    variable: str
    times: list[float]
    values: list[float | None]


class SkillLine(BaseModel):
    """How good forecasts of a variable were, `lead_hours` ahead."""

    variable: str
    lead_hours: float
    method: str
    n: int
    crps: float | None
    covered: float | None
    bias: float | None


class SkillPage(BaseModel):
    """How good a twin's forecasts were."""

    twin: str
    scores: list[SkillLine]


class SubjectPage(BaseModel):
    """A subject in the graph."""

    reference: str
    part_of: dict[str, str]
    parts: list[str]
    attributes: dict[str, str]


class JobStarted(BaseModel):
    """A rehearsal has begun."""

    job: str
    state: str


class JobPage(BaseModel):
    """How a rehearsal is; `progress` goes from 0 to 1."""

    state: str
    progress: float
    rehearsal: str
    error: str


class RehearsalLine(BaseModel):
    """A rehearsal that was kept."""

    id: str
    scenarios: list[str]
    at: float
    by: str


class HeldEntry(BaseModel):
    """What could not be used, and why."""

    raw: str
    reason: str
    source: str
    line: int
    kind: str


class HeldLine(BaseModel):
    """An entry of the quarantine."""

    number: int
    position: int
    received: float
    entry: HeldEntry
    state: str
    by: str


class SettledPage(BaseModel):
    """What became of an entry."""

    number: int
    state: str
    outcome: str


class PastPage(BaseModel):
    """A moment as it was known then."""

    time: float
    position: int
    forecast: Forecasted
    alerts: list[Alert]
    recorded: Forecasted | None


class DifferenceLine(BaseModel):
    """A variable that was other then."""

    variable: str
    label: str
    unit: str
    then: float | None
    now: float | None


class DifferencePage(BaseModel):
    """What changed between two moments."""

    model_config = {"json_schema_extra": {"required": ["from", "to", "messages", "same_belief", "bands"]}}
    to: str
    messages: int
    same_belief: bool
    bands: list[DifferenceLine]
    alerts_raised: list[str]
    alerts_gone: list[str]


class StatusPage(BaseModel):
    """What `twinward status` prints."""

    name: str
    now: str
    ready: bool
    position: int
    mirrored: int
    twins: int
    journal: str
    open_alerts: int
    quarantine: dict[str, int]
    feeds: list[FeedHealth]


class SignalCount(BaseModel):
    """Rows of a feed that no twin uses."""

    signal: str
    source: str
    count: int
    example: str


class QualityPage(BaseModel):
    """What the feeds send that is not understood."""

    unknown: list[SignalCount]
    unused: list[SignalCount]
    quarantine: dict[str, int]


class EvidenceLine(BaseModel):
    """One stored check of a kind."""

    id: str
    what: str
    kind: str
    value: float | None
    reference: Any
    tolerance: Any
    source: str
    passed: bool | None
    verdict: str
    version: str


class Word(BaseModel):
    """How the process is."""

    status: str
