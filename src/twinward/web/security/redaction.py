"""Keeps secrets out of logs, and what clients send from forging lines in them."""

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

HIDDEN = "[redacted]"
_KEYS = re.compile(
    r"authori[sz]ation|cookie|token|passw|secret|credential|api[-_]?key|session|private[-_]?key", re.IGNORECASE
)
_VALUES = re.compile(
    r"(?i:(?P<scheme>\b(?:bearer|basic)\s+)[\w.~+/=-]{6,})"  # Authorization, in whatever text
    r"|\btw_[0-9a-f]{8}_[\w-]{20,}"  # API tokens
    r"|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # JWTs
    r"|(?P<cookie>\b(?:__Host-)?twinward=)[^;\s\"']+"  # the session's cookie
    r"|(?i:(?P<field>\b(?:password|secret|token|access_token)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;}]+)"  # forms, queries
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029\x1b]")
_MULTILINE = frozenset({"exception", "stack"})  # made by us, and unreadable on one line
_DEEPEST = 6


def redacted(text: str) -> str:
    """The text without secrets.

    Example:
        >>> redacted("GET /x Authorization: Bearer abcdefghij")
        'GET /x Authorization: Bearer [redacted]'
    """
    return _VALUES.sub(_hide, text)


def _hide(found: re.Match[str]) -> str:
    return (found["scheme"] or found["cookie"] or found["field"] or "") + HIDDEN


def _one_line(text: str) -> str:
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor; the last one before the renderer, behind the one that formats exceptions.

    Example:
        >>> redact(None, "info", {"event": "login", "password": "hunter2", "path": "/a\\nforged"})
        {'event': 'login', 'password': '[redacted]', 'path': '/a\\\\nforged'}
    """
    for key, value in event.items():
        if key in _MULTILINE and isinstance(value, str):
            event[key] = redacted(value)
        else:
            event[key] = _clean(key, value, 0)
    return event


def _clean(key: object, value: Any, depth: int) -> Any:
    if isinstance(key, str) and _KEYS.search(key) and value is not None and not isinstance(value, bool | int | float):
        return HIDDEN
    if isinstance(value, str):
        return _one_line(redacted(value))
    if isinstance(value, bytes):
        return _one_line(redacted(value.decode("utf-8", "backslashreplace")))
    if depth >= _DEEPEST:
        return HIDDEN if isinstance(value, Mapping | list | tuple | set) else value
    if isinstance(value, Mapping):
        return {name: _clean(name, inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) == 2 and isinstance(value, tuple) and isinstance(value[0], bytes | str):  # a header
            name = value[0].decode("latin-1") if isinstance(value[0], bytes) else value[0]
            return (_clean("", value[0], depth + 1), _clean(name, value[1], depth + 1))
        return [_clean("", inner, depth + 1) for inner in value]
    return value if isinstance(value, int | float | None) else _one_line(redacted(str(value)))


class Redaction(logging.Filter):
    """The same for the standard library's loggers (uvicorn's, for one); add it to their handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; the record's text is cleaned on the way."""
        text = record.getMessage()
        clean = _one_line(redacted(text))
        if clean != text:
            record.msg, record.args = clean, None
        return True
