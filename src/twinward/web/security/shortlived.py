"""Tokens that live for minutes: JWTs of this installation, for clients that should not carry a lasting one."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from twinward.errors import BadInput
from twinward.web.security.roles import Principal, Role
from twinward.web.security.users import Users

_ALGORITHM = "HS256"  # one party signs and reads: a shared key of 256 bits is all it takes (RFC 7518, 3.2)
_AUDIENCE = "twinward-api"
_ISSUER = "twinward"
_LONGEST_S = 3600
_LEEWAY_S = 0  # issuer and reader are the same clock


class ShortLived:
    """Issues and checks them.

    joserfc's `decode` checks the signature alone and is content with an expired token: every claim is checked here,
    and each must be there. The rights are looked up at each use: a token says who, not what.

    Args:
        key: 32 secret bytes.
        users: who exists; a change of role or password ends the tokens of that user.
        clock: POSIX seconds.
    """

    def __init__(self, key: bytes, users: Users, clock: Callable[[], float] = time.time) -> None:
        self._key = OctKey.import_key(key)
        self._users = users
        self._clock = clock
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": _ISSUER},
            aud={"essential": True, "value": _AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            nbf={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
            gen={"essential": True},
        )

    def issue(self, principal: Principal, lasts_s: int = 900) -> str:
        """A token for the one who asks.

        Args:
            principal: proven by a session or an API token; what narrows it narrows the new token as well.
            lasts_s: seconds, up to an hour.

        Raises:
            BadInput: it would live too long, or is asked for with a short-lived token (which could live for ever so).
        """
        if not 0 < lasts_s <= _LONGEST_S:
            raise BadInput("lasts_s", lasts_s, f"1 to {_LONGEST_S} seconds")
        if principal.how == "jwt":
            raise BadInput("token", "a short-lived one", "a session or an API token")
        now = int(self._clock())
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": principal.who,
            "iat": now,
            "nbf": now,
            "exp": now + lasts_s,
            "jti": secrets.token_hex(8),
            "gen": self._users.user(principal.who).generation,
            "role": int(principal.role),
            "only": None if principal.only is None else sorted(principal.only),
            "by": principal.key if principal.how == "token" else "",
            "why": principal.purpose,
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key, algorithms=[_ALGORITHM])

    def principal(self, text: str) -> Principal | None:
        """Who shows this token; None unless signature, algorithm and every claim are right, now."""
        try:
            token = jwt.decode(text, self._key, algorithms=[_ALGORITHM])
            if token.header.get("alg") != _ALGORITHM:
                return None
            self._claims.validate(token.claims)
            return self._holder(token.claims)
        except (JoseError, BadInput, ValueError, TypeError, KeyError):
            return None

    def _holder(self, claims: dict[str, Any]) -> Principal | None:
        user = self._users.user(claims["sub"])
        if user.disabled or user.generation != claims["gen"]:
            return None
        if claims["by"] and not self._users.is_good(claims["by"]):
            return None  # the API token it was made with has been revoked since
        narrowed = replace(user, role=Role(min(user.role, claims["role"])))
        only = None if claims["only"] is None else frozenset(claims["only"])
        return replace(narrowed.principal("jwt", claims["jti"], claims["why"]), only=only)


def looks_like_one(text: str) -> bool:
    """Whether a bearer token is a JWT rather than an API token (which has no dots).

    Example:
        >>> looks_like_one("tw_0011_abc")
        False
    """
    return text.count(".") == 2
