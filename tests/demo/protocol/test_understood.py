"""What the hospital says and what Twinward's own readers make of it agree, mistakes and corrections included."""

from collections import defaultdict
from itertools import pairwise

import pytest

from twinward.connect import fhir
from twinward.connect.hl7v2 import parse
from twinward.connect.mqtt import TopicRule
from twinward.connect.mqtt.payload import read
from twinward.core.message import Message
from twinward.core.record import Record
from twinward.demo.feed import START, feed
from twinward.demo.protocol import Outgoing, Settings, outgoing
from twinward.demo.protocol.mess import LATEST, NOWHERE, Rates
from twinward.demo.settings import HOUR
from twinward.demo.world import Event

OFTEN = Rates(twice=0.02, wrong_visit=0.1, wrong_transfer=0.1, nowhere=0.02, early_discharge=0.5, unnamed=0.1)
DAYS = 3.0


@pytest.fixture(scope="module")
def sent() -> list[Outgoing]:
    settings = Settings(days_before=DAYS, days=0, seed=3, rates=OFTEN, fhir_unit="ICU", mqtt=True)
    return list(outgoing(settings))


def _hl7(sent: list[Outgoing]) -> list[Message]:
    read = [one for message in sent if message.channel == "hl7" for one in parse(message.body)]
    assert all(isinstance(one, Message) for one in read)
    return [one for one in read if isinstance(one, Message)]


def test_every_message_is_read_and_nothing_in_it_is_refused(sent: list[Outgoing]) -> None:
    messages = _hl7(sent)
    assert len(messages) == sum(message.channel == "hl7" for message in sent)
    assert [entry for message in messages for entry in message.refused] == []
    named = [signal for message in messages for signal in message.seen.signal]
    assert not [signal for signal in named if ":" in signal], "every code is known"
    assert {pair for message in messages for pair in message.merges}


def test_activities_places_and_classes_are_what_happened(sent: list[Outgoing]) -> None:
    record = Record()
    for number, message in enumerate(_hl7(sent)):
        rows = message.seen
        received = rows.received.copy()
        received[:] = float(number)
        record.merge(rows.replace(received=received))
    activities: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    units: dict[str, list[tuple[float, str]]] = defaultdict(list)
    classes: dict[str, str] = {}
    resources: dict[str, list[str]] = defaultdict(list)
    for row in record.between(-float("inf")):
        if row.signal in ("activity", "activity_start"):
            phase = "start" if row.signal == "activity_start" else "complete"
            activities[row.subject, str(row.value), phase].append(float(row.time))  # type: ignore[arg-type]
        elif row.signal == "unit" and row.value != NOWHERE:
            units[row.subject].append((float(row.time), str(row.value)))  # type: ignore[arg-type]
        elif row.signal == "resource":
            resources[row.subject].append(str(row.value))
        elif row.signal == "class":
            classes[row.subject] = str(row.value)
    settled = START - HOUR
    truth: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    starts: dict[str, list[Event]] = defaultdict(list)
    helped: dict[str, list[str]] = defaultdict(list)
    for event in feed(days=0, seed=3, warm_up_days=DAYS):
        subject = f"Encounter/{event.case}"
        if event.time < settled:
            truth[subject, event.activity, event.phase].append(event.time)
            if event.resource:
                helped[subject].append(event.resource)
            if event.phase == "start":
                starts[subject].append(event)
        if event.triage:
            assert classes[subject] == event.triage
    assert {subject: resources[subject][: len(names)] for subject, names in helped.items()} == helped
    for subject, events in starts.items():
        for event, following in pairwise(events):  # before the next step begins, the place of this one is known
            assert [unit for time, unit in units[subject] if time < following.time - 0.001][-1] == event.unit
    told = {key: [time for time in times if time < settled] for key, times in activities.items()}
    assert {key: len(times) for key, times in told.items() if times} == {k: len(times) for k, times in truth.items()}
    for key, times in truth.items():
        assert all(-0.001 <= said - time <= LATEST + 0.01 for said, time in zip(told[key], times, strict=True))


def test_bundles_are_read(sent: list[Outgoing]) -> None:
    bundles = [message for message in sent if message.channel == "fhir"]
    assert bundles
    for message in bundles:
        bundle = fhir.split(message.body)
        made = fhir.entries(bundle.entry, fhir.urls(bundle, "fhir"), "fhir")
        assert [entry.error for entry in made] == [None] * 6
        signals = {row.signal for entry in made if entry.message for row in entry.message.seen}
        assert {"heart_rate", "body_temperature"} <= signals and len(signals) == 6


def test_devices_are_read_by_two_rules(sent: list[Outgoing]) -> None:
    rules = [
        TopicRule("energy", "hospital/{unit}/energy/{meter}", "Device/{meter}", "energy"),
        TopicRule("ventilator", "hospital/{unit}/ventilator/{device}/{signal}", "Device/{device}", "{signal}"),
    ]
    readings = [message for message in sent if message.channel == "mqtt"]
    subjects = set()
    for message in readings:
        found = [(rule, parts) for rule in rules if (parts := rule.match(message.name)) is not None]
        ((rule, parts),) = found
        made = read(rule, parts, message.name, message.body, 0.0)
        assert isinstance(made, Message)
        (row,) = made.seen
        assert float(row.time) == pytest.approx(message.time, abs=1e-3)  # type: ignore[arg-type]
        subjects.add(row.subject)
    assert {"Device/EM-ICU", "Device/EM-WARD-A"} <= subjects
    assert any(subject.startswith("Device/VENT-") for subject in subjects)
