"""Rows of observations as a message is read, and the parts of it that could not be used."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from twinward.core.observation import Observations
from twinward.core.quarantine import Quarantined

_MOST_REFUSED = 1000  # parts of one message told one by one; the message itself is kept whole


@dataclass(slots=True)
class Rows:
    """Collects what one message says.

    Args:
        source: the feed it came from.
    """

    source: str
    cells: list[tuple[str, str, float, float, str, str, str, bool]] = field(default_factory=list)
    refused: list[Quarantined] = field(default_factory=list)
    merges: list[tuple[str, str]] = field(default_factory=list)
    untold: int = 0

    def number(
        self, subject: str, signal: str, time: float, value: float, unit: str, id: str, gone: bool = False
    ) -> None:
        """A number was seen (or `gone`: was taken back)."""
        self.cells.append((subject, signal, time, value, "", unit, id, gone))

    def text(self, subject: str, signal: str, time: float, text: str, id: str, gone: bool = False) -> None:
        """A code or word was seen (or `gone`: was taken back)."""
        self.cells.append((subject, signal, time, math.nan, text, "", id, gone))

    def refuse(self, raw: str, line: int, kind: str, reason: str) -> None:
        """A part cannot be used."""
        if len(self.refused) < _MOST_REFUSED:
            self.refused.append(Quarantined(raw, reason, self.source, line, kind))
        else:
            self.untold += 1

    def faults(self) -> tuple[Quarantined, ...]:
        """All parts that cannot be used; where they are very many, the last entry says how many more there are."""
        if not self.untold:
            return tuple(self.refused)
        reason = f"{self.untold} more parts of this message could not be used: correct its sender"
        return *self.refused, Quarantined("", reason, self.source, 0, "many faults")

    def observations(self) -> Observations:
        """All rows as one batch."""
        count = len(self.cells)
        subject, signal, time, value, text, unit, id, gone = zip(*self.cells, strict=True) if count else [()] * 8
        return Observations.columns(
            subject=subject, signal=signal, time=time, value=value, text=text, unit=unit,
            source=_repeated(self.source, count), id=id, retracted=gone,
        )  # fmt: skip


def _repeated(word: str, count: int) -> Sequence[str]:
    return [word] * count
