"""Rehearse: scenarios of sliders and calendars, side by side, saved, shared by link, and taken away as CSV or PDF."""

import math
from dataclasses import dataclass, field
from typing import Any

from nicegui import background_tasks, ui

from twinward.core.times import HOUR
from twinward.live.facts import Rehearsed
from twinward.web.centre.parts import compare, results
from twinward.web.centre.parts.quick import suggested
from twinward.web.centre.parts.sliders import Slider, sliders
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.visitor import unit_of
from twinward.web.centre.words import ago, clock, date_clock, span, with_unit
from twinward.web.report.html import Html, join, tag

_MOST = 4  # scenarios beside "as it is": more do not fit side by side
_GROUPS = {"staff": "Staff and equipment", "out_of_order": "Out of order", "beds": "Beds", "stay": "Time in a unit"}


@dataclass
class Plan:
    """One scenario being made."""

    name: str
    sliders: list[Slider]

    def actions(self) -> list[dict[str, Any]]:
        """What it changes."""
        return [action for slider in self.sliders for action in slider.actions()]

    def title(self) -> str:
        """Its name, or what it changes."""
        changed = [slider.words() for slider in self.sliders if slider.actions()]
        return self.name or ", ".join(changed[:3]) + (" …" if len(changed) > 3 else "")


@dataclass
class Desk:
    """What one visitor is rehearsing.

    Args:
        plans: scenarios.
        open: index of the one whose sliders are shown.
        horizon: hours ahead.
        done: the last result.
        variable: shown over time.
        note: what is to be said ("rehearsing", a refusal).
    """

    plans: list[Plan]
    open: int = 0
    horizon: float = 24.0
    done: Rehearsed | None = None
    variable: str = "census"
    note: str = ""
    busy: bool = False
    redraw: list[Any] = field(default_factory=list)


def build(screen: Screen, done: Rehearsed | None = None, alert: str = "", unit: str = "") -> None:
    """Draw the page.

    Args:
        screen: of the page.
        done: a rehearsal that was kept, to look at and to go on from.
        alert: id of the alert to find a way out of; its scenario is filled in.
        unit: name of the unit whose waiting is to be shortened.
    """
    if not screen.shown.twin:
        ui.html(
            tag(
                "div",
                tag("strong", "Nothing to rehearse yet"),
                "It needs a twin that has seen something.",
                class_="nothing",
            ),
            sanitize=False,
        )
        return
    desk = Desk(_plans(screen, done, alert, unit), done=done)
    if done is not None:
        desk.horizon = done.horizon / HOUR
    with ui.element("div").classes("rehearse"):
        with ui.element("div").classes("stack"):
            _editor(screen, desk, alert)
            with card("Kept", screen, "open one, or share its link"):
                screen.part(lambda shown: _kept(screen))
        with ui.element("div").classes("stack"):
            _result(screen, desk)


def _plans(screen: Screen, done: Rehearsed | None, alert: str, unit: str) -> list[Plan]:
    if done is not None:
        return [_filled(screen, name, actions) for name, actions in list(done.scenarios.items())[:_MOST]] or [
            _empty(screen)
        ]
    raised = next((a for a in screen.shown.alerts if a.id == alert), None)
    wanted = suggested(screen.shown.board, unit or (unit_of(raised.rule) if raised is not None else ""))
    plan = _empty(screen)
    if raised is not None or unit:
        known = {(slider.control, slider.target): slider for slider in plan.sliders}
        for control, target, value in list(dict.fromkeys(wanted))[:2]:
            if (control, target) in known:
                known[control, target].set(value)
    return [plan]


def _empty(screen: Screen) -> Plan:
    return Plan("", sliders(screen))


def _filled(screen: Screen, name: str, actions: list[dict[str, Any]]) -> Plan:
    plan = Plan(name, sliders(screen))
    known = {(slider.control, slider.target): slider for slider in plan.sliders}
    for action in actions:
        if (slider := known.get((action["control"], action.get("target", "")))) is not None:
            slider.set(action["value"])
            slider.start, slider.end = action.get("start", -math.inf), action.get("end", math.inf)
    return plan


# -- the editor ------------------------------------------------------------------------------------------------


def _editor(screen: Screen, desk: Desk, alert: str) -> None:
    raised = next((a for a in screen.shown.alerts if a.id == alert), None)
    sub = f"a way out of: {raised.name}" if raised is not None else "what would you change?"
    with card("Scenarios", screen, sub):
        tabs = screen.part(lambda _: _tabs(desk), on_do=lambda data: _tabbed(screen, desk, data, body))
        body = ui.element("div")
        _fill(screen, desk, body)
        desk.redraw.append(lambda: tabs.show(_tabs(desk)))
        with ui.element("div").classes("row").style("margin-top:12px"):
            with ui.element("label").classes("field"):
                ui.html("Look ahead", sanitize=False, tag="span")
                options = "".join(tag("option", f"{h} h", value=h, selected=h == desk.horizon) for h in (8, 12, 24, 48))
                chooser = ui.html(options, sanitize=False, tag="select")
                chooser.on(
                    "change",
                    lambda event: setattr(desk, "horizon", float(event.args)),
                    js_handler="(e) => emit(e.target.value)",
                )
            run = ui.element("button").props('type="button" data-run').classes("press").style("align-self:end")
            with run:
                ui.html("Rehearse", sanitize=False, tag="span")
            if not screen.visitor.may("compare.run"):
                run.props("disabled")
                ui.html(tag("span", "Rehearsing takes a clinician's rights.", class_="sub"), sanitize=False)
            run.on("click", lambda: background_tasks.create(_run(screen, desk)))


def _tabs(desk: Desk) -> Html:
    buttons = [
        tag("button", plan.title() or f"Scenario {i + 1}", type="button", data_do="open", data_index=i,
            aria_pressed="true" if i == desk.open else "false")
        for i, plan in enumerate(desk.plans)
    ]  # fmt: skip
    if len(desk.plans) < _MOST:
        buttons.append(tag("button", "+ Add", type="button", data_do="add", aria_label="Add a scenario"))
    if len(desk.plans) > 1:
        buttons.append(tag("button", "Remove", type="button", data_do="remove", class_="ghost"))
    return tag("div", *buttons, class_="tabs", role="group", aria_label="Scenarios")


def _tabbed(screen: Screen, desk: Desk, data: dict[str, Any], body: Any) -> None:
    match data["do"]:
        case "open":
            desk.open = int(data["index"])
        case "add":
            desk.plans.append(_empty(screen))
            desk.open = len(desk.plans) - 1
        case "remove":
            desk.plans.pop(desk.open)
            desk.open = max(0, desk.open - 1)
    _fill(screen, desk, body)
    for redraw in desk.redraw:
        redraw()


def _fill(screen: Screen, desk: Desk, body: Any) -> None:
    """The sliders of the scenario that is open, by what they change."""
    plan = desk.plans[desk.open]

    def changed() -> None:
        for redraw in desk.redraw:
            redraw()

    body.clear()
    with body:
        with ui.element("label").classes("field").style("margin:10px 0 4px"):
            ui.html("Name", sanitize=False, tag="span")
            name = ui.element("input").props('type="text" maxlength="60" placeholder="as its changes say"')
            name.props["value"] = plan.name

            def named(event: Any) -> None:
                plan.name = str(event.args).strip()
                changed()

            name.on("input", named, js_handler="(e) => emit(e.target.value)", throttle=0.3)
        groups: dict[str, list[Slider]] = {}
        for slider in plan.sliders:
            slider.on_change(changed)
            groups.setdefault(_GROUPS.get(slider.control, "Flow"), []).append(slider)
        for group in ("Staff and equipment", "Beds", "Flow", "Out of order", "Time in a unit"):
            members = groups.get(group, [])
            if not members:
                continue
            is_open = group in ("Staff and equipment", "Beds", "Flow") or any(s.actions() for s in members)
            with ui.element("details").props("open" if is_open else ""):
                ui.html(tag("h3", group, style="display:inline"), sanitize=False, tag="summary")
                for slider in members:
                    slider.draw(windows=True)


# -- the result ------------------------------------------------------------------------------------------------


async def _run(screen: Screen, desk: Desk) -> None:
    if desk.busy:
        return
    plans = {}
    for i, plan in enumerate(desk.plans):
        if actions := plan.actions():
            title = plan.title() or f"Scenario {i + 1}"
            plans[title if title not in plans and title != results.BASELINE else f"{title} ({i + 1})"] = actions
    if not plans:
        desk.note = "Nothing is changed yet: move a slider, or choose a calendar."
        screen.draw()
        return
    desk.busy, desk.note = True, ""
    screen.draw()
    try:
        await screen.visitor.note("execute", "rehearsal")
        desk.done = await screen.centre.rehearse(screen.shown.twin, plans, desk.horizon * HOUR, screen.visitor.who)
        with screen.client:
            ui.run_javascript(f"history.replaceState(null, '', '/rehearse/{desk.done.id}')")
    except Exception as error:
        desk.note = f"It could not be rehearsed: {error}"
    desk.busy = False
    await screen.refresh()


def _result(screen: Screen, desk: Desk) -> None:
    def choose(data: dict[str, Any]) -> None:
        desk.variable = data["variable"]
        screen.draw()

    with card("What it changes", screen, lambda _: _said(screen, desk)):
        screen.part(lambda _: _table(desk)).props('aria-live="polite"')
        screen.part(lambda _: _take_away(desk))
    with card("Side by side", screen, "median of each scenario, and the band that holds 80 of 100 futures"):
        screen.chart(
            lambda shown: compare.options(desk.done, desk.variable, shown.zone),
            lambda shown: compare.words(desk.done, desk.variable, shown.zone),
            "300px",
        )
        screen.part(lambda _: _variables(desk), on_do=choose)
    with card("What is changed", screen, "in each scenario"):
        screen.part(lambda _: _changes(screen, desk))


def _said(screen: Screen, desk: Desk) -> str:
    done = desk.done
    if done is None:
        return ""
    at = clock(done.at, screen.shown.zone)
    by = done.by or "somebody"
    return f"from {at}, {span(done.horizon)} ahead, {done.members} futures each, {done.seconds:.1f} s, by {by}"


def _table(desk: Desk) -> Html:
    if desk.busy:
        return tag("p", tag("span", class_="spin", aria_hidden="true"), "Rehearsing", class_="wait")
    if desk.note:
        return tag("p", desk.note, class_="empty", role="alert")
    if desk.done is None:
        return tag(
            "p",
            tag("strong", "Nothing has been rehearsed yet"),
            "Change something on the left, then press Rehearse. The live twin is not touched.",
            class_="empty",
        )
    told = (
        "Differences from things as they are, under the same random numbers; below each its 95 % interval. "
        "✓ has the most clear improvements, clear worsenings taken off."
    )
    return join((results.by_outcome(desk.done), tag("p", told, class_="sub", style="margin-top:8px")))


def _take_away(desk: Desk) -> Html:
    if desk.done is None or desk.busy:
        return Html("")
    where = f"/rehearse/{desk.done.id}"
    return tag(
        "div",
        tag("button", "Copy link", type="button", data_copy=where, class_="press"),
        tag("a", "CSV", href=f"{where}.csv", class_="button", download=f"rehearsal-{desk.done.id}.csv"),
        tag("a", "PDF", href=f"{where}.pdf", class_="button", download=f"rehearsal-{desk.done.id}.pdf"),
        class_="row",
        style="margin-top:10px",
    )


def _variables(desk: Desk) -> Html:
    if desk.done is None:
        return tag("p", "Curves appear with the first result.", class_="sub")
    buttons = [
        tag("button", label, type="button", data_do="choose", data_variable=name,
            aria_pressed="true" if name == desk.variable else "false")
        for name, label in compare.variables(desk.done)[:14]
    ]  # fmt: skip
    return tag("div", *buttons, class_="tabs", role="group", aria_label="Show")


def _changes(screen: Screen, desk: Desk) -> Html:
    done = desk.done
    if done is None:
        return tag("p", "Nothing yet.", class_="sub")
    settings = {setting.control: setting for setting in screen.centre.settings(done.twin)}
    parts = []
    for name, actions in done.scenarios.items():
        rows = []
        for action in actions:
            setting = settings.get(action["control"])
            label = setting.label if setting is not None else action["control"]
            value = action["value"]
            shown = value if isinstance(value, str) else _changed(value, setting.unit if setting is not None else "1")
            window = _window(screen, action)
            rows.append(
                tag(
                    "li", f"{label}{', ' + action['target'] if action.get('target') else ''}: ", tag("b", shown), window
                )
            )
        parts.append(tag("div", tag("h3", name), tag("ul", *rows)))
    return join(parts)


def _changed(value: float, ucum: str) -> str:
    """ "+2" where things are counted, else the value with its unit."""
    return f"{value:+.0f}" if ucum.startswith("{") else with_unit(value, ucum)


def _window(screen: Screen, action: dict[str, Any]) -> str:
    zone = screen.shown.zone
    said = ""
    if math.isfinite(action.get("start", -math.inf)):
        said += f" from {date_clock(action['start'], zone)}"
    if math.isfinite(action.get("end", math.inf)):
        said += f" until {date_clock(action['end'], zone)}"
    return said


def _kept(screen: Screen) -> Html:
    kept = list(screen.centre.rehearsals())[:12]
    if not kept:
        return tag("p", "Each result is kept here.", class_="sub")
    rows = []
    for id, names, at, by in kept:
        title = ", ".join(name for name in names if name != results.BASELINE)
        told = f"{ago(at, screen.shown.now)}{' by ' + by if by else ''}"
        rows.append(tag("li", tag("a", title[:70] or id, href=f"/rehearse/{id}"), tag("div", told, class_="sub")))
    return tag("ul", *rows, style="display:grid;gap:8px")
