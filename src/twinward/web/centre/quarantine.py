"""Quarantine: what could not be used, with its raw bytes and a reason; fix it and send it in again."""

from typing import Any

from nicegui import background_tasks, ui

from twinward.journal.base import Held
from twinward.web.centre.screen import Screen, card
from twinward.web.centre.words import date_clock
from twinward.web.report.html import Html, tag

_PAGE = 25


async def build(screen: Screen, state: str = "open", after: int = 0) -> None:
    """Draw the page: one card an entry."""
    await screen.visitor.note("read", "quarantine")
    entries = await screen.centre.quarantine(state, after, _PAGE + 1)
    with ui.element("div").classes("stack"):
        ui.html(_tabs(state), sanitize=False)
        if not entries:
            words = "Everything that came could be used." if state == "open" else "Nothing has been settled so."
            ui.html(tag("div", tag("strong", "The quarantine is empty"), words, class_="nothing"), sanitize=False)
        for held in entries[:_PAGE]:
            _entry(screen, held)
        if len(entries) > _PAGE:
            where = f"/quarantine?state={state}&after={entries[_PAGE - 1].number}"
            ui.html(tag("p", tag("a", "Later entries", href=where, class_="button")), sanitize=False)


def _tabs(state: str) -> Html:
    links = [
        tag("a", words, href=f"/quarantine?state={key}", class_="button", aria_current="page" if key == state else None)
        for key, words in (("open", "Open"), ("resubmitted", "Sent in again"), ("dismissed", "Dismissed"))
    ]
    return tag("nav", *links, class_="tabs", aria_label="State")


def _entry(screen: Screen, held: Held) -> None:
    entry = held.entry
    where = f"{entry.source}, line {entry.line}" if entry.line else entry.source
    came = date_clock(held.received, screen.shown.zone)
    with card(
        f"{held.number}: {entry.kind or 'not usable'}",
        screen,
        f"{where} · {came}" + (f" · {held.state} by {held.by}" if held.by else ""),
    ):
        ui.html(tag("p", entry.reason, style="margin-bottom:8px"), sanitize=False)
        text = {"value": entry.raw}
        field = ui.element("textarea").props(f'rows="{min(10, 2 + entry.raw.count(chr(10)))}" spellcheck="false"')
        field.props["aria-label"] = f"Raw input of entry {held.number}"
        field.props["value"] = entry.raw.replace("\r", "\n")
        field.style("width:100%;font:12.5px/18px ui-monospace,Menlo,Consolas,monospace")
        if held.state != "open" or not screen.visitor.may("quarantine.settle"):
            field.props("readonly")
            return
        field.on(
            "input",
            lambda event: text.update(value=str(event.args)),
            js_handler="(e) => emit(e.target.value)",
            throttle=0.2,
        )
        with ui.element("div").classes("row").style("margin-top:8px"):
            again = ui.element("button").props('type="button"').classes("press")
            with again:
                ui.html("Send in again", sanitize=False, tag="span")
            away = ui.element("button").props('type="button"').classes("ghost")
            with away:
                ui.html("Dismiss", sanitize=False, tag="span")
            said = ui.html("", sanitize=False, tag="span").classes("sub").props('role="status"')

        async def settle(state: str) -> None:
            answer = await _settle(screen, held, state, text["value"])
            said.content = str(tag("span", answer))
            if not answer.startswith("refused"):
                again.props("disabled")
                away.props("disabled")

        again.on("click", lambda: background_tasks.create(settle("resubmitted")))
        away.on("click", lambda: background_tasks.create(settle("dismissed")))


async def _settle(screen: Screen, held: Held, state: str, text: str) -> str:
    corrected: dict[str, Any] = {"text": _ends(held.entry.raw, text)} if state == "resubmitted" else {}
    try:
        entries = screen.visitor.entries("update", f"quarantine entry {held.number}: {state}")
        who = screen.visitor.who
        return await screen.centre.settle(held.number, state, who, accesses=entries, **corrected) or state
    except Exception as error:
        return f"refused: {error}"


def _ends(before: str, text: str) -> str:
    """With the line ends of the raw input: a browser's field knows only one kind, HL7 ends segments with another."""
    end = "\r\n" if "\r\n" in before else "\r" if "\r" in before else "\n"
    return text.replace("\r\n", "\n").replace("\n", end)
