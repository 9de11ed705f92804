"""The twin explorer: every subject, what it belongs to, what is believed of it, and what is forecast."""

from typing import Any
from urllib.parse import quote

from nicegui import background_tasks, ui

from twinward.live.facts import Band, Forecasted
from twinward.twins.hospital.board import Leaver
from twinward.web.centre.parts import fan, leavers
from twinward.web.centre.parts.chart import Chart
from twinward.web.centre.parts.table import table
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.visitor import unit_of
from twinward.web.centre.words import ago, date_clock, span, unit, with_unit
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number, percent

_SHOWN = 12  # charts on the page of one twin
_PATIENT_PAGES = (("bedside", "Bedside monitor"), ("clinic", "Clinic: risk and prevention"))


def build_list(screen: Screen) -> None:
    """Every twin."""
    with ui.element("div").classes("cards"), card("Twins", screen, lambda _: f"{len(screen.centre.twins())} live"):
        screen.part(_twins)


def _twins(shown: Snapshot) -> Html:
    units = shown.whereabouts
    names = [name for name in shown.centre.twins() if shown.visitor.sees_subject(name, units)]
    if not names:
        return tag(
            "p",
            tag("strong", "No twin lives yet"),
            "Twins appear with the first message of their feed.",
            class_="empty",
        )
    rows = []
    for name in names[:500]:
        forecast = shown.centre.latest(name)
        made = f"{ago(forecast.at, shown.now)}, {forecast.members} futures" if forecast is not None else "none"
        kind = forecast.kind if forecast is not None else name.partition("/")[0].lower()
        rows.append(
            (
                _link(shown, name),
                kind,
                made,
                forecast.evidence[:80] if forecast else "–",
            )
        )
    return table(("Subject", "Kind", "Forecast", "Evidence"), rows, "Twins", numbers=())


async def build(screen: Screen, asked: str) -> None:
    """One subject, by its reference or pseudonym; reading of a patient is audited."""
    kind = asked.partition("/")[0]
    reference = await permitted(screen, asked)
    if reference is None:
        return
    with ui.element("div").classes("cards"):
        with card(_label(screen.shown, reference), screen, kind.lower(), "w4 stretch"):
            screen.part(lambda shown: _about(shown, reference))
            if kind == "Patient":
                where = quote(screen.visitor.reference(reference))
                links = [tag("a", words, href=f"/{page}/{where}", class_="press") for page, words in _PATIENT_PAGES]
                ui.html(tag("p", *links, style="display:flex;gap:1rem;flex-wrap:wrap"), sanitize=False)
        with card("What is believed now", screen, "mean, and how sure", "w8 stretch"):
            screen.part(lambda shown: _estimates(shown, reference))
        if kind == "Encounter":
            with card("When this patient is likely to go on", screen):
                screen.part(lambda shown: _leaves(shown, reference))
        if screen.centre.latest(reference) is not None:
            with card("What stands behind the forecast", screen):
                screen.part(lambda shown: origin(shown, shown.centre.latest(reference)))
            for name in list(screen.centre.latest(reference).bands)[:_SHOWN]:  # type: ignore[union-attr]
                if not unit_of(name) or screen.visitor.sees(unit_of(name)):
                    _chart(screen, reference, name)
        elif reference in screen.centre.twins():
            _on_request(screen, reference)


async def permitted(screen: Screen, asked: str) -> str | None:
    """The reference asked for, if the visitor may see it; else the page says so. Reading of a patient is audited."""
    kind, visitor = asked.partition("/")[0], screen.visitor
    units = screen.shown.whereabouts
    reference = visitor.find(asked, [*units, *screen.centre.twins()])
    if kind in ("Patient", "Encounter"):
        if reference is None or not visitor.sees_subject(reference, units):
            await visitor.note("read", f"twin {kind}", asked, 403)
            why = "It takes the right to see patients by name, or a unit in your scope."
            ui.html(tag("div", tag("strong", "Not yours to see"), why, class_="nothing"), sanitize=False)
            return None
        await visitor.note("read", f"twin {kind}", reference)
    assert reference is not None  # only patients and encounters have pseudonyms
    return reference


def _on_request(screen: Screen, reference: str) -> None:
    """A forecast when somebody asks for one: most twins are too many to be forecast all the time."""
    state: dict[str, Any] = {"said": Html(""), "forecast": None}
    with card("What is likely", screen, "this twin is forecast when somebody asks"):
        press = ui.element("button").props('type="button"').classes("press")
        with press:
            ui.html("Forecast now", sanitize=False, tag="span")
        said = screen.part(lambda _: state["said"]).props('aria-live="polite"').style("margin-top:8px")
    room = ui.element("div").classes("cards").style("grid-column:1/-1")

    async def ask() -> None:
        said.show(tag("p", tag("span", class_="spin", aria_hidden="true"), "Forecasting", class_="wait"))
        try:
            forecast = await screen.centre.forecast_now(reference)
        except Exception as error:
            state["said"] = tag("p", f"It could not be forecast: {error}", class_="empty", role="alert")
            said.show(state["said"])
            return
        state["said"] = origin(screen.shown, forecast)
        said.show(state["said"])
        room.clear()
        with room:
            for name, band in list(forecast.bands.items())[:_SHOWN]:
                _drawn(screen, forecast.at, name, band)

    press.on("click", lambda: background_tasks.create(ask()))


def _drawn(screen: Screen, at: float, name: str, band: Band) -> None:
    zone, nothing = screen.shown.zone, ((), ())
    with card(band.label or name, screen, unit(band.unit), "w6"):
        Chart(fan.options(zone, at, nothing, None, band), fan.words(name, zone, at, nothing, band), "170px")
        ui.html(fan.table(zone, nothing, band, name), sanitize=False)


def _label(shown: Snapshot, reference: str) -> str:
    return shown.centre.name if reference == shown.twin else shown.visitor.name(reference)


def _link(shown: Snapshot, reference: str) -> Html:
    kind, _, name = reference.partition("/")
    is_unit = kind == "Location" and shown.board is not None and any(u.name == name for u in shown.board.units)
    where = f"/unit/{quote(name)}" if is_unit else f"/twin/{quote(shown.visitor.reference(reference))}"
    return tag("a", _label(shown, reference), href=where)


def _about(shown: Snapshot, reference: str) -> Html:
    found = shown.centre.graph(reference)
    rows = [(link.replace("_", " "), _link(shown, whole)) for link, whole in (found.get("part_of") or {}).items()]
    rows += [(name, str(value)) for name, value in (found.get("attributes") or {}).items()]
    units = shown.whereabouts
    parts = [part for part in found.get("parts") or [] if shown.visitor.sees_subject(part, units)]
    said = [table(("", ""), rows, "What is said of it", numbers=())] if rows else []
    if parts:
        said.append(tag("h3", f"{len(parts)} parts"))
        said.append(tag("ul", *(tag("li", _link(shown, part)) for part in parts[:60]), style="columns:2"))
        if len(parts) > 60:
            said.append(tag("p", f"and {len(parts) - 60} more", class_="sub"))
    return (
        join(said)
        if said
        else tag("p", tag("strong", "Nothing is said of it"), "No message has named it yet.", class_="empty")
    )


def _estimates(shown: Snapshot, reference: str) -> Html:
    if reference not in shown.centre.twins():
        return tag("p", tag("strong", "No twin of its own"), "It is part of another twin.", class_="empty")
    rows = []
    for name, (mean, sd, ucum, label) in list(shown.centre.estimates(reference).items())[:80]:
        if (inside := unit_of(name)) and not shown.visitor.sees(inside):
            continue
        sure = "known exactly" if sd == 0 else f"± {number(sd)} {unit(ucum)}"
        rows.append((label if "[" not in label else f"{label}", with_unit(mean, ucum), sure))
    return table(("Signal", "Now", "How sure"), rows, "Estimates") if rows else tag("p", "nothing yet", class_="sub")


def _leaves(shown: Snapshot, reference: str) -> Html:
    row: Leaver | None = next((r for r in shown.board.leavers if r.case == reference), None) if shown.board else None
    if row is None:
        return tag(
            "p",
            tag("strong", "Not here"),
            "This patient is not counted in the hospital at this moment.",
            class_="empty",
        )
    chances = ", ".join(
        f"{h} h: {percent(row.p_left_unit[h - 1])}" for h in (1, 4, 8, 12, 24) if h <= len(row.p_left_unit)
    )
    stays = f"In {row.unit} {row.bed}".strip()
    seen = f"last seen: {row.step or 'nothing yet'} ({row.phase or 'not told'})"
    low, high = span(3600 * row.hours_low), span(3600 * row.hours_high)
    return join(
        (
            tag("p", f"{stays}, here {span(3600 * row.hours_here)}; {seen}."),
            tag("h3", "Chance of having left the unit, hour by hour"),
            leavers.heat(row.p_left_unit),
            tag("p", chances, class_="sub"),
            tag("p", f"Leaves the hospital in {span(3600 * row.hours_left)} ({low} to {high}, 80 % interval)."),
        )
    )


def origin(shown: Snapshot, forecast: Forecasted | None) -> Html:
    """What somebody needs to make the same forecast again, and to judge it."""
    if forecast is None:
        return tag("p", "No forecast yet.", class_="sub")
    rows = [
        ("As of", date_clock(forecast.at, shown.zone)),
        ("Model", f"{forecast.kind} {forecast.model_version}"),
        ("Futures", f"{forecast.members}, seed {forecast.seed}"),
        ("Journal position", f"{forecast.position:,}"),
        ("Belief", tag("code", forecast.belief)),
        ("Forecast", tag("code", forecast.digest)),
        ("Validity", "; ".join(forecast.outside) or "inside what the model is valid for"),
        ("Evidence", forecast.evidence),
    ]
    return table(("", ""), rows, "What stands behind the forecast", numbers=())


def _chart(screen: Screen, reference: str, name: str) -> None:
    def ahead(shown: Snapshot):  # type: ignore[no-untyped-def]
        forecast = shown.forecast if reference == shown.twin else shown.centre.latest(reference)
        return forecast.bands.get(name) if forecast is not None else None

    def came(shown: Snapshot):  # type: ignore[no-untyped-def]
        return shown.centre.series(reference, name, shown.time - 2 * 86400.0, shown.time)

    band = ahead(screen.shown)
    with card(band.label if band is not None else name, screen, unit(band.unit) if band is not None else "", "w6"):
        screen.chart(
            lambda shown: fan.options(shown.zone, shown.time, came(shown), None, ahead(shown)),
            lambda shown: fan.words(name, shown.zone, shown.time, came(shown), ahead(shown)),
            "170px",
            lambda shown: fan.table(shown.zone, came(shown), ahead(shown), name),
        )
