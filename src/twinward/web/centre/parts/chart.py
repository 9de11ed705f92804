"""A chart that redraws in place, with a sentence for those who do not see it."""

from typing import Any

from nicegui import ui
from nicegui.element import Element


class Chart:
    """An ECharts picture drawn as SVG: sharp on a wall, and its colours are the page's own properties.

    Args:
        options: of ECharts.
        words: what it shows, in one sentence.
        height: CSS.
    """

    def __init__(self, options: dict[str, Any], words: str, height: str) -> None:
        self._options, self._words = options, words
        self.element: Element = ui.echart(options, renderer="svg").classes("chart").style(f"height:{height}")
        self.element.props["role"] = "img"
        self.element.props["aria-label"] = words

    def show(self, options: dict[str, Any], words: str) -> bool:
        """Show other options; whether anything has changed."""
        if options == self._options and words == self._words:
            return False
        self._options, self._words = options, words
        self.element.props["aria-label"] = words
        self.element.props["options"] = options
        self.element.update()
        return True
