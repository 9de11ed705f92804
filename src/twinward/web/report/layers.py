"""Where the nodes of a flow map stand: layers by the longest path, order within a layer by barycentres.

Sugiyama, Tagawa and Toda 1981, "Methods for visual understanding of hierarchical system structures", IEEE SMC 11(2).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

Edge = tuple[str, str]
Waypoint = tuple[str, str, int]  # where an edge that skips layers passes one: source, target, layer
Seat = str | Waypoint
_SWEEPS = 6


def layers(names: Sequence[str], edges: Sequence[Edge]) -> list[list[Seat]]:
    """The nodes by layer, left to right, and between them the waypoints of edges that skip layers.

    Args:
        names: of the nodes.
        edges: the most frequent first; one that would close a circle with those before it does not move a node.

    Example:
        >>> layers(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")])
        [['a'], ['b', ('a', 'c', 1)], ['c']]
    """
    followers: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        if source != target and not _reaches(followers, target, source):
            followers[source].append(target)
    depth = _depths(names, followers)
    columns: list[list[Seat]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in names:
        columns[depth[name]].append(name)
    links: list[tuple[Seat, Seat]] = []
    for source, targets in followers.items():
        for target in targets:
            passed: list[Seat] = [(source, target, i) for i in range(depth[source] + 1, depth[target])]
            for i, seat in enumerate(passed, depth[source] + 1):
                columns[i].append(seat)
            links += pairwise([source, *passed, target])
    return _ordered(columns, links)


def _reaches(followers: Mapping[str, Sequence[str]], start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        fresh = [name for name in followers[here] if name not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


def _depths(names: Sequence[str], followers: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Length of the longest path that ends in each node."""
    before = dict.fromkeys(names, 0)
    for targets in followers.values():
        for target in targets:
            before[target] += 1
    depth, ready = dict.fromkeys(names, 0), [name for name in names if not before[name]]
    while ready:
        here = ready.pop()
        for target in followers[here]:
            depth[target] = max(depth[target], depth[here] + 1)
            before[target] -= 1
            if not before[target]:
                ready.append(target)
    return depth


def _ordered(columns: list[list[Seat]], links: Sequence[tuple[Seat, Seat]]) -> list[list[Seat]]:
    """Each node near the mean height of its neighbours, so that few lines cross."""
    neighbours: dict[Seat, list[Seat]] = {name: [] for column in columns for name in column}
    for source, target in links:
        neighbours[source].append(target)
        neighbours[target].append(source)
    height = {name: i - (len(column) - 1) / 2 for column in columns for i, name in enumerate(column)}
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            wanted = {n: _mean([height[m] for m in neighbours[n]], height[n]) for n in column}
            column.sort(key=lambda name: wanted[name])
            height |= {name: i - (len(column) - 1) / 2 for i, name in enumerate(column)}
    return columns


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
