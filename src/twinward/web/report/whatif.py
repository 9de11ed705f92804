"""What if: differences from the baseline, side effects in the same table, the main outcome as a picture."""

import numpy as np
import pandas as pd

from twinward.core.comparison import Comparison
from twinward.web.report import svg
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number, percent, unit
from twinward.web.report.tables import table

_BETTER = {"lower": -1.0, "higher": 1.0, "neither": 0.0}
_MARKS = {"fine": "●", "act": "▲", "": ""}


def card(comparison: Comparison | None) -> Html:
    """The table and the picture."""
    if comparison is None:
        return tag("p", "No scenario was rehearsed.", class_="empty")
    found = comparison.table()
    main = _main(comparison)
    return join([_whiskers(found[found["outcome"] == main], comparison), _table(found, comparison, main)])


def _main(comparison: Comparison) -> str:
    """The first outcome that can be better or worse."""
    names = list(comparison.outcomes)
    return next((name for name in names if comparison.outcomes[name].better != "neither"), names[0] if names else "")


def verdict(row: pd.Series) -> str:
    """ "fine": better beyond chance, "act": worse beyond chance, "": neither."""
    gain = _BETTER[row["better"]] * np.sign(row["difference"])
    return "" if not row["clear"] or gain == 0 else "fine" if gain > 0 else "act"


def _said(value: float, row: pd.Series, signed: bool = True) -> str:
    if _is_share(row):
        return percent(value, signed)
    return number(value, signed)


def _is_share(row: pd.Series) -> bool:
    return bool(row["unit"] == "1" and str(row["label"]).lower().startswith("share"))


def _table(found: pd.DataFrame, comparison: Comparison, main: str) -> Html:
    outcomes = comparison.outcomes
    best = _proposed(found, comparison, main)
    heads: list[object] = ["Scenario"]
    for name, outcome in outcomes.items():
        heads.append(join([outcome.label, tag("small", unit(outcome.unit) or ("%-points" if name else ""))]))
    rows = []
    for scenario in comparison.forecasts:
        mine = found[found["scenario"] == scenario].set_index("outcome")
        cells: list[object] = [tag("strong", "✓ ", scenario) if scenario == best else scenario]
        for name in outcomes:
            cells.append(_cell(mine.loc[name], scenario == comparison.baseline))
        rows.append(cells)
    caption = (
        f"Differences from '{comparison.baseline}' (its row: levels), mean of paired futures, 95 % interval below; "
        "● better, ▲ worse, no mark: not told apart from chance, or neither is better; ✓ best in the first outcome"
    )
    return table(caption, heads, rows)


def _cell(row: pd.Series, is_baseline: bool) -> Html:
    if is_baseline:
        return join([_said(row["level"], row, signed=False)])
    state = verdict(row)
    if row["difference"] == 0 and not row["clear"]:
        return join(["0"])
    spoken = {"fine": "better", "act": "worse", "": ""}[state]
    mark = tag("span", _MARKS[state], " ", class_=state, role="img", aria_label=spoken) if state else None
    interval = tag("small", f"{_said(row['low'], row)} to {_said(row['high'], row)}")
    return join([mark, tag("span", _said(row["difference"], row), class_=state or None), interval])


def _proposed(found: pd.DataFrame, comparison: Comparison, main: str) -> str | None:
    """The scenario that is best by the main outcome, if it is better than the baseline beyond chance."""
    if not main:
        return None
    first = comparison.ranking(main).iloc[0]
    return str(first["scenario"]) if verdict(first) == "fine" else None


def _whiskers(rows: pd.DataFrame, comparison: Comparison) -> Html | None:
    rows = rows[(rows["scenario"] != comparison.baseline) & np.isfinite(rows["difference"])]
    if not len(rows):
        return None
    first = rows.iloc[0]
    left, width, step, top = 290, 860, 30, 8
    height = top + step * len(rows) + 40
    factor = 100.0 if _is_share(first) else 1.0
    ends = factor * rows[["difference", "low", "high"]].to_numpy(np.float64)
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    pad = 0.06 * (high - low or 1.0)
    x = svg.Scale(low - pad, high + pad, left, width - 16)
    bottom = top + step * len(rows)
    parts = []
    for value in svg.ticks(x.low, x.high, 8):
        parts += [svg.line(x(value), top, x(value), bottom, "rule")]
        parts += [svg.text(x(value), bottom + 15, number(float(value), signed=True), "middle")]
    parts.append(svg.line(x(0), top, x(0), bottom, "zero"))
    for i, (_, row) in enumerate(rows.iterrows()):
        y, state = top + step * (i + 0.5), verdict(row)
        middle, begin, end = (x(factor * row[name]) for name in ("difference", "low", "high"))
        name = str(row["scenario"])
        short = name if len(name) <= 42 else name[:40] + "…"
        parts.append(svg.text(left - 14, y + 4, short, "end", "label"))
        if np.isfinite(begin):
            parts.append(svg.line(begin, y, end, y, f"whisker {state}"))
        parts.append(_mark(middle, y, state))
    what = f"{first['label']}, difference{' in ' if unit(first['unit']) else ''}{unit(first['unit'])}"
    what += " in %-points" if factor == 100 else ""
    parts.append(svg.text((left + width) / 2, height - 4, f"{what} ({first['better']} is better)", "middle"))
    told = "; ".join(f"{r['scenario']}: {_said(r['difference'], r)}" for _, r in rows.iterrows())
    return tag("div", svg.picture(width, height, what, told, *parts), class_="wide whiskers", tabindex=0, role="region",
               aria_label=f"Chart: {what}")  # fmt: skip


def _mark(x: float, y: float, state: str) -> Html:
    if state == "act":
        return tag("path", d=f"M{x:.1f} {y - 6:.1f}l6 11h-12Z", class_="mark act")
    return tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=5, class_=f"mark {state}")
