"""What twins are told by FHIR resources."""

import json
import math
from collections.abc import Callable

import pytest

from twinward.connect.fhir import NotFhir, message, superseding
from twinward.core.message import Message
from twinward.core.times import posix

Made = Callable[..., bytes]
NOON = posix("2026-03-01T12:00:00Z")


def rows(given: Message) -> list[tuple[str, str, float | str, str]]:
    return [(row.subject, row.signal, row.value, row.unit) for row in given.seen]


def reasons(given: Message) -> list[str]:
    return [part.kind for part in given.refused]


def read(raw: bytes) -> Message:
    return message(raw, "fhir/icu")


def test_a_measurement_becomes_an_observation_of_its_patient(heart_rate: Made) -> None:
    told = read(heart_rate())
    assert rows(told) == [("Patient/42", "heart_rate", 72.0, "/min")]
    row = next(iter(told.seen))
    assert (row.time, row.source, row.id, row.retracted) == (NOON - 3600, "fhir/icu", "Observation/hr1", False)


def test_a_panel_becomes_one_observation_a_component(blood_pressure: Made) -> None:
    told = read(blood_pressure())
    assert rows(told) == [
        ("Patient/42", "systolic_blood_pressure", 120.0, "mm[Hg]"),
        ("Patient/42", "diastolic_blood_pressure", 80.0, "mm[Hg]"),
    ]
    assert told.seen.time.tolist() == [NOON + 60] * 2  # of a period the end, when it was known
    assert told.id == "Observation/bp1/3"
    assert told.sent == NOON


def test_the_same_code_twice_in_a_panel_is_two_measurements(blood_pressure: Made) -> None:
    part = {"code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}}
    parts = [{**part, "valueQuantity": {"value": value, "unit": "/min"}} for value in (70, 80)]
    assert len(set(read(blood_pressure(component=parts)).seen.identities())) == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueString": "clear"}, ("clear", "")),
        ({"valueBoolean": False}, ("false", "")),
        ({"valueInteger": 7}, (7.0, "1")),
        ({"valueCodeableConcept": {"coding": [{"system": "s", "code": "POS"}], "text": "positive"}}, ("POS", "")),
        ({"valueCodeableConcept": {"text": "positive"}}, ("positive", "")),
        ({"valueQuantity": {"value": 0.01, "comparator": "<", "unit": "ng/mL"}}, ("<0.01", "ng/mL")),
        ({"valueDateTime": "2026-03"}, ("2026-03", "")),
        ({"valueTime": "12:00:00"}, ("12:00:00", "")),
    ],
)
def test_every_simple_value_is_taken(heart_rate: Made, value: dict[str, object], expected: tuple[object, str]) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "99999-9"}]}
    told = rows(read(heart_rate(**{"code": code, "valueQuantity": None, **value})))
    assert told == [("Patient/42", "loinc:99999-9", *expected)]


def test_an_unknown_code_is_kept_under_its_own_name(heart_rate: Made) -> None:
    code = {"coding": [{"system": "urn:lab", "code": "GLU 1"}]}
    assert rows(read(heart_rate(code=code)))[0][1] == "urn:lab:GLU 1"
    assert rows(read(heart_rate(code={"text": "Zucker"})))[0][1] == "local:Zucker"


def test_a_known_code_is_found_behind_an_unknown_one(heart_rate: Made) -> None:
    codings = [{"system": "urn:local", "code": "P"}, {"system": "http://loinc.org", "code": "8867-4"}]
    assert rows(read(heart_rate(code={"coding": codings})))[0][1] == "heart_rate"


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"valueQuantity": {"value": 72, "unit": "furlong"}}, "unknown unit", "furlong"),
        ({"valueQuantity": {"value": 72}}, "no unit", "/min"),
        ({"valueQuantity": {"value": 720, "unit": "/min"}}, "impossible value", "720"),
        ({"valueQuantity": {"value": 72, "unit": "kg"}}, "wrong unit", "kg"),
        ({"valueQuantity": {"unit": "/min"}}, "no value", "valueQuantity"),
        ({"valueQuantity": None}, "no value", "no value"),
        ({"valueQuantity": None, "valueRange": {"low": {"value": 1}}}, "value type not taken", "valueRange"),
        ({"subject": None}, "no subject", "Observation.subject"),
        ({"subject": {"reference": "Patient?identifier=x|1"}}, "no subject", "conditional"),
        ({"subject": {"reference": "#p"}}, "no subject", "contained"),
        ({"subject": {"reference": "urn:uuid:nobody"}}, "no subject", "fullUrl"),
        ({"effectiveDateTime": None, "issued": None}, "unusable time", "effective"),
        ({"code": {"coding": [{"display": "?"}]}}, "no code", "code"),
    ],
)
def test_what_cannot_be_used_is_kept_with_a_reason(
    heart_rate: Made, fields: dict[str, object], kind: str, words: str
) -> None:
    raw = heart_rate(**fields)
    told = read(raw)
    assert len(told.seen) == 0
    assert [(part.kind, part.raw, part.source) for part in told.refused] == [(kind, raw.decode(), "fhir/icu")]
    assert words in told.refused[0].reason


def test_one_bad_component_leaves_the_others(blood_pressure: Made) -> None:
    parts = json.loads(blood_pressure())["component"]
    parts[0]["valueQuantity"]["value"] = 1200
    told = read(blood_pressure(component=parts))
    assert [row.signal for row in told.seen] == ["diastolic_blood_pressure"]
    assert "component[0]" in told.refused[0].reason


def test_entered_in_error_takes_back_the_same_row(heart_rate: Made) -> None:
    said, back = read(heart_rate()), read(heart_rate(status="entered-in-error"))
    assert back.seen.retracted.tolist() == [True]
    assert back.seen.identities() == said.seen.identities()


def test_a_panel_is_taken_back_component_by_component(blood_pressure: Made) -> None:
    said, back = read(blood_pressure()), read(blood_pressure(status="entered-in-error"))
    assert back.seen.retracted.all()
    assert back.seen.identities() == said.seen.identities()
    assert reasons(read(blood_pressure(status="entered-in-error", component=None))) == ["retraction of a panel"]


def test_a_correction_has_the_identity_of_what_it_corrects(heart_rate: Made) -> None:
    first, second = read(heart_rate()), read(heart_rate(status="corrected", effectiveDateTime="2026-03-02"))
    assert first.seen.identities() == second.seen.identities()
    assert second.seen.time.tolist() == [posix("2026-03-02T00:00:00Z")]
    assert first.key != second.key


def test_a_value_moved_to_another_patient_leaves_the_first(heart_rate: Made) -> None:
    first, second = read(heart_rate()), read(heart_rate(subject={"reference": "Patient/43"}))
    told = superseding(second, first)
    assert [(row.subject, row.retracted) for row in told.seen] == [("Patient/43", False), ("Patient/42", True)]
    assert superseding(first, first) is first


def test_absolute_references_stand_for_their_ids(heart_rate: Made) -> None:
    told = read(heart_rate(subject={"reference": "https://ehr.example/fhir/Patient/42/_history/9"}))
    assert told.seen.subject.tolist() == ["Patient/42"]


def test_a_stay_tells_whose_it_is_where_and_when(encounter: Made) -> None:
    told = {(row.signal, row.value): row.time for row in read(encounter()).seen}
    ten = posix("2026-03-01T10:00:00Z")
    assert told == {
        ("patient", "Patient/42"): ten,
        ("class", "3"): ten,
        ("status", "in-progress"): ten,
        ("status", "finished"): ten + 6 * 3600,
        ("unit", "ED"): ten,
        ("bed", "W3-12"): ten + 4 * 3600,
    }
    assert set(read(encounter()).seen.subject) == {"Encounter/7"}


def test_a_stay_entered_in_error_is_taken_back_whole(encounter: Made) -> None:
    said, back = read(encounter()), read(encounter(status="entered-in-error"))
    assert back.seen.retracted.all()
    assert set(said.seen.identities()) <= set(back.seen.identities())


def test_a_stay_that_ends_before_it_begins_is_refused(encounter: Made) -> None:
    told = read(encounter(period={"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T09:00:00Z"}))
    assert len(told.seen) == 0
    assert reasons(told) == ["unusable time"]


def test_replaced_records_are_merged(patient: Made) -> None:
    assert read(patient()).merges == (("Patient/41", "Patient/42"),)
    replaced = [{"other": {"reference": "Patient/50"}, "type": "replaced-by"}]
    assert read(patient(link=replaced)).merges == (("Patient/42", "Patient/50"),)
    assert read(patient(link=[{"other": {"reference": "Patient/9"}, "type": "seealso"}])).merges == ()
    itself = read(patient(link=[{"other": {"reference": "Patient/42"}, "type": "replaces"}]))
    assert (itself.merges, reasons(itself)) == ((), ["unusable link"])


def test_devices_and_places_tell_their_state(resources: tuple[dict[str, object], ...]) -> None:
    told = [rows(read(json.dumps(resource).encode())) for resource in resources[4:]]
    assert told[0] == [("Device/v1", "status", "active", ""), ("Device/v1", "patient", "Patient/42", "")]
    assert told[1] == [("Device/v1", "operational_status", "on", "")]
    assert told[2] == [("Location/W3-12", "status", "active", ""), ("Location/W3-12", "operational_status", "O", "")]


def test_without_an_id_equal_content_is_the_same_message(heart_rate: Made) -> None:
    first, again, other = (
        read(heart_rate(id=None)),
        read(heart_rate(id=None)),
        read(heart_rate(id=None, status="amended")),
    )
    assert first.key == again.key != other.key
    assert json.loads(first.raw)["id"] == json.loads(again.raw)["id"]
    assert first.id == ""


def test_a_clock_an_hour_wrong_is_believed_but_told(heart_rate: Made) -> None:
    told = read(heart_rate(effectiveDateTime="2026-03-01T13:00:00+01:00", meta={"lastUpdated": "2026-03-01T11:00:00Z"}))
    assert told.seen.time[0] - told.sent == 3600  # what the feed's watch compares


def test_what_lies_in_the_future_was_not_seen(heart_rate: Made, encounter: Made) -> None:
    for raw in (heart_rate(), encounter()):
        assert reasons(message(raw, "fhir/icu", latest=NOON - 7200 - 3600)) == ["time in the future"]
        assert reasons(message(raw, "fhir/icu", latest=NOON)) == []
    planned = encounter(status="planned", period={"start": "2030-01-01"}, location=None)
    assert [row.value for row in message(planned, "fhir/icu", latest=NOON).seen if row.signal == "status"] == [
        "planned"
    ]


def test_every_other_resource_is_kept_as_it_came() -> None:
    raw = (
        b'{"resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "description": {"text": "walk"}, '
        b'"subject": {"reference": "Patient/42"}}'
    )
    told = read(raw)
    assert (told.raw, len(told.seen), told.refused, math.isnan(told.sent)) == (raw, 0, (), True)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "structure"),
        (b"{", "structure"),
        (b"[]", "value"),
        (b"null", "value"),
        (b"MSH|^~\\&|", "structure"),
        (b'{"resourceType": "Hospital"}', "structure"),
        (b'{"id": "1"}', "structure"),
        ('{"resourceType": "Patient", "id": "é"}'.encode("latin-1"), "structure"),
        ('{"resourceType": "Patient"}'.encode("utf-16"), "structure"),
        (b'{"resourceType": "Patient", "name": [{"family": "M\xfcller"}]}', "structure"),
        (b'{"resourceType": "Patient", "id": "a b"}', "value"),
        (b'{"resourceType": "Patient", "foo": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too-costly"),
        (b'{"resourceType": "Observation", "id": "1", "code": {"text": "x"}}', "required"),
    ],
)
def test_what_is_no_resource_is_refused_saying_why(raw: bytes, code: str) -> None:
    with pytest.raises(NotFhir) as why:
        read(raw)
    assert why.value.code == code


def test_a_byte_order_mark_is_no_fault(heart_rate: Made) -> None:
    assert rows(read(b"\xef\xbb\xbf" + heart_rate())) == rows(read(heart_rate()))
    assert rows(read(b"\xef\xbb\xbf" + heart_rate(id=None))) == rows(read(heart_rate()))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"gender": "female", "birthDate": "1960-04-02"}, {("sex", "female"), ("birth_year", "1960")}),
        ({"birthDate": "1960"}, {("birth_year", "1960")}),
        ({"gender": "other"}, set()),
        ({}, set()),
    ],
)
def test_a_patient_has_a_sex_and_a_year_of_birth(told, said):
    raw = json.dumps({"resourceType": "Patient", "id": "42"} | told).encode()
    seen = message(raw, "fhir/ehr").seen
    assert {(row.signal, row.value) for row in seen} == said
    assert {row.subject for row in seen} <= {"Patient/42"}
