"""What an experiment of the tables does: settings and boluses, at the table's times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of an experiment.

    Args:
        row: which of its section's contexts (in the order of the table, from 0) it is judged by; None: by none.
        set: inputs of the body that are set at the step's beginning.
        give: amounts added to states then (boluses, meals).
        at, sample: seconds of the experiment at which it begins and is looked at; where None the table's own.
        until: seconds at which `after` is set (an infusion's end), where not None.
        after: inputs set at `until`.
        from_rest: the row's directions count from rest, not from what was just before.
    """

    row: int | None
    set: Mapping[str, float] = field(default_factory=dict)
    give: Mapping[str, float] = field(default_factory=dict)
    at: float | None = None
    sample: float | None = None
    until: float | None = None
    after: Mapping[str, float] = field(default_factory=dict)
    from_rest: bool = False
