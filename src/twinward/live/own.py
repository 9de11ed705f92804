"""What the system itself writes in the journal: forecasts, alerts, rehearsals, samples; nothing of it is observed."""

import hashlib
from dataclasses import replace
from typing import Any

import msgspec

from twinward.core import Message, Quarantined
from twinward.live.facts import Alert

# format -> what the stream of changes calls it
FORMATS = {
    "twinward/forecast": "forecast",
    "twinward/alert": "alert",
    "twinward/rehearsal": "rehearsal",
    "twinward/sample": "sample",
    "twinward/quarantine": "quarantined",
    "twinward/refreshed": "forecast",  # a forecast between two of the cadence: only that there was one
}
FORECAST, ALERT, REHEARSAL, SAMPLE, QUARANTINE, REFRESHED = FORMATS
SOURCE = "twinward"


def message(format: str, twin: str, id: str, what: Any) -> Message:
    """One thing that the system writes down of a twin; a dataclass or plain data.

    Example:
        >>> written = message(SAMPLE, "Organization/1", "60", {"at": 60.0})
        >>> read(written.raw), twin_of(written)
        ({'at': 60.0}, 'Organization/1')
    """
    return Message(SOURCE, f"{format}/{twin}/{id}", format, msgspec.json.encode(what))


def twin_of(written: Message) -> str:
    """The subject of the twin that a message of our own is about."""
    return "/".join(written.id.split("/")[2:4])


def read(raw: bytes, type: Any = Any) -> Any:
    """What `message` wrote."""
    return msgspec.json.decode(raw, type=type)


def alert_message(alert: Alert) -> Message:
    """An alert as it is now."""
    content = hashlib.blake2b(msgspec.json.encode(alert), digest_size=8).hexdigest()
    return message(ALERT, alert.twin, f"{alert.id}/{content}", alert)


def refusal(subject: str, id: str, entry: Quarantined) -> Message:
    """What a twin refused, as a message whose id and content are the same however often it refuses it."""
    return replace(message(QUARANTINE, subject, id, entry.kind), refused=(entry,))
