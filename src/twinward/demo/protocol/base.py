"""One thing that leaves the hospital: when, by which protocol, and its bytes."""

from typing import Literal, NamedTuple


class Outgoing(NamedTuple):
    """A message as it goes onto the wire.

    Args:
        time: POSIX seconds, UTC, at which it is sent.
        channel: by which protocol.
        body: an HL7 v2 message (without its MLLP frame), a FHIR Bundle, or an MQTT payload.
        name: the HL7 control id (MSH-10), the MQTT topic; empty for FHIR.
        case: the visit it is about; empty for a device.
    """

    time: float
    channel: Literal["hl7", "fhir", "mqtt"]
    body: bytes
    name: str = ""
    case: str = ""
