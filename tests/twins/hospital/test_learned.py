"""A hospital learned from a log: the loop's laws, no look ahead, silent leavers, and what decisions change."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from twinward.connect.eventlog import Event, to_observations
from twinward.core import Action, Observation, Observations, Scenario, Streams, Twin
from twinward.core.laws import check_laws
from twinward.core.model import Times
from twinward.core.times import DAY, HOUR
from twinward.errors import BadInput, OutsideValidity
from twinward.twins.hospital.learned import LearnedHospital, learn

SUBJECT = "Organization/learned"
CASES, CUT = 160, 40 * DAY  # the log goes on for two weeks after the cut
ALL_SILENT = 4  # every so-manyth case of the log leaves without a release


def log(count: int = CASES, seed: int = 1) -> list[Event]:
    """Three patients a day: registered, measured twice a day until a low value, then home; most by the ward."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, str, str, str]] = []
    for i in range(count):
        begin = float(i * DAY / 3 + rng.uniform(0, DAY / 3))
        days = float(rng.gamma(2.0, 1.5) + 0.5)
        rows.append((begin, f"c{i}", "ER registration", ""))
        if days > 1.0:
            rows.append((begin + 4 * HOUR, f"c{i}", "Admission ward", ""))
        for k in range(int(days * 2)):
            rows.append((begin + (k + 0.9) * DAY / 2, f"c{i}", "test", f"{100 * (1 - k / (days * 2)):.1f}"))
        if i % ALL_SILENT:
            rows.append((begin + days * DAY, f"c{i}", "discharge", ""))
    return [
        Event(case, name, time, False, "nurse", {"level": value} if value else {}, line)
        for line, (time, case, name, value) in enumerate(sorted(rows))
    ]


def seen_of(model: LearnedHospital, events: Sequence[Event]) -> Observations:
    return Observations.concatenate(list(to_observations(events, attributes=model.attributes)))


def between(events: Iterable[Event], after: float, until: float) -> list[Event]:
    return [event for event in events if after <= event.time < until]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return log()


@pytest.fixture(scope="module")
def model(events: list[Event]) -> LearnedHospital:
    return learn(events, until=CUT)


@pytest.fixture(scope="module")
def twin(model: LearnedHospital, events: list[Event]) -> Twin:
    found = Twin(model, SUBJECT, members=400, seed=3)
    found.observe(seen_of(model, between(events, 40 * DAY, 50 * DAY)))
    return found


def day_ahead(model: LearnedHospital, twin: Twin, *actions: Action):  # type: ignore[no-untyped-def]
    times = Times(twin.time, twin.time + HOUR * np.arange(1, 25))
    return model.simulate(twin.belief, Scenario("s", actions), times, Streams(5))


def test_it_keeps_the_laws_of_models(model: LearnedHospital, events: list[Event]) -> None:
    check_laws(model, SUBJECT, seen_of(model, between(events, CUT, CUT + 3 * DAY))[:40], members=10)


def test_nothing_after_the_cut_is_learned(events: list[Event], model: LearnedHospital) -> None:
    later = [e._replace(activity="other", attributes={"level": "7"}) if e.time >= CUT else e for e in events]
    assert sum(e.time >= CUT for e in events) > 100
    again = learn(later, until=CUT)
    assert again.version == model.version
    seen = seen_of(model, between(events, 40 * DAY, 50 * DAY))
    one, two = (Twin(m, SUBJECT, members=50, seed=3) for m in (model, again))
    one.observe(seen)
    two.observe(seen)
    assert day_ahead(model, one).equals(day_ahead(again, two))


def test_another_past_is_another_version(events: list[Event], model: LearnedHospital) -> None:
    assert learn(events[5:], until=CUT).version != model.version


def test_units_exits_and_numbers_are_found_by_name(model: LearnedHospital, events: list[Event]) -> None:
    assert set(model.places) == {"ER", "ward"}
    assert model.entry == "ER"
    by_name = {event.activity: event for event in events}
    assert model.placing(by_name["discharge"]) == ""
    assert model.placing(by_name["Admission ward"]) == "ward"
    assert model.placing(by_name["test"]) is None
    assert not model.signals["level"].text
    assert set(model.attributes) <= set(model.signals)


def test_given_units_and_exits_are_taken(events: list[Event]) -> None:
    given = learn(events, until=CUT, units={"Admission ward": "West"}, exits=["test"])
    assert "West" in given.places
    assert given.placing(next(e for e in events if e.activity == "test")) == ""
    assert given.placing(next(e for e in events if e.activity == "discharge")) is None


def test_the_report_says_how_many_left_in_silence(model: LearnedHospital) -> None:
    assert not model.exits_recorded
    assert any("without one" in note for note in model.notes)


def test_a_released_patient_is_gone(model: LearnedHospital, twin: Twin, events: list[Event]) -> None:
    released = {f"Encounter/{e.case}" for e in between(events, 0, twin.time) if e.activity == "discharge"}
    assert not released & set(model.cases(twin.belief, twin.time))
    assert len(model.cases(twin.belief, twin.time)) > 0


def test_silence_speaks_of_having_left(model: LearnedHospital) -> None:
    twin = Twin(model, SUBJECT, members=50, seed=3)
    twin.observe(Observations.of([Observation("Encounter/x", "activity", CUT, "ER registration")]))
    twin.observe(Observations.of([Observation("Encounter/x", "activity", CUT + DAY, "test")]))
    soon, late = (float(model.p_left(twin.belief, CUT + DAY + hours * HOUR)[0]) for hours in (1.0, 15.0))
    assert 0 <= soon < late <= 1
    assert late > 5 * soon


def test_every_patient_is_told_of_in_the_same_order(model: LearnedHospital, twin: Twin) -> None:
    cases = model.cases(twin.belief, twin.time)
    names, shares = model.next_steps(twin.belief, twin.time, Streams(1))
    hours = model.remaining(twin.belief, twin.time, Streams(1))
    left = model.p_left(twin.belief, twin.time)
    assert shares.shape == (len(cases), len(names))
    assert np.allclose(shares.sum(axis=1), 1)
    assert hours.shape == (twin.members, len(cases))
    assert (hours >= 0).all()
    assert np.isfinite(hours).all()
    assert ((left >= 0) & (left <= 1)).all()


def test_a_falling_value_means_leaving_sooner(model: LearnedHospital) -> None:
    """The log's patients leave when their value is low: the twin must have learned it."""
    hours = []
    for levels in (("95", "90", "85", "80"), ("75", "50", "25", "5")):
        rows = [Observation("Encounter/x", "activity", CUT, "ER registration")]
        rows.append(Observation("Encounter/x", "activity", CUT + 4 * HOUR, "Admission ward"))
        for k, level in enumerate(levels):
            at = CUT + (k + 0.9) * DAY / 2
            rows += [
                Observation("Encounter/x", "activity", at, "test"),
                Observation("Encounter/x", "level", at, float(level)),
            ]
        twin = Twin(model, SUBJECT, members=400, seed=3)
        twin.observe(Observations.of(rows))
        hours.append(np.median(model.remaining(twin.belief, twin.time, Streams(1))))
    assert hours[1] < hours[0]


def test_patients_add_up(model: LearnedHospital, twin: Twin) -> None:
    """Who is in = who was (not those who had left in silence) + who came - who left, in each member, at any time."""
    futures = day_ahead(model, twin)
    balance = (futures["census"] - futures["arrivals"] + futures["departures"]).to_numpy()
    assert (balance == balance[:, :1]).all()
    assert (balance <= len(model.cases(twin.belief, twin.time))).all()
    assert (futures["unit_census"].sum("unit") == futures["census"]).all()


def test_the_census_agrees_with_when_each_leaves(model: LearnedHospital, twin: Twin) -> None:
    futures = day_ahead(model, twin, Action("arrivals", 0.0))
    leaves = futures["leaves_at"].to_numpy()
    end = twin.time + DAY
    here = (~(leaves <= end)).sum(axis=1)
    assert (futures["census"].isel(time=-1).to_numpy() == here).all()


def test_an_empty_start_knows_the_rates_and_nobody(model: LearnedHospital, twin: Twin) -> None:
    empty = model.emptied(twin.belief)
    assert model.cases(empty, twin.time) == []
    futures = model.simulate(empty, Scenario.baseline(), Times(twin.time, np.array([twin.time + DAY])), Streams(5))
    assert abs(float(futures["arrivals"].mean()) - 3.0) < 0.5


def test_arrivals_go_on_being_learned(model: LearnedHospital) -> None:
    """Ten a day for a month after learning stopped, where the log had three."""
    busy = Twin(model, SUBJECT, members=400, seed=3)
    rows = [
        Observation(f"Encounter/n{i}", "activity", CUT + 60.0 + i * DAY / 10, "ER registration") for i in range(300)
    ]
    busy.observe(Observations.of(rows))
    when = Times(busy.time, np.array([busy.time + DAY]))
    came = model.simulate(model.emptied(busy.belief), Scenario.baseline(), when, Streams(5))["arrivals"]
    assert 4.5 < float(came.mean()) < 10


def test_scenarios_share_luck_and_move_the_right_way(model: LearnedHospital, twin: Twin) -> None:
    census = {
        name: day_ahead(model, twin, *actions)["census"].to_numpy()
        for name, actions in {
            "as it is": (),
            "more": (Action("arrivals", 2.0),),
            "diverted": (Action("diversion", 1.0),),
            "shorter": tuple(Action("stay", 0.5, unit) for unit in model.places),
        }.items()
    }
    assert (census["more"] >= census["as it is"]).all()
    assert census["more"].mean() > census["as it is"].mean() + 0.5
    assert (census["diverted"] <= census["as it is"]).all()
    assert census["shorter"][:, -1].mean() < census["as it is"][:, -1].mean()


def test_a_discharge_before_noon_frees_beds_earlier_the_same_day(model: LearnedHospital, twin: Twin) -> None:
    as_it_is, earlier = (
        day_ahead(model, twin, Action("arrivals", 0.0), *more)["leaves_at"].to_numpy()
        for more in ((), (Action("discharge_before_noon", 1.0),))
    )
    both = np.isfinite(as_it_is) & np.isfinite(earlier)
    assert (earlier[both] <= as_it_is[both]).all()
    moved = both & (earlier < as_it_is)
    assert moved.any()
    assert (np.floor(earlier[moved] / DAY) == np.floor(as_it_is[moved] / DAY)).all()
    assert (earlier[moved] % DAY <= 12 * HOUR).all()


def test_an_unknown_unit_is_refused(model: LearnedHospital, twin: Twin) -> None:
    with pytest.raises(BadInput, match="ward"):
        day_ahead(model, twin, Action("stay", 2.0, "Moon"))


@pytest.mark.parametrize("events", [[], log(3)], ids=["nothing", "three cases"])
def test_too_little_to_learn_from_is_refused(events: list[Event]) -> None:
    with pytest.raises(BadInput, match="cases"):
        learn(events, until=CUT)


def test_few_complete_stays_lie_outside_validity(events: list[Event]) -> None:
    small = learn(events, until=8 * DAY)
    twin = Twin(small, SUBJECT, members=20, seed=1)
    twin.observe(seen_of(small, between(events, 7 * DAY, 9 * DAY)))
    with pytest.raises(OutsideValidity, match="complete stays"):
        twin.forecast("1 d")


def test_a_crowd_never_seen_lies_outside_validity(model: LearnedHospital) -> None:
    crowd = Twin(model, SUBJECT, members=20, seed=1)
    crowd.observe(
        Observations.of([Observation(f"Encounter/n{i}", "activity", CUT + i, "ER registration") for i in range(400)])
    )
    assert any("patients are here" in reason for reason in model.outside_validity(crowd.belief, crowd.time))
