"""What a replay found, ready for a report: tables and numbers, no drawing."""

from dataclasses import dataclass, field

import pandas as pd

from twinward.core.comparison import Comparison
from twinward.core.scoreboard import Scoreboard


@dataclass(frozen=True, eq=False)
class FlowMap:
    """Where patients went.

    Args:
        nodes: columns `name`, `cases`, `events`, `median_hours` (time until the next event).
        edges: columns `source`, `target`, `count`, `median_hours`, `p90_hours`.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame


@dataclass(frozen=True, eq=False)
class ReplayResult:
    """A replay from the first forecast to the last.

    Args:
        title: what was replayed.
        subject, model_version: whose twin, which model.
        learned: columns `what`, `value`: what was learned from (events, cases, from, until, ...).
        notes: what a reader must know to read it right (time zones assumed, randomised dates, ...).
        every, horizon: seconds between forecasts, seconds ahead.
        units: names of the units, in order.
        board: every scored forecast. Variables "census", "census: UNIT", "arrivals"; methods "twin", "empty start",
            "climatology", "persistence".
        census: truth of the whole replay, columns `at` (POSIX seconds), `census`, and one a unit.
        next_step: columns `method`, `n`, `log_loss`, `brier`, `hit` (share in which the likeliest step came).
        remaining: columns `method`, `n`, `crps_hours`, `coverage` (80 %), `bias_hours`.
        flow: the flow map of the whole log.
        present: the patients at the last forecast: `case`, `unit`, `hours_here`, `remaining_low`, `remaining_median`,
            `remaining_high` (hours, 80 % band), `p_left` (chance of having left unseen), `next`, `p_next`.
        comparison: what-if at the last forecast.
        quarantine: kind of fault -> count.
    """

    title: str
    subject: str
    model_version: str
    learned: pd.DataFrame
    every: float
    horizon: float
    units: tuple[str, ...]
    board: Scoreboard
    census: pd.DataFrame
    flow: FlowMap
    next_step: pd.DataFrame
    remaining: pd.DataFrame
    present: pd.DataFrame
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()
    quarantine: dict[str, int] = field(default_factory=dict)
