"""Labelled fields in the house's own look: a choice, a number that may be left out."""

import math
from collections.abc import Callable, Mapping

from nicegui import ui

from twinward.web.report.html import join, tag

_VALUE = "(event) => emit(event.target.value)"


def choice(label: str, options: Mapping[str, str], value: str, chosen: Callable[[str], None]) -> None:
    """One of several, told by their keys; what is read of each is its text."""
    with ui.element("label").classes("field"):
        ui.html(tag("span", label, class_="sub"), sanitize=False)
        shown = join([tag("option", text, value=key, selected=key == value) for key, text in options.items()])
        field = ui.html(shown, sanitize=False, tag="select")
    field.on("change", lambda event: chosen(str(event.args)), js_handler=_VALUE)


def amount(label: str, told: Callable[[float | None], None]) -> None:
    """A number; None where the field is empty or holds none."""
    with ui.element("label").classes("field"):
        ui.html(tag("span", label, class_="sub"), sanitize=False)
        field = ui.element("input").props('type="number" step="any" placeholder="not yet"')
    field.on("change", lambda event: told(_number(str(event.args))), js_handler=_VALUE)


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
