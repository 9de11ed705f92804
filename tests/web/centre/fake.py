"""A centre for tests: the true board of the reference hospital, fed by its demo, with a clock that stands still."""

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from twinward.core import Observation, Observations, Scenario, Twin
from twinward.core.quarantine import Quarantined
from twinward.core.scenario import Action
from twinward.demo.feed import START, feed
from twinward.journal.base import Access, Held
from twinward.live.facts import LEVELS, Alert, Band, Change, FeedHealth, Forecasted, Rehearsed
from twinward.twins.hospital import reference_hospital
from twinward.twins.hospital.board import board
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.rehearsal import Setting, settings

HOUR, DAY = 3600.0, 86400.0
TWIN = "Organization/reference"
PATIENT = "Patient/P000001"
NOW = START + 1 * DAY + 14 * HOUR + 20 * 60  # Tuesday 14:20 in Amsterdam


@dataclass
class FakePast:
    """A moment as it was known then."""

    time: float
    position: int
    forecast: Forecasted | None
    alerts: list[Alert]


@dataclass
class World:
    """The demo's events as observations, and the twin that saw them."""

    seen: Observations
    twin: Twin
    census: tuple[np.ndarray, dict[str, np.ndarray]] = field(default_factory=lambda: (np.zeros(0), {}))


@lru_cache(maxsize=1)
def world() -> World:
    """The reference hospital up to NOW; the same in every run."""
    rows = []

    def add(event: Any, signal: str, value: str) -> None:
        id = f"{event.case}/{signal}/{event.activity}/{event.phase}/{event.time}"
        rows.append(Observation(f"Encounter/{event.case}", signal, event.time, value, source="hl7v2/ADT", id=id))

    for event in feed(days=2, seed=9, warm_up_days=10):
        if event.time > NOW:
            break
        add(event, "activity_start" if event.phase == "start" else "activity", event.activity)
        if event.triage:
            add(event, "class", event.triage)
        add(event, "unit", event.unit)
        if event.resource and (event.resource.startswith("Cubicle") or " bed " in event.resource):
            add(event, "bed", event.resource)
    seen = Observations.of(rows)
    twin = Twin(HospitalModel(reference_hospital()), TWIN, members=100)
    twin.observe(seen)
    return World(seen, twin)


def bands(data: Any) -> dict[str, Band]:
    """As the running system makes them of a forecast's data."""
    from twinward.live.work import bands_of

    return bands_of(data)


@lru_cache(maxsize=64)
def forecasted(at: float, with_board: bool) -> Forecasted:
    """The twin's forecast from an instant on."""
    here = world()
    made = here.twin.forecast("48 h", step="1 h", at=at)
    shown = None
    if with_board:
        lately = here.seen[(here.seen.time > at - 2 * DAY) & (here.seen.time <= at)]
        shown = msgspec.to_builtins(board(here.twin.model, here.twin.belief_at(at), at, made.data, lately))  # type: ignore[arg-type]
    kept = bands(made.data)
    chosen = {name: band for name, band in kept.items() if any(row[6] > 0 for row in band.quantiles)}
    return Forecasted(
        TWIN, "hospital", made.model_version, 0, 100, at, 4711, "b" * 16, "d" * 16, (), "11 of 11 passed",
        "as it is", chosen, shown, 0.21,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def census(at: float) -> dict[str, float]:
    """Who was counted where at an instant."""
    here = world()
    counts = here.twin.model.estimate(here.twin.belief_at(at), at)
    by_unit = counts["unit_census"].mean("member")
    found = {
        f"unit_census[{unit}]": float(n) for unit, n in zip(by_unit["unit"].to_numpy(), by_unit.to_numpy(), strict=True)
    }
    return found | {"census": sum(found.values())}


def alerts() -> list[Alert]:
    """Three that need a decision, one that somebody has seen."""
    common = {"twin": TWIN, "raised": NOW - 1500, "changed": NOW - 600, "forecast": NOW}
    return [
        Alert("a1", "P(unit_census[ED] > 26 within 4 h) > 0.5", "Emergency department above 26", severity="critical",
              state="open", probability=0.78, lead=3.2 * HOUR, escalated=1,
              why="30 now, 17 to 33 expected by 18:20; 4 wait for a bed elsewhere", **common),
        Alert("a2", "P(unit_census[ICU] > 11 within 12 h) > 0.3", "ICU full", severity="warning", state="open",
              probability=0.41, lead=9.5 * HOUR, why="11 of 12 beds taken", group="beds", **common),
        Alert("a3", "P(unit_census[Ward C] > 49 within 24 h) > 0.3", "Ward C full", severity="warning", state="open",
              probability=0.36, lead=14 * HOUR, why="45 of 50 beds taken", group="beds", **common),
        Alert("a4", "P(unit_census[AMU] > 27 within 8 h) > 0.5", "AMU full", severity="warning", state="acknowledged",
              probability=0.55, lead=2 * HOUR, why="21 of 28 beds taken", by="ada", **common),
    ]  # fmt: skip


def quarantined() -> list[Held]:
    """Three that could not be used, each for a reason of its own."""
    number = Quarantined(
        "OBX|1|NM|8867-4^Heart rate^LN||8O|/min", "value '8O' is not a number: digits were expected", "hl7v2/LAB", 4,
        "not a number",
    )  # fmt: skip
    unit = Quarantined("PV1|1|I|Ward X^12", "unit 'Ward X' is not in the hospital file", "hl7v2/ADT", 2, "unknown unit")
    frame = Quarantined("MSH|^~\\&|LAB", "the frame ends before its end block", "hl7v2/LAB", 0, "broken frame")
    return [Held(1, 311, NOW - 900, number), Held(2, 340, NOW - 400, unit), Held(3, 0, NOW - 100, frame)]


class FakeCentre:
    """Everything that the pages ask for, from one world that stands still until `tick` is called."""

    name = "Reference Hospital"

    def __init__(self) -> None:
        self._offset = 0.0
        self._alerts = {alert.id: alert for alert in alerts()}
        self._told: list[Callable[[Sequence[Change]], None]] = []
        self._rehearsed: dict[str, Rehearsed] = {}
        self._shown: Forecasted | None = None
        self.is_empty = False
        self.is_stale = False
        self.acted: list[tuple[Any, ...]] = []
        self._held = {held.number: held for held in quarantined()}

    # what is

    def now(self) -> float:
        return NOW + self._offset

    def zone(self) -> ZoneInfo:
        return ZoneInfo("Europe/Amsterdam")

    def twins(self) -> list[str]:
        return [] if self.is_empty else [TWIN, PATIENT]

    def latest(self, twin: str) -> Forecasted | None:
        if self.is_empty or twin != TWIN:
            return None
        found = self._shown or forecasted(NOW, True)
        return replace(found, at=found.at - 2 * HOUR) if self.is_stale else found

    async def forecast_now(self, twin: str) -> Forecasted:
        times = tuple(NOW + HOUR * i for i in range(1, 13))
        rows = tuple(tuple(82 + level * (i + 2) for level in (-4, -2.5, -1.2, 0, 1.2, 2.5, 4)) for i in range(12))
        band = Band("heart_rate", "Heart rate", "/min", times, rows)
        return replace(forecasted(NOW, False), twin=twin, kind="monitor", members=50, bands={"heart_rate": band})

    def forecasts(self, twin: str, since: float, until: float) -> list[Forecasted]:
        first = NOW - 72 * HOUR
        return [forecasted(first + 6 * HOUR * i, False) for i in range(12) if since <= first + 6 * HOUR * i <= until]

    def estimates(self, twin: str) -> Mapping[str, tuple[float, float, str, str]]:
        if twin == PATIENT:
            return {"heart_rate": (82.0, 3.1, "/min", "Heart rate"), "spo2": (0.96, 0.01, "1", "Oxygen saturation")}
        return {name: (value, 0.0, "{patients}", name) for name, value in census(NOW).items()}

    def seen(self, twin: str, since: float, until: float) -> Observations:
        return Observations.of([])

    def series(self, twin: str, variable: str, since: float, until: float) -> tuple[Sequence[float], Sequence[float]]:
        times = [NOW - 1800.0 * i for i in range(144, -1, -1) if since <= NOW - 1800.0 * i <= until]
        known = [at for at in times if variable in census(at)]
        return known, [census(at)[variable] for at in known]

    def settings(self, twin: str) -> list[Setting]:
        return settings(world().twin.model)  # type: ignore[arg-type]

    def alerts(self, open_only: bool = True) -> list[Alert]:
        found = [] if self.is_empty else list(self._alerts.values())
        return [alert for alert in found if not open_only or alert.state == "open"]

    def feeds(self) -> list[FeedHealth]:
        if self.is_empty:
            return []
        now = self.now()
        return [
            FeedHealth("hl7v2/ADT", "hl7v2", 51_201, 69_051, 0, 12, now - 20, 24.0, "live", 0.4),
            FeedHealth("hl7v2/LAB", "hl7v2", 20_144, 41_209, 3, 0, now - 360, 60.0, "late", 2.1),
            FeedHealth("fhir", "fhir", 10_920, 22_109, 0, 0, now - 8, 15.0, "live", 0.1),
            FeedHealth("mqtt/devices", "mqtt", 400_301, 400_301, 0, 3, now - 1, 0.4, "live", 0.03),
        ]

    def quality(self) -> dict[str, Any]:
        return {
            "unknown": [
                {"signal": "loinc:99999-1", "source": "hl7v2/LAB", "count": 41, "example": "OBX|2|NM|99999-1^Novel"},
                {"signal": "http://local|SPO3", "source": "fhir", "count": 3, "example": "Observation/9"},
            ],
            "quarantine": {"not a number": 1, "unknown unit": 1, "broken frame": 1},
            "unused": [{"signal": "body_height", "count": 12}],
        }  # fmt: skip

    def rehearsals(self) -> list[tuple[str, list[str], float, str]]:
        return [(id, list(kept.scenarios), kept.at, kept.by) for id, kept in reversed(self._rehearsed.items())]

    def skill(self, twin: str) -> list[dict[str, Any]]:
        scores = (("twin", 1.4, 0.79), ("persistence", 2.03, 0.02))
        return [
            {"variable": variable, "lead_hours": lead, "method": method, "n": 412, "crps": crps * lead**0.4 * scale,
             "covered": covered, "bias": 0.2}
            for variable, scale in (("census", 1.0), ("unit_census[ED]", 0.5))
            for lead in (4.0, 24.0)
            for method, crps, covered in scores
        ]  # fmt: skip

    def skill_points(self, twin: str, variable: str, lead: float, limit: int = 200) -> list[dict[str, Any]]:
        rng = np.random.default_rng(7)
        points = []
        for i in range(min(limit, 30)):
            truth = 178 + 8 * np.sin(i / 3) + rng.normal(0, 2)
            middle = truth + rng.normal(0, 5)
            at = NOW - (30 - i) * DAY
            points.append({"at": at, "lead": lead, "low": middle - 7, "high": middle + 7, "truth": truth})
        return points

    def evidence(self, kind: str) -> list[dict[str, Any]]:
        row = {"kind": "verification", "unit": "min", "note": "", "passed": True, "tolerance": "1 %"}
        wait = row | {"id": "mm1-0.8", "what": "M/M/1 at load 0.8: mean wait", "value": 19.98, "reference": 20.0}
        chance = row | {"id": "mmc-5", "what": "M/M/5: chance to wait", "value": 0.553, "reference": 0.554, "unit": "1"}
        absent = row | {"id": "sepsis", "what": "Sepsis log: census 24 h ahead", "value": None, "reference": None}
        return [
            wait | {"source": "Kleinrock 1975"},
            chance | {"source": "Erlang C"},
            absent | {"source": "needs the log", "passed": None, "kind": "validation", "tolerance": ""},
        ]

    def graph(self, reference: str) -> dict[str, Any]:
        units = list(world().twin.model.hospital.units)  # type: ignore[attr-defined]
        if reference == TWIN:
            return {
                "reference": reference,
                "part_of": {},
                "parts": [f"Location/{name}" for name in units],
                "attributes": {},
            }
        if reference.startswith("Location/"):
            cases = [
                row["case"] for row in (forecasted(NOW, True).board or {})["leavers"] if row["unit"] == reference[9:]
            ]
            return {"reference": reference, "part_of": {"part_of": TWIN}, "parts": cases, "attributes": {}}
        return {"reference": reference, "part_of": {"unit": "Location/ED"}, "parts": [], "attributes": {"class": "3"}}

    def search(self, text: str, limit: int = 20) -> list[str]:
        cases = [row["case"] for row in (forecasted(NOW, True).board or {})["leavers"]]
        units = [f"Location/{name}" for name in world().twin.model.hospital.units]  # type: ignore[attr-defined]
        return [name for name in [*units, *cases] if text.casefold() in name.casefold()][:limit]

    # what is done

    async def act_on_alert(
        self, id: str, action: str, by: str, until: float | None = None, why: str = "", accesses: Sequence[Access] = ()
    ) -> Alert:
        self.acted.append((id, action, by, until, why))
        state = {"acknowledge": "acknowledged", "snooze": "snoozed", "resolve": "resolved", "reopen": "open"}[action]
        self._alerts[id] = replace(self._alerts[id], state=state, by=by, until=until, changed=self.now())
        self._tell("alert")
        return self._alerts[id]

    async def quarantine(self, state: str | None = "open", after: int = 0, limit: int = 100) -> list[Held]:
        found = [held for held in self._held.values() if state in (None, held.state) and held.number > after]
        return found[:limit]

    async def settle(
        self, number: int, state: str, by: str, text: str | None = None, accesses: Sequence[Access] = ()
    ) -> str:
        if state == "resubmitted" and text is not None and "8O" in text:
            return "refused: value '8O' is not a number: digits were expected"
        self._held[number] = replace(self._held[number], state=state, by=by)
        return "stored at position 4712" if state == "resubmitted" else "dismissed"

    async def rehearse(
        self,
        twin: str,
        scenarios: Mapping[str, list[dict[str, Any]]],
        horizon: float,
        by: str = "",
    ) -> Rehearsed:
        def run() -> Rehearsed:
            here = world()
            plans = {
                name: Scenario(name, tuple(Action(**action) for action in actions))
                for name, actions in scenarios.items()
            }
            small = Twin.of_belief(here.twin.model, TWIN, here.twin.belief_at(NOW))
            compared = small.compare(plans, horizon, step=HOUR, at=NOW)
            rows = [
                {k: None if isinstance(v, float) and v != v else v for k, v in row.items()}
                for row in compared.table().to_dict("records")
            ]
            futures = {name: bands(made.data) for name, made in compared.forecasts.items()}
            return Rehearsed(
                uuid.uuid4().hex[:8], TWIN, NOW, horizon, 100, 4711, dict(scenarios), rows, futures, {}, 0.4, by
            )

        done = await asyncio.get_running_loop().run_in_executor(None, run)
        self._rehearsed[done.id] = done
        self._tell("rehearsal")
        return done

    def rehearsal(self, id: str) -> Rehearsed | None:
        return self._rehearsed.get(id)

    async def at(self, instant: float) -> FakePast:
        return FakePast(instant, 4000, forecasted(instant, True), alerts()[:1])

    async def difference(self, a: float, b: float) -> dict[str, Any]:
        before, after = census(a), census(b)
        bands = [
            {"variable": name, "label": name, "unit": "{patients}", "then": then, "now": after[name]}
            for name, then in before.items() if then != after[name]
        ]  # fmt: skip
        return {"from": a, "to": b, "messages": 812, "same_belief": False, "bands": bands, "alerts_raised": ["a2"],
                "alerts_gone": []}  # fmt: skip

    # how it changes

    def subscribe(self, callback: Callable[[Sequence[Change]], None]) -> Callable[[], None]:
        self._told.append(callback)
        return lambda: self._told.remove(callback)

    @property
    def listeners(self) -> int:
        return len(self._told)

    def _tell(self, what: str) -> None:
        for callback in list(self._told):
            callback([Change(4712, self.now(), what, (TWIN,))])

    def tick(self, ed_patients: int | None = None) -> None:
        """One more minute has gone by and a forecast is made; the emergency department now holds so many."""
        self._offset += 60
        fresh = forecasted(NOW, True)
        shown = msgspec.json.decode(msgspec.json.encode(fresh.board))
        if ed_patients is not None:
            shown["emergency"]["patients"] = ed_patients
            next(unit for unit in shown["units"] if unit["name"] == "ED")["occupied"] = ed_patients
        self._shown = replace(fresh, at=self.now(), board=shown)
        self._tell("forecast")


assert len(LEVELS) == 7
