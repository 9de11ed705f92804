"""Arrivals by the hour: those that came, those to expect."""

from typing import Any
from zoneinfo import ZoneInfo

from twinward.twins.hospital.board import Arrivals, Board
from twinward.web.centre.parts.fan import GRID, WORDS, time_axis
from twinward.web.centre.words import axis, clock
from twinward.web.report.numbers import number

_AHEAD = 24


def options(zone: ZoneInfo, board: Board | None) -> dict[str, Any]:
    """Bars for what came, a band for what is to come."""
    found = board.arrivals if board is not None else Arrivals((), (), (), (), ())
    bars = [[axis(at, zone) + 1_800_000, n] for at, n in zip(found.past_times, found.past, strict=True)]
    times = [axis(at, zone) + 1_800_000 for at in found.ahead_times[:_AHEAD]]
    common = {"type": "line", "symbol": "none", "silent": True, "animation": False, "lineStyle": {"opacity": 0},
              "stack": "80", "emphasis": {"disabled": True}, "step": "middle"}  # fmt: skip
    lower = found.ahead[1] if found.ahead else ()
    upper = found.ahead[5] if found.ahead else ()
    return {
        "animation": False, "useUTC": True, "grid": {"left": 30, "right": 10, "top": 12, "bottom": 24},
        "xAxis": time_axis(6),
        "yAxis": {"type": "value", "min": 0, "splitNumber": 3, "splitLine": GRID, "axisLabel": WORDS},
        "series": [
            {"type": "bar", "name": "came", "data": bars, "barWidth": "62%", "silent": True, "animation": False,
             "itemStyle": {"color": "var(--measured)", "opacity": 0.8, "borderRadius": [2, 2, 0, 0]}},
            common | {"name": "_80", "data": [[t, v] for t, v in zip(times, lower, strict=False)]},
            common | {"name": "80 % likely", "areaStyle": {"color": "var(--accent)", "opacity": 0.28},
                      "data": [[t, h - v] for t, v, h in zip(times, lower, upper, strict=False)]},
            {"type": "line", "name": "expected", "symbol": "none", "silent": True, "animation": False,
             "step": "middle", "lineStyle": {"color": "var(--accent)", "width": 2},
             "data": [[t, round(v, 2)] for t, v in zip(times, found.ahead_mean, strict=False)]},
        ],
    }  # fmt: skip


def words(zone: ZoneInfo, board: Board | None) -> str:
    """The chart in one sentence."""
    if board is None or not board.arrivals.ahead_mean:
        return "Arrivals by the hour. Nothing to show yet."
    found = board.arrivals
    came = f"{sum(found.past)} patients came in the last {len(found.past)} hours. " if found.past else ""
    peak = max(range(min(_AHEAD, len(found.ahead_mean))), key=lambda i: found.ahead_mean[i])
    return (
        f"Arrivals by the hour. {came}{number(sum(found.ahead_mean[:_AHEAD]))} expected in the next {_AHEAD} hours, "
        f"most at {clock(found.ahead_times[peak], zone)}: {number(found.ahead_mean[peak])} an hour."
    )
