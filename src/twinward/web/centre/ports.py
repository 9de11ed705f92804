"""What the pages ask of the running system: everything they show comes through this one door."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from twinward.core.observation import Observations
from twinward.journal.base import Access, Held
from twinward.live.facts import Alert, Change, FeedHealth, Forecasted, Rehearsed
from twinward.twins.hospital.rehearsal import Setting


class Past(Protocol):
    """A moment of the past, as it was known then.

    Attributes:
        time: POSIX seconds of the moment.
        position: of the journal up to which everything was known then.
        forecast: the latest one then, with its board; None where there was none yet.
        alerts: as they stood then.
    """

    @property
    def time(self) -> float: ...
    @property
    def position(self) -> int: ...
    @property
    def forecast(self) -> Forecasted | None: ...
    @property
    def alerts(self) -> Sequence[Alert]: ...


class Centre(Protocol):
    """The running system as the pages see it. Every time is POSIX seconds, every unit UCUM."""

    name: str

    def now(self) -> float:
        """The hospital's clock."""
        ...

    def zone(self) -> ZoneInfo:
        """In which people there read a clock."""
        ...

    def twins(self) -> list[str]:
        """Subjects of all twins; the hospital's own first."""
        ...

    def latest(self, twin: str) -> Forecasted | None:
        """The latest forecast, with its board; None where none has been made."""
        ...

    def forecast_now(self, twin: str) -> Awaitable[Forecasted]:
        """A forecast made on request, for a twin that has none of its own accord."""
        ...

    def forecasts(self, twin: str, since: float, until: float) -> list[Forecasted]:
        """Forecasts made in a window, in order of `at`; reads the journal, so pages ask in a thread and seldom."""
        ...

    def estimates(self, twin: str) -> Mapping[str, tuple[float, float, str, str]]:
        """Signal -> (mean, standard deviation, unit, label) now."""
        ...

    def series(self, twin: str, variable: str, since: float, until: float) -> tuple[Sequence[float], Sequence[float]]:
        """(times, values) of what came."""
        ...

    def seen(self, twin: str, since: float, until: float) -> Observations:
        """Everything observed of a twin's subject in a window that the twin still holds."""
        ...

    def alerts(self, open_only: bool = True) -> list[Alert]:
        """Alerts now."""
        ...

    def feeds(self) -> list[FeedHealth]:
        """How every feed is."""
        ...

    def quality(self) -> dict[str, Any]:
        """Unknown signals ({signal, source, count, example}), quarantine counts by kind, signals no twin uses."""
        ...

    def rehearsals(self) -> Sequence[tuple[str, Sequence[str], float, str]]:
        """(id, names of the scenarios, at, by) of the rehearsals kept, the latest first."""
        ...

    def skill(self, twin: str) -> list[dict[str, Any]]:
        """Rows {variable, lead_hours, method, n, crps, covered, bias} over the last month."""
        ...

    def skill_points(self, twin: str, variable: str, lead: float, limit: int = 200) -> list[dict[str, Any]]:
        """The last scored forecasts of a variable, `lead` seconds ahead: {at, lead, low, high, truth}, 80 % bands."""
        ...

    def settings(self, twin: str) -> list[Setting]:
        """What can be rehearsed with this twin."""
        ...

    def evidence(self, kind: str) -> list[dict[str, Any]]:
        """The stored checks of a kind, as `core.Evidence` has them."""
        ...

    def graph(self, reference: str) -> dict[str, Any]:
        """`part_of` (link -> reference), `parts` (references) and `attributes` of a subject."""
        ...

    def search(self, text: str, limit: int = 20) -> list[str]:
        """References that contain the text."""
        ...

    def subscribe(self, listener: Callable[[Sequence[Change]], None]) -> Callable[[], None]:
        """Be told of changes, on the event loop; returns what ends it."""
        ...

    def act_on_alert(
        self, id: str, action: str, by: str, until: float | None = None, why: str = "", accesses: Sequence[Access] = ()
    ) -> Awaitable[Alert]:
        """acknowledge, snooze (until an instant), resolve or reopen; `accesses` are written in the same transaction."""
        ...

    def quarantine(self, state: str | None = "open", after: int = 0, limit: int = 100) -> Awaitable[list[Held]]:
        """Entries of the quarantine."""
        ...

    def settle(
        self, number: int, state: str, by: str, text: str | None = None, accesses: Sequence[Access] = ()
    ) -> Awaitable[str]:
        """Settle an entry ("resubmitted", with the text as corrected, or "dismissed"); says what became of it."""
        ...

    def rehearse(
        self, twin: str, scenarios: Mapping[str, list[dict[str, Any]]], horizon: float, by: str = ""
    ) -> Awaitable[Rehearsed]:
        """Rehearse scenarios against "as it is", `horizon` seconds ahead; the result is kept."""
        ...

    def rehearsal(self, id: str) -> Rehearsed | None:
        """A rehearsal that was kept."""
        ...

    def at(self, instant: float) -> Awaitable[Past]:
        """A moment of the past, as it was known then."""
        ...

    def difference(self, a: float, b: float) -> Awaitable[dict[str, Any]]:
        """What is other at `b` than at `a`."""
        ...
