"""No secret in a log, in whatever form it comes; no line that somebody else wrote."""

import logging

import pytest
import structlog

from twinward.web.security import Redaction, redact
from twinward.web.security.redaction import redacted

API = "tw_0a1b2c3d_" + "k" * 43
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJlc2lnbmF0dXJl"


@pytest.mark.parametrize(
    "event",
    [
        {"event": "x", "Authorization": f"Bearer {API}"},
        {"event": "x", "headers": {"authorization": "Basic c2VjcmV0", "cookie": "twinward=c2VjcmV0"}},
        {"event": "x", "headers": [(b"authorization", b"Basic c2VjcmV0"), (b"host", b"h")]},
        {"event": "x", "headers": [[b"cookie", b"twinward=c2VjcmV0"]]},
        {"event": f"sent {API} to the lab"},
        {"event": f"token was {JWT}."},
        {"event": "GET /x?token=c2VjcmV0&a=1"},
        {"event": '{"password": "c2VjcmV0"}'},
        {"event": "x", "form": {"user": "ada", "new_password": "c2VjcmV0"}},
        {"event": "x", "set_cookie": "__Host-twinward=c2VjcmV0; HttpOnly"},
        {"event": "Set-Cookie: __Host-twinward=c2VjcmV0; HttpOnly"},
        {"event": "x", "exception": f"Traceback\n  File\nValueError: Bearer {JWT}"},
        {"event": "x", "raw": f"authorization: bearer {API}".encode()},
        {"event": "x", "error": ValueError(f"not a token: {API}")},
        {"event": "x", "deep": {"a": {"b": {"c": [{"api_key": "c2VjcmV0"}]}}}},
    ],
)
def test_secrets_are_hidden(event: dict) -> None:
    text = structlog.processors.JSONRenderer()(None, "info", redact(None, "info", event))
    assert "c2VjcmV0" not in text
    assert API not in text
    assert JWT not in text
    assert "[redacted]" in text


def test_the_rest_stays_readable() -> None:
    event = {"event": "feed is back", "feed": "hl7v2/LAB", "messages": 12, "late_s": 0.5, "ok": True, "none": None}
    assert redact(None, "info", dict(event)) == event


def test_nobody_else_writes_a_line() -> None:
    cleaned = redact(None, "info", {"event": "path", "path": "/x\r\n2026 admin logged in\x1b[2J\u2028"})
    assert cleaned["path"] == "/x\\r\\n2026 admin logged in\\x1b[2J\\u2028"


def test_the_standard_library_s_loggers_too(caplog: pytest.LogCaptureFixture) -> None:
    handler = caplog.handler
    handler.addFilter(redaction := Redaction())
    logging.getLogger("redaction.test").warning("%s - %s", "GET /x?access_token=c2VjcmV0", "a\nb")
    handler.removeFilter(redaction)
    assert "c2VjcmV0" not in caplog.text
    assert "a\\nb" in caplog.text


def test_it_takes_no_time_on_hostile_input() -> None:
    for text in ("eyJ" * 20_000, "token" * 20_000, "Bearer " * 20_000, "tw_" * 20_000, "a.b" * 20_000):
        redacted(text)
