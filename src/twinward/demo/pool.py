"""Beds, people and machines with names: who is free, who waits, what happens at a change of shift."""

import heapq
from collections.abc import Generator
from typing import Any

import simpy


class Pool:
    """So many equal things, each with a name; the most urgent who has waited longest is served first.

    Args:
        env: the world's clock.
        names: of all of them, in the order in which they are preferred.
        capacity: how many may be in use now; where it falls, work under way is finished first.
    """

    def __init__(self, env: simpy.Environment, names: list[str], capacity: int) -> None:
        self.env = env
        self.capacity = capacity
        self.in_use = 0
        self._free = list(range(len(names)))
        self._names = names
        self._waiting: list[tuple[float, int, simpy.Event]] = []
        self._count = 0

    def request(self, priority: float) -> simpy.Event:
        """An event whose value is the number of the thing, once one is free."""
        event = self.env.event()
        self._count += 1
        heapq.heappush(self._waiting, (priority, self._count, event))
        self._serve()
        return event

    def withdraw(self, event: simpy.Event) -> None:
        """Stop waiting."""
        self._waiting = [entry for entry in self._waiting if entry[2] is not event]
        heapq.heapify(self._waiting)

    def name(self, number: int) -> str:
        """The name of one of them."""
        return self._names[number]

    def release(self, number: int, after: float = 0.0) -> None:
        """Give it back, after so many seconds of cleaning."""
        if after > 0:
            self.env.process(self._clean(number, after))
        else:
            self._back(number)

    def resize(self, capacity: int) -> None:
        """A change of shift."""
        self.capacity = capacity
        self._serve()

    def _clean(self, number: int, seconds: float) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(seconds)
        self._back(number)

    def _back(self, number: int) -> None:
        heapq.heappush(self._free, number)
        self.in_use -= 1
        self._serve()

    def _serve(self) -> None:
        while self._waiting and self._free and self.in_use < self.capacity:
            _, _, event = heapq.heappop(self._waiting)
            self.in_use += 1
            event.succeed(heapq.heappop(self._free))
