"""HTML that the server keeps up to date in the browser, changed in place."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from twinward.web.report.html import Html


class Markup(Element, component="markup.js"):
    """A part of a page as HTML; setting it again sends it only if it has changed.

    Args:
        html: everything in it is escaped already (`web.report.html`).
        tag: name of the element around it.
        on_do: called with the `data-` attributes of a pressed element that has `data-do`.
    """

    def __init__(self, html: Html, tag: str = "div", on_do: Callable[[dict[str, Any]], Any] | None = None) -> None:
        super().__init__()
        self._props["html"] = html
        self._props["tag"] = tag
        if on_do is not None:
            self.on("do", lambda event: on_do(event.args))

    def show(self, html: Html) -> bool:
        """Show other HTML; whether anything has changed."""
        if self._props["html"] == html:
            return False
        self._props["html"] = html
        self.update()
        return True
