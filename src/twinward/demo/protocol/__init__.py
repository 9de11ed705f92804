"""What the reference hospital's systems send to the outside: HL7 v2.5.1, FHIR R4 and MQTT, written from its events."""

from twinward.demo.protocol.base import Outgoing
from twinward.demo.protocol.stream import Settings, outgoing

__all__ = ["Outgoing", "Settings", "outgoing"]
