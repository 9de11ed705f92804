"""Sliders that say what they set and to how much, in as many columns as there is room for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from twinward.web.report.numbers import number


@dataclass(frozen=True, slots=True)
class Knob:
    """One slider: its name, what a person reads, where it begins, its ends and its step."""

    name: str
    label: str
    begins: float
    low: float
    high: float
    step: float


def knobs(told: Iterable[Knob]) -> dict[str, float]:
    """Draw the sliders; the values by name, kept up to date."""
    values: dict[str, float] = {}
    columns = "display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:4px 24px"
    with ui.element("div").style(columns):
        for knob in told:
            values[knob.name] = min(max(knob.begins, knob.low), knob.high)
            _draw(knob, values)
    return values


def _draw(knob: Knob, values: dict[str, float]) -> None:
    with ui.element("div").style("margin:8px 0"):
        words = ui.label(f"{knob.label}: {number(values[knob.name])}").classes("sub")
        slider = ui.slider(min=knob.low, max=knob.high, step=knob.step, value=values[knob.name])
        slider.props(f'aria-label="{knob.label}"')

        def moved(event: Any) -> None:
            values[knob.name] = float(event.value)
            words.text = f"{knob.label}: {number(values[knob.name])}"

        slider.on_value_change(moved)
