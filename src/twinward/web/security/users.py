"""Users and their API tokens."""

import hashlib
import json
import math
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from twinward.errors import BadInput
from twinward.web.security import passwords
from twinward.web.security.roles import Principal, Role, rule
from twinward.web.security.store import Store

TOKEN_MARK = "tw_"  # lets scanners for leaked secrets know ours
YEAR_S = 365 * 86400.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_CACHED = 10_000
_LOOK_S = 0.1  # between two looks whether another process has changed the file: each costs as much as a request


def digest(secret: str) -> bytes:
    """What is stored of a random secret: with 256 bits of chance in it a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


@dataclass(frozen=True, slots=True)
class User:
    """A person or system.

    Args:
        name: unique; letters, digits and . _ @ -.
        role: the most it may do.
        units: the units it may see; None for all.
        names: whether it sees patients by name (from clinician upwards).
        disabled: may do nothing until enabled again.
        has_password: whether it can log in to the pages with one.
        generation: counts what ended all its sessions (password, role, disabling).
    """

    name: str
    role: Role
    units: frozenset[str] | None = None
    names: bool = True
    disabled: bool = False
    has_password: bool = False
    generation: int = 0

    def principal(self, how: str, key: str, purpose: str = "") -> Principal:
        """The user as a principal with all that the role gives."""
        sees_names = self.names and self.role >= Role.CLINICIAN
        return Principal(self.name, self.role, self.units, sees_names, how=how, key=key, purpose=purpose)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of an API token; its secret was shown once and is not stored.

    Args:
        id: public part, shown in lists and logs.
        user: whose it is.
        label: what it is for.
        role: narrower than the user's, or None.
        only: the only permissions it is good for, or None.
        feed: has the generous rate limit.
        created, expires, used, revoked: POSIX seconds; 0 for never.
    """

    id: str
    user: str
    label: str
    role: Role | None
    only: frozenset[str] | None
    feed: bool
    created: float
    expires: float
    used: float
    revoked: float


class Users:
    """Who there is, and which tokens are good now.

    Args:
        store: where it is kept.
        clock: POSIX seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._version = store.version()
        self._looked = -math.inf  # when it was last asked for, monotonic
        self._cache: dict[bytes, tuple[Principal, float]] = {}
        self._used: dict[str, float] = {}

    # Users

    def add(
        self,
        name: str,
        role: Role,
        *,
        units: Collection[str] | None = None,
        names: bool = True,
        password: str | None = None,
    ) -> User:
        """A new user.

        Raises:
            BadInput: the name is taken or not a name, or the password is weak.
        """
        if not _NAME.fullmatch(name):
            raise BadInput("name", name, "1 to 64 letters, digits and . _ @ -, beginning with a letter or digit")
        stored = passwords.hashed(password) if password is not None else None
        row = (name, int(role), _packed(units), int(names), stored, self._clock())
        try:
            self._store.write(
                ("INSERT INTO user (name, role, units, names, password, created) VALUES (?, ?, ?, ?, ?, ?)", row)
            )
        except sqlite3.IntegrityError:
            raise BadInput("name", name, "a name that is not taken") from None
        return self.user(name)

    def user(self, name: str) -> User:
        """The user of that name.

        Raises:
            BadInput: there is none.
        """
        found = self._store.rows("SELECT * FROM user WHERE name = ?", (name,))
        if not found:
            raise BadInput("user", name, "a user that exists")
        return user_of(found[0])

    def exists(self, name: str) -> bool:
        """Whether there is a user of that name."""
        return bool(self._store.rows("SELECT 1 FROM user WHERE name = ?", (name,)))

    def all(self) -> list[User]:
        """Every user, by name."""
        return [user_of(row) for row in self._store.rows("SELECT * FROM user ORDER BY name")]

    def change(self, name: str, **to: Any) -> User:
        """Change role, units, names, disabled or password; all sessions and short-lived tokens of the user end.

        Raises:
            BadInput: no such user, a field that cannot be changed, or the last admin would be gone.
        """
        before = self.user(name)
        columns: dict[str, Any] = {}
        for field, value in to.items():
            match field:
                case "role":
                    columns["role"] = int(value)
                case "units":
                    columns["units"] = _packed(value)
                case "names" | "disabled":
                    columns[field] = int(bool(value))
                case "password":
                    columns["password"] = passwords.hashed(value) if value is not None else None
                case _:
                    raise BadInput("change", field, "role, units, names, disabled or password")
        after = replace(before, **{key: to[key] for key in to if key in ("role", "disabled")})
        if _runs_the_house(before) and not _runs_the_house(after):
            others = [user for user in self.all() if user.name != name and _runs_the_house(user)]
            if not others:
                raise BadInput("user", name, "another admin first: this is the last one")
        sets = "".join(f"{column} = ?, " for column in columns)
        self._store.write(
            (f"UPDATE user SET {sets}generation = generation + 1 WHERE name = ?", (*columns.values(), name)),
            ("DELETE FROM session WHERE user = ?", (name,)),
        )
        self.forget()
        return self.user(name)

    def check_password(self, name: str, password: str) -> User | None:
        """The user, if that is the password; takes as long for unknown users. Blocks for a fifth of a second."""
        found = self._store.rows("SELECT * FROM user WHERE name = ?", (name,))
        right = passwords.matches(password, found[0]["password"] if found else None)
        return user_of(found[0]) if right and not found[0]["disabled"] else None

    # API tokens

    def add_token(
        self,
        user: str,
        label: str,
        *,
        role: Role | None = None,
        only: Collection[str] | None = None,
        feed: bool = False,
        lasts_s: float = YEAR_S,
    ) -> tuple[str, Token]:
        """A new token: (the secret, which is shown this once, and what is kept of it).

        Args:
            user: whose rights it has, at most.
            label: what it is for.
            role: a narrower role.
            only: the only permissions it shall be good for.
            feed: whether it is for a system that sends data.
            lasts_s: seconds until it expires.

        Raises:
            BadInput: no such user or permission.
        """
        self.user(user)
        for permission in only or ():
            rule(permission)
        if not 0 < lasts_s <= 10 * YEAR_S:
            raise BadInput("lasts_s", lasts_s, "seconds, up to ten years")
        identifier = secrets.token_hex(4)
        secret = f"{TOKEN_MARK}{identifier}_{secrets.token_urlsafe(32)}"
        now = self._clock()
        row = (identifier, digest(secret), user, label[:200], role and int(role), _packed(only), int(feed), now)
        self._store.write(
            (
                "INSERT INTO token (id, digest, user, label, role, only_these, feed, created, expires)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, now + lasts_s),
            )
        )
        return secret, _token(self._store.rows("SELECT * FROM token WHERE id = ?", (identifier,))[0])

    def tokens(self, user: str | None = None) -> list[Token]:
        """The tokens of a user, or all, newest first."""
        self.flush()
        where, values = ("WHERE user = ? ", (user,)) if user is not None else ("", ())
        return [_token(row) for row in self._store.rows(f"SELECT * FROM token {where}ORDER BY created DESC", values)]

    def revoke(self, identifier: str) -> None:
        """End a token at once, in every process.

        Raises:
            BadInput: there is no such token that is still good.
        """
        now = self._clock()
        if not self._store.write(("UPDATE token SET revoked = ? WHERE id = ? AND revoked = 0", (now, identifier))):
            raise BadInput("token", identifier, "the id of a token that is not revoked")
        self.forget()

    def by_token(self, secret: str) -> Principal | None:
        """Who shows this token; None for unknown, expired and revoked ones and for disabled users.

        The secret is looked up by its hash: how long that takes says nothing about how much of it was right.
        """
        self._refresh()
        now = self._clock()
        mark = digest(secret)
        hit = self._cache.get(mark)
        if hit is None:
            found = self._store.rows(
                "SELECT user.*, token.id, token.expires, token.feed, token.only_these, token.role AS narrower"
                " FROM token JOIN user ON user.name = token.user"
                " WHERE digest = ? AND revoked = 0 AND disabled = 0",
                (mark,),
            )
            if not found:
                return None
            hit = _token_principal(found[0]), float(found[0]["expires"])
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[mark] = hit
        principal, expires = hit
        if now >= expires:
            return None
        self._used[principal.key] = now
        return principal

    def is_good(self, identifier: str) -> bool:
        """Whether a token is still good: asked now and then for a connection that stays open."""
        found = self._store.rows(
            "SELECT 1 FROM token JOIN user ON user.name = token.user"
            " WHERE id = ? AND revoked = 0 AND disabled = 0 AND expires > ?",
            (identifier, self._clock()),
        )
        return bool(found)

    def flush(self) -> None:
        """Write down when tokens were last used (kept in memory meanwhile: a request must not wait for the disk)."""
        used, self._used = self._used, {}
        if used:
            self._store.write(*(("UPDATE token SET used = ? WHERE id = ?", (at, key)) for key, at in used.items()))

    def forget(self) -> None:
        """Ask the store again from now on."""
        self._cache.clear()

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        version = self._store.version()
        if version != self._version:
            self._version = version
            self.forget()

    # First start

    def first_admin(self, to: Path) -> Path | None:
        """Where nobody exists yet: make the user "admin" and write a token for it to a file only its owner can read.

        Returns:
            The file; None where users exist.
        """
        if self._store.rows("SELECT 1 FROM user LIMIT 1"):
            return None
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        to.unlink(missing_ok=True)  # of an installation whose users were deleted: it opens nothing any more
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            self.add("admin", Role.ADMIN)
            secret, _ = self.add_token("admin", "made at the first start")
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        return to


def _runs_the_house(user: User) -> bool:
    return user.role is Role.ADMIN and not user.disabled


def _packed(names: Collection[str] | None) -> str | None:
    return None if names is None else json.dumps(sorted(names))


def _unpacked(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(json.loads(text))


def user_of(row: sqlite3.Row) -> User:
    """A row of the table of users."""
    return User(
        row["name"],
        Role(row["role"]),
        _unpacked(row["units"]),
        bool(row["names"]),
        bool(row["disabled"]),
        row["password"] is not None,
        row["generation"],
    )


def _token(row: sqlite3.Row) -> Token:
    role = None if row["role"] is None else Role(row["role"])
    times = (row["created"], row["expires"], row["used"], row["revoked"])
    return Token(row["id"], row["user"], row["label"], role, _unpacked(row["only_these"]), bool(row["feed"]), *times)


def _token_principal(row: sqlite3.Row) -> Principal:
    user = user_of(row)
    role = user.role if row["narrower"] is None else Role(min(user.role, row["narrower"]))
    principal = replace(user, role=role).principal("token", row["id"])
    return replace(principal, only=_unpacked(row["only_these"]), feed=bool(row["feed"]))
