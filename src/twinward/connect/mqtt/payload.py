"""From one published message to core's: value, unit and time out of JSON or plain text; pure."""

import math
from typing import Any

import msgspec

from twinward.connect.mqtt.rules import TopicRule
from twinward.core.message import Message
from twinward.core.observation import Observation, Observations
from twinward.core.quarantine import Quarantined
from twinward.core.times import posix, utc
from twinward.errors import BadInput

_ABSENT = object()
_MOST = 1 << 20  # bytes of a payload that is looked into; a reading is a few hundred


def read(
    rule: TopicRule, parts: dict[str, str], topic: str, payload: bytes, arrived: float, *, retained: bool = False
) -> Message | Quarantined:
    """What a published message says by one rule.

    Args:
        rule: that is for this topic.
        parts: of the topic, as `rule.match` gave them.
        topic, payload: as published.
        arrived: POSIX seconds at which it came.
        retained: the broker had kept it, for how long nobody knows.

    Returns:
        The message, or the raw payload with the reason why it cannot be used.

    Example:
        >>> rule = TopicRule("energy", "hospital/{unit}/energy/{meter}", "Device/{meter}", "energy")
        >>> body = b'{"time": "2026-01-19T00:00:00Z", "value": 7, "unit": "kW.h"}'
        >>> message = read(rule, {"meter": "EM-1"}, "hospital/ICU/energy/EM-1", body, 0.0)
        >>> [(seen.subject, seen.signal, seen.value, seen.unit) for seen in message.seen]
        [('Device/EM-1', 'energy', 7.0, 'kW.h')]
    """
    source = f"mqtt/{rule.name}"
    raw = raw_of(topic, payload)
    try:
        content = _content(rule, payload)
        value = _value(rule, content)
        told = _told_time(rule, content)
        if told is None and retained:
            raise BadInput("time", "none", "a time in the payload, for it was retained by the broker: of when is it?")
        unit = _found(content, rule.unit_path)
        if unit is not _ABSENT and unit is not None and not isinstance(unit, str):
            raise BadInput("unit", unit, "a UCUM unit as text")
        name = _found(content, rule.id)
        if rule.id and not (isinstance(name, int | str) and not isinstance(name, bool) and name != ""):
            shown = "nothing" if name is _ABSENT else name
            raise BadInput("id", shown, f"a text or whole number at {rule.id!r}")
    except (BadInput, OverflowError) as error:  # a whole number may have hundreds of digits
        shown = raw.decode("utf-8", "backslashreplace")
        return Quarantined(shown, f"topic {topic}: {error}", source, kind=_kind(error))
    time = arrived if told is None else told
    seen = Observation(
        subject=rule.filled(rule.subject, parts),
        signal=rule.filled(rule.signal, parts),
        time=time,
        value=value,
        unit=unit if isinstance(unit, str) and unit else rule.filled(rule.unit, parts),
        received=arrived,
        source=source,
    )
    if told is None:  # else two equal readings, one after the other, would be taken for one message
        raw = raw_of(topic, payload, arrived)
    identity = str(name) if rule.id else ""
    return Message(source, identity, "mqtt", raw, Observations.of([seen]), sent=math.nan if told is None else told)


def raw_of(topic: str, payload: bytes, arrived: float | None = None) -> bytes:
    """What the journal keeps: the topic (and when it came, where only that dates it), a line end, the payload."""
    when = "" if arrived is None else f" @{utc(arrived).isoformat()}"
    return f"{topic}{when}\n".encode() + payload


def _content(rule: TopicRule, payload: bytes) -> Any:
    if len(payload) > _MOST:
        raise BadInput("payload", f"{len(payload)} bytes", f"at most {_MOST}")
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        try:
            plain = payload.decode().strip()
        except UnicodeDecodeError:
            raise BadInput("payload", payload[:40], "JSON, or plain text, in UTF-8") from None
        if rule.text and not rule.value:
            return plain
        try:
            return float(plain)
        except ValueError:
            raise BadInput("payload", plain[:80], "JSON or a number") from None


def _value(rule: TopicRule, content: Any) -> float | str:
    """A payload that is a number and nothing else is the value, whatever the path."""
    value = content if not isinstance(content, dict | list) else _found(content, rule.value)
    if value is _ABSENT:
        raise BadInput("value", "nothing", f"a value at {rule.value!r}")
    if rule.text:
        if not isinstance(value, str) or not value:
            raise BadInput("value", value, "a text that is not empty")
        return value
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise BadInput("value", value, "a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput("value", value, "a finite number")
    return float(value)


def _told_time(rule: TopicRule, content: Any) -> float | None:
    time = _found(content, rule.time)
    if time is _ABSENT or time is None:
        return None
    if isinstance(time, bool) or not isinstance(time, int | float | str):
        raise BadInput("time", time, "ISO 8601 with an offset, or a number of seconds since 1970-01-01T00:00Z")
    if isinstance(time, int | float) and rule.time_unit == "ms":
        time = time / 1000
    told = posix(time)
    try:
        utc(told)
    except (ValueError, OverflowError, OSError):
        raise BadInput("time", time, "an instant between the years 1 and 9999") from None
    return told


def _found(content: Any, path: str) -> Any:
    if not path:
        return _ABSENT
    for key in path.split("."):
        if isinstance(content, dict) and key in content:
            content = content[key]
        elif isinstance(content, list) and key.isdigit() and int(key) < len(content):
            content = content[int(key)]
        else:
            return _ABSENT
    return content


def _kind(error: Exception) -> str:
    return f"unusable {error.field}" if isinstance(error, BadInput) else "unusable payload"
