"""The replay: fed as if live, scored beside the baselines, blind to the future."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pytest

from twinward.core import Action, Observation, Observations, Scenario, Streams
from twinward.core.times import DAY, HOUR, posix
from twinward.engines.events import simulate
from twinward.errors import BadInput
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.network import Builder
from twinward.twins.hospital.replay import Plan, Replay, cut_at_share
from twinward.twins.hospital.truth import arrivals_between, census, stays

START = posix("2026-03-02T00:00:00+01:00")


class Happened(NamedTuple):
    case: str
    activity: str
    time: float
    start: bool
    resource: str = ""
    attributes: dict[str, str] = {}  # noqa: RUF012  a tuple's default is never changed


def observed(events: Iterable[Happened]) -> list[Observations]:
    rows = []
    for event in events:
        case = f"Encounter/{event.case}"
        rows.append(Observation(case, "activity_start" if event.start else "activity", event.time, event.activity))
        if "triage" in event.attributes:
            rows.append(Observation(case, "class", event.time, event.attributes["triage"]))
    return [Observations.of(rows)] if rows else []


def world(hospital: HospitalFile, days: float, seed: int) -> list[Happened]:
    """What the file's own network does in one run: the truth of a twin whose model is right."""
    network = Builder(hospital).network(Scenario.baseline(), START, START + days * DAY)
    records = simulate(network, START, START + days * DAY, 1, Streams(seed).key(), records=True).records
    classes, steps = list(hospital.classes), list(hospital.steps)
    events = []
    last: dict[int, tuple[float, bool]] = {}
    for row in records:
        case, about = str(row["patient"]), {"triage": classes[row["klass"]]}
        if np.isfinite(row["started"]):
            events.append(Happened(case, steps[row["step"]], float(row["started"]), True, attributes=about))
        if row["outcome"] == 0:
            events.append(Happened(case, steps[row["step"]], float(row["ended"]), False, attributes=about))
        waiting = row["outcome"] == 4
        time = float(row["ended"]) if np.isfinite(row["ended"]) else np.inf
        last[row["patient"]] = max(last.get(row["patient"], (0.0, False)), (np.inf if waiting else time, waiting))
    still = {str(patient) for patient, (_, waiting) in last.items() if waiting}
    events += [Happened(str(p), "home", t, False) for p, (t, _) in last.items() if str(p) not in still]
    return sorted(events, key=lambda event: event.time)


@pytest.fixture(scope="module")
def log(small: HospitalFile) -> list[Happened]:
    return world(small, 40, seed=5)


@pytest.fixture(scope="module")
def done(small: HospitalFile, log: list[Happened]) -> Replay:
    plan = Plan(START + 12 * DAY, every=6 * HOUR, horizon=24 * HOUR, members=200, seed=2)
    going = Replay(HospitalModel(small), log, observed, plan)
    going.run()
    return going


def test_a_right_model_is_calibrated_and_beats_every_baseline(done: Replay) -> None:
    summary = done.result("world").board.summary()
    rows = summary[(summary["variable"] == "census") & (summary["lead"] == 24 * HOUR)].set_index("method")
    assert rows.loc["twin", "crps"] < rows.loc[["empty start", "climatology", "persistence"], "crps"].min()
    assert 0.68 < rows.loc["twin", "covered"] < 0.92
    whole = summary[(summary["method"] == "twin") & summary["variable"].str.startswith("census")]
    assert 0.7 < whole["covered"].mean() < 0.9


def test_remaining_stays_and_next_steps_beat_climatology(done: Replay) -> None:
    result = done.result("world")
    stay = result.remaining.set_index("method")["crps_hours"]
    assert stay["twin"] < stay["climatology, given time elapsed"]
    step = result.next_step.set_index("method")
    assert step.loc["twin", "log_loss"] < step.loc["climatology", "log_loss"]


def test_the_result_holds_what_a_report_needs(done: Replay) -> None:
    result = done.result("world", scenarios={"surge": Scenario("surge", (Action("arrivals", 1.3),))}, notes=("a note",))
    assert result.comparison is not None and set(result.comparison.forecasts) == {"as it is", "surge"}
    assert {"census", "ED", "Ward", "at"} <= set(result.census.columns)
    assert (result.census[["ED", "Ward"]].sum(axis=1) == result.census["census"]).all()
    assert len(result.present) == int(result.census.loc[result.census["at"] == done.instants[-1], "census"].iloc[0])
    assert result.flow.edges["count"].sum() > 0
    assert not result.board.waiting or min(at for _, at in result.board.waiting) > done.events[-1].time


def test_a_forecast_does_not_change_when_the_future_does(small: HospitalFile, log: list[Happened]) -> None:
    plan = Plan(START + 12 * DAY, every=24 * HOUR, horizon=24 * HOUR, members=50, seed=2)
    now = START + 14 * DAY
    other = [e if e.time <= now else e._replace(time=e.time + 0.3 * DAY, activity="triage") for e in log]
    tables = []
    for events in (log, other):
        going = Replay(HospitalModel(small), events, observed, plan)
        for instant in going.instants[going.instants <= now]:
            going.step(float(instant))
        belief = going.twin.belief_at(now)
        tables.append((belief.digest(), going.model.remaining(belief, now, Streams(1)).tobytes()))
    assert tables[0] == tables[1]


def test_the_cut_is_the_start_of_the_first_case_after_the_share() -> None:
    events = [Happened(str(i), "a", 10.0 * i, False) for i in range(10)]
    assert cut_at_share(events, 0.6) == 60.0
    with pytest.raises(BadInput, match="between 0 and 1"):
        cut_at_share(events, 1.0)


def test_nothing_after_the_learning_part_is_refused(small: HospitalFile, log: list[Happened]) -> None:
    with pytest.raises(BadInput, match="last arrival"):
        Replay(HospitalModel(small), log, observed, Plan(log[-1].time + DAY, HOUR, DAY))


def test_truth_counts_from_first_event_to_release_or_last_event() -> None:
    events = [
        Happened("NA", "in", 0.0, False),
        Happened("2", "in", 5.0, False),
        Happened("NA", "ward", 10.0, False),
        Happened("2", "test", 12.0, False),
        Happened("NA", "out", 20.0, False),
        Happened("NA", "in", 99.0, False),
    ]
    places = {"in": "ER", "ward": "Ward", "out": ""}
    found = stays(events, lambda event: places.get(event.activity), "ER")
    assert [(s.case, s.begin, s.end, s.released, s.unit) for s in found] == [
        ("NA", 0.0, 20.0, True, ("ER", "Ward")),
        ("2", 5.0, 12.0, False, ("ER",)),
    ]
    times = np.array([0.0, 7.0, 10.0, 12.0, 20.0])
    assert census(found, ["ER", "Ward"], times).tolist() == [[1, 0], [2, 0], [1, 1], [0, 1], [0, 0]]
    assert arrivals_between(found, np.array([-1.0, 0.0]), np.array([0.0, 5.0])).tolist() == [1, 1]
