"""The page of one patient's study: one question a card, nothing fetched from anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from twinward.core.times import text as duration
from twinward.core.times import utc
from twinward.twins.patient.commands import NOT_A_DEVICE, ago
from twinward.twins.patient.study import Parameter, Study
from twinward.web.report import svg, tokens
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number
from twinward.web.report.numbers import unit as unit_words
from twinward.web.report.tables import table

if TYPE_CHECKING:  # the body's parts take a second to load
    from twinward.twins.patient.unexplained import Unexplained

CHARTS = ("mean_arterial_pressure", "heart_rate", "oxygen_saturation", "respiratory_rate", "lactate", "glucose")
_ORIGINS = {"measured": "fine", "inferred": "next", "prior": "past"}
_W, _H, _LEFT, _RIGHT, _TOP, _BOTTOM = 560, 190, 44, 12, 10, 24
_BANDS = (("b95", 0.025, 0.975), ("b80", 0.1, 0.9), ("b50", 0.25, 0.75))


def render(found: Study) -> str:
    """One self-contained HTML file: inline CSS and SVG, no network; every word of the record is escaped."""
    body = tag(
        "body", tag("a", "To the content", href="#main", class_="skip"), _header(found),
        tag("main", *_cards(found), id="main"),
        tag("footer", NOT_A_DEVICE, " Times are UTC. A forecast is a band: 50, 80 and 95 % of the futures lie in it."),
    )  # fmt: skip
    style = (files("twinward.web.report") / "style.css").read_text(encoding="utf-8")
    head = tag(
        "head", tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{found.record.id}: Twinward"), tag("style", Html(tokens.css()), Html(style), Html(_OWN)),
    )  # fmt: skip
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


# What this page has and the report of a replay has not.
_OWN = """
.origin{border-radius:6px;padding:1px 7px;font-size:11.5px;border:1px solid var(--line)}
.origin.fine{color:var(--fine)}.origin.next{color:var(--accent)}.origin.past{color:var(--past)}
.span-prior{fill:var(--muted);opacity:.28}.span-now{fill:var(--accent)}.span-now.past{fill:var(--past)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:14px}
.out{color:var(--act);font-weight:650}
"""


def _header(found: Study) -> Html:
    record = found.record
    age = record.age(found.at)
    who = ", ".join([record.sex or "sex not known", "age not known" if math.isnan(age) else f"{age:.0f} years"])
    ill = sorted({one.label for one in record.diagnoses if one.holds(found.at)})
    died = [] if math.isnan(record.died) else [f"died on {utc(record.died):%Y-%m-%d}"]
    pills = [*died, f"at {utc(found.at):%Y-%m-%d %H:%M} UTC", f"{sum(record.resources.values()):,} resources read"]
    if found.fitted:
        pills.append(f"body fitted to {found.fitted} observations")
    pills += ill[:6]
    return tag(
        "header", tag("h1", f"{record.id} ", tag("span", who)),
        tag("div", *(tag("span", words, class_="pill") for words in pills), class_="pills"),
    )  # fmt: skip


def _card(name: str, title: str, sub: str, *children: object, wide: bool = True) -> Html:
    head = tag("div", tag("h2", title, id=f"{name}-h"), tag("span", sub, class_="sub") if sub else None, class_="hh")
    return tag(
        "section", head, *children, class_=f"card{'' if wide else ' half'}", id=name, aria_labelledby=f"{name}-h"
    )


def _cards(found: Study) -> list[Html]:
    cards = [_card("risks", "What may befall this patient?", "published scores", _risks(found))]
    if found.forecast is not None:
        horizon = duration(found.forecast.times[-1] - found.forecast.as_of)
        charts = [tag("figure", _chart(found, name)) for name in CHARTS]
        room, note = tag("div", *charts, class_="charts"), not_explained(found.unexplained)
        cards.append(_card("forecast", "What comes if nothing changes?", f"next {horizon}", note, room))
    if found.comparison is not None:
        cards.append(_card("compare", "What would treatments do?", "paired differences, 90 %", _compared(found)))
    elif found.why_no_comparison:
        cards.append(
            _card("compare", "What would treatments do?", "", tag("p", found.why_no_comparison, class_="empty"))
        )
    fitted = None if found.twin is not None else tag("p", f"Not fitted: {found.why_no_body}", class_="empty")
    cards.append(
        _card("body", "What is this body like?", "prior and now, 90 %", fitted, _parameters(found), wide=False)
    )
    cards.append(_card("values", "What was measured?", "the newest of each", _values(found), wide=False))
    cards.append(_card("drugs", "What is taken?", "", _drugs(found), wide=False))
    cards.append(_card("refused", "What could not be used?", "", _refused(found), wide=False))
    return cards


def not_explained(signs: Sequence[Unexplained]) -> Html | None:
    """What was measured and the body does not follow, in words; None where it follows all."""
    if not signs:
        return None
    words = "; ".join(
        f"{one.label} {number(one.measured)} {unit_words(one.unit)} (the body: {number(one.low)} to {number(one.high)})"
        for one in signs
    )
    return tag(
        "p", tag("strong", "Measured, and not explained by this body: "), words,
        ". What it foretells of these, and treatments for them, is not to be relied on.", role="note",
    )  # fmt: skip


def _risks(found: Study) -> Html:
    rows = []
    for one in found.risks:
        if one.risk is None:
            rows.append((one.label, "–", tag("small", one.why_not)))
            continue
        value = (
            f"{one.risk.percent:.1f} %" if one.risk.unit == "1" else f"{one.risk.value:.3g} {unit_words(one.risk.unit)}"
        )
        rows.append((one.label, value, join([one.risk.note or one.risk.outcome, tag("small", one.risk.source)])))
    caption = "Risks by published scores; a score whose inputs are not known says which"
    return table(caption, ("Score", "Value", "Meaning"), rows, left=3)


def _chart(found: Study, name: str) -> Html:
    made = found.forecast
    assert made is not None
    values = made[name].transpose("member", "time").to_numpy()
    at = made.times
    begin = made.as_of - (at[-1] - made.as_of)
    times, seen = found.record.series(name)
    kept = (times >= begin) & (times <= made.as_of) & np.isfinite(seen)
    low = min(float(np.quantile(values, 0.02)), float(seen[kept].min()) if kept.any() else math.inf)
    high = max(float(np.quantile(values, 0.98)), float(seen[kept].max()) if kept.any() else -math.inf)
    margin = 0.12 * (high - low) or max(abs(high) * 0.05, 0.5)
    x = svg.Scale(begin, float(at[-1]), _LEFT, _W - _RIGHT)
    y = svg.Scale(low - margin, high + margin, _H - _BOTTOM, _TOP)
    parts = []
    for value in svg.ticks(y.low, y.high, 4):
        parts += [svg.line(_LEFT, y(value), _W - _RIGHT, y(value), "rule")]
        parts += [svg.text(_LEFT - 7, y(value) + 4, number(float(value)), "end")]
    parts += [svg.text(x(t), _H - 7, words, "middle") for t, words in svg.hours_of(begin, float(at[-1]), 6)]
    for kind, below, above in _BANDS:
        up = [(x(t), y(v)) for t, v in zip(at, np.quantile(values, above, axis=0), strict=True)]
        down = [(x(t), y(v)) for t, v in zip(at, np.quantile(values, below, axis=0), strict=True)]
        parts.append(tag("path", d=svg.steps([*up, *down[::-1]]) + "Z", class_=f"next {kind}"))
    middle = np.median(values, axis=0)
    parts.append(tag("path", d=svg.steps(zip(map(x, at), map(y, middle), strict=True)), class_="next median"))
    if kept.sum() > 1:
        points = [(x(t), y(v)) for t, v in zip(times[kept], seen[kept], strict=True)]
        parts.append(tag("path", d=svg.steps(points), class_="truth"))
    elif kept.any():
        parts.append(tag("circle", cx=f"{x(times[kept][0]):.1f}", cy=f"{y(seen[kept][0]):.1f}", r=4, class_="here"))
    parts.append(svg.line(x(made.as_of), _TOP, x(made.as_of), _H - _BOTTOM, "now"))
    label, unit = made[name].attrs["label"], unit_words(made[name].attrs["unit"])
    last = np.quantile(values[:, -1], (0.05, 0.5, 0.95))
    told = f"at the end {number(last[1])} {unit} ({number(last[0])} to {number(last[2])}, 90 %)"
    heading = tag("figcaption", tag("strong", label), f" [{unit}]: {told}")
    return join([heading, svg.picture(_W, _H, label, told, *parts)])


def _compared(found: Study) -> Html:
    assert found.comparison is not None
    compared = found.comparison
    rows = compared.table(0.9)
    plans = [name for name in compared.forecasts if name != compared.baseline]
    made = []
    for name, outcome in compared.outcomes.items():
        mine = rows[rows["outcome"] == name].set_index("scenario")
        cells: list[object] = [number(float(mine.loc[compared.baseline, "level"]))]
        for plan in plans:
            row = mine.loc[plan]
            good = {"lower": -1, "higher": 1, "neither": 0}[outcome.better] * np.sign(row["difference"])
            state = "fine" if row["clear"] and good > 0 else "act" if row["clear"] and good < 0 else ""
            mark = {"fine": "● ", "act": "▲ ", "": ""}[state]
            difference, low, high = (number(float(row[of]), signed=True) for of in ("difference", "low", "high"))
            cells.append(
                join([tag("strong", mark + difference, class_=state or None), tag("small", f"{low} to {high}")])
            )
        made.append((f"{outcome.label} [{unit_words(outcome.unit)}]", *cells))
    note = "Every plan was rehearsed on the same futures of the fitted body; the interval is of the mean difference."
    caption = "Difference from the baseline; ● clearly better, ▲ clearly worse"
    return join([table(caption, ("", compared.baseline, *plans), made), tag("p", note, class_="sub")])


def _parameters(found: Study) -> Html:
    rows = []
    for one in found.parameters:
        unit = "" if one.unit == "1" else f" {unit_words(one.unit)}"
        state = _ORIGINS[one.origin]
        origin = tag("span", one.origin, class_=f"origin {state}")
        if one.low == one.high:
            told = join([one.label, tag("small", one.source)])
            rows.append((told, f"{number(one.value)}{unit}", "", origin))
            continue
        told = join([f"{number(one.value)}{unit}", tag("small", f"{number(one.low)} to {number(one.high)}")])
        rows.append((join([one.label, tag("small", one.source)]), told, _span(one), origin))
    note = "An origin “prior” means: the data do not tell it, it is as wide as in the population."
    heads = ("Parameter (1 is what sex, age and size say)", "Now", "Prior and now", "Origin")
    return join([table("Parameters of the body", heads, rows), tag("p", note, class_="sub")])


def _span(one: Parameter) -> Html:
    low = min(one.prior_low, one.low)
    high = max(one.prior_high, one.high)
    x = svg.Scale(low, high, 4, 136)
    state = "span-now" if one.origin == "inferred" else "span-now past"
    told = f"prior {number(one.prior_low)} to {number(one.prior_high)}, now {number(one.low)} to {number(one.high)}"
    return svg.picture(
        140, 18, one.label, told,
        svg.rect(x(one.prior_low), 5, x(one.prior_high) - x(one.prior_low), 8, "span-prior", round_=4),
        svg.rect(x(one.low), 7, x(one.high) - x(one.low), 4, state, round_=2),
    )  # fmt: skip


def _values(found: Study) -> Html:
    rows = []
    for one in found.values:
        value = one.value if isinstance(one.value, str) else f"{number(one.value)} {unit_words(one.unit)}"
        shown = tag("span", f"▲ {value}", class_="out") if one.outside else value
        normal = f"{one.normal[0]:g}–{one.normal[1]:g}" if one.normal else ""
        change = "" if math.isnan(one.change) else number(one.change, signed=True)
        rows.append((one.label, shown, normal, change, ago(one.age)))
    heads = ("Signal", "Value", "Normal", "Change", "Age")
    return table("Newest values; ▲ outside the reference range", heads, rows)


def _drugs(found: Study) -> Html:
    rows = []
    for one in found.record.medications:
        if one.holds(found.at):
            dose = "" if math.isnan(one.dose) else f"{number(one.dose)} {unit_words(one.unit)}"
            since = "" if math.isnan(one.since) else f"{utc(one.since):%Y-%m-%d}"
            rows.append((one.label, dose, since))
    return table("Medication that the record holds for active", ("Drug", "Dose", "Since"), rows)


def _refused(found: Study) -> Html:
    rows = [(one.what, tag("small", one.reason)) for one in found.record.refused]
    if not rows:
        return tag("p", "Everything that was read could be used.", class_="empty")
    return table(f"{len(found.record.refused)} parts of the record", ("What", "Why"), rows, left=2)
