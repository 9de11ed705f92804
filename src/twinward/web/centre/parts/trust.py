"""Can it be trusted: yesterday's bands against what came."""

from collections.abc import Sequence
from typing import Any

from twinward.web.centre.snapshot import Snapshot
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import percent

_W, _H, _PAD = 346, 76, 9


def card(shown: Snapshot, variable: str = "census", lead_hours: float = 24.0, wide: bool = False) -> Html:
    """A strip of the last bands with the truth in them, and what they add up to."""
    rows = shown.history.skill(shown.twin)
    lead_hours = _nearest(rows, variable, lead_hours)
    points = shown.history.skill_points(shown.twin, variable, lead_hours * 3600, 120 if wide else 30) if rows else []
    if not points:
        return tag(
            "p",
            tag("strong", "Not yet"),
            f"The first forecasts {lead_hours:g} h ahead are scored when their time has come.",
            class_="empty",
        )
    outside = shown.forecast.outside if shown.forecast is not None else ()
    valid = (
        tag("span", "outside validity: " + "; ".join(outside), class_="act")
        if outside
        else tag("span", "within validity", class_="fine")
    )
    return join(
        (strip(points, 1200 if wide else _W), tag("p", summary(rows, variable, lead_hours), " · ", valid, class_="sub"))
    )


def strip(points: Sequence[dict[str, Any]], width: int = _W) -> Html:
    """One bar a forecast (its 80 % band, centred), one dot the truth; yellow and hollow outside the band."""
    step = (width - 2 * _PAD) / max(1, len(points) - 1)
    widest = max(max(p["high"] - p["low"], abs(2 * (p["truth"] - (p["low"] + p["high"]) / 2))) for p in points) or 1.0
    scale = (_H - 12) / widest
    parts = []
    for i, point in enumerate(points):
        x, middle = _PAD + i * step, (point["low"] + point["high"]) / 2
        half = (point["high"] - point["low"]) / 2 * scale
        y = _H / 2 - (point["truth"] - middle) * scale
        is_out = not point["low"] <= point["truth"] <= point["high"]
        parts.append(
            tag(
                "line",
                x1=f"{x:.1f}",
                x2=f"{x:.1f}",
                y1=f"{_H / 2 - half:.1f}",
                y2=f"{_H / 2 + half:.1f}",
                stroke="var(--accent)",
                stroke_width="5",
                stroke_linecap="round",
                opacity=".25",
            )
        )
        fill, edge = ("var(--surface)", "var(--watch)") if is_out else ("var(--measured)", "none")
        parts.append(tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3.2", fill=fill, stroke=edge, stroke_width="2"))
    held = sum(p["low"] <= p["truth"] <= p["high"] for p in points)
    label = f"Last {len(points)} forecasts: the truth lay within the 80 % band {held} times"
    return tag("svg", *parts, class_="trust", viewBox=f"0 0 {width} {_H}", role="img", aria_label=label)


def summary(rows: Sequence[dict[str, Any]], variable: str, lead_hours: float) -> str:
    """Coverage, and the gain over persistence."""
    by = {r["method"]: r for r in rows if r["variable"] == variable and abs(r["lead_hours"] - lead_hours) < 0.1}
    said = []
    if "twin" in by:
        said.append(f"80 % bands held {percent(by['twin']['covered'])} of the time")
        if "persistence" in by and by["persistence"]["crps"]:
            gain = 1 - by["twin"]["crps"] / by["persistence"]["crps"]
            said.append(f"error {percent(abs(gain))} {'below' if gain >= 0 else 'above'} persistence")
    return " · ".join(said)


def _nearest(rows: Sequence[dict[str, Any]], variable: str, lead_hours: float) -> float:
    leads = {row["lead_hours"] for row in rows if row["variable"] == variable}
    return min(leads, key=lambda lead: abs(lead - lead_hours)) if leads else lead_hours
