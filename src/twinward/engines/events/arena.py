"""The memory of a run: one arena a thread, results a replication, and the worlds that point into both."""

from typing import Any

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.engines.events import memory as m
from twinward.engines.events.network import Network
from twinward.engines.events.tables import Tables


class Sizes:
    """How much room a replication has, and records on average; more where it was too little."""

    def __init__(self, present: int, expected: float, steps: int, changes: int, records: bool) -> None:
        self.slots = present + int(min(1.3 * expected + 64, 16384))
        self.calendar = 2 * self.slots + changes
        self.queue = self.slots + 16
        self.records = int((present + 1.2 * expected) * min(steps + 2, 8)) + 256 if records else 0

    def grow(self, status: int, recorded: int) -> None:
        """Twice as much of what was too small; of records as many as there were."""
        if status & m.FULL:
            self.slots, self.calendar, self.queue = 2 * self.slots, 2 * self.calendar, 2 * self.queue
        self.records = max(self.records, recorded)


def results(n: int, samples: int, network: Network, present: int) -> dict[str, AnyArray]:
    """Empty results, by the name of their address in the world; the first axis is the replication."""
    steps, resources, classes, places = (
        len(network.steps),
        len(network.resources),
        len(network.classes),
        network.places,
    )
    return {
        "census_out": np.zeros((n, samples, places), np.int32),
        "queue_out": np.zeros((n, samples, steps), np.int32),
        "busy_out": np.zeros((n, samples, resources), np.int32),
        "free_out": np.zeros((n, samples, resources), np.int32),
        "flow_out": np.zeros((n, samples, 4)),
        "by_step": np.zeros((n, classes, steps, 4)),
        "by_class": np.zeros((n, classes, 6)),
        "by_place": np.zeros((n, places, 3)),
        "exits": np.zeros((n, classes, 3)),
        "stays": np.zeros((n, classes, 3)),
        "queue_area": np.zeros((n, steps)),
        "boarding_area": np.zeros((n, steps)),
        "busy_area": np.zeros((n, resources)),
        "census_area": np.zeros((n, places)),
        "spent": np.zeros((n, 2, steps, places)),
        "departed": np.full((n, present), np.nan),
        "moved_to": np.full((n, present), -2, np.int64),
        "moved_at": np.full((n, present), np.nan),
        "left_home": np.full((n, present), np.nan),
    }


def arena(tables: Tables, network: Network, sizes: Sizes, replications: int) -> dict[str, AnyArray]:
    """The working memory of one thread that runs so many replications, by the name of its address in the world."""
    steps, resources = len(network.steps), len(network.resources)
    return {
        "patients": np.zeros(sizes.slots, m.PATIENT),
        "visits": np.zeros(sizes.slots * steps, np.int32),
        "held": np.zeros(sizes.slots * resources, np.int32),
        "spare": np.empty(sizes.slots, np.int64),
        "events": np.empty(sizes.calendar, m.EVENT),
        "queue": np.empty(sizes.queue * steps, m.ENTRY),
        "steps": tables.steps.copy(),
        "resources": tables.resources.copy(),
        "places": np.zeros(network.places, m.PLACE),
        "streams": tables.streams.copy(),
        "pending": np.empty(resources, np.int64),
        "records": np.empty(replications * sizes.records, m.RECORD),
    }


def worlds(
    tables: Tables,
    shared: dict[str, AnyArray],
    own: dict[str, AnyArray],
    settings: dict[str, Any],
    network: Network,
    sizes: Sizes,
    arenas: list[dict[str, AnyArray]],
) -> list[AnyArray]:
    """The worlds of all replications, split among the arenas.

    Args:
        shared: arrays that every replication reads.
        own: arrays whose first axis is the replication.
    """
    n = len(own["by_step"])
    rows = np.zeros(n, m.WORLD)
    for name, array in (*tables._asdict().items(), *shared.items()):
        rows[name] = array.ctypes.data
    for name, array in own.items():
        rows[name] = array.ctypes.data + np.arange(n) * array.strides[0]
    for name, value in settings.items():
        rows[name] = value
    rows["S"], rows["R"], rows["C"] = len(network.steps), len(network.resources), len(network.classes)
    rows["M"], rows["P"], rows["streams_n"] = network.modes, network.places, len(tables.streams)
    rows["local_offset"], rows["long_stay"] = network.local_offset, network.long_stay
    rows["slots"], rows["calendar"], rows["queue_size"] = sizes.slots, sizes.calendar, sizes.queue
    rows["recording"] = sizes.records > 0
    parts = np.array_split(rows, len(arenas))
    for part, memory in zip(parts, arenas, strict=True):
        for name, array in memory.items():
            part[name] = array.ctypes.data
        part["records_n"] = len(memory["records"])
    return parts
