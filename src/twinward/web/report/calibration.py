"""Can it be trusted: the PIT histogram, the coverage of the bands, the score table."""

import numpy as np
import pandas as pd
from scipy import special

from twinward.core.scoreboard import Scoreboard
from twinward.core.times import text as duration
from twinward.twins.hospital.replay import TWIN
from twinward.web.report import svg
from twinward.web.report.facts import Facts
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number, percent
from twinward.web.report.tables import table

BINS = 10


def binomial_band(n: int, share: float, level: float = 0.95) -> tuple[float, float]:
    """The range that holds the share of hits in n independent trials with that probability at this level.

    Example:
        >>> low, high = binomial_band(1000, 0.1)
        >>> round(low, 2), round(high, 2)
        (0.08, 0.12)
    """
    k = np.arange(n + 1)
    below = special.bdtr(k, n, share)
    low, high = np.searchsorted(below, [(1 - level) / 2, (1 + level) / 2])
    return float(low / n), float(high / n)


def card(facts: Facts) -> Html:
    """The histogram and, in words, what the band held."""
    if TWIN not in facts.scores.index:
        return tag("p", "No forecast could be held against the truth yet.", class_="empty")
    row, board = facts.scores.loc[TWIN], facts.result.board
    n = int(row["n"])
    independent = max(1, min(n, round(n * facts.result.every / facts.lead)))
    shares = board.pit("census", TWIN, facts.lead, BINS)
    low, high = binomial_band(independent, 1 / BINS)
    held_low, held_high = binomial_band(independent, board.level)
    return join(
        [
            tag("div", _histogram(shares, low, high), class_="narrow"),
            tag(
                "p", "The ", percent(board.level), " band held ", tag("strong", percent(row["covered"])),
                " of the time; chance alone gives ", percent(held_low), " to ", percent(held_high), ".",
            ),
            tag(
                "p", f"{n:,} forecasts, {duration(facts.lead)} ahead, as many as about {independent:,} that do not "
                "overlap (the grey range). Flat: what came was as often high as low in the forecast. A hill: bands too "
                "wide. A valley: too narrow. A slope: too high or too low.", class_="sub",
            ),
        ]
    )  # fmt: skip


def _histogram(shares: np.ndarray, low: float, high: float) -> Html:
    width, height, left, bottom = 420, 190, 34, 34
    x = svg.Scale(0, BINS, left, width - 6)
    y = svg.Scale(0, max(float(np.nanmax(shares)), high, 0.2) * 1.08, height - bottom, 8)
    parts = [svg.rect(left, y(high), width - 6 - left, y(low) - y(high), "chance")]
    for value in svg.ticks(0, y.high, 4):
        parts.append(svg.text(left - 6, y(value) + 4, percent(float(value)), "end"))
    for i, share in enumerate(shares):
        outside = not low <= share <= high
        mark = tag("title", f"{i * 10} to {i * 10 + 10} %: {percent(float(share))}")
        parts.append(
            svg.rect(x(i) + 2, y(share), x(1) - x(0) - 4, y(0) - y(share), "bar out" if outside else "bar", mark)
        )
    parts += [
        svg.line(left, y(1 / BINS), width - 6, y(1 / BINS), "flat"),
        svg.line(left, y(0), width - 6, y(0), "axis"),
    ]
    for i, words in ((0, "0 %"), (BINS / 2, "50 %"), (BINS, "100 %")):
        parts.append(
            svg.text(x(i), height - bottom + 14, words, "start" if i == 0 else "end" if i == BINS else "middle")
        )
    parts.append(svg.text((left + width) / 2, height - 4, "where in the forecast the truth fell", "middle"))
    worst = int(np.nanargmax(np.abs(shares - 1 / BINS)))
    told = f"Flat would be {percent(1 / BINS)} in each tenth; furthest: tenth {worst + 1}, {percent(shares[worst])}"
    return svg.picture(width, height, "PIT histogram of the census", told, *parts)


def score_card(facts: Facts) -> Html:
    """CRPS and coverage by variable and lead, every method; the units folded away."""
    summary = facts.summary
    if not len(summary):
        return tag("p", "No forecast could be held against the truth yet.", class_="empty")
    of_unit = summary["variable"].str.startswith("census: ")
    parts = [_scores(summary[~of_unit], facts.result.board, "Scores of the census and the arrivals")]
    if of_unit.any():
        units = _scores(summary[of_unit], facts.result.board, "Scores by unit")
        parts.append(tag("details", tag("summary", "Unit by unit"), units))
    return join(parts)


def _scores(summary: pd.DataFrame, board: Scoreboard, caption: str) -> Html:
    methods = list(summary["method"].unique())
    rows = []
    named = summary.assign(flow=summary["variable"].str.startswith("arrivals"), what=summary["variable"].map(_what))
    for (_, what, lead), found in named.groupby(["flow", "what", "lead"]):
        found = found.set_index("method")
        best = found["crps"].min()
        cells: list[object] = [what, duration(float(lead))]
        for method in methods:
            if method not in found.index:
                cells.append(number(float("nan")))
                continue
            crps, held = found.loc[method, "crps"], found.loc[method, "covered"]
            value = tag("strong", "✓ ", number(crps)) if crps == best else number(crps)
            cells.append(join([value, tag("small", percent(held))]))
        rows.append(cells)
    heads = ["What", "Ahead", *methods]
    said = f"{caption}: CRPS (smaller is better, ✓ the smallest), below it how often the {board.level:.0%} band held"
    return table(said, heads, rows, left=1)


def _what(variable: str) -> str:
    """A variable as a person reads it: the unit alone, arrivals without the lead that stands beside."""
    if variable.startswith("census: "):
        return variable.removeprefix("census: ")
    return variable.split(" ")[0].capitalize()
