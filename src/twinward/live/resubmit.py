"""A message corrected by a person, read as its feed would read it."""

from dataclasses import replace
from datetime import UTC, tzinfo

from twinward.connect.fhir import message as fhir_message
from twinward.connect.hl7v2 import Refusal, parse
from twinward.core import Message
from twinward.errors import BadInput


def resubmitted(source: str, text: str, zone: tzinfo = UTC) -> list[Message]:
    """The messages in a corrected text.

    They keep their source, so that what the sender takes back later takes them back too, and get an id of their own:
    the sender's may be known already, with what was wrong.

    Args:
        source: the feed that the message came from.
        text: of the whole message, corrected.
        zone: in which times without an offset are meant.

    Raises:
        BadInput: it cannot be used as it is, or its feed has no reader for text.
    """
    raw = text.encode()
    if source.startswith("hl7v2"):
        found = _hl7(raw, zone)
    elif source.startswith("fhir"):
        found = [fhir_message(raw, source)]
    else:
        raise BadInput("source", source, "hl7v2 or fhir: send entries of other feeds again from where they came")
    for part in (part for message in found for part in message.refused):
        raise BadInput("text", part.raw[:80], part.reason)
    return [replace(one, source=source, id=f"{one.id}, corrected {one.content.hex()[:8]}") for one in found]


def _hl7(raw: bytes, zone: tzinfo) -> list[Message]:
    # a person's editor ends lines with LF, HL7 wants CR
    found = parse(raw.replace(b"\r\n", b"\r").replace(b"\n", b"\r"), zone=zone)
    refusals = [one for one in found if isinstance(one, Refusal)]
    if refusals or not found:
        why = refusals[0].quarantined.reason if refusals else "no message in it"
        raise BadInput("text", raw[:80].decode(errors="backslashreplace"), why)
    return [one for one in found if isinstance(one, Message)]
