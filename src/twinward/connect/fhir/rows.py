"""The rows that one resource becomes, and the parts of it that could not be used."""

import math
from dataclasses import dataclass, field

from twinward.core.observation import Observations
from twinward.core.quarantine import Quarantined


@dataclass(slots=True)
class Rows:
    """Collects what is read of one resource.

    Args:
        source: the feed.
        raw: the resource as it came, for the quarantine.
        latest: POSIX seconds; what claims to have been seen after that is refused (a clock is wrong).
    """

    source: str
    raw: bytes
    latest: float = math.inf
    subject: list[str] = field(default_factory=list)
    signal: list[str] = field(default_factory=list)
    time: list[float] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    id: list[str] = field(default_factory=list)
    retracted: list[bool] = field(default_factory=list)
    refused: list[Quarantined] = field(default_factory=list)

    def add(
        self,
        subject: str,
        signal: str,
        time: float,
        value: float | str,
        unit: str,
        id: str,
        retracted: bool = False,
    ) -> None:
        """One observation."""
        words = isinstance(value, str)
        self.subject.append(subject)
        self.signal.append(signal)
        self.time.append(time)
        self.value.append(float("nan") if words else float(value))
        self.text.append(value if isinstance(value, str) else "")
        self.unit.append(unit)
        self.id.append(id)
        self.retracted.append(retracted)

    def ahead(self, time: float, what: str) -> bool:
        """Whether a time lies in the future, where nothing can have been seen; it is refused then."""
        if time <= self.latest:
            return False
        self.refuse(f"{what} lies in the future: check the sender's clock and zone", "time in the future")
        return True

    def refuse(self, reason: str, kind: str) -> None:
        """One part that could not be used."""
        self.refused.append(Quarantined(self.raw.decode("utf-8", "backslashreplace"), reason, self.source, 0, kind))

    def observations(self) -> Observations:
        """What was collected, as columns."""
        return Observations.columns(
            subject=self.subject,
            signal=self.signal,
            time=self.time,
            value=self.value,
            text=self.text,
            unit=self.unit,
            source=[self.source] * len(self.time),
            id=self.id,
            retracted=self.retracted,
        )
