"""Sliders made from what can be rehearsed: one for each control and each thing it can be applied to."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from nicegui import ui

from twinward.twins.hospital.rehearsal import Setting, Target
from twinward.web.centre.screen import Screen
from twinward.web.report.html import tag
from twinward.web.report.numbers import number

_WHILE = '<span aria-hidden="true">◷</span><span class="hidden">Only for a while</span>'
_NEAR = 6.0  # a slider of a count goes so far down and up at first: what a hospital changes within a day


class Slider:
    """One slider, or one choice of words.

    Args:
        setting: the control.
        target: what it is applied to; None for the whole hospital.
        zone: in which windows of time are typed.
        changed: is called when it has been moved.
    """

    def __init__(
        self, setting: Setting, target: Target | None, screen: Screen, changed: Callable[[], None] | None = None
    ) -> None:
        self.setting, self._target, self._screen, self._changed = setting, target, screen, changed
        self.value: float | str = setting.neutral
        self.start, self.end = -math.inf, math.inf
        self.low, self.high = self._ends()

    def on_change(self, changed: Callable[[], None]) -> None:
        """Have `changed` called when it has been moved."""
        self._changed = changed

    @property
    def control(self) -> str:
        """Name of the control."""
        return self.setting.control

    @property
    def target(self) -> str:
        """Name of what it is applied to; "" for the whole hospital."""
        return self._target.name if self._target is not None else ""

    @property
    def label(self) -> str:
        """What a person reads."""
        if self._target is None:
            return self.setting.label
        what = {"beds": "beds", "out_of_order": "out of order", "stay": "stay"}.get(self.control, "")
        return f"{self._target.label} {what}".strip()[:1].upper() + f"{self._target.label} {what}".strip()[1:]

    def _ends(self) -> tuple[float, float]:
        low, high = self.setting.low, self.setting.high
        if self._target is not None:
            low, high = self._target.low, self._target.high
            if self.setting.unit != "1" and self._target.now is not None:
                low, high = max(low, -_NEAR), min(high, _NEAR)
        return (low if low is not None else 0.0), (high if high is not None else 1.0)

    def actions(self) -> list[dict[str, Any]]:
        """What it changes; nothing where it stands at its neutral value."""
        if self.value == self.setting.neutral:
            return []
        action: dict[str, Any] = {"control": self.control, "value": self.value}
        if self.target:
            action["target"] = self.target
        if self.setting.window and math.isfinite(self.start):
            action["start"] = self.start
        if self.setting.window and math.isfinite(self.end):
            action["end"] = self.end
        return [action]

    def words(self) -> str:
        """The change in words: "doctor +1"."""
        return f"{self.label} {self.shown()}"

    def shown(self) -> str:
        """The value as it is read: "5 → 6", "45 %", "+4", "× 1.2"."""
        if isinstance(self.value, str):
            return self.value
        if self.control in ("arrivals", "stay"):
            return f"× {number(self.value)}"
        if self.setting.unit == "1":
            return f"{100 * self.value:.0f} %"
        if self._target is not None and self._target.now is not None and self.control != "out_of_order":
            return f"{self._target.now} → {self._target.now + self.value:.0f}" if self.value else str(self._target.now)
        return f"{self.value:+.0f}" if self.control != "out_of_order" else f"{self.value:.0f}"

    def set(self, value: float | str) -> None:
        """Move it before it is drawn."""
        self.value = value if isinstance(value, str) else min(self.high, max(self.low, value))

    def draw(self, windows: bool = False) -> None:
        """Draw it.

        Args:
            windows: with fields for the times from which and until which it holds.
        """
        with ui.element("div").classes("slide"):
            name = f"{self.control}-{self.target}".replace(" ", "-")
            ui.html(tag("span", self.label, title=self.setting.label), sanitize=False)
            if self.setting.choices:
                self._draw_choice()
                return
            field = ui.element("input").props(
                f'type="range" min="{self.low:g}" max="{self.high:g}" step="{self.setting.step or 1:g}"'
            )
            field.props["value"] = f"{self.value:g}"
            field.props["aria-label"] = f"{self.setting.label}: {self.label}"
            field.props["name"] = name
            field.style(self._fill())
            shown = ui.html(self.shown(), sanitize=False, tag="output")
            if self.value != self.setting.neutral:
                shown.classes("changed")

            def moved(event: Any) -> None:
                self.value = float(event.args)
                field.style(self._fill())
                field.props["value"] = f"{self.value:g}"
                shown.content = self.shown()
                is_changed = self.value != self.setting.neutral
                shown.classes(add="changed" if is_changed else None, remove=None if is_changed else "changed")
                if self._changed is not None:
                    self._changed()

            field.on("input", moved, js_handler="(e) => emit(e.target.value)", throttle=0.1)
            if windows and self.setting.window:
                self._draw_window()

    def _fill(self) -> str:
        assert not isinstance(self.value, str)
        return f"--fill:{100 * (self.value - self.low) / (self.high - self.low or 1):.0f}%"

    def _draw_choice(self) -> None:
        options = [tag("option", word, selected=word == self.value) for word in self.setting.choices]
        chooser = ui.html("".join(options), sanitize=False, tag="select").style("grid-column:2/-1")
        chooser.props["aria-label"] = self.setting.label

        def chosen(event: Any) -> None:
            self.value = str(event.args)
            if self._changed is not None:
                self._changed()

        chooser.on("change", chosen, js_handler="(e) => emit(e.target.value)")

    def _draw_window(self) -> None:
        """Two calendars: from when and until when the change holds; empty: all the time."""
        with ui.element("details").classes("windowed"):
            ui.html(_WHILE, sanitize=False, tag="summary").props('title="Only for a while"')
            with ui.element("div").classes("row"):
                for end, words in (("start", "From"), ("end", "Until")):
                    with ui.element("label").classes("field"):
                        ui.html(words, sanitize=False, tag="span")
                        field = ui.element("input").props('type="datetime-local" step="900"')
                        held = getattr(self, end)
                        if math.isfinite(held):
                            field.props["value"] = datetime.fromtimestamp(held, self._screen.shown.zone).strftime(
                                "%Y-%m-%dT%H:%M"
                            )
                        field.on(
                            "change",
                            lambda event, end=end: self._window(end, str(event.args)),
                            js_handler="(e) => emit(e.target.value)",
                        )

    def _window(self, end: str, text: str) -> None:
        nothing = -math.inf if end == "start" else math.inf
        at = datetime.fromisoformat(text).replace(tzinfo=self._screen.shown.zone).timestamp() if text else nothing
        setattr(self, end, at)
        if self._changed is not None:
            self._changed()


def sliders(screen: Screen, changed: Callable[[], None] | None = None) -> list[Slider]:
    """Every slider of the hospital's twin, in the order of its controls."""
    if not screen.shown.twin:
        return []
    found = []
    for setting in screen.centre.settings(screen.shown.twin):
        targets: tuple[Target | None, ...] = setting.targets or (None,)
        found += [Slider(setting, target, screen, changed) for target in targets]
    return found
