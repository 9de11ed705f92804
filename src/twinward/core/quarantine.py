"""Where everything goes that could not be used: the raw input with a reason a person can act on."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One piece of input that was not used.

    Args:
        raw: the input as it came (undecodable bytes shown as backslash escapes).
        reason: what is wrong and what would have been right.
        source: the feed or file it came from.
        line: its line number there (0 where there is none).
        kind: short name of the fault, for counting ("unparsable time").
    """

    raw: str
    reason: str
    source: str = ""
    line: int = 0
    kind: str = ""


class Quarantine:
    """Keeps what was not used; never drops, never raises on input.

    Args:
        path: a JSON-lines file to which each entry is appended at once; without it entries stay in memory.

    Example:
        >>> quarantine = Quarantine()
        >>> quarantine.add(Quarantined("C,,2014", "activity is empty", "log.csv", 7, "empty activity"))
        >>> len(quarantine), quarantine.counts()
        (1, {'empty activity': 1})
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._entries: list[Quarantined] = []
        self._counts: Counter[str] = Counter()

    def add(self, entry: Quarantined) -> None:
        """Keep `entry`."""
        self._counts[entry.kind or entry.reason] += 1
        if self._path is None:
            self._entries.append(entry)
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def __len__(self) -> int:
        return self._counts.total()

    def __iter__(self) -> Iterator[Quarantined]:
        if self._path is None:
            yield from self._entries
        elif self._path.exists():
            with self._path.open(encoding="utf-8") as file:
                for line in file:
                    yield Quarantined(**json.loads(line))

    def counts(self) -> dict[str, int]:
        """How many of each kind of fault, most first."""
        return dict(self._counts.most_common())
