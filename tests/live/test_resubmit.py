"""What a person corrected is read as its feed reads it, and belongs to that feed."""

import json
from zoneinfo import ZoneInfo

import pytest

from twinward.errors import BadInput
from twinward.live.resubmit import resubmitted

ORU = "\n".join([
    r"MSH|^~\&|LAB|H|TW|H|20260101010000||ORU^R01|17|P|2.5", "PID|1||P7^^^H^MR||DOE^JOHN",
    "OBR|1||F1|24323-8^CMP^LN|||20260101005500", "OBX|1|NM|8867-4^HR^LN||70|/min|||||F|||20260101005500",
])  # fmt: skip
PULSE = {
    "resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/P7"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    "effectiveDateTime": "2026-01-01T00:50:00Z", "valueQuantity": {"value": 70, "unit": "/min"},
}  # fmt: skip


@pytest.mark.parametrize(("source", "text"), [("hl7v2/LAB", ORU), ("fhir/icu", json.dumps(PULSE))])
def test_it_keeps_its_source_and_gets_an_id_of_its_own(source: str, text: str) -> None:
    (message,) = resubmitted(source, text)
    assert message.source == source and "corrected" in message.id
    assert [(row.subject, row.signal, row.value) for row in message.seen] == [("Patient/P7", "heart_rate", 70.0)]
    (again,), (other,) = resubmitted(source, text), resubmitted(source, text.replace("70", "80"))
    assert again.key == message.key != other.key


def test_times_without_an_offset_are_the_feeds() -> None:
    times = [resubmitted("hl7v2/LAB", ORU, ZoneInfo(zone))[0].seen.time[0] for zone in ("UTC", "Europe/Amsterdam")]
    assert times[0] - times[1] == 3600.0


@pytest.mark.parametrize(
    ("source", "text"),
    [("hl7v2/LAB", ""), ("hl7v2/LAB", "MSH"), ("hl7v2/LAB", ORU.replace("|70|", "|many|")), ("fhir", ""),
     ("fhir", json.dumps(PULSE | {"valueQuantity": {"value": 70, "unit": "parsec"}})), ("mqtt/energy", "42 kW")],
)  # fmt: skip
def test_what_is_still_unusable_says_why(source: str, text: str) -> None:
    with pytest.raises(BadInput):
        resubmitted(source, text)
