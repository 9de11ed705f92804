"""A hospital learned from a log: blind to the future, lawful, honest about who has left, and obedient to decisions."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from twinward.connect.eventlog import Event, to_observations
from twinward.core import Observations, Scenario, Streams, Subject, Times, Twin
from twinward.core.laws import check_laws
from twinward.core.times import DAY, HOUR
from twinward.errors import BadInput, OutsideValidity
from twinward.twins.hospital.learned import LearnedHospital, learn
from twinward.twins.hospital.learned.book import Count

DAYS, LEARN_DAYS = 110, 80
UNTIL = LEARN_DAYS * DAY


def world(seed: int = 0, days: int = DAYS) -> list[Event]:
    """About eight patients a day; the mild stay a day, the severe four; a fifth leave the entry in silence."""
    rng = np.random.default_rng(seed)
    events = []
    for number in range(rng.poisson(8 * days)):
        case, begin = f"c{number}", float(rng.uniform(0, days * DAY))
        severe = rng.random() < 0.4
        told = {"score": f"{rng.normal(8 if severe else 2, 1):.1f}", "age": f"{rng.integers(20, 90)}", "unit kind": "x"}
        events.append(Event(case, "register", begin, False, "A", told, 0))
        events.append(Event(case, "test", begin + 1200, False, "B", {"crp": f"{rng.normal(50, 20):.0f}"}, 0))
        if rng.random() < 0.2:
            continue
        ward = begin + HOUR * (1 + rng.exponential(2))
        events.append(Event(case, "Admission W", ward, False, "C", {}, 0))
        end = ward + (4 if severe else 1) * DAY * rng.gamma(4, 1 / 4)
        events += [Event(case, "test", t, False, "B", {}, 0) for t in np.arange(ward + DAY / 2, end, DAY / 2)]
        events.append(Event(case, "discharge home", end, False, "A", {"outcome": "well"}, 0))
        if rng.random() < 0.1:
            events.append(Event(case, "letter", end + 5 * DAY, False, "A", {}, 0))
    return sorted(events, key=lambda event: (event.time, event.case))


@pytest.fixture(scope="module")
def log() -> list[Event]:
    return world()


@pytest.fixture(scope="module")
def model(log: list[Event]) -> LearnedHospital:
    return learn(log, until=UNTIL)


def seen(model: LearnedHospital, events: Sequence[Event]) -> Observations:
    batches = list(to_observations(events, attributes=model.attributes))
    return Observations.concatenate(batches)


def fed(model: LearnedHospital, events: Sequence[Event], now: float, members: int = 200) -> Twin:
    twin = Twin(model, "Organization/test", members=members, seed=1)
    twin.observe(seen(model, [event for event in events if event.time <= now]))
    return twin


def test_what_the_log_is_about_is_found_by_looking(model: LearnedHospital) -> None:
    assert model.places == ("entry", "W")
    schema = model.learned.schema
    assert [schema.activities[i] for i in schema.exits] == ["discharge home"]
    assert [schema.activities[i] for i in schema.afterwards] == ["letter"]
    assert schema.numeric == ("age", "crp", "score")
    assert "outcome" not in model.attributes  # never more than one word: it tells nothing


def test_laws_of_a_model_hold(model: LearnedHospital, log: list[Event]) -> None:
    few = [event for event in log if UNTIL < event.time < UNTIL + DAY / 2]
    check_laws(model, "Organization/test", seen(model, few))


def test_nothing_after_the_cut_is_learned(log: list[Event]) -> None:
    short = [event for event in log if event.time < 25 * DAY]
    until = 20 * DAY
    changed = [
        e if e.time < until else e._replace(time=e.time + 99.0, activity="discharge " + e.activity) for e in short
    ]
    a, b = learn(short, until=until), learn(changed, until=until)
    assert a.version == b.version
    twin, other = fed(a, short, until - 1), fed(b, changed, until - 1)
    curves, others = (m.remaining(t.belief, until, Streams(3)) for m, t in ((a, twin), (b, other)))
    assert np.array_equal(curves, others)


def test_later_events_do_not_change_what_is_said_of_now(model: LearnedHospital, log: list[Event]) -> None:
    now = UNTIL + 5.3 * DAY
    until_now, longer = fed(model, log, now), fed(model, log, now + 3 * DAY)
    again = longer.belief_at(now)
    assert again.digest() == until_now.belief.digest()
    first, second = (model.next_steps(b, now, Streams(1))[1] for b in (until_now.belief, again))
    assert np.array_equal(first, second)


def test_the_severe_stay_longer(model: LearnedHospital) -> None:
    def hours(score: str) -> float:
        told = {"score": score, "age": "50"}
        events = [
            Event("x", "register", UNTIL + HOUR, False, "A", told, 0),
            Event("x", "test", UNTIL + HOUR + 1200, False, "B", {"crp": "50"}, 0),
            Event("x", "Admission W", UNTIL + 3 * HOUR, False, "C", {}, 0),
        ]
        twin = fed(model, events, UNTIL + 5 * HOUR)
        return float(model.remaining(twin.belief, UNTIL + 5 * HOUR, Streams(1)).mean())

    assert 12 < hours("2.0") < 36
    assert 72 < hours("8.0") < 120


def test_silence_in_the_entry_means_having_left(model: LearnedHospital) -> None:
    events = [
        Event("x", "register", UNTIL, False, "A", {"score": "2.0"}, 0),
        Event("x", "test", UNTIL + 1200, False, "B", {"crp": "50"}, 0),
    ]
    twin = fed(model, events, UNTIL + 1200)
    left = [model.p_left(twin.belief, UNTIL + after)[0] for after in (1500.0, 10 * HOUR, 16 * HOUR)]
    assert left[0] < 0.4 < 0.9 < left[1]
    assert left[2] > 0.9
    shown = model.estimate(twin.belief, UNTIL + 10 * HOUR)["census"]
    assert float(shown.mean()) == pytest.approx(1 - left[1], abs=0.06)


def test_the_silent_are_dropped_and_counted(model: LearnedHospital) -> None:
    after = UNTIL + model.learned.silence
    events = [
        Event("x", "register", UNTIL + 1, False, "A", {}, 0),
        Event("y", "register", after + HOUR, False, "A", {}, 0),
        Event("x", "test", after + 2 * HOUR, False, "B", {}, 0),
    ]
    belief = fed(model, events, after + 3 * HOUR).belief
    assert belief["case"].tolist() == ["Encounter/y", "Encounter/x"]  # x came back, as somebody new
    assert belief["counts"][Count.SILENT] == 1
    assert belief["counts"][Count.ARRIVED] == 3


def test_odd_events_are_counted_and_harm_nothing(model: LearnedHospital) -> None:
    t = UNTIL + 1
    events = [
        Event("nobody", "discharge home", t, False, "", {}, 0),
        Event("late", "letter", t + 1, False, "", {}, 0),
        Event("middle", "Admission W", t + 2, False, "", {}, 0),
        Event("middle", "never seen before", t + 3, False, "Z", {}, 0),
        Event("gone", "register", t + 4, False, "", {}, 0),
        Event("gone", "discharge home", t + 5, False, "", {}, 0),
        Event("gone", "test", t + 6, False, "", {}, 0),
    ]
    twin = fed(model, events, t + 10)
    counts = twin.belief["counts"]
    assert twin.belief["case"].tolist() == ["Encounter/middle"]
    assert model.places[twin.belief["patients"]["unit"][0]] == "W"
    assert [counts[c] for c in (Count.NOBODY, Count.AFTERWARDS, Count.MIDDLE, Count.UNKNOWN)] == [1, 2, 1, 1]
    assert np.isfinite(model.remaining(twin.belief, t + 10, Streams(1))).all()


def test_a_forecast_is_calibrated_on_the_world_it_was_learned_from(model: LearnedHospital, log: list[Event]) -> None:
    ends: dict[str, tuple[float, float]] = {}
    for event in log:
        if event.activity != "letter":
            ends[event.case] = (min(ends.get(event.case, (event.time, 0))[0], event.time), event.time)
    begin, end = np.array(list(ends.values())).T
    errors, spread = [], []
    twin = Twin(model, "Organization/test", members=300, seed=1)
    done = 0
    for now in np.arange(UNTIL + 2 * DAY, (DAYS - 2) * DAY, 9 * HOUR):
        upto = int(np.searchsorted([event.time for event in log], now, side="right"))
        twin.observe(seen(model, log[done:upto]))
        done = upto
        census = twin.forecast("24 h", step="24 h", at=float(now), extrapolate=True)["census"].to_numpy()[:, 0]
        truth = ((begin <= now + DAY) & (end > now + DAY)).sum()
        errors.append(census.mean() - truth)
        spread.append(census.std())
    assert abs(np.mean(errors)) < 1.5
    assert 0.7 < np.std(errors) / np.mean(spread) < 1.4


def run(model: LearnedHospital, twin: Twin, actions: dict[str, float | str] | Scenario, hours: int = 48):  # type: ignore[no-untyped-def]
    start = UNTIL + 6 * DAY
    when = Times(start, start + HOUR * np.arange(1, hours + 1))
    return model.simulate(twin.belief_at(start), Scenario.of("s", actions), when, Streams(7))


def test_decisions_do_what_they_say(model: LearnedHospital, log: list[Event]) -> None:
    twin = fed(model, log, UNTIL + 6 * DAY, members=400)
    base = run(model, twin, {})
    arrivals = float(base["arrivals"].isel(time=-1).mean())
    assert arrivals == pytest.approx(16, rel=0.15)
    more, none = run(model, twin, {"arrivals": 1.5}), run(model, twin, {"diversion": 1.0})
    assert float(more["arrivals"].isel(time=-1).mean()) == pytest.approx(1.5 * arrivals, rel=0.05)
    assert float(none["arrivals"].sum()) == 0
    assert float(none["diverted"].mean()) == pytest.approx(arrivals, rel=1e-9)
    assert np.array_equal(base["leaves_at"], more["leaves_at"], equal_nan=True)  # the same luck for those who are here


def test_discharge_before_noon_empties_beds_earlier(model: LearnedHospital, log: list[Event]) -> None:
    twin = fed(model, log, UNTIL + 6 * DAY, members=400)
    base, early = run(model, twin, {}), run(model, twin, {"discharge_before_noon": 1.0})
    at, moved = base["leaves_at"].to_numpy(), early["leaves_at"].to_numpy()
    assert (moved <= at).all(where=np.isfinite(at))
    straight = np.isfinite(moved) & (early["moves_to"].to_numpy() == -1)  # who moves first is not yet known to leave
    assert straight.sum() > 1000
    assert ((moved[straight] / HOUR) % 24 < 12).all()
    assert float(early["census"].mean()) < float(base["census"].mean())


def test_stays_are_shortened_where_asked(model: LearnedHospital, log: list[Event]) -> None:
    twin = fed(model, log, UNTIL + 6 * DAY, members=400)
    base = run(model, twin, {})
    half = run(model, twin, Scenario.of("s", [_stay(0.5, "W")]))
    assert float(half["census"].isel(time=-1).mean()) < float(base["census"].isel(time=-1).mean()) - 3
    with pytest.raises(BadInput, match="ICU"):
        run(model, twin, Scenario.of("s", [_stay(0.5, "ICU")]))
    with pytest.raises(BadInput, match="window"):
        run(model, twin, Scenario.of("s", [replace(_stay(0.5, "W"), start=UNTIL + 6.5 * DAY)]))


def _stay(factor: float, unit: str):  # type: ignore[no-untyped-def]
    from twinward.core import Action

    return Action("stay", factor, unit)


def test_the_pace_of_leaving_is_learned_from_what_comes(model: LearnedHospital, log: list[Event]) -> None:
    def slower(event: Event) -> Event:
        return event._replace(time=UNTIL + 1.4 * (event.time - UNTIL))

    as_before = fed(model, [e for e in log if e.time >= UNTIL], (DAYS - 5) * DAY)
    slow = fed(model, [slower(e) for e in log if e.time >= UNTIL], (DAYS + 5) * DAY)
    paces = [model._pace(t.belief, t.time, Streams(1)).mean(axis=0)[1] for t in (as_before, slow)]
    assert paces[0] == pytest.approx(1.0, abs=0.12)
    assert paces[1] < 0.85
    rates = [
        float(model.learned.arriving.rate(t.belief["counts"][Count.ARRIVED], t.time).mean) for t in (as_before, slow)
    ]
    assert rates[1] < rates[0] - 0.4


def test_shares_of_next_steps_sum_to_one(model: LearnedHospital, log: list[Event]) -> None:
    twin = fed(model, log, UNTIL + 6 * DAY)
    names, shares = model.next_steps(twin.belief, twin.time, Streams(1))
    assert shares.shape == (len(model.cases(twin.belief, twin.time)), len(names))
    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert "letter" not in names
    assert model.step_of("letter") is None


def test_nobody_here_is_a_state_like_any_other(model: LearnedHospital) -> None:
    belief = model.emptied(model.prior(Subject("Organization/test"), 50, Streams(1))).evolve(UNTIL)
    futures = model.simulate(belief, Scenario.baseline(), Times(UNTIL, UNTIL + HOUR * np.arange(1.0, 25)), Streams(2))
    assert futures.sizes["patient"] == 0
    assert 4 < float(futures["arrivals"].isel(time=-1).mean()) < 12


def test_too_little_learned_refuses_and_says_why() -> None:
    few = [
        Event(f"{i}", name, i * 5 * HOUR + after, False, "", {}, 0)
        for i in range(20)
        for name, after in (("arrive", 0.0), ("exit", 2 * HOUR))
    ]
    model = learn(few, until=10 * DAY)
    twin = fed(model, few, 10 * DAY)
    with pytest.raises(OutsideValidity, match="30 are needed"):
        twin.forecast("6 h")
    assert twin.forecast("6 h", extrapolate=True)["census"].shape == (200, 48)


@pytest.mark.parametrize(
    ("events", "message"),
    [([], "at least 5"), ([Event(f"{i}", "a", 1.0, False, "", {}, 0) for i in range(9)], "more than one instant")],
)
def test_nothing_to_learn_from_is_said(events: list[Event], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        learn(events, until=1e6)


def test_units_from_a_column_and_from_a_map() -> None:
    def visit(i: int) -> list[Event]:
        t = i * HOUR
        return [
            Event(f"{i}", "arrive", t, False, "", {"Ward": "front"}, 0),
            Event(f"{i}", "treat", t + 1800, False, "", {"Ward": "back"}, 0),
            Event(f"{i}", "leave", t + 3 * HOUR, False, "", {}, 0),
        ]

    events = [event for i in range(40) for event in visit(i)]
    by_column = learn(events, until=3 * DAY)
    assert by_column.places == ("back", "front")
    assert by_column.placing(events[1]) == "back"
    bare = [event._replace(attributes={}) for event in events]
    by_map = learn(bare, until=3 * DAY, units={"arrive": "front", "treat": "back"})
    assert set(by_map.places) >= {"front", "back"}
    assert learn(bare, until=3 * DAY).places == ("hospital",)
    belief = fed(by_column, events, 20 * HOUR).belief
    assert [by_column.places[u] for u in belief["patients"]["unit"]] == ["back", "back", "front"]
