"""One tick of the running system, as who sends and who looks sees it."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from tests.live.house import PLANT, RULE, START, HandClock, config, digests, message, quiet, running, told

from twinward.core import Message, Observation, Observations, Quarantined
from twinward.errors import BadInput
from twinward.live.system import System

HOUR, MINUTE = 3600.0, 60.0


def run(home: Path, what: Callable[[System, HandClock], Awaitable[None]], **more: object) -> None:
    """One life of a system."""

    async def life() -> None:
        clock = HandClock()
        async with running(home, clock, config(**more)) as system:
            async with asyncio.timeout(60):
                await what(system, clock)

    asyncio.run(life())


async def fed(system: System, clock: HandClock, count: int = 8, every: float = MINUTE, level: float = 3.0) -> None:
    """Levels of the plant at a regular pace; the clock goes along."""
    for _ in range(count):
        clock.at += every
        await system.append(message(f"p{clock.at:.0f}", [(PLANT, clock.at, level)], sent=clock.at))
        await system.caught_up()


def width(system: System, hours: int = 0) -> float:
    """Of the 95 % band of the plant's level at the end of the forecast's first hours."""
    latest = system.latest(PLANT)
    assert latest is not None
    row = latest.bands["level"].quantiles[hours]
    return row[-1] - row[0]


# -- mirror and forecast --------------------------------------------------------------------------------------------


def test_what_is_seen_moves_the_twin_and_its_forecast(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, level=8.0)
        await quiet(system)
        mean, sd, unit, label = system.estimates(PLANT)["level"]
        assert 6.5 < mean < 9.5 and 0 < sd < 2 and (unit, label) == ("1", "Level")
        latest = system.latest(PLANT)
        assert latest is not None and latest.at == clock.at
        assert latest.belief == system.twin(PLANT).digest()

    run(tmp_path, what)


def test_each_patient_has_a_twin_from_the_first_word_on(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await system.append(message("1", [("Patient/1", START, 1.0), ("Patient/2", START, 2.0)]))
        await system.caught_up()
        assert system.twins() == [PLANT, "Patient/1", "Patient/2"]
        made = await system.forecast_now("Patient/2")
        assert (made.twin, made.at) == ("Patient/2", START)
        with pytest.raises(BadInput, match="Patient/3"):
            await system.forecast_now("Patient/3")

    run(tmp_path, what)


def test_forecasts_of_the_cadence_are_written_down_once_an_hour_and_scored(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, count=40, every=15 * MINUTE)  # ten hours
        await quiet(system)
        made = [told.at for told in system.forecasts(PLANT, START, clock.at)]
        assert made == [START + HOUR * i for i in range(11)][-len(made) :] and len(made) >= 10
        rows = {(row["lead_hours"], row["method"]): row for row in system.skill(PLANT)}
        assert rows[1.0, "twin"]["n"] >= 8 and rows[4.0, "persistence"]["n"] >= 5
        assert system.forecasts(PLANT, START + 3 * HOUR, START + 4 * HOUR)[0].at == START + 3 * HOUR

    run(tmp_path, what)


def test_forecasts_and_scores_are_there_after_a_restart_and_none_is_made_twice(tmp_path: Path) -> None:
    before: dict = {}

    async def first(system: System, clock: HandClock) -> None:
        await fed(system, clock, count=24, every=15 * MINUTE)
        await quiet(system)
        before["made"] = [(f.at, f.digest) for f in system.forecasts(PLANT, START, clock.at)]
        before["skill"] = system.skill(PLANT)
        before["series"] = system.series(PLANT, "level", START, clock.at)

    async def again(system: System, clock: HandClock) -> None:
        clock.at = START + 6 * HOUR + 1.0
        await system.tick()
        await quiet(system)
        assert [(f.at, f.digest) for f in system.forecasts(PLANT, START, clock.at)] == before["made"]
        assert system.skill(PLANT) == before["skill"]
        assert system.series(PLANT, "level", START, clock.at) == before["series"]
        assert system.quality()["quarantine"] == {}

    run(tmp_path, first)
    run(tmp_path, again)


def test_a_quiet_twin_costs_nothing_between_two_forecasts_of_the_cadence(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock)
        await quiet(system)
        await system.tick()
        await quiet(system)
        position = system.commit.position
        for _ in range(5):
            clock.at += 1.0
            await system.tick()
            await quiet(system)
        assert system.commit.position == position

    run(tmp_path, what)


# -- staleness ------------------------------------------------------------------------------------------------------


def test_a_feed_that_stops_is_said_within_two_intervals_and_forecasts_widen(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, count=20, every=5 * MINUTE)
        await quiet(system)
        heard, narrow = clock.at, width(system)
        clock.at += 9 * MINUTE
        assert system.stale(PLANT) == []
        clock.at += 1 * MINUTE
        assert system.stale(PLANT) == ["mqtt/plant"]
        assert system.feeds()[0].state == "late"
        clock.at += 3 * HOUR
        assert system.feeds()[0].state == "silent"
        await system.tick()
        await quiet(system)
        latest = system.latest(PLANT)
        assert latest is not None and latest.at == heard
        ahead = int((clock.at - heard) / HOUR)
        assert width(system, ahead) > 1.3 * narrow  # what is shown for now is three hours ahead of what was heard

    run(tmp_path, what)


def test_a_feed_that_comes_back_is_live_again(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, count=10)
        clock.at += HOUR
        assert system.stale(PLANT) == ["mqtt/plant"]
        await fed(system, clock, count=1)
        assert system.stale(PLANT) == []

    run(tmp_path, what)


def test_after_a_restart_the_twin_still_knows_its_feeds(tmp_path: Path) -> None:
    async def first(system: System, clock: HandClock) -> None:
        await fed(system, clock, count=10)

    async def again(system: System, clock: HandClock) -> None:
        clock.at += DAY
        assert system.stale(PLANT) == ["mqtt/plant"]

    DAY = 24 * HOUR
    run(tmp_path, first)
    run(tmp_path, again)


# -- quarantine and bad input ---------------------------------------------------------------------------------------


def impossible(id: str) -> Message:
    """A level that no plant has, beside a good one."""
    return message(id, [(PLANT, START + 1.0, 1e9), (PLANT, START + 2.0, 4.0)])


def test_what_a_twin_refuses_is_in_quarantine_once_however_often_it_starts(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        for id in "ab":
            await system.append([impossible(id)])
        await quiet(system)
        entries = await system.quarantine()
        assert len(entries) == 2
        assert "impossible" in entries[0].entry.kind and "possible is" in entries[0].entry.reason
        assert len(system.twin(PLANT)) == 2

    for _ in range(3):
        run(tmp_path, what)


def test_refusals_survive_a_stop_before_they_were_written(tmp_path: Path) -> None:
    async def killed(system: System, clock: HandClock) -> None:
        await system.append([impossible("a")])
        await system.commit.close()  # whatever was to be written after it was not
        await asyncio.sleep(0)

    async def again(system: System, clock: HandClock) -> None:
        await quiet(system)
        assert len(await system.quarantine()) == 1

    run(tmp_path, killed)
    run(tmp_path, again)


def test_refused_parts_of_a_message_and_unknown_codes_are_kept_and_counted(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        rows = [Observation(PLANT, "loinc:99999-9", START, 5.0, "mg/dL"), Observation(PLANT, "level", START, 1.0)]
        refused = (Quarantined("OBX|9", "no value", "hl7v2/LAB", kind="no value"),)
        for i in range(3):
            await system.append(Message("hl7v2/LAB", f"{i}", "hl7v2", b"", Observations.of(rows), refused))
        await quiet(system)
        quality = system.quality()
        assert quality["unknown"] == [
            {"signal": "loinc:99999-9", "source": "hl7v2/LAB", "count": 3, "example": "5 mg/dL"}
        ]
        assert quality["quarantine"] == {"no value": 3}
        assert system.feeds()[0].refused == 3

    run(tmp_path, what)


def test_a_model_that_fails_on_one_message_keeps_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from twinward.models.random_walk import RandomWalk

    real = RandomWalk.assimilate

    def touchy(self: RandomWalk, belief: object, seen: Observations) -> object:
        if np.any(seen.value == 13.0):
            raise ZeroDivisionError("thirteen")
        return real(self, belief, seen)  # type: ignore[arg-type]

    monkeypatch.setattr(RandomWalk, "assimilate", touchy)

    async def what(system: System, clock: HandClock) -> None:
        values = [1.0, 13.0, 2.0, 3.0]
        await system.append([message(f"{i}", [(PLANT, START + i, v)]) for i, v in enumerate(values)])
        await quiet(system)
        assert sorted(system.twin(PLANT).history().value.tolist()) == [1.0, 2.0, 3.0]
        (held,) = await system.quarantine()
        assert held.entry.kind == "twin failed" and "thirteen" in held.entry.reason
        await system.append(message("later", [(PLANT, START + 9, 4.0)]))
        await system.caught_up()
        assert len(system.twin(PLANT)) == 4 and system.ready

    run(tmp_path, what)


@pytest.mark.parametrize("part", ["summary", "estimate"])
def test_a_model_that_fails_to_tell_of_itself_does_not_stop_the_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    from twinward.models.random_walk import RandomWalk

    def broken(*_: object) -> None:
        raise ZeroDivisionError(part)

    monkeypatch.setattr(RandomWalk, part, broken, raising=False)

    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, count=6, every=15 * MINUTE)
        await quiet(system)
        await system.tick()
        assert len(system.twin(PLANT)) == 6 and system.ready
        assert system.latest(PLANT) is not None

    run(tmp_path, what)


# -- merges ---------------------------------------------------------------------------------------------------------


def merge(id: str, old: str, new: str) -> Message:
    """HL7 A40: one patient was another all along."""
    return Message("hl7v2/ADT", id, "hl7v2", b"", merges=((old, new),))


def test_a_merge_in_the_middle_of_a_stay_is_as_if_it_had_been_one_patient(tmp_path: Path) -> None:
    rows = [message(f"{i}", [(f"Patient/{'ab'[i % 2]}", START + i, float(i))]) for i in range(6)]
    orders = {
        "before": [merge("m", "Patient/b", "Patient/a"), *rows],
        "between": [*rows[:3], merge("m", "Patient/b", "Patient/a"), *rows[3:]],
        "after": [*rows, merge("m", "Patient/b", "Patient/a")],
    }
    found = {}
    for name, messages in orders.items():

        async def what(system: System, clock: HandClock, messages: list[Message] = messages, name: str = name) -> None:
            await system.append(messages)
            await system.caught_up()
            assert "Patient/b" not in system.twins()
            assert len(system.twin("Patient/b")) == 6
            found[name] = system.twin("Patient/b").digest()

        run(tmp_path / name, what)
        run(tmp_path / name, what)  # the same after a restart
    assert len(set(found.values())) == 1


def test_a_twin_of_the_configuration_keeps_its_name_in_a_merge(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, 2)
        await system.append([merge("m", PLANT, "Device/new"), message("n", [("Device/new", clock.at + 1, 5.0)])])
        await system.caught_up()
        assert len(system.twin(PLANT)) == 3
        assert len(system.twin("Device/new")) == 3

    run(tmp_path, what)


def test_a_merge_is_a_change_of_the_twin_it_concerns(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await system.append(message("1", [("Patient/b", START, 1.0)]))
        await system.append(merge("m", "Patient/b", "Patient/a"))
        await system.caught_up()
        assert next(system.changes.since(1, 2)).twins == ("Patient/a",)

    run(tmp_path, what)


# -- alerts ---------------------------------------------------------------------------------------------------------


def test_an_alert_is_raised_from_the_forecast_acted_on_and_kept(tmp_path: Path) -> None:
    async def first(system: System, clock: HandClock) -> None:
        await fed(system, clock, level=25.0)
        await quiet(system)
        (alert,) = system.alerts()
        assert (alert.state, alert.rule, alert.twin) == ("open", RULE, PLANT)
        assert alert.probability > 0.9 and alert.lead == pytest.approx(HOUR)
        acted = await system.act_on_alert(alert.id, "acknowledge", "ann", why="known")
        assert acted.state == "acknowledged"

    async def again(system: System, clock: HandClock) -> None:
        (alert,) = system.alerts()
        assert (alert.state, alert.by) == ("acknowledged", "ann")
        clock.at = START + HOUR
        await fed(system, clock, level=0.0, count=60)
        await quiet(system)
        assert system.alerts() == []
        assert system.alerts(open_only=False)[0].state == "resolved"

    run(tmp_path, first)
    run(tmp_path, again)


def test_snoozed_alerts_wake_and_unattended_ones_escalate_as_time_passes(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, level=25.0)
        await quiet(system)
        id = system.alerts()[0].id
        await system.act_on_alert(id, "snooze", "ann", until=clock.at + 600)
        clock.at += 599
        await system.tick()
        assert system.alerts()[0].state == "snoozed"
        clock.at += 1
        await system.tick()
        assert system.alerts()[0].state == "open"
        clock.at += 1800
        await system.tick()
        assert (system.alerts()[0].severity, system.alerts()[0].escalated) == ("critical", 1)
        await quiet(system)
        states = [change.what for change in system.changes.since(0, system.changes.position)].count("alert")
        assert states >= 4

    run(tmp_path, what)


# -- rehearse -------------------------------------------------------------------------------------------------------


def test_a_rehearsal_gives_differences_leaves_the_twin_alone_and_is_kept(tmp_path: Path) -> None:
    plans = {"push": [{"control": "push", "value": 10.0}]}
    kept: list[str] = []

    async def first(system: System, clock: HandClock) -> None:
        await fed(system, clock)
        before = digests(system)
        made = await system.rehearse(PLANT, plans, 4 * HOUR, "ann")
        (row,) = [row for row in made.rows if (row["scenario"], row["outcome"]) == ("push", "final")]
        assert row["difference"] == pytest.approx(40.0)  # 10 an hour, four hours, common random numbers
        assert digests(system) == before
        kept.append(made.id)

    async def again(system: System, clock: HandClock) -> None:
        found = system.rehearsal(kept[0])
        assert found is not None and found.by == "ann"
        assert system.rehearsals()[0][:2] == (kept[0], ["push"])

    run(tmp_path, first)
    run(tmp_path, again)


@pytest.mark.parametrize(
    ("plans", "named"),
    [({}, "scenarios"), ({"as it is": []}, "as it is"), ({"a": [{"control": "pull", "value": 1.0}]}, "pull"),
     ({"a": [{"control": "push", "value": 1e9}]}, "push")],
)  # fmt: skip
def test_what_cannot_be_rehearsed_is_said(tmp_path: Path, plans: dict, named: str) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, 1)
        with pytest.raises(BadInput, match=named):
            await system.rehearse(PLANT, plans, HOUR)

    run(tmp_path, what)


# -- the past -------------------------------------------------------------------------------------------------------


def test_the_past_is_bit_exact(tmp_path: Path) -> None:
    seen: dict[float, str] = {}

    async def first(system: System, clock: HandClock) -> None:
        for _ in range(12):
            await fed(system, clock, 1, 20 * MINUTE, level=clock.at % 7)
            await quiet(system)
            seen[clock.at] = system.twin(PLANT).digest()
        clock.at += 1.0
        await system.append(message("late", [(PLANT, START + HOUR, 9.0)]))  # what was not known then
        await system.caught_up()

    async def again(system: System, clock: HandClock) -> None:
        clock.at = START + 5 * HOUR
        for instant, digest in seen.items():
            past = await system.at(instant)
            assert past.forecast.belief == digest
        for made in system.forecasts(PLANT, START, clock.at):
            past = await system.at(made.at, PLANT, made.position)
            assert (past.forecast.digest, past.forecast.belief) == (made.digest, made.belief)
        assert past.recorded is not None and past.recorded.at <= made.at

    run(tmp_path, first)
    run(tmp_path, again)
    assert len(set(seen.values())) == 12


def test_the_past_after_a_checkpoint_and_a_merge_is_the_same(tmp_path: Path) -> None:
    async def first(system: System, clock: HandClock) -> None:
        await fed(system, clock, 3)
        await system.append(merge("m", "Device/old", PLANT))

    async def second(system: System, clock: HandClock) -> None:  # begins from the checkpoint of the first's end
        clock.at = START + HOUR
        await system.append(message("o", [("Device/old", clock.at, 5.0)]))
        await system.caught_up()
        now = system.twin(PLANT).digest()
        assert len(system.twin(PLANT)) == 4
        clock.at += 1.0
        assert (await system.at(clock.at)).forecast.belief == now

    run(tmp_path, first)
    run(tmp_path, second)


def test_the_difference_of_two_instants(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, level=0.0)
        await quiet(system)
        before = clock.at
        clock.at += HOUR
        await fed(system, clock, level=25.0, count=20)
        await quiet(system)
        found = await system.difference(before, clock.at)
        assert not found["same_belief"] and found["messages"] >= 20
        (row,) = found["bands"]
        assert row["variable"] == "level" and row["now"] - row["then"] > 10
        assert found["alerts_raised"] == [system.alerts()[0].id] and found["alerts_gone"] == []
        same = await system.difference(before, before)
        assert same["same_belief"] and same["bands"] == []

    run(tmp_path, what)


def test_what_has_not_been_yet_cannot_be_seen(tmp_path: Path) -> None:
    async def what(system: System, clock: HandClock) -> None:
        with pytest.raises(BadInput, match="at"):
            await system.at(START)
        await fed(system, clock)
        for instant in (clock.at + 1, START - 1, -math.inf):
            with pytest.raises(BadInput):
                await system.at(instant)
        with pytest.raises(BadInput, match="position"):
            await system.at(clock.at, PLANT, 10**9)
        with pytest.raises(BadInput, match="Device/none"):
            await system.at(clock.at, "Device/none")

    run(tmp_path, what)


# -- the stream -----------------------------------------------------------------------------------------------------


def test_changes_are_told_in_order_without_a_gap_also_what_memory_has_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twinward.live.changes.KEPT", 4)

    async def what(system: System, clock: HandClock) -> None:
        await fed(system, clock, 12)
        await quiet(system)
        head = system.changes.position
        for since in range(head):
            found = [change.position for change in system.changes.since(since, head)]
            assert found == list(range(since + 1, head + 1))
        assert {c.what for c in system.changes.since(0, head)} >= {"observed", "forecast", "sample"}

    run(tmp_path, what)


def test_after_a_restart_old_changes_are_told_at_once(tmp_path: Path) -> None:
    async def first(system: System, clock: HandClock) -> None:
        await fed(system, clock, 5)

    async def again(system: System, clock: HandClock) -> None:
        head = system.changes.position
        assert head >= 5
        found = await told(system, "observed", since=0, count=5)
        assert [change.twins for change in found] == [(PLANT,)] * 5

    run(tmp_path, first)
    run(tmp_path, again)
