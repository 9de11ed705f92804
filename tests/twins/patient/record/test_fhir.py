"""A record out of FHIR: whose it is, what it says, where it comes from, and what could not be used."""

import gzip
import json
import math

import pytest

from twinward.core.times import posix
from twinward.errors import BadInput
from twinward.twins.patient.present import known
from twinward.twins.patient.record import read
from twinward.twins.patient.record.fhir import Collector
from twinward.twins.patient.study import subject_of

NOW = posix("2026-03-01T12:00:00Z")


def resource(kind, id="1", patient="42", **more):
    about = {} if patient is None else {"subject": {"reference": f"Patient/{patient}"}}
    return {"resourceType": kind, "id": id, **about, **more}


def person(id="42", **more):
    return {"resourceType": "Patient", "id": id, "gender": "female", "birthDate": "1956-02-29", **more}


def measured(id, code, value, unit, at="2026-03-01T11:00:00Z", patient="42", **more):
    return (
        resource(
            "Observation",
            id,
            patient,
            status="final",
            code={"coding": [{"system": "http://loinc.org", "code": code}]},
            effectiveDateTime=at,
            valueQuantity={"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
        )
        | more
    )


def snomed(code):
    return {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": code}]}


def record(*resources, patient="", urns=False):
    into = Collector("test")
    kind = "transaction" if urns else "collection"
    entries = [{"fullUrl": f"urn:uuid:{r['id']}" if urns else "", "resource": r} for r in resources]
    into.bundle(json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}).encode())
    return into.record(patient)


def reasons(found):
    return {one.what: one.reason for one in found.refused}


def test_age_is_counted_in_birthdays():
    found = record(person())
    assert found.sex == "female"
    assert found.age(posix("2026-02-28T00:00:00Z")) < 70 <= found.age(posix("2026-03-01T00:00:00Z"))


def test_a_value_keeps_where_it_comes_from_and_takes_the_unit_of_its_signal():
    found = record(person(), measured("g1", "2345-7", 4.996, "mmol/L"), measured("t1", "8310-5", 98.6, "[degF]"))
    newest = found.newest(NOW)
    assert newest["glucose"].value == pytest.approx(90.0, abs=0.01)
    assert newest["body_temperature"].value == pytest.approx(37.0)
    assert (newest["glucose"].unit, newest["glucose"].source) == ("mg/dL", "Observation/g1")


@pytest.mark.parametrize("code", ["59261-8", "4548-4"])
def test_haemoglobin_a1c_of_the_ifcc_is_told_in_per_cent(code):
    found = record(person(), measured("a1", code, 53.0, "mmol/mol"))
    assert found.newest()["hba1c"].value == pytest.approx(7.0, abs=0.01)


def test_the_newest_value_is_of_the_past_alone():
    found = record(
        person(),
        measured("h1", "8867-4", 70, "/min", "2026-03-01T10:00:00Z"),
        measured("h2", "8867-4", 90, "/min", "2026-03-01T11:00:00Z"),
    )
    assert found.newest(posix("2026-03-01T10:30:00Z"))["heart_rate"].value == 70
    assert found.newest(NOW)["heart_rate"].value == 90


def test_one_patients_record_has_nothing_of_another():
    mine, other = "42", "43"
    parts = [
        part
        for who in (mine, other)
        for part in (
            person(who),
            measured(f"h{who}", "8867-4", 70 if who == mine else 140, "/min", patient=who),
            measured(f"b{who}", "8867-4", 70, "furlong", patient=who),
            resource("Condition", f"c{who}", who, code=snomed("38341003")),
            resource(
                "MedicationRequest", f"m{who}", who, status="active", medicationCodeableConcept={"text": f"drug {who}"}
            ),
            resource("Procedure", f"p{who}", who, status="completed", code=snomed("1")),
            resource("DiagnosticReport", f"r{who}", who, status="final", code=snomed("2")),
        )
    ]
    found = record(*parts, patient=mine)
    facts = (*found.diagnoses, *found.medications, *found.procedures, *found.reports)
    assert [fact.source for fact in facts] == [
        "Condition/c42",
        "MedicationRequest/m42",
        "Procedure/p42",
        "DiagnosticReport/r42",
    ]
    assert found.observations.value.tolist() == [70]
    assert list(reasons(found)) == ["Observation/b42"]
    with pytest.raises(BadInput, match="2 patients"):
        record(*parts)
    with pytest.raises(BadInput, match="Patient/43"):
        record(*parts, patient="44")


def test_references_inside_a_transaction_are_followed():
    id = "6f0e3f5c-6f5b-4f5e-9d57-0a3c8d6d1b11"
    told = measured("9c0e3f5c-6f5b-4f5e-9d57-0a3c8d6d1b12", "8867-4", 70, "/min")
    told["subject"] = {"reference": f"urn:uuid:{id}"}
    found = record(person(id), told, urns=True)
    assert (found.id, len(found.observations)) == (f"Patient/{id}", 1)


def test_a_patient_without_an_id_is_known_by_its_url():
    into, id = Collector("test"), "6f0e3f5c-6f5b-4f5e-9d57-0a3c8d6d1b11"
    born = {"resourceType": "Patient", "gender": "male", "birthDate": "1980-01-01"}
    told = measured("1", "8867-4", 70, "/min") | {"subject": {"reference": f"urn:uuid:{id}"}}
    entries = [{"fullUrl": f"urn:uuid:{id}", "resource": born}, {"fullUrl": "urn:x", "resource": told}]
    into.bundle(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode())
    found = into.record()
    assert (found.sex, len(found.observations)) == ("male", 1)


def test_a_later_version_replaces_an_earlier_one_in_any_order():
    first = measured("1", "8867-4", 70, "/min", meta={"lastUpdated": "2026-03-01T11:00:00Z"})
    second = measured("1", "8867-4", 75, "/min", meta={"lastUpdated": "2026-03-01T11:05:00Z"})
    for order in ((first, second), (second, first)):
        assert record(person(), *order).observations.value.tolist() == [75]
    taken_back = second | {"status": "entered-in-error", "meta": {"lastUpdated": "2026-03-01T12:00:00Z"}}
    found = record(person(), first, second, taken_back)
    assert len(found.observations) == 0
    assert "entered-in-error" in reasons(found)["Observation/1"]


def test_conditions_hold_from_their_onset_until_they_abate():
    found = record(
        person(),
        resource("Condition", "1", code=snomed("44054006"), onsetDateTime="2020-01-01"),
        resource(
            "Condition", "2", code=snomed("233604007"), onsetDateTime="2020-01-01", abatementDateTime="2020-02-01"
        ),
        resource("Condition", "3", code=snomed("38341003"), verificationStatus={"coding": [{"code": "refuted"}]}),
        resource("Condition", "4", code=snomed("999"), onsetDateTime="2020-01-01"),
    )
    assert list(found.conditions(NOW)) == ["type_2_diabetes"]
    assert set(found.conditions(posix("2020-01-15T00:00:00Z"))) == {"type_2_diabetes", "left_pneumonia"}
    assert found.conditions(posix("2019-01-01T00:00:00Z")) == {}
    assert "refuted" in reasons(found)["Condition/3"]
    assert [one.label for one in found.diagnoses if not one.condition] == ["999"]  # kept, though we have no name of it


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"code": snomed("401303003"), "onsetDateTime": "2026-02-20"}, "myocardial_infarction"),
        ({"code": snomed("401303003")}, "myocardial_infarction"),  # active, of an unknown onset
        ({"code": snomed("22298006"), "onsetDateTime": "2026-01-20"}, "old_myocardial_infarction"),
        ({"code": snomed("22298006"), "onsetDateTime": "2026-02-20", "abatementDateTime": "2026-02-25"},
         "old_myocardial_infarction"),
        ({"code": snomed("22298006"), "clinicalStatus": {"coding": [{"code": "resolved"}]}},
         "old_myocardial_infarction"),
        ({"code": snomed("22298006"), "onsetDateTime": "2026-02-20",
          "clinicalStatus": {"coding": [{"code": "inactive"}]}}, "old_myocardial_infarction"),
        ({"code": snomed("1755008"), "onsetDateTime": "2026-02-20"}, "old_myocardial_infarction"),
        ({"code": snomed("399211009"), "clinicalStatus": {"coding": [{"code": "inactive"}]}},
         "old_myocardial_infarction"),
        ({"code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I25.2"}]}},
         "old_myocardial_infarction"),
        ({"code": snomed("22298006"), "onsetDateTime": "2026-03-02"}, ""),  # not yet
    ],
)  # fmt: skip
def test_an_old_infarction_is_a_risk_and_no_illness_of_the_body(told, name):
    found = record(person(), resource("Condition", **told))
    assert list(found.conditions(NOW)) == [name] * bool(name)
    assert known(found, NOW)["vascular_disease"] is bool(name)
    severities = [one for one in subject_of(found, NOW).attributes if one.startswith("severity:")]
    assert severities == ["severity:myocardial_infarction"] * (name == "myocardial_infarction")


@pytest.mark.parametrize(
    ("code", "since", "name"),
    [("91302008", "2026-02-20", "sepsis"), ("91302008", "2024-02-20", ""), ("59282003", "2019-05-01", ""),
     ("67782005", "2026-01-01", ""), ("14669001", "2026-02-27", "acute_kidney_injury"), ("14669001", "2026-02-01", ""),
     ("420422005", "2020-01-01", "diabetes"), ("233604007", "2025-12-01", "")],
)  # fmt: skip
def test_an_acute_illness_of_long_ago_whose_end_nobody_told_is_over(code, since, name):
    found = record(person(), resource("Condition", code=snomed(code), onsetDateTime=since))
    assert list(found.conditions(NOW)) == [name] * bool(name)
    severities = [one for one in subject_of(found, NOW).attributes if one.startswith("severity:")]
    assert severities == [f"severity:{name}"] * (name not in ("", "diabetes"))


@pytest.mark.parametrize("status", ["active", "resolved", "inactive", "remission"])
def test_a_stroke_counts_for_the_risk_whatever_became_of_it(status):
    told = {
        "code": snomed("422504002"),
        "onsetDateTime": "2019-03-01",
        "clinicalStatus": {"coding": [{"code": status}]},
    }
    found = record(person(), resource("Condition", **told))
    assert known(found, NOW)["stroke"] is True
    assert known(found, posix("2018-01-01T00:00:00Z"))["stroke"] is False


@pytest.mark.parametrize(
    ("code", "name"),
    [("I50.31", "diastolic_heart_failure"), ("I50.9", "systolic_heart_failure"), ("E11.65", "type_2_diabetes"),
     ("C34.1", "cancer"), ("Z99", "")],
)  # fmt: skip
def test_icd10_codes_mean_the_most_special_of_our_conditions(code, name):
    coding = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]}
    assert record(person(), resource("Condition", code=coding)).diagnoses[0].condition == name


@pytest.mark.parametrize(
    ("label", "drug"),
    [("Norepinephrine 4 MG/ML", "noradrenaline"), ("EPINEPHrine 1 MG/ML", "adrenaline"), ("Nystatin cream", ""),
     ("imipenem / cilastatin", ""), ("Atorvastatin 40 MG Oral Tablet", "statin"), ("insulin glargine", "insulin"),
     ("Apomorphine", ""), ("morphine sulfate", "morphine"), ("empagliflozin 10 MG", "sglt2_inhibitor")],
)  # fmt: skip
def test_labels_mean_the_drug_that_they_name_and_no_other(label, drug):
    asked = resource("MedicationRequest", status="active", medicationCodeableConcept={"text": label})
    assert record(person(), asked).medications[0].drug == drug


def test_an_infusion_has_its_rate_its_time_and_its_drug_from_wherever_it_is_told():
    drug = {"resourceType": "Medication", "id": "d", "code": {"text": "norepinephrine"}}
    given = resource(
        "MedicationAdministration",
        status="in-progress",
        medicationReference={"reference": "Medication/d"},
        effectivePeriod={"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T11:00:00Z"},
        dosage={"dose": {"value": 4, "unit": "mg"}, "rateQuantity": {"value": 5, "code": "ug/min"}},
    )
    inside = given | {"id": "2", "contained": [drug], "medicationReference": {"reference": "#d"}}
    for one in record(person(), given, drug, inside).medications:
        assert (one.drug, one.dose, one.unit, one.given) == ("noradrenaline", 5, "ug/min", True)
        assert (one.holds(NOW - 1.5 * 3600), one.holds(NOW)) == (True, False)


def test_a_report_gives_the_ejection_fraction_that_it_carries():
    fraction = measured("ef", "10230-1", 35, "%")
    del fraction["subject"], fraction["effectiveDateTime"]
    report = resource(
        "DiagnosticReport",
        status="final",
        code={"text": "Echocardiogram"},
        effectiveDateTime="2026-03-01T09:00:00Z",
        conclusion="Reduced function",
        contained=[fraction],
        result=[{"reference": "#ef"}, {"reference": "Observation/away"}],
    )
    found = record(person(), report)
    fact = found.newest()["left_ventricular_ejection_fraction"]
    assert (fact.value, fact.time) == (35, posix("2026-03-01T09:00:00Z"))
    assert fact.source == "DiagnosticReport/1#ef"
    assert (found.reports[0].label, found.reports[0].conclusion) == ("Echocardiogram", "Reduced function")
    assert "Observation/away" in reasons(found)["DiagnosticReport/1"]


@pytest.mark.parametrize(
    ("code", "word"),
    [("449868002", "current"), ("8517006", "former"), ("266919005", "never"), ("266927001", None)],
)
def test_smoking_is_told_by_its_codes_and_unknown_is_not_a_smoker(code, word):
    told = measured("s", "72166-2", 0, "1") | {"valueCodeableConcept": snomed(code)}
    del told["valueQuantity"]
    fact = record(person(), told).smokes(NOW)
    assert (fact.value if fact else None) == word


def test_what_cannot_be_used_is_kept_with_its_reason():
    found = record(
        person(birthDate="1956-13-01"),
        measured("1", "8867-4", 720, "/min"),
        measured("2", "8867-4", 72, "mg"),
        measured("3", "8867-4", 72, "/min", at="2026-03-01T11:00:00"),
        resource("Condition", "4"),
        resource("MedicationRequest", "5", status="active"),
        resource("Basic", "6"),
        resource("Procedure", "7", status="not-done", code=snomed("1")),
    )
    told = reasons(found)
    assert "outside what is possible" in told["Observation/1"]
    assert "does not convert" in told["Observation/2"]
    assert "effectiveDateTime" in told["Observation/3"]
    assert {"Condition/4", "MedicationRequest/5", "Basic/6", "Procedure/7", "Patient/42"} <= told.keys()
    assert math.isnan(found.born)
    assert sum(found.resources.values()) == 8


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"resourceType": "Patient"}', b"\xff\xfe", b'{"entry": 3}'])
def test_what_is_no_bundle_is_refused_in_one_line(raw):
    with pytest.raises(BadInput) as told:
        Collector("test").bundle(raw)
    assert "\n" not in str(told.value)


def test_a_hostile_resource_spoils_nothing_else():
    into = Collector("test")
    for raw in (b"", b"\x00", b"[" * 5000, b'{"resourceType": 3}', b'{"resourceType": "Observation"}'):
        into.resource(raw)
    into.resource(json.dumps(person()).encode())
    into.resource(json.dumps(measured("1", "8867-4", 70, "/min")).encode())
    found = into.record()
    assert (len(found.observations), len(found.refused)) == (1, 5)


@pytest.mark.data
def test_real_bundles_are_read_whole(data_dir):
    for path in sorted((data_dir / "platform" / "synthea_bundles").glob("*.json.gz"))[:6]:
        found = read(path)
        assert found.sex in ("male", "female")
        assert found.age(found.last) >= 0
        assert len(found.observations) > 40
        assert all(one.reason for one in found.refused)
        kinds = found.resources
        told = kinds.get("MedicationRequest", 0) + kinds.get("MedicationAdministration", 0)
        assert len(found.medications) == told
        assert (len(found.diagnoses), len(found.procedures)) == (kinds.get("Condition", 0), kinds.get("Procedure", 0))


@pytest.mark.data
def test_every_observation_of_real_bundles_is_in_or_refused_with_a_reason(data_dir):
    paths = sorted((data_dir / "platform" / "synthea_bundles").glob("*.json.gz"))
    assert len(paths) == 24
    for path in paths:
        bundle = json.loads(gzip.decompress(path.read_bytes()))
        sent = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Observation"]
        found = read(path)
        used = {source.partition("#")[0] for source in found.observations.id}
        refused = {one.what for one in found.refused}
        assert {f"Observation/{one['id']}" for one in sent} <= used | refused
        assert len(sent) == found.resources["Observation"]
        # and nothing is there that was not sent
        assert used <= {f"Observation/{one['id']}" for one in sent}
        assert math.isfinite(found.born) and len({*found.observations.subject}) == 1


@pytest.mark.data
def test_a_bulk_export_gives_each_patient_its_own_record(data_dir):
    folder = data_dir / "platform" / "synthea_bulk_10"
    with pytest.raises(BadInput, match=r"\d+ patients: Patient/"):
        read(folder)
