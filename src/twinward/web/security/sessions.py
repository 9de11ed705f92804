"""Sessions of the pages: a cookie that says nothing, and what stands behind it; protection against forged requests."""

import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from twinward.errors import BadInput
from twinward.web.security.roles import Principal
from twinward.web.security.store import Store
from twinward.web.security.users import User, digest, user_of

IDLE_S = 30 * 60.0  # without any request or open page (NIST SP 800-63B, AAL2: 30 minutes of inactivity)
ABSOLUTE_S = 12 * 3600.0  # one shift (AAL2: at least daily)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PURPOSES = {
    "TREAT": "treatment",
    "ETREAT": "emergency treatment",
    "BTG": "break the glass",
    "HOPERAT": "healthcare operations",
    "PUBHLTH": "public health",
    "HRESCH": "research",
    "PATADMIN": "patient administration",
    "HSYSADMIN": "system administration",
    "HQUALIMP": "quality improvement",
}
"""HL7 v3 PurposeOfUse codes that may be given as the reason of an access."""


def purpose_code(text: str) -> str:
    """The code of a purpose of use.

    Raises:
        BadInput: not one of them (free text could hold a patient's name, or what breaks a log).
    """
    code = text.strip().upper()
    if code and code not in PURPOSES:
        raise BadInput("X-Purpose-Of-Use", text[:40], "one of " + ", ".join(PURPOSES))
    return code


class Sessions:
    """Who is logged in to the pages.

    Args:
        store: where they are kept, so that a restart logs nobody out.
        clock: POSIX seconds.
        idle_s: seconds without a request (or an open page) after which one ends.
        absolute_s: seconds after which one ends in any case.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = time.time,
        idle_s: float = IDLE_S,
        absolute_s: float = ABSOLUTE_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._idle_s = idle_s
        self.absolute_s = absolute_s
        self._seen: dict[bytes, float] = {}

    def open(self, user: User, purpose: str = "", replaces: str = "") -> str:
        """A new session: the secret for the cookie. It is always new, and the one the browser had before ends.

        Args:
            user: who has proven to be it.
            purpose: PurposeOfUse code for what is done in it.
            replaces: the secret the browser came with ("" for none): never taken over (session fixation).
        """
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        row = (digest(secret), user.name, user.generation, purpose_code(purpose), now, now)
        self._store.write(
            ("DELETE FROM session WHERE digest = ? OR created < ?", (digest(replaces), now - self.absolute_s)),
            ("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", row),
        )
        return secret

    def principal(self, secret: str, touch: bool = True) -> Principal | None:
        """Who has this session; None when it has ended.

        Args:
            secret: of the cookie.
            touch: whether this counts as activity.
        """
        mark = digest(secret)
        found = self._store.rows(
            "SELECT user.*, session.purpose, session.created AS opened, session.seen, session.generation AS began"
            " FROM session JOIN user ON user.name = session.user WHERE digest = ? AND disabled = 0",
            (mark,),
        )
        if not found or found[0]["began"] != found[0]["generation"]:
            return None
        row, now = found[0], self._clock()
        seen = max(row["seen"], self._seen.get(mark, 0.0))
        if now - row["opened"] >= self.absolute_s or now - seen >= self._idle_s:
            self._end(mark)
            return None
        if touch:
            self._seen[mark] = now
        return user_of(row).principal("session", mark.hex()[:12], row["purpose"])

    def close(self, secret: str) -> None:
        """Log out."""
        self._end(digest(secret))

    def close_all(self, user: str) -> None:
        """Log a user out everywhere."""
        self._store.write(("DELETE FROM session WHERE user = ?", (user,)))

    def _end(self, mark: bytes) -> None:
        self._seen.pop(mark, None)
        self._store.write(("DELETE FROM session WHERE digest = ?", (mark,)))

    def flush(self) -> None:
        """Write down when sessions were last seen."""
        seen, self._seen = self._seen, {}
        if seen:
            self._store.write(
                *(("UPDATE session SET seen = ? WHERE digest = ?", (at, mark)) for mark, at in seen.items())
            )


def cookie_name(secure: bool) -> str:
    """Under TLS the prefix makes browsers refuse one set by another host or over plain HTTP (RFC 6265bis, 4.1.3.2).

    Example:
        >>> cookie_name(secure=True)
        '__Host-twinward'
    """
    return "__Host-twinward" if secure else "twinward"


def set_cookie(secret: str, secure: bool, lasts_s: float) -> str:
    """The Set-Cookie header of a session; with an empty secret the one that ends it."""
    age = int(lasts_s) if secret else 0
    flags = "HttpOnly; SameSite=Strict; Path=/" + ("; Secure" if secure else "")
    return f"{cookie_name(secure)}={secret}; Max-Age={age}; {flags}"


def from_cookies(header: str, secure: bool) -> str:
    """The session's secret in a Cookie header; "" where there is none, or more than one (then one was planted)."""
    name = cookie_name(secure)
    found = [value for key, _, value in (part.strip().partition("=") for part in header.split(";")) if key == name]
    return found[0] if len(found) == 1 else ""


def same_origin(scheme: str, host: str, origin: str, fetch_site: str, trusted: frozenset[str] = frozenset()) -> bool:
    """Whether a request comes from our own pages.

    Args:
        scheme: of the request ("https", "wss", ...).
        host: its Host header, which has been checked.
        origin: its Origin header, "" for none.
        fetch_site: its Sec-Fetch-Site header, "" for none (old browsers, plain HTTP to other hosts).
        trusted: further origins that are ours (behind a proxy that ends TLS).

    Example:
        >>> same_origin("https", "twin.hospital", "https://twin.hospital", "same-origin")
        True
        >>> same_origin("https", "twin.hospital", "https://twin.hospital.evil", "")
        False
        >>> same_origin("https", "twin.hospital", "", "")
        False
    """
    if fetch_site and fetch_site != "same-origin":
        return False
    if not origin:
        return fetch_site == "same-origin"
    if origin.lower() in trusted:
        return True
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    ours = _authority(f"{scheme}://{host}")
    return ours is not None and _authority(origin) == ours


def _authority(origin: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        return parts.scheme, (parts.hostname or "").lower(), port
    except (ValueError, KeyError):
        return None


def safe_next(target: str) -> str:
    """Where to go after login: a path of this site, and "/" for whatever else was asked for.

    Example:
        >>> safe_next("/units/ICU?at=2026-03-02"), safe_next("//evil.example/"), safe_next("/\\t/evil.example")
        ('/units/ICU?at=2026-03-02', '/', '/')
    """
    # Browsers take a backslash for a slash, and drop tabs and line ends before they look.
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in target) or len(target) > 2000:
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc or parts.path.startswith(("/login", "/logout")) else target
