"""A message corrected by a person, read as its feed would read it."""

from collections.abc import Iterable

from twinward.connect.fhir import message as fhir_message
from twinward.connect.hl7v2 import Refusal, parse
from twinward.core import Message
from twinward.errors import BadInput


def resubmitted(source: str, text: str, by: str) -> list[Message]:
    """The messages in a corrected text, from a source of their own ("hl7v2/LAB, corrected by ann").

    Raises:
        BadInput: it cannot be used as it is, or its feed has no reader for text.
    """
    raw = text.encode()
    own = f"{source}, corrected by {by}"
    if source.startswith("hl7v2"):
        return _renamed(_hl7(raw), own)
    if source.startswith("fhir"):
        return [fhir_message(raw, own)]
    raise BadInput("source", source, "hl7v2 or fhir: send entries of other feeds again from where they came")


def _hl7(raw: bytes) -> list[Message]:
    # a person's editor ends lines with LF, HL7 wants CR
    found = parse(raw.replace(b"\r\n", b"\r").replace(b"\n", b"\r"))
    refusals = [one for one in found if isinstance(one, Refusal)]
    if refusals or not found:
        why = refusals[0].quarantined.reason if refusals else "no message in it"
        raise BadInput("text", raw[:80].decode(errors="backslashreplace"), why)
    messages = [one for one in found if isinstance(one, Message)]
    refused = [part for message in messages for part in message.refused]
    if refused:
        raise BadInput("text", refused[0].raw[:80], refused[0].reason)
    return messages


def _renamed(messages: Iterable[Message], source: str) -> list[Message]:
    return [Message(source, m.id, m.format, m.raw, m.seen, m.refused, m.merges, m.sent) for m in messages]
