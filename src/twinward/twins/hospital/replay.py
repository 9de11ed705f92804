"""A log replayed event by event as if it were live: mirrored, forecast, scored when the truth arrives.

The order of one step: observe what happened up to the instant; forecast, and the baselines beside; score every
forecast whose truth is now known.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from twinward.core import scoring
from twinward.core.arrays import FloatArray, IntArray
from twinward.core.comparison import Comparison
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.scenario import Scenario
from twinward.core.scoreboard import Scoreboard
from twinward.core.streams import Streams
from twinward.core.times import DAY, HOUR, utc
from twinward.core.twin import Twin
from twinward.errors import BadInput
from twinward.inference.kaplan_meier import KaplanMeier
from twinward.twins.hospital.flow import flow_map
from twinward.twins.hospital.forecaster import HospitalForecaster
from twinward.twins.hospital.result import ReplayResult
from twinward.twins.hospital.truth import Happened, Stay, arrivals_between, census, in_order, stays

TWIN, EMPTY, CLIMATOLOGY, PERSISTENCE = "twin", "empty start", "climatology", "persistence"
_LEADS = 4  # scored instants a horizon
PREFIX = "Encounter/"
_MOST_POINTS = 2000  # of a climatology

Scenarios = Mapping[str, Scenario]


@dataclass(frozen=True)
class Plan:
    """When a replay forecasts.

    Args:
        learn_until: POSIX seconds; what happened before is learned from.
        every, horizon: seconds between forecasts, seconds ahead.
        members: futures a forecast.
        seed: of every random number.
    """

    learn_until: float
    every: float
    horizon: float
    members: int = 500
    seed: int = 0

    @property
    def leads(self) -> FloatArray:
        """Seconds ahead at which forecasts are scored: quarters of the horizon."""
        return np.asarray(self.horizon * np.arange(1, _LEADS + 1) / _LEADS)


def cut_at_share(events: Sequence[Happened], share: float) -> float:
    """The start of the first case after this share of the cases, in order of their starts (POSIX seconds).

    Args:
        events: in order of time.
        share: of the cases to learn from, between 0 and 1.
    """
    if not 0 < share < 1:
        raise BadInput("learn-until", share, "a share of the cases between 0 and 1, or a date")
    first: dict[str, float] = {}
    for event in events:
        first.setdefault(event.case, event.time)
    starts = sorted(first.values())
    return starts[min(int(share * len(starts)), len(starts) - 1)]


class Replay:
    """One replay.

    Args:
        model: what was learned, or made from a hospital file; it has seen nothing after `plan.learn_until`.
        events: the whole log, learning part included.
        observations: events -> batches of observations for the twin.
        plan: when to forecast.
        subject: reference of the hospital.
    """

    def __init__(
        self,
        model: HospitalForecaster,
        events: Iterable[Happened],
        observations: Callable[[Sequence[Happened]], Iterable[Observations]],
        plan: Plan,
        subject: str = "Organization/hospital",
    ) -> None:
        self.model, self.plan = model, plan
        self.events = in_order(events)
        self._observations = observations
        self.twin = Twin(model, subject, members=plan.members, seed=plan.seed, window=60 * DAY)
        self.board = Scoreboard()
        self.stays = stays(self.events, model.placing, model.entry, exits_recorded=model.exits_recorded)
        last = self.stays[-1].begin
        first = np.ceil(plan.learn_until / plan.every) * plan.every
        self.instants: FloatArray = np.arange(first, last, plan.every)
        if not len(self.instants):
            raise BadInput(
                "learn-until", str(utc(plan.learn_until)), f"an instant before {utc(last)}, the last arrival"
            )
        self.units = model.places
        self._climate = _Climate(self.stays, self.units, plan)
        self._next: list[tuple[str, FloatArray, int]] = []
        self._stay_scores: list[tuple[str, float, float, float]] = []
        self._shown: dict[float, IntArray] = {}
        self._fed = 0

    def run(self, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Go through the whole log; `progress` is told how many forecasts are done."""
        for done, now in enumerate(self.instants, 1):
            self.step(float(now))
            progress(done, len(self.instants))

    def step(self, now: float) -> None:
        """Bring the twin to an instant, forecast, and score what is known by then."""
        self._feed(now)
        self._settle(now)
        self._forecast(now)
        self._patients(now)

    def result(
        self,
        title: str,
        *,
        scenarios: Scenarios | None = None,
        notes: Sequence[str] = (),
        quarantine: Mapping[str, int] | None = None,
    ) -> ReplayResult:
        """Everything a report needs; the what-ifs start from the last instant."""
        now = float(self.instants[-1])
        self._settle(np.inf)
        comparison: Comparison | None = None
        if scenarios is not None:
            comparison = self.twin.compare(scenarios, self.plan.horizon, at=now, extrapolate=True)
        shown = np.arange(self.instants[0], now + self.plan.horizon, min(self.plan.every, HOUR))
        shown = shown[shown <= self.events[-1].time]
        counts = census(self.stays, self.units, shown)
        table = pd.DataFrame(counts, columns=list(self.units))
        table.insert(0, "census", counts.sum(axis=1))
        table.insert(0, "at", shown)
        return ReplayResult(
            title=title,
            subject=self.twin.subject.id,
            model_version=self.model.version,
            learned=self._learned(),
            every=self.plan.every,
            horizon=self.plan.horizon,
            units=self.units,
            board=self.board,
            census=table,
            flow=flow_map(self.stays),
            next_step=self._next_table(),
            remaining=self._remaining_table(),
            present=self._present(now),
            comparison=comparison,
            notes=tuple(notes),
            quarantine=dict(quarantine or {}),
        )

    # -- one step ----------------------------------------------------------------------------------------------

    def _feed(self, now: float) -> None:
        begin = self._fed
        while self._fed < len(self.events) and self.events[self._fed].time <= now:
            self._fed += 1
        for batch in self._observations(self.events[begin : self._fed]):
            self.twin.observe(batch)

    def _settle(self, now: float) -> None:
        """Tell the scoreboard what came."""
        known = self.events[-1].time
        due = [(variable, at) for variable, at in self.board.waiting if at <= min(now, known)]
        for at in sorted({at for _, at in due}):
            self._shown[at] = census(self.stays, self.units, np.array([at]))[0]
        for variable, at in due:
            if variable.startswith("arrivals"):
                lead = float(variable.split(" ")[1]) * HOUR
                truth = float(arrivals_between(self.stays, np.array([at - lead]), np.array([at]))[0])
            elif ": " in variable:
                truth = float(self._shown[at][self.units.index(variable.split(": ", 1)[1])])
            else:
                truth = float(self._shown[at].sum())
            self.board.came(variable, at, truth)
        self._shown.clear()

    def _forecast(self, now: float) -> None:
        when = Times(now, now + self.plan.leads)
        belief = self.twin.belief_at(now)
        streams = Streams(self.plan.seed).child("replay", now)
        baseline = Scenario.baseline()
        self._expect(TWIN, now, self.model.simulate(belief, baseline, when, streams))
        self._expect(EMPTY, now, self.model.simulate(self.model.emptied(belief), baseline, when, streams))
        here = census(self.stays, self.units, np.array([now]))[0]
        for lead, at in zip(self.plan.leads, when.at, strict=True):
            past = self._climate.census
            came = self._climate.arrivals(float(lead))
            recent = arrivals_between(self.stays, np.array([now - lead]), np.array([now]))
            self._expect_census(CLIMATOLOGY, now, at, past)
            self._expect_census(PERSISTENCE, now, at, here[None, :])
            for method, members in ((CLIMATOLOGY, came), (PERSISTENCE, recent)):
                self.board.expect(method, _arrivals(lead), now, float(at), members)

    def _expect(self, method: str, now: float, futures: xr.Dataset) -> None:
        by_unit = futures["unit_census"].transpose("time", "member", "unit").to_numpy()
        came = futures["arrivals"].transpose("time", "member").to_numpy()
        for i, lead in enumerate(self.plan.leads):
            self._expect_census(method, now, now + lead, by_unit[i])
            self.board.expect(method, _arrivals(lead), now, now + float(lead), came[i])

    def _expect_census(self, method: str, now: float, at: float, members: IntArray) -> None:
        self.board.expect(method, "census", now, float(at), members.sum(axis=1))
        if len(self.units) > 1:
            for i, unit in enumerate(self.units):
                self.board.expect(method, f"census: {unit}", now, float(at), members[:, i])

    # -- each patient ------------------------------------------------------------------------------------------

    def _patients(self, now: float) -> None:
        """Score, for those who are really here, what comes next and how long they stay."""
        belief = self.twin.belief_at(now)
        cases = [case.removeprefix(PREFIX) for case in self.model.cases(belief, now)]
        truth = {stay.case: stay for stay in self.here(now)}
        rows = [i for i, case in enumerate(cases) if case in truth]
        if not rows:
            return
        streams = Streams(self.plan.seed).child("patients", now)
        names, shares = self.model.next_steps(belief, now, streams)
        hours = self.model.remaining(belief, now, streams)
        index = {name: k for k, name in enumerate(names)}
        for i in rows:
            stay = truth[cases[i]]
            later = next((self.model.step_of(a) for t, a in stay.events if t > now and self.model.step_of(a)), None)
            if later in index:
                self._next.append((TWIN, shares[i], index[later]))
                self._next.append((CLIMATOLOGY, self._climate.step_shares(self.model, names), index[later]))
            self._score_stay(now, stay, hours[:, i])

    def _score_stay(self, now: float, stay: Stay, hours: FloatArray) -> None:
        """Up to the log's end, which cuts forecast and truth alike: scoring only who left would favour haste."""
        known = (self.events[-1].time - now) / HOUR
        left = min((stay.end - now) / HOUR, known)
        elapsed = (now - stay.begin) / HOUR
        for method, members in (
            (TWIN, hours),
            ("climatology, given time elapsed", self._climate.residual(elapsed)),
            ("climatology, a fresh stay", self._climate.residual(0.0)),
        ):
            cut = np.minimum(members, known)
            score = float(scoring.crps(cut, np.asarray(left)))
            inside = float(scoring.covered(cut, np.asarray(left)))
            self._stay_scores.append((method, score, inside, float(cut.mean()) - left))

    def here(self, now: float) -> list[Stay]:
        """Who is really here at an instant: truth, for scoring."""
        return [stay for stay in self.stays if stay.begin <= now < stay.end]

    # -- tables ------------------------------------------------------------------------------------------------

    def _next_table(self) -> pd.DataFrame:
        rows = []
        for method in (TWIN, CLIMATOLOGY):
            mine = [(shares, came) for name, shares, came in self._next if name == method]
            if not mine:
                continue
            shares, came = np.array([s for s, _ in mine]), np.array([c for _, c in mine])
            hit = np.zeros_like(shares)
            hit[np.arange(len(came)), came] = 1.0
            rows.append(
                {
                    "method": method,
                    "n": len(came),
                    "log_loss": float(scoring.log_loss(shares, came).mean()),
                    "brier": float(((shares - hit) ** 2).sum(axis=1).mean()),
                    "hit": float((shares.argmax(axis=1) == came).mean()),
                }
            )
        return pd.DataFrame(rows, columns=["method", "n", "log_loss", "brier", "hit"])

    def _remaining_table(self) -> pd.DataFrame:
        columns = ["method", "crps_hours", "coverage", "bias_hours"]
        table = pd.DataFrame(self._stay_scores, columns=columns)
        grouped = table.groupby("method", sort=False)
        means = grouped.mean()
        means.insert(0, "n", grouped.size())
        return means.reset_index()

    def _present(self, now: float) -> pd.DataFrame:
        belief = self.twin.belief_at(now)
        cases = list(self.model.cases(belief, now))
        columns = [
            "case", "unit", "hours_here", "remaining_low", "remaining_median", "remaining_high", "p_left", "next",
            "p_next",
        ]  # fmt: skip
        if not cases:
            return pd.DataFrame(columns=columns)
        streams = Streams(self.plan.seed).child("present", now)
        names, shares = self.model.next_steps(belief, now, streams)
        low, middle, high = np.quantile(self.model.remaining(belief, now, streams), [0.1, 0.5, 0.9], axis=0)
        left = self.model.p_left(belief, now)
        known = self._known(now)
        rows = []
        for i, reference in enumerate(cases):
            case = reference.removeprefix(PREFIX)
            unit, since = known.get(case, ("", now))
            best = int(shares[i].argmax())
            rows.append(
                (case, unit, (now - since) / HOUR, low[i], middle[i], high[i], left[i], names[best], shares[i, best])
            )
        return pd.DataFrame(rows, columns=columns)

    def _known(self, now: float) -> dict[str, tuple[str, float]]:
        """Unit and begin of every case by what was known at an instant."""
        return {
            stay.case: ([u for u, s in zip(stay.unit, stay.since, strict=True) if s <= now][-1], stay.begin)
            for stay in self.stays
            if stay.begin <= now
        }

    def _learned(self) -> pd.DataFrame:
        cut = self.plan.learn_until
        before = [event for event in self.events if event.time < cut]
        cases = {event.case for event in before}
        rows = [
            ("Events learned from", f"{len(before):,}"),
            ("Cases learned from", f"{len(cases):,}"),
            ("From", f"{utc(self.events[0].time):%Y-%m-%d %H:%M} UTC"),
            ("Until", f"{utc(cut):%Y-%m-%d %H:%M} UTC"),
            ("Forecasts", f"{len(self.instants):,}"),
            ("Futures a forecast", f"{self.plan.members:,}"),
        ]
        return pd.DataFrame(rows, columns=["what", "value"])


def _arrivals(lead: float) -> str:
    return f"arrivals {lead / HOUR:g} h"


class _Climate:
    """What the learning part looked like: the baseline that knows nothing of the present.

    The first part, while a log that begins with an empty house fills up, is left out: three mean stays, but at most
    half of the learning part.
    """

    def __init__(self, found: Sequence[Stay], units: Sequence[str], plan: Plan) -> None:
        self._stays = [stay for stay in found if stay.begin < plan.learn_until]
        if len(self._stays) < 2:
            raise BadInput("learn-until", str(utc(plan.learn_until)), "an instant with at least two cases before it")
        cut = plan.learn_until
        lasted = np.array([min(stay.end, cut) - stay.begin for stay in self._stays])
        begin = self._stays[0].begin
        begin += min(3 * float(lasted.mean()), (cut - begin) / 2)
        self._times = np.linspace(begin, cut, int(min(_MOST_POINTS, max((cut - begin) / HOUR, 2))), endpoint=False)
        self.census = census(self._stays, units, self._times)
        self._curve = KaplanMeier.fit(lasted / HOUR, np.array([stay.end < cut for stay in self._stays]))
        self._cut = cut
        self._steps: FloatArray | None = None

    def arrivals(self, lead: float) -> IntArray:
        """Arrivals in windows of this length."""
        inside = self._times[self._times + lead <= self._cut]
        begins = inside if len(inside) else self._times[:1]
        return arrivals_between(self._stays, begins, begins + lead)

    def residual(self, elapsed_hours: float) -> FloatArray:
        """Equally likely remaining stays after so many hours."""
        u = (np.arange(200) + 0.5) / 200
        return np.asarray(self._curve.residual(u, np.full(200, elapsed_hours)))

    def step_shares(self, model: HospitalForecaster, names: Sequence[str]) -> FloatArray:
        """How often each step was the next one, whatever came before."""
        if self._steps is None:
            index = {name: i for i, name in enumerate(names)}
            counts = np.full(len(names), 0.5)
            for stay in self._stays:
                for time, activity in stay.events[1:]:
                    step = model.step_of(activity)
                    if step in index and time < self._cut:
                        counts[index[step]] += 1
            self._steps = counts / counts.sum()
        return self._steps
