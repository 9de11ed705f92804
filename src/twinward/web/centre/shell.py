"""The frame of every page: rail, top bar, search, the time slider, and what is to be said before all else."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from nicegui import ui

from twinward.core.times import DAY
from twinward.web.centre.look.icons import icon
from twinward.web.centre.parts import feeds
from twinward.web.centre.screen import Screen
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.words import ago, clock, date_clock, day_clock, span
from twinward.web.report.html import Html, join, tag

# path, name, permission beyond "pages.view", icon
PAGES = (
    ("/", "Overview", "", "overview"),
    ("/rehearse", "Rehearse", "rehearsals.read", "rehearse"),
    ("/alerts", "Alerts", "alerts.read", "alerts"),
    ("/twins", "Twins", "twins.read", "twins"),
    ("/wall", "All charts", "forecast.read", "wall"),
    ("/skill", "Forecast skill", "forecast.read", "skill"),
    ("/trial", "Design a trial", "forecast.read", "trial"),
    ("/evidence", "Evidence", "evidence.read", "evidence"),
    ("/quality", "Data quality", "feeds.read", "quality"),
    ("/quarantine", "Quarantine", "quarantine.read", "quarantine"),
)
REACH = 3 * DAY  # how far back the slider goes
WARNING = "Research and education only, not a cleared medical device."


@contextlib.contextmanager
def frame(screen: Screen, path: str, name: str, *, travels: bool = True) -> Iterator[None]:
    """The frame; the page's own parts are drawn inside `with`.

    Args:
        screen: of the page.
        path: of the page, to mark it in the rail.
        name: of the page.
        travels: whether the page can show the past.
    """
    ui.page_title(f"{name} · {screen.centre.name}")
    ui.html('<a class="skip" href="#main">To the content</a>', sanitize=False)
    ui.query("main.q-page").props('role="none"')  # Quasar's: the rail and the header are no part of the main content
    app = ui.element("div").classes("app")

    def mark_past(shown: Snapshot) -> None:
        app.classes(add="is-past") if shown.is_past else app.classes(remove="is-past")

    mark_past(screen.shown)
    screen.every(mark_past)
    with app:
        screen.part(lambda shown: _rail(shown, path), "nav").classes("rail").props('aria-label="Pages"')
        with ui.element("div").classes("content").props('id="main" tabindex="-1" role="main"'):
            with ui.element("header").classes("top"):
                screen.part(lambda shown: tag("h1", screen.centre.name, tag("span", name)))
                screen.part(feeds.pills).style("display:contents")
                ui.element("div").classes("space")
                _search(screen)
                who = tag("span", screen.visitor.who, title=screen.visitor.principal.role.label, class_="pill who")
                ui.html(who, sanitize=False).style("display:contents")
            if travels:
                _scrub(screen)
            else:
                ui.element("div").classes("gap")
            screen.part(lambda shown: _said(screen, shown))
            yield
            ui.html(tag("p", f"{WARNING} Times are {screen.shown.zone.key}.", class_="foot"), sanitize=False)


def _rail(shown: Snapshot, path: str) -> Html:
    links = [tag("span", class_="logo", aria_hidden="true")]
    for where, name, permission, drawing in PAGES:
        if permission and not shown.visitor.may(permission):
            continue
        waiting = len(shown.open_alerts) if where == "/alerts" else 0
        count = tag("span", waiting, tag("span", " open", class_="hidden"), class_="count") if waiting else None
        here = "page" if path == where else None
        links.append(tag("a", icon(drawing), count, href=where, title=name, aria_label=name, aria_current=here))
    toggle = tag(
        "button",
        icon("theme"),
        type="button",
        data_theme_toggle=True,
        title="Light / dark",
        aria_label="Light or dark",
        class_="push",
    )
    links.append(toggle)
    if shown.visitor.security is not None:
        out = tag("button", icon("logout"), type="submit", title="Log out", aria_label="Log out")
        links.append(tag("form", out, method="post", action="/logout"))
    return join(links)


def _said(screen: Screen, shown: Snapshot) -> Html:
    """What must be known before anything else on the page is read."""
    said = []
    if screen.trouble:
        said.append(_banner("act", "▲", "This page could not be brought up to date", screen.trouble))
    if shown.is_past:
        words = tag(
            "span", f"as it was known then, {span(shown.now - shown.time)} before now. Nothing here can be acted on."
        )
        said.append(
            tag(
                "div",
                tag("strong", f"The past: {date_clock(shown.time, shown.zone)}"),
                words,
                class_="past-banner",
                role="status",
            )
        )
    elif shown.is_stale:
        at = clock(shown.time - shown.age, shown.zone)
        said.append(
            _banner(
                "watch",
                "◆",
                f"The forecast is {span(shown.age)} old",
                f"It was made at {at}; bands are wider than they would be.",
            )
        )
    if not shown.is_past and (late := shown.late_feeds):
        listed = ", ".join(f"{feed.source} ({feed.state}, last {ago(feed.last, shown.now)})" for feed in late[:4])
        if any(feed.state == "silent" for feed in late):
            said.append(_banner("watch", "◆", "A feed is silent; its twins are stale", listed))
    if shown.forecast is not None and shown.forecast.outside:
        said.append(_banner("act", "▲", "Outside what the model is valid for", "; ".join(shown.forecast.outside)))
    return join(said)


def _banner(level: str, shape: str, strong: str, words: str) -> Html:
    return tag(
        "div",
        tag("span", shape, class_=level, aria_hidden="true"),
        tag("span", tag("strong", strong), f": {words}"),
        class_=f"banner {level}",
        role="alert" if level == "act" else "status",
    )


def _scrub(screen: Screen) -> None:
    """The slider through the past: whatever it is set to is shown on the whole page."""
    shown = screen.shown
    with ui.element("div").classes("scrub").props('role="group" aria-label="Time"'):
        screen.part(lambda s: tag("span", day_clock(s.now - REACH, s.zone)), "span").classes("from")
        with ui.element("div").classes("line"):
            slider = ui.element("input")
            slider.props(
                f'type="range" min="{-REACH:.0f}" max="0" step="300" aria-label="Moment shown; the right end is now"'
            )
            slider.props["value"] = str(round(shown.time - shown.now))
            slider.on(
                "change", lambda event: _moved(screen, float(event.args)), js_handler="(e) => emit(e.target.value)"
            )
            ui.element("div").classes("ahead").props('aria-hidden="true"')
            screen.part(lambda s: tag("span", f"now {clock(s.now, s.zone)}"), "span").classes("mark-now")
        screen.part(lambda s: tag("span", day_clock(s.now + 2 * DAY, s.zone)), "span").classes("to")

        def pressed(data: dict[str, Any]) -> None:
            if data["do"] == "now":
                asyncio.ensure_future(_back(screen, slider))  # noqa: RUF006  # NiceGUI's loop keeps it

        screen.part(_back_button, on_do=pressed)
        screen.part(_difference_link, "span")


def _back_button(shown: Snapshot) -> Html:
    return tag("button", "Back to now", type="button", data_do="now", disabled=not shown.is_past, class_="ghost")


def _difference_link(shown: Snapshot) -> Html:
    a, b = (shown.time, shown.now) if shown.is_past else (shown.now - DAY, shown.now)
    return tag("a", "Difference", class_="button ghost", href=f"/difference?a={a:.0f}&b={b:.0f}")


async def _moved(screen: Screen, seconds_back: float) -> None:
    await screen.go(None if seconds_back > -150 else screen.centre.now() + seconds_back)


async def _back(screen: Screen, slider: Any) -> None:
    await screen.go(None)
    with slider:
        slider.props["value"] = "0"
        ui.run_javascript(f"getHtmlElement({slider.id}).value = 0")


def _search(screen: Screen) -> None:
    with ui.element("div").classes("find").props('role="search"'):
        ui.html(tag("label", "Find patient, bed or device", for_="search", class_="hidden"), sanitize=False)
        field = ui.element("input").props(
            'id="search" type="search" placeholder="Find patient, bed, device  /" autocomplete="off"'
        )
        hits = ui.element("div").classes("hits").props('aria-live="polite"')

        def typed(event: Any) -> None:
            text = str(event.args).strip()
            found = screen.centre.search(text, 12) if len(text) >= 2 else []
            hits.clear()
            with hits:
                ui.html(_hits(screen, found, text), sanitize=False)

        field.on("input", typed, js_handler="(e) => emit(e.target.value)", throttle=0.25, leading_events=False)


def _hits(screen: Screen, found: list[str], text: str) -> Html:
    shown = screen.shown
    units = shown.whereabouts
    links = []
    for reference in found:
        kind, unit = reference.partition("/")[0], units.get(reference, "")
        if kind in ("Patient", "Encounter") and not screen.visitor.principal.names:
            continue  # a search by name would undo the pseudonyms
        if not screen.visitor.sees_subject(reference, units):
            continue
        label = screen.visitor.name(reference)
        where = f"/twin/{quote(reference)}"
        links.append(
            tag(
                "a",
                tag("span", label),
                tag("span", kind.lower() + (f", {unit}" if unit else ""), class_="sub"),
                href=where,
            )
        )
    if not links and len(text) >= 2:
        return tag("p", "Nothing found", class_="sub")
    return join(links)
