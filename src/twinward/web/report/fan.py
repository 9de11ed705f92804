"""Census: what came, what had been forecast, what is likely."""

import numpy as np

from twinward.core.times import DAY, utc
from twinward.core.times import text as duration
from twinward.web.report import svg
from twinward.web.report.facts import Bands, Facts
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number

SHOWN = 14 * DAY  # at most; less where the horizon is short, so that the future stays readable
_HORIZONS = 8
_W, _H, _LEFT, _RIGHT, _TOP, _BOTTOM = 1120, 290, 42, 14, 22, 26
_BANDS = (("b95", 0, 6), ("b80", 1, 5), ("b50", 2, 4))  # columns of the quantiles


def card(facts: Facts) -> Html:
    """One picture for the whole house and one for each unit, and the choice between them."""
    if facts.now is None or not len(facts.result.census):
        return tag("p", "Nothing to show: no instant was forecast.", class_="empty")
    units = [u for u in facts.result.units if u in facts.result.census] if len(facts.result.units) > 1 else []
    choices = [("census", "All units"), *((f"census: {u}", u) for u in units)]
    options = [tag("option", label, value=i) for i, (_, label) in enumerate(choices)]
    chooser = tag("label", "Show ", tag("select", *options, data_choose="fan")) if len(choices) > 1 else None
    figures = [
        tag(
            "figure", tag("figcaption", label),
            tag("div", _fan(facts, variable, label), class_="wide", **_region(label)),
            data_fan=i,
        )
        for i, (variable, label) in enumerate(choices)
    ]  # fmt: skip
    return join([tag("div", _legend(facts), chooser, class_="row"), *figures])


def _region(label: str) -> dict[str, object]:
    return {"tabindex": 0, "role": "region", "aria_label": f"Chart: {label}", "data_end": True}


def _legend(facts: Facts) -> Html:
    keys = (
        ("measured", "what came"), ("after", "what came after now"),
        ("past", f"forecast {duration(facts.lead)} before"), ("next", "forecast from now"),
    )  # fmt: skip
    return tag(
        "div", *(tag("span", tag("i", class_=key, aria_hidden="true"), words) for key, words in keys),
        tag("span", "bands hold 50, 80 and 95 % of the futures", class_="sub"), class_="legend",
    )  # fmt: skip


def _fan(facts: Facts, variable: str, label: str) -> Html:
    now = facts.now
    assert now is not None
    ahead, past = facts.ahead(variable), facts.past(variable)
    end = float(ahead.at[-1]) if len(ahead.at) else now
    frame = facts.result.census
    begin = max(now - min(SHOWN, max(_HORIZONS * (end - now), 3 * DAY)), float(min(frame["at"].iloc[0], now)))
    frame = frame[(frame["at"] >= begin) & (frame["at"] <= end)]
    at, truth = frame["at"].to_numpy(np.float64), frame[variable.removeprefix("census: ")].to_numpy(np.float64)
    inside = past.at >= begin
    past = Bands(past.at[inside], past.quantiles[inside])
    values = np.concatenate([truth, past.quantiles.ravel(), ahead.quantiles.ravel(), [1.0]])
    low, high = float(values.min()), float(values.max())
    low = 0.0 if low < 0.5 * high else low - 0.1 * (high - low)
    x = svg.Scale(begin, end if end > begin else begin + 1, _LEFT, _W - _RIGHT)
    y = svg.Scale(low, high + 0.06 * (high - low or 1), _H - _BOTTOM, _TOP)
    here = facts.census_at(now, variable.removeprefix("census: "))
    if len(ahead.at):  # the bands open at what is known now
        ahead = Bands(np.r_[now, ahead.at], np.vstack([np.full(7, here), ahead.quantiles]))
    parts = [*_axes(x, y, begin, end), *_bands(past, x, y, "past"), *_bands(ahead, x, y, "next")]
    parts += [_truth(at, truth, at <= now + 1, x, y, "measured"), _truth(at, truth, at >= now - 1, x, y, "after")]
    nx = x(now)
    parts += [svg.line(nx, _TOP - 6, nx, _H - _BOTTOM, "now"), svg.text(nx, _TOP - 9, "now", "middle", "strong")]
    if np.isfinite(here):
        parts.append(tag("circle", cx=f"{nx:.1f}", cy=f"{y(here):.1f}", r=4.5, class_="here"))
    return svg.picture(_W, _H, f"Census, {label}", _told(now, end, here, ahead), *parts)


def _told(now: float, end: float, here: float, ahead: Bands) -> str:
    said = f"{number(here)} at {utc(now):%d %b %H:%M} UTC"
    if not len(ahead.at):
        return said
    _, low, _, middle, _, high, _ = ahead.quantiles[-1]
    return f"{said}; forecast for {utc(end):%d %b %H:%M}: {number(middle)} ({number(low)} to {number(high)}, 80 % band)"


def _axes(x: svg.Scale, y: svg.Scale, begin: float, end: float) -> list[Html]:
    parts = []
    for value in svg.ticks(y.low, y.high):
        parts += [svg.line(_LEFT, y(value), _W - _RIGHT, y(value), "rule")]
        parts += [svg.text(_LEFT - 8, y(value) + 4, number(float(value)), "end")]
    parts += [svg.text(x(t), _H - 8, words, "middle") for t, words in svg.hours_of(begin, end) if x(t) < _W - 30]
    return parts


def _bands(bands: Bands, x: svg.Scale, y: svg.Scale, kind: str) -> list[Html]:
    if not len(bands.at):
        return []
    parts = []
    for width, lower, upper in _BANDS:
        up = [(x(t), y(v)) for t, v in zip(bands.at, bands.quantiles[:, upper], strict=True)]
        down = [(x(t), y(v)) for t, v in zip(bands.at, bands.quantiles[:, lower], strict=True)]
        parts.append(tag("path", d=svg.steps([*up, *down[::-1]]) + "Z", class_=f"{kind} {width}"))
    middle = [(x(t), y(v)) for t, v in zip(bands.at, bands.quantiles[:, 3], strict=True)]
    return [*parts, tag("path", d=svg.steps(middle), class_=f"{kind} median")]


def _truth(at: np.ndarray, truth: np.ndarray, shown: np.ndarray, x: svg.Scale, y: svg.Scale, kind: str) -> Html | None:
    if shown.sum() < 2:
        return None
    points = [(x(t), y(v)) for t, v in zip(at[shown], truth[shown], strict=True)]
    return tag("path", d=svg.steps(points), class_=f"truth {kind}")
