"""What was measured on a patient, as an ORU^R01 message or as a FHIR R4 transaction Bundle."""

import hashlib
import json
from datetime import UTC, datetime

from twinward.demo.protocol.adt import identity, location
from twinward.demo.protocol.base import Outgoing
from twinward.demo.protocol.hl7 import message, segment, stamp
from twinward.demo.protocol.physiology import Sign
from twinward.demo.protocol.stays import Stay

VITAL_SIGNS, LABORATORY = ("85353-1", "Vital signs panel"), ("11502-2", "Laboratory report")  # LOINC


def report(stay: Stay, values: list[tuple[Sign, float]], time: float, panel: tuple[str, str]) -> Outgoing:
    """ORU^R01: one OBX a value, in UCUM, taken at `time`.

    Args:
        panel: LOINC code and name of the battery (OBR-4).
    """
    laboratory = panel is LABORATORY
    when = stamp(time)
    patient_class = "I" if stay.inpatient else "E"
    segments = [
        identity(stay.person),
        segment("PV1", "1", patient_class, location(stay.unit, stay.bed), *[""] * 15, stay.case),
        f"OBR|1|||{panel[0]}^{panel[1]}^LN|||{when}|||||||||||||||{when}||{'LAB' if laboratory else 'NRS'}|F",
    ]
    for number, (sign, value) in enumerate(values, start=1):
        unit = f"{sign.unit}^^UCUM"
        flag = _flag(sign, value)
        segments.append(
            f"OBX|{number}|NM|{sign.code}^{sign.name}^LN||{value:g}|{unit}|{sign.usual}|{flag}|||F|||{when}"
        )
    control, body = message("ORU^R01", "ORU_R01", time, segments, "LAB" if laboratory else "MONITORING")
    return Outgoing(time, "hl7", body, control, stay.case)


def bundle(stay: Stay, values: list[tuple[Sign, float]], time: float) -> Outgoing:
    """The vital signs as Observations with ids of their own, so that a Bundle sent again changes nothing."""
    when = datetime.fromtimestamp(round(time * 1000) / 1000, UTC).isoformat(timespec="milliseconds")
    entries = []
    for sign, value in values:
        name = hashlib.blake2b(f"{stay.case}{sign.code}{when}".encode(), digest_size=12).hexdigest()
        resource = {
            "resourceType": "Observation",
            "id": name,
            "status": "final",
            "category": [{"coding": [{"system": _CATEGORY, "code": "vital-signs"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": sign.code, "display": sign.name}]},
            "subject": {"reference": f"Patient/{stay.person.id}"},
            "encounter": {"reference": f"Encounter/{stay.case}"},
            "effectiveDateTime": when,
            "valueQuantity": {
                "value": value, "unit": sign.unit, "system": "http://unitsofmeasure.org", "code": sign.unit,
            },
        }  # fmt: skip
        entries.append({"resource": resource, "request": {"method": "PUT", "url": f"Observation/{name}"}})
    content = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return Outgoing(time, "fhir", json.dumps(content, separators=(",", ":")).encode(), "", stay.case)


_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def _flag(sign: Sign, value: float) -> str:
    low, high = (float(end) for end in sign.usual.split("-"))
    return "L" if value < low else "H" if value > high else "N"
