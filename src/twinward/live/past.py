"""Time travel: a twin as it was known at a position of the journal, rebuilt bit for bit, and what differs since."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twinward.core import Twin
from twinward.core.times import utc
from twinward.errors import BadInput, CorruptSave
from twinward.journal.base import Journal
from twinward.live.facts import Alert, Forecasted
from twinward.live.mirror import Group, Mirror


@dataclass(frozen=True, slots=True)
class Past:
    """A past moment as it was known then.

    Args:
        time: POSIX seconds.
        position: of the journal up to which everything was known.
        forecast: what was, or would have been, forecast, with the kind's board.
        alerts: those that were open.
        recorded: the last forecast of the cadence that had been written down by then.
    """

    time: float
    position: int
    forecast: Forecasted
    alerts: tuple[Alert, ...]
    recorded: Forecasted | None = None


def rebuilt(
    journal: Journal, group: Group, subject: str, position: int, merges: Sequence[tuple[int, str, str]] = ()
) -> Twin:
    """The twin from the nearest checkpoint and the journal up to `position`.

    Args:
        journal: to read from.
        group: of the twin.
        subject: of the twin.
        position: up to which things were known.
        merges: every merge of the journal (position, old reference, new), in order.

    Raises:
        BadInput: nothing had been learnt by then.
    """
    if position < 1:
        raise BadInput("at", position, "an instant after the first message")
    mirror = Mirror([group])
    found = journal.checkpoint(f"twin/{subject}", position)
    since = 0
    if found is not None:
        try:
            mirror.adopt(subject, Twin.from_bytes(found[1], group.model), found[0])
            since = found[0]
        except CorruptSave:
            since = 0  # of an older model: the journal has everything
    for when, old, new in merges:
        if when <= since:
            mirror.alias(old, new)
    batch = []
    for entry in journal.read(since, position):
        batch.append(entry)
        if len(batch) == 5000:
            mirror.take(batch)
            batch = []
    mirror.take(batch)
    return mirror.twins[subject]


def difference(earlier: Past, later: Past) -> dict[str, Any]:
    """What changed from one moment to another: the first instant of each band, and alerts that came and went."""
    bands = []
    for name, band in later.forecast.bands.items():
        before = earlier.forecast.bands.get(name)
        if before is None or not band.quantiles or not before.quantiles:
            continue
        then, now = before.quantiles[0][3], band.quantiles[0][3]
        if then != now:
            bands.append({"variable": name, "label": band.label, "unit": band.unit, "then": then, "now": now})
    old, new = {a.id for a in earlier.alerts}, {a.id for a in later.alerts}
    return {
        "from": utc(earlier.time).isoformat(),
        "to": utc(later.time).isoformat(),
        "messages": later.position - earlier.position,
        "same_belief": earlier.forecast.belief == later.forecast.belief,
        "bands": sorted(bands, key=lambda row: -abs(row["now"] - row["then"])),
        "alerts_raised": sorted(new - old),
        "alerts_gone": sorted(old - new),
    }
