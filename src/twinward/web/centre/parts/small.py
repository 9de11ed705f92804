"""A small fan as SVG, drawn by the server: a wall of forty is changed in place, path by path, at little cost."""

import math
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from twinward.core.times import DAY
from twinward.live.facts import Band
from twinward.web.centre.words import local
from twinward.web.report.html import Html, tag
from twinward.web.report.numbers import number

_W, _H, _LEFT, _RIGHT, _TOP, _BOTTOM = 280, 104, 30, 6, 6, 18
_BANDS = (("b95", 0, 6), ("b80", 1, 5), ("b50", 2, 4))  # columns of `LEVELS`
_MEASURED = 96  # points at most: more than the picture has pixels to show apart


def fan(
    zone: ZoneInfo, now: float, came: tuple[Sequence[float], Sequence[float]], ahead: Band | None, label: str
) -> Html:
    """The picture.

    Args:
        zone, now: the hospital's clock; POSIX seconds.
        came: times and values measured.
        ahead: the forecast.
        label: what it shows, in one sentence.
    """
    times, values = came[0][:: _every(came[0])], came[1][:: _every(came[0])]
    rows = list(ahead.quantiles) if ahead is not None else []
    at = list(ahead.times) if ahead is not None else []
    if values and rows and at[0] > now:  # the bands open at what is known now
        at, rows = [now, *at], [(float(came[1][-1]),) * 7, *rows]
    shown = [*values, *(row[0] for row in rows), *(row[6] for row in rows)]
    if not shown:
        return tag("p", "Nothing to show yet.", class_="sub")
    low, high, step = scale(min(shown), max(shown), 2)
    begin, end = min([now, *times[:1], *at[:1]]), max([now, *at[-1:]])
    wide = (_W - _LEFT - _RIGHT) / ((end - begin) or 1.0)
    tall = (_H - _TOP - _BOTTOM) / (high - low)

    def point(time: float, value: float) -> str:
        return f"{_LEFT + (time - begin) * wide:.1f} {_H - _BOTTOM - (value - low) * tall:.1f}"

    parts = _axes(zone, begin, end, low, high, step, wide, tall)
    for name, below, above in _BANDS if rows else ():
        edge = [point(t, row[above]) for t, row in zip(at, rows, strict=True)]
        back = [point(t, row[below]) for t, row in zip(reversed(at), reversed(rows), strict=True)]
        parts.append(tag("path", d="M" + "L".join(edge + back) + "Z", class_=name))
    if rows:
        middle = "M" + "L".join(point(t, row[3]) for t, row in zip(at, rows, strict=True))
        parts.append(tag("path", d=middle, class_="median"))
    if len(values):
        line = "M" + "L".join(point(t, v) for t, v in zip(times, values, strict=True))
        parts.append(tag("path", d=line, class_="came"))
    x = f"{_LEFT + (now - begin) * wide:.1f}"
    parts.append(tag("line", x1=x, x2=x, y1=_TOP, y2=_H - _BOTTOM, class_="now"))
    return tag("svg", *parts, class_="small", viewBox=f"0 0 {_W} {_H}", role="img", aria_label=label)


def scale(low: float, high: float, parts: int) -> tuple[float, float, float]:
    """Ends and step of a scale on round numbers, so that it stays where it is while things move a little.

    Example:
        >>> scale(147.0, 219.0, 4), scale(0.0, 5.0, 2)
        ((140.0, 220.0, 20.0), (0.0, 6.0, 3.0))
    """
    step = _round(max(high - low, 2.0) / parts)
    bottom = 0.0 if low < 0.4 * high else max(0.0, low // step * step)
    return float(bottom), float(max(math.ceil(high / step) * step, bottom + step)), float(step)


def _round(size: float) -> float:
    """The least of 1, 2, 2.5 (from 25 on), 3 (below 10) and 5 times a power of ten that is at least `size`."""
    power = 10.0 ** math.floor(math.log10(size))
    factors = (1, 2, 2.5, 5, 10) if power >= 10 else (1, 2, 3, 5, 10)
    return next(factor * power for factor in factors if factor * power >= size * (1 - 1e-9))


def _every(times: Sequence[float]) -> int:
    return max(1, len(times) // _MEASURED)


def _axes(
    zone: ZoneInfo, begin: float, end: float, low: float, high: float, step: float, wide: float, tall: float
) -> list[Html]:
    parts = []
    for i in range(round((high - low) / step) + 1):
        y = f"{_H - _BOTTOM - i * step * tall:.1f}"
        parts.append(tag("line", x1=_LEFT, x2=_W - _RIGHT, y1=y, y2=y, class_="rule"))
        parts.append(tag("text", number(low + i * step), x=_LEFT - 5, y=f"{float(y) + 4:.1f}", text_anchor="end"))
    day = local(begin, zone).replace(hour=0, minute=0, second=0, microsecond=0).timestamp() + DAY
    while day < end:
        noon = local(day + DAY / 12, zone)  # two hours on: a day of 23 or 25 hours must not name another one
        x = _LEFT + (day - begin) * wide
        if x < _W - 28:
            parts.append(tag("text", f"{noon:%a} {noon.day}", x=f"{x:.1f}", y=_H - 4, text_anchor="middle"))
        day += DAY
    return parts
