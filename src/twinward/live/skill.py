"""Whether forecasts may be trusted: each is kept until its truth is written down, then scored."""

from collections import deque
from typing import Any

import msgspec
import numpy as np

from twinward.core.scoreboard import Scoreboard
from twinward.core.times import HOUR

TWIN, PERSISTENCE = "twin", "persistence"
_MONTH = 30 * 86400.0


class Kept(msgspec.Struct, frozen=True):
    """What the journal keeps of a forecast for scoring.

    Args:
        twin, at: which forecast; POSIX seconds.
        leads: seconds ahead.
        members: variable -> one list of members a lead.
        now: variable -> its value when the forecast was made.
    """

    twin: str
    at: float
    leads: list[float]
    members: dict[str, list[list[float]]]
    now: dict[str, float]


class Sample(msgspec.Struct, frozen=True):
    """What was so at an instant.

    Args:
        twin, at: whose, POSIX seconds.
        values: variable -> mean.
    """

    twin: str
    at: float
    values: dict[str, float]


class Skill:
    """Scores by twin; a forecast and a sample each count once, in any order of calls."""

    def __init__(self) -> None:
        self._boards: dict[str, Scoreboard] = {}
        self._samples: dict[str, dict[float, dict[str, float]]] = {}
        self._points: dict[str, deque[dict[str, Any]]] = {}
        self._seen: set[tuple[str, float]] = set()

    def forecast(self, kept: Kept) -> None:
        """A forecast was made."""
        if (kept.twin, kept.at) in self._seen:
            return
        self._seen.add((kept.twin, kept.at))
        board = self._boards.setdefault(kept.twin, Scoreboard())
        for variable, by_lead in kept.members.items():
            for lead, members in zip(kept.leads, by_lead, strict=True):
                at = round(kept.at + lead, 3)
                board.expect(TWIN, variable, kept.at, at, np.asarray(members))
                if variable in kept.now:
                    board.expect(PERSISTENCE, variable, kept.at, at, np.array([kept.now[variable]]))
                self._settle(kept.twin, at)

    def sample(self, sample: Sample) -> None:
        """The truth of an instant."""
        held = self._samples.setdefault(sample.twin, {})
        held[round(sample.at, 3)] = sample.values
        for old in [at for at in list(held)[:8] if at < sample.at - _MONTH]:
            del held[old]
        self._settle(sample.twin, round(sample.at, 3))

    def series(self, twin: str, variable: str, since: float, until: float) -> tuple[list[float], list[float]]:
        """What came: instants (POSIX seconds) and values."""
        rows = [
            (at, values[variable])
            for at, values in sorted(self._samples.get(twin, {}).items())
            if since <= at <= until and variable in values
        ]
        return [at for at, _ in rows], [value for _, value in rows]

    def latest(self, twin: str, at: float) -> dict[str, float]:
        """The last sample up to an instant."""
        held = [time for time in self._samples.get(twin, {}) if time <= at]
        return self._samples[twin][max(held)] if held else {}

    def rows(self, twin: str) -> list[dict[str, Any]]:
        """CRPS, coverage of the 80 % band and bias by variable, lead and method."""
        board = self._boards.get(twin)
        if board is None or not len(board.table()):
            return []
        return [
            {
                "variable": row["variable"],
                "lead_hours": row["lead"] / HOUR,
                "method": row["method"],
                "n": int(row["n"]),
                "crps": float(row["crps"]),
                "covered": float(row["covered"]),
                "bias": float(row["bias"]),
            }
            for row in board.summary().to_dict("records")
        ]

    def points(self, twin: str, variable: str, lead: float, limit: int = 200) -> list[dict[str, Any]]:
        """The last scored forecasts of a variable: 80 % band and truth."""
        board = self._boards.get(twin)
        if board is None:
            return []
        table = board.table()
        rows = table[(table["method"] == TWIN) & (table["variable"] == variable) & (abs(table["lead"] - lead) < 1.0)]
        return [
            {"at": row["at"], "lead": row["lead"], "low": row["q10"], "high": row["q90"], "truth": row["truth"]}
            for row in rows.tail(limit).to_dict("records")
        ]

    def _settle(self, twin: str, at: float) -> None:
        board, held = self._boards.get(twin), self._samples.get(twin, {})
        if board is None or at not in held:
            return
        for variable, value in held[at].items():
            board.came(variable, at, value)
