"""What every chart is made of: a titled picture, scales, ticks, paths."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.times import DAY, HOUR, utc
from twinward.web.report.html import Html, tag


def picture(width: float, height: float, title: str, told: str, *children: object) -> Html:
    """A chart that a screen reader can tell: `title` says what it is, `told` what is to be seen."""
    return tag(
        "svg", tag("title", title), tag("desc", told), *children,
        role="img", aria_label=f"{title}. {told}", viewBox=f"0 0 {width:g} {height:g}",
    )  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """Linear, from [low, high] to pixels [begin, end]."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low or 1.0
        return self.begin + (value - self.low) / span * (self.end - self.begin)


def text(x: float, y: float, words: object, anchor: str = "start", class_: str | None = None) -> Html:
    """Words at a point."""
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    """A straight line."""
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=class_)


def rect(x: float, y: float, width: float, height: float, class_: str, *children: object, round_: float = 0) -> Html:
    """A rectangle."""
    return tag(
        "rect", *children, x=f"{x:.1f}", y=f"{y:.1f}", width=f"{max(width, 0):.1f}", height=f"{max(height, 0):.1f}",
        rx=round_ or None, class_=class_,
    )  # fmt: skip


def steps(points: Iterable[tuple[float, float]]) -> str:
    """Path data of straight pieces through the points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def ticks(low: float, high: float, about: int = 5) -> FloatArray:
    """Round numbers between two values.

    Example:
        >>> ticks(0, 23).tolist()
        [0.0, 5.0, 10.0, 15.0, 20.0]
    """
    raw = max(high - low, 1e-9) / about
    power = 10 ** np.floor(np.log10(raw))
    width = next((power * m for m in (1, 2, 5) if power * m >= raw), 10 * power)
    first = np.ceil(low / width - 1e-9)
    return np.asarray(width * np.arange(first, np.floor(high / width + 1e-9) + 1) + 0.0)


def hours_of(low: float, high: float, most: int = 12) -> list[tuple[float, str]]:
    """Instants on whole days or hours (UTC) and what is written there."""
    for width in (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, *(DAY * 2**i for i in range(1, 16))):
        first = np.ceil(low / width)
        found = width * np.arange(first, np.floor(high / width) + 1)
        if len(found) <= most:
            break
    words = [f"{utc(t):%a} {utc(t).day} {utc(t):%b}" if t % DAY == 0 else f"{utc(t):%H:%M}" for t in found]
    return [(float(t), word) for t, word in zip(found, words, strict=True)]
