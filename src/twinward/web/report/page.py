"""The page: one question a card, nothing fetched from anywhere."""

from importlib.resources import files

from twinward.core.times import text as duration
from twinward.twins.hospital.result import ReplayResult
from twinward.web.report import calibration, fan, flow, tables, tiles, tokens, whatif
from twinward.web.report.facts import Facts
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import hours

WARNING = "Research and education only, not a cleared medical device."


def render(result: ReplayResult) -> str:
    """One self-contained HTML file: inline CSS, SVG and a few lines of JavaScript, no network.

    Args:
        result: of a replay; empty tables leave a card that says so.

    Returns:
        The text of the file; every name from the data is escaped.
    """
    facts = Facts(result)
    body = tag(
        "body", tag("a", "To the content", href="#main", class_="skip"), _header(facts),
        tag("main", *_cards(facts), id="main"), tag("footer", WARNING, " Times are UTC."),
        tag("script", _asset("script.js")),
    )  # fmt: skip
    head = tag(
        "head", tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{result.title}: Twinward report"), tag("style", Html(tokens.css()), _asset("style.css")),
    )  # fmt: skip
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _asset(name: str) -> Html:
    return Html((files("twinward.web.report") / name).read_text(encoding="utf-8"))


def _card(name: str, title: str, sub: str | None, *children: object, wide: bool = True) -> Html:
    head = tag("div", tag("h2", title, id=f"{name}-h"), tag("span", sub, class_="sub") if sub else None, class_="hh")
    return tag(
        "section", head, *children, class_=f"card{'' if wide else ' half'}", id=name, aria_labelledby=f"{name}-h"
    )


def _cards(facts: Facts) -> list[Html]:
    result = facts.result
    ahead, last = duration(facts.lead), f"from the last forecast, {duration(result.horizon)} ahead"
    return [
        tiles.row(facts),
        _card("census", "How full is it, and how full will it be?", "patients", fan.card(facts)),
        _card("calibration", "Can it be trusted?", f"census, {ahead} ahead", calibration.card(facts), wide=False),
        _card("rests", "What does it rest on?", None, _rests(facts), wide=False),
        _card("scores", "Is it better than knowing less?", None, calibration.score_card(facts)),
        _card("whatif", "What if?", last, whatif.card(result.comparison)),
        _card("flow", "Where do patients go?", "the whole log", flow.card(result.flow)),
        _card("next-step", "What comes next for each patient?", None, tables.next_step(result), wide=False),
        _card("remaining", "How long will each patient still stay?", None, tables.remaining(result), wide=False),
        _card("present", "Who is here now?", f"{len(result.present):,} patients", tables.present(result)),
        _card("quarantine", "What was not used?", None, tables.quarantine(result)),
    ]  # fmt: skip


def _header(facts: Facts) -> Html:
    result = facts.result
    pills = [
        result.subject, f"model {result.model_version}", f"a forecast every {hours(result.every / 3600)}",
        tiles.period(facts),
    ]  # fmt: skip
    button = tag("button", "Light / dark", type="button", data_theme_toggle=True, hidden=True)
    notes = tag("ul", *(tag("li", note) for note in result.notes), class_="notes") if result.notes else None
    return tag(
        "header", tag("div", tag("h1", result.title, " ", tag("span", "Twinward report")), button, class_="row"),
        tag("div", *(tag("span", p, class_="pill") for p in pills if p), class_="pills"), notes,
        tag("p", WARNING, class_="sub"),
    )  # fmt: skip


def _rests(facts: Facts) -> Html:
    parts: list[Html | None] = [tables.learned(facts.result)]
    if facts.forecast is not None:
        parts.append(tag("p", facts.forecast.statement(), class_="sub"))
        cited = facts.forecast.evidence
        if cited:
            parts.append(tag("details", tag("summary", f"Evidence ({len(cited)} checks)"),
                             tag("ul", *(tag("li", each) for each in cited))))  # fmt: skip
    return join(parts)
