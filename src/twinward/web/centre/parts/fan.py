"""A chart of what came, what had been forecast, and what is likely: options for ECharts, and the same in words."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from twinward.live.facts import Band
from twinward.web.centre.parts.small import scale
from twinward.web.centre.words import axis, day_clock
from twinward.web.report.html import Html, tag
from twinward.web.report.numbers import number, unit

# (name, column below, column above, opacity): the 95, 80 and 50 % bands of `LEVELS`
_BANDS = (("95 %", 0, 6, 0.15), ("80 %", 1, 5, 0.2), ("50 %", 2, 4, 0.3))
# Colours are the page's own properties: the chart follows the theme, and paper, without being drawn again.
GRID = {"lineStyle": {"color": "var(--line)"}}
WORDS = {"color": "var(--muted)", "fontSize": 11.5}
_TOOLTIP = """(items) => {
  const head = new Date(items[0].value[0]).toLocaleString("en-GB", {timeZone: "UTC", weekday: "short", day: "numeric",
    month: "short", hour: "2-digit", minute: "2-digit"});
  const n = (x) => Number(x).toLocaleString("en", {maximumFractionDigits: 1});
  const rows = items.filter((i) => i.seriesName && !i.seriesName.startsWith("_")).map((i) => i.value.length > 2
    ? `<tr><td>${i.seriesName}</td><td>${n(i.value[2])} to ${n(i.value[3])}</td></tr>`
    : `<tr><td>${i.seriesName}</td><td><b>${n(i.value[1])}</b></td></tr>`);
  return `<b>${head}</b><table>${rows.join("")}</table>`;
}"""


def options(
    zone: ZoneInfo,
    now: float,
    came: tuple[Sequence[float], Sequence[float]],
    foretold: Band | None,
    ahead: Band | None,
    capacity: float | None = None,
    capacity_words: str = "staffed beds",
    now_words: str = "now",
) -> dict[str, Any]:
    """ECharts options.

    Args:
        zone, now: the hospital's clock; POSIX seconds.
        came: times and values measured.
        foretold: what had been forecast a day before.
        ahead: the forecast.
        capacity: a line that should not be crossed.
        now_words: what the line at `now` is called; "then" in the past.
    """
    series: list[dict[str, Any]] = []
    if foretold is not None:
        series += _band("a day before", "past", foretold, zone, (("80 %", 1, 5, 0.3),))
    if ahead is not None:
        held = came[1][-1] if len(came[1]) else None
        opened = _opened(ahead, now, held)
        series += _band("likely", "accent", opened, zone, _BANDS)
        middle = [[axis(at, zone), row[3]] for at, row in zip(opened.times, opened.quantiles, strict=True)]
        series.append(_line("middle", middle, "var(--accent)", 2))
    measured = [[axis(at, zone), value] for at, value in zip(*came, strict=True)]
    series.append(_line("measured", measured, "var(--measured)", 2.2) | {"markLine": _now(now, zone, now_words)})
    if measured:
        series.append(
            {"type": "scatter", "name": "_now", "data": [measured[-1]], "symbolSize": 9, "silent": True,
             "animation": False, "z": 9,
             "itemStyle": {"color": "var(--bg)", "borderColor": "var(--measured)", "borderWidth": 2}}
        )  # fmt: skip
    if capacity is not None:
        series[-1]["markLine"] = _capacity(capacity, capacity_words)
    return _frame() | {
        "yAxis": _y(*_range(came, foretold, ahead, capacity)),
        "series": series,
    }


def time_axis(parts: int) -> dict[str, Any]:
    """An axis of hours and days in the hospital's zone, cut into about so many parts."""
    words = {"year": "{ee} {d} {MMM}", "month": "{ee} {d} {MMM}", "day": "{ee} {d}", "hour": "{HH}:{mm}"}
    return {
        "type": "time", "axisLine": GRID, "axisTick": {"show": False}, "splitLine": {"show": False},
        "splitNumber": parts, "axisLabel": WORDS | {"hideOverlap": True, "formatter": words},
    }  # fmt: skip


def _frame() -> dict[str, Any]:
    return {
        "animation": False,
        "useUTC": True,
        "grid": {"left": 42, "right": 16, "top": 22, "bottom": 26},
        "xAxis": time_axis(8),
        "tooltip": {
            "trigger": "axis", ":formatter": _TOOLTIP, "backgroundColor": "var(--surface-2)", "confine": True,
            "borderColor": "var(--line)", "textStyle": {"color": "var(--text)", "fontSize": 12.5},
            "axisPointer": {"lineStyle": {"color": "var(--muted)"}},
        },
    }  # fmt: skip


def _y(low: float, high: float, step: float) -> dict[str, Any]:
    return {
        "type": "value", "min": low, "max": high, "interval": step, "splitLine": GRID,
        "axisLabel": WORDS | {"showMaxLabel": True},
    }  # fmt: skip


def _opened(band: Band, now: float, held: float | None) -> Band:
    """The band from what is known now on."""
    if held is None or not band.times or band.times[0] <= now:
        return band
    return Band(band.variable, band.label, band.unit, (now, *band.times), ((held,) * 7, *band.quantiles))


def _band(name: str, colour: str, band: Band, zone: ZoneInfo, which: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Each band as two stacked lines: its lower edge, unseen, and its width, filled."""
    found = []
    times = [axis(at, zone) for at in band.times]
    for words, below, above, opacity in which:
        common = {"type": "line", "stack": f"{name} {words}", "symbol": "none", "silent": True, "animation": False,
                  "lineStyle": {"opacity": 0}, "stackStrategy": "all", "emphasis": {"disabled": True}}  # fmt: skip
        lower = [[t, row[below]] for t, row in zip(times, band.quantiles, strict=True)]
        width = [
            [t, row[above] - row[below], row[below], row[above]] for t, row in zip(times, band.quantiles, strict=True)
        ]
        found.append(common | {"name": f"_{name} {words}", "data": lower})
        found.append(
            common
            | {"name": f"{words} {name}", "data": width, "areaStyle": {"color": f"var(--{colour})", "opacity": opacity}}
        )
    return found


def _line(name: str, data: list[list[float]], colour: str, width: float) -> dict[str, Any]:
    return {
        "type": "line", "name": name, "data": data, "symbol": "none", "silent": True, "animation": False, "z": 5,
        "lineStyle": {"color": colour, "width": width}, "itemStyle": {"color": colour}, "emphasis": {"disabled": True},
    }  # fmt: skip


def _now(now: float, zone: ZoneInfo, words: str) -> dict[str, Any]:
    label = {"show": True, "formatter": words, "color": "var(--text)", "fontSize": 11.5, "fontWeight": 650}
    return {
        "symbol": "none", "silent": True, "animation": False, "data": [{"xAxis": axis(now, zone)}],
        "lineStyle": {"color": "var(--accent)", "width": 1.5, "type": "solid"}, "label": label,
    }  # fmt: skip


def _capacity(capacity: float, words: str) -> dict[str, Any]:
    label = {"show": True, "formatter": f"{words} {number(capacity)}", "color": "var(--act)", "fontSize": 11.5,
             "position": "insideEndTop"}  # fmt: skip
    return {
        "symbol": "none", "silent": True, "animation": False, "data": [{"yAxis": capacity}],
        "lineStyle": {"color": "var(--act)", "width": 1.2, "type": "dashed"}, "label": label,
    }  # fmt: skip


def _range(
    came: tuple[Sequence[float], Sequence[float]], foretold: Band | None, ahead: Band | None, capacity: float | None
) -> tuple[float, float, float]:
    """Ends and step of the scale; a capacity far above everything is left out."""
    values = [*came[1]]
    for band in (foretold, ahead):
        if band is not None:
            values += [v for row in band.quantiles for v in (row[0], row[6])]
    if not values:
        return 0.0, 1.0, 1.0
    low, high = min(values), max(values)
    if capacity is not None and capacity < high + 0.6 * (high - low):
        high = max(high, capacity)
    return scale(low, high + 0.02 * (high - low), 4)


def words(
    name: str, zone: ZoneInfo, now: float, came: tuple[Sequence[float], Sequence[float]], ahead: Band | None
) -> str:
    """The chart in one sentence, for those who do not see it."""
    said = [f"{name}."]
    what = f" {unit(ahead.unit)}" if ahead is not None and ahead.unit != "1" else ""
    if len(came[1]):
        said.append(f"{number(float(came[1][-1]))}{what} at {day_clock(now, zone)}.")
    if ahead is not None and ahead.times:
        for i in sorted({min(len(ahead.times) - 1, 11), len(ahead.times) - 1}):
            _, low, _, middle, _, high, _ = ahead.quantiles[i]
            said.append(
                f"{day_clock(ahead.times[i], zone)}: {number(middle)}{what}, "
                f"{number(low)} to {number(high)} in 80 of 100 futures."
            )
    return " ".join(said) if len(said) > 1 else f"{name}. Nothing to show yet."


def table(zone: ZoneInfo, came: tuple[Sequence[float], Sequence[float]], ahead: Band | None, caption: str) -> Html:
    """The chart as a table: every third hour."""
    rows = [(at, number(float(v)), "", "") for at, v in list(zip(*came, strict=True))[-24::6]]
    if ahead is not None:
        rows += [
            (at, number(row[3]), f"{number(row[1])} to {number(row[5])}", f"{number(row[0])} to {number(row[6])}")
            for at, row in list(zip(ahead.times, ahead.quantiles, strict=True))[2::3]
        ]
    head = (
        "Time",
        f"Value, {unit(ahead.unit)}" if ahead is not None and unit(ahead.unit) else "Value",
        "80 % band",
        "95 % band",
    )
    body = [
        tag("tr", tag("td", day_clock(at, zone)), *(tag("td", cell, class_="num") for cell in cells))
        for at, *cells in rows
    ]
    headers = [tag("th", words, scope="col", class_="num" if i else None) for i, words in enumerate(head)]
    whole = tag("table", tag("caption", caption), tag("thead", tag("tr", *headers)), tag("tbody", *body))
    return tag("details", tag("summary", "As a table"), tag("div", whole, class_="scroll", tabindex="0"), class_="alt")
