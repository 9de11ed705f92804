"""The small rehearsal on the overview: the resource that is waited for most, one slider each, one press."""

from typing import Any

from nicegui import background_tasks, ui

from twinward.core.times import DAY
from twinward.live.facts import Rehearsed
from twinward.twins.hospital.board import Board
from twinward.web.centre.parts import results
from twinward.web.centre.parts.sliders import Slider, sliders
from twinward.web.centre.screen import Screen
from twinward.web.report.html import Html, tag

_SHOWN = 3


def suggested(board: Board | None, unit: str = "") -> list[tuple[str, str, float]]:
    """Changes worth trying: one more of what most time is spent waiting for, as (control, target, value).

    Args:
        board: of the hospital.
        unit: whose waiting counts; "" for the emergency department, or the whole hospital.
    """
    if board is None:
        return []
    scope = unit or next((u.name for u in board.units if u.kind == "emergency"), "")
    tables = {table.scope: table for table in (*board.past, *board.ahead)}  # ahead counts where both know the scope
    found: list[tuple[str, str, float]] = []
    for cause in tables[scope].causes if scope in tables else ():
        if cause.cause in ("staff", "equipment") and cause.name:
            found.append(("staff", cause.name, 1.0))
        if cause.cause == "bed" and cause.name:
            found.append(("beds", cause.name, 2.0))
    own = next((u for u in board.units if u.name == unit and u.beds and u.kind != "emergency"), None)
    if own is not None:  # a ward that fills up: its own beds first
        found = [("beds", own.name, 2.0), *(change for change in found if change[:2] != ("beds", own.name))]
    return found


def panel(screen: Screen) -> None:
    """Draw it; nothing runs before somebody asks."""
    if not screen.visitor.may("compare.run"):
        ui.html(
            tag(
                "p",
                tag("strong", "Rehearsing takes a clinician's rights"),
                "Ask an administrator for the role.",
                class_="empty",
            ),
            sanitize=False,
        )
        return
    state: dict[str, Any] = {"result": None, "note": "Set a slider, then press Rehearse.", "busy": False}
    known = {(slider.control, slider.target): slider for slider in sliders(screen)}
    wanted = [key[:2] for key in suggested(screen.shown.board) if key[:2] in known]
    chosen = [known[key] for key in list(dict.fromkeys([*wanted, ("discharge_before_noon", "")])) if key in known]
    chosen = [*[s for s in chosen if s.target][: _SHOWN - 1], *[s for s in chosen if not s.target][:1]]
    for slider in chosen:
        slider.draw()
    table = screen.part(lambda _: _outcome(state)).props('aria-live="polite"')
    with ui.element("div").classes("row").style("margin-top:10px"):
        run = ui.element("button").props('type="button"').classes("press")
        with run:
            ui.html("Rehearse", sanitize=False, tag="span")
        ui.html(tag("a", "More controls", href="/rehearse", class_="button ghost"), sanitize=False)

    async def work() -> None:
        shown = screen.shown
        actions = [action for slider in chosen for action in slider.actions()]
        if shown.is_past or not shown.twin or not actions:
            state["note"] = (
                "The past cannot be rehearsed here."
                if shown.is_past
                else "Move a slider first: nothing is changed yet."
            )
            table.show(_outcome(state))
            return
        state["busy"] = True
        table.show(_outcome(state))
        try:
            plan = {_named(chosen): actions}
            await screen.visitor.note("execute", "rehearsal from the overview")
            state["result"] = await screen.centre.rehearse(shown.twin, plan, DAY, screen.visitor.who)
        except Exception as error:
            state["note"], state["result"] = f"It could not be rehearsed: {error}", None
        state["busy"] = False
        table.show(_outcome(state))

    run.on("click", lambda: background_tasks.create(work()))


def _named(chosen: list[Slider]) -> str:
    return ", ".join(slider.words() for slider in chosen if slider.actions())


def _outcome(state: dict[str, Any]) -> Html:
    if state["busy"]:
        return tag("p", tag("span", class_="spin", aria_hidden="true"), "Rehearsing", class_="wait")
    done: Rehearsed | None = state["result"]
    if done is None:
        return tag("p", state["note"], class_="sub", style="margin-top:8px")
    link = tag("a", "Save and share", href=f"/rehearse/{done.id}", class_="button ghost")
    return Html(
        results.table(done, ("mean_wait_minutes", "over_four_hours", "boarding_hours"))
        + tag(
            "p",
            link,
            tag("span", f" {done.members} futures, {done.seconds:.1f} s", class_="sub"),
            style="margin-top:8px",
        )
    )
