"""How much one client may ask for: token buckets for requests, a growing wait for guesses at a login."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Rate:
    """What a client may do.

    Args:
        per_second: requests a second that go on for ever.
        burst: requests at once after a rest.
    """

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What each kind of client may do.

    Args:
        anonymous: an address that has not said who it is: a first page fetches about 60 files, a scan stops here.
        person: a user: pages that poll, an analyst's script.
        feed: a token for a system that sends data: ten times what the fastest feed sends one by one.
    """

    anonymous: Rate = Rate(20.0, 300.0)
    person: Rate = Rate(100.0, 1000.0)
    feed: Rate = Rate(50_000.0, 100_000.0)


class Buckets:
    """One token bucket a client, the least recently seen forgotten beyond a bound.

    Args:
        most: clients remembered.
        clock: seconds, monotonic.

    Example:
        >>> now = 0.0
        >>> buckets = Buckets(clock=lambda: now)
        >>> [buckets.wait("10.0.0.7", Rate(1.0, 2.0)) for _ in range(3)]
        [0.0, 0.0, 1.0]
    """

    def __init__(self, most: int = 20_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._full: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, rate: Rate) -> float:
        """Seconds the client must wait; 0 when the request is within its rate (and is counted)."""
        now = self._clock()
        buckets = self._full
        held = buckets.get(key)
        if held is None:
            level = rate.burst
            if len(buckets) >= self._most:
                buckets.popitem(last=False)
        else:
            level = min(rate.burst, held[0] + (now - held[1]) * rate.per_second)
            buckets.move_to_end(key)
        if level < 1.0:
            buckets[key] = (level, now)
            return (1.0 - level) / rate.per_second
        buckets[key] = (level - 1.0, now)
        return 0.0


def client_key(address: str) -> str:
    """Who a client is for its limit: an IPv4 address, or the /64 of an IPv6 address (one household or host has it all).

    Example:
        >>> client_key("2001:db8:1:2:3:4:5:6")
        '2001:db8:1:2'
    """
    return ":".join(address.split(":")[:4]) if address.count(":") >= 4 else address


class Guesses:
    """Slows down guessing at logins: after a few failures each further attempt must wait twice as long.

    An attempt is counted before it is checked, so that a hundred sent at once are a hundred; success forgets those of
    that user from that address. One user's failures from all addresses, and one address's for all users, have looser
    bounds of their own, so that nobody is locked out by a stranger's three guesses, and a spread attack is still slow.

    Args:
        clock: seconds, monotonic.
    """

    _FREE: ClassVar = {"pair": 5, "address": 20, "user": 50}
    _LONGEST_S = 900.0
    _FORGOTTEN_S = 3600.0
    _MOST = 20_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: OrderedDict[tuple[str, str, str], tuple[int, float]] = OrderedDict()

    def _keys(self, user: str, address: str) -> list[tuple[str, str, str]]:
        client = client_key(address)
        keys = [("pair", user, client), ("address", "", client)]
        # No name: an access token, which nobody guesses; one count for all of them would let one lock out the others.
        return [*keys, ("user", user, "")] if user else keys

    def wait(self, user: str, address: str) -> float:
        """Seconds to wait; 0 when the attempt may be made, and then it is counted."""
        now = self._clock()
        keys = self._keys(user, address)
        waits = [self._wait(key, now) for key in keys]
        if max(waits) > 0:
            return max(waits)
        for key in keys:
            count, at = self._made.pop(key, (0, now))
            count = 0 if now - at > self._FORGOTTEN_S else count
            if len(self._made) >= self._MOST:
                self._made.popitem(last=False)
            self._made[key] = (count + 1, now)
        return 0.0

    def _wait(self, key: tuple[str, str, str], now: float) -> float:
        count, at = self._made.get(key, (0, now))
        over = count - self._FREE[key[0]]
        if over < 0 or now - at > self._FORGOTTEN_S:
            return 0.0
        return max(0.0, at + min(self._LONGEST_S, 2.0 ** min(over, 10)) - now)

    def succeeded(self, user: str, address: str) -> None:
        """The attempt was right: the user's count from that address begins anew, and the others have one less."""
        pair, *others = self._keys(user, address)
        self._made.pop(pair, None)
        for key in others:
            count, at = self._made.get(key, (0, 0.0))
            if count:
                self._made[key] = (count - 1, at)
