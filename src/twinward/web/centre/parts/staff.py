"""Staff and equipment on duty against what is asked of them."""

from typing import Any
from zoneinfo import ZoneInfo

from twinward.twins.hospital.board import StaffNeed
from twinward.web.centre.parts.fan import GRID, WORDS, time_axis
from twinward.web.centre.words import axis, day_clock
from twinward.web.report.numbers import number


def options(pool: StaffNeed | None, zone: ZoneInfo) -> dict[str, Any]:
    """Steps for what is on duty, a band for the need."""
    if pool is None:
        return {"series": []}
    times = [axis(at, zone) for at in pool.times]
    common = {"type": "line", "symbol": "none", "silent": True, "animation": False, "emphasis": {"disabled": True}}
    need = [[t, round(v, 2)] for t, v in zip(times, pool.need, strict=True)]
    extra = [[t, round(max(0.0, h - v), 2)] for t, v, h in zip(times, pool.need, pool.need_high, strict=True)]
    return {
        "animation": False, "useUTC": True, "grid": {"left": 30, "right": 10, "top": 10, "bottom": 24},
        "xAxis": time_axis(5),
        "yAxis": {"type": "value", "min": 0, "splitNumber": 3, "splitLine": GRID, "axisLabel": WORDS},
        "series": [
            common | {"name": "need", "data": need, "stack": "need", "z": 4,
                      "lineStyle": {"color": "var(--accent)", "width": 2}},
            common | {"name": "need, 90 % of futures below", "data": extra, "stack": "need",
                      "lineStyle": {"opacity": 0}, "areaStyle": {"color": "var(--accent)", "opacity": 0.22}},
            common | {"name": "on duty", "step": "end", "z": 5,
                      "lineStyle": {"color": "var(--measured)", "width": 2.2},
                      "data": [[t, v] for t, v in zip(times, pool.staffed, strict=True)]},
        ],
    }  # fmt: skip


def said(pool: StaffNeed | None, zone: ZoneInfo) -> str:
    """When it is first short, in words."""
    if pool is None:
        return ""
    short = [at for at, is_short in zip(pool.times, pool.short, strict=True) if is_short]
    if not short:
        return "enough in the next two days"
    return f"short in {len(short)} of the next {len(pool.times)} hours, first {day_clock(short[0], zone)}"


def words(pool: StaffNeed | None, zone: ZoneInfo) -> str:
    """The chart in one sentence."""
    if pool is None:
        return "Nothing to show yet."
    most = max(range(len(pool.need)), key=lambda i: pool.need[i])
    return (
        f"{pool.label}: {said(pool, zone)}. Most is needed {day_clock(pool.times[most], zone)}: "
        f"{number(pool.need[most])} on average, {pool.staffed[most]} on duty."
    )
