"""Device, DeviceMetric and Location resources as observations: the state they are in, and whose a device is."""

import msgspec

from twinward.connect.fhir import resources
from twinward.connect.fhir.moments import instant
from twinward.connect.fhir.references import relative
from twinward.connect.fhir.rows import Rows
from twinward.errors import BadInput

_DECODER = msgspec.json.Decoder(resources.Device)


def read(raw: bytes, kind: str, id: str, rows: Rows) -> None:
    """Add what the resource says of its state at meta.lastUpdated; without that it is known, but says no when.

    Args:
        raw: JSON that has been checked.
        kind: "Device", "DeviceMetric" or "Location".
        id: of the resource.
    """
    found = _DECODER.decode(raw)
    if not found.meta.lastUpdated:
        return
    own = f"{kind}/{id}"
    try:
        time = instant(found.meta.lastUpdated, f"{kind}.meta.lastUpdated")
        whose = relative(found.patient, f"{kind}.patient", frozenset({"Patient"})) if found.patient else ""
        subject = relative(found.source, f"{kind}.source") if kind == "DeviceMetric" and found.source else own
    except BadInput as why:
        rows.refuse(str(why), "unusable reference or time")
        return
    if rows.ahead(time, f"{kind}.meta.lastUpdated"):
        return
    gone = found.status == "entered-in-error"
    state = found.operationalStatus if isinstance(found.operationalStatus, str) else found.operationalStatus.code
    for signal, word in (("status", found.status), ("operational_status", state), ("patient", whose)):
        if word:
            rows.add(subject, signal, time, word, "", own, gone)
