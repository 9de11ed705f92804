"""Tables that can be read by eye, keyboard and screen reader; and the small tables of the report."""

from collections.abc import Iterable, Sequence

import numpy as np

from twinward.twins.hospital.result import ReplayResult
from twinward.web.report import svg
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import hours, number, percent

MOST = 60  # rows of patients


def table(caption: str, heads: Sequence[object], rows: Iterable[Sequence[object]], left: int = 1) -> Html:
    """A table whose first column names the row; `left` columns are words, the others numbers."""
    head = tag("tr", *(tag("th", h, scope="col", class_="w" if i < left else None) for i, h in enumerate(heads)))
    body = [
        tag(
            "tr", tag("th", row[0], scope="row"),
            *(tag("td", cell, class_="w" if i < left else None) for i, cell in enumerate(row[1:], 1)),
        )
        for row in rows
    ]  # fmt: skip
    if not body:
        return tag("p", "Nothing to show yet.", class_="empty")
    made = tag("table", tag("caption", tag("span", caption)), tag("thead", head), tag("tbody", *body))
    return tag("div", made, class_="scroll", tabindex=0, role="region", aria_label=caption)


def next_step(result: ReplayResult) -> Html:
    """How well the next step of each patient was foretold."""
    rows = [
        (r.method, f"{r.n:,}", percent(r.hit), _best(r.log_loss, result.next_step["log_loss"]), number(r.brier))
        for r in result.next_step.itertuples()
    ]
    heads = ("Method", "Forecasts", "Likeliest came", "Log loss", "Brier")
    return table("Next step of each patient (log loss and Brier: smaller is better)", heads, rows)


def remaining(result: ReplayResult) -> Html:
    """How well the remaining stay of each patient was foretold."""
    rows = [
        (
            r.method, f"{r.n:,}", _best(r.crps_hours, result.remaining["crps_hours"]), percent(r.coverage),
            f"{number(r.bias_hours, signed=True)} h",
        )
        for r in result.remaining.itertuples()
    ]  # fmt: skip
    heads = ("Method", "Forecasts", "CRPS, h", "80 % band held", "Too long by")
    return table("Remaining stay of each patient (CRPS: smaller is better)", heads, rows)


def _best(value: float, all_: Iterable[float]) -> object:
    return tag("strong", "✓ ", number(value)) if value == min(all_) else number(value)


def present(result: ReplayResult) -> Html:
    """Who is here, those who leave soonest first."""
    frame = result.present.sort_values("remaining_median", kind="stable")
    longest = float(np.nanquantile(frame["remaining_high"], 0.95)) if len(frame) else 1.0
    rows = []
    for r in frame.head(MOST).itertuples():
        band = (r.remaining_low, r.remaining_median, r.remaining_high)
        told = f"{hours(band[1])} ({hours(band[0])} to {hours(band[2])})"
        maybe = join([tag("span", "◆ ", class_="watch"), percent(r.p_left)]) if r.p_left >= 0.5 else percent(r.p_left)
        rows.append(
            (
                r.case, r.unit, hours(r.hours_here), _band(band, longest, told),
                join([hours(band[1]), tag("small", f"{hours(band[0])} to {hours(band[2])}")]),
                r.next, percent(r.p_next), maybe,
            )
        )  # fmt: skip
    heads = (
        "Patient", "Unit", "Here since", f"Still to stay, up to {hours(longest)}", "Median, 80 % band", "Likely next",
        "Chance", "May have left unseen",
    )  # fmt: skip
    made = table("Patients at the last forecast, soonest to leave first", heads, rows, left=2)
    more = len(frame) - MOST
    return join([made, tag("p", f"and {more:,} more", class_="sub") if more > 0 else None])


def _band(band: tuple[float, float, float], longest: float, told: str) -> Html:
    x = svg.Scale(0, max(longest, 1e-9), 2, 138)
    low, middle, high = (min(x(v), 138) for v in band)
    bar = svg.rect(low, 5, max(high - low, 2), 6, "next b50", round_=3)
    dot = tag("circle", cx=f"{middle:.1f}", cy=8, r=3.4, class_="dot")
    return svg.picture(140, 16, "Remaining stay", told, svg.rect(2, 7, 136, 2, "track", round_=1), bar, dot)


def quarantine(result: ReplayResult) -> Html:
    """Rows that were not used, by fault."""
    if not result.quarantine:
        return tag("p", tag("span", "● ", class_="fine"), "Every row was used.")
    rows = [(fault, f"{n:,}") for fault, n in sorted(result.quarantine.items(), key=lambda item: -item[1])]
    return table("Rows set aside, none repaired in silence", ("Fault", "Rows"), rows)


def learned(result: ReplayResult) -> Html:
    """What was learned from."""
    return tag("dl", *(join([tag("dt", r.what), tag("dd", r.value)]) for r in result.learned.itertuples()))
