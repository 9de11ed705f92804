"""The numbers at the top, each with its band and its state: circle fine, diamond watch, triangle act."""

import numpy as np

from twinward.core.times import text as duration
from twinward.core.times import utc
from twinward.twins.hospital.replay import TWIN
from twinward.web.report.facts import Facts
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import MINUS, number, percent

_MARKS = {"fine": "●", "watch": "◆", "act": "▲"}
_SPOKEN = {"fine": "fine", "watch": "to watch", "act": "to act on"}
_HELD_WATCH, _HELD_ACT = 0.05, 0.12  # how far coverage may be off before the reader is told


def row(facts: Facts) -> Html:
    """All of them."""
    tiles = [_census(facts), _forecast(facts), _skill(facts), _held(facts), _present(facts), _quarantine(facts)]
    return tag("section", *tiles, class_="tiles", aria_label="In short", id="tiles")


def _tile(title: str, value: object, detail: object, state: str | None = None) -> Html:
    mark = tag("span", _MARKS[state], role="img", aria_label=_SPOKEN[state], class_=state) if state else None
    return tag(
        "div", tag("div", title, " ", mark, class_="sub"), tag("div", value, class_="value"),
        tag("div", detail, class_="detail"), class_=f"card tile {state or ''}".strip(),
    )  # fmt: skip


def _census(facts: Facts) -> Html:
    if facts.now is None:
        return _tile("Patients now", number(float("nan")), "nothing was replayed")
    return _tile("Patients now", number(facts.census_at(facts.now)), f"{utc(facts.now):%a %d %b %H:%M} UTC")


def _forecast(facts: Facts) -> Html:
    ahead = facts.ahead("census") if facts.now is not None else None
    title = f"In {duration(facts.result.horizon)}"
    if ahead is None or not len(ahead.at):
        return _tile(title, number(float("nan")), "no forecast")
    _, low, _, middle, _, high, _ = ahead.quantiles[-1]
    past = facts.result.census
    past = past[past["at"] <= facts.now]["census"]
    state = None
    if len(past):
        state = "act" if middle > past.max() else "watch" if high > past.max() else "fine"
    words = f"{number(low)} to {number(high)}, 80 % band; most so far {number(float(past.max()))}" if len(past) else ""
    return _tile(title, number(middle), words, state)


def _skill(facts: Facts) -> Html:
    title, best = f"Error, {duration(facts.lead)} ahead", facts.best_baseline
    if best is None or TWIN not in facts.scores.index:
        return _tile(title, number(float("nan")), "nothing to compare with")
    crps, reference = facts.scores.loc[TWIN, "crps"], facts.scores.loc[best, "crps"]
    change = crps / reference - 1 if reference else np.nan
    state = "fine" if change < 0 else "watch" if change < 0.1 else "act"
    sign = MINUS if change < 0 else "+"
    value = join([sign, number(abs(round(100 * change))), tag("small", "%")]) if np.isfinite(change) else number(change)
    return _tile(title, value, f"against {best}, the best baseline (CRPS {number(crps)} : {number(reference)})", state)


def _held(facts: Facts) -> Html:
    level = facts.result.board.level
    title = f"The {percent(level)} band held"
    if TWIN not in facts.scores.index:
        return _tile(title, number(float("nan")), "no truth yet")
    row = facts.scores.loc[TWIN]
    off = abs(row["covered"] - level)
    state = "fine" if off <= _HELD_WATCH else "watch" if off <= _HELD_ACT else "act"
    return _tile(
        title, join([number(round(100 * row["covered"])), tag("small", "%")]), f"of {int(row['n']):,} times", state
    )


def _present(facts: Facts) -> Html:
    here = facts.result.present
    unsure = int((here["p_left"] >= 0.5).sum()) if len(here) else 0
    words = f"{unsure:,} may have left unseen" if unsure else "none likely to have left unseen"
    return _tile("Followed one by one", f"{len(here):,}", words, "watch" if unsure else "fine")


def _quarantine(facts: Facts) -> Html:
    rows = sum(facts.result.quarantine.values())
    words = f"{len(facts.result.quarantine)} kinds of fault" if rows else "every row was used"
    return _tile("Rows set aside", f"{rows:,}", words, "watch" if rows else "fine")


def period(facts: Facts) -> str:
    """When the first and the last forecast were made."""
    if not len(facts.table):
        return ""
    first, last = utc(float(facts.table["as_of"].min())), utc(float(facts.now or 0.0))
    return f"replayed {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"
