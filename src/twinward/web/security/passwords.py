"""Passwords, kept as scrypt (RFC 7914) with a salt of their own."""

import base64
import hashlib
import hmac
import os
import threading

from twinward.errors import BadInput

# OWASP Password Storage Cheat Sheet, scrypt: N = 2^15, r = 8, p = 3 (32 MiB of memory for each guess).
_N, _R, _P = 1 << 15, 8, 3
_MEMORY = 64 << 20
_LEAST, _MOST = 12, 1024  # NIST SP 800-63B asks for length and no rules of composition; the upper end bounds work
_AT_ONCE = threading.BoundedSemaphore(2)  # each guess takes 32 MiB: a flood of logins must not take them all


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    with _AT_ONCE:
        return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def check_strength(password: str) -> None:
    """Refuse what is too short to be safe.

    Raises:
        BadInput: without the password in its message.
    """
    if not _LEAST <= len(password) <= _MOST:
        raise BadInput("password", f"{len(password)} characters", f"{_LEAST} to {_MOST} characters")


def hashed(password: str) -> str:
    """What is stored for a password.

    Raises:
        BadInput: too short or too long.
    """
    check_strength(password)
    salt = os.urandom(16)
    digest = _scrypt(password, salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


NOBODY = f"scrypt${_N}${_R}${_P}${'A' * 22}==${'A' * 43}="
"""What is compared when the user is unknown, so that the time taken does not tell who exists."""


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password that was stored; takes as long where none is stored."""
    if len(password) > _MOST:
        return False
    _, n, r, p, salt, digest = (stored or NOBODY).split("$")
    found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(digest)) and stored is not None
