"""What somebody who is turned away reads: a page for people, JSON for programs, OperationOutcome for FHIR clients."""

import html
import json
from urllib.parse import quote

from twinward.web.security.headers import Headers

# FHIR IssueType for each status (http://hl7.org/fhir/issue-type)
_ISSUES = {400: "invalid", 401: "login", 403: "forbidden", 413: "too-long", 429: "throttled", 503: "transient"}
_FHIR = "/fhir"


def body(status: int, detail: str, path: str, request_id: str) -> tuple[bytes, bytes]:
    """(content type, body) for a program."""
    if path == _FHIR or path.startswith(_FHIR + "/"):
        code = _ISSUES.get(status, "exception")
        issue = {"severity": "error", "code": code, "diagnostics": f"{detail} (request {request_id})"}
        outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
        return b"application/fhir+json", json.dumps(outcome).encode()
    return b"application/json", json.dumps({"detail": detail, "request": request_id}).encode()


def to_login(target: str) -> tuple[bytes, bytes]:
    """(content type, body) for a browser: a page that goes on to the login.

    A page and not a redirect: after a link from another site the SameSite cookie is not sent, along redirects neither.
    The step from this page is our own, the cookie comes along, and whoever has a session goes straight on from there.
    """
    login = html.escape("/login?next=" + quote(target, safe=""))
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in · Twinward</title>'
        f'<meta http-equiv="refresh" content="0;url={login}"><p><a href="{login}">Log in</a></p></html>'
    )
    return b"text/html; charset=utf-8", text.encode()


def page(status: int, detail: str, request_id: str) -> tuple[bytes, bytes]:
    """(content type, body) for a person whose role does not go so far."""
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Not allowed · Twinward</title>'
        "<style>:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}"
        "body{max-width:30rem;margin:15vh auto;padding:0 1rem}</style>"
        f"<main><h1>Not allowed</h1><p>{html.escape(detail)}</p>"
        '<p><a href="/">Overview</a></p><form method="post" action="/logout"><button>Log in as somebody else</button>'
        f"</form><p><small>{status}, request {html.escape(request_id)}</small></p></main></html>"
    )
    return b"text/html; charset=utf-8", text.encode()


def headers(status: int, content_type: bytes, length: int, wait_s: float) -> Headers:
    """The headers of a refusal, before the common ones are added."""
    found = [
        (b"content-type", content_type),
        (b"content-length", str(length).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 401:
        found.append((b"www-authenticate", b"Bearer"))
    if wait_s > 0:
        found.append((b"retry-after", str(int(wait_s) + 1).encode()))
    return found
