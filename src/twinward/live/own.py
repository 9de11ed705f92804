"""What the system itself writes in the journal: forecasts, alerts, rehearsals, samples; nothing of it is observed."""

from typing import Any

import msgspec

from twinward.core import Message

# format -> what the stream of changes calls it
FORMATS = {
    "twinward/forecast": "forecast",
    "twinward/alert": "alert",
    "twinward/rehearsal": "rehearsal",
    "twinward/sample": "sample",
    "twinward/quarantine": "quarantined",
}
FORECAST, ALERT, REHEARSAL, SAMPLE, QUARANTINE = FORMATS
SOURCE = "twinward"


def message(format: str, id: str, what: Any) -> Message:
    """One thing that the system writes down; a dataclass or plain data.

    Example:
        >>> written = message(SAMPLE, "Organization/1/60", {"at": 60.0})
        >>> read(written.raw)
        {'at': 60.0}
    """
    return Message(SOURCE, f"{format}/{id}", format, msgspec.json.encode(what))


def read(raw: bytes, type: Any = Any) -> Any:
    """What `message` wrote."""
    return msgspec.json.decode(raw, type=type)
