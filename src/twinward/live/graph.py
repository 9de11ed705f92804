"""Who belongs to whom: hospital, unit, bed, encounter, patient, device, as the messages tell."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from twinward.core import Observations

_LINKS = {"patient": "", "unit": "Location/", "bed": "Location/", "part_of": ""}
_ATTRIBUTES = frozenset({"status", "class", "event", "bed", "unit"})


@dataclass(slots=True)
class Node:
    """One subject.

    Args:
        part_of: link -> (reference, since when).
        attributes: name -> (word, since when).
    """

    part_of: dict[str, tuple[str, float]] = field(default_factory=dict)
    attributes: dict[str, tuple[str, float]] = field(default_factory=dict)


class Graph:
    """Subjects and what they are part of; the latest word counts, whatever the order of arrival.

    Example:
        >>> from twinward.core import Observation
        >>> graph = Graph()
        >>> graph.take(Observations.of([Observation("Encounter/7", "patient", 0.0, "Patient/1")]))
        >>> graph.about("Patient/1")["parts"]
        ['Encounter/7']
    """

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = defaultdict(Node)
        self._parts: dict[str, set[str]] = defaultdict(set)

    def take(self, seen: Observations) -> None:
        """Follow links and attributes; a retraction forgets what it takes back."""
        for i, signal in enumerate(seen.signal):
            if signal not in _LINKS and signal not in _ATTRIBUTES:
                continue
            node, time, word = self._nodes[seen.subject[i]], float(seen.time[i]), seen.text[i]
            if seen.retracted[i]:
                if node.attributes.get(signal, ("", 0.0))[1] == time:
                    node.attributes.pop(signal)
                continue
            if not word:
                continue
            if signal in _ATTRIBUTES and time >= node.attributes.get(signal, ("", float("-inf")))[1]:
                node.attributes[signal] = (word, time)
            if signal in _LINKS and time >= node.part_of.get(signal, ("", float("-inf")))[1]:
                self._link(seen.subject[i], node, signal, word, time)

    def merge(self, old: str, new: str) -> None:
        """What was part of the old is part of the new."""
        for part in self._parts.pop(old, set()):
            node = self._nodes[part]
            for link, (whole, since) in list(node.part_of.items()):
                if whole == old:
                    node.part_of[link] = (new, since)
            self._parts[new].add(part)

    def about(self, reference: str) -> dict[str, Any]:
        """What it is part of, what is part of it, and what is said of it."""
        node = self._nodes.get(reference, Node())
        return {
            "reference": reference,
            "part_of": {link: whole for link, (whole, _) in sorted(node.part_of.items())},
            "parts": sorted(self._parts.get(reference, ())),
            "attributes": {name: word for name, (word, _) in sorted(node.attributes.items())},
        }

    def search(self, text: str, limit: int = 20) -> list[str]:
        """References that contain the text."""
        wanted = text.casefold()
        found = (name for name in {*self._nodes, *self._parts} if wanted in name.casefold())
        return sorted(found, key=lambda name: (len(name), name))[:limit]

    def _link(self, subject: str, node: Node, signal: str, word: str, time: float) -> None:
        whole = word if "/" in word else _LINKS[signal] + word
        before = node.part_of.get(signal)
        if before is not None and before[0] != whole and before[0] in self._parts:
            self._parts[before[0]].discard(subject)
        node.part_of[signal] = (whole, time)
        self._parts[whole].add(subject)
