"""What a page shows at one moment: now, or an instant of the past as it was known then."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from twinward.core.times import DAY, HOUR, MINUTE
from twinward.live.facts import LEVELS, Alert, Band, FeedHealth, Forecasted
from twinward.twins.hospital.board import Board
from twinward.twins.hospital.board.base import NEAR_HOURS
from twinward.web.centre.history import History
from twinward.web.centre.ports import Centre
from twinward.web.centre.visitor import Visitor
from twinward.web.centre.words import clock

STALE = 30 * MINUTE  # a forecast older than this no longer tells the present; pages say so
BACK = 2 * DAY  # how much of what came is shown
LEAD = DAY  # "yesterday's forecast": the one made this long before


@dataclass(frozen=True)
class Snapshot:
    """Everything a page is drawn from.

    Args:
        centre: where further things come from.
        visitor: who looks.
        time: POSIX seconds of the moment shown.
        now: POSIX seconds of the hospital's clock.
        zone: in which times are written.
        twin: subject of the hospital's twin; "" where there is none yet.
        forecast: the latest one at that moment.
        board: of the forecast.
        alerts: open, acknowledged and snoozed ones, those that the visitor may see.
        feeds: as they are now (empty in the past).
        is_past: the moment is not now.
        history: earlier forecasts and scores.
    """

    centre: Centre
    visitor: Visitor
    time: float
    now: float
    zone: ZoneInfo
    twin: str
    forecast: Forecasted | None
    board: Board | None
    alerts: tuple[Alert, ...]
    feeds: tuple[FeedHealth, ...]
    is_past: bool
    history: History
    _came: dict[str, tuple[Sequence[float], Sequence[float]]] = field(default_factory=dict, compare=False)

    @property
    def age(self) -> float:
        """Seconds since the forecast was made."""
        return self.time - self.forecast.at if self.forecast is not None else 0.0

    @property
    def is_stale(self) -> bool:
        """Whether what is shown is older than it should be."""
        return self.forecast is not None and self.age > STALE

    @property
    def later(self) -> str:
        """The hour up to which "soon" looks: four hours after the forecast was made, in the hospital's zone."""
        return clock((self.board.time if self.board is not None else self.time) + NEAR_HOURS * HOUR, self.zone)

    @property
    def whereabouts(self) -> dict[str, str]:
        """Encounter -> the unit where the patient is."""
        return {row.case: row.unit for row in self.board.leavers} if self.board is not None else {}

    @property
    def late_feeds(self) -> list[FeedHealth]:
        """Feeds from which nothing has come for longer than usual."""
        return [feed for feed in self.feeds if feed.state != "live"]

    @property
    def open_alerts(self) -> list[Alert]:
        """What needs a decision, the most pressing first."""
        order = {"critical": 0, "warning": 1, "info": 2}
        found = [alert for alert in self.alerts if alert.state == "open"]
        return sorted(found, key=lambda alert: (order.get(alert.severity, 3), -alert.probability))

    def came(self, variable: str) -> tuple[Sequence[float], Sequence[float]]:
        """(times, values) measured in the days before the moment."""
        if not self.twin:
            return (), ()
        if variable not in self._came:
            self._came[variable] = self.centre.series(self.twin, variable, self.time - BACK, self.time)
        return self._came[variable]

    def ahead(self, variable: str) -> Band | None:
        """The forecast from the moment on."""
        return self.forecast.bands.get(variable) if self.forecast is not None else None

    def foretold(self, variable: str) -> Band | None:
        """For each moment of the days before, what had been forecast a day ahead of it."""
        return stitched(self.history.before(self.time), variable, self.time - BACK, self.time)


def stitched(made: Sequence[Forecasted], variable: str, since: float, until: float) -> Band | None:
    """The parts of earlier forecasts that lie about a day ahead of each, as one band.

    Each forecast tells from a day after it was made until the next one does.
    """
    times: list[float] = []
    rows: list[tuple[float, ...]] = []
    told = [(forecast, forecast.bands[variable]) for forecast in made if variable in forecast.bands]
    label, ucum = (told[0][1].label, told[0][1].unit) if told else ("", "")
    for i, (forecast, band) in enumerate(told):
        begin = max(forecast.at + LEAD, since)
        end = min(told[i + 1][0].at + LEAD if i + 1 < len(told) else until, until)
        for at, row in zip(band.times, band.quantiles, strict=True):
            if begin <= at < end + 1 and (not times or at > times[-1]):
                times.append(at)
                rows.append(row)
    return Band(variable, label, ucum, tuple(times), tuple(rows)) if times else None


def present(centre: Centre, visitor: Visitor, history: History) -> Snapshot:
    """The hospital as it is now."""
    twin = next(iter(centre.twins()), "")
    forecast = centre.latest(twin) if twin else None
    now = centre.now()
    return Snapshot(
        centre, visitor, now, now, centre.zone(), twin, forecast, board_of(forecast),
        tuple(visitor.alerts(centre.alerts(False))), tuple(centre.feeds()), False, history,
    )  # fmt: skip


async def past(centre: Centre, visitor: Visitor, history: History, instant: float) -> Snapshot:
    """The hospital at an instant, as it was known then."""
    twin = next(iter(centre.twins()), "")
    then = await centre.at(instant)
    return Snapshot(
        centre, visitor, then.time, centre.now(), centre.zone(), twin, then.forecast, board_of(then.forecast),
        tuple(visitor.alerts(then.alerts)), (), True, history,
    )  # fmt: skip


def board_of(forecast: Forecasted | None) -> Board | None:
    """The hospital's board in a forecast, typed again."""
    if forecast is None or forecast.kind != "hospital" or not forecast.board:
        return None
    return _board(_Held(forecast.digest, forecast.at, id(forecast.board), forecast.board))


@dataclass(frozen=True)
class _Held:
    digest: str
    at: float
    identity: int
    board: Any

    def __hash__(self) -> int:
        return hash((self.digest, self.at, self.identity))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.board is other.board


@lru_cache(maxsize=16)
def _board(held: _Held) -> Board:
    return msgspec.convert(held.board, Board)


def quantile(row: Sequence[float], level: float) -> float:
    """One of the levels of `LEVELS` in a row of quantiles."""
    return row[LEVELS.index(level)]
