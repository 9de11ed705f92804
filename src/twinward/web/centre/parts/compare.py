"""Scenarios side by side over time: the median of each and its 80 % band."""

from typing import Any
from zoneinfo import ZoneInfo

from twinward.live.facts import Rehearsed
from twinward.web.centre.parts.fan import GRID, WORDS, time_axis
from twinward.web.centre.words import axis, day_clock
from twinward.web.report.numbers import number, unit

# Each scenario has a colour and a kind of line: never colour alone.
STYLES = (
    ("muted", "dashed"),
    ("accent", "solid"),
    ("past", "solid"),
    ("watch", [6, 3]),
    ("fine", [2, 3]),
    ("act", [10, 4]),
)


def variables(done: Rehearsed) -> list[tuple[str, str]]:
    """(name, label) of what can be shown: counts of the hospital and its units first."""
    bands = next(iter(done.bands.values()), {})
    order = sorted(
        bands, key=lambda name: (not name.startswith(("census", "unit_census")), name.partition("[")[0] != "census")
    )
    return [(name, bands[name].label) for name in order if any(row[6] > 0 for row in bands[name].quantiles)][:40]


def options(done: Rehearsed | None, variable: str, zone: ZoneInfo) -> dict[str, Any]:
    """ECharts options."""
    if done is None:
        return {"series": []}
    series: list[dict[str, Any]] = []
    for (name, bands), (colour, line) in zip(done.bands.items(), STYLES, strict=False):
        band = bands.get(variable)
        if band is None:
            continue
        times = [axis(at, zone) for at in band.times]
        common = {"type": "line", "symbol": "none", "silent": True, "animation": False, "emphasis": {"disabled": True}}
        hidden = common | {"stack": name, "lineStyle": {"opacity": 0}, "stackStrategy": "all"}
        rows = list(zip(times, band.quantiles, strict=True))
        series += [
            hidden | {"name": f"_{name}", "data": [[t, row[1]] for t, row in rows]},
            hidden | {"name": f"_{name} 80 %", "areaStyle": {"color": f"var(--{colour})", "opacity": 0.13},
                      "data": [[t, row[5] - row[1]] for t, row in rows]},
            common | {"name": name, "data": [[t, row[3]] for t, row in rows], "z": 5,
                      "itemStyle": {"color": f"var(--{colour})"},
                      "lineStyle": {"color": f"var(--{colour})", "width": 2.2, "type": line}},
        ]  # fmt: skip
    names = list(done.bands)
    return {
        "animation": False, "useUTC": True, "grid": {"left": 42, "right": 16, "top": 34, "bottom": 26},
        "legend": {"data": names, "icon": "path://M0 3h26v3h-26z", "top": 0, "left": 0, "textStyle": WORDS,
                   "itemWidth": 26, "selectedMode": False},
        "xAxis": time_axis(8),
        "yAxis": {"type": "value", "scale": True, "splitNumber": 4, "splitLine": GRID, "axisLabel": WORDS},
        "series": series,
    }  # fmt: skip


def words(done: Rehearsed | None, variable: str, zone: ZoneInfo) -> str:
    """The chart in one sentence a scenario."""
    if done is None:
        return "Nothing has been rehearsed yet."
    said = []
    for name, bands in done.bands.items():
        if (band := bands.get(variable)) is not None and band.quantiles:
            row = band.quantiles[-1]
            at = day_clock(band.times[-1], zone)
            said.append(f"{name}: {number(row[3])} {unit(band.unit)} at {at}, {number(row[1])} to {number(row[5])}")
    return ". ".join(said) + "."
