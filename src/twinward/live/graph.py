"""Who belongs to whom: hospital, unit, bed, encounter, patient, device, as the messages tell."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from twinward.core import Observations

_LINKS = {"patient": "", "unit": "Location/", "bed": "Location/", "part_of": ""}
_BORN, _EARLIEST, _YEAR = "birth_year", 1850, 365.25 * 86400.0
_OLDEST = 90  # years; a higher age tells who somebody is (45 CFR 164.514(b)(2): older ages are told as 90)
_ATTRIBUTES = frozenset({"status", "class", "event", "bed", "unit", "sex", _BORN})
SIGNALS = _ATTRIBUTES | _LINKS.keys()  # what the graph itself takes


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
                self._take_back(seen.subject[i], node, signal, time)
                continue
            if not word:
                continue
            if signal in _ATTRIBUTES and _is_later(word, time, node.attributes.get(signal)):
                node.attributes[signal] = (word, time)
            if signal in _LINKS:
                whole = word if "/" in word else _LINKS[signal] + word
                if _is_later(whole, time, node.part_of.get(signal)):
                    self._link(seen.subject[i], node, signal, whole, time)

    def merge(self, old: str, new: str) -> None:
        """What was part of the old is part of the new, and what was said of it is said of the new."""
        for name, (word, time) in self._nodes[old].attributes.items() if old in self._nodes else ():
            if _is_later(word, time, self._nodes[new].attributes.get(name)):
                self._nodes[new].attributes[name] = (word, time)
        for part in self._parts.pop(old, set()):
            node = self._nodes[part]
            for link, (whole, since) in list(node.part_of.items()):
                if whole == old:
                    node.part_of[link] = (new, since)
            self._parts[new].add(part)

    def about(self, reference: str, at: float = math.nan) -> dict[str, Any]:
        """What it is part of, what is part of it, and what is said of it.

        Args:
            at: POSIX seconds for which the age is told of who has a year of birth, as if born in the middle of it,
                and no more than 90; where it is NaN none is.
        """
        node = self._nodes.get(reference, Node())
        said = {name: word for name, (word, _) in sorted(node.attributes.items())}
        born = said.pop(_BORN, "")
        if born.isdigit() and _EARLIEST <= int(born) <= 9999 and math.isfinite(at):
            lived = at - datetime(int(born), 7, 1, tzinfo=UTC).timestamp()
            said["age"] = f"{min(max(math.floor(lived / _YEAR), 0), _OLDEST)}"
        return {
            "reference": reference,
            "part_of": {link: whole for link, (whole, _) in sorted(node.part_of.items())},
            "parts": sorted(self._parts.get(reference, ())),
            "attributes": said,
        }

    def unit_of(self, reference: str) -> str:
        """Name of the unit that a subject is in: its own word, that of what it is part of, or of its latest stay."""
        if reference.startswith("Location/"):
            return reference.removeprefix("Location/")
        seen: set[str] = set()
        while reference not in seen:
            seen.add(reference)
            node = self._nodes.get(reference, Node())
            own = node.attributes.get("unit")
            if own is not None:
                return own[0]
            parts = [self._nodes[part] for part in list(self._parts.get(reference, ()))]
            stays = [part.attributes.get("unit") for part in parts if "unit" in part.attributes]
            if known := [stay for stay in stays if stay is not None]:
                return max(known, key=lambda stay: stay[1])[0]
            if not node.part_of:
                break
            reference = max(node.part_of.values(), key=lambda link: link[1])[0]
        return ""

    def search(self, text: str, limit: int = 20) -> list[str]:
        """References that contain the text."""
        wanted = text.casefold()
        found = (name for name in {*self._nodes, *self._parts} if wanted in name.casefold())
        return sorted(found, key=lambda name: (len(name), name))[:limit]

    def _link(self, subject: str, node: Node, signal: str, whole: str, time: float) -> None:
        self._unlink(subject, node, signal)
        node.part_of[signal] = (whole, time)
        self._parts[whole].add(subject)

    def _unlink(self, subject: str, node: Node, signal: str) -> None:
        before = node.part_of.pop(signal, None)
        if before is not None and all(whole != before[0] for whole, _ in node.part_of.values()):
            self._parts[before[0]].discard(subject)

    def _take_back(self, subject: str, node: Node, signal: str, time: float) -> None:
        if node.attributes.get(signal, ("", float("nan")))[1] == time:
            node.attributes.pop(signal)
        if node.part_of.get(signal, ("", float("nan")))[1] == time:
            self._unlink(subject, node, signal)


def _is_later(word: str, time: float, held: tuple[str, float] | None) -> bool:
    """Of two words of one instant the greater stays, so that the order of arrival decides nothing."""
    return held is None or (time, word) >= (held[1], held[0])
