"""What the hospital's systems send: its events told truly in HL7 v2.5.1, mistakes put right, vital signs in between."""

import json
import statistics
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise

import hl7
import pytest
from fhir.resources.R4B.bundle import Bundle

from twinward.demo.feed import START, feed
from twinward.demo.protocol import Outgoing, Settings, outgoing
from twinward.demo.protocol.mess import LATEST, NONE, NOWHERE, Rates
from twinward.demo.settings import DAY, HOUR, MINUTE

OFTEN = Rates(twice=0.02, wrong_visit=0.1, wrong_transfer=0.1, nowhere=0.02, early_discharge=0.5, unnamed=0.1)
DAYS = 6.0


@pytest.fixture(scope="module")
def messy() -> list[Outgoing]:
    """Six days with many mistakes."""
    return list(outgoing(Settings(days_before=DAYS, days=0, seed=3, rates=OFTEN)))


@pytest.fixture(scope="module")
def clean() -> list[Outgoing]:
    """Six days and half a day without mistakes, all channels."""
    settings = Settings(days_before=DAYS, days=0.5, seed=3, rates=NONE, fhir_unit="ICU", mqtt=True)
    return list(outgoing(settings))


class Read:
    """The fields of an HL7 message, cut out by hand."""

    def __init__(self, body: bytes) -> None:
        self.segments = [line.split("|") for line in body.decode().split("\r") if line]

    def get(self, name: str, number: int, component: int = 1) -> str:
        for fields in self.segments:
            if fields[0] == name:
                place = number - 1 if name == "MSH" else number
                parts = fields[place].split("^") if place < len(fields) else [""]
                return parts[component - 1] if component <= len(parts) else ""
        return ""

    def all(self, name: str) -> list[list[str]]:
        return [fields for fields in self.segments if fields[0] == name]


def _time(text: str) -> float:
    return datetime.strptime(text, "%Y%m%d%H%M%S.%f%z").timestamp()


def _told(messages: list[Outgoing]) -> list[tuple[float, str, str, str, str, str, str]]:
    """What a reader believes in the end: messages once, those taken back left out."""
    believed: dict[tuple[str, str, str], tuple[float, str, str, str, str, str, str]] = {}
    for body in dict.fromkeys(message.body for message in messages if message.channel == "hl7"):
        read = Read(body)
        trigger = read.get("MSH", 9, 2)
        if not trigger.startswith("A") or trigger == "A40":
            continue
        case, occurred, reason = read.get("PV1", 19), read.get("EVN", 6), read.get("EVN", 4)
        taken_back = {"A11": ("A01", "A04"), "A12": ("A02",), "A13": ("A03",)}.get(trigger)
        if taken_back:
            found = [believed.pop((case, one, occurred), None) for one in taken_back]
            assert any(found), "what is taken back was told before"
            continue
        activity, phase = reason.split("/")
        acuity = next((fields[5] for fields in read.all("OBX") if fields[3].startswith("11283-9")), "")
        row = (_time(occurred), case, activity, phase, read.get("PV1", 3), read.get("ZRS", 2), acuity)
        believed[case, trigger, occurred] = row
    return sorted(believed.values())


def test_what_a_reader_believes_in_the_end_is_what_happened(messy: list[Outgoing]) -> None:
    settled = START - HOUR  # what went wrong in the last hour is not yet put right
    truth: dict[tuple[str, ...], list[tuple[float, str, str]]] = defaultdict(list)
    for event in sorted(feed(days=0, seed=3, warm_up_days=DAYS)):
        if event.time < settled:
            key = (event.case, event.activity, event.phase, event.resource)
            truth[key].append((event.time, event.unit, event.triage))
    told: dict[tuple[str, ...], list[tuple[float, str, str]]] = defaultdict(list)
    for time, case, activity, phase, unit, resource, acuity in _told(messy):
        if time < settled:
            told[case, activity, phase, resource].append((time, unit, acuity))
    assert told.keys() == truth.keys()
    nowhere = late = 0
    for key, happened in truth.items():
        for (when, said, acuity), (time, unit, triage) in zip(told[key], happened, strict=True):
            assert -0.001 <= when - time <= LATEST + 0.01
            late += when - time > 0.01  # a transfer entered anew
            assert acuity == triage
            assert said in (unit, NOWHERE)
            nowhere += said == NOWHERE
    assert 0 < nowhere < 0.02 * len(truth)
    assert 0 < late < 0.03 * len(truth)


def test_without_mistakes_every_event_is_told_once_at_once(clean: list[Outgoing]) -> None:
    events = list(feed(days=0.5, seed=3, warm_up_days=DAYS))
    adt = [message for message in clean if message.channel == "hl7" and b"|ADT^" in message.body[:120]]
    assert len(adt) == len(events)
    for message, event in zip(adt, events, strict=True):
        read = Read(message.body)
        assert read.get("EVN", 4) == f"{event.activity}/{event.phase}"
        assert _time(read.get("EVN", 6)) == pytest.approx(event.time, abs=0.003)
        assert (read.get("PV1", 19), read.get("PV1", 3)) == (event.case, event.unit)
        assert (read.get("ZRS", 2), message.time) == (event.resource, event.time)


def test_triggers_say_what_happened(clean: list[Outgoing]) -> None:
    where: dict[str, str] = {}
    for message in clean:
        read = Read(message.body) if message.channel == "hl7" else None
        if read is None or read.get("MSH", 9) != "ADT":
            continue
        case, unit, trigger = message.case, read.get("PV1", 3), read.get("MSH", 9, 2)
        if case not in where:
            assert trigger == ("A04" if unit == "ED" else "A01")
        elif read.get("EVN", 4).split("/")[0] in ("Discharge", "Discharge from ED", "Left without being seen", "Death"):
            assert trigger == "A03"
        else:
            assert trigger == ("A08" if unit == where[case] else "A02")
            assert trigger == "A08" or read.get("PV1", 6) == where[case]
        where[case] = unit


def test_everything_goes_out_in_order_of_time(messy: list[Outgoing], clean: list[Outgoing]) -> None:
    for messages in (messy, clean):
        times = [message.time for message in messages]
        assert times == sorted(times)


def test_the_same_seed_sends_the_same_bytes(messy: list[Outgoing]) -> None:
    again = outgoing(Settings(days_before=DAYS, days=0, seed=3, rates=OFTEN))
    assert [message.body for message in again] == [message.body for message in messy]
    other = next(outgoing(Settings(days_before=DAYS, days=0, seed=4, rates=OFTEN)))
    assert other.body != messy[0].body


def test_a_control_id_stands_for_one_content(messy: list[Outgoing]) -> None:
    contents: dict[str, set[bytes]] = defaultdict(set)
    for message in messy:
        contents[message.name].add(message.body)
        assert 0 < len(message.name) <= 20
    assert all(len(bodies) == 1 for bodies in contents.values())
    assert len(contents) < len(messy), "some were sent twice"


def test_a_reader_that_we_did_not_write_understands_them(messy: list[Outgoing]) -> None:
    kinds = set()
    for message in messy[:: max(1, len(messy) // 800)] + [m for m in messy if b"^A40" in m.body][:3]:
        parsed = hl7.parse(message.body.decode())
        kinds.add(str(parsed["MSH"][0][9][0][1][0]))
        assert str(parsed.segment("MSH")[12]) == "2.5.1"
    assert {"A01", "A02", "A03", "A04", "A08", "A40", "R01"} <= kinds


def test_every_kind_of_mistake_happens_and_is_rare_by_default(messy: list[Outgoing]) -> None:
    kinds = Counter(Read(message.body).get("MSH", 9, 2) for message in messy)
    assert all(kinds[trigger] for trigger in ("A11", "A12", "A13", "A40"))
    usual = [m for m in outgoing(Settings(days_before=4, days=0, seed=3)) if m.channel == "hl7"]
    odd = sum(Read(message.body).get("MSH", 9, 2) in ("A11", "A12", "A13", "A40") for message in usual)
    assert odd < 0.01 * len(usual)
    assert 0 < len(usual) - len({message.body for message in usual}) < 0.01 * len(usual)


def test_a_patient_is_in_the_hospital_once_and_some_come_again(clean: list[Outgoing]) -> None:
    here: dict[str, str] = {}
    visits: dict[str, set[str]] = defaultdict(set)
    for message in clean:
        if message.channel != "hl7":
            continue
        read = Read(message.body)
        patient = read.get("PID", 3)
        assert here.setdefault(patient, message.case) == message.case
        visits[patient].add(message.case)
        if read.get("MSH", 9, 2) == "A03":
            del here[patient]
    assert 0.05 < sum(len(of) > 1 for of in visits.values()) / len(visits) < 0.25


def test_after_a_merge_the_number_given_up_is_used_no_more(messy: list[Outgoing]) -> None:
    given_up: set[str] = set()
    for message in messy:
        read = Read(message.body)
        assert read.get("PID", 3) not in given_up
        if read.get("MSH", 9, 2) == "A40":
            assert read.get("PID", 3) != read.get("MRG", 1)
            given_up.add(read.get("MRG", 1))
    assert given_up


def test_vital_signs_come_as_often_as_the_unit_takes_them(clean: list[Outgoing]) -> None:
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    for message in clean:
        if message.time < START - 2 * DAY:
            continue
        if message.channel == "fhir":
            taken["ICU", message.case].append(message.time)
        elif b"85353-1" in message.body:
            taken[Read(message.body).get("PV1", 3), message.case].append(message.time)
    for unit, seconds in (("ED", 15 * MINUTE), ("ICU", HOUR), ("Ward A", 4 * HOUR)):
        gaps = [b - a for (of, _), times in taken.items() if of == unit for a, b in pairwise(times)]
        assert statistics.median(gaps) == pytest.approx(seconds, rel=0.05)


def test_vital_signs_of_the_far_past_are_thinned(clean: list[Outgoing]) -> None:
    days = Counter(int((message.time - START) // DAY) for message in clean if b"85353-1" in message.body)
    assert days[-4] * 3 < days[-2]


def test_the_more_urgent_are_sicker_and_values_are_possible(clean: list[Outgoing]) -> None:
    limits = {"8867-4": (30, 220), "59408-5": (60, 100), "9279-1": (5, 60), "8480-6": (50, 240), "8310-5": (33, 42)}
    urgency: dict[str, str] = {}
    rates: dict[str, list[float]] = defaultdict(list)
    labs: set[str] = set()
    for message in clean:
        if message.channel != "hl7":
            continue
        read = Read(message.body)
        for fields in read.all("OBX"):
            code = fields[3].split("^")[0]
            if code == "11283-9":
                urgency[message.case] = fields[5]
                continue
            low, high = limits.get(code, (0, 1000))
            assert low <= float(fields[5]) <= high
            assert fields[6].endswith("^^UCUM")
            if code == "8867-4" and message.case in urgency and read.get("PV1", 3) == "ED":
                rates[urgency[message.case]].append(float(fields[5]))
            if b"11502-2" in message.body:
                labs.add(code)
    assert statistics.mean(rates["2"]) > statistics.mean(rates["3"]) > statistics.mean(rates["5"])
    assert labs == {"2823-3", "2160-0", "2524-7", "718-7", "1988-5"}


def test_bundles_are_fhir_and_have_ids_of_their_own(clean: list[Outgoing]) -> None:
    bundles = [message for message in clean if message.channel == "fhir"]
    assert len(bundles) > 50
    for message in bundles[:20]:
        read = Bundle.model_validate_json(message.body)
        assert len(read.entry) == 6
        assert {entry.resource.encounter.reference for entry in read.entry} == {f"Encounter/{message.case}"}
    ids = [entry["resource"]["id"] for message in bundles for entry in json.loads(message.body)["entry"]]
    assert len(set(ids)) == len(ids)


def test_meters_count_upwards_and_ventilators_run_in_the_icu(clean: list[Outgoing]) -> None:
    counters: dict[str, list[float]] = defaultdict(list)
    ventilators = set()
    for message in clean:
        if message.channel != "mqtt":
            continue
        reading = json.loads(message.body)
        at = datetime.fromisoformat(reading["time"])
        assert at.tzinfo is not None and at.astimezone(UTC).timestamp() == pytest.approx(message.time, abs=1e-3)
        if "/energy/" in message.name:
            assert reading["unit"] == "kW.h"
            counters[message.name].append(reading["value"])
        else:
            ventilators.add(message.name.split("/")[1])
    assert len(counters) == 9
    assert all(values == sorted(values) and values[-1] > values[0] for values in counters.values())
    assert ventilators == {"ICU"}
